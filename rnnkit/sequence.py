"""The cells over time: whole sequences forward, and back-propagation through time.

Sequences are (B, T, D). All steps use the same parameters, so a parameter's gradient
is the sum of what each step contributes.
"""

import numpy as np

from rnnkit.cells import check_gru_weights, check_lstm_weights, check_rnn_weights
from rnnkit.checks import check_mask, check_shape
from rnnkit.functional import sigmoid


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
    a = x @ W_xh + b_h  # (B, T, H), the inputs' share of every step in one product
    h = np.empty_like(a)
    h_prev = h0
    for t in range(T):
        h[:, t] = np.tanh(a[:, t] + h_prev @ W_hh)
        if mask is not None:
            h[:, t] = np.where(mask[:, t, None], h[:, t], h_prev)
        h_prev = h[:, t]
    return h, (x, h0, h, W_xh, W_hh, mask)


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
    x, h0, h, W_xh, W_hh, mask = cache
    check_gradient(dh, h, chunk)
    B, T, H = h.shape
    da = np.empty_like(h)  # the gradient of every step's pre-activation
    dh_next = np.zeros_like(h0)  # what flows back from the later steps
    for t in reversed(range(T)):
        dh_t = dh[:, t] + dh_next
        da[:, t] = dh_t * (1 - h[:, t] ** 2)
        if mask is not None:
            da[:, t] *= mask[:, t, None]
        dh_next = da[:, t] @ W_hh.T
        if mask is not None:  # a padded step only hands the gradient on
            dh_next += dh_t * ~mask[:, t, None]
        if chunk is not None and t % chunk == 0 and t > 0:
            dh_next = np.zeros_like(dh_next)
    h_prev = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    dx = da @ W_xh.T
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
    H = h0.shape[1]
    gates = x @ W_xh + b_h  # (B, T, 4H), the inputs' share of every step in one product
    h, c, tanh_c = (np.empty((B, T, H), gates.dtype) for _ in range(3))
    h_prev, c_prev = h0, c0
    for t in range(T):
        a = gates[:, t]
        a += h_prev @ W_hh
        sigmoid(a[:, : 3 * H], out=a[:, : 3 * H])
        np.tanh(a[:, 3 * H :], out=a[:, 3 * H :])
        i, f, o, g = np.split(a, 4, axis=1)
        c[:, t] = f * c_prev + i * g
        tanh_c[:, t] = np.tanh(c[:, t])
        h[:, t] = o * tanh_c[:, t]
        if mask is not None:
            h[:, t] = np.where(mask[:, t, None], h[:, t], h_prev)
            c[:, t] = np.where(mask[:, t, None], c[:, t], c_prev)
        h_prev, c_prev = h[:, t], c[:, t]
    return h, c, (x, h0, c0, gates, h, c, tanh_c, W_xh, W_hh, mask)


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
    x, h0, c0, gates, h, c, tanh_c, W_xh, W_hh, mask = cache
    check_gradient(dh, h, chunk)
    if dc is not None:
        check_shape("dc", dc, "B T H", dict(zip("BTH", h.shape, strict=True)))
    B, T, H = h.shape
    da = np.empty_like(gates)  # the gradient of every step's pre-activations
    dh_next, dc_next = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(T)):
        i, f, o, g = np.split(gates[:, t], 4, axis=1)
        c_prev = c[:, t - 1] if t > 0 else c0
        dh_t = dh[:, t] + dh_next
        dc_t = dc_next if dc is None else dc_next + dc[:, t]
        dc_all = dc_t + dh_t * o * (1 - tanh_c[:, t] ** 2)  # both ways into c
        da_i, da_f, da_o, da_g = np.split(da[:, t], 4, axis=1)
        da_i[:] = dc_all * g * i * (1 - i)
        da_f[:] = dc_all * c_prev * f * (1 - f)
        da_o[:] = dh_t * tanh_c[:, t] * o * (1 - o)
        da_g[:] = dc_all * i * (1 - g**2)
        dc_next = dc_all * f
        if mask is not None:
            da[:, t] *= mask[:, t, None]
        dh_next = da[:, t] @ W_hh.T
        if mask is not None:  # a padded step only hands the gradients on
            dh_next += dh_t * ~mask[:, t, None]
            dc_next = np.where(mask[:, t, None], dc_next, dc_t)
        if chunk is not None and t % chunk == 0 and t > 0:
            dh_next, dc_next = np.zeros_like(dh_next), np.zeros_like(dc_next)
    h_prev = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    dx = da @ W_xh.T
    return dx, dh_next, dc_next, *sum_over_steps(x, h_prev, da)


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
    H = h0.shape[1]
    gates = x @ W_xh + b_x  # (B, T, 3H), the inputs' share of every step in one product
    h, h_n = (np.empty((B, T, H), gates.dtype) for _ in range(2))
    h_prev = h0
    for t in range(T):
        a, a_h = gates[:, t], h_prev @ W_hh + b_h
        h_n[:, t] = a_h[:, 2 * H :]
        rz, n = a[:, : 2 * H], a[:, 2 * H :]
        rz += a_h[:, : 2 * H]
        sigmoid(rz, out=rz)
        r, z = rz[:, :H], rz[:, H:]
        n += r * h_n[:, t]
        np.tanh(n, out=n)
        h[:, t] = n + z * (h_prev - n)
        if mask is not None:
            h[:, t] = np.where(mask[:, t, None], h[:, t], h_prev)
        h_prev = h[:, t]
    return h, (x, h0, gates, h_n, h, W_xh, W_hh, mask)


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
    x, h0, gates, h_n, h, W_xh, W_hh, mask = cache
    check_gradient(dh, h, chunk)
    B, T, H = h.shape
    da_x = np.empty_like(gates)  # gradients of both products at every step
    da_h = np.empty_like(gates)
    dh_next = np.zeros_like(h0)
    for t in reversed(range(T)):
        r, z, n = np.split(gates[:, t], 3, axis=1)
        h_prev = h[:, t - 1] if t > 0 else h0
        dh_t = dh[:, t] + dh_next
        da_r, da_z, da_n = np.split(da_x[:, t], 3, axis=1)
        da_n[:] = dh_t * (1 - z) * (1 - n**2)
        da_z[:] = dh_t * (h_prev - n) * z * (1 - z)
        da_r[:] = da_n * h_n[:, t] * r * (1 - r)
        dh_next = dh_t * z
        if mask is not None:
            da_x[:, t] *= mask[:, t, None]
            dh_next = np.where(mask[:, t, None], dh_next, dh_t)
        da_h[:, t] = da_x[:, t]
        da_h[:, t, 2 * H :] *= r  # r stands before h_n
        dh_next += da_h[:, t] @ W_hh.T
        if chunk is not None and t % chunk == 0 and t > 0:
            dh_next = np.zeros_like(dh_next)
    h_prev = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    dx = da_x @ W_xh.T
    dW_xh, _, db_x = sum_over_steps(x, h_prev, da_x)
    _, dW_hh, db_h = sum_over_steps(x, h_prev, da_h)
    return dx, dh_next, dW_xh, dW_hh, db_x, db_h


def sum_over_steps(x, h_prev, da):
    """Gradients of the shared parameters: each is a sum over all examples and steps.

    Arguments:
        x (B, T, D), h_prev (B, T, H): what each step read.
        da (B, T, M): gradient of each step's pre-activation; M is H, or 4H for the
            packed gates of an LSTM.

    Returns:
        dW_xh (D, M), dW_hh (H, M), db (M,).
    """
    rows_x, rows_h, rows_a = (z.reshape(-1, z.shape[-1]) for z in (x, h_prev, da))
    return rows_x.T @ rows_a, rows_h.T @ rows_a, rows_a.sum(axis=0)


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
