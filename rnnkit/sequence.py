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
from rnnkit.checks import check_backward, check_mask, check_sequence, check_shape


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


FORWARD = {"rnn": rnn_forward, "lstm": lstm_forward, "gru": gru_forward}
BACKWARD = {"rnn": rnn_backward, "lstm": lstm_backward, "gru": gru_backward}
# What a backward function returns behind dx: the gradients of these.
LAYER = {
    "rnn": ("h0", "W_xh", "W_hh", "b_h"),
    "lstm": ("h0", "c0", "W_xh", "W_hh", "b_h"),
    "gru": ("h0", "W_xh", "W_hh", "b_x", "b_h"),
}


def stack_forward(x, layers, cell="rnn", mask=None):
    """Layers of one cell on top of each other: each reads the states of the one below.

    Arguments:
        x: inputs of the lowest layer, (B, T, D).
        layers: from the lowest to the top, for each a dict of what its cell's forward
            function takes besides x and mask: h0 (and c0) and the parameters.
        cell: "rnn", "lstm" or "gru".
        mask: (B, T) of bool or None, the same for all layers.

    Returns:
        h, the states of the top layer, (B, T, H), and the cache for ``stack_backward``.

    Raises:
        ValueError: an unknown cell, no layer, or a shape or a name does not fit.

    Source: Graves (2013), section 2, without its skip connections.
    """
    check_layers(cell, layers)
    h, caches = x, []
    for layer in layers:
        h, *_, cache = FORWARD[cell](h, **layer, mask=mask)
        caches.append(cache)
    return h, (cell, caches)


def stack_backward(dh, cache):
    """Back-propagation through time and layers, from the top to the lowest.

    Arguments:
        dh: gradient of the loss with respect to the states of the top layer, (B, T, H),
            without what flows between steps.
        cache: from ``stack_forward``.

    Returns:
        dx (B, T, D), and dlayers, the gradients of what is in ``layers``: for each
        layer a dict with the same names.

    Raises:
        ValueError: dh has not the states' shape.
    """
    cell, caches = cache
    dlayers = []
    for layer_cache in reversed(caches):
        # What a layer's inputs receive is what the states of the layer below receive.
        dh, *gradients = BACKWARD[cell](dh, layer_cache)
        dlayers.append(dict(zip(LAYER[cell], gradients, strict=True)))
    return dh, dlayers[::-1]


def reverse(x, mask=None):
    """Each sequence backwards, its padding left where it is: x (B, T, ...) -> the same.

    mask: (B, T) of bool or None; the padding, where it is False, stands at the end. A
    padded sequence read backwards has to start at its last *real* step. Twice is the
    identity, and so the gradient of ``reverse`` is ``reverse``.

    Raises:
        ValueError: the mask does not fit, or has padding before a real step.
    """
    if mask is None:
        return x[:, ::-1]
    check_mask(mask, dict(zip("BT", x.shape, strict=False)))
    t, length = np.arange(mask.shape[1]), mask.sum(axis=1, keepdims=True)
    if not (mask == (t < length)).all():
        raise ValueError("mask: expected no padding before a real step, got some")
    places = np.where(mask, length - 1 - t, t)  # (B, T), where each step comes from
    return x[np.arange(len(x))[:, None], places]


def bidirectional_forward(x, forward_layer, backward_layer, cell="rnn", mask=None):
    """Two layers over the same sequence, one of which reads it from the end.

    Arguments:
        x: inputs, (B, T, D).
        forward_layer, backward_layer: a dict each, as one of ``stack_forward``'s.
        cell: "rnn", "lstm" or "gru".
        mask: (B, T) of bool or None, padding at the end, see ``reverse``.

    Returns:
        h, (B, T, 2H): at every step the state of the one that has read up to here from
        the left, then of the one that has read up to here from the right; and the
        cache for ``bidirectional_backward``.

    Raises:
        ValueError: an unknown cell, or a shape, a name or the mask does not fit.

    Source: Schuster and Paliwal (1997).
    """
    check_layers(cell, [forward_layer, backward_layer])
    x_back = reverse(x, mask)
    h_left, *_, cache_left = FORWARD[cell](x, **forward_layer, mask=mask)
    h_right, *_, cache_right = FORWARD[cell](x_back, **backward_layer, mask=mask)
    h = np.concatenate([h_left, reverse(h_right, mask)], axis=-1)
    return h, (cell, mask, cache_left, cache_right)


def bidirectional_backward(dh, cache):
    """Back-propagation through both directions.

    Arguments:
        dh: gradient of the loss with respect to h, (B, T, 2H), without what flows
            between steps.
        cache: from ``bidirectional_forward``.

    Returns:
        dx (B, T, D), and the gradients of both layers, a dict each with the names of
        ``forward_layer`` and ``backward_layer``.

    Raises:
        ValueError: dh has not the states' shape.
    """
    cell, mask, cache_left, cache_right = cache
    B, T, H = states_of(cache_left[0])
    _, _, H_right = states_of(cache_right[0])
    check_shape("dh", dh, "B T 2H", {"B": B, "T": T, "2H": H + H_right})
    dx_left, *left = BACKWARD[cell](dh[..., :H], cache_left)
    dx_right, *right = BACKWARD[cell](reverse(dh[..., H:], mask), cache_right)
    dlayers = [dict(zip(LAYER[cell], d, strict=True)) for d in (left, right)]
    return dx_left + reverse(dx_right, mask), *dlayers


def check_layers(cell, layers):
    """Check the cell's name, and that every layer has what the cell takes."""
    if cell not in LAYER:
        raise ValueError(f"cell: expected one of {tuple(LAYER)}, got {cell!r}")
    if not layers:
        raise ValueError("layers: expected at least one, got none")
    for layer in layers:
        if set(layer) != set(LAYER[cell]):
            raise ValueError(
                f"layers: expected dicts of {LAYER[cell]}, got {tuple(layer)}"
            )
