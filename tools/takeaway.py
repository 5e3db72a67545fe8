"""What a reader takes home: each chapter as a notebook without solutions, or with them, and a zip that needs no checkout.

    python tools/takeaway.py student [--to FOLDER] [notebooks/05_captioning.ipynb ...]
    python tools/takeaway.py solutions

A student notebook keeps the prose, the predictions, the stubs and the self-checks; the solutions are out, and so is
what the cells printed, since it would answer the predictions. The one with solutions keeps everything. Both are plain
Markdown. A zip holds the notebook, the package `rnnkit`, what to install and how to begin. Running twice gives the same
bytes.
"""

import argparse
import copy
import hashlib
import sys
from pathlib import Path

import nbformat
from exercises import exercises_of, without_solutions
from files import put, text_of
from handout import KINDS, zip_of
from plain import Labels, Plain, figure_of
from sections import ROOT, chapters


def notebook_of(path, kind, labels, site=""):
    """A chapter as a notebook to take home.

    path: of the chapter; kind: "student" or "solutions"; labels: the course's Labels; site: where it is published.
    Raises ValueError, with the chapter's name, for what cannot be taken out of the site.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {sorted(KINDS)}, got {kind!r}")
    chapter = nbformat.read(path, as_version=4)
    try:
        exercises = exercises_of(chapter)
        if kind == "student":
            chapter = without_solutions(chapter)
        plain = Plain(labels, site)
        cells = [new for old in chapter.cells for new in taken(old, kind, plain)]
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    if plain.keys:
        listed = f"## References\n\n{labels.references(plain.keys)}"
        cells.append(new_cell(listed))
    numbers = {e.cell: (labels.number("ex", e.label), e.title) for e in exercises}
    for cell in cells:  # its id may change where it is edited, so its metadata tells
        if cell.id in numbers:
            cell.metadata["rnnkit"] = {"exercise": numbers[cell.id][0]}
    about = {"chapter": path.stem, "kind": kind, "exercises": dict(numbers.values())}
    metadata = {
        "kernelspec": chapter.metadata["kernelspec"],
        "language_info": chapter.metadata["language_info"],
        "rnnkit": about,
    }
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def new_cell(text):
    """A markdown cell whose id is made from its text."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return nbformat.v4.new_markdown_cell(text, id=digest)


def taken(cell, kind, plain):
    """The cells that one cell of a chapter becomes: none if it was layout only, two if a figure has a caption."""
    new = copy.deepcopy(cell)
    new.metadata = {}
    if cell.cell_type == "markdown":
        new.source = plain(cell.source)
        return [new] if new.source else []
    tags = cell.metadata.get("tags", [])
    folded = {}
    if {"hide-input", "remove-input", "hide-cell"} & set(tags):
        folded["source_hidden"] = True
    if kind == "student":
        new.outputs, new.execution_count = [], None
    elif "hide-output" in tags:
        folded["outputs_hidden"] = True
    if folded:
        new.metadata["jupyter"] = folded
    figure = figure_of(cell)
    if not figure:
        return [new]
    number = plain.labels.number("fig", figure.get("name", cell.id))
    return [new, new_cell(f"*Fig. {number}.* {plain(figure['caption'])}")]


def write(kind, folder, paths=None, site=""):
    """Write notebooks and zips of one kind into a folder; returns the paths of the notebooks.

    All are made before the first is written. Raises what `notebook_of` raises.
    """
    labels, files = Labels(), {}
    for path in chapters() if paths is None else paths:
        notebook = notebook_of(path, kind, labels, site)
        files[folder / f"{path.stem}.ipynb"] = text_of(notebook).encode()
        files[folder / f"{path.stem}_{kind}.zip"] = zip_of(notebook, labels)
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        put(path, content)
    return [path for path in files if path.suffix == ".ipynb"]


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("paths", nargs="*", type=Path, help="chapters (all if none)")
    parser.add_argument("--to", type=Path, help="folder (_build/KIND if none)")
    given = parser.parse_intermixed_args(arguments)
    paths = [path.resolve() for path in given.paths] or None
    folder = given.to or ROOT / "_build" / given.kind
    try:
        written = write(given.kind, folder, paths)
    except (ValueError, OSError) as error:
        sys.exit(f"Nothing was written. {error}")
    what = KINDS[given.kind].replace("notebook", "notebooks", len(written) != 1)
    print(f"Wrote {len(written)} {what}, each with a zip to hand out, to {folder}.")


if __name__ == "__main__":
    main()
