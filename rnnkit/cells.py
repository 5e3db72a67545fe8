"""One step of each recurrent cell, forward and backward.

Every cell is a pair of pure functions. ``*_step_forward`` reads one input and the
previous state and returns the next state with a ``cache``; ``*_step_backward`` takes
the gradient of the loss with respect to the next state and returns the gradient with
respect to everything that went in. Nothing is stored between calls.

Rows are examples: x (B, D), h (B, H). ``W_ab`` maps a to b and has shape (A, B).
"""

import numpy as np

from rnnkit.checks import check_shape


def rnn_step_forward(x, h_prev, W_xh, W_hh, b_h):
    """One step of the vanilla RNN: h = tanh(x W_xh + h_prev W_hh + b_h).

    Arguments:
        x: input, (B, D).
        h_prev: previous state, (B, H).
        W_xh: input to state, (D, H).
        W_hh: state to state, (H, H).
        b_h: bias, (H,).

    Returns:
        h, the next state, (B, H), and the cache for ``rnn_step_backward``.

    Raises:
        ValueError: a shape does not fit.

    Source: Elman (1990), Finding structure in time.
    """
    check_rnn_weights(W_xh, W_hh, b_h, check_step(x, h_prev))
    h = np.tanh(x @ W_xh + h_prev @ W_hh + b_h)
    return h, (x, h_prev, h, W_xh, W_hh)


def rnn_step_backward(dh, cache):
    """Gradients of one step of the vanilla RNN.

    Arguments:
        dh: gradient of the loss with respect to the step's h, (B, H).
        cache: from ``rnn_step_forward``.

    Returns:
        dx (B, D), dh_prev (B, H), dW_xh (D, H), dW_hh (H, H), db_h (H,).
    """
    x, h_prev, h, W_xh, W_hh = cache
    da = dh * (1 - h**2)  # through tanh, to its argument a
    dx = da @ W_xh.T
    dh_prev = da @ W_hh.T
    dW_xh = x.T @ da
    dW_hh = h_prev.T @ da
    db_h = da.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db_h


def check_step(x, h_prev):
    """Check the shapes of one step's input and state; returns the sizes B, D, H."""
    sizes = {}
    check_shape("x", x, "B D", sizes)
    check_shape("h_prev", h_prev, "B H", sizes)
    return sizes


def check_rnn_weights(W_xh, W_hh, b_h, sizes):
    """Check the parameters of a vanilla RNN against the sizes D and H."""
    check_shape("W_xh", W_xh, "D H", sizes)
    check_shape("W_hh", W_hh, "H H", sizes)
    check_shape("b_h", b_h, "H", sizes)
