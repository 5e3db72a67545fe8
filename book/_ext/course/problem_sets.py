"""The problem sets on the page for instructors: a table, and the zips for students that `make problems` has left.

`tools/problem_sets.py` reads the sets. The zips hold neither solutions nor hidden tests; where none has been made, the
page names none.
"""

import shutil
import sys
from pathlib import Path

from .head_line import MADE, TARGET
from .teaching import PAGE, Teaching, table

TOOLS = Path(__file__).resolve().parents[3] / "tools"
sys.path.append(str(TOOLS))
import problem_sets  # noqa: E402

FOLDER = "problems"


def made(source):
    """The names of the zips that have been made, in order."""
    return sorted(path.name for path in Path(source, MADE, FOLDER).glob("*.zip"))


class ProblemSets(Teaching):
    """Chapters, problems with their points, and hours of each set; its zip, if there is one."""

    def run(self):
        zips, rows = made(self.env.srcdir), []
        for each in problem_sets.problem_sets(Path(self.env.srcdir, "problems")):
            self.env.note_dependency(str(each.path))
            asked = ", ".join(f"{title} ({p})" for title, p in each.problems.values())
            row = [
                f"{each.name[0]}. {each.title}",
                ", ".join(map(str, each.chapters)),
                asked,
                each.points,
                each.hours,
            ]
            file = f"{each.name}.zip"
            if zips:
                address = f"../{TARGET}/{FOLDER}/{file}"
                row.append(f'<a href="{address}" download>zip</a>' * (file in zips))
            rows.append(row)
        head = ["set", "chapters", "problems (points)", "points", "hours"]
        return self.parsed(table(head + ["for students"] * bool(zips), rows))


def outdated(app, env, added, changed, removed):
    """A zip that comes or goes changes the page, though none of its files did."""
    now, before = made(app.srcdir), getattr(env, "course_problem_zips", [])
    env.course_problem_zips = now
    return [PAGE] if now != before and PAGE in env.found_docs else []


def copy(app, error):
    """Put the zips beside the page."""
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir, TARGET, FOLDER)
    shutil.rmtree(target, ignore_errors=True)
    for name in made(app.srcdir):
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(app.srcdir, MADE, FOLDER, name), target / name)


def setup(app):
    app.add_directive("teaching-problems", ProblemSets)
    app.connect("env-get-outdated", outdated)
    app.connect("build-finished", copy, priority=600)  # after `head_line` has cleared
