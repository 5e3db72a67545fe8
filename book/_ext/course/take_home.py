"""One line at the head of each chapter: print it, or take it home in another form, where that form has been made.

What `make` has made lies below _build and is copied into the site. A line names only what is there.
"""

import html
import shutil
from pathlib import Path
from typing import NamedTuple

MADE = "_build"
TARGET = "take"  # the folder of the site


class Form(NamedTuple):
    """One form of a chapter: what the link says, and the file below _build, where {name} is the notebook's name."""

    label: str
    title: str
    file: str


FORMS = (
    Form("PDF", "The whole course as one PDF", "pdf/course.pdf"),
    Form(
        "Student notebook",
        "A zip with this chapter's notebook without solutions, and all that it needs",
        "student/{name}_student.zip",
    ),
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


def line(forms, up):
    """The HTML of the line. up: the way from the page to the site's root, with a closing slash."""
    links = ['<button class="rk-print" type="button">Print</button>']
    links += [
        f'<a href="{up}{TARGET}/{file}" title="{html.escape(form.title)}">{form.label}</a>'
        for form, file in forms
    ]
    return f'<p class="rk-take">{"".join(links)}</p>'


def add_line(app, pagename, templatename, context, doctree):
    """Put the line below the title of a chapter."""
    folder, _, name = pagename.partition("/")
    if folder != "notebooks" or doctree is None:
        return
    before, end, after = context["body"].partition("</h1>")
    below = line(made(app.srcdir, name), "../") if end else ""
    context["body"] = before + end + below + after


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
    app.connect("html-page-context", add_line)
    app.connect("build-finished", copy)
