"""The experiments on glimpses and painting at tiny sizes."""

import pytest

from experiments import pictures
from experiments.pictures import EXPERIMENT, PAINTERS

TWO = (0, 1)


def test_glimpses(measured):
    found = measured(EXPERIMENT, "glimpses", seeds=TWO, steps=2, counts=(1, 2))
    assert len(found["runs"]) == 1 + 4 * 2 + 4 * 2
    for run in found["runs"]:
        assert len(run["accuracy"]) == 2
        assert len(run["accuracy"][0]) == run["glimpses"]


def test_canvas(measured):
    sizes = {"steps": 2, "size": 12}
    found = measured(EXPERIMENT, "canvas", seeds=TWO, test=20, **sizes)
    assert [r["baseline"] for r in found["runs"]] == [True] * 5 + [False]
    for run in found["runs"]:
        if run["eye"] != "soft":
            assert 0 <= min(run["on_digit"][0]) <= max(run["on_digit"][0]) <= 1


def test_variance(measured):
    found = measured(EXPERIMENT, "variance", steps=2, size=12, draws=3)
    assert found["with"]["scatter"] > 0
    assert found["without"]["mean"] > 0


def test_painting(measured, monkeypatch):
    monkeypatch.setattr(
        pictures, "judge", lambda: pictures.train_judge(*few(), steps=2)
    )
    found = measured(EXPERIMENT, "painting", seeds=TWO, steps=2, samples=5)
    assert [r["kind"] for r in found["runs"]] == list(PAINTERS)
    for run in found["runs"]:
        assert run["nats"] == pytest.approx(
            [p + c for p, c in zip(run["pixels"], run["codes"], strict=True)], rel=1e-2
        )


def test_placed(measured):
    found = measured(EXPERIMENT, "placed", seeds=TWO, steps=2, size=9)
    assert len(found["runs"]) == 3


def few():
    learned, _ = pictures.digits()
    return pictures.ink(learned.x[:50]), learned.y[:50]
