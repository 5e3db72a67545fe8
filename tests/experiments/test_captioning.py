"""Each part of chapter 5's experiment at a tiny size, and the captioner that it ships."""

import pytest

from experiments.captioning import EXPERIMENT
from experiments.harness import run
from rnnkit.nn.captioning.files import load_captioner

ENCODER = {"drawings": 16, "steps": 2, "lr": 5e-3, "batch_size": 8}
WORLD = {"scenes": 12, "test": 4, "encoder": ENCODER}
TINY = {"steps": 2, **WORLD}


def test_tune_then_vectors(measured):
    tune = measured(EXPERIMENT, "tune", **TINY)
    assert [run["model"] for run in tune["runs"]].count("first") == 5
    vectors = measured(EXPERIMENT, "vectors", seeds=(0,), **TINY)
    assert [run["model"] for run in vectors["runs"]] == ["first", "every", "m-rnn"]
    assert vectors["scenes"] == 12
    assert "pointing" not in vectors["runs"][0]["pairs"]


def test_vectors_need_tuned_rates(measured):
    with pytest.raises(ValueError, match="expected the part 'tune', which comes first"):
        measured(EXPERIMENT, "vectors", **TINY)


def test_longer(measured):
    small = {"hidden_size": 8, "vector_size": 8}
    found = measured(EXPERIMENT, "longer", sizes=small, **TINY)
    assert len(found["runs"]) == 4
    assert {run["sizes"]["hidden_size"] for run in found["runs"]} == {8}


def test_attention(measured):
    soft, through, reinforce = measured(EXPERIMENT, "attention", seeds=(0,), **TINY)[
        "runs"
    ]
    assert "evidence at noun" in soft["ordinary"]["pointing"]
    assert "evidence at noun" in through["ordinary"]["pointing"]
    assert "evidence at noun" not in reinforce["ordinary"]["pointing"]


def test_hard(measured):
    runs = measured(EXPERIMENT, "hard", seeds=(0,), **TINY)["runs"]
    assert [(run["model"], run["inhibition"]) for run in runs] == [
        ("straight-through", True),
        ("straight-through", False),
        ("reinforce", True),
    ]


def test_symbols(measured):
    runs = measured(EXPERIMENT, "symbols", **TINY)["runs"]
    assert [run["without"] for run in runs] == ["nothing", "<END>", "<START>"]
    assert all(len(run["samples"]) == 4 for run in runs)


def test_variance(measured):
    runs = measured(EXPERIMENT, "variance", draws=3, **TINY)["runs"]
    assert len(runs) == 4
    assert runs[0]["draws"]["variance"] == 0  # soft attention draws nothing
    assert runs[0]["batches"]["variance"] > 0


def test_shipped(measured):
    found = measured(EXPERIMENT, "shipped", test=6)
    assert [(b["scenes"], b["width"]) for b in found["beams"]] == [
        (kind, width) for kind in ("ordinary", "pairs") for width in (1, 3, 5)
    ]
    assert set(found["figures"]) == {"ordinary", "pairs", "drawings"}


def test_ship(tmp_path):
    path = tmp_path / "captioner.safetensors"
    run(EXPERIMENT, ["ship"], tmp_path / "report.json", file=path, **TINY)
    _, model, metadata = load_captioner(path)
    assert model.config["dropout"] == 0.2
    assert metadata["encoder"] == ENCODER
    assert metadata["training"]["steps"] == 2
