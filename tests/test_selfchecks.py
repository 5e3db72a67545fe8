"""Student notebooks that are run: what their self-checks say, and what is said of files that are none."""

import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import plain  # noqa: E402
import selfchecks  # noqa: E402

REHEARSED = ROOT / "notebooks" / "06_gradient_flow.ipynb"  # `make rehearse`: all


def student(*cells, titles=("Twice", "Thrice")):
    """A student notebook with exercises 0.1 and so on; cells: (number of its exercise or None, code)."""
    notebook = new_notebook()
    for number, source in cells:
        notebook.cells.append(new_code_cell(source))
        if number:
            notebook.cells[-1].metadata["rnnkit"] = {"exercise": number}
    about = {f"0.{i}": title for i, title in enumerate(titles, 1)}
    notebook.metadata["rnnkit"] = {"chapter": "00_x", "exercises": about}
    return notebook


def test_the_self_checks_of_a_notebook_are_read(tmp_path):
    notebook = student(
        (None, "1 / 0"),
        ("0.1", "print('all right')"),
        ("0.2", "print('not yet')"),
        ("0.3", "raise NameError('stub')"),
        ("0.4", "while True:\n    pass"),
        ("0.5", "x = 1"),
        titles=("Twice", "Thrice", "Raises", "Never ends", "Silent", "Deleted"),
    )
    wrong = selfchecks.run(notebook, tmp_path, limit=3)
    results = selfchecks.said(notebook)
    assert [result.passed for result in results] == [True] + [False] * 5
    assert [result.sentence for result in results[1:]] == [
        "not yet",
        "The cell stops with NameError: stub",
        "The cell took too long and was interrupted.",
        "The cell prints nothing: its self-check is not asked.",
        "The cell of this exercise is missing.",
    ]
    assert wrong[0] == "Code cell 1 stops with ZeroDivisionError: division by zero"


def test_files_that_are_no_student_notebooks_are_named(tmp_path, capsys):
    (tmp_path / "essay.ipynb").write_text("Dear teacher", encoding="utf-8")
    (tmp_path / "list.ipynb").write_text("[1, 2]", encoding="utf-8")
    nbformat.write(new_notebook(), tmp_path / "other.ipynb")
    files = [tmp_path / f"{name}.ipynb" for name in ("essay", "list", "other", "gone")]
    assert selfchecks.main([str(file) for file in files]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 4
    assert "essay.ipynb: expected a notebook, got a file that cannot be" in told[0]
    assert "list.ipynb: expected a notebook" in told[1]
    assert "other.ipynb: expected a notebook made by `make student`" in told[2]
    assert "gone.ipynb: cannot be read" in told[3]


def test_a_student_notebook_runs_and_its_solutions_pass():
    assert selfchecks.rehearse(REHEARSED, plain.Labels()) == []
