"""All steps of a sequence at once: how they lie in memory, and products over them.

Sequences are (B, T, D). In memory the steps come first, and gates have an axis of their
own before them: what one step reads or writes, ``h[:, t]`` or ``f[:, t]``, is one block
(the LSTM's h is a part of what it reads). ``empty_like`` and arithmetic keep the order.
"""

import numpy as np

# A large array, freed at once: from then on glibc keeps what is freed for the next
# call's arrays, instead of asking the system for thousands of new pages in every call.
# It learns the limit from the largest array that was freed, up to 32 MiB.
np.empty(30 << 20, np.uint8)


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
