"""Whether a model that answers a question looks at what the question is about: boxes against attention."""

import numpy as np

from rnnkit.data.scoring import inside


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
