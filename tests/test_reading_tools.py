"""The tools that read chapters: how long one takes, and which numbers of its prose nothing answers for."""

import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import minutes
import prose_numbers


def chapter(tmp_path, *cells):
    path = tmp_path / "00_made.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return path


def printing(text, source="show()"):
    return new_code_cell(source, outputs=[new_output("stream", text=text)])


def test_a_section_that_is_further_is_no_part_of_the_core(tmp_path):
    path = chapter(
        tmp_path,
        new_markdown_cell(
            "# Title\n\none two\n\n## Further: more\n\nthree\n\n### Deep"
        ),
        new_code_cell("a = 1\n\nb = 2"),
        new_markdown_cell("four\n\n## Core again\n\n$$\nx\n$$\n\n## Exercises\n\nfive"),
    )
    core, whole = minutes.load_of(path)
    assert (core.words, core.lines, core.formulas) == (5, 0, 1)
    assert (whole.words, whole.lines, whole.formulas) == (10, 2, 1)
    assert abs(whole.minutes - (10 / 180 + (2 * 2 + 15) / 60)) < 1e-12


def test_a_number_is_answered_for_by_what_its_section_or_the_one_before_prints(
    tmp_path,
):
    path = chapter(
        tmp_path,
        new_markdown_cell("# Title\n\n## One"),
        printing("loss 0.938, after 250 steps"),
        new_markdown_cell("It is .94, or 94 %, not .93.\n\n## Two\n\nAfter 250 steps."),
        printing("nothing"),
        new_markdown_cell("## Three\n\nAfter 250 steps, with 17."),
        new_markdown_cell("## What you have seen\n\nA loss of 0.94, and 4711."),
    )
    assert [
        (heading, number) for heading, number, _ in prose_numbers.unprinted(path)
    ] == [
        ("One", ".93"),
        ("Three", "250"),
        ("Three", "17"),
        ("What you have seen", "4711"),
    ]


def test_a_number_from_elsewhere_names_its_source(tmp_path):
    cell = new_markdown_cell("# Title\n\nThey had 166 units.")
    cell.metadata["numbers"] = {"166": "a paper, page 5"}
    assert not prose_numbers.unprinted(chapter(tmp_path, cell))
