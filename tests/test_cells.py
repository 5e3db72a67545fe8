"""One step: its gradients, and many in a row against the functions over time."""

import numpy as np
import pytest

from rnnkit.cells import (
    gru_step_backward,
    gru_step_forward,
    lstm_step_backward,
    lstm_step_forward,
    rnn_step_backward,
    rnn_step_forward,
)
from rnnkit.gradcheck import check_gradients, relative_error

from .recurrent import (
    NAMES,
    B,
    H,
    T,
    arguments,
    assert_same,
    backward,
    draw_gradients,
    forward,
)


def test_step_gradients_equal_finite_differences(rng):
    a = arguments("rnn", rng)
    a["x"], a["h_prev"] = a["x"][:, 0].copy(), a.pop("h0")
    weights = rng.standard_normal((B, H))

    def loss():
        return float((weights * rnn_step_forward(**a)[0] ** 2).sum())

    h, cache = rnn_step_forward(**a)
    names = ["x", "h_prev", "W_xh", "W_hh", "b_h"]
    grads = dict(zip(names, rnn_step_backward(2 * weights * h, cache), strict=True))
    errors = check_gradients(loss, a, grads)
    assert max(errors.values()) < 1e-8, errors


def test_sequence_is_a_loop_over_steps(rng):
    a, dh = arguments("rnn", rng), rng.standard_normal((B, T, H))
    names = NAMES["rnn"][2:]
    x, h_prev, *weights = a.values()
    states, caches = [], []
    for t in range(T):
        h_prev, cache = rnn_step_forward(x[:, t], h_prev, *weights)
        states.append(h_prev)
        caches.append(cache)
    total, dh_next = {n: 0 for n in names}, 0
    for t in reversed(range(T)):
        _, dh_next, *parameter_grads = rnn_step_backward(dh[:, t] + dh_next, caches[t])
        for n, g in zip(names, parameter_grads, strict=True):
            total[n] = total[n] + g
    (h,), cache = forward("rnn", a)
    grads = backward("rnn", [dh], cache)
    assert relative_error(h, np.stack(states, axis=1)) < 1e-12
    assert_same({n: grads[n] for n in total}, total, 1e-12)
    assert relative_error(grads["h0"], dh_next) < 1e-12


@pytest.mark.parametrize("cell", ["lstm", "gru"])
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
