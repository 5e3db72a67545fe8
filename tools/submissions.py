"""What students hand in: found in a folder, checked, and mended so that it can be graded.

A folder holds FOLDER/STUDENT/SET.ipynb or FOLDER/STUDENT_SET.ipynb, as learning platforms give them. What is wrong with
one file is said in one sentence, and nothing of it is kept; the others are collected all the same.
"""

import copy
import hashlib
import json
import re

import nbformat
from problem_sets import SEED, about
from selfchecks import notebook_at

STUDENT = re.compile(r"\w[\w.@ -]*")  # nbgrader makes a folder of it, and a pattern
TEXT = "the notebook as it was handed out"


def found(folder, names):
    """What lies in a folder: {(student, set): path}, and sentences about what is no submission.

    names: of the sets. Of two files for one student and set neither is taken. What else lies beside a student's
    notebook is passed over, unless it is a notebook too.
    """
    taken, others = {}, {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_dir() or any(p.startswith((".", "__")) for p in parts):
            continue
        whose = student_and_set(parts, names)
        if whose:
            taken.setdefault(whose, []).append(path)
        else:
            others.setdefault(parts[0], []).append(parts[-1])
    handed_in, sentences = {student for student, _ in taken}, []
    for place, files in others.items():
        if place in handed_in:
            files = [file for file in files if file.endswith(".ipynb")]
        if files:
            listed = ", ".join(files[:3]) + ", ..." * (len(files) > 3)
            sentences.append(
                f"{place}: expected STUDENT/SET.ipynb or STUDENT_SET.ipynb with SET one of {', '.join(names)}, "
                f"got {listed}"
            )
    for (student, name), paths in taken.items():
        if len(paths) > 1:
            listed = " and ".join(path.relative_to(folder).as_posix() for path in paths)
            sentences.append(f"{student}: expected one {name}, got {listed}")
    return {whose: p[0] for whose, p in taken.items() if len(p) == 1}, sentences


def student_and_set(parts, names):
    """(student, set) of a file, from its path in the folder, a tuple; None where it does not say both."""
    *folders, file = parts
    stem, _, ending = file.rpartition(".")
    name = next((name for name in names if stem.endswith(name)), None)
    if ending != "ipynb" or name is None or len(folders) > 1:
        return None
    before = stem.removesuffix(name).rstrip("_- ")
    if folders and before not in ("", folders[0]):
        return None
    student = folders[0] if folders else before
    return (student, name) if STUDENT.fullmatch(student) else None


def checked(path, name, released):
    """A submission that can be graded, from its file.

    path: of the file; name: of its set; released: the notebook as it was handed out.
    Returns the notebook; its metadata say what was mended. Raises ValueError where it is not this set's notebook.
    """
    notebook = notebook_at(path)
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise ValueError(f"expected {TEXT}, got a damaged one") from error
    told = notebook.metadata.get("rnnkit", {}).get("problems", {}).get("title")
    ours = released.metadata["rnnkit"]["problems"]["title"]
    if told not in (None, ours):
        raise ValueError(f"expected {name}, got the problem set {told!r}")
    ids = {about(cell).get("grade_id") for cell in released.cells} - {None}
    if not ids & {about(cell).get("grade_id") for cell in notebook.cells}:
        raise ValueError(f"expected {TEXT}, got one without any of its cells")
    remarks = other_seed(notebook, released) + mend(notebook, released)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    notebook.metadata["rnnkit"] = {"remarks": remarks, "digest": digest}
    return notebook


def other_seed(notebook, released):
    """A remark, in a list, where a submission was made from a notebook with another seed: its measured numbers differ."""
    text = "\n".join(cell.source for cell in notebook.cells)
    theirs, ours = (
        SEED.search(t) for t in (text, "\n".join(c.source for c in released.cells))
    )
    if not theirs or theirs[0] == ours[0]:
        return []
    return [f"It was made with {theirs[0]}, and is graded with {ours[0]}."]


def mend(notebook, released):
    """Put back the cells that were deleted, in place, and let a copied one count once; returns what was done."""
    remarks, seen = [], set()
    for cell in notebook.cells:
        identifier = about(cell).get("grade_id")
        if identifier in seen:
            del cell.metadata["nbgrader"]
            remarks.append(
                f"The cell {identifier} stood there twice; the first counts."
            )
        elif identifier:
            seen.add(identifier)
    at = 0  # behind the last cell that was handed out
    for cell in released.cells:
        identifier = about(cell).get("grade_id")
        if identifier is None:
            continue
        if identifier in seen:
            at = 1 + index_of(notebook, identifier)
            continue
        notebook.cells.insert(at, copy.deepcopy(cell))
        at += 1
        remarks.append(f"The cell {identifier} was missing and has been put back.")
    return remarks


def index_of(notebook, identifier):
    """Where the cell with this id stands."""
    return next(
        i
        for i, c in enumerate(notebook.cells)
        if about(c).get("grade_id") == identifier
    )


def leave_out(notebook, number, why):
    """Leave one problem's program out, in place, since it cannot be run to its end; its text stays, as a comment.

    number: of the problem; why: a sentence, kept as a remark. The student's own cells of this problem go too.
    """
    inside = False
    for cell in notebook.cells:
        told = about(cell)
        identifier = told.get("grade_id")
        if identifier:
            inside = identifier.startswith(f"{number}_")
        own = cell.cell_type == "code" and not told.get("locked")
        if inside and own:
            lines = [f"# {line}".rstrip() for line in cell.source.split("\n")]
            cell.source = "\n".join([f"# {why}", *lines])
    notebook.metadata["rnnkit"]["remarks"].append(why)


def digest_at(path):
    """The digest of the file that a collected notebook was made of, or None where there is none."""
    if not path.is_file():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    return told.get("rnnkit", {}).get("digest")
