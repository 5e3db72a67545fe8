"""The command line: from a text to a model that writes, and an error in one line for whatever is wrong."""

import hashlib
import itertools
import json
import math
import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch
from safetensors.torch import save_file
from torch.nn.functional import log_softmax

import rnnkit.cli.train
from rnnkit.cli import main, options, texts
from rnnkit.cli.options import DEFAULTS
from rnnkit.nn import checkpoint
from rnnkit.nn.charlm import CharLM, load_charlm, save_charlm
from rnnkit.nn.decoding import beam_search
from rnnkit.nn.text import ChunkStream, Vocabulary
from rnnkit.nn.training import Training

ROOT = Path(__file__).parents[1]
TEXT = "".join(
    f"{'ROMEO' if i % 2 else 'JULIET'}:\nThe {'cat' if i % 3 else 'lark'} sings {i}.\n\n"
    for i in range(200)
)
TINY = "--embedding-size 8 --hidden-size 16 --batch-size 4 --chunk-length 16 --threads 1".split()
FILES = ["loss.svg", "model.json", "model.safetensors", "training.safetensors"]


@pytest.fixture
def rnnkit_(capsys):
    """The command as a function: returns its exit code, standard output and standard error."""

    def run(*arguments):
        capsys.readouterr()
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as stop:  # how argparse ends
            code = stop.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "my.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(text, tmp_path_factory):
    """A folder with a model; tests only read it."""
    out = tmp_path_factory.mktemp("trained") / "not" / "yet" / "there"
    assert main(["train", str(text), "--steps", "40", "--out", str(out), *TINY]) == 0
    return out


def start(*arguments, **options):
    """The command as a process of its own."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "rnnkit", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        **options,
    )


def weights(out, file="model.safetensors"):
    return checkpoint.load(out / file)[0]


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# --- train, eval, sample -----------------------------------------------------------------------------


def direct_loss(model, tokens):
    """The mean loss in nats, one character at a time."""
    state, losses = None, []
    with torch.no_grad():
        for now, following in itertools.pairwise(tokens):
            logits, state = model(now.view(1, 1), state)
            losses.append(-log_softmax(logits[0, 0].double(), 0)[following].item())
    return sum(losses) / len(losses)


FIRST_LINE = re.compile(
    r"(\d+\.\d{3}) nats per character \((\d+\.\d{3}) bits\), ([\d,]+) characters"
)


def parse(line):
    """Nats, bits and characters of a report's first line."""
    nats, bits, characters = FIRST_LINE.fullmatch(line).groups()
    return float(nats), float(bits), int(characters.replace(",", ""))


def test_training_reports_and_leaves_its_files(text, tmp_path, rnnkit_):
    out = tmp_path / "model"
    code, printed, progress = rnnkit_("train", text, "--steps", 30, "--out", out, *TINY)
    assert code == 0
    assert names(out) == FILES
    model, vocabulary, metadata = load_charlm(out / "model.safetensors")
    split = len(TEXT) * 9 // 10
    held_out = vocabulary.encode(TEXT[split:])
    line = next(line for line in printed.splitlines() if FIRST_LINE.fullmatch(line))
    nats, bits, characters = parse(line)
    expected = direct_loss(model, held_out)
    assert nats == pytest.approx(expected, abs=6e-4)
    assert bits == pytest.approx(expected / math.log(2), abs=6e-4)
    assert characters == len(TEXT) - split
    counts = Counter(TEXT[split:]).values()
    unigram = -sum(n / characters * math.log(n / characters) for n in counts)
    levels = metadata["results"]["held_out_nats"]
    assert levels["model"] == pytest.approx(expected, abs=1e-5)
    assert levels["unigram"] == pytest.approx(unigram)
    assert levels["uniform"] == pytest.approx(math.log(len(set(TEXT))))
    assert f"{math.exp(expected):.2f}" in printed
    assert f"{len(TEXT):,} characters" in printed
    parameters = sum(p.numel() for p in model.parameters())
    assert f"{parameters:,} parameters" in printed
    assert "cpu, CPU threads: 1" in printed
    assert "30 steps" in printed
    assert printed.endswith(f"next:  rnnkit sample {out}\n")
    assert "100%" in progress


def test_the_files_say_what_made_them(text, trained):
    _, vocabulary, metadata = load_charlm(trained / "model.safetensors")
    assert json.loads((trained / "model.json").read_text(encoding="utf-8")) == metadata
    assert vocabulary.characters == "".join(sorted(set(TEXT)))
    sha256 = hashlib.sha256(text.read_bytes()).hexdigest()
    assert metadata["data"] == {
        "file": "my.txt",
        "sha256": sha256,
        "characters": len(TEXT),
    }
    assert metadata["settings"] == DEFAULTS | {
        "embedding_size": 8,
        "hidden_size": 16,
        "batch_size": 4,
        "chunk_length": 16,
        "minutes": None,
        "steps": 40,
        "dropout": metadata["settings"]["dropout"],
    }
    assert set(metadata["versions"]) == {"rnnkit", "torch", "python"}
    results = metadata["results"]
    assert len(results["evaluations"]) == 10
    assert results["steps"] == 40
    speed = 40 * 4 * 16 / results["seconds"]
    assert results["characters_per_second"] == pytest.approx(speed, abs=1)
    best = min(point["val_loss"] for point in results["evaluations"])
    assert results["best_validation_nats"] == best
    ElementTree.parse(trained / "loss.svg")  # whole, and XML


def test_the_held_out_tenth_is_not_trained_on(tmp_path, rnnkit_):
    """A b follows every a and the reverse, until the last tenth is all b: that is a surprise."""
    text = tmp_path / "split.txt"
    text.write_text("ab" * 900 + "b" * 200, encoding="utf-8")
    out = tmp_path / "model"
    code, _, _ = rnnkit_(
        "train", text, "--steps", 60, "--lr", 0.02, "--out", out, *TINY
    )
    assert code == 0
    results = json.loads((out / "model.json").read_text())["results"]
    assert results["held_out_nats"]["model"] > 0.9, "worse than a coin: ln 2"
    assert results["evaluations"][-1]["train_loss"] < 0.1
    code, printed, _ = rnnkit_("eval", out, text)
    assert (code, parse(printed.splitlines()[0])[2]) == (0, 2000)


@pytest.mark.parametrize(
    "options",
    [
        ["--cell", "rnn", "--layers", 2, "--dropout", 0.2],
        ["--cell", "gru", "--layers", 3],
        ["--tie-weights"],
        ["--minutes", 0.005, "--evaluations", 2],
    ],
)
def test_options_reach_the_model(options, text, tmp_path, rnnkit_):
    out = tmp_path / "model"
    budget = [] if "--minutes" in options else ["--steps", 3]
    tiny = TINY[2:] if "--tie-weights" in options else TINY
    code, _, errors = rnnkit_("train", text, "--out", out, *budget, *tiny, *options)
    assert code == 0, errors
    model, _, metadata = load_charlm(out / "model.safetensors")
    settings = metadata["settings"]
    assert model.config == {k: settings[k] for k in model.config if k in settings} | {
        "vocab_size": len(set(TEXT))
    }
    for flag, value in itertools.pairwise(options):
        name = {"--layers": "num_layers"}.get(
            flag, str(flag).strip("-").replace("-", "_")
        )
        if name in settings:
            assert settings[name] == value
    if "--tie-weights" in options:
        assert model.output.weight is model.embedding.weight
        assert settings["embedding_size"] == settings["hidden_size"] == 16
    assert rnnkit_("eval", out, text)[0] == 0


@pytest.mark.parametrize("name", ["model", "model/model.safetensors"])
def test_eval_is_the_loss_of_one_character_at_a_time(name, trained, tmp_path, rnnkit_):
    other = tmp_path / "other.txt"
    other.write_bytes(b"\xef\xbb\xbf" + TEXT[70:600].replace("\n", "\r\n").encode())
    path = trained if name == "model" else trained / "model.safetensors"
    code, printed, errors = rnnkit_("eval", path, other)
    assert (code, errors) == (0, "")
    model, vocabulary, _ = load_charlm(trained / "model.safetensors")
    nats, bits, characters = parse(printed.splitlines()[0])
    expected = direct_loss(model, vocabulary.encode(TEXT[70:600]))
    assert nats == pytest.approx(expected, abs=6e-4)
    assert bits == pytest.approx(expected / math.log(2), abs=6e-4)
    assert characters == 530
    rows = {line.split()[0]: line.split()[1:] for line in printed.splitlines()[2:]}
    assert float(rows["model"][2]) == pytest.approx(math.exp(expected), rel=1e-3)
    assert float(rows["uniform"][2]) == len(vocabulary)
    assert float(rows["unigram"][0]) < float(rows["uniform"][0])


def test_eval_drops_unknown_characters_when_asked(trained, tmp_path, rnnkit_):
    other = tmp_path / "other.txt"
    other.write_text("ROMEO:\n€The ¥cat€ sings", encoding="utf-8")
    code, printed, errors = rnnkit_("eval", trained, other)
    assert (code, printed) == (2, "")
    assert "got '¥' '€'; --drop-unknown leaves them out" in errors
    code, printed, _ = rnnkit_("eval", trained, other, "--drop-unknown")
    assert code == 0
    assert parse(printed.splitlines()[0])[2] == len("ROMEO:\nThe cat sings")
    assert printed.splitlines()[1] == "3 characters outside the vocabulary were dropped"
    other.write_text("€¥R", encoding="utf-8")
    code, _, errors = rnnkit_("eval", trained, other, "--drop-unknown")
    assert (code, "expected at least 2 characters, got 1" in errors) == (2, True)


def test_samples(trained, rnnkit_):
    prefix = "ROMEO:\n"
    base = ("sample", trained, "--prefix", prefix, "--length", 40)
    code, printed, errors = rnnkit_(*base, "--seed", 3, "--temperature", 0.8)
    assert (code, errors) == (0, "")
    assert printed.startswith(prefix)
    assert len(printed) == len(prefix) + 40 + 1
    assert rnnkit_(*base, "--seed", 3, "--temperature", 0.8)[1] == printed
    assert rnnkit_(*base, "--seed", 4, "--temperature", 0.8)[1] != printed
    assert rnnkit_(*base, "--seed", 3, "--temperature", 3)[1] != printed
    assert rnnkit_(*base)[1] != rnnkit_(*base)[1]
    greedy = rnnkit_(*base, "--greedy")[1]
    for sharp in (["--top-k", 1], ["--top-p", 1e-9], ["--temperature", 1e-9]):
        assert rnnkit_(*base, *sharp)[1] == greedy
    model, vocabulary, _ = load_charlm(trained / "model.safetensors")
    # The prefix is the start of a line: a newline comes before it.
    best, _ = beam_search(model, vocabulary.encode("\n" + prefix), 40, width=4)
    assert rnnkit_(*base, "--beam", 4)[1] == prefix + vocabulary.decode(best) + "\n"


def test_several_samples_differ_and_the_default_starts_a_line(trained, rnnkit_):
    options = ("--length", 30, "--seed", 1)
    code, printed, _ = rnnkit_("sample", trained, *options, "--count", 3)
    assert code == 0
    texts = re.split(r"--- \d of 3 ---\n", printed)
    assert [len(t) for t in texts] == [0, 31, 31, 31]
    assert len(set(texts)) == 4
    assert rnnkit_("sample", trained, *options)[1] == texts[1]
    # From a newline, which is not printed.
    following = rnnkit_("sample", trained, *options, "--prefix", "\n")[1]
    assert following == "\n" + texts[1]


def test_a_model_that_knows_no_newline_writes_too(tmp_path, rnnkit_):
    model = CharLM(3, "gru", 2, 2)
    save_charlm(tmp_path / "model.safetensors", model, Vocabulary("abc"))
    code, printed, _ = rnnkit_("sample", tmp_path, "--length", 20)
    assert (code, len(printed)) == (0, 21)
    assert set(printed) <= set("abc\n")
    code, printed, _ = rnnkit_("sample", tmp_path, "--length", 20, "--prefix", "ba")
    assert (code, len(printed), printed[:2]) == (0, 23, "ba")


def test_a_short_text_gets_a_smaller_batch(tmp_path, rnnkit_):
    text = tmp_path / "short.txt"
    text.write_text("abc\n" * 10, encoding="utf-8")  # 36 characters train
    options = ("--steps", 2, *TINY)
    code, printed, _ = rnnkit_("train", text, "--out", tmp_path / "a", *options)
    assert code == 0
    assert "a batch of 2 instead of 4" in printed
    code, printed, _ = rnnkit_(
        "train", text, "--out", tmp_path / "b", *options, "--chunk-length", 35
    )
    assert code == 0
    assert "a batch of 1 instead of 4" in printed
    code, _, errors = rnnkit_(
        "train", text, "--out", tmp_path / "c", *options, "--chunk-length", 36
    )
    assert code == 2
    assert (
        "expected at least 37 characters to train on (chunk_length = 36), got 36"
        in errors
    )
    assert not (tmp_path / "c").exists()


# --- the same again, and going on ------------------------------------------------------------------


def test_the_same_command_makes_the_same_weights(text, trained, tmp_path, rnnkit_):
    again, other = tmp_path / "again", tmp_path / "other"
    assert rnnkit_("train", text, "--steps", 40, "--out", again, *TINY)[0] == 0
    assert same(weights(again), weights(trained))
    options = ("--steps", 40, "--out", other, *TINY, "--seed", 2)
    assert rnnkit_("train", text, *options)[0] == 0
    assert not same(weights(other), weights(trained))


def test_ctrl_c_keeps_the_best_weights_and_resume_goes_on(text, tmp_path, rnnkit_):
    """Interrupted anywhere and resumed, a run ends bit for bit where an uninterrupted one does."""
    out, whole = tmp_path / "my model", tmp_path / "whole"
    command = ("train", text, "--steps", 800, "--dropout", 0.1, *TINY)
    process = start(*command, "--out", out)
    seen = b""
    while b" gone" not in seen:  # the bar: training is under way
        seen += process.stderr.read(1)
    process.send_signal(signal.SIGINT)
    printed, errors = (stream.decode() for stream in process.communicate(timeout=60))
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    found = re.search(r"Interrupted at step ([\d,]+), after \d+ s", printed)
    steps = int(found[1].replace(",", ""))
    assert 0 < steps < 800
    assert f"rnnkit train {text} --out '{out}' --resume" in printed
    assert names(out) == FILES
    results = load_charlm(out / "model.safetensors")[2]["results"]
    assert results["steps"] == steps
    assert f"{results['best_validation_nats']:.3f} nats" in printed

    code, printed, errors = rnnkit_(
        "train", text, "--out", out, "--resume", "--threads", 1
    )
    assert code == 0, errors
    assert f"at step {steps:,}" in printed
    assert rnnkit_(*command, "--out", whole)[0] == 0
    one, other = (
        weights(out, "training.safetensors"),
        weights(whole, "training.safetensors"),
    )
    assert same(one, other)
    assert same(weights(out), weights(whole))
    assert load_charlm(out / "model.safetensors")[2]["results"]["steps"] == 800


def test_at_any_time_the_file_holds_the_best_weights(
    text, tmp_path, rnnkit_, monkeypatch
):
    seen, losses = [], iter([3.0, 1.0, 2.0])

    def validation_loss(run, model):
        seen.append({name: p.clone() for name, p in model.state_dict().items()})
        if len(seen) == 4:
            raise KeyboardInterrupt
        return next(losses)

    monkeypatch.setattr(rnnkit.cli.train, "validation_loss", validation_loss)
    command = ("train", text, "--steps", 50, "--evaluations", 5, "--out", tmp_path)
    assert rnnkit_(*command, *TINY)[0] == 130
    assert same(weights(tmp_path), seen[1])
    assert not same(seen[1], seen[2])
    results = load_charlm(tmp_path / "model.safetensors")[2]["results"]
    assert (results["steps"], results["best_validation_nats"]) == (30, 1.0)


def test_a_longer_budget_goes_on_from_the_last_weights_not_the_best(
    text, tmp_path, rnnkit_
):
    out = tmp_path / "model"
    options = (text, "--out", out)
    assert rnnkit_("train", *options, "--steps", 20, *TINY)[0] == 0
    before = weights(out, "training.safetensors")
    code, printed, _ = rnnkit_("train", *options, "--resume", "--threads", 1)
    assert code == 0
    assert "Nothing is left to train" in printed
    assert same(weights(out, "training.safetensors"), before)
    assert rnnkit_("train", *options, "--resume", "--steps", 60, "--threads", 1)[0] == 0
    metadata = load_charlm(out / "model.safetensors")[2]
    assert metadata["results"]["steps"] == metadata["settings"]["steps"] == 60
    assert metadata["settings"]["hidden_size"] == 16, "as the run began"
    # From a number of steps to a number of minutes.
    budget = ("--resume", "--minutes", 0.01, "--threads", 1)
    assert rnnkit_("train", *options, *budget)[0] == 0
    settings = load_charlm(out / "model.safetensors")[2]["settings"]
    assert (settings["steps"], settings["minutes"]) == (None, 0.01)


def test_resume_refuses_another_text_and_other_settings(
    trained, text, tmp_path, rnnkit_
):
    other = tmp_path / "other.txt"
    other.write_text(TEXT[:-1], encoding="utf-8")
    before = {name: (trained / name).read_bytes() for name in names(trained)}
    for arguments, message in (
        (
            (other,),
            f"--resume: expected the text that the run in {trained} began with (my.txt)",
        ),
        ((text, "--hidden-size", 32), "expected hidden_size = 16"),
        ((text, "--cell", "gru"), "expected cell = lstm"),
        ((text, "--lr", 0.1), "expected lr = 0.006"),
        ((text, "--seed", 5), "expected seed = 1"),
        ((text, "--tie-weights"), "expected"),
    ):
        code, _, errors = rnnkit_("train", *arguments, "--out", trained, "--resume")
        assert (code, errors.count("\n")) == (2, 1)
        assert message in errors
    assert before == {name: (trained / name).read_bytes() for name in names(trained)}
    # Settings that are given and agree are no obstacle.
    options = ("--hidden-size", 16, "--cell", "lstm", "--threads", 1)
    code, _, _ = rnnkit_("train", text, "--out", trained, "--resume", *options)
    assert code == 0


def test_a_model_is_replaced_only_when_asked(text, tmp_path, rnnkit_):
    out = tmp_path / "model"
    command = ("train", text, "--steps", 2, "--out", out, *TINY)
    assert rnnkit_(*command)[0] == 0
    before = (out / "model.safetensors").read_bytes()
    code, _, errors = rnnkit_(*command, "--cell", "rnn")
    assert (code, errors.count("\n")) == (2, 1)
    assert "--resume goes on with it, --force replaces it" in errors
    assert (out / "model.safetensors").read_bytes() == before
    assert rnnkit_(*command, "--cell", "rnn", "--force")[0] == 0
    assert load_charlm(out / "model.safetensors")[0].config["cell"] == "rnn"
    assert rnnkit_(*command, "--force", "--resume")[0] == 2


def test_a_disk_that_fills_up_leaves_the_old_files(
    text, tmp_path, rnnkit_, monkeypatch
):
    out = tmp_path / "model"
    command = ("train", text, "--steps", 4, "--out", out, *TINY)
    assert rnnkit_(*command)[0] == 0
    before = {name: (out / name).read_bytes() for name in FILES}

    def full(path, content):
        path.write_text("half a file")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    code, _, errors = rnnkit_(*command, "--force")
    assert code == 2
    assert errors.splitlines()[-1].endswith(
        "cannot be written: [Errno 28] No space left on device"
    )
    assert {name: (out / name).read_bytes() for name in names(out)} == before


# --- what is wrong, in one line ----------------------------------------------------------------------


def write(path, content):
    path.write_bytes(content)
    return path


BAD_TEXTS = [
    (None, "cannot be read: No such file or directory"),
    (b"", "expected text, got an empty file"),
    (b"text with \0 in it", "expected UTF-8 text, got a binary file (NUL bytes)"),
    (b"caf\xe9 au lait", "expected UTF-8 text, got the byte 0xe9 at position 3"),
]


@pytest.mark.parametrize(("content", "message"), BAD_TEXTS)
@pytest.mark.parametrize("command", ["train", "eval"])
def test_a_text_that_cannot_be_used(
    command, content, message, trained, tmp_path, rnnkit_
):
    path, out = tmp_path / "bad.txt", tmp_path / "model"
    if content is not None:
        path.write_bytes(content)
    arguments = (path, "--out", out) if command == "train" else (trained, path)
    code, printed, errors = rnnkit_(command, *arguments)
    assert (code, printed) == (2, "")
    assert errors == f"rnnkit: error: {path}: {message}\n"
    assert not out.exists()


def test_a_text_of_a_few_characters(tmp_path, rnnkit_):
    path = write(tmp_path / "few.txt", b"abcdefghij")
    code, _, errors = rnnkit_("train", path, "--out", tmp_path / "model")
    assert (code, errors.count("\n")) == (2, 1)
    assert "expected at least 11 characters, got 10" in errors


def test_a_folder_is_no_text(tmp_path, rnnkit_):
    code, _, errors = rnnkit_("train", tmp_path, "--out", tmp_path / "model")
    assert (code, errors) == (
        2,
        f"rnnkit: error: {tmp_path}: cannot be read: Is a directory\n",
    )


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


def foreign(path):
    save_file({"weight": torch.zeros(3)}, path)


def damaged(path):
    save_charlm(path, CharLM(2, "rnn", 2, 2), Vocabulary("ab"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def other(path):
    checkpoint.save(path, {"weight": torch.zeros(3)}, {"config": {}, "vocabulary": "a"})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "expected a checkpoint, got no file"),
        (lambda path: path.write_bytes(b""), "got a damaged or foreign file"),
        (
            lambda path: path.write_bytes(b"\x80\x04pickle"),
            "got a damaged or foreign file",
        ),
        (foreign, "expected a checkpoint of format 'rnnkit 1', got []"),
        (damaged, "expected a whole checkpoint, got a damaged one"),
        (other, "expected a character model, got something else"),
    ],
)
def test_a_model_that_cannot_be_read(make, message, text, tmp_path, rnnkit_):
    path = tmp_path / "model.safetensors"
    make(path)
    for arguments in (("sample", tmp_path), ("eval", tmp_path, text)):
        code, printed, errors = rnnkit_(*arguments)
        assert (code, printed) == (2, "")
        assert errors.startswith(f"rnnkit: error: {path}: ")
        assert errors.count("\n") == 1
        assert message in errors


def test_a_run_that_cannot_be_resumed(text, trained, tmp_path, rnnkit_):
    whole = (trained / "training.safetensors").read_bytes()
    tensors, about = checkpoint.load(trained / "training.safetensors")
    path = tmp_path / "training.safetensors"
    for make, message in (
        (lambda: path.write_bytes(whole[:-5]), "got a damaged or foreign file"),
        (
            lambda: path.write_bytes((trained / "model.safetensors").read_bytes()),
            "expected an interrupted run",
        ),
        (
            lambda: checkpoint.save(path, tensors, {"data": {}}),
            "expected an interrupted run",
        ),
        (lambda: checkpoint.save(path, {}, about), "expected an interrupted run"),
        (
            lambda: checkpoint.save(path, tensors, about | {"history": {"x": 1}}),
            "expected an interrupted run",
        ),
    ):
        make()
        code, _, errors = rnnkit_("train", text, "--out", tmp_path, "--resume")
        assert (code, errors.count("\n")) == (2, 1)
        assert message in errors
        assert names(tmp_path) == ["training.safetensors"]


def test_an_out_folder_that_cannot_be(text, tmp_path, rnnkit_, monkeypatch):
    monkeypatch.setattr(rnnkit.cli.train, "fit", None)  # found out before training
    file = write(tmp_path / "file", b"")
    for out, message in (
        (file, f"--out: expected a folder, got the file {file}"),
        (file / "below", f"--out: cannot write into {file / 'below'}: Not a directory"),
    ):
        code, _, errors = rnnkit_("train", text, "--out", out)
        assert (code, errors) == (2, f"rnnkit: error: {message}\n")

    def denied(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", denied)
    code, _, errors = rnnkit_("train", text, "--out", tmp_path / "model")
    assert code == 2
    assert errors.endswith(
        f"cannot write into {tmp_path / 'model'}: Permission denied\n"
    )


def test_a_learning_rate_far_too_large(text, tmp_path, rnnkit_):
    code, _, errors = rnnkit_(
        "train", text, "--out", tmp_path, "--steps", 20, "--lr", 1e30, *TINY
    )
    assert code == 2
    assert re.search(
        r"^rnnkit: error: \w+_loss is nan at step \d+: try a smaller",
        errors,
        re.MULTILINE,
    )
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("missing", "arguments", "code"),
    [
        ("torch", ["sample", "model"], 2),
        ("matplotlib", ["train", "my.txt", "--out", "model"], 2),
        ("torch", ["train", "--help"], 0),
    ],
)
def test_without_torch(missing, arguments, code):
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        f"from rnnkit.cli import main; sys.exit(main({arguments!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT
    )
    expected = f'rnnkit: error: {missing} is not installed: pip install "rnnkit[nn]"\n'
    assert done.stderr == ("" if code == 0 else expected)
    assert done.returncode == code


def test_ctrl_c_outside_training_is_no_traceback(trained, rnnkit_, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("rnnkit.cli.use.load_charlm", interrupted)
    assert rnnkit_("sample", trained) == (130, "", "rnnkit: interrupted\n")


def test_a_reader_that_has_enough_is_no_error(trained):
    process = start("sample", trained, "--length", 1_000_000)
    first = process.stdout.read(10)
    process.stdout.close()
    assert process.wait(timeout=60) == 141
    assert len(first) == 10
    assert process.stderr.read() == b""
    process.stderr.close()


# --- help --------------------------------------------------------------------------------------------


def test_help_reads_like_documentation(rnnkit_, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    code, printed, _ = rnnkit_("--help")
    assert code == 0
    assert all(name in printed for name in ("train", "sample", "eval"))
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
    "examples", [texts.TRAIN_EXAMPLE, texts.SAMPLE_EXAMPLE, texts.EVAL_EXAMPLE]
)
def test_the_examples_of_the_help_are_commands(examples):
    lines = re.findall(r"rnnkit ((?:train|sample|eval) .*)$", examples, re.MULTILINE)
    assert lines
    for line in lines:
        assert options.build_parser().parse_args(shlex.split(line))


def test_defaults_build_a_model():
    config = {k: v for k, v in DEFAULTS.items() if k in rnnkit.cli.train.MODEL_SETTINGS}
    assert config.pop("dropout") is None  # chosen by the length of the run
    model = CharLM(65, **config)
    Training(model, None, minutes=DEFAULTS["minutes"], lr=DEFAULTS["lr"])
    assert DEFAULTS["steps"] is None


@pytest.mark.parametrize(
    ("budget", "characters", "dropout"),
    [
        ({"minutes": 1, "steps": None}, 1_000_000, 0.06),
        ({"minutes": 2, "steps": None}, 1_000_000, 0.12),
        ({"minutes": 2, "steps": None}, 10_000_000, 0.012),
        ({"minutes": 60, "steps": None}, 1_000_000, 0.2),
        ({"minutes": None, "steps": 10_000}, 1_000_000, 0.1),
        ({"minutes": None, "steps": 1}, 1_000_000, 0.0),
    ],
)
def test_dropout_grows_with_the_number_of_times_a_text_is_read(
    budget, characters, dropout
):
    stream = ChunkStream(torch.zeros(2000, dtype=torch.long), 10, 100)
    chosen = rnnkit.cli.train.choose_dropout(budget, stream, characters)
    assert chosen == pytest.approx(dropout)


def test_the_chosen_dropout_is_written_down_and_kept(text, tmp_path, rnnkit_):
    out = tmp_path / "model"
    command = ("train", text, "--out", out, *TINY)
    assert rnnkit_(*command, "--steps", 4)[0] == 0
    model, _, metadata = load_charlm(out / "model.safetensors")
    chosen = metadata["settings"]["dropout"]
    assert 0 < chosen == model.config["dropout"]
    assert rnnkit_(*command, "--steps", 40, "--resume")[0] == 0
    _, _, metadata = load_charlm(out / "model.safetensors")
    assert metadata["settings"]["dropout"] == chosen


def test_the_installed_command():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    assert project["scripts"] == {"rnnkit": "rnnkit.cli:main"}
    done = start("--help")
    printed, errors = done.communicate(timeout=60)
    assert (done.returncode, errors) == (0, b"")
    assert printed.startswith(b"usage: rnnkit")
