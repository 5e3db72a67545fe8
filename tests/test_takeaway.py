"""Notebooks to take home: what is in them, what is out, and that each zip holds what its notebook needs."""

import ast
import io
import re
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import exercises  # noqa: E402
import handout  # noqa: E402
import plain  # noqa: E402
import sections  # noqa: E402
import takeaway  # noqa: E402

chapters = pytest.mark.parametrize("path", sections.chapters(), ids=lambda p: p.stem)
STUB = "def double(x):\n    return x\n\n\ndef check_double(f):\n    return 'all right' if f(2) == 4 else 'no'\n\n\nprint(check_double(double))"
SOLUTION = "def double_solution(x):\n    return 2 * x\n\n\nassert check_double(double_solution) == 'all right'"


@pytest.fixture(scope="module")
def labels():
    return plain.Labels()


def chapter(*after, stub=STUB, solution=SOLUTION):
    """A chapter with one exercise, and these cells behind it."""
    notebook = new_notebook(
        cells=[
            new_markdown_cell(
                "# Doubles\n\nText.\n\n::::{exercise} Twice\n:label: ex-twice\n\nDouble it.\n::::"
            ),
            new_code_cell(stub, outputs=[new_output("stream", text="no\n")]),
            new_markdown_cell(
                ":::{solution-start} ex-twice\n:class: dropdown\n:::\n\nMultiply by two."
            ),
            new_code_cell(solution),
            new_markdown_cell(":::{solution-end}\n:::\n\n## What you have seen"),
            *after,
        ]
    )
    notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    return notebook


def written(tmp_path, notebook):
    path = tmp_path / "00_doubles.ipynb"
    nbformat.write(notebook, path)
    return path


def text_of(notebook):
    return "\n".join(cell.source for cell in notebook.cells)


def test_a_student_notebook_has_the_exercise_and_not_its_solution(tmp_path):
    path = written(tmp_path, chapter())
    notebook = takeaway.notebook_of(path, "student", plain.Labels([path]))
    text = text_of(notebook)
    assert "### Exercise 0.1: Twice\n\nDouble it." in text
    assert "check_double(double)" in text
    assert "What you have seen" in text
    assert "Multiply" not in text
    assert "_solution" not in text
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")


def test_the_other_kind_has_the_solution_and_what_was_printed(tmp_path):
    path = written(tmp_path, chapter())
    notebook = takeaway.notebook_of(path, "solutions", plain.Labels([path]))
    text = text_of(notebook)
    assert "#### Solution to exercise 0.1\n\nMultiply by two." in text
    assert "def double_solution" in text
    assert notebook.cells[1].outputs[0].text == "no\n"


def test_with_answers_puts_the_code_behind_the_stub():
    notebook = chapter()
    (exercise,) = exercises.exercises_of(notebook)
    assert (exercise.check, exercise.stub) == ("check_double", "double")
    student = exercises.without_solutions(notebook)
    solved = exercises.with_answers(student, [exercise])
    space = {}
    exec(solved.cells[1].source, space)
    assert space["double"](3) == 6
    assert student.cells[1].source == STUB


def test_what_rests_on_a_solution_rests_on_the_readers_answer():
    notebook = chapter(new_code_cell("print(double_solution(5))"))
    student = exercises.without_solutions(notebook)
    assert student.cells[-1].source == "print(double(5))"


def test_a_cell_that_needs_something_else_of_a_solution_is_refused(tmp_path):
    notebook = chapter(
        new_code_cell("print(factor)"), solution=f"factor = 2\n{SOLUTION}"
    )
    path = written(tmp_path, notebook)
    with pytest.raises(ValueError, match=r"00_doubles\.ipynb: factor: a solution bind"):
        takeaway.notebook_of(path, "student", plain.Labels([path]))


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (chapter(stub="x = 1"), "ex-twice: expected a code cell that ends with"),
        (chapter(solution="x = 1"), r"ex-twice: expected a solution that calls"),
        (
            chapter(new_markdown_cell(":::{solution-start} ex-twice\n:::")),
            "ex-twice: its solution does not end",
        ),
        (
            chapter(new_markdown_cell(":::{solution-end}\n:::")),
            "ex-twice: a solution inside another, or none",
        ),
    ],
)
def test_a_broken_exercise_is_named(broken, told):
    with pytest.raises(ValueError, match=told):
        exercises.exercises_of(broken)


def test_with_answers_says_which_cell_is_missing():
    notebook = chapter()
    found = exercises.exercises_of(notebook)
    student = exercises.without_solutions(notebook)
    student.cells.pop(1)
    with pytest.raises(ValueError, match="ex-twice: its cell is not in the notebook"):
        exercises.with_answers(student, found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{unheard}`of`", "a role that a plain notebook cannot show"),
        (":::{figure} a.png\n:::", "a directive that a plain notebook cannot show"),
        (":::{note}\nno end", "expected a line ::: that closes it"),
        ("{eq}`eq-nowhere`", "eq-nowhere: no chapter has an eq with this label"),
        ("{cite:p}`nobody2000`", "nobody2000: not in references.bib"),
        ("[](99_none.ipynb)", "99_none.ipynb: a link to no chapter"),
    ],
)
def test_what_cannot_be_shown_is_named(labels, text, told):
    with pytest.raises(ValueError, match=told):
        plain.Plain(labels)(text)


def test_plain_text_tells_what_the_page_shows(labels):
    say = plain.Plain(labels)
    assert say("A {term}`gate` and {term}`nats <nat>`.") == "A gate and nats."
    assert say("{cite:t}`elman1990finding`") == "Elman (1990)"
    assert say("so {cite:p}`elman1990finding`.") == "so (Elman, 1990)."
    assert say("[](02_vanilla_rnn.ipynb)") == "*The vanilla RNN* (chapter 2)"
    assert say("```\n{eq}`eq-a`\n```") == "```\n{eq}`eq-a`\n```"
    assert say.keys == {"elman1990finding"}
    linked = plain.Plain(labels, "https://example.org/")
    assert (
        linked("[chapter 2](02_vanilla_rnn.ipynb)")
        == "[chapter 2](https://example.org/notebooks/02_vanilla_rnn.html)"
    )


@chapters
def test_every_chapter_can_be_taken_home(path, labels):
    whole = nbformat.read(path, as_version=4)
    found = exercises.exercises_of(whole)
    assert len(found) >= 5
    student, full = (takeaway.notebook_of(path, k, labels) for k in takeaway.KINDS)
    for notebook in (student, full):
        nbformat.validate(notebook)
        told = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
        left = re.findall(r"\{[\w:]+\}`|^:{3,}.*|\]\([^)]*\.ipynb\)", told, re.M)
        assert not left
        assert notebook.metadata["rnnkit"]["chapter"] == path.stem
        assert len(notebook.metadata["rnnkit"]["exercises"]) == len(found)
    code = "\n".join(cell.source for cell in student.cells if cell.cell_type == "code")
    read = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    for exercise in found:
        assert exercise.solution not in code
        assert exercise.stub in read
    assert not [name for name in read if name.endswith("_solution")]
    for kept in ("Predict(", "Quiz("):
        asked = "\n".join(c.source for c in whole.cells if c.cell_type == "code")
        assert code.count(kept) == asked.count(kept) > 0
    outputs = [c.get("outputs") for c in full.cells if c.cell_type == "code"]
    assert outputs == [c.outputs for c in whole.cells if c.cell_type == "code"]


def test_a_zip_holds_what_its_notebook_needs_and_is_always_the_same(labels):
    path = ROOT / "notebooks" / "04_char_lm.ipynb"
    notebook = takeaway.notebook_of(path, "student", labels)
    content = handout.zip_of(notebook, labels)
    assert handout.zip_of(takeaway.notebook_of(path, "student", labels), labels) == (
        content
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        packed = {
            name: archive.read(f"04_char_lm/{name}").decode()
            for name in ("README.md", "requirements.txt", "04_char_lm.ipynb")
        }
    assert all(name.startswith("04_char_lm/") for name in names)
    models = {Path(name).stem for name in names if name.endswith(".safetensors")}
    assert models == {"plays", "python"}
    assert "04_char_lm/rnnkit/show/quizzes/04_char_lm.json" in names
    assert "torch" in packed["requirements.txt"]
    assert packed["requirements.txt"].startswith("-c constraints.txt\n")
    assert "jupyter lab 04_char_lm.ipynb" in packed["README.md"]
    assert nbformat.reads(packed["04_char_lm.ipynb"], as_version=4) == notebook


@pytest.mark.parametrize(
    ("code", "models"),
    [
        ("load_captioner()", {"captioner"}),
        ("load_vqa()", {"vqa"}),
        ("load_translators()", {"dates"}),
        ("load_readers()", {"two_readers"}),
        ('load_charlm(shipped("plays"))', {"plays"}),
        ("reload_vqa()", set()),
    ],
)
def test_a_model_travels_with_the_code_that_loads_it(code, models):
    files = handout.package_files(code)
    assert {path.stem for path in files if path.suffix == ".safetensors"} == models


def test_nothing_is_written_if_one_chapter_is_broken(tmp_path, capsys):
    good = ROOT / "notebooks" / "02_vanilla_rnn.ipynb"
    bad = written(tmp_path, chapter(stub="x = 1"))
    with pytest.raises(
        SystemExit, match=r"Nothing was written\. 00_doubles\.ipynb: ex"
    ):
        takeaway.main(["student", str(good), str(bad), "--to", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_another_kind_is_refused(labels):
    with pytest.raises(ValueError, match=r"kind: expected one of .*, got 'teacher'"):
        takeaway.notebook_of(Path("x.ipynb"), "teacher", labels)
