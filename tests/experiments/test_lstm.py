"""Each part of chapter 7's experiment at a tiny size."""

import pytest

from experiments.lstm import BIASES, EXPERIMENT, REASONS, STACKS

TWO = {"seeds": (0, 1), "steps": 2}


def test_bias(measured):
    starts = {name: some[:2] for name, some in BIASES.items()}
    found = measured(EXPERIMENT, "bias", starts=starts, **TWO)
    assert [run["bias"] for run in found["runs"]] == list(BIASES["recall"][:2])
    assert len(found["latest"][0]["accuracy"]) == 2


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")
def test_reasons(measured):
    runs = measured(EXPERIMENT, "reasons", trials=(("recall", 1e-2),), **TWO)["runs"]
    assert [run["without"] for run in runs] == list(REASONS)
    assert all(len(run["before"][0]) == len(run["after"][0]) == 7 for run in runs)


def test_counting(measured):
    found = measured(EXPERIMENT, "counting", longest=3, **TWO)
    assert len(found["runs"]) == 15
    assert all(1 <= n <= 4 for run in found["runs"] for n in run["first_failure"])


def test_deep(measured):
    runs = measured(EXPERIMENT, "deep", layers=(2,), **TWO)["runs"]
    assert [run["kind"] for run in runs] == list(STACKS)


def test_plays(measured):
    sizes = {"rates": (1e-2,), "seeds": (0,), "steps": 2, "hidden_size": 4}
    rnn, lstm = measured(EXPERIMENT, "plays", **sizes)["runs"]
    assert set(rnn["after"]) == {"total"}
    assert set(lstm["after"]) == {"total", "direct"}
