"""The chapters as files: complete, executed, normalised. nbval runs their cells besides; see conftest.py."""

import ast
import math
import re
import sys
from pathlib import Path

import nbformat
import pytest

from .chapters import slices

LONGEST_CORE = 25  # minutes
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import files  # noqa: E402
import minutes  # noqa: E402
import prose_numbers  # noqa: E402
import sections  # noqa: E402

import notebooks as tool  # noqa: E402

CHAPTERS = sections.chapters()
chapters = pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def prose(path):
    return "\n".join(
        cell.source for cell in read(path).cells if cell.cell_type == "markdown"
    )


def tags(cell):
    return cell.metadata.get("tags", [])


def test_every_chapter_is_in_the_table_of_contents_and_the_other_way_round():
    names = files.page_names()
    listed = [n.partition("/")[2] for n in names if n.startswith("notebooks/")]
    assert listed == [path.stem for path in CHAPTERS]
    assert listed


@chapters
def test_every_code_cell_ran_in_order_without_error(path):
    cells = code_cells(path)
    assert cells
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", (
                f"{cell.source}\nprinted to stderr:\n{output.text}"
            )


@chapters
def test_nothing_is_skipped_and_uncompared_cells_assert(path):
    for cell in code_cells(path):
        assert not {"nbval-skip", "nbval-raises-exception", "raises-exception"} & set(
            tags(cell)
        ), cell.source
        assert "NBVAL_" not in cell.source
        if "nbval-ignore-output" in tags(cell):
            assert re.search(r"^\s*assert ", cell.source, re.MULTILINE), (
                f"no assert guards:\n{cell.source}"
            )


@chapters
def test_is_normalised(path):
    text = path.read_text(encoding="utf-8")
    assert (
        nbformat.writes(tool.normalise(nbformat.reads(text, as_version=4))) + "\n"
        == text
    )


@chapters
def test_pictures_have_alt_text(path):
    for cell in code_cells(path):
        if any("image/svg+xml" in output.get("data", {}) for output in cell.outputs):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) > 20, f"no alt text for the figure of:\n{cell.source}"
        for output in cell.outputs:
            html = "".join(output.get("data", {}).get("text/html", ""))
            assert all(
                re.search(r'alt="[^"]{20,}"', tag)
                for tag in re.findall("<img [^>]*>", html)
            )


@chapters
def test_has_the_parts_of_a_chapter(path):
    text, cells = prose(path), code_cells(path)
    code = "\n".join(cell.source for cell in cells)
    assert len(re.findall(r"\bPredict\(", code)) >= 3
    assert len(re.findall(r"^:{3,}\{exercise(?:-start)?\}", text, re.MULTILINE)) >= 5
    solutions = re.findall(
        r"^:{3,}\{solution(?:-start)?\}[^\n]*\n:class: dropdown", text, re.MULTILINE
    )
    assert len(solutions) >= 5
    assert f'Quiz("{path.stem}")' in code
    figures = [
        o.data["text/html"]
        for c in cells
        for o in c.outputs
        if "text/html" in o.get("data", {})
    ]
    modules = set(re.findall(r'data-module="(\w+)"', "\n".join(map("".join, figures))))
    assert modules - {"quiz"}, "no explorable of the chapter's own"
    assert len(re.findall(r"\{cite:[pt]\}", text)) >= 3


@chapters
def test_the_header_tells_how_long_it_takes(path):
    core, whole = (math.ceil(load.minutes) for load in minutes.load_of(path))
    assert minutes.header_of(path) == (core, whole)
    assert core <= LONGEST_CORE


@chapters
def test_the_readme_tells_what_the_header_tells(path):
    row = next(
        line
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if f"(notebooks/{path.name})" in line
    )
    core, whole = minutes.header_of(path)
    seconds = re.search(
        r"\*\*Running\*\* about (\d+) seconds", read(path).cells[0].source
    )
    assert row.endswith(f"| {core} min | {whole} min | {seconds[1]} s |")


@chapters
def test_the_core_needs_nothing_that_is_further(path):
    statements, places = [], []
    for cell, place in minutes.placed(read(path).cells):
        if cell.cell_type == "code":
            new = [slices.Statement(node) for node in ast.parse(cell.source).body]
            statements += new
            places += [place] * len(new)
    for i, statement in enumerate(statements):
        for name in statement.reads if places[i] == "core" else ():
            home = slices.last_to_touch(statements, name, i)
            assert home is None or places[home] == "core", (
                f"{name} comes from a further section: {ast.unparse(statement.node)}"
            )


@chapters
def test_every_number_of_the_prose_is_printed(path):
    assert not prose_numbers.unprinted(path)


@chapters
def test_quiz_has_four_questions(path):
    import json

    quiz = json.loads(
        (ROOT / "rnnkit" / "show" / "quizzes" / f"{path.stem}.json").read_text(
            encoding="utf-8"
        )
    )
    assert len(quiz) >= 4
