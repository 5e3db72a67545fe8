"""How a state depends on the one before it, and an output on everything that was read.

The Jacobian of one step is J[j, k] = d state_t[j] / d state_{t-1}[k]. Over many steps
the chain rule multiplies them: d state_T / d state_0 = J_T ... J_2 J_1. Whether that
product dies or explodes is the question of gradient flow.

All functions read the cache of a ``*_forward`` of ``rnnkit.sequence``. Padded steps of
a masked sequence have the identity as their Jacobian: they hand the state on.
"""

import numpy as np

from rnnkit.checks import check_shape


def rnn_jacobians(cache):
    """Jacobians of the vanilla RNN: diag(1 - h_t^2) W_hh^T.

    Arguments:
        cache: from ``rnn_forward``.

    Returns:
        d h_t / d h_{t-1} for every step, (B, T, H, H).

    Source: Pascanu, Mikolov and Bengio (2013), equation 5.
    """
    return over_steps(rnn_step_jacobian, cache)


def rnn_step_jacobian(step):
    """The same for one step, from the cache of ``rnn_step_forward``: (B, H, H)."""
    x, h_prev, h, W_xh, W_hh = step
    return (1 - h**2)[..., None] * W_hh.T


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
    return over_steps(gru_step_jacobian, cache)


def gru_step_jacobian(step):
    """The same for one step, from the cache of ``gru_step_forward``: (B, H, H)."""
    x, *activations, W_xh, W_hh = step
    h_prev, r, z, n, h_n = (each[..., None] for each in activations)  # (B, H, 1) each
    U_r, U_z, U_n = np.split(W_hh.T, 3)  # (H, H) each
    dr, dz = r * (1 - r) * U_r, z * (1 - z) * U_z
    dn = (1 - n**2) * (r * U_n + h_n * dr)
    return diagonal(z) + (h_prev - n) * dz + (1 - z) * dn


def lstm_jacobians(cache):
    """Jacobians of the LSTM, for the state (h, c) of 2H numbers.

    The block d c_t / d c_{t-1} is diag(f_t) and nothing else: the additive path.

    Arguments:
        cache: from ``lstm_forward``.

    Returns:
        (B, T, 2H, 2H) in blocks of H: rows h_t, c_t; columns h_{t-1}, c_{t-1}.
    """
    return over_steps(lstm_step_jacobian, cache)


def lstm_step_jacobian(step):
    """The same for one step, from the cache of ``lstm_step_forward``: (B, 2H, 2H)."""
    x, *activations, W_xh, W_hh = step
    h_prev, c_prev, i, f, o, g, c = (each[..., None] for each in activations)
    tanh_c = np.tanh(c)
    U_i, U_f, U_o, U_g = np.split(W_hh.T, 4)  # (H, H) each
    dc_dh = g * i * (1 - i) * U_i + c_prev * f * (1 - f) * U_f + i * (1 - g**2) * U_g
    dc_dc = diagonal(f)
    h_by_c = o * (1 - tanh_c**2)  # within one step
    dh_dh = h_by_c * dc_dh + tanh_c * o * (1 - o) * U_o
    dh_dc = h_by_c * dc_dc
    return np.block([[dh_dh, dh_dc], [dc_dh, dc_dc]])


def over_steps(step_jacobian, cache):
    """The Jacobian of every step, (B, T, S, S); a padded step's is the identity."""
    steps, real = cache
    jacobians = np.stack([step_jacobian(step) for step in steps], axis=1)
    identity = np.eye(jacobians.shape[-1], dtype=jacobians.dtype)
    return np.where(real.swapaxes(0, 1)[..., None], jacobians, identity)


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
    steps, _ = cache
    T, (B, H) = len(steps), steps[0][1].shape  # h_prev comes second in every cell's
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
