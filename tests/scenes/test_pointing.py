"""Where a model looked, scored by hand."""

import numpy as np
import pytest

from rnnkit.scenes.layouts import Thing
from rnnkit.scenes.pointing import pointing, points
from rnnkit.scenes.questions import Question

THINGS = [
    (Thing("cat", "", (0, 0, 16, 16)), Thing("dog", "", (32, 32, 64, 64))),
    (Thing("cow", "", (0, 0, 8, 8)),),
]
ABOUT = [
    (0, Question("what", "what is left of the dog", "cat", ("dog",), "cat")),
    (1, Question("existence", "is there a cat", "no", ("cat",))),
]


def test_pointing_by_hand():
    weights = np.zeros((2, 2, 64))
    weights[0, 0, 0] = 1  # the first glance: top left, on the cat
    weights[0, 1, [9, 63]] = 0.4, 0.6  # the second: mostly bottom right, on the dog
    assert pointing(ABOUT, weights, THINGS, "meant") == {
        "n": 1,
        "hit": [1, 0],
        "mass": [1, 0.4],
        "chance": 4 / 64,
    }
    assert pointing(ABOUT, weights, THINGS, "named") == {
        "n": 1,  # there is no cat in the second scene to point at
        "hit": [0, 1],
        "mass": [0, 0.6],
        "chance": 16 / 64,
    }
    assert pointing(ABOUT, weights, THINGS, "other")["n"] == 0
    with pytest.raises(ValueError, match="what: expected one of"):
        pointing(ABOUT, weights, THINGS, "answer")


def test_a_caption_without_end_is_read_at_its_last_word():
    things = (Thing("cat", "", (0, 0, 16, 16)), Thing("apple", "", (40, 40, 64, 64)))
    words = "a cat left of an apple".split()
    maps = np.zeros((len(words), 64))
    maps[:-1, 9], maps[-1, 45] = 1, 1  # the cat; at the last word the apple
    hits = points(words, maps, things, step="after")[:, 0]
    np.testing.assert_array_equal(hits, [1, 1])
