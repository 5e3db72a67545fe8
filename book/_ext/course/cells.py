"""Links to a single cell of a chapter: ``{cell}`the words <06_gradient_flow: def clip>`.``

A cell is named by a piece of its code that stands in no other cell of the chapter, so that the link holds when cells
are added before it, and the build says so when the code is gone. On the page its anchor is the notebook's own cell id.
"""

import re
from functools import lru_cache
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import ReferenceRole

CHAPTERS = "notebooks"


@lru_cache(maxsize=64)
def _read(path, changed):
    return nbformat.read(path, as_version=4).cells


def cells_of(path):
    """The cells of a notebook, as its file has them; read again when the file has changed."""
    return _read(str(path), Path(path).stat().st_mtime_ns)


def title_of(path):
    """A chapter's title."""
    return re.match(r"# +(.*)", cells_of(path)[0].source)[1].strip()


def anchor_of(cell):
    """The id that a code cell has on the page."""
    return f"cell-{cell.id}"


def find(path, text):
    """The one code cell of a notebook whose code has this text in it.

    Raises ValueError: no such notebook, no cell or several with the text, or one that no page shows.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"cell: there is no notebook {path.name}")
    found = [
        cell
        for cell in cells_of(path)
        if cell.cell_type == "code" and text in cell.source
    ]
    if len(found) != 1:
        raise ValueError(
            f"cell: expected one code cell of {path.stem} with {text!r}, found {len(found)}"
        )
    if "remove-cell" in found[0].metadata.get("tags", []):
        raise ValueError(f"cell: the cell of {path.stem} with {text!r} is on no page")
    return found[0]


def label_of(docname, cell):
    """What links call the cell, among the site's labels."""
    return f"{docname}:{anchor_of(cell)}"


class CellRole(ReferenceRole):
    """``{cell}`words <CHAPTER: code>``` links the words to the cell."""

    def run(self):
        chapter, _, text = self.target.partition(":")
        path = Path(self.env.srcdir, CHAPTERS, f"{chapter.strip()}.ipynb")
        self.env.note_dependency(str(path))
        try:
            cell = find(path, text.strip())
        except ValueError as error:
            return [nodes.problematic(self.rawtext, self.rawtext)], [
                self.inliner.reporter.error(str(error), line=self.lineno)
            ]
        return [link(f"{CHAPTERS}/{path.stem}", cell, nodes.Text(self.title))], []


def link(docname, cell, *words):
    """A reference to the cell, to be resolved like every other."""
    label = label_of(docname, cell)
    inner = nodes.inline("", "", *words)
    return addnodes.pending_xref(
        "",
        inner,
        refdomain="std",
        reftype="ref",
        reftarget=label,
        refexplicit=True,
        refwarn=True,
    )


def give_anchors(app, doctree):
    """Give the code cells of a chapter their ids, and tell the site where they are."""
    docname = app.env.docname
    if not docname.startswith(f"{CHAPTERS}/"):
        return
    cells = cells_of(app.env.doc2path(docname))
    labels = app.env.get_domain("std").anonlabels
    for node in doctree.findall(nodes.container):
        if node.get("nb_element") == "cell_code":
            cell = cells[node["cell_index"]]
            node["ids"].append(anchor_of(cell))
            labels[label_of(docname, cell)] = docname, anchor_of(cell)


def setup(app):
    app.add_role("cell", CellRole())
    app.connect("doctree-read", give_anchors)
