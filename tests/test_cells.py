"""One step: its gradients, and many in a row against the functions over time."""

from rnnkit.cells import (
    rnn_step_backward,
    rnn_step_forward,
)
from rnnkit.gradcheck import check_gradients

from .recurrent import (
    B,
    H,
    arguments,
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
