"""What a chapter says about itself: title, goals, minutes, core sections, and the questions that it asks."""

import ast
import json
import re
from pathlib import Path
from typing import NamedTuple

QUIZZES = Path("rnnkit/show/quizzes")
HEADER = re.compile(
    r"\*\*You will be able to\*\* (?P<goals>.+?)\n\n.*?"
    r"\*\*Reading\*\* core (?P<core>\d+) min, all (?P<all>\d+) min.*?"
    r"\*\*Running\*\* about (?P<seconds>\d+) seconds",
    re.DOTALL,
)
NO_SECTIONS = ("Exercises", "Further reading", "Questions", "Quiz", "Summary")


class Facts(NamedTuple):
    """A chapter as a lecturer sees it; minutes and seconds are those of its header."""

    number: int
    title: str
    goals: list
    further_goals: list
    core: int
    all: int
    seconds: int
    sections: list
    exercises: int
    predictions: int


def facts_of(path):
    """Read a chapter. Raises ValueError where its header does not say what a header says."""
    cells = cells_of(path)
    text = cells[0][1]
    header = HEADER.search(text)
    title = re.match(r"# +(.+)", text)
    if not header or not title:
        raise ValueError(
            f"{Path(path).name}: expected a header with goals, minutes and seconds, got {text[:80]!r}"
        )
    goals, _, further = re.sub(r"\s+", " ", header["goals"]).partition(" Further")
    prose = "\n".join(source for kind, source in cells if kind == "markdown")
    headings = re.findall(r"(?m)^## +(.+?) *$", prose)
    return Facts(
        number=int(Path(path).name[:2]),
        title=title[1].strip(),
        goals=clauses(goals),
        further_goals=clauses(further.partition(":")[2]),
        core=int(header["core"]),
        all=int(header["all"]),
        seconds=int(header["seconds"]),
        sections=[
            h
            for h in headings
            if not h.startswith(("Further:", "What you have seen", *NO_SECTIONS))
        ],
        exercises=prose.count("{exercise}"),
        predictions=len(predictions_of(path)),
    )


def cells_of(path):
    """The cells of a notebook, (kind, source) each."""
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    return [(c["cell_type"], "".join(c["source"])) for c in notebook["cells"]]


def clauses(text):
    """The parts of a list of goals, each without its comma, “and” and full stop."""
    parts = (part.strip().removeprefix("and ") for part in text.split(";"))
    return [part.rstrip(". ") for part in parts if part.strip()]


def predictions_of(path):
    """The predictions of a chapter by id: what was handed to ``Predict``."""
    found = {}
    for kind, source in cells_of(path):
        if kind != "code" or "Predict(" not in source:
            continue
        for call in ast.walk(ast.parse(source)):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Predict":
                given = {k.arg: ast.literal_eval(k.value) for k in call.keywords}
                found[given["id"]] = given
    return found


def question_at(root, stem, where):
    """The question that shows a belief, and what to answer: (question, its name, the answer).

    where: "quiz 5.1", "predict-bag.1", or "predict-h0" where a number is asked for.
    Raises ValueError if there is no such wrong option.
    """
    if match := re.fullmatch(r"quiz (\d+)\.(\d+)", where):
        path = Path(root, QUIZZES, f"{stem}.json")
        asked = json.loads(path.read_text(encoding="utf-8"))
        number, place = int(match[1]), int(match[2])
        if 1 <= number <= len(asked) and 1 <= place <= len(
            asked[number - 1]["options"]
        ):
            option = asked[number - 1]["options"][place - 1]
            if not option["correct"]:
                return (
                    asked[number - 1]["question"],
                    f"quiz, question {number}",
                    option["feedback"],
                )
    elif match := re.fullmatch(r"(predict-[a-z0-9-]+)(?:\.(\d+))?", where):
        asked = predictions_of(Path(root, "notebooks", f"{stem}.ipynb")).get(match[1])
        if asked and not match[2] and "options" not in asked:
            return asked["question"], "prediction", asked["feedback"]
        options = asked.get("options", []) if asked and match[2] else []
        if options and 1 <= int(match[2]) <= len(options):
            _, correct, feedback = options[int(match[2]) - 1]
            if not correct:
                return asked["question"], "prediction", feedback
    raise ValueError(
        f"{stem}: expected a wrong option of its quiz or a prediction, got {where!r}"
    )
