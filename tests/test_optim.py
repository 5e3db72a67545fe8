"""Optimisers step for step against torch; clipping by the common norm."""

import numpy as np
import pytest
import torch

from rnnkit.optim import SGD, Adam, clip_grad_norm

SHAPES = {"W": (3, 4), "b": (4,)}


def draw(rng):
    return {n: rng.standard_normal(s) for n, s in SHAPES.items()}


@pytest.mark.parametrize(
    ("make", "make_torch"),
    [
        (lambda p: SGD(p, lr=0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
        (
            lambda p: SGD(p, lr=0.1, momentum=0.9),
            lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        ),
        (lambda p: Adam(p, lr=0.1), lambda p: torch.optim.Adam(p, lr=0.1)),
        (
            lambda p: Adam(p, lr=0.02, betas=(0.5, 0.9), eps=1e-3),
            lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.5, 0.9), eps=1e-3),
        ),
    ],
    ids=["sgd", "momentum", "adam", "adam-options"],
)
def test_five_steps_equal_torch(rng, make, make_torch):
    params = draw(rng)
    theirs = {n: torch.tensor(p, requires_grad=True) for n, p in params.items()}
    optimizer, optimizer_torch = make(params), make_torch(list(theirs.values()))
    for _ in range(5):
        grads = draw(rng)
        optimizer.step(grads)
        for n, g in grads.items():
            theirs[n].grad = torch.tensor(g)
        optimizer_torch.step()
    for n, p in params.items():
        np.testing.assert_allclose(p, theirs[n].detach().numpy(), rtol=0, atol=1e-12)


def test_clip_equals_torch_and_returns_the_norm_before(rng):
    grads = draw(rng)
    theirs = [
        torch.zeros(s, dtype=torch.float64, requires_grad=True) for s in SHAPES.values()
    ]
    for p, g in zip(theirs, grads.values(), strict=True):
        p.grad = torch.tensor(g.copy())
    norm_torch = torch.nn.utils.clip_grad_norm_(theirs, 1.0).item()
    assert abs(clip_grad_norm(grads, 1.0) - norm_torch) < 1e-12
    for p, g in zip(theirs, grads.values(), strict=True):
        np.testing.assert_allclose(
            g, p.grad.numpy(), rtol=2e-6
        )  # torch adds 1e-6 to the norm


def test_clip_leaves_small_gradients_alone(rng):
    grads = draw(rng)
    before = {n: g.copy() for n, g in grads.items()}
    norm = clip_grad_norm(grads, 1e6)
    assert norm == pytest.approx(
        np.sqrt(sum((g**2).sum() for g in before.values())), rel=1e-14
    )
    assert all(np.array_equal(grads[n], before[n]) for n in grads)


def test_float32_stays_float32():
    params = {"W": np.ones((2, 2), np.float32)}
    for optimizer in (SGD(params, 0.1, 0.9), Adam(params)):
        optimizer.step({"W": np.ones((2, 2), np.float32)})
    assert params["W"].dtype == np.float32
    big = {"W": np.full((2, 2), 1e30, np.float32)}  # the squares would overflow float32
    assert clip_grad_norm(big, 1.0) == pytest.approx(2e30, rel=1e-6)
    assert big["W"].dtype == np.float32


def test_bad_input(rng):
    params, grads = draw(rng), draw(rng)
    with pytest.raises(
        ValueError, match=r"grads: expected the names \['W', 'b'\], got \['W'\]"
    ):
        SGD(params, 0.1).step({"W": grads["W"]})
    with pytest.raises(ValueError, match=r"grads\['b'\]: expected \(4,\), got \(3,\)"):
        Adam(params).step({"W": grads["W"], "b": np.zeros(3)})
    with pytest.raises(ValueError, match="max_norm: expected a positive number, got 0"):
        clip_grad_norm(grads, 0)
    grads["b"][0] = np.nan
    before = grads["W"].copy()
    with pytest.raises(
        ValueError, match="grads: expected finite numbers, got a norm of nan"
    ):
        clip_grad_norm(grads, 1.0)
    assert np.array_equal(grads["W"], before)
