"""The cells over time: whole sequences forward, and back-propagation through time.

Sequences are (B, T, D). All steps use the same parameters, so a parameter's gradient
is the sum of what each step contributes.

What does not depend on the order of the steps is done for all of them at once, outside
the loop: the inputs' share of every step and their gradients (the LSTM has them in its
loop, where a comment says why), the derivatives within each step, the products for the
parameters. How the arrays lie in memory: rnnkit.steps.

The states that a forward pass returns are views of its cache: copy them before you
change them, and leave x and the parameters as they are until the backward pass is done.
Inputs of padded steps have no effect, but must be finite; a gradient that arrives at a
padded step counts for the state that was carried there.
"""

import numpy as np

from rnnkit.cells import check_gru_weights, check_lstm_weights, check_rnn_weights
from rnnkit.checks import check_mask, check_shape
from rnnkit.functional import sigmoid
from rnnkit.steps import (
    all_steps,
    before_and_after,
    by_gate,
    packed,
    room_for_states,
    rows,
    sum_over_steps,
)


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
    B, T, D = x.shape
    a = all_steps(x, W_xh, b_h)  # (B, T, H), the inputs' share of every step
    states = room_for_states(h0, T, a.dtype)
    h_prev, h = before_and_after(states)
    for t in range(T):
        np.tanh(a[:, t] + h_prev[:, t] @ W_hh, out=h[:, t])
        if mask is not None:
            h[:, t] = np.where(mask[:, t, None], h[:, t], h_prev[:, t])
    return h, (x, states, W_xh, W_hh, mask)


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
    x, states, W_xh, W_hh, mask = cache
    h_prev, h = before_and_after(states)
    check_gradient(dh, h, chunk)
    B, T, H = h.shape
    slope = 1 - h**2  # of tanh, at every step
    if mask is not None:
        slope *= mask[..., None]
    da = np.empty_like(h)  # the gradient of every step's pre-activation
    dh_next = np.zeros_like(h[:, 0])  # what flows back from the later steps
    W_hh_T = W_hh.T.copy()  # transposed in memory too: faster in the loop
    for t in reversed(range(T)):
        if chunk is not None and (t + 1) % chunk == 0:  # nothing from the next chunk
            dh_next = np.zeros_like(dh_next)
        dh_t = dh[:, t] + dh_next
        da[:, t] = dh_t * slope[:, t]
        dh_next = da[:, t] @ W_hh_T
        if mask is not None:  # a padded step only hands the gradient on
            dh_next += dh_t * ~mask[:, t, None]
    dx = all_steps(da, W_xh.T)
    dW_xh, dW_hh, db_h = sum_over_steps(da, x, h_prev)
    return dx, dh_next, dW_xh, dW_hh, db_h


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
    B, T, D = x.shape
    H = h0.shape[1]
    # All parameters one below the other: [h_prev, x, 1] times W is what a step adds up.
    # For four gates that is faster than adding the inputs' share to h_prev's.
    W = by_gate(np.concatenate([W_hh, W_xh, b_h[None]]), 4)  # (4, H + D + 1, H)
    read = np.empty((T + 1, B, H + D + 1), np.result_type(x, W)).swapaxes(0, 1)
    read[:, 0, :H], read[:, :-1, H:-1], read[..., -1] = h0, x, 1  # the last h has no x
    cells = room_for_states(c0, T, read.dtype)
    (h_prev, h), (c_prev, c) = before_and_after(read[..., :H]), before_and_after(cells)
    gates = np.empty((4, T, B, H), read.dtype).swapaxes(1, 2)
    for t in range(T):
        i, f, o, g = a = read[:, t] @ W  # (4, B, H); i, f, o and g are views of it
        sigmoid(a[:3], out=a[:3])
        np.tanh(g, out=g)
        c[:, t] = f * c_prev[:, t] + i * g
        h[:, t] = o * np.tanh(c[:, t])
        gates[:, :, t] = a
        if mask is not None:
            h[:, t] = np.where(mask[:, t, None], h[:, t], h_prev[:, t])
            c[:, t] = np.where(mask[:, t, None], c[:, t], c_prev[:, t])
    return h, c, (read, cells, gates, W, mask)


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
    read, cells, gates, W, mask = cache
    c_prev, c = before_and_after(cells)
    check_gradient(dh, c, chunk)
    if dc is not None:
        check_shape("dc", dc, "B T H", dict(zip("BTH", c.shape, strict=True)))
    B, T, H = c.shape
    i, f, o, g = gates
    tanh_c = np.tanh(c)
    # Before the loop da holds derivatives within a step: of c by a_i, a_f and a_g, of h
    # by a_o. The loop multiplies them by what the loss and the later steps say.
    da = np.empty_like(gates)
    da_i, da_f, da_o, da_g = da
    for s, da_s, factor in (i, da_i, g), (f, da_f, c_prev), (o, da_o, tanh_c):
        np.subtract(1, s, out=da_s)  # (1 - s) * s * factor, without arrays in between
        da_s *= s
        da_s *= factor
    np.subtract(1, g**2, out=da_g)
    da_g *= i
    h_by_c, c_by_c = o * (1 - tanh_c**2), f  # derivatives of h by c, of c by c_prev
    if mask is not None:  # a padded step's c is a copy of c_prev
        real = mask[..., None]
        da *= real
        h_by_c *= real
        c_by_c = f * real + ~real
    dh_next, dc_next = np.zeros_like(c[:, 0]), np.zeros_like(c[:, 0])
    dx = np.empty((B, T, read.shape[2] - H - 1), read.dtype)
    W_T = W[:, :-1].swapaxes(1, 2).copy()  # without the bias; (4, H, H + D)
    for t in reversed(range(T)):
        if chunk is not None and (t + 1) % chunk == 0:  # nothing from the next chunk
            dh_next, dc_next = np.zeros_like(dh_next), np.zeros_like(dc_next)
        dh_t = dh[:, t] + dh_next
        dc_t = dc_next + dh_t * h_by_c[:, t]  # both ways into c
        if dc is not None:
            dc_t += dc[:, t]  # and what the loss says of c itself
        da_i[:, t] *= dc_t
        da_f[:, t] *= dc_t
        da_g[:, t] *= dc_t
        da_o[:, t] *= dh_t
        d_read = (da[:, :, t] @ W_T).sum(axis=0)  # each gate's part, added: (B, H + D)
        dh_next, dx[:, t] = d_read[:, :H], d_read[:, H:]
        dc_next = dc_t * c_by_c[:, t]
        if mask is not None:  # a padded step only hands the gradient on
            dh_next += dh_t * ~mask[:, t, None]
    dW = packed(rows(read[:, :-1]).T @ rows(da))  # (H + D + 1, 4H)
    return dx, dh_next, dc_next, dW[H:-1], dW[:H], dW[-1]


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
    B, T, D = x.shape
    W_xh, W_hh, b_x, b_h = (by_gate(W, 3) for W in (W_xh, W_hh, b_x, b_h))
    r, z, n = gates = all_steps(x, W_xh, b_x)  # (3, B, T, H), the inputs' share
    states = room_for_states(h0, T, gates.dtype)
    h_prev, h = before_and_after(states)
    h_n = np.empty_like(h)
    for t in range(T):
        a_h = h_prev[:, t] @ W_hh + b_h[:, None]
        gates[:2, :, t] += a_h[:2]
        sigmoid(gates[:2, :, t], out=gates[:2, :, t])
        h_n[:, t] = a_h[2]
        n[:, t] = np.tanh(n[:, t] + r[:, t] * h_n[:, t])
        h[:, t] = n[:, t] + z[:, t] * (h_prev[:, t] - n[:, t])  # (1 - z) n + z h_prev
        if mask is not None:
            h[:, t] = np.where(mask[:, t, None], h[:, t], h_prev[:, t])
    return h, (x, states, gates, h_n, W_xh, W_hh, mask)


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
    x, states, gates, h_n, W_xh, W_hh, mask = cache
    h_prev, h = before_and_after(states)
    check_gradient(dh, h, chunk)
    B, T, H = h.shape
    r, z, n = gates
    # Before the loop derivatives of h within a step: by a_r, a_z and a_n, and by h_n,
    # which r multiplies. The loop multiplies them by what the loss and later steps say.
    da_h = np.empty_like(gates)
    da_r, da_z, da_hn = da_h
    da_n = (1 - z) * (1 - n**2)
    da_z[:] = (h_prev - n) * z * (1 - z)
    da_r[:] = da_n * h_n * r * (1 - r)
    da_hn[:] = da_n * r
    h_by_h = z  # the derivative of h by h_prev, past the gates
    if mask is not None:  # a padded step's h is a copy of h_prev
        real = mask[..., None]
        da_h *= real
        da_n *= real
        h_by_h = z * real + ~real
    dh_next = np.zeros_like(h[:, 0])
    W_hh_T = W_hh.swapaxes(1, 2).copy()  # transposed in memory too: faster in the loop
    for t in reversed(range(T)):
        if chunk is not None and (t + 1) % chunk == 0:  # nothing from the next chunk
            dh_next = np.zeros_like(dh_next)
        dh_t = dh[:, t] + dh_next
        da_h[:, :, t] *= dh_t
        da_n[:, t] *= dh_t
        dh_next = (da_h[:, :, t] @ W_hh_T).sum(axis=0) + dh_t * h_by_h[:, t]
    da_x = np.stack([da_r, da_z, da_n])  # r and z add x and h_prev: the same gradient
    dx = all_steps(da_x, W_xh.swapaxes(1, 2)).sum(axis=0)
    dW_xh, db_x = map(packed, sum_over_steps(da_x, x))
    dW_hh, db_h = map(packed, sum_over_steps(da_h, h_prev))
    return dx, dh_next, dW_xh, dW_hh, db_x, db_h


def check_sequence(x, h0, mask, check_weights, *weights):
    """Check a sequence, its initial state, its mask and a cell's weights, once a call."""
    sizes = {}
    check_shape("x", x, "B T D", sizes)
    if sizes["T"] == 0:
        raise ValueError(f"x: expected at least one step, got {x.shape}")
    check_shape("h0", h0, "B H", sizes)
    check_weights(*weights, sizes)
    check_mask(mask, sizes)


def check_gradient(dh, h, chunk):
    """Check what a backward pass receives."""
    check_shape("dh", dh, "B T H", dict(zip("BTH", h.shape, strict=True)))
    if chunk is not None and (chunk < 1 or chunk != int(chunk)):
        raise ValueError(f"chunk: expected None or a whole number from 1, got {chunk}")
