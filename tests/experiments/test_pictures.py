"""The experiments on glimpses and painting at tiny sizes."""

import numpy as np
import pytest
import torch

from experiments import pictures_painting
from experiments.pictures import EXPERIMENT
from experiments.pictures_painting import PAINTERS
from experiments.pictures_places import KINDS, DrawnFewReaders, covered
from experiments.pictures_reading import WeighedReaders, digits, draw_centred
from rnnkit.data.digits import ink
from rnnkit.nn.pictures.judge import train_judge
from rnnkit.nn.pictures.readers import GlimpseReaders, Reading

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
        [(8, 1)] * (3 + len(KINDS)) + [(8, 2)] * 3 + [(4, 2)] * 2
    )
    share = {r["eye"]: r["covered"] for r in found["runs"] if r["steps"] == 1}
    assert share["scan"] == share["scan, moved"] == [0.5, 0.5]
    # three squares of 2 x 2 on a diagonal share two pixels
    assert share["three places"] == pytest.approx([10 / 64] * 2, rel=1e-3)
    assert share["three places"] == share["three places, moved"]
    assert share["the learned eye's"] == share["learned"]


def test_three_drawn_places_are_the_same_for_every_picture_and_others_for_every_network():
    x = torch.zeros(2, 3, 8, 8)
    places = DrawnFewReaders(eye="scan", size=8, side=2, glimpses=8, seeds=TWO)(
        x
    ).places
    assert (places == places[:, :1]).all()
    assert (places[:, :, 0] == 0).all()
    assert (places[:, :, 3:6] == places[:, :, :3]).all()
    assert (places[0, 0, 1:3] != places[1, 0, 1:3]).any()


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


def test_centred(measured):
    found = measured(EXPERIMENT, "centred", seeds=TWO, test=20, steps=2, size=12)
    assert [r["lr"] for r in found["runs"]] == [1e-2, 3e-3]
    assert {r["on_digit"][0][0] for r in found["runs"]} == {1.0}


def test_centred_canvases_have_the_digit_in_the_middle():
    learned, _ = digits()
    canvases = draw_centred(np.random.default_rng(0), 5, learned, 20)
    assert (canvases.corner == 6).all()
    middles = canvases.x[:, 6:14, 6:14]
    for middle, y in zip(middles, canvases.y, strict=True):
        same = (learned.x == middle).all((1, 2))
        assert y in learned.y[same]


def test_weighed(measured):
    found = measured(EXPERIMENT, "weighed", seeds=TWO, test=20, steps=2, size=12)
    assert [r["baseline"] for r in found["runs"]] == [True, False]


def test_weighed_readers_follow_the_slope_of_the_mean_reward():
    """Two places with one middle m: answer 1 is right below 0.4, answer 2 above it. On average half are, for every m."""
    rng = torch.Generator().manual_seed(0)
    middle = torch.tensor(0.3, requires_grad=True)
    places = 0.3 + 0.3 * torch.randn(1, 100_000, 2, generator=rng)
    log_p = -((places - middle) ** 2) / (2 * 0.3**2)
    right = torch.stack([places[..., 0] < 0.4, places[..., 1] > 0.4], -1).float()
    reading = Reading(None, None, [], log_p, torch.zeros(1, 100_000, 2))
    slope = {}
    for kind in (GlimpseReaders, WeighedReaders):
        loss = kind("learned", seeds=(0,)).eye_loss(reading, right).sum()
        (gradient,) = torch.autograd.grad(loss, middle, retain_graph=True)
        slope[kind] = -gradient.item()
    assert abs(slope[WeighedReaders]) < 0.02  # its deviation is 0.003
    assert slope[GlimpseReaders] > 0.25


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
    assert [(r["kind"], r["lr"]) for r in found["runs"]] == [
        ("1 step, wide", 4e-3),
        ("8 steps", 8e-3),
        ("1 step, 64 numbers", 8e-3),
    ]


def test_placed(measured):
    found = measured(EXPERIMENT, "placed", seeds=TWO, steps=2, size=9)
    assert len(found["runs"]) == 3


def few():
    learned, _ = digits()
    return ink(learned.x[:50]), learned.y[:50]
