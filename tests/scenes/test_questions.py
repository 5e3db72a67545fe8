"""Questions: everything that is claimed to be exact is."""

import random

from rnnkit.scenes import questions
from rnnkit.scenes.balance import guess_blind
from rnnkit.scenes.clips import generate_clip_scenes

from .staged import STAGED


def test_questions_about_a_staged_scene():
    asked = {
        q.words: q.answer for q in questions.questions(STAGED, names=("cat", "cow"))
    }
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
        for q in questions.questions(things):
            assert q.form in questions.FORMS
            assert set(q.words.split()) <= set(questions.QUESTION_WORDS)
            assert q.answer in questions.ANSWERS
            there = {t.name for t in things}
            assert set(q.named) <= there or q.form in ("existence", "counting")
            assert q.meant in (there if q.form in ("kind", "what") else {""})


def test_no_scene_answers_a_question_in_two_ways(crowd):
    for things in crowd.things:
        asked = [q.words for q in questions.questions(things)]
        assert len(asked) == len(set(asked))


def test_one_question_about_one_scene():
    rng = random.Random(0)
    asked = [questions.ask(rng, STAGED, "existence") for _ in range(300)]
    assert 100 < sum(q.answer == "yes" for q in asked) < 200
    assert questions.ask(rng, STAGED[:2], "relation") is None


def test_questions_about_clips(clips):
    asked = questions.generate_clip_questions(clips, 3000, seed=1)
    for i, q in asked[:300]:
        assert q in questions.clip_questions(clips, i)
        assert set(q.words.split()) <= set(questions.QUESTION_WORDS)
        assert q.answer in questions.ANSWERS
    other = generate_clip_scenes(500, seed=1)
    test = questions.generate_clip_questions(other, 1500, seed=2)
    blind = guess_blind(asked, test)
    assert blind["direction"] < 0.35
    assert blind["mover"] < 0.1
    assert abs(blind["moving"] - 0.5) < 0.1
