"""Scores of captions and of where a captioner looked, by hand."""

import numpy as np
import pytest

from rnnkit.scenes.layouts import Thing
from rnnkit.scenes.pointing import inside, points
from rnnkit.scenes.scoring import noun_score, score


def test_scores_of_a_known_scene():
    things = (Thing("cat", "", (0, 0, 16, 16)), Thing("apple", "", (40, 40, 64, 64)))
    words = "a cat left of an apple".split()
    maps = np.zeros((len(words) + 1, 64))
    maps[:, 9] = 1  # the region whose centre is (12, 12)
    np.testing.assert_allclose(
        points(words, maps, things), [[1, 1, 4 / 64], [0, 0, 9 / 64]]
    )
    assert inside("cat", things, 8).sum() == 4
    assert noun_score(words, things) == 1
    assert noun_score("a cat above a cat".split(), things) == 0.5
    found = score([words], [things], maps[None], step="first")
    assert found["exact"] == 1
    assert found["pointing"] == found["mass"] == 0.5
    assert score([["a", "pig"]], [things], maps[None])["chance"] == 0
    with pytest.raises(ValueError, match="step: expected"):
        points(words, maps, things, step="last")
