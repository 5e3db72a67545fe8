"""What the self-checks of a student notebook say: the notebook is run from top to bottom, and they are read.

    python tools/selfchecks.py 02_vanilla_rnn.ipynb [more.ipynb ...]
    python tools/selfchecks.py --rehearse [notebooks/02_vanilla_rnn.ipynb ...]

The files are not changed. A cell that raises stops nothing, one that takes too long is interrupted. The self-checks
belong to the reader, who may change them: they tell a learner how far she is, and are no marks.

To rehearse is to unpack the zip of each chapter and run its notebook twice: as it is handed out, when no cell may raise
and no exercise may be solved already, and with the solutions' code put into the stubs, when all must be.
"""

import argparse
import io
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import nbformat
from exercises import exercises_of, with_answers
from handout import zip_of
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from plain import Labels
from sections import chapters
from takeaway import notebook_of

PASSED = "all right"
LIMIT = 300  # seconds for a cell


class Said(NamedTuple):
    """What the self-check of one exercise said: its number and title, the sentence, whether it is passed."""

    number: str
    title: str
    sentence: str
    passed: bool


def notebook_at(path):
    """The notebook in a file. Raises ValueError that says what came instead."""
    try:
        return nbformat.read(path, as_version=4)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    except Exception as error:  # nbformat raises its own, json's and attribute errors
        raise ValueError(
            "expected a notebook, got a file that cannot be read as one"
        ) from error


def read(path):
    """A student notebook from its file. Raises ValueError that says what came instead."""
    try:
        notebook = notebook_at(Path(path))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if "exercises" not in notebook.metadata.get("rnnkit", {}):
        raise ValueError(
            f"{path}: expected a notebook made by `make student`, got one that does not "
            "say which exercises it has"
        )
    return notebook


def run(notebook, folder, limit=LIMIT):
    """Run all cells, also those behind one that raises; the notebook holds what they print.

    folder: where it runs, so that it finds what lies there; limit: seconds for a cell.
    Returns what went wrong outside the self-checks, a list of sentences.
    """
    client = NotebookClient(
        notebook,
        timeout=limit,
        interrupt_on_timeout=True,
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    client.store_widget_state = False
    try:
        client.execute()
    except DeadKernelError:
        return ["The kernel died: what stands below the cell that it ran is unread."]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        f"Code cell {number} stops with {output.ename}: {output.evalue}"
        for number, cell in enumerate(code, 1)
        for output in cell.outputs
        if output.output_type == "error"
    ]


def said(notebook):
    """What each self-check of a student notebook that ran says, a list of Said in the order of the exercises."""
    cells = {
        cell.metadata["rnnkit"]["exercise"]: cell
        for cell in notebook.cells
        if "exercise" in cell.metadata.get("rnnkit", {})
    }
    found = []
    for number, title in notebook.metadata["rnnkit"]["exercises"].items():
        sentence = sentence_of(cells.get(number))
        found.append(Said(number, title, sentence, sentence.startswith(PASSED)))
    return found


def sentence_of(cell):
    """What one exercise's cell printed, or what is the matter with it."""
    if cell is None:
        return "The cell of this exercise is missing."
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            if output.ename == "KeyboardInterrupt":
                return "The cell took too long and was interrupted."
            return f"The cell stops with {output.ename}: {output.evalue}"
    printed = "".join(
        output.text
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stdout"
    )
    return printed.strip() or "The cell prints nothing: its self-check is not asked."


def rehearse(path, labels):
    """Run a chapter's student notebook out of its zip, as it is and with the solutions; returns what is wrong.

    path: of the chapter; labels: the course's Labels. Returns a list of sentences, empty if all is well.
    """
    handed_out = notebook_of(path, "student", labels)
    exercises = exercises_of(nbformat.read(path, as_version=4))
    solved = with_answers(handed_out, exercises)
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        archive = zipfile.ZipFile(io.BytesIO(zip_of(handed_out, labels)))
        archive.extractall(folder)
        for notebook, state in ((handed_out, "handed out"), (solved, "with solutions")):
            problems = run(notebook, Path(folder) / path.stem)
            for result in said(notebook):
                if result.passed != (notebook is solved):
                    problems.append(f"exercise {result.number} says: {result.sentence}")
            wrong += [f"{path.stem}, {state}: {problem}" for problem in problems]
    return wrong


def rehearse_all(paths):
    """Rehearse these chapters one by one and print what is wrong; returns whether nothing is."""
    labels, well = Labels(), True
    for path in paths:
        wrong = rehearse(path, labels)
        well = well and not wrong
        told = wrong or [f"{path.stem}: runs as handed out, all right with solutions"]
        print("\n".join(told), flush=True)
    return well


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("paths", nargs="*", type=Path, help="student notebooks")
    parser.add_argument(
        "--rehearse", action="store_true", help="chapters (all if none), both ways"
    )
    parser.add_argument(
        "--limit", type=int, default=LIMIT, help="seconds for a cell (%(default)s)"
    )
    given = parser.parse_intermixed_args(arguments)
    if given.rehearse:
        paths = [path.resolve() for path in given.paths] or chapters()
        return int(not rehearse_all(paths))
    if not given.paths:
        parser.error("which notebooks?")
    unread = 0
    for path in given.paths:
        try:
            notebook = read(path)
        except ValueError as error:
            unread += 1
            print(error, file=sys.stderr)
            continue
        wrong = run(notebook, path.resolve().parent, given.limit)
        results = said(notebook)
        passed = sum(result.passed for result in results)
        print(f"{path}: {passed} of {len(results)} exercises")
        for result in results:
            print(f"  {result.number} {result.title}: {result.sentence}")
        for sentence in wrong:
            print(f"  {sentence}")
    return int(unread > 0)


if __name__ == "__main__":
    sys.exit(main())
