"""Questions with feedback: the quiz that closes a chapter, and predictions before a result is shown.

    Quiz("02_vanilla_rnn")  # reads quizzes/02_vanilla_rnn.json

    Predict(
        id="predict-memory",
        question="After how many steps is the input's influence below 1 %?",
        options=[
            ("about 5", True, "The factor is near 0.4 per step, and 0.4⁵ is 0.01."),
            ("about 50", False, "That would need a factor of 0.91 per step."),
        ],
        next="Run the cell below to see the curve.",
    )
    Predict(id="predict-loss", question="Which loss does guessing give?", answer=1.39, tolerance=0.05,
            minimum=0, maximum=4, step=0.01, unit="nats", feedback="With 4 symbols it is `ln 4`.")

Texts may hold `code` in backticks and Unicode mathematics; they are never read as HTML.
"""

import json
import math
from pathlib import Path

import traitlets

from rnnkit.show.explorable import Explorable, rich

QUIZZES = Path(__file__).parent / "quizzes"


class _Questions(Explorable):
    """What quiz and prediction share: their module, and a text instead of a picture."""

    module = "quiz"
    kind = traitlets.Unicode().tag(sync=True)
    questions = traitlets.List().tag(sync=True)

    def _picture(self):
        return None

    def static_html(self, png):
        items = "".join(
            f"<li>{rich(q['question'])}{_options_html(q)}</li>" for q in self.questions
        )
        return f"<ol>{items}</ol>"


class Quiz(_Questions):
    """The quiz of a chapter. Wrong answers get feedback and may be tried again.

    name: the chapter, "02_vanilla_rnn". Raises ValueError if there is no such quiz or it breaks a rule:
    a list of {"question", "options": [{"text", "correct", "feedback"}]}, one correct option each.
    """

    def __init__(self, name: str) -> None:
        path = QUIZZES / f"{name}.json"
        if not path.is_file():
            raise ValueError(
                f"name: expected a quiz in rnnkit/show/quizzes, got {name!r}"
            )
        questions = check_quiz(json.loads(path.read_text(encoding="utf-8")), name)
        alt = "Quiz: " + " / ".join(question["question"] for question in questions)
        super().__init__(
            id="quiz-" + name.replace("_", "-").lower(),
            alt=alt,
            kind="quiz",
            questions=questions,
        )


class Predict(_Questions):
    """One question to commit to before the answer is shown. The first answer counts.

    question: what to predict. Then either
    options: (text, correct, feedback) triples, exactly one correct; or
    answer: a number, right within +- tolerance (same unit); feedback: why it is so; unit: its name;
    minimum, maximum: give both for a slider, neither for a number field; step: its resolution.
    next: what to do after the commitment. Raises ValueError if the parts do not fit together.
    """

    next = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        *,
        id: str,
        question: str,
        options: list | None = None,
        answer: float | None = None,
        tolerance: float | None = None,
        unit: str = "",
        minimum: float | None = None,
        maximum: float | None = None,
        step: float = 0.01,
        feedback: str = "",
        next: str = "Now run the next cell.",
        caption: str = "",
    ) -> None:
        if (options is None) == (answer is None):
            raise ValueError(
                f"{id}: expected either options or an answer, got both or neither"
            )
        if options is not None:
            keys = ("text", "correct", "feedback")
            item = {
                "question": question,
                "options": [dict(zip(keys, option, strict=True)) for option in options],
            }
            check_quiz([item], id)
        else:
            numbers = {
                "answer": answer,
                "tolerance": tolerance,
                "minimum": minimum,
                "maximum": maximum,
            }
            item = {
                "question": question,
                "unit": unit,
                "step": step,
                "feedback": feedback,
                **numbers,
            }
            _check_number(item, id)
        super().__init__(
            id=id,
            alt=f"Predict: {question}",
            caption=caption,
            kind="predict",
            questions=[item],
            next=next,
        )


def check_quiz(questions: list, name: str) -> list[dict]:
    """Return the questions, or raise a ValueError that names the quiz, the question and what is wrong."""
    if not isinstance(questions, list) or not questions:
        raise ValueError(
            f"{name}: expected a list of questions, got {type(questions).__name__}"
        )
    for number, question in enumerate(questions, 1):
        where = f"{name}, question {number}"
        _check_keys(question, {"question", "options"}, where)
        _check_text(question["question"], f"{where}: question")
        options = question["options"]
        if not isinstance(options, list) or len(options) < 2:
            raise ValueError(f"{where}: expected at least 2 options, got {options!r}")
        for i, option in enumerate(options, 1):
            _check_keys(option, {"text", "correct", "feedback"}, f"{where}, option {i}")
            _check_text(option["text"], f"{where}, option {i}: text")
            _check_text(option["feedback"], f"{where}, option {i}: feedback")
            if not isinstance(option["correct"], bool):
                raise ValueError(
                    f"{where}, option {i}: correct: expected true or false"
                )
        correct = sum(option["correct"] for option in options)
        if correct != 1:
            raise ValueError(
                f"{where}: expected exactly one correct option, got {correct}"
            )
        if len({option["text"] for option in options}) < len(options):
            raise ValueError(
                f"{where}: expected different options, got the same text twice"
            )
    return questions


def _check_keys(item, keys, where):
    if not isinstance(item, dict) or set(item) != keys:
        got = sorted(item) if isinstance(item, dict) else type(item).__name__
        raise ValueError(f"{where}: expected the keys {sorted(keys)}, got {got}")


def _check_text(text, where):
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{where}: expected a text, got {text!r}")
    if text.count("`") % 2:
        raise ValueError(f"{where}: expected backticks in pairs, got {text!r}")


def _check_number(item, name):
    _check_text(item["question"], f"{name}: question")
    _check_text(item["feedback"], f"{name}: feedback")
    if item["tolerance"] is None or not item["tolerance"] > 0:
        raise ValueError(
            f"{name}: tolerance: expected a number above 0, got {item['tolerance']!r}"
        )
    if not math.isfinite(item["answer"]):
        raise ValueError(
            f"{name}: answer: expected a finite number, got {item['answer']!r}"
        )
    low, high = item["minimum"], item["maximum"]
    if (low is None) != (high is None):
        raise ValueError(f"{name}: expected both minimum and maximum, or neither")
    if low is not None and not low < item["answer"] < high:
        raise ValueError(
            f"{name}: answer: expected a number between {low} and {high}, got {item['answer']}"
        )


def _options_html(question):
    items = "".join(
        f"<li>{rich(option['text'])}</li>" for option in question.get("options", [])
    )
    return f"<ul>{items}</ul>" if items else ""
