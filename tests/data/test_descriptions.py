"""Captions and questions: everything that is claimed to be exact is."""

import random

from rnnkit.data import descriptions as d

from .staged import STAGED


def test_captions_of_a_staged_scene():
    assert d.captions(STAGED) == [
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
        for caption in d.captions(things):
            words = caption.split()
            assert set(words) <= set(d.CAPTION_WORDS)
            (start, noun, a), (start_b, noun_b, b) = d.phrases(words)
            assert (start, noun) == (0, 1)
            assert noun_b == start_b + 1 == len(words) - 1
            assert {a, b} <= {t.name for t in things}


def test_questions_about_a_staged_scene():
    asked = {q.words: q.answer for q in d.questions(STAGED, names=("cat", "cow"))}
    assert asked == {
        "is there a cat": "yes",
        "is there a cow": "no",
        "how many cats are there": "two",
        "how many cows are there": "zero",
        "how many animals are there": "three",
        "how many vehicles are there": "one",
        "what vehicle is there": "car",  # not "what animal": there are two kinds
        "what is left of the car": "cat",
        # Not "left of the dog": the car is too, a little. Nor "below the dog": one cat is.
        "is the car below the dog": "yes",
        "is the car above the dog": "no",
        "is the dog above the car": "yes",
        "is the dog below the car": "no",
    }


def test_questions_and_answers_use_the_vocabulary(crowd):
    for things in crowd.things[:300]:
        for q in d.questions(things):
            assert q.form in d.FORMS
            assert set(q.words.split()) <= set(d.QUESTION_WORDS)
            assert q.answer in d.ANSWERS
            there = {t.name for t in things}
            assert set(q.named) <= there or q.form in ("existence", "counting")
            assert q.meant in (there if q.form in ("kind", "what") else {""})


def test_no_scene_answers_a_question_in_two_ways(crowd):
    for things in crowd.things:
        asked = [q.words for q in d.questions(things)]
        assert len(asked) == len(set(asked))


def test_one_question_about_one_scene():
    rng = random.Random(0)
    asked = [d.ask(rng, STAGED, "existence") for _ in range(300)]
    assert 100 < sum(q.answer == "yes" for q in asked) < 200
    assert d.ask(rng, STAGED[:2], "relation") is None
