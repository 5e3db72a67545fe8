"""Each chapter to take home: zips of its notebook beside the page, and one line at its head that offers them.

`tools/takeaway.py` makes them, as it does for `make student` and `make solutions`.
"""

import sys
from pathlib import Path

from .head_line import with_items
from .meta import base_address
from .numbers import chapter_number

TOOLS = Path(__file__).resolve().parents[3] / "tools"
sys.path.append(str(TOOLS))
import handout  # noqa: E402
import plain  # noqa: E402
import takeaway  # noqa: E402

FOLDER = "_downloads"
OFFERED = {  # kind: what the line calls it, in full where there is room, and what a pointer is told
    "student": (
        '<span class="rk-wide">Student </span>notebook',
        "The chapter to work through: exercises without their solutions, and all it needs",
    ),
    "solutions": (
        '<span class="rk-wide">With </span>solutions',
        "The chapter as a notebook with the worked solutions, and all it needs",
    ),
}
REST_ON = ("notebooks", "rnnkit", "tools", "book/references.bib", "constraints.txt")


def items_for(stem, up):
    """What the line under a chapter's title offers, in HTML; up: from the page to the root of the site."""
    return "".join(
        f'<li><a href="{up}{FOLDER}/{stem}_{kind}.zip" title="{title}" download>{label}</a></li>'
        for kind, (label, title) in OFFERED.items()
    )


def offer(app, pagename, templatename, context, doctree):
    """Put the zips into the line under the title of a chapter."""
    if not context.get("body") or chapter_number(pagename) is None:
        return
    stem = pagename.rpartition("/")[2]
    offered = items_for(stem, "../" * pagename.count("/"))
    context["body"] = with_items(context["body"], offered)


def newest(srcdir):
    """When something that a zip rests on changed last, in seconds."""
    roots = [Path(srcdir, name) for name in REST_ON]
    files = [
        f for root in roots for f in ([root] if root.is_file() else root.rglob("*"))
    ]
    return max(f.stat().st_mtime for f in files if f.is_file() and f.suffix != ".pyc")


def write_zips(app, exception):
    """Write the zips of all chapters on the site, unless they are there and nothing has changed since."""
    if exception or app.builder.format != "html":
        return
    stems = [
        name.rpartition("/")[2] for name in app.env.found_docs if chapter_number(name)
    ]
    folder = Path(app.outdir, FOLDER)
    wanted = [folder / f"{stem}_{kind}.zip" for stem in stems for kind in OFFERED]
    changed = newest(app.srcdir)
    if all(zip.is_file() and zip.stat().st_mtime > changed for zip in wanted):
        return
    folder.mkdir(parents=True, exist_ok=True)
    labels = plain.Labels()
    for stem in stems:
        path = Path(app.srcdir, "notebooks", f"{stem}.ipynb")
        for kind in OFFERED:
            notebook = takeaway.notebook_of(path, kind, labels, base_address(app))
            content = handout.zip_of(notebook, labels)
            (folder / f"{stem}_{kind}.zip").write_bytes(content)


def setup(app):
    app.connect("html-page-context", offer, priority=910)  # after `polish`
    app.connect("build-finished", write_zips)
