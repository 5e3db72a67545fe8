"""The vanilla RNN between the plain arrangement and the fast one: what each move out of the loops gains.

`rnnkit.sequence` does everything step by step. `rnnkit.fast` keeps in its loops only what has to wait for another step,
and lays the steps first in memory. Here the moves are made one after the other, each with the ones before it.
"""

import numpy as np

MOVES = (  # name, what is outside the loops by then
    ("step by step", set()),
    ("the inputs' share and its gradient", {"inputs"}),
    ("the parameters' gradients", {"inputs", "parameters"}),
    ("the slopes of tanh", {"inputs", "parameters", "slopes"}),
)


def forward_and_backward(x, h0, W_xh, W_hh, b_h, dh, outside):
    """The vanilla RNN, forward and backward.

    Arguments: as of `rnn_forward`; dh: gradient with respect to every state, (B, T, H);
    outside: which of "inputs", "parameters" and "slopes" are computed for all steps at
    once. Returns: what `rnn_backward` returns.
    """
    B, T, D = x.shape
    states = np.empty_like(x, shape=(B, T + 1, len(b_h)))
    states[:, 0] = h0
    h_prev, h = states[:, :-1], states[:, 1:]
    if "inputs" in outside:
        a_x = x @ W_xh + b_h
    for t in range(T):
        a = a_x[:, t] if "inputs" in outside else x[:, t] @ W_xh + b_h
        h[:, t] = np.tanh(a + h_prev[:, t] @ W_hh)

    if "slopes" in outside:
        slope = 1 - h**2
    da, dx, dh_next = np.empty_like(h), np.empty_like(x), np.zeros_like(h0)
    dW = [np.zeros_like(W) for W in (W_xh, W_hh, b_h)]
    for t in reversed(range(T)):
        slope_t = slope[:, t] if "slopes" in outside else 1 - h[:, t] ** 2
        da_t = da[:, t] = (dh[:, t] + dh_next) * slope_t
        dh_next = da_t @ W_hh.T
        if "inputs" not in outside:
            dx[:, t] = da_t @ W_xh.T
        if "parameters" not in outside:
            parts = x[:, t].T @ da_t, h_prev[:, t].T @ da_t, da_t.sum(axis=0)
            dW = [total + part for total, part in zip(dW, parts, strict=True)]
    if "inputs" in outside:
        dx = da @ W_xh.T
    if "parameters" in outside:
        rows = [array.reshape(B * T, -1) for array in (x, h_prev, da)]
        dW = [rows[0].T @ rows[2], rows[1].T @ rows[2], rows[2].sum(axis=0)]
    return dx, dh_next, *dW
