"""Prepare chapters for Google Colab: a first cell that installs the course's package. For the `colab` branch only.

python tools/colab.py REPOSITORY_ADDRESS notebooks/*.ipynb
"""

import sys
from pathlib import Path

import nbformat

CELL_ID = "install-rnnkit"
FOLDER = "rnn-course"
# The same versions as everywhere; the extra brings what the chapters need beside the package: anywidget, above all.
INSTALL = """\
![ -d {folder} ] || git clone -q --depth 1 {repository} {folder}
%pip install -q -c {folder}/constraints.txt "./{folder}[notebooks]"
"""


def with_install_cell(notebook, repository):
    """The notebook with the installing cell on top; a notebook that has it already keeps just one."""
    source = INSTALL.format(folder=FOLDER, repository=repository).strip()
    cell = nbformat.v4.new_code_cell(source, id=CELL_ID)
    notebook.cells = [
        cell,
        *(old for old in notebook.cells if old.get("id") != CELL_ID),
    ]
    return notebook


def main(repository, *paths):
    for path in map(Path, paths):
        notebook = nbformat.read(path, as_version=4)
        nbformat.write(with_install_cell(notebook, repository), path)
        print(f"{path}: installs from {repository}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
