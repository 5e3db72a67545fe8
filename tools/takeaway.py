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
import io
import os
import re
import sys
import tomllib
import zipfile
from functools import cache
from pathlib import Path

import nbformat
from exercises import exercises_of, without_solutions
from plain import Labels, Plain, figure_of
from sections import ROOT, chapters

KINDS = {"student": "student notebook", "solutions": "notebook with solutions"}
WRITTEN = (
    2026,
    1,
    1,
    0,
    0,
    0,
)  # the date of every file, so that a zip is always the same
LEFT_OUT = ("__pycache__", "shipped", ".ipynb_checkpoints")
FROM_THE_COURSE = ("constraints.txt", "LICENSE", "LICENSE-text")
README = """\
{title}
{line}

A {what} of the course "Recurrent Neural Networks, Derived and Checked".

You need Python 3.11 or newer and, the first time, the network. Open a terminal in this folder and type

    python3 -m venv .venv
    .venv/bin/python -m pip install -r requirements.txt
    .venv/bin/python -m jupyter lab {name}.ipynb

or, on Windows,

    py -m venv .venv
    .venv\\Scripts\\python -m pip install -r requirements.txt
    .venv\\Scripts\\python -m jupyter lab {name}.ipynb

The notebook finds the course's package `rnnkit` because it lies beside it. Data that a chapter needs is fetched from the
package index on the first run, verified, and kept.

{how}
Code: BSD 3-Clause (LICENSE). Prose and figures: CC BY 4.0 (LICENSE-text).
"""
HOW = {
    "student": """\
Run the cells from top to bottom, and answer a prediction before you run the cell below it. Each exercise has one cell
with the beginning of an answer and its self-check. Change the beginning, run the cell, read what the check says, and go
on until it says "all right". A cell that you leave as it is stops nothing.
""",
    "solutions": """\
A worked solution follows each exercise. What the cells printed is kept, and appears anew when you run them.
""",
}


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


def text_of(notebook):
    """The notebook as the text of its file."""
    return nbformat.writes(notebook, version=4) + "\n"


def zip_of(notebook, labels):
    """The zip of a notebook that `notebook_of` made, as bytes."""
    about = notebook.metadata["rnnkit"]
    name, title = about["chapter"], labels.titles[about["chapter"]]
    readme = README.format(
        title=title,
        line="=" * len(title),
        what=KINDS[about["kind"]],
        name=name,
        how=HOW[about["kind"]],
    )
    files = {
        f"{name}.ipynb": text_of(notebook).encode(),
        "README.md": readme.encode(),
        "requirements.txt": requirements().encode(),
    }
    files |= {file: (ROOT / file).read_bytes() for file in FROM_THE_COURSE}
    code = "\n".join(c.source for c in notebook.cells if c.cell_type == "code")
    for path in package_files(code):
        files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    return packed(name, files)


def packed(folder, files):
    """A zip of these files, name -> bytes, in one folder; the same files give the same zip."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", WRITTEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return held.getvalue()


def package_files(code):
    """The files of `rnnkit` that a notebook with this code needs: all but trained models that it does not load."""
    package = ROOT / "rnnkit"
    files = [
        path
        for path in sorted(package.rglob("*"))
        if path.is_file() and not set(LEFT_OUT) & set(path.parts)
    ]
    models = sorted((package / "nn" / "shipped").glob("*.safetensors"))
    return files + [path for path in models if loads(code, path)]


def loads(code, model):
    """Whether this code loads a model of the package: by its name, or by a function whose file names the model."""
    if f'shipped("{model.stem}")' in code:
        return True
    return any(re.search(rf"\b{name}\(", code) for name in loaders(model.name))


@cache
def loaders(file):
    """Names of the functions in the modules that name this file of a trained model."""
    sources = [
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "rnnkit" / "nn").rglob("*.py"))
    ]
    return [
        name
        for source in sources
        if f'"{file}"' in source
        for name in re.findall(r"(?m)^def (load_\w+)", source)
    ]


def requirements():
    """What a chapter needs beside `rnnkit`, for pip; the exact versions stand in constraints.txt."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = about["project"]
    needed = project["dependencies"] + project["optional-dependencies"]["notebooks"]
    needed = [name for name in needed if not name.startswith("jupyterlab-myst")]
    return "\n".join(["-c constraints.txt", *needed]) + "\n"


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
        partial = path.with_name(path.name + ".part")
        partial.write_bytes(content)
        os.replace(partial, path)
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
