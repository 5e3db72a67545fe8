"""The options: bad ones end in one line, and the help reads like documentation."""

import re
import shlex

import pytest

import rnnkit.cli.train
from rnnkit.cli import options, texts
from rnnkit.cli.options import DEFAULTS

from .runs import names


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--minutes 0", "argument --minutes: expected a number above 0, got '0'"),
        ("--minutes -1", "argument --minutes: expected a number above 0, got '-1'"),
        ("--minutes nan", "argument --minutes: expected a number above 0, got 'nan'"),
        ("--minutes inf", "argument --minutes: expected a number above 0, got 'inf'"),
        ("--minutes two", "argument --minutes: expected a number above 0, got 'two'"),
        (
            "--minutes 1 --steps 2",
            "argument --steps: not allowed with argument --minutes",
        ),
        (
            "--steps 0",
            "argument --steps: expected a whole number from 1 (below 2^31), got '0'",
        ),
        (
            "--steps 1.5",
            "argument --steps: expected a whole number from 1 (below 2^31), got '1.5'",
        ),
        ("--hidden-size 0", "argument --hidden-size: expected a whole number from 1"),
        ("--embedding-size -3", "argument --embedding-size: expected a whole number"),
        ("--batch-size 0", "argument --batch-size: expected a whole number from 1"),
        ("--chunk-length 0", "argument --chunk-length: expected a whole number from 1"),
        (
            "--layers 5",
            "argument --layers: expected a whole number from 1 to 4, got '5'",
        ),
        (
            "--dropout 1",
            "argument --dropout: expected a number from 0 to below 1, got '1'",
        ),
        ("--lr 0", "argument --lr: expected a number above 0, got '0'"),
        ("--evaluations 0", "argument --evaluations: expected a whole number from 1"),
        ("--seed -1", "argument --seed: expected a whole number from 0, got '-1'"),
        ("--hidden-size 2147483647", "does not fit into memory"),
        ("--hidden-size 2147483648", "--hidden-size: expected a whole number from 1"),
        ("--threads 0", "--threads: expected a whole number from 1 to 1024, got '0'"),
        ("--cell elman", "argument --cell: invalid choice: 'elman'"),
        ("--device gpu", "--device: expected auto, or cpu, cuda or mps where present"),
        ("--device meta", "--device: expected auto, or cpu, cuda or mps where present"),
        (
            "--encoding latin-9000",
            "argument --encoding: expected a text encoding, such as utf-16 or cp1252, "
            "got 'latin-9000'",
        ),
        ("--encoding rot13", "--encoding: expected a text encoding"),
        ("--encoding hex", "--encoding: expected a text encoding"),
        ("--encoding undefined", "--encoding: expected a text encoding"),
        ("--encoding utf-16", "expected UTF-16 text, got"),
        ("--tie-weights --embedding-size 8", "tie_weights: expected embedding_size ="),
        ("--resume", "--resume: expected the file training.safetensors in"),
        ("--nonsense", "unrecognized arguments: --nonsense"),
    ],
)
def test_bad_options_of_train(options, message, text, tmp_path, rnnkit_, monkeypatch):
    monkeypatch.setattr(rnnkit.cli.train, "fit", None)  # nothing gets that far
    out = tmp_path / "model"
    code, printed, errors = rnnkit_("train", text, "--out", out, *options.split())
    assert (code, printed) == (2, "")
    assert errors.startswith("rnnkit: error: ")
    assert errors.count("\n") == 1
    assert message in errors
    assert not out.exists() or names(out) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "--temperature 0",
            "argument --temperature: expected a number above 0, got '0'",
        ),
        ("--temperature hot", "argument --temperature: expected a number above 0"),
        (
            "--top-k 0",
            "argument --top-k: expected a whole number from 1 (below 2^31), got '0'",
        ),
        ("--top-p 0", "argument --top-p: expected a number above 0, up to 1, got '0'"),
        (
            "--top-p 1.5",
            "argument --top-p: expected a number above 0, up to 1, got '1.5'",
        ),
        (
            "--length 0",
            "argument --length: expected a whole number from 1 (below 2^31), got '0'",
        ),
        (
            "--count 0",
            "argument --count: expected a whole number from 1 (below 2^31), got '0'",
        ),
        (
            "--beam 0",
            "argument --beam: expected a whole number from 1 (below 2^31), got '0'",
        ),
        ("--beam 2 --greedy", "argument --greedy: not allowed with argument --beam"),
        ("--greedy --top-k 3", "--greedy: draws nothing, expected no --top-k, got 3"),
        ("--beam 2 --seed 0", "--beam: draws nothing, expected no --seed, got 0"),
        ("--greedy --count 2", "--greedy: draws nothing, expected no --count, got 2"),
        ("--prefix Zürich€", "--prefix: expected only the vocabulary's"),
    ],
)
def test_bad_options_of_sample(options, message, trained, rnnkit_):
    code, printed, errors = rnnkit_("sample", trained, *options.split())
    assert (code, printed) == (2, "")
    assert errors.startswith("rnnkit: error: ")
    assert errors.count("\n") == 1
    assert message in errors


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["train"], ["sample"], ["eval", "x"]]
)
def test_bad_commands(arguments, rnnkit_):
    code, printed, errors = rnnkit_(*arguments)
    assert (code, printed) == (2, "")
    assert re.fullmatch("rnnkit: error: .*\n", errors)


def test_help_reads_like_documentation(rnnkit_, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    code, printed, _ = rnnkit_("--help")
    assert code == 0
    assert all(name in printed for name in ("train", "sample", "eval", "exam"))
    for command, groups in (
        ("train", ("model:", "training:", "output:", "files in the --out folder:")),
        ("sample", ("text:", "choice of the next character:")),
        ("eval", ()),
    ):
        code, printed, _ = rnnkit_(command, "--help")
        assert code == 0
        assert f"  rnnkit {command} m" in printed, "an example"
        for group in groups:
            assert f"\n{group}\n" in printed
    printed = rnnkit_("train", "--help")[1]
    for name, value in DEFAULTS.items():
        flag = "--" + name.replace("num_", "").replace("_", "-")
        lines = [x for x in printed.splitlines() if x.startswith(f"  {flag} ")]
        assert len(lines) == 1, flag
        if value is not None and value is not False:
            shown = value if isinstance(value, str) else f"{value:g}"
            assert f"(default: {shown})" in lines[0]


@pytest.mark.parametrize(
    "examples",
    [
        texts.TRAIN_EXAMPLE,
        texts.SAMPLE_EXAMPLE,
        texts.EVAL_EXAMPLE,
        texts.EXAM_EXAMPLE,
    ],
)
def test_the_examples_of_the_help_are_commands(examples):
    lines = re.findall(
        r"rnnkit ((?:train|sample|eval|exam) .*)$", examples, re.MULTILINE
    )
    assert lines
    for line in lines:
        assert options.build_parser().parse_args(shlex.split(line))
