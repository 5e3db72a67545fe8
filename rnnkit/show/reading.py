"""What the two readers in the page compute, in plain numpy: the twin of web/models/two_readers.js."""

import numpy as np

from rnnkit.functional import one_hot, softmax
from rnnkit.sequence import gru_forward

READERS = ("forward", "backward", "both")
CELL = ("W_xh", "W_hh", "b_x", "b_h")


def read_from_both_ends(weights: dict, ids: list[int]) -> dict[str, np.ndarray]:
    """What stands at every place of a text, by what is left of it, right of it, and both.

    weights: dict as in `reader_shapes`. ids: (T,) of integers up to V, which stands for a covered character.
    Returns dict from READERS to probabilities (T, V). No row has seen the character that stands there.
    """
    w = {name: np.asarray(array, float) for name, array in weights.items()}
    before = _states(w, "forward", ids)
    after = _states(w, "backward", ids[::-1])[::-1]
    joint = np.concatenate([before, after], axis=1) @ w["joint.W_h"] + w["joint.b_h"]
    states = {"forward": before, "backward": after, "both": np.tanh(joint)}
    outputs = {name: (w[f"{name}.W_hy"], w[f"{name}.b_y"]) for name in READERS[:2]}
    outputs["both"] = w["joint.W_y"], w["joint.b_y"]
    return {name: softmax(states[name] @ W + b) for name, (W, b) in outputs.items()}


def surprises(probabilities: np.ndarray, ids: list[int]) -> np.ndarray:
    """-log2 of the probability of what stands at each place, in bits, (T,); nan where it is covered.

    probabilities: (T, V). ids: (T,) of integers up to V.
    """
    T, V = probabilities.shape
    ids = np.asarray(ids)
    found = -np.log2(probabilities[np.arange(T), np.minimum(ids, V - 1)])
    return np.where(ids < V, found, np.nan)


def _states(w, name, ids):
    """The state of one reader before each of its steps, (T, H)."""
    cell = [w[f"{name}.{part}"] for part in CELL]
    h0 = np.zeros((1, len(cell[1])))
    h, _ = gru_forward(one_hot(np.asarray(ids)[None], len(cell[0])), h0, *cell)
    return np.concatenate([h0, h[0, :-1]])
