"""Every question of the bank, for twenty seeds and both versions: whole, different, and right."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from rnnkit.exam import LEVELS, QUESTIONS, VERSIONS, find
from rnnkit.exam.bank.chapter_03 import BUGS
from rnnkit.exam.draw import Draw
from rnnkit.exam.fill import fill
from rnnkit.exam.question import Drawn
from rnnkit.functional import (
    affine_backward,
    affine_forward,
    cross_entropy_backward,
    cross_entropy_forward,
)
from rnnkit.gradcheck import relative_error
from rnnkit.sequence import rnn_backward, rnn_forward

from .independent import ANSWERS

ROOT = Path(__file__).parents[2]
SEEDS = range(20)


@cache
def drawn_of(question, seed, version):
    """A question with its numbers, drawn once for all tests."""
    return question.draw(seed, version)


every_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)


def test_the_bank_is_large_and_every_chapter_and_level_is_in_it():
    assert len(QUESTIONS) >= 60
    assert len({q.id for q in QUESTIONS}) == len(QUESTIONS)
    assert {q.level for q in QUESTIONS} == set(LEVELS)
    numbers = {int(path.name[:2]) for path in (ROOT / "notebooks").glob("*.ipynb")}
    for number in numbers:
        levels = [q.level for q in QUESTIONS if q.chapters[0] == number]
        assert len(levels) >= 4, f"chapter {number}"
        assert set(levels) == set(LEVELS), f"chapter {number}"


@every_question
def test_a_question_comes_first_under_the_chapter_that_its_id_names(question):
    assert re.fullmatch(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*", question.id)
    assert question.chapters[0] == int(question.id[:2])
    assert len(set(question.chapters)) == len(question.chapters)
    assert find(question.id) is question


@every_question
def test_versions_differ_and_seeds_repeat(question):
    for seed in SEEDS:
        drawn = {version: drawn_of(question, seed, version) for version in VERSIONS}
        assert drawn["A"].text != drawn["B"].text
        if drawn["A"].given:
            assert repr(drawn["A"].given) != repr(drawn["B"].given)
    assert repr(question.draw(seed, "B")) == repr(drawn["B"])


@every_question
def test_a_question_is_whole(question):
    points = {drawn_of(question, seed, v).points for seed in SEEDS for v in VERSIONS}
    assert len(points) == 1, "versions are worth the same"
    for seed in SEEDS:
        drawn = drawn_of(question, seed, "A")
        assert all(worth > 0 and what for worth, what in drawn.marks)
        for text in (drawn.text, drawn.answer):
            assert not re.search(r"<<|>>|\bnan\b|\binf\b|np\.float|array\(", text), text
            assert text.count("$") % 2 == 0, text
        asked = re.findall(r"^\(([a-e])\)", drawn.text, re.MULTILINE)
        answered = re.findall(r"^\(([a-e])\)", drawn.answer, re.MULTILINE)
        assert answered == asked == sorted(asked), "a part asked is a part answered"
        marked = {
            letter
            for _, what in drawn.marks
            for letter in re.findall(r"\(([a-e])\)", what)
        }
        assert marked == set(asked) or not marked, "and a part that has points"


@every_question
def test_the_numbers_are_those_of_an_independent_computation(question):
    for seed in SEEDS:
        for version in VERSIONS:
            drawn = drawn_of(question, seed, version)
            if not drawn.numbers:
                assert question.id not in ANSWERS
                continue
            again = ANSWERS[question.id](**drawn.given)
            assert set(again) == set(drawn.numbers)
            for name, value in drawn.numbers.items():
                scale = np.abs(np.asarray(again[name], float)).max()
                # Differences reach some seven digits, places on a fine grid some four.
                np.testing.assert_allclose(
                    np.asarray(value, float),
                    np.asarray(again[name], float),
                    rtol=1e-3 if question.id == "12-bells" else 1e-6,
                    atol=2e-3 if question.id == "12-bells" else 1e-8 * scale,
                    err_msg=f"{question.id}, seed {seed}, {name}",
                )


def test_answers_that_are_wrong_are_found():
    """The comparison above can fail: a number that is off by a thousandth does."""
    drawn = find("05-soft-attention").draw(1)
    again = ANSWERS["05-soft-attention"](**drawn.given)
    assert abs(drawn.numbers["context"] - again["context"]) < 1e-9
    wrong = ANSWERS["05-soft-attention"](
        scores=drawn.given["scores"] + [0.01, 0, 0], values=drawn.given["values"]
    )
    assert abs(drawn.numbers["context"] - wrong["context"]) > 1e-3


@pytest.mark.parametrize("bug", sorted(BUGS))
def test_a_bug_flags_the_gradients_that_the_answer_names(bug, rng):
    B, T, D, H, V = 2, 4, 3, 3, 5
    shapes = {"x": (B, T, D), "h0": (B, H), "W_xh": (D, H), "W_hh": (H, H), "b_h": (H,)}
    shapes |= {"W_hy": (H, V), "b_y": (V,)}
    given = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    targets = rng.integers(V, size=(B, T))
    right, wrong = gradients(given, targets), gradients(given, targets, bug)
    flagged = {
        name for name in right if relative_error(right[name], wrong[name]) > 1e-6
    }
    assert flagged == BUGS[bug][0]


def gradients(given, targets, bug=""):
    """All gradients of a vanilla RNN with an output layer, with one of the bugs."""
    x, h0, W_xh, W_hh, b_h, W_hy, b_y = given.values()
    h, cache = rnn_forward(x, h0, W_xh, W_hh, b_h)
    logits, output = affine_forward(h, W_hy, b_y)
    dlogits = cross_entropy_backward(cross_entropy_forward(logits, targets)[1])
    if "twice" in bug:
        dlogits = dlogits / len(x)
    dh_all, dW_hy, db_y = affine_backward(dlogits, output)
    if not bug:
        names = ("x", "h0", "W_xh", "W_hh", "b_h")
        return dict(zip(names, rnn_backward(dh_all, cache), strict=True)) | {
            "W_hy": dW_hy,
            "b_y": db_y,
        }
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    dh_next, found = np.zeros_like(h0), {k: np.zeros_like(v) for k, v in given.items()}
    for t in reversed(range(x.shape[1])):
        dh = dh_all[:, t] + (0 if "never receives" in bug else dh_next)
        da = dh * (1 if "forgotten" in bug else 1 - h[:, t] ** 2)
        dh_next = da @ W_hh.T
        found["x"][:, t] = da @ (W_hh if "instead of `W_xh`" in bug else W_xh).T
        found["W_xh"] += x[:, t].T @ da
        found["W_hh"] += (h if "instead of `h_prev`" in bug else before)[:, t].T @ da
        found["b_h"] += da.mean(axis=0) if "averaged" in bug else da.sum(axis=0)
    return found | {"h0": dh_next, "W_hy": dW_hy, "b_y": db_y}


@pytest.mark.parametrize("seed", ["7", 1.5, -1, None, True, "abc"])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(
        ValueError, match=rf"^seed: expected a whole number from 0, got {seed!r}$"
    ):
        QUESTIONS[0].draw(seed)


@pytest.mark.parametrize("version", ["C", "", "AB", 1])
def test_an_unknown_version_is_refused(version):
    with pytest.raises(ValueError, match=r"^version: expected one of A, B, got "):
        QUESTIONS[0].draw(1, version)


def test_a_number_that_the_answer_does_not_give_is_refused():
    with pytest.raises(
        ValueError, match=r"^answer: expected every number, got none of \['y'\]$"
    ):
        Drawn("What is $y$?", "Three.", [(1, "y")], numbers={"y": 3})
    with pytest.raises(
        ValueError, match=r"^text: expected a value called 'x', got none$"
    ):
        Drawn("<<x>>", "", [])


def test_values_stand_in_a_text_as_tex():
    values = {
        "v": np.array([1.0, -0.5]),
        "M": np.eye(2),
        "n": 12345,
        "tiny": 1.5e-7,
        "z": -1e-9,
    }
    text, used = fill("<<v>> <<M>> <<n>> <<tiny:.1e>> <<z:.3f>>", values)
    assert text == (
        r"(1,\ -0.5) \begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix} 12\,345 1.5 \cdot 10^{-7} 0.000"
    )
    assert used == set(values)


def test_draws_have_few_digits_and_no_zero():
    draw = Draw(1, "00-made", "A", 0)
    assert set(np.round(draw.steps(-0.5, 0.5, 0.25, 200), 9)) == {
        -0.5,
        -0.25,
        0.25,
        0.5,
    }
    for _ in range(50):
        share = draw.shares(4)
        assert abs(share.sum() - 1) < 1e-9
        assert (np.diff(share) < 0).all()
    with pytest.raises(
        ValueError, match=r"^parts: expected fewer for a step of 0.05, got 6$"
    ):
        draw.shares(6)
