"""Small networks of all three cells: random arguments, our gradients by name, and torch's."""

import numpy as np
import torch

from rnnkit import sequence
from rnnkit.gradcheck import relative_error

B, T, D, H = 3, 5, 4, 6
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
NAMES = {
    "rnn": ["x", "h0", "W_xh", "W_hh", "b_h"],
    "lstm": ["x", "h0", "c0", "W_xh", "W_hh", "b_h"],
    "gru": ["x", "h0", "W_xh", "W_hh", "b_x", "b_h"],
}


def arguments(cell, rng, B=B, T=T, D=D, H=H, dtype=np.float64):
    """Parameters and inputs, none of them zero: zeros could hide an error."""
    G = GATES[cell]
    shapes = {
        "x": (B, T, D),
        "h0": (B, H),
        "c0": (B, H),
        "W_xh": (D, G * H),
        "W_hh": (H, G * H),
        "b_x": (G * H,),
        "b_h": (G * H,),
    }
    return {
        n: (0.5 * rng.standard_normal(shapes[n])).astype(dtype) for n in NAMES[cell]
    }


def forward(cell, a, mask=None, home=sequence):
    """Our states: a list of one array (h) or two (h, c), and the cache; home is `sequence` or `fast`."""
    *states, cache = getattr(home, f"{cell}_forward")(**a, mask=mask)
    return states, cache


def backward(cell, d_states, cache, chunk=None, home=sequence):
    """Our gradients by the names of the arguments."""
    dh, *dc = d_states
    more = {"dc": dc[0]} if dc else {}
    grads = getattr(home, f"{cell}_backward")(dh, cache, chunk=chunk, **more)
    return dict(zip(NAMES[cell], grads, strict=True))


def torch_step(cell, x, state, p):
    """One step written with torch operations: state and result are lists, h first."""
    if cell == "rnn":
        return [torch.tanh(x @ p["W_xh"] + state[0] @ p["W_hh"] + p["b_h"])]
    if cell == "lstm":
        h, c = state
        i, f, o, g = (x @ p["W_xh"] + h @ p["W_hh"] + p["b_h"]).chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return [o.sigmoid() * c.tanh(), c]
    (h,) = state
    x_r, x_z, x_n = (x @ p["W_xh"] + p["b_x"]).chunk(3, dim=1)
    h_r, h_z, h_n = (h @ p["W_hh"] + p["b_h"]).chunk(3, dim=1)
    z = (x_z + h_z).sigmoid()
    n = (x_n + (x_r + h_r).sigmoid() * h_n).tanh()
    return [(1 - z) * n + z * h]


def torch_gradients(cell, a, d_states, mask=None, chunk=None):
    """The same network written with torch operations; autograd gives its gradients."""
    p = {n: torch.tensor(v, requires_grad=True) for n, v in a.items()}
    state = [p[n] for n in ("h0", "c0") if n in p]
    steps = []
    for t in range(p["x"].shape[1]):
        if chunk is not None and t > 0 and t % chunk == 0:
            state = [s.detach() for s in state]
        new = torch_step(cell, p["x"][:, t], state, p)
        if mask is not None:
            keep = torch.tensor(mask[:, t, None])
            new = [torch.where(keep, n, s) for n, s in zip(new, state, strict=True)]
        state = new
        steps.append(state)
    states = [torch.stack(s, dim=1) for s in zip(*steps, strict=True)]
    sum(
        (s * torch.tensor(d)).sum() for s, d in zip(states, d_states, strict=True)
    ).backward()
    return [s.detach().numpy() for s in states], {
        n: v.grad.numpy() for n, v in p.items()
    }


def ragged_mask(lengths=(5, 3, 1)):
    return np.arange(T) < np.array(lengths)[:, None]


def draw_gradients(cell, rng, shape=(B, T, H)):
    return [rng.standard_normal(shape) for _ in range(2 if cell == "lstm" else 1)]


def assert_same(mine, theirs, bound):
    assert set(mine) == set(theirs)
    errors = {n: relative_error(mine[n], theirs[n]) for n in mine}
    assert max(errors.values()) < bound, errors
