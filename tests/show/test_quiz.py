"""Quizzes and predictions keep their rules."""

import importlib
import json
import pkgutil

import pytest

from rnnkit import show
from rnnkit.show import quiz
from rnnkit.show.explorable import Explorable
from rnnkit.show.quiz import Predict, Quiz, check_quiz


def good():
    options = [
        {"text": "yes", "correct": True, "feedback": "Indeed."},
        {"text": "no", "correct": False, "feedback": "Look again."},
    ]
    return [{"question": "Is `a < b`?", "options": options}]


def test_quiz_reads_its_file(tmp_path, monkeypatch):
    monkeypatch.setattr(quiz, "QUIZZES", tmp_path)
    (tmp_path / "02_vanilla_rnn.json").write_text(json.dumps(good()), encoding="utf-8")
    data, _ = Quiz("02_vanilla_rnn")._repr_mimebundle_()
    assert 'id="rk-quiz-02-vanilla-rnn" data-module="quiz"' in data["text/html"]
    assert (
        "<ol><li>Is <code>a &lt; b</code>?<ul><li>yes</li><li>no</li></ul></li></ol>"
        in data["text/html"]
    )
    assert "image/png" not in data
    with pytest.raises(ValueError, match="expected a quiz in"):
        Quiz("no_such")


def change(path, value):
    questions = good()
    target = questions[0]
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return questions


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        ([], "list of questions"),
        (change(["question"], " "), "question 1: question: expected a text"),
        (change(["question"], "`x"), "pairs"),
        (change(["options"], []), "at least 2 options"),
        (change(["options", 1, "correct"], True), "exactly one correct option, got 2"),
        (change(["options", 0, "correct"], False), "exactly one correct option, got 0"),
        (change(["options", 0, "correct"], "yes"), "true or false"),
        (change(["options", 1, "feedback"], ""), "option 2: feedback: expected a text"),
        (change(["options", 1, "text"], "yes"), "same text twice"),
        (change(["extra"], 1), "expected the keys"),
    ],
)
def test_quiz_rules(questions, message):
    with pytest.raises(ValueError, match=message):
        check_quiz(questions, "name")


def test_the_quizzes_of_the_chapters_keep_the_rules():
    for path in quiz.QUIZZES.glob("*.json"):
        Quiz(path.stem)


def test_predict_with_options_and_with_a_number():
    options = [("a", True, "yes"), ("b", False, "no")]
    choice = Predict(id="p", question="Which?", options=options, next="Run it.")
    assert choice.state()["questions"][0]["options"][1] == {
        "text": "b",
        "correct": False,
        "feedback": "no",
    }
    number = Predict(
        id="p", question="How much?", answer=1.4, tolerance=0.1, feedback="So."
    )
    assert number.state()["questions"][0]["answer"] == 1.4


def test_the_page_does_not_start_from_what_was_answered():
    options = [("a", True, "yes"), ("b", False, "no")]
    choice = Predict(id="p", question="Which?", options=options)
    choice.given = {"Which?": {"chosen": "b", "right": False, "tries": 1}}
    assert set(choice.state()) == {"kind", "next", "questions"}


def test_no_figure_has_a_state_where_a_page_puts_what_was_answered():
    """Every figure has `given` from its base; a state of that name would be lost."""
    for module in pkgutil.iter_modules(show.__path__):
        importlib.import_module(f"rnnkit.show.{module.name}")
    figures = [
        each
        for each in Explorable.__subclasses__()
        if each.__module__.startswith("rnnkit.show.")
    ]
    assert len(figures) >= 13
    assert [c.__name__ for c in figures if "given" in vars(c)] == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "either options or an answer"),
        ({"answer": 1, "options": []}, "either options or an answer"),
        ({"options": [("a", True, "yes")]}, "at least 2 options"),
        ({"answer": 1, "feedback": "So."}, "tolerance: expected"),
        ({"answer": 1, "tolerance": 0.1}, "feedback: expected a text"),
        (
            {"answer": 1, "tolerance": 0.1, "feedback": "So.", "minimum": 0},
            "both minimum and maximum",
        ),
        (
            {
                "answer": 9,
                "tolerance": 0.1,
                "feedback": "So.",
                "minimum": 0,
                "maximum": 4,
            },
            "between 0 and 4",
        ),
        ({"answer": float("nan"), "tolerance": 0.1, "feedback": "So."}, "finite"),
    ],
)
def test_predict_rules(given, message):
    with pytest.raises(ValueError, match=message):
        Predict(id="p", question="Which?", **given)
