"""The drawings: of their kind, not empty, credited."""

import unicodedata

import pytest

from rnnkit.scenes import drawings
from rnnkit.scenes.drawings import KINDS, NAMES

# What Unicode calls a kind where it does not use our word.
OTHER_WORDS = {
    "car": ("AUTOMOBILE", "RECREATIONAL VEHICLE"),
    "flower": ("TULIP", "BLOSSOM"),
    "cake": ("SHORTCAKE",),
    "bus": ("TROLLEYBUS",),
    "dog": ("POODLE",),
}


@pytest.mark.parametrize("name", NAMES)
def test_every_drawing_is_of_its_kind_and_not_empty(name):
    category, seen, held_out = KINDS[name]
    assert category in ("animal", "food", "vehicle", "thing")
    assert seen
    assert not set(seen) & set(held_out)
    for drawing in seen + held_out:
        called = unicodedata.name(drawing)
        words = (name.upper(), *OTHER_WORDS.get(name, ()))
        assert any(word in called for word in words), (name, called)
        colour, opacity = drawings.sprite(drawing, 24, 10)
        assert opacity.mean() > 0.1
        assert (colour <= 255 * opacity + 1).all()


def test_a_drawing_that_the_font_lacks_is_an_error():
    with pytest.raises(ValueError, match="drawing: expected one that OpenMoji has"):
        drawings.glyph("我")


def test_the_credit_names_source_and_licence():
    assert drawings.CREDIT == "Drawings: OpenMoji, CC BY-SA 4.0"
