"""Texts as numbers: there and back, and what a vocabulary refuses."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnkit.nn.text.vocabulary import Vocabulary


@given(st.text(min_size=1))
def test_what_is_encoded_comes_back(text):
    vocabulary = Vocabulary.of(text)
    tokens = vocabulary.encode(text)
    assert tokens.dtype == torch.long
    assert len(tokens) == len(text)
    assert vocabulary.decode(tokens) == text
    assert list(vocabulary.characters) == sorted(set(text))


def test_unknown_characters_are_named():
    vocabulary = Vocabulary("abc")
    with pytest.raises(
        ValueError, match=r"line: expected .* 3 characters, got 'x' 'z'"
    ):
        vocabulary.encode("azxa", name="line")
    with pytest.raises(ValueError, match=r"'k' and 2 more$"):
        vocabulary.encode("defghijklm")


@pytest.mark.parametrize("characters", ["", None, ["a"], "aba"])
def test_a_vocabulary_has_each_character_once(characters):
    with pytest.raises(ValueError, match="characters: expected"):
        Vocabulary(characters)
