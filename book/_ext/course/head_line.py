"""One line at the head of each chapter: print it, or take it home in another form, where that form has been made.

What `make` has made lies below _build and is copied into the site. The line names only what is there; another module
may have begun it, with what it puts into the site itself.
"""

import html
import re
import shutil
from pathlib import Path
from typing import NamedTuple

MADE = "_build"
TARGET = "take"  # the folder of the site
BEGUN = re.compile(r'<ul class="rk-take"[^>]*>')


class Form(NamedTuple):
    """One form of a chapter: what the link says, and the file below _build, where {name} is the notebook's name."""

    label: str
    title: str
    file: str


FORMS = (
    Form("PDF", "The whole course as one PDF", "pdf/course.pdf"),
    Form("Slides", "Slides of this chapter", "slides/{name}.html"),
)
WITH_FOLDER = ("slides",)  # a file that needs what lies beside it


def made(source, name):
    """The forms of a chapter that have been made: (form, file below _build)."""
    files = ((form, form.file.format(name=name)) for form in FORMS)
    return [(form, file) for form, file in files if Path(source, MADE, file).is_file()]


def all_made(source):
    """Every file that a line may name, so that pages are written anew when there is another."""
    notebooks = sorted(Path(source, "notebooks").glob("*.ipynb"))
    return sorted({file for path in notebooks for _, file in made(source, path.stem)})


def items(forms, up):
    """The HTML of what the line offers. up: the way from the page to the site's root, with a closing slash."""
    links = [
        f'<a href="{up}{TARGET}/{file}" title="{html.escape(form.title)}">{form.label}</a>'
        for form, file in forms
    ]
    parts = ['<button class="rk-print" type="button">Print</button>', *links]
    return "".join(f"<li>{part}</li>" for part in parts)


def with_items(body, offered):
    """A chapter's HTML with more in the line below its title, which is begun if there is none."""
    if BEGUN.search(body):
        return BEGUN.sub(lambda start: start[0] + offered, body, count=1)
    line = f'<ul class="rk-take" aria-label="Take this chapter home">{offered}</ul>'
    return body.replace("</h1>", f"</h1>\n{line}", 1)


def add_items(app, pagename, templatename, context, doctree):
    """Put what there is into the line of a chapter."""
    folder, _, name = pagename.partition("/")
    if folder == "notebooks" and doctree is not None:
        offered = items(made(app.srcdir, name), "../")
        context["body"] = with_items(context["body"], offered)


def copy(app, error):
    """Put what the lines name into the site, and nothing that is no longer made."""
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir, TARGET)
    shutil.rmtree(target, ignore_errors=True)
    for file in all_made(app.srcdir):
        source = Path(app.srcdir, MADE, file)
        if source.parent.name in WITH_FOLDER:
            shutil.copytree(
                source.parent, target / source.parent.name, dirs_exist_ok=True
            )
        else:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / file)


def setup(app):
    app.add_config_value("course_forms", all_made(app.srcdir), "html")
    app.connect("html-page-context", add_items, priority=940)  # after all others
    app.connect("build-finished", copy)
