"""Three models that answer questions about a picture, in plain numpy: the twin of what modules/vqa.js computes."""

import numpy as np

from rnnkit.functional import sigmoid, softmax
from rnnkit.show.scene import GRID, encode

MODELS = ("concatenation", "multiplication", "attention")
# How the question's vector and the picture's become one; attention changes where the picture's comes from.
FUSE = {
    "concatenation": lambda q, v: np.maximum(q + v, 0),
    "multiplication": lambda q, v: q * v,
    "attention": lambda q, v: q * v,
}


def coordinates() -> np.ndarray:
    """Where each region lies: x and y from -1 to 1, and waves of them, (R, 14); as in rnnkit.nn.attention."""
    line = np.linspace(-1, 1, GRID)
    xy = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    waves = [wave(f * np.pi * xy) for f in (0.5, 1, 2) for wave in (np.sin, np.cos)]
    return np.concatenate([2 * xy, *waves], axis=1)


def see(image: np.ndarray, encoder: dict) -> np.ndarray:
    """What the eye makes of a picture (64, 64, 3) uint8: regions (R, C).

    encoder: dict with conv1, conv2, conv3 (outputs, inputs, 4, 4) and their biases conv1_b, conv2_b, conv3_b.
    """
    return encode(
        image, [(encoder[f"conv{i}"], encoder[f"conv{i}_b"]) for i in (1, 2, 3)]
    )


def read_question(weights: dict, ids: list[int]) -> np.ndarray:
    """A question's vector (H,): the state of an LSTM after its last word.

    weights: torch's, so gates are packed i, f, g, o. ids: the words' numbers.
    """
    W_ih, W_hh, b_ih, b_hh = (
        weights[f"question.lstm.{name}_l0"]
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    h = c = np.zeros(W_hh.shape[1])
    for x in weights["question.embedding.weight"][ids].astype(float):
        i, f, g, o = np.split(W_ih @ x + b_ih + W_hh @ h + b_hh, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return h


def answer(
    name: str, weights: dict, regions: np.ndarray, ids: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Ask one model in double precision: scores of the answers (A,), and its glances, (G, R), which may be none.

    name: one of MODELS. weights: dict of arrays as in `check_models`. regions: (R, C), from `see`. ids: words.
    """
    question = read_question(weights, ids)
    regions = (regions - weights["mean"]) / weights["deviation"]
    picture, glances = (_glimpse if name == "attention" else _whole)(
        weights, regions, question
    )
    q, v = _linear(weights, "W_q", question), _linear(weights, "W_v", picture)
    hidden = np.maximum(_linear(weights, "hidden", FUSE[name](q, v)), 0)
    return _linear(weights, "answer", hidden), np.array(glances)


def _linear(weights, name, x):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _whole(weights, regions, question):
    """The picture as one vector: every region narrowed to a few numbers, all of them side by side."""
    return np.maximum(_linear(weights, "narrow", regions), 0).ravel(), []


def _glimpse(weights, regions, question):
    """What the question looks at, glance by glance; what one saw refines the question of the next."""
    seen = np.maximum(_linear(weights, "what", regions), 0)
    placed = np.concatenate([seen, coordinates()], axis=1)
    keys, values = (_linear(weights, name, placed) for name in ("key", "value"))
    contexts, glances = [], []
    while f"looks.{len(glances)}.query.weight" in weights:
        known = np.concatenate([question, *contexts])
        query = _linear(weights, f"looks.{len(glances)}.query", known)
        glances.append(softmax(keys @ query / np.sqrt(len(query))))
        contexts.append(glances[-1] @ values)
    return np.concatenate(contexts), glances


def check_models(models: dict, words: list[str], answers: list[str]) -> dict:
    """Return the weights of the three models as arrays, after checking their names and shapes.

    models: dict from MODELS to dicts from torch's state-dict names to arrays. V and A are the numbers of words
    and answers; the other sizes are read off the weights.
    Raises ValueError when a model or a parameter is missing, unknown or has another shape.
    """
    if set(models) != set(MODELS):
        raise ValueError(
            f"models: expected {', '.join(MODELS)}, got {', '.join(models) or 'none'}"
        )
    checked = {}
    for name in MODELS:
        arrays = {key: np.asarray(array) for key, array in models[name].items()}
        _check_shapes(name, arrays, _shapes(name, arrays, len(words), len(answers)))
        checked[name] = arrays
    return checked


def _check_shapes(name, arrays, expected):
    if set(arrays) != set(expected):
        raise ValueError(
            f"models[{name!r}]: expected {', '.join(expected)}, "
            f"got {', '.join(sorted(arrays)) or 'nothing'}"
        )
    for key, shape in expected.items():
        if arrays[key].shape != shape:
            raise ValueError(
                f"models[{name!r}]: {key}: expected {shape}, got {arrays[key].shape}"
            )


def _shapes(name, arrays, V, A):
    """The shapes of all parameters of a model, sizes read off those that are there."""

    def size(key, axis):
        return arrays[key].shape[axis] if key in arrays else 0

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
        "mean": (C,),
        "deviation": (C,),
        "question.embedding.weight": (V, D),
        "question.lstm.weight_ih_l0": (4 * H, D),
        "question.lstm.weight_hh_l0": (4 * H, H),
        "question.lstm.bias_ih_l0": (4 * H,),
        "question.lstm.bias_hh_l0": (4 * H,),
    }
    for key, shape in layers.items():
        shapes |= {f"{key}.weight": shape, f"{key}.bias": shape[:1]}
    return shapes
