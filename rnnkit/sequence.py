"""The cells over time: whole sequences forward, and back-propagation through time.

Sequences are (B, T, D). All steps use the same parameters, so a parameter's gradient
is the sum of what each step contributes.
"""

import numpy as np

from rnnkit.cells import check_rnn_weights
from rnnkit.checks import check_mask, check_shape


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
