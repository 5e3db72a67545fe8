"""The arrays that the models in the page are made of: which there must be, and of which shapes.

`check_arrays` holds a dict of weights against the shapes that one of the other functions expects; these read the sizes
off the arrays that are there.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnkit.show.scene import GRID
from rnnkit.show.twin import coordinates, count_glances


def check_arrays(
    weights: dict,
    shapes: Callable,
    *sizes: Any,
    name: str = "weights",
    where: str = "",
    kind: str = "",
) -> dict:
    """Return the weights as arrays, after checking that they have the names and the shapes they must have.

    weights: dict from names to arrays. shapes: a function of the arrays and `sizes` that returns a dict from names
    to shapes, or to pairs of what a shape is called and the shape. In messages: name, what the whole is called;
    where, what stands before a single array; kind, what the whole is to be.
    Raises ValueError when an array is missing, unknown or has another shape.
    """
    arrays = {key: np.asarray(array) for key, array in weights.items()}
    expected = shapes(arrays, *sizes)
    if set(arrays) != set(expected):
        raise ValueError(
            f"{name}: expected {kind}{', '.join(expected)}, "
            f"got {', '.join(sorted(arrays)) or 'nothing'}"
        )
    for key, shape in expected.items():
        symbols = ""
        if shape and isinstance(shape[0], str):
            symbols, shape = f"{shape[0]} = ", shape[1]
        if arrays[key].shape != shape:
            raise ValueError(
                f"{where}{key}: expected {symbols}{shape}, got {arrays[key].shape}"
            )
    return arrays


def _sizer(arrays):
    """size(name, axis): of the array of this name, 0 if it is not there or has no such axis."""

    def size(name, axis):
        shape = np.shape(arrays.get(name, 0))
        return shape[axis] if -len(shape) <= axis < len(shape) else 0

    return size


def charlm_shapes(arrays: dict, V: int) -> dict:
    """Of a character model with a one-layer LSTM, by torch's names. V: characters."""
    size = _sizer(arrays)
    H, D = size("rnn.weight_hh_l0", -1), size("embedding.weight", -1)
    return {
        "embedding.weight": ("(V, D)", (V, D)),
        "rnn.weight_ih_l0": ("(4H, D)", (4 * H, D)),
        "rnn.weight_hh_l0": ("(4H, H)", (4 * H, H)),
        "rnn.bias_ih_l0": ("(4H,)", (4 * H,)),
        "rnn.bias_hh_l0": ("(4H,)", (4 * H,)),
        "output.weight": ("(V, H)", (V, H)),
        "output.bias": ("(V,)", (V,)),
    }


def counter_shapes(arrays: dict, V: int) -> dict:
    """Of the LSTM that counts. V: symbols."""
    H = _sizer(arrays)("W_hh", 0)
    return {
        "W_xh": ("(V, 4H)", (V, 4 * H)),
        "W_hh": ("(H, 4H)", (H, 4 * H)),
        "b_h": ("(4H,)", (4 * H,)),
        "W_hy": ("(H, V)", (H, V)),
        "b_y": ("(V,)", (V,)),
    }


def reader_shapes(arrays: dict, V: int) -> dict:
    """Of two readers, one from each end, and what joins them. V: characters; the readers know one symbol more."""
    size = _sizer(arrays)
    H, J = size("forward.W_hh", 0), size("joint.W_h", -1)
    shapes = {}
    for name in ("forward", "backward"):
        shapes |= {
            f"{name}.W_xh": ("(V + 1, 3H)", (V + 1, 3 * H)),
            f"{name}.W_hh": ("(H, 3H)", (H, 3 * H)),
            f"{name}.b_x": ("(3H,)", (3 * H,)),
            f"{name}.b_h": ("(3H,)", (3 * H,)),
            f"{name}.W_hy": ("(H, V)", (H, V)),
            f"{name}.b_y": ("(V,)", (V,)),
        }
    return shapes | {
        "joint.W_h": ("(2H, J)", (2 * H, J)),
        "joint.b_h": ("(J,)", (J,)),
        "joint.W_y": ("(J, V)", (J, V)),
        "joint.b_y": ("(V,)", (V,)),
    }


def caption_shapes(arrays: dict, V: int) -> dict:
    """Of a captioner with soft attention, by the names of `rnnkit.nn`'s files. V: words."""
    size = _sizer(arrays)
    C1, C2, C = (size(f"conv{i}", 0) for i in (1, 2, 3))
    P, D, H = size("where", -1), size("embedding", -1), size("W_hh", 0)
    A, M, N = (size(f"W_{name}", -1) for name in ("key", "what", "hidden"))
    G = count_glances(arrays)
    shapes = {
        **{"conv1": (C1, 3, 4, 4), "conv1_b": (C1,)},
        **{"conv2": (C2, C1, 4, 4), "conv2_b": (C2,)},
        **{"conv3": (C, C2, 4, 4), "conv3_b": (C,)},
        **{"where": (GRID * GRID, P), "embedding": (V, D)},
        **{"W_xh": (D, 4 * H), "W_hh": (H, 4 * H), "b_h": (4 * H,)},
    }
    layers = {"what": (C, M), "key": (M + P, A), "value": (M + P, A)}
    layers |= {"hidden": (H + G * P + A, N), "output": (N, V)}
    layers |= {f"look{g + 1}": (H + g * A, A) for g in range(G)}
    for name, shape in layers.items():
        shapes |= {f"W_{name}": shape, f"b_{name}": shape[1:]}
    return shapes


def vqa_shapes(arrays: dict, name: str, V: int, A: int) -> dict:
    """Of a model that answers questions, by torch's names. name: one of MODELS. V, A: words, answers."""
    size = _sizer(arrays)
    D, H = size("question.embedding.weight", -1), size("question.lstm.weight_hh_l0", -1)
    narrow = "what" if name == "attention" else "narrow"
    C, N = size(f"{narrow}.weight", -1), size(f"{narrow}.weight", 0)
    F, M = size("W_q.weight", 0), size("hidden.weight", 0)
    layers = {narrow: (N, C), "W_q": (F, H), "hidden": (M, F), "answer": (A, M)}
    if name == "attention":
        K, G = (
            size("key.weight", 0),
            sum(key.endswith("query.weight") for key in arrays),
        )
        placed = N + coordinates().shape[1]
        layers |= {"key": (K, placed), "value": (K, placed), "W_v": (F, G * K)}
        layers |= {f"looks.{g}.query": (K, H + g * K) for g in range(max(G, 1))}
    else:
        layers["W_v"] = (F, GRID * GRID * N)
    shapes = {
        **{"mean": (C,), "deviation": (C,), "question.embedding.weight": (V, D)},
        "question.lstm.weight_ih_l0": (4 * H, D),
        "question.lstm.weight_hh_l0": (4 * H, H),
        "question.lstm.bias_ih_l0": (4 * H,),
        "question.lstm.bias_hh_l0": (4 * H,),
    }
    for key, shape in layers.items():
        shapes |= {f"{key}.weight": shape, f"{key}.bias": shape[:1]}
    return shapes


def translator_shapes(arrays: dict, V: int) -> dict:
    """Of a translator with two readers and additive attention, by torch's names. V: characters and three tokens."""
    size = _sizer(arrays)
    E, H = size("embedding.weight", -1), size("decoder.weight_hh_l0", -1)
    A = size("attention.v", 0)
    shapes: dict = {"embedding.weight": ("(V, E)", (V, E))}
    for name in ("ahead", "back", "decoder"):
        shapes |= {
            f"{name}.weight_ih_l0": ("(3H, E)", (3 * H, E)),
            f"{name}.weight_hh_l0": ("(3H, H)", (3 * H, H)),
            f"{name}.bias_ih_l0": ("(3H,)", (3 * H,)),
            f"{name}.bias_hh_l0": ("(3H,)", (3 * H,)),
        }
    return shapes | {
        "attention.W_q": ("(H, A)", (H, A)),
        "attention.W_k": ("(2H, A)", (2 * H, A)),
        "attention.v": ("(A,)", (A,)),
        "mix.weight": ("(H, 3H)", (H, 3 * H)),
        "mix.bias": ("(H,)", (H,)),
        "output.weight": ("(V, H)", (V, H)),
        "output.bias": ("(V,)", (V,)),
    }


def glimpse_shapes(arrays: dict) -> dict:
    """Of a reader that looks at pictures in glimpses and of a painter with a window: `rnnkit.nn.pictures.files.arrays`."""
    size = _sizer(arrays)
    D, H = size("reader.W_what", 0), size("reader.W_hh", 0)
    shapes = {
        "W_what": ("(g * g, H)", (D, H)),
        "W_where": ("(2, H)", (2, H)),
        "b_e": ("(H,)", (H,)),
        "W_xh": ("(H, 3H)", (H, 3 * H)),
        "W_hh": ("(H, 3H)", (H, 3 * H)),
        "b_x": ("(3H,)", (3 * H,)),
        "b_h": ("(3H,)", (3 * H,)),
        "W_hy": ("(H, 10)", (H, 10)),
        "b_y": ("(10,)", (10,)),
        "W_hl": ("(H, 2)", (H, 2)),
        "b_l": ("(2,)", (2,)),
    }
    Z, M = size("painter.dec_W_xh", 0), size("painter.dec_W_hh", 0)
    N, P = size("painter.W_hw", -1), size("painter.b_canvas", 0)
    paints = {
        "dec_W_xh": ("(Z, 4M)", (Z, 4 * M)),
        "dec_W_hh": ("(M, 4M)", (M, 4 * M)),
        "dec_b_h": ("(4M,)", (4 * M,)),
        "W_hw": ("(M, N * N)", (M, N)),
        "b_w": ("(N * N,)", (N,)),
        "W_place": ("(M, 5)", (M, 5)),
        "b_place": ("(5,)", (5,)),
        "b_canvas": ("(S * S,)", (P,)),
    }
    return {f"reader.{name}": shape for name, shape in shapes.items()} | {
        f"painter.{name}": shape for name, shape in paints.items()
    }
