"""How good a caption is: words, things and arrays, nothing else."""

import numpy as np

from rnnkit.scenes.captions import NOUNS, captions
from rnnkit.scenes.pointing import points


def is_exact(words, things):
    """Is this one of the scene's true captions? words: a list of strings."""
    return " ".join(words) in captions(things)


def noun_score(words, things):
    """How many of the two kinds that a caption should name it does name rightly: 0, 0.5 or 1."""
    said = {NOUNS[word] for word in words if word in NOUNS}
    return min(2, len(said & {thing.name for thing in things})) / 2


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
