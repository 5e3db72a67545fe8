"""What the models in the page compute, in plain numpy: the twin of web/models.

The static pictures are drawn from these numbers, and those of the browser are tested against them. Four models: one
writes characters, one counts, one captions pictures, three answer questions about them. Everything is computed for one
example; weights come as dicts of arrays, which `rnnkit.show.shapes` checks.
"""

import numpy as np

from rnnkit.cells import lstm_step_forward
from rnnkit.functional import one_hot, sigmoid, softmax
from rnnkit.show.scene import GRID, encode

START, END = 0, 1  # the captioner's numbers of these two words
LONGEST = 10  # words of a caption, then the model is stopped
COUNTER = ("W_xh", "W_hh", "b_h", "W_hy", "b_y")  # what the LSTM that counts is made of
MODELS = ("concatenation", "multiplication", "attention")
# How the question's vector and the picture's become one; attention changes where the picture's comes from.
FUSE = {
    "concatenation": lambda q, v: np.maximum(q + v, 0),
    "multiplication": lambda q, v: q * v,
    "attention": lambda q, v: q * v,
}

# ---- LSTMs that read: one in torch's layout, gates i, f, g, o; one in the chapters', i, f, o, g


def _read_lstm(weights, name, xs):
    """The states h and c, (T, H) each, of torch's one-layer LSTM `name` over xs (T, D), in double precision."""
    W_ih, W_hh, b_ih, b_hh = (
        np.asarray(weights[f"{name}.{part}_l0"], float)
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    h = c = np.zeros(W_hh.shape[1])
    states = []
    for x in xs:
        i, f, g, o = np.split(W_ih @ x + b_ih + W_hh @ h + b_hh, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append((h, c))
    return tuple(np.array(part) for part in zip(*states, strict=True))


def read_characters(weights: dict, ids: list[int]) -> tuple[np.ndarray, ...]:
    """Read a text with the character model.

    weights: dict as in `charlm_shapes`. ids: (T,) of integers.
    Returns logits (T, V), h (T, H) and c (T, H).
    """
    E, W, b = (
        np.asarray(weights[name], float)
        for name in ("embedding.weight", "output.weight", "output.bias")
    )
    h, c = _read_lstm(weights, "rnn", E[ids])
    return h @ W.T + b, h, c


def read_counter(
    weights: dict, ids: np.ndarray, shift: float = 0.0
) -> dict[str, np.ndarray]:
    """Read a string from the zero state with the LSTM that counts; return everything that can be watched.

    Arguments:
        weights: dict of the arrays in COUNTER, as in `rnnkit.show.counting.check_weights`.
        ids: (T,) of integers.
        shift: is added to the forget gate's bias of every cell.

    Returns:
        dict with i, f, o, g, c, h (T, H) each and p (T, V), the probabilities of the
        symbol that follows.
    """
    W_xh, W_hh, b_h, W_hy, b_y = (np.asarray(weights[name], float) for name in COUNTER)
    H = len(W_hh)
    b_h = b_h.copy()
    b_h[H : 2 * H] += shift  # the second block of i, f, o, g
    h = c = np.zeros((1, H))
    steps = []
    for x in one_hot(np.asarray(ids), len(W_xh)):
        h, c, cache = lstm_step_forward(x[None], h, c, W_xh, W_hh, b_h)
        i, f, o, g = cache[3:7]
        steps.append(np.concatenate([i, f, o, g, c, h]))
    watched = dict(zip("ifogch", np.moveaxis(np.array(steps), 1, 0), strict=True))
    return watched | {"p": softmax(watched["h"] @ W_hy + b_y)}


# ---- the captioner: soft attention, some glances at every word


def count_glances(weights: dict) -> int:
    """How many glances the captioner takes at every word: G, at least 1."""
    return max(1, sum(name.startswith("W_look") for name in weights))


def look(image: np.ndarray, weights: dict) -> tuple[np.ndarray, np.ndarray]:
    """Look at a picture (64, 64, 3) uint8: the keys and values (R, A) of its regions."""
    w = weights
    what = np.maximum(see(image, w) @ w["W_what"] + w["b_what"], 0)
    seen = np.concatenate([what, w["where"]], axis=1)  # (R, M + P)
    return seen @ w["W_key"] + w["b_key"], seen @ w["W_value"] + w["b_value"]


def step(
    weights: dict, picture: tuple, h: np.ndarray, c: np.ndarray, word: int
) -> tuple[np.ndarray, ...]:
    """Read one word and score the next: logits (V,), glances (G, R), and the LSTM's h and c (H,).

    picture: what `look` returns. word: its number. Gates packed i, f, o, g.
    """
    w, (keys, values) = weights, picture
    lstm = w["W_xh"], w["W_hh"], w["b_h"]
    h, c, _ = lstm_step_forward(w["embedding"][[word]], h[None], c[None], *lstm)
    h, c = h[0], c[0]
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
    """Describe a picture, always taking the likeliest word.

    image: (64, 64, 3) uint8. weights: as in `caption_shapes`.
    Returns ids, the numbers of the words, END last unless LONGEST words came without it; probabilities (T, V)
    and glances (T, G, R) behind each.
    """
    picture = look(image, weights)
    h = c = np.zeros(len(weights["W_hh"]))
    ids, probabilities, glances = [], [], []
    while len(ids) < LONGEST and END not in ids:
        word = ids[-1] if ids else START
        logits, looked, h, c = step(weights, picture, h, c, word)
        ids.append(int(logits.argmax()))
        probabilities.append(softmax(logits))
        glances.append(looked)
    return ids, np.array(probabilities), np.array(glances)


# ---- the three models that answer questions, weights by torch's names


def see(image: np.ndarray, encoder: dict) -> np.ndarray:
    """What the eye makes of a picture (64, 64, 3) uint8: regions (R, C).

    encoder: dict with conv1, conv2, conv3 (outputs, inputs, 4, 4) and their biases conv1_b, conv2_b, conv3_b.
    """
    return encode(
        image, [(encoder[f"conv{i}"], encoder[f"conv{i}_b"]) for i in (1, 2, 3)]
    )


def coordinates() -> np.ndarray:
    """Where each region lies: x and y from -1 to 1, and waves of them, (R, 14); as in rnnkit.nn.attention."""
    line = np.linspace(-1, 1, GRID)
    xy = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    waves = [wave(f * np.pi * xy) for f in (0.5, 1, 2) for wave in (np.sin, np.cos)]
    return np.concatenate([2 * xy, *waves], axis=1)


def answer(
    name: str, weights: dict, regions: np.ndarray, ids: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Ask one model in double precision: scores of the answers (A,), and its glances, (G, R), which may be none.

    name: one of MODELS. weights: dict of arrays as in `vqa_shapes`. regions: (R, C), from `see`. ids: words.
    """
    words = weights["question.embedding.weight"][ids].astype(float)
    question = _read_lstm(weights, "question.lstm", words)[0][-1]
    regions = (regions - weights["mean"]) / weights["deviation"]
    read_picture = _glimpse if name == "attention" else _whole
    picture, glances = read_picture(weights, regions, question)
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
