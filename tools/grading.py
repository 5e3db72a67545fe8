"""A folder in which nbgrader grades: what was handed out, what came back, points and feedback.

The folder is an ordinary course of nbgrader (source, release, submitted, autograded, feedback, gradebook.db), so that
`nbgrader formgrader` and a JupyterHub's exchange work in it too. Here nbgrader is called so that one submission
cannot stop another: each cell has a time limit, and a program that ends its kernel, or cannot be interrupted, is left
out while the student's other problems are graded.
"""

import contextlib
import csv
import html
import io
import os
import re
import shutil
import sys
import warnings
from pathlib import Path

import nbformat
from files import put, text_of
from problem_sets import about, problem_of
from sections import ROOT
from submissions import leave_out

# nbgrader calls `alembic`, which stands beside this Python.
os.environ["PATH"] = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ["PATH"]]
)
sys.path.append(str(ROOT / "book" / "_ext"))
os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the sets are meant to run
warnings.filterwarnings("ignore", module="nbgrader")  # what it says to its makers
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor  # noqa: E402
from nbgrader.api import Gradebook, MissingEntry  # noqa: E402
from nbgrader.apps import NbGraderAPI  # noqa: E402
from nbgrader.preprocessors import GetGrades  # noqa: E402
from nbgrader.preprocessors.base import NbGraderPreprocessor  # noqa: E402
from traitlets.config import Config  # noqa: E402

LIMIT = 30  # seconds for a cell
STUB = "raise NotImplementedError  # your program"
FORMULA = re.compile(r"(```.*?```|`[^`\n]*`)|\$\$(.+?)\$\$|\$([^$]+?)\$", re.DOTALL)

ELSEWHERE = re.compile(r'<script[^>]*\bsrc="https?://[^>]*>\s*</script>')
UNNAMED = re.compile(r'<a href="#(\d+)_(\w+)">Test cell</a>')


class Formulas(NbGraderPreprocessor):
    """Formulas as MathML, so that a page of feedback asks no other host for a script."""

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "markdown":
            cell.source = FORMULA.sub(self.formula, cell.source)
        return cell, resources

    def formula(self, match):
        """A formula as the site sets it; code and what cannot be set stay."""
        from course.mathml import mathml_of  # as slow as Sphinx; only feedback needs it

        code, block, inline = match.groups()
        try:
            return code or mathml_of((block or inline).strip(), display=bool(block))
        except ValueError:
            return match[0]


class Course:
    """nbgrader in one folder. limit: seconds for a cell."""

    def __init__(self, folder, limit=LIMIT):
        self.folder = Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.now = None  # the id of the last cell with one that was begun

        # A function and no method: nbgrader copies what it is configured with, and a method's object with it.
        def begun(cell, cell_index):
            self.now = about(cell).get("grade_id") or self.now

        config = Config()
        config.CourseDirectory.root = str(self.folder)
        config.ClearSolutions.code_stub = {"python": STUB}
        config.Execute.timeout = limit
        config.Execute.extra_arguments = ["--log-level=ERROR"]
        config.Execute.on_cell_start = begun
        pages = [Formulas, GetGrades, CSSHTMLHeaderPreprocessor]
        config.GenerateFeedback.preprocessors = pages
        config.HTMLExporter.exclude_anchor_links = True
        self.api = NbGraderAPI(config=config)

    def path(self, step, name, student=".", ending="ipynb"):
        """Where a notebook lies; step: "source", "submitted" and so on."""
        return self.folder / step / student / name / f"{name}.{ending}"

    def release(self, name, source):
        """Make the student version of a set from its source, a text. Returns it as a notebook."""
        path = self.path("source", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        done = self.api.generate_assignment(name)
        if not done["success"]:
            path.unlink()
            raise ValueError(f"{name}: nbgrader could not release it: {last(done)}")
        return self.released(name)

    def released(self, name):
        """The notebook as it was handed out."""
        return nbformat.read(self.path("release", name), as_version=4)

    def handed_out(self):
        """The names of the sets that were handed out, in order."""
        return [
            path.parent.name for path in sorted(self.folder.glob("release/*/*.ipynb"))
        ]

    def submitted(self):
        """(student, set) of everything that was collected, in order."""
        paths = self.folder.glob("submitted/*/*/*.ipynb")
        return sorted((path.parts[-3], path.parts[-2]) for path in paths)

    def keep(self, student, name, notebook):
        """Keep a submission; what was graded before is void."""
        self.forget(student, name)
        path = self.path("submitted", name, student)
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, text_of(notebook).encode())

    def forget(self, student, name):
        """Remove what was graded and written of one submission."""
        for step in ("autograded", "feedback"):
            shutil.rmtree(self.path(step, name, student).parent, ignore_errors=True)

    def grade(self, student, name):
        """Grade one submission; returns whether that was possible."""
        for _ in range(20):  # at most once for each problem
            self.now = None
            done = quietly(self.api.autograde, name, student)
            if done["success"]:
                return True
            if self.now is None or not self.without(student, name):
                return False
        return False

    def without(self, student, name):
        """Leave out the program that was running when grading stopped; returns whether there was one."""
        path = self.path("submitted", name, student)
        notebook = nbformat.read(path, as_version=4)
        number = problem_of(self.now)
        why = f"The program of problem {number} ended the kernel or could not be interrupted; it was left out."
        if why in notebook.metadata["rnnkit"]["remarks"] or not number.isdigit():
            return False
        leave_out(notebook, number, why)
        put(path, text_of(notebook).encode())
        return True

    def remarks(self, student, name):
        """What was done to a submission so that it could be graded, sentences."""
        path = self.path("submitted", name, student)
        return nbformat.read(path, as_version=4).metadata["rnnkit"]["remarks"]

    def points(self, student, name):
        """{problem's number: (points, of)} of a graded submission; points added by hand count. Empty if not graded."""
        found = {}
        with Gradebook(self.api.coursedir.db_url) as gradebook:
            try:
                submission = gradebook.find_submission_notebook(name, name, student)
            except MissingEntry:
                return {}
            for grade in submission.grades:
                number = problem_of(grade.name)
                points, most = found.get(number, (0, 0))
                found[number] = (points + grade.score, most + grade.max_score)
        return dict(sorted(found.items()))

    def write_feedback(self, student, name):
        """Write one page of feedback, which needs no network; returns whether that was possible."""
        if not quietly(self.api.generate_feedback, name, student)["success"]:
            return False
        path = self.path("feedback", name, student, "html")
        page = ELSEWHERE.sub("", path.read_text(encoding="utf-8"))
        page = UNNAMED.sub(r'<a href="#\1_\2">Problem \1: \2</a>', page)
        told = "".join(f"<p>{html.escape(r)}</p>" for r in self.remarks(student, name))
        page = page.replace("</h4>", f"</h4>{told}", 1)
        path.write_text(page, encoding="utf-8")
        return True

    def write_table(self):
        """Write points.csv, a line for each submission, with what was remarked; returns its path."""
        rows = [self.row(student, name) for student, name in self.submitted()]
        numbers = sorted({key for row in rows for key in row if key[-1].isdigit()})
        head = ["student", "set", *numbers, "points", "of", "remarks"]
        text = io.StringIO()
        writer = csv.DictWriter(text, head, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path = self.folder / "points.csv"
        # The mark at the beginning tells a spreadsheet that names are in UTF-8.
        put(path, text.getvalue().encode("utf-8-sig"))
        return path

    def row(self, student, name):
        """One line of the table, a dict."""
        row = {"student": student, "set": name}
        row["remarks"] = " ".join(self.remarks(student, name))
        if not self.path("autograded", name, student).is_file():
            row["remarks"] = f"Not graded. {row['remarks']}".strip()
            return row
        points = self.points(student, name)
        row |= {f"problem {number}": plain(p) for number, (p, _) in points.items()}
        row["points"] = plain(sum(p for p, _ in points.values()))
        row["of"] = plain(sum(most for _, most in points.values()))
        return row


def plain(points):
    """Points without an empty decimal: 3 for 3.0."""
    return f"{points:g}"


def quietly(function, *arguments):
    """Call nbgrader without what it and its kernels print."""
    with contextlib.redirect_stderr(io.StringIO()):
        return function(*arguments)


def last(done):
    """The last line of what nbgrader says of a failure."""
    return (
        (done.get("error") or done.get("log") or "no reason given")
        .strip()
        .split("\n")[-1]
    )
