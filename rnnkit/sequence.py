"""The cells over time: whole sequences forward, and back-propagation through time.

Sequences are (B, T, D). All steps use the same parameters, so a parameter's gradient
is the sum of what each step contributes.

In memory the steps come first, and gates have an axis of their own before them: what
one step reads or writes, ``h[:, t]`` or ``f[:, t]``, is one block. Whatever does not
depend on the order of the steps is done in one matrix product, outside the loop.
"""

import numpy as np

from rnnkit.cells import check_gru_weights, check_lstm_weights, check_rnn_weights
from rnnkit.checks import check_mask, check_shape
from rnnkit.functional import sigmoid

# A large array, freed at once: from then on glibc keeps what is freed for the next call's
# arrays, instead of asking the system for thousands of new pages in every call.
np.empty(30 << 20, np.uint8)


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
        h[:, t] = np.tanh(a[:, t] + h_prev[:, t] @ W_hh)
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
            back-propagation: the sequence is cut into chunks of that many steps, and no
            gradient flows from one chunk into the one before it. The forward pass is not
            cut: each chunk started from the state that the one before it left behind.

    Returns:
        dx (B, T, D), dh0 (B, H), dW_xh (D, H), dW_hh (H, H), db_h (H,).

    Raises:
        ValueError: dh has not the states' shape, or chunk is below 1.

    Source: Werbos (1990); truncation in chunks: Williams and Peng (1990).
    """
    x, states, W_xh, W_hh, mask = cache
    h_prev, h = before_and_after(states)
    check_gradient(dh, h, chunk)
    B, T, H = h.shape
    da = np.empty_like(h)  # the gradient of every step's pre-activation
    dh_next = np.zeros_like(h[:, 0])  # what flows back from the later steps
    W_hh_T = W_hh.T.copy()  # transposed in memory too: the loop's product is faster
    for t in reversed(range(T)):
        dh_t = dh[:, t] + dh_next
        da[:, t] = dh_t * (1 - h[:, t] ** 2)
        if mask is not None:
            da[:, t] *= mask[:, t, None]
        dh_next = da[:, t] @ W_hh_T
        if mask is not None:  # a padded step only hands the gradient on
            dh_next += dh_t * ~mask[:, t, None]
        if chunk is not None and t % chunk == 0 and t > 0:
            dh_next = np.zeros_like(dh_next)
    dx = all_steps(da, W_xh.T)
    dW_xh, dW_hh, db_h = sum_over_steps(x, h_prev, da)
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
    W_xh, W_hh, b_h = (by_gate(W, 4) for W in (W_xh, W_hh, b_h))
    i, f, o, g = gates = all_steps(x, W_xh, b_h)  # (4, B, T, H), the inputs' share
    states, cells = (room_for_states(s, T, gates.dtype) for s in (h0, c0))
    (h_prev, h), (c_prev, c) = before_and_after(states), before_and_after(cells)
    for t in range(T):
        gates[:, :, t] += h_prev[:, t] @ W_hh
        sigmoid(gates[:3, :, t], out=gates[:3, :, t])
        np.tanh(g[:, t], out=g[:, t])
        c[:, t] = f[:, t] * c_prev[:, t] + i[:, t] * g[:, t]
        h[:, t] = o[:, t] * np.tanh(c[:, t])
        if mask is not None:
            h[:, t] = np.where(mask[:, t, None], h[:, t], h_prev[:, t])
            c[:, t] = np.where(mask[:, t, None], c[:, t], c_prev[:, t])
    return h, c, (x, states, cells, gates, W_xh, W_hh, mask)


def lstm_backward(dh, cache, dc=None, chunk=None):
    """Back-propagation through time for the LSTM.

    Arguments:
        dh: gradient of the loss with respect to every h, (B, T, H), without what flows
            back from later steps.
        cache: from ``lstm_forward``.
        dc: the same for every c, (B, T, H), or None where the loss reads only h.
        chunk: None for the full gradient, or the steps of a chunk, as in ``rnn_backward``.

    Returns:
        dx (B, T, D), dh0 (B, H), dc0 (B, H), dW_xh (D, 4H), dW_hh (H, 4H), db_h (4H,).

    Raises:
        ValueError: a gradient has not the states' shape, or chunk is below 1.
    """
    x, states, cells, gates, W_xh, W_hh, mask = cache
    (h_prev, h), (c_prev, c) = before_and_after(states), before_and_after(cells)
    check_gradient(dh, h, chunk)
    if dc is not None:
        check_shape("dc", dc, "B T H", dict(zip("BTH", h.shape, strict=True)))
    B, T, H = h.shape
    i, f, o, g = gates
    da = np.empty_like(gates)  # the gradient of every step's pre-activations
    da_i, da_f, da_o, da_g = da
    dh_next, dc_next = np.zeros_like(h[:, 0]), np.zeros_like(c[:, 0])
    W_hh_T = W_hh.swapaxes(1, 2).copy()  # in memory too: the loop's product is faster
    for t in reversed(range(T)):
        tanh_c = np.tanh(c[:, t])
        dh_t = dh[:, t] + dh_next
        dc_t = dc_next if dc is None else dc_next + dc[:, t]
        dc_all = dc_t + dh_t * o[:, t] * (1 - tanh_c**2)  # both ways into c
        ifo = gates[:3, :, t]
        da[:3, :, t] = ifo * (1 - ifo)  # the sigmoids' slopes, times di, df and do:
        da_i[:, t] *= dc_all * g[:, t]
        da_f[:, t] *= dc_all * c_prev[:, t]
        da_o[:, t] *= dh_t * tanh_c
        da_g[:, t] = (1 - g[:, t] ** 2) * (dc_all * i[:, t])
        dc_next = dc_all * f[:, t]
        if mask is not None:
            da[:, :, t] *= mask[:, t, None]
        dh_next = (da[:, :, t] @ W_hh_T).sum(axis=0)
        if mask is not None:  # a padded step only hands the gradients on
            dh_next += dh_t * ~mask[:, t, None]
            dc_next = np.where(mask[:, t, None], dc_next, dc_t)
        if chunk is not None and t % chunk == 0 and t > 0:
            dh_next, dc_next = np.zeros_like(dh_next), np.zeros_like(dc_next)
    dx = all_steps(da, W_xh.swapaxes(1, 2)).sum(axis=0)
    dW_xh, dW_hh, db_h = map(packed, sum_over_steps(x, h_prev, da))
    return dx, dh_next, dc_next, dW_xh, dW_hh, db_h


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
        h[:, t] = n[:, t] + z[:, t] * (h_prev[:, t] - n[:, t])
        if mask is not None:
            h[:, t] = np.where(mask[:, t, None], h[:, t], h_prev[:, t])
    return h, (x, states, gates, h_n, W_xh, W_hh, mask)


def gru_backward(dh, cache, chunk=None):
    """Back-propagation through time for the GRU.

    Arguments:
        dh: gradient of the loss with respect to every h, (B, T, H), without what flows
            back from later steps.
        cache: from ``gru_forward``.
        chunk: None for the full gradient, or the steps of a chunk, as in ``rnn_backward``.

    Returns:
        dx (B, T, D), dh0 (B, H), dW_xh (D, 3H), dW_hh (H, 3H), db_x (3H,), db_h (3H,).

    Raises:
        ValueError: dh has not the states' shape, or chunk is below 1.
    """
    x, states, gates, h_n, W_xh, W_hh, mask = cache
    h_prev, h = before_and_after(states)
    check_gradient(dh, h, chunk)
    B, T, H = h.shape
    r, z, n = gates
    da_r, da_z, da_n = da_x = np.empty_like(gates)  # gradients of both products
    da_h = np.empty_like(gates)
    dh_next = np.zeros_like(h[:, 0])
    W_hh_T = W_hh.swapaxes(1, 2).copy()  # in memory too: the loop's product is faster
    for t in reversed(range(T)):
        dh_t = dh[:, t] + dh_next
        da_n[:, t] = dh_t * (1 - z[:, t]) * (1 - n[:, t] ** 2)
        da_z[:, t] = dh_t * (h_prev[:, t] - n[:, t]) * z[:, t] * (1 - z[:, t])
        da_r[:, t] = da_n[:, t] * h_n[:, t] * r[:, t] * (1 - r[:, t])
        dh_next = dh_t * z[:, t]
        if mask is not None:
            da_x[:, :, t] *= mask[:, t, None]
            dh_next = np.where(mask[:, t, None], dh_next, dh_t)
        da_h[:2, :, t] = da_x[:2, :, t]
        da_h[2, :, t] = da_n[:, t] * r[:, t]  # r stands before h_n
        dh_next += (da_h[:, :, t] @ W_hh_T).sum(axis=0)
        if chunk is not None and t % chunk == 0 and t > 0:
            dh_next = np.zeros_like(dh_next)
    dx = all_steps(da_x, W_xh.swapaxes(1, 2)).sum(axis=0)
    dW_xh, db_x = map(packed, (rows(x).T @ rows(da_x), da_x.sum(axis=(1, 2))))
    dW_hh, db_h = map(packed, (rows(h_prev).T @ rows(da_h), da_h.sum(axis=(1, 2))))
    return dx, dh_next, dW_xh, dW_hh, db_x, db_h


def sum_over_steps(x, h_prev, da):
    """Gradients of the shared parameters: each is a sum over all examples and steps.

    Arguments:
        x (B, T, D), h_prev (B, T, H): what each step read.
        da (B, T, H): gradient of each step's pre-activation, or (gates, B, T, H).

    Returns:
        dW_xh (D, H), dW_hh (H, H), db (H,), each with the axis of gates if da has it.
    """
    rows_x, rows_h, rows_a = rows(x), rows(h_prev), rows(da)  # (T * B, D or H)
    return rows_x.T @ rows_a, rows_h.T @ rows_a, rows_a.sum(axis=-2)


def all_steps(x, W, b=None):
    """x W + b for all steps in one matrix product: (B, T, D) -> (B, T, M).

    With an axis for gates, W (gates, D, M) and b (gates, M), it becomes the first axis of
    the result, (gates, B, T, M).
    """
    T = x.shape[-2]
    y = rows(x) @ W
    if b is not None:
        y += b[..., None, :]
    return y.reshape(*y.shape[:-2], T, -1, y.shape[-1]).swapaxes(-3, -2)


def rows(x):
    """All examples' first step, then all second ones: (..., B, T, M) -> (..., T * B, M)."""
    return x.swapaxes(-3, -2).reshape(*x.shape[:-3], -1, x.shape[-1])


def by_gate(W, gates):
    """Packed parameters (D, gates * H) as one matrix for each gate: (gates, D, H)."""
    return np.stack(np.split(W, gates, axis=-1))


def packed(W):
    """The matrices of the gates, (gates, D, H), side by side again: (D, gates * H)."""
    return np.concatenate(W, axis=-1)


def room_for_states(h0, T, dtype):
    """The initial state h0 (B, H) and room for T more, (B, T + 1, H), the steps first."""
    B, H = h0.shape
    states = np.empty((T + 1, B, H), dtype).swapaxes(0, 1)
    states[:, 0] = h0
    return states


def before_and_after(states):
    """What each step found and what it left: two views of (B, T + 1, H), (B, T, H) each."""
    return states[:, :-1], states[:, 1:]


def chunks(size, *sequences):
    """Cut sequences (B, T, ...) into pieces of ``size`` steps; the last may be shorter.

    Yields a tuple with the piece of each sequence, or the piece itself if one was given.

    Raises:
        ValueError: size is below 1, or the sequences differ in B or T.
    """
    if size < 1:
        raise ValueError(f"size: expected 1 or more, got {size}")
    B_T = sequences[0].shape[:2]
    for sequence in sequences[1:]:
        if sequence.shape[:2] != B_T:
            raise ValueError(
                f"sequences: expected (B, T) = {B_T} for all, got {sequence.shape[:2]}"
            )
    for start in range(0, B_T[1], size):
        pieces = tuple(sequence[:, start : start + size] for sequence in sequences)
        yield pieces if len(pieces) > 1 else pieces[0]


def check_sequence(x, h0, mask, check_weights, *weights):
    """Check a sequence, its initial state, its mask and a cell's weights, once per call."""
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
    if chunk is not None and chunk < 1:
        raise ValueError(f"chunk: expected None or 1 or more, got {chunk}")
