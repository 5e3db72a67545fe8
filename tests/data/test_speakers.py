"""Speakers' names in the plays run together."""

import re

import numpy as np

from rnnkit.data.shakespeare import load_shakespeare
from rnnkit.data.speakers import load_speakers


def test_the_text_is_that_of_the_plays():
    text, named = load_speakers()
    plays = " ".join(load_shakespeare().lower().split())
    assert text.strip() == plays
    assert len(text) == len(named)
    assert named.dtype == bool


def test_names_are_marked_and_end_in_a_colon():
    text, named = load_speakers()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], named, [0]])))
    found = [text[a:b] for a, b in edges.reshape(-1, 2)]
    expected = re.findall(r"^[^a-z\n]+:$", load_shakespeare(), re.MULTILINE)
    assert found == [name.lower() for name in expected]
    assert all(name.endswith(":") for name in found)
    assert "romeo:" in found
    assert 0.05 < named.mean() < 0.08
