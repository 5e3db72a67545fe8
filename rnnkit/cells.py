"""One step of each recurrent cell, forward and backward.

Every cell is a pair of pure functions. ``*_step_forward`` reads one input and the
previous state and returns the next state with a ``cache``; ``*_step_backward`` takes
the gradient of the loss with respect to the next state and returns the gradient with
respect to everything that went in. Nothing is stored between calls.

Rows are examples: x (B, D), h (B, H). ``W_ab`` maps a to b and has shape (A, B).
"""

import numpy as np

from rnnkit.checks import check_shape
from rnnkit.functional import sigmoid


def rnn_step_forward(x, h_prev, W_xh, W_hh, b_h):
    """One step of the vanilla RNN: h = tanh(x W_xh + h_prev W_hh + b_h).

    Arguments:
        x: input, (B, D).
        h_prev: previous state, (B, H).
        W_xh: input to state, (D, H).
        W_hh: state to state, (H, H).
        b_h: bias, (H,).

    Returns:
        h, the next state, (B, H), and the cache for ``rnn_step_backward``.

    Raises:
        ValueError: a shape does not fit.

    Source: Elman (1990), Finding structure in time.
    """
    check_rnn_weights(W_xh, W_hh, b_h, check_step(x, h_prev))
    h = np.tanh(x @ W_xh + h_prev @ W_hh + b_h)
    return h, (x, h_prev, h, W_xh, W_hh)


def rnn_step_backward(dh, cache):
    """Gradients of one step of the vanilla RNN.

    Arguments:
        dh: gradient of the loss with respect to the step's h, (B, H).
        cache: from ``rnn_step_forward``.

    Returns:
        dx (B, D), dh_prev (B, H), dW_xh (D, H), dW_hh (H, H), db_h (H,).
    """
    x, h_prev, h, W_xh, W_hh = cache
    da = dh * (1 - h**2)  # through tanh, to its argument a
    dx = da @ W_xh.T
    dh_prev = da @ W_hh.T
    dW_xh = x.T @ da
    dW_hh = h_prev.T @ da
    db_h = da.sum(axis=0)
    return dx, dh_prev, dW_xh, dW_hh, db_h


def check_step(x, h_prev):
    """Check the shapes of one step's input and state; returns the sizes B, D, H."""
    sizes = {}
    check_shape("x", x, "B D", sizes)
    check_shape("h_prev", h_prev, "B H", sizes)
    return sizes


def check_rnn_weights(W_xh, W_hh, b_h, sizes):
    """Check the parameters of a vanilla RNN against the sizes D and H."""
    check_shape("W_xh", W_xh, "D H", sizes)
    check_shape("W_hh", W_hh, "H H", sizes)
    check_shape("b_h", b_h, "H", sizes)


def lstm_step_forward(x, h_prev, c_prev, W_xh, W_hh, b_h):
    """One step of the LSTM, the gates packed i, f, o, g in one matrix product.

    i, f, o = sigmoid and g = tanh of the four parts of x W_xh + h_prev W_hh + b_h;
    c = f * c_prev + i * g;  h = o * tanh(c).

    Arguments:
        x: input, (B, D).
        h_prev, c_prev: previous state and cell, (B, H) each.
        W_xh, W_hh, b_h: parameters, (D, 4H), (H, 4H), (4H,).

    Returns:
        h and c, (B, H) each, and the cache for ``lstm_step_backward``.

    Raises:
        ValueError: a shape does not fit.

    Source: Hochreiter and Schmidhuber (1997); forget gate: Gers et al. (2000).
    """
    check_lstm_weights(c_prev, W_xh, W_hh, b_h, check_step(x, h_prev), "c_prev")
    a = x @ W_xh + h_prev @ W_hh + b_h  # (B, 4H)
    a_i, a_f, a_o, a_g = np.split(a, 4, axis=1)  # (B, H) each
    i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c, (x, h_prev, c_prev, i, f, o, g, c, W_xh, W_hh)


def lstm_step_backward(dh, dc, cache):
    """Gradients of one step of the LSTM.

    Arguments:
        dh, dc: gradients of the loss with respect to the step's h and c, (B, H) each;
            dc is what arrives at c by other ways than through this h.
        cache: from ``lstm_step_forward``.

    Returns:
        dx (B, D), dh_prev (B, H), dc_prev (B, H),
        dW_xh (D, 4H), dW_hh (H, 4H), db_h (4H,).
    """
    x, h_prev, c_prev, i, f, o, g, c, W_xh, W_hh = cache
    tanh_c = np.tanh(c)
    do = dh * tanh_c
    dc = dc + dh * o * (1 - tanh_c**2)  # both ways into c
    di, df, dg = dc * g, dc * c_prev, dc * i
    dc_prev = dc * f
    da = np.concatenate(  # through the gates' functions, (B, 4H)
        [di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)], axis=1
    )
    dx = da @ W_xh.T
    dh_prev = da @ W_hh.T
    return dx, dh_prev, dc_prev, x.T @ da, h_prev.T @ da, da.sum(axis=0)


def gru_step_forward(x, h_prev, W_xh, W_hh, b_x, b_h):
    """One step of the GRU, the gates packed r, z, n.

    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z);  n = tanh(x_n + r * h_n);
    h = (1 - z) * n + z * h_prev, with x_* the parts of x W_xh + b_x and h_* those of
    h_prev W_hh + b_h. z = 0 overwrites the state.

    Arguments:
        x: input, (B, D).
        h_prev: previous state, (B, H).
        W_xh, W_hh: parameters, (D, 3H), (H, 3H).
        b_x, b_h: biases of the two products, (3H,) each: r stands between them.

    Returns:
        h, the next state, (B, H), and the cache for ``gru_step_backward``.

    Raises:
        ValueError: a shape does not fit.

    Source: Cho et al. (2014), with r applied after the product as in cuDNN and PyTorch.
    """
    check_gru_weights(W_xh, W_hh, b_x, b_h, check_step(x, h_prev))
    x_r, x_z, x_n = np.split(x @ W_xh + b_x, 3, axis=1)  # (B, H) each
    h_r, h_z, h_n = np.split(h_prev @ W_hh + b_h, 3, axis=1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    h = (1 - z) * n + z * h_prev
    return h, (x, h_prev, r, z, n, h_n, W_xh, W_hh)


def gru_step_backward(dh, cache):
    """Gradients of one step of the GRU.

    Arguments:
        dh: gradient of the loss with respect to the step's h, (B, H).
        cache: from ``gru_step_forward``.

    Returns:
        dx (B, D), dh_prev (B, H), dW_xh (D, 3H), dW_hh (H, 3H), db_x (3H,), db_h (3H,).
    """
    x, h_prev, r, z, n, h_n, W_xh, W_hh = cache
    dn, dz = dh * (1 - z), dh * (h_prev - n)
    da_n = dn * (1 - n**2)
    dr = da_n * h_n
    da_r, da_z = dr * r * (1 - r), dz * z * (1 - z)
    da_x = np.concatenate([da_r, da_z, da_n], axis=1)  # (B, 3H)
    da_h = np.concatenate([da_r, da_z, da_n * r], axis=1)  # r stands before h_n
    dx = da_x @ W_xh.T
    dh_prev = da_h @ W_hh.T + dh * z
    return dx, dh_prev, x.T @ da_x, h_prev.T @ da_h, da_x.sum(axis=0), da_h.sum(axis=0)


def check_lstm_weights(c, W_xh, W_hh, b_h, sizes, name="c0"):
    """Check an LSTM's incoming cell, under the name it came by, and its parameters."""
    check_shape(name, c, "B H", sizes)
    check_gate_weights(4, W_xh, W_hh, sizes, b_h=b_h)


def check_gru_weights(W_xh, W_hh, b_x, b_h, sizes):
    """Check the parameters of a GRU against the sizes D and H."""
    check_gate_weights(3, W_xh, W_hh, sizes, b_x=b_x, b_h=b_h)


def check_gate_weights(gates, W_xh, W_hh, sizes, **biases):
    """Check packed parameters: ``gates`` blocks of H columns each."""
    D, H = sizes["D"], sizes["H"]
    expected = {"W_xh": (D, gates * H), "W_hh": (H, gates * H)}
    expected |= {name: (gates * H,) for name in biases}
    symbols = {"W_xh": f"(D, {gates}H)", "W_hh": f"(H, {gates}H)"}
    for name, array in {"W_xh": W_xh, "W_hh": W_hh, **biases}.items():
        came = np.shape(array)
        if came != expected[name]:
            symbol = symbols.get(name, f"({gates}H,)")
            raise ValueError(
                f"{name}: expected {symbol} = {expected[name]}, got {came}"
            )
