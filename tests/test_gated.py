"""The LSTM and the GRU against torch and against finite differences: outputs and all gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnkit.cells import (
    gru_step_backward,
    gru_step_forward,
    lstm_step_backward,
    lstm_step_forward,
    rnn_step_forward,
)
from rnnkit.convert import from_torch, to_torch
from rnnkit.gradcheck import check_gradients, relative_error
from rnnkit.sequence import (
    gru_backward,
    gru_forward,
    lstm_backward,
    lstm_forward,
    rnn_forward,
)

B, T, D, H = 3, 5, 4, 6
GATES = {"lstm": 4, "gru": 3}
NAMES = {
    "lstm": ["x", "h0", "c0", "W_xh", "W_hh", "b_h"],
    "gru": ["x", "h0", "W_xh", "W_hh", "b_x", "b_h"],
}
CELLS = pytest.mark.parametrize("cell", ["lstm", "gru"])


def arguments(cell, rng, B=B, T=T, D=D, H=H):
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
    return {n: 0.5 * rng.standard_normal(shapes[n]) for n in NAMES[cell]}


def forward(cell, a, mask=None):
    """Our states: a list of one array (h) or two (h, c), and the cache."""
    *states, cache = (lstm_forward if cell == "lstm" else gru_forward)(**a, mask=mask)
    return states, cache


def backward(cell, d_states, cache, chunk=None):
    if cell == "lstm":
        grads = lstm_backward(d_states[0], cache, dc=d_states[1], chunk=chunk)
    else:
        grads = gru_backward(d_states[0], cache, chunk=chunk)
    return dict(zip(NAMES[cell], grads, strict=True))


def torch_step(cell, x, state, p):
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


@CELLS
@pytest.mark.parametrize("chunk", [None, 1, 2, 3, 5, 9])
@pytest.mark.parametrize(
    "mask", [None, ragged_mask(), ~ragged_mask((2, 4, 1))], ids=["all", "end", "start"]
)
def test_sequence_equals_autograd(cell, mask, chunk):
    rng = np.random.default_rng(0)
    a, d = arguments(cell, rng), draw_gradients(cell, rng)
    states, cache = forward(cell, a, mask)
    expected, gradients = torch_gradients(cell, a, d, mask, chunk)
    for mine, theirs in zip(states, expected, strict=True):
        assert relative_error(mine, theirs) < 1e-12
    assert_same(backward(cell, d, cache, chunk), gradients, 1e-11)


@CELLS
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    sizes=st.tuples(*[st.integers(1, 5)] * 4),
)
def test_sequence_equals_autograd_for_any_sizes(cell, seed, sizes):
    rng = np.random.default_rng(seed)
    a = arguments(cell, rng, *sizes)
    d = draw_gradients(cell, rng, (sizes[0], sizes[1], sizes[3]))
    _, cache = forward(cell, a)
    assert_same(backward(cell, d, cache), torch_gradients(cell, a, d)[1], 1e-9)


@CELLS
@pytest.mark.parametrize("mask", [None, ragged_mask()], ids=["all", "end"])
def test_sequence_equals_finite_differences(cell, mask):
    rng = np.random.default_rng(1)
    a, d = arguments(cell, rng), draw_gradients(cell, rng)
    _, cache = forward(cell, a, mask)

    def loss():
        states, _ = forward(cell, a, mask)
        return sum((s * ds).sum() for s, ds in zip(states, d, strict=True))

    errors = check_gradients(loss, a, backward(cell, d, cache))
    assert max(errors.values()) < 1e-8, errors


@CELLS
def test_steps_in_a_row_are_the_sequence(cell):
    rng = np.random.default_rng(2)
    a, d = arguments(cell, rng), draw_gradients(cell, rng)
    states, cache = forward(cell, a)
    step = lstm_step_forward if cell == "lstm" else gru_step_forward
    back = lstm_step_backward if cell == "lstm" else gru_step_backward
    weights = [a[n] for n in NAMES[cell] if n.startswith(("W", "b"))]
    state, caches = [a[n] for n in ("h0", "c0") if n in a], []
    for t in range(T):
        *state, step_cache = step(a["x"][:, t], *state, *weights)
        caches.append(step_cache)
        for mine, whole in zip(state, states, strict=True):
            assert relative_error(mine, whole[:, t]) < 1e-14
    carried = [np.zeros((B, H)) for _ in state]
    total = [0.0] * len(weights)
    dx = np.empty_like(a["x"])
    for t in reversed(range(T)):
        arriving = [carry + ds[:, t] for carry, ds in zip(carried, d, strict=True)]
        dx[:, t], *rest = back(*arriving, caches[t])
        carried, grads = rest[: len(state)], rest[len(state) :]
        total = [s + g for s, g in zip(total, grads, strict=True)]
    mine = dict(zip(NAMES[cell], [dx, *carried, *total], strict=True))
    assert_same(mine, backward(cell, d, cache), 1e-12)


def test_lstm_gradient_of_h_alone():
    rng = np.random.default_rng(3)
    a = arguments("lstm", rng)
    dh = rng.standard_normal((B, T, H))
    *_, cache = lstm_forward(**a)
    without = lstm_backward(dh, cache)
    with_zero = lstm_backward(dh, cache, dc=np.zeros_like(dh))
    for mine, theirs in zip(without, with_zero, strict=True):
        assert (mine == theirs).all()


@CELLS
def test_padding_changes_nothing(cell):
    rng = np.random.default_rng(4)
    a, mask = arguments(cell, rng), ragged_mask()
    d = draw_gradients(cell, rng)
    states, cache = forward(cell, a, mask)
    gradients = backward(cell, d, cache)
    other = a | {"x": np.where(mask[..., None], a["x"], 1e3)}
    states_2, cache_2 = forward(cell, other, mask)
    for one, two in zip(states, states_2, strict=True):
        assert (one == two).all()
    for row, length in enumerate([5, 3, 1]):
        assert (states[0][row, length - 1 :] == states[0][row, length - 1]).all()
        assert (gradients["x"][row, length:] == 0).all()
    assert_same(
        backward(cell, d, cache_2) | {"x": np.zeros(1)},
        gradients | {"x": np.zeros(1)},
        1e-15,
    )


@CELLS
def test_inputs_stay_as_they_were(cell):
    rng = np.random.default_rng(5)
    a, d = arguments(cell, rng), draw_gradients(cell, rng)
    before = {n: v.copy() for n, v in a.items()}
    _, cache = forward(cell, a, ragged_mask())
    once = backward(cell, d, cache)
    again = backward(cell, d, cache)
    for n in a:
        assert (a[n] == before[n]).all()
        assert (once[n] == again[n]).all()


@CELLS
@pytest.mark.parametrize("masked", [False, True])
def test_float32_in_float32_out(cell, masked):
    rng = np.random.default_rng(6)
    a = {n: v.astype(np.float32) for n, v in arguments(cell, rng).items()}
    d = [ds.astype(np.float32) for ds in draw_gradients(cell, rng)]
    states, cache = forward(cell, a, ragged_mask() if masked else None)
    for array in [*states, *backward(cell, d, cache).values()]:
        assert array.dtype == np.float32


@CELLS
def test_without_inputs_it_is_as_with_zeros(cell):
    rng = np.random.default_rng(10)
    a = arguments(cell, rng)
    d = draw_gradients(cell, rng)
    zeros = a | {"x": np.zeros((B, T, D))}
    nothing = a | {"x": np.zeros((B, T, 0)), "W_xh": np.zeros((0, GATES[cell] * H))}
    (states, cache), (states_0, cache_0) = forward(cell, zeros), forward(cell, nothing)
    assert relative_error(states_0[0], states[0]) < 1e-15
    gradients, gradients_0 = backward(cell, d, cache), backward(cell, d, cache_0)
    assert gradients_0["x"].shape == (B, T, 0)
    assert gradients_0["W_xh"].shape == (0, GATES[cell] * H)
    for name in set(gradients) - {"x", "W_xh"}:
        assert relative_error(gradients_0[name], gradients[name]) < 1e-13


@CELLS
@pytest.mark.parametrize(
    "name", ["x", "h0", "c0", "W_xh", "W_hh", "b_x", "b_h", "dh", "dc"]
)
def test_wrong_shapes_are_named(cell, name):
    rng = np.random.default_rng(7)
    a, d = arguments(cell, rng), draw_gradients(cell, rng)
    if name in a:
        a[name] = a[name][..., :-1]
        # A narrower x or h0 contradicts the weights: the error may name either side.
        with pytest.raises(ValueError, match=r"expected .* got"):
            forward(cell, a)
    elif name == "dh" or (name == "dc" and cell == "lstm"):
        _, cache = forward(cell, a)
        d[name == "dc"] = d[name == "dc"][:, :-1]
        with pytest.raises(ValueError, match=rf"{name}: expected .* got \(3, 4, 6\)"):
            backward(cell, d, cache)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_converters_agree_with_torch_modules(cell):
    torch.manual_seed(0)
    module = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](
        D, H, num_layers=2, batch_first=True, dtype=torch.float64
    )
    x = np.random.default_rng(8).standard_normal((B, T, D))
    h = x
    run = {"rnn": rnn_forward, "gru": gru_forward, "lstm": lstm_forward}[cell]
    zeros = [np.zeros((B, H))] * (2 if cell == "lstm" else 1)
    state_dict = {}
    for layer in range(2):
        params = from_torch(cell, module.state_dict(), layer)
        h = run(h, *zeros, **params)[0]
        state_dict |= to_torch(cell, params, layer)
    assert relative_error(h, module(torch.tensor(x))[0].detach().numpy()) < 1e-12
    other = type(module)(D, H, num_layers=2, batch_first=True, dtype=torch.float64)
    other.load_state_dict({n: torch.tensor(v) for n, v in state_dict.items()})
    difference = other(torch.tensor(x))[0] - module(torch.tensor(x))[0]
    assert difference.abs().max() < 1e-14
    again = from_torch(cell, state_dict, 1)
    assert all((again[n] == params[n]).all() for n in params)


def test_converters_name_what_is_wrong():
    with pytest.raises(ValueError, match="cell: expected one of"):
        from_torch("elman", torch.nn.RNN(2, 3).state_dict())
    with pytest.raises(ValueError, match="weight_ih_l1: expected among"):
        from_torch("rnn", torch.nn.RNN(2, 3).state_dict(), layer=1)
    with pytest.raises(ValueError, match="gru: expected 3 blocks"):
        from_torch("gru", torch.nn.LSTM(2, 4).state_dict())


def test_gru_with_z_0_and_r_1_is_the_vanilla_rnn_exactly():
    """Biases of -inf and +inf close z and open r completely."""
    rng = np.random.default_rng(9)
    a = arguments("gru", rng)
    for name in ("W_xh", "W_hh", "b_x", "b_h"):
        a[name][..., : 2 * H] = 0
    a["b_x"][:H], a["b_x"][H : 2 * H] = np.inf, -np.inf
    h, _ = gru_forward(**a)
    h_rnn = a["h0"]
    parts = [a[n][..., 2 * H :] for n in ("W_xh", "W_hh")]
    for t in range(T):
        h_rnn, _ = rnn_step_forward(
            a["x"][:, t], h_rnn, *parts, a["b_x"][2 * H :] + a["b_h"][2 * H :]
        )
        assert relative_error(h[:, t], h_rnn) < 1e-15
