"""A class from handing out to feedback, and what is said of files that cannot be graded."""

import copy
import csv
import io
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbgrader", reason="the extra `grading` is not installed")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import submissions  # noqa: E402
from problem_sets import PROBLEMS, about  # noqa: E402

import problems  # noqa: E402

SET = "3_gradients_and_gates"
NEVER = "def memory_backward(dc, cache):\n    while True:\n        pass"
ENDS = "import os\n\nos._exit(1)"
RAISES = "1 / 0"
pytestmark = pytest.mark.filterwarnings("ignore:::nbgrader")


def told(capsys, *arguments):
    """What a command prints, on standard output and on standard error."""
    problems.main([str(argument) for argument in arguments])
    return capsys.readouterr()


def solutions():
    """{id: text} of the solutions of the set."""
    source = nbformat.read(PROBLEMS / SET / f"{SET}.ipynb", as_version=4)
    return {
        about(c)["grade_id"]: c.source for c in source.cells if about(c).get("solution")
    }


def hand_in(released, path, programs, without=()):
    """Write the notebook of a student with these programs, {id: text}, and without some cells."""
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        cell.source = programs.get(about(cell).get("grade_id"), cell.source)
    notebook.cells = [
        c for c in notebook.cells if about(c).get("grade_id") not in without
    ]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder in which one set was handed out, with seed 2027, and the zip of it."""
    folder = tmp_path_factory.mktemp("course")
    given = ["problems", SET, "--seed", "2027", "--course", str(folder / "grading")]
    problems.main([*given, "--to", str(folder / "zips")])
    return folder


def test_what_is_handed_out_has_neither_solutions_nor_hidden_tests(course):
    path = course / "zips" / f"{SET}.zip"
    archive = zipfile.ZipFile(path)
    names = archive.namelist()
    assert {f"{SET}/{name}" for name in (f"{SET}.ipynb", "README.md")} <= set(names)
    assert f"{SET}/rnnkit/cells.py" in names
    text = archive.read(f"{SET}/{SET}.ipynb").decode()
    assert "SEED = 2027" in text
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    source = (PROBLEMS / SET / f"{SET}.ipynb").read_text("utf-8")
    hidden = [
        line
        for cell in nbformat.reads(source, as_version=4).cells
        for part in cell.source.split("### BEGIN ")[1:]
        for line in part.split("### END ")[0].split("\n")[1:]
        if len(line) > 40
    ]
    assert len(hidden) > 30
    kept = {
        line for c in nbformat.reads(text, 4).cells for line in c.source.split("\n")
    }
    # `broken_backward` is shown, and its lines without a bug are those of the repaired one.
    assert len(kept.intersection(hidden)) <= 6


def test_a_class_is_graded(course, capsys):
    """Right; plausibly wrong; never ends, ends the kernel, raises; a cell deleted: each has the points it earned."""
    right, sent, at = solutions(), course / "sent", ("--course", course / "grading")
    released = nbformat.read(course / "grading" / "release" / SET / f"{SET}.ipynb", 4)
    wrong = right["1_program"].replace("dh * z + da @ W_hh.T", "da @ W_hh.T")
    sent.mkdir()
    hand_in(released, sent / "ana" / f"{SET}.ipynb", right)
    hand_in(released, sent / f"béla_{SET}.ipynb", right | {"1_program": wrong})
    broken = {"2_program": NEVER, "3_program": ENDS, "4_program": RAISES}
    path = sent / "cem" / f"{SET}.ipynb"
    hand_in(released, path, right | broken, without=["1_state"])
    foreign = path.read_text(encoding="utf-8").replace("SEED = 2027", "SEED = 1")
    path.write_text(foreign, encoding="utf-8")
    said = told(capsys, "collect", "--from", sent, *at).out
    assert f"cem, {SET}: The cell 1_state was missing and has been put back." in said
    assert "Collected 3 submissions" in said

    said = told(capsys, "grade", "--limit", 4, *at).out
    assert f"cem, {SET}: 13 of 28 points" in said
    text = (course / "grading" / "points.csv").read_text(encoding="utf-8-sig")
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO(text))}
    by_problem = {
        name: [row[f"problem {n}"] for n in range(1, 6)] for name, row in rows.items()
    }
    assert by_problem == {
        "ana": ["8", "5", "5", "5", "5"],
        "béla": ["6", "5", "5", "5", "5"],
        "cem": ["8", "0", "0", "0", "5"],
    }
    assert rows["cem"]["points"] == "13"
    assert "problem 3 ended the kernel" in rows["cem"]["remarks"]
    assert (
        "made with SEED = 1, and is graded with SEED = 2027" in rows["cem"]["remarks"]
    )
    assert rows["ana"]["remarks"] == ""

    said = told(capsys, "grade", *at).out  # nothing is graded twice
    assert said.startswith("Graded 0 submissions, 3 were graded before.")
    assert "0 submissions from" in told(capsys, "collect", "--from", sent, *at).out
    said = told(capsys, "feedback", *at).out
    assert said.startswith("Wrote 3 pages of feedback")
    pages = course / "grading" / "feedback"
    page = (pages / "cem" / SET / f"{SET}.html").read_text(encoding="utf-8")
    assert "13.0 / 28.0" in page
    assert "ended the kernel or could not be interrupted" in page
    assert "CellTimeoutError" in page
    assert "<math" in page
    assert 'src="http' not in page

    with pytest.raises(SystemExit, match="3 submissions of another version or seed"):
        told(capsys, "problems", SET, "--seed", 3, *at, "--to", course / "zips")


def test_what_cannot_be_graded_is_said_in_a_sentence_each(course, tmp_path, capsys):
    released = nbformat.read(course / "grading" / "release" / SET / f"{SET}.ipynb", 4)
    sent = tmp_path / "sent"
    for student in ("essay", "none", "twice", "wrong", "other"):
        (sent / student).mkdir(parents=True)
    (sent / "essay" / f"{SET}.ipynb").write_text("Dear teacher", encoding="utf-8")
    nbformat.write(nbformat.v4.new_notebook(), sent / "none" / f"{SET}.ipynb")
    hand_in(released, sent / "twice" / f"{SET}.ipynb", {})
    hand_in(released, sent / f"twice_{SET}.ipynb", {})
    hand_in(released, sent / "wrong" / "homework.ipynb", {})
    released.metadata["rnnkit"]["problems"]["title"] = "Another"
    hand_in(released, sent / "other" / f"{SET}.ipynb", {})
    at = ("--course", tmp_path / "grading")
    with pytest.raises(SystemExit, match="nothing was handed out from here"):
        told(capsys, "collect", "--from", sent, *at)
    at = ("--course", course / "grading")
    before = sorted((course / "grading").rglob("*"))
    said = told(capsys, "collect", "--from", sent, *at)
    assert "5 could not be taken" in said.out
    for sentence in (
        f"essay, {SET}: expected a notebook, got a file that cannot be read as one.",
        f"none, {SET}: expected the notebook as it was handed out, got one without any",
        f"twice: expected one {SET}, got twice/{SET}.ipynb and twice_{SET}.ipynb.",
        "wrong: expected STUDENT/SET.ipynb or STUDENT_SET.ipynb with SET one of",
        f"other, {SET}: expected {SET}, got the problem set 'Another'.",
    ):
        assert f"Not collected: {sentence}" in said.err
    assert sorted((course / "grading").rglob("*")) == before
    with pytest.raises(SystemExit, match="expected --from FOLDER"):
        told(capsys, "collect", *at)
    with pytest.raises(SystemExit, match="set: expected one of 1_reading"):
        told(capsys, "problems", "6_more", *at)


def test_a_submission_is_mended():
    def notebook(*ids):
        made = nbformat.v4.new_notebook()
        for identifier in ids:
            cell = nbformat.v4.new_code_cell(str(identifier))
            if identifier:
                cell.metadata["nbgrader"] = {"grade_id": identifier}
            made.cells.append(cell)
        return made

    sent = notebook(None, "1_seen", None, "1_seen", "2_program")
    remarks = submissions.mend(
        sent, notebook("setup", "1_program", "1_seen", "2_program")
    )
    ids = [about(cell).get("grade_id") for cell in sent.cells]
    assert ids == ["setup", "1_program", None, "1_seen", None, None, "2_program"]
    assert len(remarks) == 3
    assert "The cell 1_seen stood there twice; the first counts." in remarks
