"""Questions whose words alone do not tell the answer."""

from collections import Counter

import numpy as np
import pytest

from rnnkit.scenes import balance, layouts, questions
from rnnkit.scenes.drawings import NAMES

from .staged import STAGED, VQA_PATTERNS


@pytest.fixture(scope="module")
def asked(crowd):
    return questions.generate_questions(crowd, 20000, seed=1)


def test_every_answer_to_the_same_words_is_as_likely(crowd, asked):
    assert Counter(q.form for _, q in asked) == dict.fromkeys(questions.FORMS, 4000)
    for i, q in asked[:500]:
        assert q in questions.questions(crowd.things[i])
    cats = Counter(q.answer for _, q in asked if q.words == "how many cats are there")
    assert set(cats) == {"zero", "one", "two", "three"}
    assert max(cats.values()) < 2 * min(cats.values())
    assert asked == questions.generate_questions(crowd, 20000, seed=1)


def test_a_blind_guesser_is_near_chance(asked):
    test = layouts.generate_scenes(500, seed=2, patterns=VQA_PATTERNS)
    blind = balance.guess_blind(asked, questions.generate_questions(test, 5000, seed=2))
    print({form: round(share, 2) for form, share in blind.items()})
    chance = {"existence": 1 / 2, "counting": 1 / 4, "relation": 1 / 2}
    for form, share in chance.items():
        assert abs(blind[form] - share) < 0.06
    assert blind["kind"] < 0.3
    assert blind["what"] < 0.15


def test_bad_arguments_of_questions():
    crowd = layouts.generate_scenes(100, patterns=VQA_PATTERNS)
    with pytest.raises(ValueError, match=r"forms: expected some of .*'colour'"):
        questions.generate_questions(crowd, 10, forms=("colour",))
    with pytest.raises(ValueError, match="n: expected at least 1, got 0"):
        questions.generate_questions(crowd, 0)
    with pytest.raises(ValueError, match="same existence question, got none"):
        questions.generate_questions([STAGED], 10)
    learned = questions.generate_questions(crowd, 10, forms=("kind",))
    with pytest.raises(ValueError, match=r"forms: expected some of \['kind'\]"):
        balance.guess_blind(learned, questions.generate_questions(crowd, 10))


def test_leaning_questions_favour_the_answers_they_should(crowd):
    asked = questions.generate_questions(crowd, 20000, seed=1, forms=("existence",))
    for share in (0.9, 0.5, 0.1):
        kept = balance.lean(asked, share, NAMES[:12], seed=2)
        assert set(kept) <= set(asked)
        for names, wanted in (
            (NAMES[:12], share),
            (NAMES[12:], 1 - share),
        ):
            said = [q.answer == "yes" for _, q in kept if q.named[0] in names]
            assert np.mean(said) == pytest.approx(wanted, abs=0.03)
    assert balance.lean(asked, 0.5, NAMES[:12]) == asked
    for share in (0, 1, 1.2):
        with pytest.raises(ValueError, match="share: expected between 0 and 1, got"):
            balance.lean(asked, share, NAMES)
