"""The zip of a notebook to take home: the notebook, `rnnkit`, the models it loads, what to install and how to begin."""

import io
import re
import tomllib
import zipfile
from functools import cache

from files import text_of
from sections import ROOT

KINDS = {"student": "student notebook", "solutions": "notebook with solutions"}
# The date of every file, so that a zip is always the same.
WRITTEN = (2026, 1, 1, 0, 0, 0)
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


def zip_of(notebook, labels):
    """The zip of a notebook that `notebook_of` made, as bytes."""
    about = notebook.metadata["rnnkit"]
    name, kind = about["chapter"], about["kind"]
    code = "\n".join(c.source for c in notebook.cells if c.cell_type == "code")
    text, title = text_of(notebook), labels.titles[name]
    return zip_with_rnnkit(name, text, title, KINDS[kind], HOW[kind], code)


def zip_with_rnnkit(name, text, title, what, how, code=""):
    """The zip of one notebook, as bytes: the notebook, what it needs, and how to begin.

    name: of its file; text: of its file. title, what, how: for the README: its title, what kind of notebook it is, and
    what to do with it. code: of the notebook, which tells the models that it loads.
    """
    readme = README.format(
        title=title, line="=" * len(title), what=what, name=name, how=how
    )
    files = {
        f"{name}.ipynb": text.encode(),
        "README.md": readme.encode(),
        "requirements.txt": requirements().encode(),
    }
    files |= {file: (ROOT / file).read_bytes() for file in FROM_THE_COURSE}
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
