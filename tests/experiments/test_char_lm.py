"""Each part of chapter 4's experiment at a tiny size, and the models that it ships."""

import ast
import json
from itertools import accumulate

import pytest

from experiments.char_lm import EXPERIMENT, Sizes, beginning
from experiments.harness import run
from rnnkit.data.python_source import load_python_files
from rnnkit.nn.text.char_lm import load_charlm

TINY = Sizes(
    hidden_size=4,
    batch_size=2,
    chunk_length=4,
    seconds=1e-3,
    rates=(1e-2,),
    sweep_steps=2,
    seeds=(0,),
    characters=2000,
    rounds=1,
    processes=1,
)


def test_learning_rates_and_runs(measured):
    rates, runs = measured(EXPERIMENT, "learning_rates", "runs", sizes=TINY)
    assert [(r["cell"], r["lr"]) for r in rates] == [
        ("rnn", 1e-2),
        ("gru", 1e-2),
        ("lstm", 1e-2),
        ("lstm", 1.2e-2),
    ]
    assert [(r["cell"], r["budget"]) for r in runs] == [
        ("rnn", "time"),
        ("gru", "time"),
        ("lstm", "time"),
        ("rnn", "steps"),
        ("gru", "steps"),
        ("lstm", "steps"),
    ]
    assert len({r["step"] for r in runs[2:]}) == 1


@pytest.mark.parametrize("name", ["plays", "python"])
def test_ship(name, tmp_path):
    path = tmp_path / "model.safetensors"
    sizes = {"file": path, "hidden_size": 4, "steps": 2, "characters": 4000}
    run(EXPERIMENT, [f"ship_{name}"], tmp_path / "report.json", **sizes)
    model, _, metadata = load_charlm(path)
    assert model.config["hidden_size"] == 4
    assert metadata["text"]["length"] == 4000
    assert metadata["command"] == f"python -m experiments.char_lm ship_{name}"


def test_ship_held_out(tmp_path):
    path = tmp_path / "held_out.json"
    sizes = {"file": path, "count": 2, "length": 400}
    run(EXPERIMENT, ["ship_held_out"], tmp_path / "report.json", **sizes)
    written = json.loads(path.read_text("utf-8"))
    library = load_python_files()
    ends = dict(zip(library, accumulate(map(len, library.values())), strict=True))
    assert len(written["files"]) == 2
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in written["licence"]
    for name, text in written["files"].items():
        assert ends[name] - len(library[name]) > 0.9 * max(ends.values())
        assert library[name].startswith(text)
        assert 400 <= len(text) < len(library[name])
        ast.parse(text)


def test_a_beginning_ends_with_a_whole_statement():
    source = "def f(a,\n      b):\n    return a\n\n\nx = [\n    1,\n]\ny = 2\n"
    assert beginning(source, 1) == "def f(a,\n      b):\n    return a\n"
    assert beginning(source, 40) == source.removesuffix("y = 2\n")
