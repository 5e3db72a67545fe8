"""Jacobians from the formulas against autograd, for all three cells."""

import numpy as np
import pytest
import torch

from rnnkit import jacobian, sequence
from rnnkit.gradcheck import relative_error

from .recurrent import GATES
from .recurrent import torch_step as step

B, T, D, H = 2, 6, 3, 5
CELLS = pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])


def run(cell, mask=None, seed=0, dtype=np.float64):
    """A random network over a random sequence: its arguments by name, and the cache."""
    rng = np.random.default_rng(seed)
    G = GATES[cell]
    shapes = {"x": (B, T, D), "h0": (B, H)}
    shapes |= {"c0": (B, H)} if cell == "lstm" else {}
    shapes |= {"W_xh": (D, G * H), "W_hh": (H, G * H)}
    shapes |= {"b_x": (G * H,)} if cell == "gru" else {}
    shapes |= {"b_h": (G * H,)}
    a = {name: 0.8 * rng.standard_normal(shape) for name, shape in shapes.items()}
    a = {name: array.astype(dtype) for name, array in a.items()}
    return a, getattr(sequence, f"{cell}_forward")(**a, mask=mask)[-1]


def autograd_jacobians(cell, a, mask=None):
    p = {name: torch.tensor(array) for name, array in a.items()}
    state = torch.cat([p[n] for n in ("h0", "c0") if n in p], dim=1)  # (B, S)
    result = np.empty((B, T, state.shape[1], state.shape[1]))
    for t in range(T):
        for b in range(B):

            def one(s, b=b, t=t):
                new = step(cell, p["x"][b : b + 1, t], list(s[None].split(H, 1)), p)
                new = torch.cat(new, dim=1)[0]
                return new if mask is None or mask[b, t] else s

            result[b, t] = torch.autograd.functional.jacobian(one, state[b])
        state = (
            torch.cat(step(cell, p["x"][:, t], list(state.split(H, 1)), p), dim=1)
            if mask is None
            else torch.stack(
                [
                    torch.cat(
                        step(
                            cell,
                            p["x"][b : b + 1, t],
                            list(state[b : b + 1].split(H, 1)),
                            p,
                        ),
                        dim=1,
                    )[0]
                    if mask[b, t]
                    else state[b]
                    for b in range(B)
                ]
            )
        )
    return result


@CELLS
@pytest.mark.parametrize("masked", [False, True])
def test_jacobians_equal_autograd(cell, masked):
    mask = np.arange(T) < np.array([[T], [3]]) if masked else None
    a, cache = run(cell, mask)
    mine = getattr(jacobian, f"{cell}_jacobians")(cache)
    assert relative_error(mine, autograd_jacobians(cell, a, mask)) < 1e-12


@CELLS
def test_jacobians_of_float32_are_float32(cell):
    mask = np.arange(T) < np.array([[T], [3]])
    _, cache = run(cell, mask, dtype=np.float32)
    assert getattr(jacobian, f"{cell}_jacobians")(cache).dtype == np.float32


def test_the_lstm_has_a_block_that_is_only_the_forget_gate():
    _, cache = run("lstm")
    block = jacobian.lstm_jacobians(cache)[..., H:, H:]
    steps, _ = cache
    for t, (_, _, _, _i, f, *_) in enumerate(steps):
        assert (block[:, t] == f[..., None] * np.eye(H)).all()


@CELLS
def test_products_are_the_gradient_of_a_late_state(cell):
    a, cache = run(cell)
    backward = getattr(sequence, f"{cell}_backward")
    whole = jacobian.products(getattr(jacobian, f"{cell}_jacobians")(cache))
    for j in range(H):
        for t in (0, 2, T - 1):
            dh = np.zeros((B, T, H))
            dh[:, t, j] = 1
            gradients = backward(dh, cache)[1 : 3 if cell == "lstm" else 2]
            assert (
                relative_error(np.concatenate(gradients, axis=1), whole[:, t, j])
                < 1e-12
            )


@CELLS
def test_connectivity_equals_autograd(cell):
    a, cache = run(cell, seed=1)
    backward = getattr(sequence, f"{cell}_backward")
    direction = np.random.default_rng(2).standard_normal((B, H))
    p = {n: torch.tensor(v, requires_grad=n == "x") for n, v in a.items()}
    state = [p[n] for n in ("h0", "c0") if n in p]
    for t in range(4):
        state = step(cell, p["x"][:, t], state, p)
    (state[0] * torch.tensor(direction)).sum().backward()
    mine = jacobian.connectivity(backward, cache, direction, 3)
    assert relative_error(mine, p["x"].grad.norm(dim=2).numpy()) < 1e-12
    assert (mine[:, 4:] == 0).all()
    assert (mine == jacobian.connectivity(backward, cache, direction, 3 - T)).all()


def test_bad_input_is_named():
    _, cache = run("rnn")
    with pytest.raises(ValueError, match=r"direction: expected \(B, H\) = \(2, 5\)"):
        jacobian.connectivity(sequence.rnn_backward, cache, np.ones((2, 4)), 0)
    with pytest.raises(ValueError, match="t: expected -6 to 5, got 6"):
        jacobian.connectivity(sequence.rnn_backward, cache, np.ones((2, 5)), 6)
    with pytest.raises(ValueError, match="jacobians: expected"):
        jacobian.products(np.ones((2, 3, 4, 5)))
