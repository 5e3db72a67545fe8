"""Parallel text: what is in it, and that no English text is in two parts."""

import re

from rnnkit.data import language_pack


def test_pairs():
    pairs = language_pack.load_pairs()
    assert len(pairs) == 2614
    assert pairs == sorted(pairs)
    english, french = zip(*pairs, strict=True)
    assert len(set(english)) == len(english)
    for text in (*english, *french):
        assert 0 < len(text) <= 80
        assert text == text.strip()
        assert "\n" not in text
    assert all(e != f for e, f in pairs)
    known = dict(pairs)
    assert known["Recent Items Number"] == "Nombre d'éléments récents"
    assert known["%1 log entries for %2"] == "%1 entrées du journal pour %2"


def test_placeholders_are_on_both_sides():
    sides = [
        [set(re.findall(r"%\d", text)) for text in pair]
        for pair in language_pack.load_pairs()
    ]
    assert all(english == french for english, french in sides)
    assert sum(bool(english) for english, _ in sides) > 100


def test_shorter_pairs_are_a_part_of_them():
    short = language_pack.load_pairs(longest=20)
    assert 500 < len(short) < 2614
    assert set(short) <= set(language_pack.load_pairs())
    assert max(len(text) for pair in short for text in pair) <= 20


def test_split():
    pairs = language_pack.load_pairs()
    parts = language_pack.split(pairs)
    assert sorted(p for part in parts.values() for p in part) == pairs
    assert [round(len(part) / len(pairs), 1) for part in parts.values()] == [
        0.8,
        0.1,
        0.1,
    ]
    letters = {
        name: {"".join(filter(str.isalnum, e.casefold())) for e, _ in part}
        for name, part in parts.items()
    }
    assert not letters["train"] & (letters["valid"] | letters["test"])
    assert not letters["valid"] & letters["test"]
    alike = language_pack.split([("Zoom in", "a"), ("Zoom In...", "b")])
    assert sorted(len(part) for part in alike.values()) == [0, 0, 2]
