"""Painters: the cost of a code, one step at a time, networks that share nothing, what is learned, and the judge."""

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from rnnkit.data.digits import ink, load_digits
from rnnkit.nn.pictures.judge import mixed_pixels, nearest, train_judge, verdict
from rnnkit.nn.pictures.painters import Painters, code_nats
from rnnkit.nn.side_by_side import train


@pytest.fixture(scope="module")
def black():
    learned, held_out = load_digits()
    return ink(learned.x), learned.y, ink(held_out.x), held_out.y


def some(pictures):
    return lambda rng, n: (pictures[rng.integers(len(pictures), size=n)],)


def test_the_cost_of_a_code_is_the_divergence_of_two_normals():
    mean, log_spread = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    theirs = kl_divergence(Normal(mean, log_spread.exp()), Normal(0.0, 1.0)).sum(-1)
    assert torch.allclose(code_nats(mean, log_spread), theirs, atol=1e-5)
    assert code_nats(torch.zeros(5), torch.zeros(5)) == 0


def test_nats_of_the_pixels_are_those_of_the_last_canvas(black):
    painters = Painters(steps=3, hidden_size=5, code_size=2, seeds=(0, 1))
    x = torch.as_tensor(black[0][:4]).expand(2, -1, -1, -1)
    painting = painters(x)
    p = torch.sigmoid(painting.canvases[:, :, -1])
    by_hand = -(x * p.log() + (1 - x) * (1 - p).log()).sum((2, 3))
    assert torch.allclose(painting.pixel_nats, by_hand, atol=1e-4)
    assert painting.code_nats.shape == (2, 4, 3)
    assert torch.allclose(
        painting.nats, by_hand + painting.code_nats.sum(-1), atol=1e-4
    )


@pytest.mark.parametrize("grid", [None, 3])
def test_painting_from_codes_adds_stroke_to_stroke(grid):
    painters = Painters(steps=3, hidden_size=5, code_size=2, grid=grid, seeds=(0,))
    codes = torch.randn(1, 4, 3, 2, generator=torch.Generator().manual_seed(0))
    whole, start = painters.paint(codes), painters.paint(codes[:, :, :2])
    assert torch.equal(whole.canvases[:, :, :2], start.canvases)
    assert (whole.windows is None) == (grid is None)


@pytest.mark.parametrize("grid", [None, 3])
def test_each_network_becomes_what_it_would_have_become_alone(grid, black):
    sizes = {"steps": 2, "hidden_size": 5, "code_size": 2, "grid": grid}
    together, alone = Painters(seeds=(0, 1), **sizes), Painters(seeds=(1,), **sizes)
    for painters in (together, alone):
        train(painters, some(black[0]), steps=4, batch_size=6)
    for name, p in alone.p.items():
        assert torch.allclose(together.p[name][1], p[0], atol=1e-6), name


@pytest.mark.parametrize("grid", [None, 3])
def test_every_parameter_gets_a_gradient(grid, black):
    painters = Painters(steps=2, hidden_size=6, code_size=2, grid=grid, seeds=(0,))
    painters.losses([some(black[0])(np.random.default_rng(0), 8)]).sum().backward()
    for name, p in painters.p.items():
        assert p.grad.abs().sum() > 0, name


def test_a_trained_painter_beats_the_frequency_of_every_pixel(black):
    learned, _, unseen, _ = black
    painters = Painters(steps=2, hidden_size=32, seeds=(0, 1))
    train(painters, some(learned), steps=250, lr=1e-2, batch_size=32, clip=5.0)
    p = learned.mean(0).clip(1e-3, 1 - 1e-3)
    alone = -(unseen * np.log(p) + (1 - unseen) * np.log(1 - p)).sum((1, 2)).mean()
    with torch.no_grad():
        nats = painters(torch.as_tensor(unseen).expand(2, -1, -1, -1)).nats.mean(1)
    assert nats.max() < alone - 1.5  # two seeds: 2.8 and 3.0 below


def test_steps_below_one_are_refused():
    with pytest.raises(ValueError, match="steps: expected 1 or more, got 0"):
        Painters(steps=0)


def test_the_judge_names_digits_and_refuses_mixed_pixels(black):
    learned, y, unseen, y_unseen = black
    judge = train_judge(learned, y, steps=150)
    said = verdict(judge, unseen)
    assert (said.digit == y_unseen).mean() > 0.9
    torch.manual_seed(1)
    none = mixed_pixels(torch.as_tensor(learned), 300)
    assert (verdict(judge, none).sure > 0.5).mean() < 0.2


def test_mixed_pixels_keep_each_pixel_at_its_place():
    pictures = torch.arange(3.0).view(3, 1, 1) * 100 + torch.arange(4.0).view(2, 2)
    mixed = mixed_pixels(pictures, 50)
    assert torch.equal(mixed % 100, torch.arange(4.0).view(2, 2).expand(50, 2, 2))
    assert set((mixed // 100).unique().tolist()) == {0, 1, 2}


def test_nearest_counts_pixels():
    known = np.zeros((2, 3, 3), np.float32)
    known[1] = 1
    pictures = np.zeros((2, 3, 3), np.float32)
    pictures[0, 0, 0] = 1
    pictures[1] = 1
    assert nearest(pictures, known).tolist() == [1, 0]
