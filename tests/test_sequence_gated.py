"""The LSTM and the GRU over time, against torch and against finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnkit.cells import rnn_step_forward
from rnnkit.gradcheck import check_gradients, relative_error
from rnnkit.sequence import gru_forward, lstm_backward, lstm_forward

from .recurrent import (
    GATES,
    B,
    D,
    H,
    T,
    arguments,
    assert_same,
    backward,
    draw_gradients,
    forward,
    ragged_mask,
    torch_gradients,
)

CELLS = pytest.mark.parametrize("cell", ["lstm", "gru"])


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
    assert relative_error(states_0[0], states[0]) < 1e-14
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
        assert relative_error(h[:, t], h_rnn) < 1e-14
