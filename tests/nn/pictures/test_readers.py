"""Readers by glimpses: what the retina shows, networks that share nothing, gradients, what is learned, bad input."""

from functools import partial

import numpy as np
import pytest
import torch

from rnnkit.data.digits import draw_canvases, draw_digits, load_digits
from rnnkit.nn.pictures.readers import EYES, GlimpseReaders, accuracy
from rnnkit.nn.pictures.windows import Retina, window
from rnnkit.nn.side_by_side import train


@pytest.fixture(scope="module")
def sets():
    return load_digits()


def batch(sets, n=6, size=12):
    made = draw_canvases(np.random.default_rng(0), n, sets[0], size, scraps=1)
    return torch.as_tensor(made.x), torch.as_tensor(made.y)


def test_the_retina_is_sharp_in_the_middle_and_coarse_around():
    x = torch.arange(36.0).view(1, 6, 6)
    seen = Retina(x, 2, scales=2).glimpse(torch.zeros(1, 2))[0]
    assert seen[:4].tolist() == [14, 15, 20, 21]
    blocks = [x[0, r : r + 2, c : c + 2].mean().item() for r in (1, 3) for c in (1, 3)]
    assert seen[4:].tolist() == blocks


def test_beyond_the_edge_the_coarse_square_sees_nothing():
    seen = Retina(torch.ones(1, 4, 4), 2, scales=2).glimpse(
        torch.tensor([[-1.0, -1.0]])
    )
    assert seen[0, :4].tolist() == [1, 1, 1, 1]
    assert seen[0, 4:].tolist() == [0.25, 0.5, 0.5, 1]


@pytest.mark.parametrize("eye", EYES)
def test_each_network_becomes_what_it_would_have_become_alone(eye, sets):
    sizes = {"size": 8, "side": 3, "glimpses": 3, "hidden_size": 5}
    task = partial(draw_digits, digits=sets[0])
    together = GlimpseReaders(eye, seeds=(0, 1), **sizes)
    alone = GlimpseReaders(eye, seeds=(1,), **sizes)
    for readers in (together, alone):
        train(readers, task, steps=4, batch_size=6)
    for name, p in alone.p.items():
        assert torch.allclose(together.p[name][1], p[0], atol=1e-6), name


@pytest.mark.parametrize("eye", EYES)
def test_every_parameter_gets_a_gradient(eye, sets):
    readers = GlimpseReaders(eye, size=12, side=4, scales=2, glimpses=3)
    x, y = batch(sets)
    readers.losses([(x, y)] * 3).sum().backward()
    for name, p in readers.p.items():
        assert p.grad.abs().sum() > 0, name


def test_only_the_eye_is_moved_by_the_reward(sets):
    """The reward's part of the loss is zero on average in the eye's matrix where all places are equally good."""
    readers = GlimpseReaders("learned", size=12, side=4, glimpses=2, seeds=(0,))
    x, _ = batch(sets, 64)
    reading = readers(x[None], explore=True)
    right = torch.ones(1, 64, 1)
    loss = readers.eye_loss(
        reading, right - right
    )  # no reward, and none is expected yet
    assert loss.item() == 0


def test_reinforce_moves_the_eye_towards_what_is_rewarded():
    """Places in the lower half are rewarded; after some steps the eye proposes lower ones."""
    readers = GlimpseReaders(
        "learned", size=8, side=2, glimpses=2, hidden_size=8, seeds=(0,)
    )
    adam = torch.optim.Adam(readers.parameters(), 0.02)
    x = torch.ones(1, 64, 8, 8)
    for _ in range(60):
        reading = readers(x, explore=True)
        below = (reading.places[..., 1:, 0] > 0.2).float()
        loss = readers.eye_loss(reading, below).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
    assert readers(x).places[0, 0, 1, 0] > 0.4  # starts near 0


def test_without_a_baseline_nothing_is_expected(sets):
    readers = GlimpseReaders("learned", size=12, side=4, baseline=False)
    x, _ = batch(sets)
    reading = readers(x.expand(3, -1, -1, -1), explore=True)
    assert not reading.value.any()


def test_a_trained_eye_learns_digits(sets):
    readers = GlimpseReaders("learned", size=8, side=4, glimpses=2, seeds=(0, 1))
    task = partial(draw_digits, digits=sets[0])
    train(readers, task, steps=120, lr=1e-2, batch_size=48)
    share = accuracy(readers, sets[1].x, sets[1].y)
    assert share.shape == (2, 2)
    assert share[:, -1].min() > 0.7  # chance is 0.1; 0.85 to 0.93 with four seeds


def test_a_scan_visits_every_place_of_its_grid():
    readers = GlimpseReaders("scan", size=8, side=4, glimpses=4)
    places = readers(torch.zeros(3, 1, 8, 8)).places[0, 0]
    assert places.tolist() == [[-1, -1], [-1, 1], [1, -1], [1, 1]]


def test_bad_input():
    with pytest.raises(ValueError, match="eye: expected one of"):
        GlimpseReaders("blind")
    with pytest.raises(ValueError, match="side: expected 1 to 8 = size, got 9"):
        GlimpseReaders("scan", size=8, side=9)


def test_windows_far_outside_are_finite():
    grid = window(torch.tensor([50.0, -50.0, -6.0, 0.0, 0.0]), 3, 8)
    for filters in (grid.rows, grid.columns):
        assert torch.isfinite(filters).all()
        assert torch.allclose(filters.sum(-1), torch.ones(3))
