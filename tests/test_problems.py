"""The problem sets: right programs have all points, stubs have none of the hidden ones, wrong programs are refused."""

import contextlib
import io
import sys
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest

from tests.wrong_programs import WRONG

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import problem_sets  # noqa: E402

SETS = {each.name: each for each in problem_sets.problem_sets()}
STUB = "raise NotImplementedError"
SEEDS = (1, 2027)  # what is handed out, and what a lecturer may choose
every_set = pytest.mark.parametrize("name", SETS)
every_problem = pytest.mark.parametrize(
    ("name", "number"),
    [(each.name, n) for each in SETS.values() for n in each.problems],
)


@cache
def cells(name, seed=1):
    """(id, source, points, whether a solution) of the code cells of a set, in order."""
    source = SETS[name].path.read_text(encoding="utf-8")
    notebook = nbformat.reads(problem_sets.seeded(source, seed), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    told = [(problem_sets.about(cell), cell.source) for cell in code]
    return [(a["grade_id"], s, a.get("points", 0), a["solution"]) for a, s in told]


def points(name, number=None, change=None, seed=1):
    """{id: (points, of)} of the tests of a set, or of one problem.

    change: a function of a solution's text that gives another program, or the solutions as they are.
    """
    space, found = {"__name__": "problems"}, {}
    for identifier, source, most, solution in cells(name, seed):
        wanted = number in (None, problem_sets.problem_of(identifier))
        if not wanted and identifier != "setup":
            continue
        if solution and change:
            source = change(source)
        right = ran(source, space)
        if most:
            found[identifier] = (most * right, most)
    return found


def ran(source, space):
    """Whether code runs to its end; what it prints and numpy's warnings about a wrong program are dropped."""
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        try:
            exec(source, space)
        except Exception:
            return False
    return True


def as_handed_out(source):
    """The text of a solution's cell with a stub in the place of each solution."""
    kept, inside = [], False
    for line in source.split("\n"):
        if "### BEGIN SOLUTION" in line:
            inside = True
            kept.append(line.replace("### BEGIN SOLUTION", STUB))
        elif "### END SOLUTION" in line:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


@every_set
def test_a_set_says_what_it_asks_and_how_many_points_it_gives(name):
    each = SETS[name]
    first = nbformat.read(each.path, as_version=4).cells[0].source
    assert first.startswith(f"# Problem set {name[0]}: {each.title}\n")
    assert f", {each.points} points, " in first
    assert 20 <= each.points <= 30
    assert 4 <= len(each.problems) <= 6
    notebook = nbformat.read(each.path, as_version=4)
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    for number, (title, most) in each.problems.items():
        text = prose.split(f"## {number}. {title}\n")[1].split("\n## ")[0]
        assert f"*({most} points)*" in text
    assert all(c.get("outputs", []) == [] for c in notebook.cells)


@pytest.mark.parametrize("seed", SEEDS)
@every_set
def test_the_solutions_have_all_points(name, seed):
    for identifier, (got, most) in points(name, seed=seed).items():
        assert got == most, identifier


@every_set
def test_the_stubs_have_no_points(name):
    assert sum(got for got, _ in points(name, change=as_handed_out).values()) == 0


@every_problem
def test_what_is_tested_is_shown_in_part(name, number):
    tests = [s for i, s, most, _ in cells(name) if most and i.startswith(number)]
    hidden = ["### BEGIN HIDDEN TESTS" in source for source in tests]
    assert any(hidden)
    assert not all(hidden)


@every_problem
def test_wrong_programs_are_refused(name, number):
    assert len(WRONG[name][number]) >= 3
    for mistake, right, instead in WRONG[name][number]:
        asked = []

        def wrong(source, right=right, instead=instead, asked=asked):
            asked.append(right in source)
            return source.replace(right, instead)

        found = points(name, number, wrong)
        assert any(asked), f"the solution has no {right!r}"
        got, most = (sum(column) for column in zip(*found.values(), strict=True))
        assert got < most, f"passed: {mistake}"


def test_a_seed_is_set_in_one_place():
    source = SETS["1_reading_and_learning"].path.read_text(encoding="utf-8")
    other = problem_sets.seeded(source, 77)
    assert other.count("SEED = 77") == 1
    assert problem_sets.seeded(other, 1) == source
    with pytest.raises(ValueError, match=r"expected one cell with SEED = ..., got 0"):
        problem_sets.seeded(other.replace("SEED = 77", "SEED = None"), 2)
