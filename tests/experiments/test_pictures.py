"""The experiments on glimpses and painting at tiny sizes."""

import numpy as np
import pytest

from experiments import pictures_painting
from experiments.pictures import EXPERIMENT
from experiments.pictures_painting import PAINTERS
from experiments.pictures_reading import covered, digits
from rnnkit.data.digits import ink
from rnnkit.nn.pictures.judge import train_judge
from rnnkit.nn.pictures.readers import GlimpseReaders

TWO = (0, 1)


def test_glimpses(measured):
    found = measured(EXPERIMENT, "glimpses", seeds=TWO, steps=2, counts=(1, 2))
    assert len(found["runs"]) == 1 + 4 * 2 + 4 * 2
    for run in found["runs"]:
        assert len(run["accuracy"]) == 2
        assert len(run["accuracy"][0]) == run["glimpses"]


def test_longer_looks(measured):
    found = measured(EXPERIMENT, "longer_looks", seeds=TWO, few=1, many=2)
    assert [(r["glimpses"], r["steps"]) for r in found["runs"]] == (
        [(8, 1)] * 4 + [(8, 2)] * 3 + [(4, 2)] * 2
    )
    assert found["runs"][2]["covered"] == [0.5, 0.5]


def test_covered_counts_a_pixel_once():
    """Four corners of 5 x 5 pixels, which share the middle row and column."""
    readers = GlimpseReaders("scan", size=5, side=3, glimpses=4, seeds=TWO)
    assert covered(readers, np.zeros((2, 5, 5), np.float32)).tolist() == [1.0, 1.0]
    readers = GlimpseReaders("scan", size=5, side=2, glimpses=4, seeds=TWO)
    share = covered(readers, np.zeros((2, 5, 5), np.float32))
    assert share.tolist() == pytest.approx([16 / 25] * 2)


def test_canvas(measured):
    sizes = {"steps": 2, "size": 12}
    found = measured(EXPERIMENT, "canvas", seeds=TWO, test=20, **sizes)
    assert [r["baseline"] for r in found["runs"]] == [True] * 5 + [False]
    for run in found["runs"]:
        assert 0 <= min(run["on_digit"][0]) <= max(run["on_digit"][0]) <= 1


def test_rates(measured):
    sizes = {"steps": 2, "size": 12}
    found = measured(EXPERIMENT, "rates", seeds=TWO, test=20, **sizes)
    assert {(r["eye"], r["scales"]) for r in found["runs"]} >= {
        ("soft", 1),
        ("learned", 1),
        ("learned", 2),
    }


def test_variance(measured):
    sizes = {"steps": 2, "size": 12, "draws": 3}
    two = measured(EXPERIMENT, "variance", seeds=TWO, **sizes)
    assert min(two["with"]["scatter"]) > 0
    assert min(two["without"]["mean"]) > 0


def test_painting(measured, monkeypatch):
    judge = train_judge(*few(), steps=2)
    monkeypatch.setattr(pictures_painting, "judge", lambda: judge)
    found = measured(EXPERIMENT, "painting", seeds=TWO, steps=2, samples=5)
    assert [r["kind"] for r in found["runs"]] == list(PAINTERS)
    for run in found["runs"]:
        assert run["nats"] == pytest.approx(
            [p + c for p, c in zip(run["pixels"], run["codes"], strict=True)], rel=1e-2
        )


def test_longer(measured, monkeypatch):
    judge = train_judge(*few(), steps=2)
    monkeypatch.setattr(pictures_painting, "judge", lambda: judge)
    found = measured(EXPERIMENT, "longer", seeds=TWO, samples=5, steps=2)
    assert [r["kind"] for r in found["runs"]] == ["1 step, wide", "8 steps"]
    assert [r["lr"] for r in found["runs"]] == [4e-3, 8e-3]


def test_placed(measured):
    found = measured(EXPERIMENT, "placed", seeds=TWO, steps=2, size=9)
    assert len(found["runs"]) == 3


def few():
    learned, _ = digits()
    return ink(learned.x[:50]), learned.y[:50]
