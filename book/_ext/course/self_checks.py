"""On the page an exercise shows its stub, with what stands above it in the cell. The self-check below, which only a
running notebook can ask, waits behind a line."""

import sys
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

sys.path.append(str(Path(__file__).resolve().parents[3] / "tools"))

from exercises import exercises_of, stub_end

from .cells import anchor_of


def fold_self_checks(soup, path):
    """In each exercise's cell of a chapter, put the code below the stub into a closed fold, plainly set.

    soup: the page; path: of the chapter's notebook.
    """
    notebook = nbformat.read(path, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    for exercise in exercises_of(notebook):
        cell = cells[exercise.cell]
        last = stub_end(cell.source, exercise)
        box = soup.find(id=anchor_of(cell)).select_one("div.cell_input")
        code = box.pre
        # Statements begin and end with lines, and so does the colouring inside them.
        coloured = code.decode_contents().removeprefix("<span></span>").split("\n")
        code.replace_with(preformatted("\n".join(coloured[:last])))
        check = "\n".join(cell.source.split("\n")[last:]).strip("\n")
        box.insert_after(folded(soup, check))


def folded(soup, check):
    """A closed fold with the code of a self-check."""
    fold = soup.new_tag("details", attrs={"class": "hide rk-check"})
    line, code = soup.new_tag("summary"), soup.new_tag("pre")
    count = check.count("\n") + 1
    line.string = f"Show the self-check, {count} line{'s' * (count > 1)}"
    code.string = check
    fold.extend([line, code])
    return fold


def preformatted(markup):
    """A `pre` of this HTML; read as part of one, it keeps all its blanks."""
    return BeautifulSoup(f"<pre>{markup}</pre>", "html.parser").pre.extract()
