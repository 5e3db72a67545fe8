"""The functions of ``rnnkit.sequence``, arranged for speed: same names, same results.

What does not depend on the order of the steps is done for all of them at once, outside
the loop: the inputs' share of every step and their gradients (the LSTM has them in its
loop, where a comment says why), the derivatives within each step, the products for the
parameters.

In memory the steps come first, and gates have an axis of their own before them: what
one step reads or writes, ``h[:, t]`` or ``f[:, t]``, is one block (the LSTM's h is a
part of what it reads). ``empty_like`` and arithmetic keep that order.

The states that a forward pass returns are views of its cache: copy them before you
change them, and leave x and the parameters as they are until the backward pass is done.
A cache belongs to the module that made it.
"""

import numpy as np

from rnnkit.cells import check_gru_weights, check_lstm_weights, check_rnn_weights
from rnnkit.checks import check_backward, check_sequence
from rnnkit.functional import sigmoid

# A large array, freed at once: from then on glibc keeps what is freed for the next
# call's arrays, instead of asking the system for thousands of new pages in every call.
# It learns the limit from the largest array that was freed, up to 32 MiB.
np.empty(30 << 20, np.uint8)


def rnn_forward(x, h0, W_xh, W_hh, b_h, mask=None):
    """The vanilla RNN over a whole sequence, see ``sequence.rnn_forward``."""
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
    """Its gradients, see ``sequence.rnn_backward``."""
    x, states, W_xh, W_hh, mask = cache
    h_prev, h = before_and_after(states)
    check_backward(chunk, h.shape, dh=dh)
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
    """The LSTM over a whole sequence, see ``sequence.lstm_forward``."""
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
    """Its gradients, see ``sequence.lstm_backward``."""
    read, cells, gates, W, mask = cache
    c_prev, c = before_and_after(cells)
    check_backward(chunk, c.shape, dh=dh, dc=dh if dc is None else dc)
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
    """The GRU over a whole sequence, see ``sequence.gru_forward``."""
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
    """Its gradients, see ``sequence.gru_backward``."""
    x, states, gates, h_n, W_xh, W_hh, mask = cache
    h_prev, h = before_and_after(states)
    check_backward(chunk, h.shape, dh=dh)
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


def sum_over_steps(da, *read):
    """Gradients of the shared parameters: each is a sum over all examples and steps.

    Arguments:
        da: gradient of each step's pre-activation, (B, T, H) or (gates, B, T, H).
        read: what each step multiplied by a matrix, x (B, T, D), h_prev (B, T, H).

    Returns:
        The gradient of each one's matrix, (D, H) or (H, H), and of the bias, (H,), with
        the axis of gates in front if da has it.
    """
    rows_a = rows(da)  # (T * B, H), all steps below each other
    dW = [rows(r).T @ rows_a for r in read]
    db = np.ones(rows_a.shape[-2], da.dtype) @ rows_a  # a bias is the weight of a 1
    return *dW, db


def all_steps(x, W, b=None):
    """x W + b for all steps in one matrix product: (B, T, D) -> (B, T, M).

    With an axis for gates, W (gates, D, M) and b (gates, M), it becomes the first axis
    of the result, (gates, B, T, M).
    """
    B, T = x.shape[-3:-1]
    y = rows(x) @ W
    if b is not None:
        y += b[..., None, :]
    return y.reshape(*y.shape[:-2], T, B, y.shape[-1]).swapaxes(-3, -2)


def rows(x):
    """All first steps, then all second ones: (..., B, T, M) -> (..., T * B, M)."""
    *lead, B, T, M = x.shape
    return x.swapaxes(-3, -2).reshape(*lead, T * B, M)


def by_gate(W, gates):
    """Packed parameters (D, gates * H) as one matrix for each gate: (gates, D, H)."""
    *lead, columns = W.shape
    W = W.reshape(*lead, gates, columns // gates)
    return np.moveaxis(W, -2, 0).copy()


def packed(W):
    """The matrices of the gates, (gates, D, H), side by side again: (D, gates * H)."""
    return np.concatenate(W, axis=-1)


def room_for_states(h0, T, dtype):
    """The initial state h0 (B, H) and room for T more: (B, T + 1, H)."""
    B, H = h0.shape
    states = np.empty((T + 1, B, H), dtype).swapaxes(0, 1)
    states[:, 0] = h0
    return states


def before_and_after(states):
    """What each step found and what it left: (B, T + 1, H) -> two views (B, T, H)."""
    return states[:, :-1], states[:, 1:]
