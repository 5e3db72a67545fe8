"""The plays run together in lower case, and which characters belong to the name of who speaks: a label for every step."""

import re

import numpy as np

from rnnkit.data.shakespeare import load_shakespeare

NAME = re.compile(r"^[^a-z\n]+:$", re.MULTILINE)


def load_speakers():
    """Return the plays on one line, and for each character whether it is part of a speaker's name.

    What told the names apart is gone: the lines of their own and the capitals. The colon that ends a name is left, and
    belongs to it. A name is known for certain only by what comes after it.

    Returns:
        text, str; named, bool, one for each character.
    """
    plays = load_shakespeare()
    named = np.zeros(len(plays), bool)
    for found in NAME.finditer(plays):
        named[found.start() : found.end()] = True
    blank = np.array([character.isspace() for character in plays])
    kept = ~(blank & np.roll(blank, 1))  # one blank where there were several
    text = "".join(plays[i] for i in np.flatnonzero(kept))
    return text.lower().replace("\n", " "), named[kept]
