"""What the translator of dates in the page computes, in plain numpy: the twin of web/models/date_translator.js."""

from typing import NamedTuple

import numpy as np

from rnnkit.attention import additive_scores_forward, attend_forward
from rnnkit.cells import gru_step_forward
from rnnkit.functional import softmax
from rnnkit.sequence import gru_forward

START, END, FIRST = 1, 2, 3  # two tokens, and the number of the alphabet's first one
LONGEST = 12  # characters that it writes, then it is stopped


class Reading(NamedTuple):
    """What a text was turned into.

    tokens (T,): what was written, END included unless it never came. p (T,): how sure it was of each. weights (T, S):
    where it looked, a row for each.
    """

    tokens: np.ndarray
    p: np.ndarray
    weights: np.ndarray


def translate(weights: dict, ids: list[int]) -> Reading:
    """Read a text, then write, the likeliest character each time.

    weights: dict as in `translator_shapes`. ids: (S,) of integers, the alphabet's from FIRST on.
    """
    w = {name: np.asarray(array, float) for name, array in weights.items()}
    keys = read(w, ids)  # (1, S, 2H)
    attention = [w[f"attention.{part}"] for part in ("W_q", "W_k", "v")]
    cell = _cell(w, "decoder")
    h, token = np.zeros((1, len(cell[1]))), START
    written = []
    while token != END and len(written) < LONGEST:
        h, _ = gru_step_forward(w["embedding.weight"][[token]], h, *cell)
        scores, _ = additive_scores_forward(h, keys, *attention)
        context, looked, _ = attend_forward(scores, keys)
        mixed = np.concatenate([h, context], axis=1) @ w["mix.weight"].T
        logits = np.tanh(mixed + w["mix.bias"]) @ w["output.weight"].T
        p = softmax(logits + w["output.bias"])[0]
        token = int(p.argmax())
        written.append((token, p[token], looked[0]))
    return Reading(*(np.array(part) for part in zip(*written, strict=True)))


def read(w: dict, ids: list[int]) -> np.ndarray:
    """The keys, (1, S, 2H): the states of a reader from each end at every character."""
    x = w["embedding.weight"][np.asarray(ids)][None]
    states = []
    for name, step in (("ahead", 1), ("back", -1)):
        cell = _cell(w, name)
        h, _ = gru_forward(x[:, ::step], np.zeros((1, len(cell[1]))), *cell)
        states.append(h[:, ::step])
    return np.concatenate(states, axis=2)


def moved(
    before: np.ndarray, after: np.ndarray, text: str, edited: str
) -> list[float | None]:
    """How much of its weight each row has moved since a text was edited: 0, nowhere, to 1, all of it.

    What both texts begin and end with is compared place by place, all between as one place: half the sum of the
    differences.

    before (T, S), after (T', S'): weights. text, edited: of S and S' characters.
    Returns T' shares; None for a row that there was not before, and for all where the texts share less than half.
    """
    left, right = common(text, edited)
    if 2 * (left + right) < max(len(text), len(edited)):
        return [None] * len(after)

    def pooled(row):
        between = row[left : len(row) - right].sum()
        return np.array([*row[:left], between, *row[len(row) - right :]])

    return [
        float(abs(pooled(after[t]) - pooled(before[t])).sum() / 2)
        if t < len(before)
        else None
        for t in range(len(after))
    ]


def common(a: str, b: str) -> tuple[int, int]:
    """How many characters two texts begin with together, and how many of the rest they end with."""
    most, left, right = min(len(a), len(b)), 0, 0
    while left < most and a[left] == b[left]:
        left += 1
    while right < most - left and a[-1 - right] == b[-1 - right]:
        right += 1
    return left, right


def _cell(w, name):
    """A GRU's parameters in the layout of `rnnkit.cells`, from torch's."""
    return [
        w[f"{name}.{part}_l0"].T
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
