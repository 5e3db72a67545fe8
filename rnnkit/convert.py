"""Weights to and from the layouts of ``torch.nn`` and of Keras.

Torch keeps its matrices as (gates * H, D) for a product from the left, packs the LSTM as
i, f, g, o and the GRU as r, z, n, and has two biases for every cell. Nothing here imports
torch: a module's ``state_dict()`` goes in and comes out as a dict of arrays.

Keras keeps its matrices as we do, (D, gates * H), packs the LSTM as i, f, c, o, where c is
our g, and the GRU as z, r, h, where h is our n, and has a second bias for the GRU alone.
Nothing here imports Keras: a layer's ``get_weights()`` goes in and comes out as a list of
arrays.
"""

import numpy as np

from rnnkit.checks import check_shape

# Our block k is torch's block ORDER[cell][k], and Keras' block KERAS_ORDER[cell][k]. Each
# order at most exchanges two blocks, so it is its own inverse.
ORDER = {"rnn": [0], "gru": [0, 1, 2], "lstm": [0, 1, 3, 2]}
KERAS_ORDER = {"rnn": [0], "gru": [1, 0, 2], "lstm": [0, 1, 3, 2]}


def from_torch(cell, state_dict, layer=0):
    """Turn one layer of ``torch.nn.RNN``, ``GRU`` or ``LSTM`` into this package's parameters.

    Arguments:
        cell: "rnn", "gru" or "lstm".
        state_dict: the module's, or any dict from its names to arrays.
        layer: which layer.

    Returns:
        dict with W_xh (D, G*H), W_hh (H, G*H) and b_h (G*H,), and for the GRU b_x too;
        G is 1, 3 or 4. RNN and LSTM get the sum of torch's two biases.

    Raises:
        ValueError: an unknown cell, a parameter is missing, or a shape is not the cell's.
    """
    ih, hh, b_ih, b_hh = (
        reorder(cell, look_up(state_dict, f"{name}_l{layer}"))
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    params = {"W_xh": ih.T.copy(), "W_hh": hh.T.copy()}
    if cell == "gru":
        return params | {"b_x": b_ih, "b_h": b_hh}
    return params | {"b_h": b_ih + b_hh}


def to_torch(cell, params, layer=0):
    """Turn this package's parameters into a state dict for one layer of ``torch.nn``.

    Arguments:
        cell: "rnn", "gru" or "lstm".
        params: dict as ``from_torch`` returns it.
        layer: which layer.

    Returns:
        dict from torch's names to arrays; torch's second bias is zero for RNN and LSTM.
        Load it with ``{name: torch.from_numpy(array) ...}``.

    Raises:
        ValueError: an unknown cell, a parameter is missing, or a shape is not the cell's.
    """
    b_h = look_up(params, "b_h")
    b_ih, b_hh = (look_up(params, "b_x"), b_h) if cell == "gru" else (b_h, 0 * b_h)
    arrays = {
        "weight_ih": look_up(params, "W_xh").T,
        "weight_hh": look_up(params, "W_hh").T,
        "bias_ih": b_ih,
        "bias_hh": b_hh,
    }
    return {f"{name}_l{layer}": reorder(cell, a) for name, a in arrays.items()}


def from_keras(cell, weights):
    """Turn a Keras ``SimpleRNN``, ``GRU`` or ``LSTM`` into this package's parameters.

    The layer must have Keras' standard activations: tanh, and sigmoid for the gates
    (``recurrent_activation``; very old models have "hard_sigmoid"). The GRU must have
    ``reset_after=True``, which is the default.

    Arguments:
        cell: "rnn", "gru" or "lstm".
        weights: list of three arrays, as the layer's ``get_weights()`` returns it: kernel
            (D, G*H), recurrent_kernel (H, G*H) and bias (G*H,), for the GRU (2, 3H): the
            input's bias, then the state's. G is 1, 3 or 4.

    Returns:
        dict with W_xh (D, G*H), W_hh (H, G*H) and b_h (G*H,), and for the GRU b_x too.

    Raises:
        ValueError: an unknown cell, not three arrays, a shape is not the cell's, or a GRU
            with ``reset_after=False``.

    Source: https://keras.io/api/layers/recurrent_layers and the code of Keras 3,
    ``keras/src/layers/rnn``: ``simple_rnn.py``, ``gru.py`` and ``lstm.py``.
    """
    check_cell(cell)
    if len(weights) != 3:
        raise ValueError(
            "weights: expected three arrays, kernel, recurrent_kernel and bias, "
            f"got {len(weights)}"
        )
    kernel, recurrent_kernel, bias = map(np.asarray, weights)
    sizes = check_matrices(cell, kernel=kernel, recurrent_kernel=recurrent_kernel)
    if cell == "gru":
        if bias.shape == (sizes["3H"],):
            raise ValueError(
                f"bias: expected (2, 3H) = {(2, *bias.shape)}, got {bias.shape}: this GRU "
                "has reset_after=False and multiplies the state by r before the product "
                "with recurrent_kernel; ours multiplies the product by r, so no parameters "
                "make the two agree"
            )
        check_shape("bias", bias, "2 3H", sizes)
    else:
        check_shape("bias", bias, packed(cell), sizes)
    kernel, recurrent_kernel, bias = (
        reorder(cell, array, KERAS_ORDER, axis=-1)
        for array in (kernel, recurrent_kernel, bias)
    )
    params = {"W_xh": kernel, "W_hh": recurrent_kernel}
    if cell == "gru":
        return params | {"b_x": bias[0], "b_h": bias[1]}
    return params | {"b_h": bias}


def to_keras(cell, params):
    """Turn this package's parameters into the weights of a Keras layer.

    Arguments:
        cell: "rnn", "gru" or "lstm".
        params: dict as ``from_keras`` returns it.

    Returns:
        list of kernel (D, G*H), recurrent_kernel (H, G*H) and bias (G*H,), for the GRU
        (2, 3H). Load it with ``layer.set_weights(...)`` into a ``SimpleRNN``, ``GRU`` or
        ``LSTM`` with H units that has been built and has the activations and, for the GRU,
        the ``reset_after=True`` that ``from_keras`` asks for: they are Keras' defaults.

    Raises:
        ValueError: an unknown cell, a parameter is missing, or a shape is not the cell's.

    Source: as for ``from_keras``.
    """
    check_cell(cell)
    W_xh, W_hh = look_up(params, "W_xh"), look_up(params, "W_hh")
    sizes = check_matrices(cell, W_xh=W_xh, W_hh=W_hh)
    names = ("b_x", "b_h") if cell == "gru" else ("b_h",)
    biases = [look_up(params, name) for name in names]
    for name, bias in zip(names, biases, strict=True):
        check_shape(name, bias, packed(cell), sizes)
    bias = np.stack(biases) if cell == "gru" else biases[0]
    return [reorder(cell, array, KERAS_ORDER, axis=-1) for array in (W_xh, W_hh, bias)]


def check_cell(cell):
    """Check that a cell is one of those we know."""
    if cell not in ORDER:
        raise ValueError(f"cell: expected one of {list(ORDER)}, got {cell!r}")


def packed(cell):
    """How wide a cell's packed gates are, in letters: "H", "3H" or "4H"."""
    gates = len(ORDER[cell])
    return "H" if gates == 1 else f"{gates}H"


def check_matrices(cell, **matrices):
    """Check the input's matrix, (D, G*H), and the state's, (H, G*H), in this order.

    Returns the sizes of D, H, G*H and 2 by these names.
    """
    (x_name, W_x), (h_name, W_h) = matrices.items()
    sizes = {"2": 2}
    if W_h.ndim == 2:
        sizes |= {"H": len(W_h), packed(cell): len(ORDER[cell]) * len(W_h)}
    check_shape(h_name, W_h, f"H {packed(cell)}", sizes)
    check_shape(x_name, W_x, f"D {packed(cell)}", sizes)
    return sizes


def reorder(cell, array, order=ORDER, axis=0):
    """Permute the blocks of gates along an axis, into or out of the order of a library."""
    check_cell(cell)
    gates = len(order[cell])
    if array.shape[axis] % gates:
        raise ValueError(
            f"{cell}: expected {gates} blocks of equal size, got {array.shape}"
        )
    blocks = np.split(array, gates, axis)
    return np.concatenate([blocks[k] for k in order[cell]], axis)


def look_up(arrays, name):
    """Return an entry as a numpy array."""
    if name not in arrays:
        raise ValueError(f"{name}: expected among the parameters, got {list(arrays)}")
    return np.asarray(arrays[name])
