"""Whether a model looks at what its words name: boxes against attention, for captions and for questions."""

import numpy as np

from rnnkit.scenes.captions import phrases

REGION = 8  # pixels per side


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


def target(question, things, what):
    """The name that a model should look at, or None where the scene has no such thing.

    what: "named", the first kind in the question's words; "other", the second; "meant", the answer's.
    Raises ValueError for anything else.
    """
    kinds = {
        "named": question.named[:1],
        "other": question.named[1:2],
        "meant": (question.meant,),
    }
    if what not in kinds:
        raise ValueError(f"what: expected one of {list(kinds)}, got {what!r}")
    there = {thing.name for thing in things}
    return next((name for name in kinds[what] if name in there), None)


def pointing(asked, weights, things, what="named"):
    """Where a model looked when it was asked, against the boxes of one kind.

    asked: M pairs (index of the scene, `Question`). weights: the model's glances, (M, G, R).
    things: of all scenes. what: see `target`; questions without such a thing are left out.

    Returns a dict: "n", how many questions counted; "hit", for each glance, how often the centre of its
    strongest region lies inside a box; "mass", how much of its weight does, on average; "chance", how much of
    the picture does, which is the chance of both. None for all but "n" where no question counts.
    """
    weights = np.asarray(weights)
    side = round(weights.shape[-1] ** 0.5)
    found = []
    for glances, (i, question) in zip(weights, asked, strict=True):
        name = target(question, things[i], what)
        if name is not None:
            box = inside(name, things[i], side)
            hit = box[glances.argmax(axis=-1)]  # (G,)
            found.append([hit, glances[:, box].sum(axis=-1), box.mean() + 0 * hit])
    if not found:
        return {"n": 0, "hit": None, "mass": None, "chance": None}
    hit, mass, chance = np.mean(found, axis=0)
    return {
        "n": len(found),
        "hit": hit.tolist(),
        "mass": mass.tolist(),
        "chance": float(chance[0]),
    }
