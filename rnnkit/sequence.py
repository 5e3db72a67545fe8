"""The cells over time: whole sequences forward, and back-propagation through time.

Each function is a loop over the steps of ``rnnkit.cells``. Sequences are (B, T, D). All
steps use the same parameters, so a parameter's gradient is the sum of what each step
contributes. ``rnnkit.fast`` has the same functions, arranged for speed.

A padded step, where the mask is False, carries the state over. Its input has no effect,
but must be finite; a gradient that arrives at it counts for the state carried there.
"""

import numpy as np

from rnnkit.cells import (
    check_gru_weights,
    check_lstm_weights,
    check_rnn_weights,
    gru_step_backward,
    gru_step_forward,
    lstm_step_backward,
    lstm_step_forward,
    rnn_step_backward,
    rnn_step_forward,
)
from rnnkit.checks import check_backward, check_sequence


def rnn_forward(x, h0, W_xh, W_hh, b_h, mask=None):
    """The vanilla RNN over a whole sequence.

    Arguments:
        x: inputs, (B, T, D).
        h0: initial state, (B, H).
        W_xh, W_hh, b_h: parameters, (D, H), (H, H), (H,), used at every step.
        mask: (B, T) of bool or None. Where it is False the step is padding and the
            state is carried over unchanged, so that h[:, -1] is each sequence's last
            real state.

    Returns:
        h, the states after each step, (B, T, H), and the cache for ``rnn_backward``.

    Raises:
        ValueError: a shape does not fit.
    """
    check_sequence(x, h0, mask, check_rnn_weights, W_xh, W_hh, b_h)
    real = real_steps(x, mask)
    h, states, steps = h0, [], []
    for t in range(x.shape[1]):
        h_new, step = rnn_step_forward(x[:, t], h, W_xh, W_hh, b_h)
        h = np.where(real[t], h_new, h)
        states.append(h)
        steps.append(step)
    return np.stack(states, axis=1), (steps, real)


def rnn_backward(dh, cache, chunk=None):
    """Back-propagation through time for the vanilla RNN.

    Arguments:
        dh: gradient of the loss with respect to every state, (B, T, H), *without* what
            flows back from later states: that part is this function's work.
        cache: from ``rnn_forward``.
        chunk: None for the full gradient. A number of steps for truncated
            back-propagation: the sequence is cut into chunks of that many steps, and
            no gradient flows from one chunk into the one before it. The forward pass is
            not cut: each chunk started from the state that the one before it left.

    Returns:
        dx (B, T, D), dh0 (B, H), dW_xh (D, H), dW_hh (H, H), db_h (H,).

    Raises:
        ValueError: dh has not the states' shape, or chunk is no whole number from 1.

    Source: Werbos (1990); truncation in chunks: Williams and Peng (1990).
    """
    steps, real = cache
    check_backward(chunk, states_of(steps), dh=dh)
    dx, dW = [None] * len(steps), (0, 0, 0)
    dh_next = np.zeros_like(dh[:, 0])  # what flows back from the later steps
    for t in reversed(range(len(steps))):
        if chunk is not None and (t + 1) % chunk == 0:  # nothing from the next chunk
            dh_next = np.zeros_like(dh_next)
        dh_t = dh[:, t] + dh_next
        dx[t], dh_prev, *dW_t = rnn_step_backward(np.where(real[t], dh_t, 0), steps[t])
        dh_next = np.where(real[t], dh_prev, dh_t)  # padding only hands it on
        dW = [total + part for total, part in zip(dW, dW_t, strict=True)]
    return np.stack(dx, axis=1), dh_next, *dW


def lstm_forward(x, h0, c0, W_xh, W_hh, b_h, mask=None):
    """The LSTM over a whole sequence.

    Arguments:
        x: inputs, (B, T, D).
        h0, c0: initial state and cell, (B, H) each.
        W_xh, W_hh, b_h: parameters packed i, f, o, g, (D, 4H), (H, 4H), (4H,).
        mask: (B, T) of bool or None; where False, h and c are carried over unchanged.

    Returns:
        h and c after each step, (B, T, H) each, and the cache for ``lstm_backward``.

    Raises:
        ValueError: a shape does not fit.

    Source: Hochreiter and Schmidhuber (1997); forget gate: Gers et al. (2000).
    """
    check_sequence(x, h0, mask, check_lstm_weights, c0, W_xh, W_hh, b_h)
    real = real_steps(x, mask)
    h, c, states, cells, steps = h0, c0, [], [], []
    for t in range(x.shape[1]):
        h_new, c_new, step = lstm_step_forward(x[:, t], h, c, W_xh, W_hh, b_h)
        h, c = np.where(real[t], h_new, h), np.where(real[t], c_new, c)
        states.append(h)
        cells.append(c)
        steps.append(step)
    return np.stack(states, axis=1), np.stack(cells, axis=1), (steps, real)


def lstm_backward(dh, cache, dc=None, chunk=None):
    """Back-propagation through time for the LSTM.

    Arguments:
        dh: gradient of the loss with respect to every h, (B, T, H), without what flows
            back from later steps.
        cache: from ``lstm_forward``.
        dc: the same for every c, (B, T, H), or None where the loss reads only h.
        chunk: None for the full gradient, or a chunk's steps, see ``rnn_backward``.

    Returns:
        dx (B, T, D), dh0 (B, H), dc0 (B, H), dW_xh (D, 4H), dW_hh (H, 4H), db_h (4H,).

    Raises:
        ValueError: a gradient has not the states' shape, or chunk is no whole number
            from 1.
    """
    steps, real = cache
    dc = np.zeros_like(dh) if dc is None else dc
    check_backward(chunk, states_of(steps), dh=dh, dc=dc)
    dx, dW = [None] * len(steps), (0, 0, 0)
    dh_next, dc_next = np.zeros_like(dh[:, 0]), np.zeros_like(dh[:, 0])
    for t in reversed(range(len(steps))):
        if chunk is not None and (t + 1) % chunk == 0:  # nothing from the next chunk
            dh_next, dc_next = np.zeros_like(dh_next), np.zeros_like(dc_next)
        dh_t, dc_t = dh[:, t] + dh_next, dc[:, t] + dc_next
        dx[t], dh_prev, dc_prev, *dW_t = lstm_step_backward(
            np.where(real[t], dh_t, 0), np.where(real[t], dc_t, 0), steps[t]
        )
        dh_next = np.where(real[t], dh_prev, dh_t)  # padding only hands them on
        dc_next = np.where(real[t], dc_prev, dc_t)
        dW = [total + part for total, part in zip(dW, dW_t, strict=True)]
    return np.stack(dx, axis=1), dh_next, dc_next, *dW


def gru_forward(x, h0, W_xh, W_hh, b_x, b_h, mask=None):
    """The GRU over a whole sequence.

    Arguments:
        x: inputs, (B, T, D).
        h0: initial state, (B, H).
        W_xh, W_hh, b_x, b_h: parameters packed r, z, n, (D, 3H), (H, 3H), (3H,), (3H,).
        mask: (B, T) of bool or None; where False, h is carried over unchanged.

    Returns:
        h after each step, (B, T, H), and the cache for ``gru_backward``.

    Raises:
        ValueError: a shape does not fit.

    Source: Cho et al. (2014), with r applied after the product as in cuDNN and PyTorch.
    """
    check_sequence(x, h0, mask, check_gru_weights, W_xh, W_hh, b_x, b_h)
    real = real_steps(x, mask)
    h, states, steps = h0, [], []
    for t in range(x.shape[1]):
        h_new, step = gru_step_forward(x[:, t], h, W_xh, W_hh, b_x, b_h)
        h = np.where(real[t], h_new, h)
        states.append(h)
        steps.append(step)
    return np.stack(states, axis=1), (steps, real)


def gru_backward(dh, cache, chunk=None):
    """Back-propagation through time for the GRU.

    Arguments:
        dh: gradient of the loss with respect to every h, (B, T, H), without what flows
            back from later steps.
        cache: from ``gru_forward``.
        chunk: None for the full gradient, or a chunk's steps, see ``rnn_backward``.

    Returns:
        dx (B, T, D), dh0 (B, H), dW_xh (D, 3H), dW_hh (H, 3H), db_x (3H,), db_h (3H,).

    Raises:
        ValueError: dh has not the states' shape, or chunk is no whole number from 1.
    """
    steps, real = cache
    check_backward(chunk, states_of(steps), dh=dh)
    dx, dW = [None] * len(steps), (0, 0, 0, 0)
    dh_next = np.zeros_like(dh[:, 0])
    for t in reversed(range(len(steps))):
        if chunk is not None and (t + 1) % chunk == 0:  # nothing from the next chunk
            dh_next = np.zeros_like(dh_next)
        dh_t = dh[:, t] + dh_next
        dx[t], dh_prev, *dW_t = gru_step_backward(np.where(real[t], dh_t, 0), steps[t])
        dh_next = np.where(real[t], dh_prev, dh_t)  # padding only hands it on
        dW = [total + part for total, part in zip(dW, dW_t, strict=True)]
    return np.stack(dx, axis=1), dh_next, *dW


def real_steps(x, mask):
    """Which steps are real, for every t a column (B, 1) that fits beside a state."""
    B, T, _ = x.shape
    return np.ones((T, B, 1), bool) if mask is None else mask.T[..., None]


def states_of(steps):
    """The shape (B, T, H) of all states, from the steps' caches: h_prev is second."""
    B, H = steps[0][1].shape
    return B, len(steps), H
