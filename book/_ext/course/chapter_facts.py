"""What a chapter says about itself: title, goals, minutes, core sections, and the questions that it asks."""

import json
import re
from pathlib import Path
from typing import NamedTuple

from .cells import CHAPTERS, cells_of, title_of
from .guards import pieces, prose_numbers
from .predictions import predictions_of

import minutes  # isort: skip  # from tools/, where `guards` has said to look

QUIZZES = Path("rnnkit/show/quizzes")
HEADER = re.compile(
    r"\*\*You will be able to\*\* (?P<goals>.+?)\n\n.*?"
    r"\*\*Reading\*\* core (?P<core>\d+) min, all (?P<all>\d+) min.*?"
    r"\*\*Running\*\* about (?P<seconds>\d+) seconds",
    re.DOTALL,
)
NOT_TAUGHT = (prose_numbers.SUMMARY, "Questions", "Quiz")


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
    text = cells[0].source
    header = HEADER.search(text)
    if not header:
        raise ValueError(
            f"{Path(path).name}: expected a header with goals, minutes and seconds, got {text[:80]!r}"
        )
    goals, _, further = re.sub(r"\s+", " ", header["goals"]).partition(" Further")
    return Facts(
        number=int(Path(path).name[:2]),
        title=title_of(path),
        goals=clauses(goals),
        further_goals=clauses(further.partition(":")[2]),
        core=int(header["core"]),
        all=int(header["all"]),
        seconds=int(header["seconds"]),
        sections=core_sections(cells),
        exercises=sum(cell.source.count("::::{exercise}") for cell in cells),
        predictions=len(predictions_of(path)),
    )


def core_sections(cells):
    """The headings of the sections that later chapters need."""
    return [
        heading
        for _, depth, heading in pieces(cells)
        if depth == 2
        and minutes.place_of(heading) == "core"
        and heading not in NOT_TAUGHT
    ]


def clauses(text):
    """The parts of a list of goals, each without its comma, “and” and full stop."""
    parts = (part.strip().removeprefix("and ") for part in text.split(";"))
    return [part.rstrip(". ") for part in parts if part.strip()]


def question_at(root, stem, where):
    """The question that shows a belief, and what to answer: (question, its name, the answer).

    where: "quiz 5.1", "predict-bag.1", or "predict-h0" where a number is asked for.
    Raises ValueError if there is no such wrong option.
    """
    if match := re.fullmatch(r"quiz (\d+)\.(\d+)", where):
        path = Path(root, QUIZZES, f"{stem}.json")
        quiz = json.loads(path.read_text(encoding="utf-8"))
        asked = dict(enumerate(quiz, 1)).get(int(match[1]))
        name, place = f"quiz, question {match[1]}", match[2]
    elif match := re.fullmatch(r"(predict-[a-z0-9-]+)(?:\.(\d+))?", where):
        path = Path(root, CHAPTERS, f"{stem}.ipynb")
        asked = predictions_of(path).get(match[1])
        name, place = "prediction", match[2]
    else:
        asked = place = None
    if asked and not place and "options" not in asked:
        return asked["question"], name, asked["feedback"]
    options = dict(enumerate(asked.get("options", []), 1)) if asked and place else {}
    option = options.get(int(place)) if place else None
    if option and not option["correct"]:
        return asked["question"], name, option["feedback"]
    raise ValueError(
        f"{stem}: expected a wrong option of its quiz or a prediction, got {where!r}"
    )
