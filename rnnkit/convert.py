"""Weights to and from the layout of ``torch.nn``: transposed, other gate order, two biases.

Torch keeps its matrices as (gates * H, D) for a product from the left, packs the LSTM as
i, f, g, o and the GRU as r, z, n, and has two biases for every cell. Nothing here imports
torch: a module's ``state_dict()`` goes in and comes out as a dict of arrays.
"""

import numpy as np

# Our block k is torch's block ORDER[cell][k].
ORDER = {"rnn": [0], "gru": [0, 1, 2], "lstm": [0, 1, 3, 2]}


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
    # The order of an LSTM exchanges two blocks, so it is its own inverse.
    return {f"{name}_l{layer}": reorder(cell, a) for name, a in arrays.items()}


def reorder(cell, array):
    """Permute the blocks of gates along the first axis, into or out of torch's order."""
    if cell not in ORDER:
        raise ValueError(f"cell: expected one of {list(ORDER)}, got {cell!r}")
    gates = len(ORDER[cell])
    if len(array) % gates:
        raise ValueError(
            f"{cell}: expected {gates} blocks of equal size, got {array.shape}"
        )
    return np.concatenate([np.split(array, gates)[k] for k in ORDER[cell]])


def look_up(arrays, name):
    """Return an entry as a numpy array."""
    if name not in arrays:
        raise ValueError(f"{name}: expected among the parameters, got {list(arrays)}")
    return np.asarray(arrays[name])
