"""How a state depends on the one before it, and an output on everything that was read.

The Jacobian of one step is J[j, k] = d state_t[j] / d state_{t-1}[k]. Over many steps
the chain rule multiplies them: d state_T / d state_0 = J_T ... J_2 J_1. Whether that
product dies or explodes is the question of gradient flow.

All functions read the cache of a ``*_forward`` of ``rnnkit.sequence``. Padded steps of
a masked sequence have the identity as their Jacobian.
"""

import numpy as np

from rnnkit.checks import check_shape
from rnnkit.steps import before_and_after


def rnn_jacobians(cache):
    """Jacobians of the vanilla RNN: diag(1 - h_t^2) W_hh^T.

    Arguments:
        cache: from ``rnn_forward``.

    Returns:
        d h_t / d h_{t-1} for every step, (B, T, H, H).

    Source: Pascanu, Mikolov and Bengio (2013), equation 5.
    """
    x, states, W_xh, W_hh, mask = cache
    _, h = before_and_after(states)
    return skip_padding((1 - h**2)[..., None] * W_hh.T, mask)


def gru_jacobians(cache):
    """Jacobians of the GRU.

    Three ways lead from h_prev to h = (1 - z) n + z h_prev: directly through z h_prev,
    through the gate z, and through the candidate n, which h_prev enters by itself and
    through the gate r.

    Arguments:
        cache: from ``gru_forward``.

    Returns:
        d h_t / d h_{t-1} for every step, (B, T, H, H).
    """
    x, states, gates, h_n, W_xh, W_hh, mask = cache
    r, z, n = gates[..., None]  # (B, T, H, 1) each
    h_prev, h_n = before_and_after(states)[0][..., None], h_n[..., None]
    U_r, U_z, U_n = W_hh.swapaxes(1, 2)  # (H, H) each, transposed
    dr, dz = r * (1 - r) * U_r, z * (1 - z) * U_z
    dn = (1 - n**2) * (r * U_n + h_n * dr)
    return skip_padding(diagonal(z) + (h_prev - n) * dz + (1 - z) * dn, mask)


def lstm_jacobians(cache):
    """Jacobians of the LSTM, for the state (h, c) of 2H numbers.

    The block d c_t / d c_{t-1} is diag(f_t) and nothing else: the additive path.

    Arguments:
        cache: from ``lstm_forward``.

    Returns:
        (B, T, 2H, 2H) in blocks of H: rows h_t, c_t; columns h_{t-1}, c_{t-1}.
    """
    read, cells, gates, W, mask = cache
    H = cells.shape[2]
    i, f, o, g = gates[..., None]  # (B, T, H, 1) each
    c_prev, c = (each[..., None] for each in before_and_after(cells))
    tanh_c = np.tanh(c)
    U_i, U_f, U_o, U_g = W[:, :H].swapaxes(1, 2)  # W_hh by gate, (H, H), transposed
    dc_dh = g * i * (1 - i) * U_i + c_prev * f * (1 - f) * U_f + i * (1 - g**2) * U_g
    dc_dc = diagonal(f)
    h_by_c = o * (1 - tanh_c**2)  # within one step
    dh_dh = h_by_c * dc_dh + tanh_c * o * (1 - o) * U_o
    dh_dc = h_by_c * dc_dc
    return skip_padding(np.block([[dh_dh, dh_dc], [dc_dh, dc_dc]]), mask)


def products(jacobians):
    """How every state depends on the initial one: d state_t / d state_0 = J_t ... J_1.

    Arguments:
        jacobians: (B, T, S, S).

    Returns:
        (B, T, S, S).

    Raises:
        ValueError: not square matrices.
    """
    check_shape("jacobians", jacobians, "B T S S", {})
    result = np.empty_like(jacobians)
    product = np.eye(jacobians.shape[-1])
    for t in range(jacobians.shape[1]):
        product = jacobians[:, t] @ product
        result[:, t] = product
    return result


def connectivity(backward, cache, direction, t):
    """How strongly one state depends on each input: the norm of its gradient.

    Arguments:
        backward: ``rnn_backward``, ``lstm_backward`` or ``gru_backward``.
        cache: of the forward pass that belongs to it.
        direction: (B, H); the number differentiated is the sum of direction * h_t. For
            a logit, the column of W_hy that makes it.
        t: step, counted from 0; negative counts from the end.

    Returns:
        the norm of d (direction . h_t) / d x_s for every s, (B, T); 0 for s > t.

    Raises:
        ValueError: direction has not a state's shape, or there is no such step.

    Source: Madsen (2019), Visualizing memorization in RNNs.
    """
    states = cache[1]  # or the LSTM's cells: (B, T + 1, H) in every cache
    B, T, H = states[:, 1:].shape
    check_shape("direction", direction, "B H", {"B": B, "H": H})
    if not -T <= t < T:
        raise ValueError(f"t: expected -{T} to {T - 1}, got {t}")
    dh = np.zeros((B, T, H))
    dh[:, t] = direction
    dx = backward(dh, cache)[0]
    return np.sqrt((dx**2).sum(axis=-1))


def diagonal(column):
    """Turn columns (..., H, 1) into diagonal matrices (..., H, H)."""
    return column * np.eye(column.shape[-2], dtype=column.dtype)


def skip_padding(jacobians, mask):
    """A padded step hands the state on: its Jacobian is the identity."""
    if mask is None:
        return jacobians
    identity = np.eye(jacobians.shape[-1], dtype=jacobians.dtype)
    return np.where(mask[..., None, None], jacobians, identity)
