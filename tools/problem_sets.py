"""The problem sets of the course: what each asks, and the zip that a student is given.

A set is one notebook, problems/NAME/NAME.ipynb, in the source format of nbgrader: programs with their solutions, and
tests of which a part is hidden. Its metadata says title, chapters, hours and the problems' titles; the points stand at
the tests, whose ids begin with the problem's number. Only numpy's random numbers with `SEED` make what is random.
"""

import re
from pathlib import Path
from typing import NamedTuple

import nbformat
from files import text_of
from handout import zip_with_rnnkit
from sections import ROOT

PROBLEMS = ROOT / "problems"
HANDED_OUT = ROOT / "_build" / "problems"  # the zips for students
SEED = re.compile(r"(?m)^SEED = \d+$")
HOW = """\
Write your programs where the cells say so, run the notebook from top to bottom, and hand in the file {name}.ipynb under
this name. Do not delete, rename or copy cells that are there; you may add cells of your own.
"""


class ProblemSet(NamedTuple):
    """One set: its name, the path of its source, title, chapters, hours, and (title, points) of each problem by number."""

    name: str
    path: Path
    title: str
    chapters: list
    hours: float
    problems: dict

    @property
    def points(self):
        """All points of the set."""
        return sum(points for _, points in self.problems.values())


def about(cell):
    """What nbgrader's metadata say of a cell, a dict, empty for one that is the student's or prose."""
    return cell.metadata.get("nbgrader", {})


def set_of(path):
    """The ProblemSet of a source notebook. Raises ValueError where it does not say what a set says."""
    notebook = nbformat.read(path, as_version=4)
    told = notebook.metadata.get("rnnkit", {}).get("problems")
    if not told:
        raise ValueError(f"{path.name}: expected a notebook that says its problems")
    points = dict.fromkeys(told["problems"], 0)
    for cell in notebook.cells:
        if about(cell).get("grade"):
            number = problem_of(about(cell)["grade_id"])
            if number not in points:
                raise ValueError(f"{path.name}: no problem {number} in the metadata")
            points[number] += about(cell)["points"]
    problems = {n: (title, points[n]) for n, title in told["problems"].items()}
    facts = (told["title"], told["chapters"], told["hours"])
    return ProblemSet(path.stem, path, *facts, problems)


def problem_of(identifier):
    """The number of the problem that a cell belongs to: "2" of "2_seen"."""
    return identifier.partition("_")[0]


def problem_sets(folder=PROBLEMS):
    """All sets in order."""
    return [set_of(path) for path in sorted(folder.glob("*/*.ipynb"))]


def seeded(source, seed):
    """The text of a source notebook with another seed. Raises ValueError unless it sets its seed in one place."""
    notebook = nbformat.reads(source, as_version=4)
    cells = [cell for cell in notebook.cells if SEED.search(cell.source)]
    if len(cells) != 1:
        raise ValueError(f"expected one cell with SEED = ..., got {len(cells)}")
    cells[0].source = SEED.sub(f"SEED = {seed}", cells[0].source)
    return text_of(notebook)


def zip_for_students(problem_set, released):
    """The zip that a student is given, as bytes: the released notebook, the package, and how to begin.

    released: the notebook without solutions and hidden tests, as text.
    """
    name = problem_set.name
    title = f"Problem set {name[0]}: {problem_set.title}"
    return zip_with_rnnkit(name, released, title, "problem set", HOW.format(name=name))
