"""Problem sets for a class: hand out, collect, grade, give feedback.

    python make.py problems [--seed 2027] [1_reading_and_learning ...]    student versions, and a zip of each
    python make.py collect --from FOLDER                                  take in what students have sent
    python make.py grade [--again]                                        run the tests, write points.csv
    python make.py feedback                                               a page for each submission

Everything lies in the folder grading (--course FOLDER for another), which is an ordinary course of nbgrader. It holds
students' work: git ignores it, and `make clean` leaves it alone. A submission is a program that somebody else wrote:
grade on a machine, or in a container, that holds nothing else.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from files import put
from problem_sets import HANDED_OUT, problem_sets, seeded, zip_for_students
from sections import ROOT
from submissions import checked, digest_at, found

COURSE = ROOT / "grading"


def problems(course, given):
    """Hand out: make the student versions and a zip of each. Returns the sentence that says so."""
    sets = chosen(problem_sets(), given.names)
    sources = {}
    for each in sets:
        source = seeded(each.path.read_text(encoding="utf-8"), given.seed)
        if changed(course, each.name, source):
            sources[each.name] = source
    for name, source in sources.items():
        course.release(name, source)
    given.to.mkdir(parents=True, exist_ok=True)
    for each in sets:
        released = course.path("release", each.name).read_text(encoding="utf-8")
        put(given.to / f"{each.name}.zip", zip_for_students(each, released))
    return (
        f"Wrote {counted(len(sets), 'problem set')} to hand out to {shown(given.to)}, a zip of each, "
        f"without solutions and hidden tests. Keep {shown(course.folder)}: it grades what comes back."
    )


def chosen(sets, names):
    """The sets with these names, all if there are none. Raises ValueError for a name that no set has."""
    known = {each.name: each for each in sets}
    for name in names:
        if name not in known:
            raise ValueError(f"set: expected one of {', '.join(known)}, got {name!r}")
    return [known[name] for name in names] or sets


def changed(course, name, source):
    """Whether a set has to be made anew. Raises ValueError where submissions of another version would be lost."""
    path = course.path("source", name)
    if path.is_file() and path.read_text(encoding="utf-8") == source:
        return not course.path("release", name).is_file()
    waiting = [student for student, other in course.submitted() if other == name]
    if waiting:
        raise ValueError(
            f"{name}: {counted(len(waiting), 'submission')} of another version or seed in "
            f"{shown(course.folder)}; finish with them and move the folder away, or name another with --course"
        )
    return True


def collect(course, given):
    """Take in submissions from a folder. Returns the sentence that says how many, and of what was left out."""
    folder = given.from_folder
    if folder is None or not folder.is_dir():
        got = "none" if folder is None else f"{folder}, which is no folder"
        raise ValueError(
            f"collect: expected --from FOLDER (make collect FROM=folder), got {got}"
        )
    released = {name: course.released(name) for name in ready(course)}
    files, sentences = found(folder, list(released))
    new = 0
    for (student, name), path in files.items():
        try:
            notebook = checked(path, name, released[name])
        except ValueError as error:
            sentences.append(f"{student}, {name}: {error}")
            continue
        kept = digest_at(course.path("submitted", name, student))
        if kept != notebook.metadata["rnnkit"]["digest"]:
            course.keep(student, name, notebook)
            new += 1
        for remark in notebook.metadata["rnnkit"]["remarks"]:
            print(f"{student}, {name}: {remark}")
    for sentence in sentences:
        print(f"Not collected: {sentence}.", file=sys.stderr)
    return (
        f"Collected {counted(new, 'submission')} from {folder}; "
        f"{len(course.submitted())} are there now, and {len(sentences)} could not be taken."
    )


def ready(course):
    """The names of the sets that were handed out. Raises ValueError if none was."""
    names = course.handed_out()
    if not names:
        raise ValueError(
            f"{shown(course.folder)}: nothing was handed out from here; run the command problems first"
        )
    return names


def grade(course, given):
    """Grade what was collected and not yet graded, and write the table. Returns the sentence that says where it is."""
    ready(course)
    failed, graded = [], 0
    for student, name in course.submitted():
        if given.again:
            course.forget(student, name)
        if course.path("autograded", name, student).is_file():
            continue
        graded += 1
        if not course.grade(student, name):
            failed.append(f"{student}, {name}")
            print(f"{student}, {name}: could not be graded", flush=True)
            continue
        row = course.row(student, name)
        print(f"{student}, {name}: {row['points']} of {row['of']} points", flush=True)
    told = f" Look at these by hand: {'; '.join(failed)}." if failed else ""
    return (
        f"Graded {counted(graded, 'submission')}, {len(course.submitted()) - graded} were graded before. "
        f"The points are in {shown(course.write_table())}.{told}"
    )


def feedback(course, given):
    """Write a page for each graded submission. Returns the sentence that says where they are."""
    ready(course)
    written = 0
    for student, name in course.submitted():
        if not course.path("autograded", name, student).is_file():
            print(f"{student}, {name}: not graded, so no feedback", file=sys.stderr)
        elif course.write_feedback(student, name):
            written += 1
        else:
            print(f"{student}, {name}: the page could not be written", file=sys.stderr)
    place = course.folder / "feedback" / "STUDENT" / "SET" / "SET.html"
    return f"Wrote {counted(written, 'page')} of feedback: {shown(place)}."


def counted(number, what):
    """A number with its noun: "1 page", "2 pages"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def shown(path):
    """A path as a reader of this folder writes it."""
    path = Path(path).resolve()
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


COMMANDS = {f.__name__: f for f in (problems, collect, grade, feedback)}


def parser():
    """What the command line takes."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    made.add_argument("command", choices=COMMANDS)
    made.add_argument("names", nargs="*", help="problems: the sets (all if none)")
    made.add_argument("--course", type=Path, default=COURSE, help="the folder grading")
    made.add_argument("--seed", type=int, default=1, help="problems: other numbers")
    made.add_argument("--to", type=Path, default=HANDED_OUT, help="problems: the zips")
    made.add_argument(
        "--from",
        type=Path,
        dest="from_folder",
        help="collect: the folder with the files",
    )
    made.add_argument(
        "--again", action="store_true", help="grade: all, not the new ones"
    )
    made.add_argument(
        "--limit", type=int, default=30, help="grade: seconds for a cell (%(default)s)"
    )
    return made


def main(arguments=None):
    given = parser().parse_intermixed_args(arguments)
    if given.seed < 0 or given.limit < 1:
        sys.exit(
            f"--seed: expected 0 or more, --limit 1 or more; got {given.seed}, {given.limit}"
        )
    from grading import Course  # nbgrader takes a second; --help does not need it

    try:
        print(COMMANDS[given.command](Course(given.course, given.limit), given))
    except (ValueError, OSError, nbformat.ValidationError) as error:
        sys.exit(f"Nothing was done. {error}")


if __name__ == "__main__":
    main()
