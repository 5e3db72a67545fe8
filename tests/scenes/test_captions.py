"""Captions: everything that is claimed to be exact is."""

from rnnkit.scenes.captions import CAPTION_WORDS, captions, phrases

from .staged import STAGED


def test_captions_of_a_staged_scene():
    assert captions(STAGED) == [
        "a car below a dog",
        "a car below two cats",
        "a car right of two cats",
        "a dog above a car",
        "a dog right of two cats",
        "two cats above a car",
        "two cats left of a car",
        "two cats left of a dog",
    ]


def test_captions_use_the_vocabulary_and_their_phrases_are_found(crowd):
    for things in crowd.things[:300]:
        for caption in captions(things):
            words = caption.split()
            assert set(words) <= set(CAPTION_WORDS)
            (start, noun, a), (start_b, noun_b, b) = phrases(words)
            assert (start, noun) == (0, 1)
            assert noun_b == start_b + 1 == len(words) - 1
            assert {a, b} <= {t.name for t in things}
