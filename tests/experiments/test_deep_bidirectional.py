"""Each part of chapter 9's experiment at a tiny size."""

import numpy as np
import torch

from experiments.deep_bidirectional import EXPERIMENT, Streams
from rnnkit.nn.layers import CharacterReader

TINY = {"steps": 2, "parameters": 3_000}


def test_depth_and_time(measured):
    sizes = {"depths": (1, 2), "rates": (4e-3, 8e-3), "tuning": 2, "chunks": 3}
    found = measured(EXPERIMENT, "depth", seeds=(0,), **TINY, **sizes)
    compared = [r for r in found["runs"] if r["seed"] == 0]
    kinds = [(r["depth"], r["variant"]) for r in compared]
    assert kinds == [
        (1, "plain"),
        (2, "plain"),
        (2, "residual"),
        (2, "dropout"),
    ]
    for run in compared:
        trials = [
            r
            for r in found["runs"]
            if r["seed"] == 100
            and (r["depth"], r["variant"]) == (run["depth"], run["variant"])
        ]
        assert run["lr"] == min(trials, key=lambda r: r["loss"])["lr"]
        assert len(run["layer_gradients"][0]) == run["depth"]
    again = measured(EXPERIMENT, "time", seeds=(0,), rounds=1, chunks=3)
    assert again["step_times"]["1"] == 1
    assert [r["depth"] for r in again["runs"]] == [2]


def test_tags(measured):
    found = measured(
        EXPERIMENT, "tags", depths=(1, 2), rates=(5e-3,), seeds=(0,), **TINY
    )
    assert [r["depth"] for r in found["runs"]] == [1, 2]
    assert all(0 <= r["accuracy"] <= 1 for r in found["runs"])


def test_speakers(measured):
    found = measured(EXPERIMENT, "speakers", delays=(0, 2), seeds=(0,), **TINY)
    assert [(r["kind"], r["delay"]) for r in found["runs"]] == [
        ("forward", 0),
        ("forward", 2),
        ("stacked", 0),
        ("both", 0),
    ]


def test_gaps(measured):
    sizes = (("left", 6), ("right", 6), ("both", 4))
    found = measured(EXPERIMENT, "gaps", sizes=sizes, seeds=(0,), steps=2, test=3)
    assert [r["kind"] for r in found["runs"]] == ["left", "right", "both"]


def test_streams_carry_the_state_on():
    torch.manual_seed(0)
    ids = np.random.default_rng(0).integers(0, 5, 61)
    net = CharacterReader(5, 5, 6, cell="gru")
    parts, whole = Streams(ids, 2, 10), Streams(ids, 2, 30)
    with torch.no_grad():
        losses = [parts.loss(net).item() for _ in range(3)]
        assert abs(np.mean(losses) - whole.loss(net).item()) < 1e-6
