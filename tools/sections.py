"""A chapter cut at its headings: what the tools that read prose share."""

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent


def chapters():
    """The paths of all notebooks, in the order of reading."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def pieces(cells):
    """The cells in order, a markdown cell cut before each of its headings: (piece, depth of its heading, its text).

    A piece without a heading of its own, as every code cell, has depth 0 and no text.
    """
    for cell in cells:
        if cell.cell_type != "markdown":
            yield cell, 0, ""
            continue
        for part in re.split(r"(?m)^(?=#{1,6} )", cell.source):
            heading = re.match(r"(#+) +(.*)", part)
            depth, text = (len(heading[1]), heading[2].strip()) if heading else (0, "")
            piece = nbformat.v4.new_markdown_cell(part, metadata=cell.metadata)
            yield piece, depth, text
