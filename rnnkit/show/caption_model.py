"""A captioner with soft attention, some glances at every word, in plain numpy: the twin of what modules/captioner.js computes."""

import numpy as np

from rnnkit.functional import sigmoid, softmax
from rnnkit.show.explorable import decode_array
from rnnkit.show.packing import pack
from rnnkit.show.scene import GRID, encode

START, END = 0, 1  # the numbers of these two words
LONGEST = 10  # words, then the model is stopped
EXACT = ("where",)  # coordinates: not weights, so not rounded


def check_weights(weights: dict, words: list[str]) -> dict:
    """Return the arrays of a captioner with soft attention, after checking their shapes.

    weights: dict of arrays as `rnnkit.nn.captioning.files.arrays` gives them. words: V strings, <START> and <END> first.
    Raises ValueError when one is missing, unknown or has another shape.
    """
    if list(words[:2]) != ["<START>", "<END>"]:
        raise ValueError(
            f"words: expected <START> and <END> first, got {list(words[:2])}"
        )
    weights = {name: np.asarray(array) for name, array in weights.items()}
    expected = _shapes(weights, len(words))
    if set(weights) != set(expected):
        raise ValueError(
            f"weights: expected {', '.join(expected)}, "
            f"got {', '.join(sorted(weights)) or 'nothing'}"
        )
    for name, shape in expected.items():
        if weights[name].shape != shape:
            raise ValueError(f"{name}: expected {shape}, got {weights[name].shape}")
    return weights


def _shapes(weights, V):
    """The shapes that all arrays must have; sizes are read off those that are there."""

    def size(name, axis):
        return weights[name].shape[axis] if name in weights else 0

    C1, C2, C = (size(f"conv{i}", 0) for i in (1, 2, 3))
    P, D, H, A = (
        size("where", -1),
        size("embedding", -1),
        size("W_hh", 0),
        size("W_key", -1),
    )
    M, N = size("W_what", -1), size("W_hidden", -1)
    shapes = {
        "conv1": (C1, 3, 4, 4),
        "conv1_b": (C1,),
        "conv2": (C2, C1, 4, 4),
        "conv2_b": (C2,),
        "conv3": (C, C2, 4, 4),
        "conv3_b": (C,),
        "where": (GRID * GRID, P),
        "embedding": (V, D),
        "W_xh": (D, 4 * H),
        "W_hh": (H, 4 * H),
        "b_h": (4 * H,),
    }
    layers = {
        "what": (C, M),
        "key": (M + P, A),
        "value": (M + P, A),
        "hidden": (H + count_glances(weights) * P + A, N),
        "output": (N, V),
    }
    for g in range(count_glances(weights)):
        layers[f"look{g + 1}"] = H + g * A, A
    for name, shape in layers.items():
        shapes |= {f"W_{name}": shape, f"b_{name}": shape[1:]}
    return shapes


def count_glances(weights: dict) -> int:
    """How many glances the model takes at every word: G, at least 1."""
    return max(1, sum(name.startswith("W_look") for name in weights))


def turn(weights: dict) -> dict:
    """Turn the matrices W_ab round: (A, B) to (outputs, inputs) and back, so that every output has a row of its own."""
    return {
        name: np.transpose(array) if name.startswith("W_") else array
        for name, array in weights.items()
    }


def pack_weights(weights: dict) -> dict:
    """Pack the weights for the page: eight bits a number, with a scale for every output."""
    return pack(turn(weights), EXACT)


def unpack_weights(packed: dict) -> dict:
    """Unpack what `pack_weights` packed, into the shapes of `check_weights`."""
    weights = turn({name: decode_array(array) for name, array in packed.items()})
    for name in ("conv1", "conv2", "conv3"):  # packed as (outputs, inputs * 16)
        weights[name] = weights[name].reshape(len(weights[name]), -1, 4, 4)
    return weights


def quantise(weights: dict) -> dict:
    """Return the weights as the page has them, to measure what rounding to eight bits costs: see `describe`."""
    return unpack_weights(pack_weights(weights))


def see(image: np.ndarray, weights: dict) -> tuple[np.ndarray, np.ndarray]:
    """Look at a picture (64, 64, 3) uint8: the keys and values (R, A) of its regions."""
    w = weights
    regions = encode(image, [(w[f"conv{i}"], w[f"conv{i}_b"]) for i in (1, 2, 3)])
    what = np.maximum(regions @ w["W_what"] + w["b_what"], 0)
    seen = np.concatenate([what, w["where"]], axis=1)  # (R, M + P)
    return seen @ w["W_key"] + w["b_key"], seen @ w["W_value"] + w["b_value"]


def step(
    weights: dict, picture: tuple, h: np.ndarray, c: np.ndarray, word: int
) -> tuple[np.ndarray, ...]:
    """Read one word and score the next: logits (V,), glances (G, R), and the LSTM's h and c (H,).

    picture: what `see` returns. word: its number. Gates packed i, f, o, g.
    """
    w, (keys, values) = weights, picture
    a = w["embedding"][word] @ w["W_xh"] + h @ w["W_hh"] + w["b_h"]
    *gates, g = np.split(a, 4)
    i, f, o = sigmoid(np.array(gates))
    c = f * c + i * np.tanh(g)
    h = o * np.tanh(c)
    known, glances = h, []
    for g in range(1, count_glances(w) + 1):
        query = known @ w[f"W_look{g}"] + w[f"b_look{g}"]
        glances.append(softmax(keys @ query / np.sqrt(len(query))))
        known = np.concatenate([known, glances[-1] @ values])
    return _scores(w, picture, h, glances)[0], np.array(glances), h, c


def _scores(w, picture, h, glances):
    """Score the next word from the state, from where all glances fell, and from what the last one showed."""
    places = (np.array(glances) @ w["where"]).ravel()  # (G * P,)
    known = np.concatenate([h, places, glances[-1] @ picture[1]])
    hidden = np.maximum(known @ w["W_hidden"] + w["b_hidden"], 0)
    return hidden @ w["W_output"] + w["b_output"], hidden


def evidence(
    weights: dict, picture: tuple, h: np.ndarray, glances: np.ndarray, word: int
) -> np.ndarray:
    """Which regions speak for a word: d log p(word) / d score of the last glance, (R,).

    h, glances: what `step` returned before the word. Positive where looking a little more would make it likelier.
    """
    w, values = weights, picture[1]
    logits, hidden = _scores(w, picture, h, glances)
    d_logits = np.eye(len(logits))[word] - softmax(logits)
    d_known = w["W_hidden"] @ ((hidden > 0) * (w["W_output"] @ d_logits))
    P, A = w["where"].shape[1], values.shape[1]
    d_place, d_context = d_known[-A - P : -A], d_known[-A:]
    d_weights = w["where"] @ d_place + values @ d_context  # (R,)
    last = glances[-1]
    return last * (d_weights - last @ d_weights)


def describe(
    image: np.ndarray, weights: dict
) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Describe a picture, always taking the likeliest word, in double precision.

    image: (64, 64, 3) uint8. weights: as in `check_weights`.
    Returns ids, the numbers of the words, END last unless LONGEST words came without it; probabilities (T, V)
    and glances (T, G, R) behind each.
    """
    picture = see(image, weights)
    h = c = np.zeros(len(weights["W_hh"]))
    ids, probabilities, glances = [], [], []
    while len(ids) < LONGEST and END not in ids:
        word = ids[-1] if ids else START
        logits, looked, h, c = step(weights, picture, h, c, word)
        ids.append(int(logits.argmax()))
        probabilities.append(softmax(logits))
        glances.append(looked)
    return ids, np.array(probabilities), np.array(glances)
