"""What the page for instructors takes from the chapters, and what it refuses."""

import json
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from rnnkit.show.quiz import Predict

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "book" / "_ext"), str(ROOT / "tools")]
import minutes  # noqa: E402
from course import chapter_facts  # noqa: E402
from sections import chapters  # noqa: E402

BELIEFS = yaml.safe_load((ROOT / "book" / "misconceptions.yml").read_text("utf-8"))
every_chapter = pytest.mark.parametrize("path", chapters(), ids=lambda p: p.stem)
HEADER = """# A title

**You will be able to** do this, and that; say a thing; and measure it. Further: prove it.

**You need** nothing.

**Reading** core 12 min, all 20 min, and the exercises. **Running** about 30 seconds on two cores."""


def made(tmp_path, *cells):
    path = tmp_path / "notebooks" / "00_made.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


@every_chapter
def test_every_chapter_says_what_a_lecturer_needs(path):
    facts = chapter_facts.facts_of(path)
    assert (facts.core, facts.all) == minutes.header_of(path)
    assert facts.number == int(path.name[:2])
    assert len(facts.goals) >= 3
    assert all(len(goal.split()) >= 3 for goal in facts.goals)
    assert len(facts.sections) >= 3
    assert facts.exercises >= 5
    assert facts.predictions >= 3


@every_chapter
def test_every_chapter_has_ten_beliefs_and_the_questions_that_show_them(path):
    beliefs = BELIEFS[path.stem]
    assert len(beliefs) >= 10
    assert len(set(beliefs.values())) == len(beliefs)
    for where, belief in beliefs.items():
        question, _, answer = chapter_facts.question_at(ROOT, path.stem, where)
        assert question
        assert answer
        assert belief.endswith(".")


def test_no_beliefs_are_kept_for_a_chapter_without_a_quiz():
    quizzes = {path.stem for path in (ROOT / chapter_facts.QUIZZES).glob("*.json")}
    assert set(BELIEFS) <= quizzes


def test_a_header_is_read(tmp_path):
    prose = "## First\n\n## Further: second\n\n## Exercises\n\n::::{exercise} One\n::::"
    facts = chapter_facts.facts_of(
        made(tmp_path, new_markdown_cell(HEADER), new_markdown_cell(prose))
    )
    assert facts.goals == ["do this, and that", "say a thing", "measure it"]
    assert facts.further_goals == ["prove it"]
    assert (facts.core, facts.all, facts.seconds) == (12, 20, 30)
    assert facts.sections == ["First"]
    assert facts.exercises == 1


def test_a_header_that_says_too_little_is_named(tmp_path):
    path = made(tmp_path, new_markdown_cell("# A title\n\nProse."))
    with pytest.raises(
        ValueError,
        match=r"^00_made.ipynb: expected a header with goals, minutes and seconds, got ",
    ):
        chapter_facts.facts_of(path)


def test_a_question_is_found_where_the_belief_says(tmp_path):
    options = [("yes", True, "Right."), ("no", False, "It is not.")]
    asked = [
        Predict(id="predict-x", question="Is it?", options=options),
        Predict(
            id="predict-y",
            question="How many?",
            answer=3,
            tolerance=1,
            feedback="Three.",
        ),
    ]
    shown = [new_output("display_data", p._repr_mimebundle_()[0]) for p in asked]
    made(
        tmp_path,
        new_markdown_cell("# Made"),
        *[new_code_cell(outputs=[output]) for output in shown],
    )
    quiz = [
        {
            "question": "What?",
            "options": [
                {"text": "a", "correct": False, "feedback": "Not a."},
                {"text": "b", "correct": True, "feedback": "Yes."},
            ],
        }
    ]
    folder = tmp_path / chapter_facts.QUIZZES
    folder.mkdir(parents=True)
    (folder / "00_made.json").write_text(json.dumps(quiz), encoding="utf-8")

    def at(where):
        return chapter_facts.question_at(tmp_path, "00_made", where)

    assert at("quiz 1.1") == ("What?", "quiz, question 1", "Not a.")
    assert at("predict-x.2") == ("Is it?", "prediction", "It is not.")
    assert at("predict-y") == ("How many?", "prediction", "Three.")
    wrong = [
        "quiz 1.2",
        "quiz 1.3",
        "quiz 2.1",
        "quiz 1.0",
        "predict-x.1",
        "predict-x",
        "predict-x.0",
        "predict-z.1",
        "predict-y.1",
        "x",
    ]
    for where in wrong:
        with pytest.raises(
            ValueError,
            match=r"^00_made: expected a wrong option of its quiz or a prediction, got ",
        ):
            at(where)


def test_the_image_limits_what_a_chapter_was_measured_to_take():
    measured = json.loads((ROOT / "book" / "per_student.json").read_text("utf-8"))[
        "chapters"
    ]
    assert len(measured) >= 2
    hub = yaml.safe_load((ROOT / "binder" / "jupyterhub.yaml").read_text("utf-8"))
    limit = hub["singleuser"]["memory"]["limit"]
    assert limit.endswith("G")
    for stem, spent in measured.items():
        assert (ROOT / "notebooks" / f"{stem}.ipynb").exists()
        assert 1.2 * (spent["kernel_mb"] + spent["server_mb"]) < 1024 * int(limit[:-1])
