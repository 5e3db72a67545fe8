"""Execute notebooks in place, each in a fresh kernel, and normalise them.

    python tools/notebooks.py                       every chapter
    python tools/notebooks.py notebooks/03_bptt.ipynb
    python tools/notebooks.py --normalise FILE ...  without executing

Normalised means: cell ids derived from the cells' source, no execution times, no widget state, no
stream output split at random places. Running twice on one machine then gives the same bytes.
"""

import argparse
import hashlib
import sys
import time
from pathlib import Path

import nbformat
import sections
from files import put, text_of
from nbclient import NotebookClient
from tqdm import tqdm

KEPT = ("description",)  # what the page says of the chapter to search engines
WIDGET_MIMES = (
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.jupyter.widget-state+json",
)


def normalise(notebook):
    """Remove everything that differs between two runs of the same notebook, in place."""
    kept = {key: notebook.metadata[key] for key in KEPT if key in notebook.metadata}
    notebook.metadata = kept | {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    seen = {}
    for cell in notebook.cells:
        digest = hashlib.sha256(cell.source.encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        for name in ("execution", "collapsed", "jupyter", "trusted", "scrolled"):
            cell.metadata.pop(name, None)
        if cell.cell_type == "code":
            cell.outputs = [
                clean_output(output) for output in merge_streams(cell.outputs)
            ]
    return notebook


def merge_streams(outputs):
    """Join neighbouring pieces of one stream: where the kernel flushes is a matter of timing."""
    merged = []
    for output in outputs:
        before = merged[-1] if merged else None
        if (
            output.output_type == "stream"
            and before
            and before.get("name") == output.name
        ):
            before.text += output.text
        else:
            merged.append(output)
    return merged


def clean_output(output):
    """Drop the widget view (its model id is random); the static HTML beside it stays."""
    if "data" in output:
        for mime in WIDGET_MIMES:
            output.data.pop(mime, None)
    return output


def execute(path, timeout=600):
    """Run one notebook from top to bottom; returns it normalised, and the seconds that it took."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    start = time.perf_counter()
    bar = tqdm(total=len(notebook.cells), desc=path.name, unit="cell", file=sys.stderr)
    client.on_cell_complete = lambda **_: bar.update()
    # Widgets leave no state in the file: the published page needs none.
    client.store_widget_state = False
    try:
        client.execute()
    finally:
        bar.close()
    return normalise(notebook), time.perf_counter() - start


def write(notebook, path):
    """Write a notebook into its file; an interrupted run leaves the old one whole."""
    put(path, text_of(notebook).encode())


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "paths", nargs="*", type=Path, help="notebooks (all chapters if none is given)"
    )
    parser.add_argument(
        "--normalise", action="store_true", help="do not execute, only normalise"
    )
    arguments = parser.parse_args()
    paths = [p.resolve() for p in arguments.paths] or sections.chapters()
    if not paths:
        sys.exit("No chapters in notebooks/.")
    for path in paths:
        if arguments.normalise:
            write(normalise(nbformat.read(path, as_version=4)), path)
            continue
        notebook, seconds = execute(path)
        write(notebook, path)
        print(f"{path.name}: executed in {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
