"""How good a caption is, and whether its words point at what they name: words, things and arrays, nothing else."""

import numpy as np

from rnnkit.data.descriptions import NOUNS, captions, phrases

REGION = 8  # pixels per side


def is_exact(words, things):
    """Is this one of the scene's true captions? words: a list of strings."""
    return " ".join(words) in captions(things)


def noun_score(words, things):
    """How many of the two kinds that a caption should name it does name rightly: 0, 0.5 or 1."""
    said = {NOUNS[word] for word in words if word in NOUNS}
    return min(2, len(said & {thing.name for thing in things})) / 2


def inside(name, things, side):
    """Which regions have their centre in a box of that name? Booleans (side * side,), row by row."""
    centre = (np.arange(side) + 0.5) * REGION
    grid = np.zeros((side, side), bool)
    for left, top, right, bottom in (t.box for t in things if t.name == name):
        across = (left <= centre) & (centre < right)
        down = (top <= centre) & (centre < bottom)
        grid |= down[:, None] & across
    return grid.ravel()


def points(words, weights, things, step="noun"):
    """Where a captioner looked when it named each of its nouns.

    words: the caption, a list of strings. weights: attention at each word, (T, R) with T >= len(words).
    step: "noun" reads the map with which the noun was chosen, "first" that of its phrase's first word,
    "after" that of the word after it, when the noun has been said.

    Returns an array (phrases, 3): is the centre of the strongest region inside a box of the noun (0 or 1);
    how much of the attention lies inside; how much of the picture does, which is the chance of the other two.
    A noun that is not in the scene has no box: 0, 0, 0.
    """
    if step not in ("first", "noun", "after"):
        raise ValueError(f'step: expected "first", "noun" or "after", got {step!r}')
    weights = np.asarray(weights)
    found = []
    for first, noun, name in phrases(words):
        at = {"first": first, "noun": noun, "after": noun + 1}[step]
        # A caption that was cut off before its end has no word after its last noun.
        row = weights[min(at, len(weights) - 1)]
        box = inside(name, things, round(len(row) ** 0.5))
        found.append((box[row.argmax()], row[box].sum(), box.mean()))
    return np.array(found, float).reshape(-1, 3)


def score(captions, things, weights=None, step="noun"):
    """Score many captions at once: a dict of means.

    captions: lists of words; things: their scenes'; weights: None, or attention (N, T, R).
    Returns "exact" and "nouns"; with weights also "pointing", "mass" and "chance", over all nouns said.
    """
    both = list(zip(captions, things, strict=True))
    result = {
        "exact": float(np.mean([is_exact(*pair) for pair in both])),
        "nouns": float(np.mean([noun_score(*pair) for pair in both])),
    }
    if weights is not None:
        each = [points(w, a, t, step) for (w, t), a in zip(both, weights, strict=True)]
        means = np.concatenate(each).mean(axis=0) if any(map(len, each)) else [0, 0, 0]
        result |= dict(
            zip(("pointing", "mass", "chance"), map(float, means), strict=True)
        )
    return result
