"""Last touches on a page's HTML that no Sphinx hook reaches: picture sizes, folds, tables and what is heavy."""

import posixpath
from pathlib import Path

import imagesize
from bs4 import BeautifulSoup

from .cells import CHAPTERS
from .outline import note
from .reading import fold_code
from .self_checks import fold_self_checks
from .weights import move_out


def picture_files(builder):
    """Where each picture of the site comes from, by its name in the built site."""
    return {
        name: Path(builder.srcdir, source) for source, name in builder.images.items()
    }


def size_pictures(soup, files):
    """Give pictures their size, so that the page does not jump, and load them when they come into view."""
    for picture in soup.find_all("img", src=True):
        source = files.get(posixpath.basename(picture["src"]))
        if source is None or not source.is_file():
            continue
        picture["loading"] = "lazy"
        width, height = imagesize.get(source)
        if width > 0 and not picture.get("width") and not picture.get("style"):
            picture["width"], picture["height"] = str(round(width)), str(round(height))


def fold(soup):
    """Turn `dropdown` boxes into `details`, which open by keyboard and without a script."""
    for box in soup.select("div.dropdown"):
        title = box.find(class_="admonition-title", recursive=False)
        if title is None:
            continue
        box.name, title.name = "details", "summary"
        for link in title.find_all("a"):
            link.unwrap()  # what opens a fold holds nothing else to press
        box["class"] = [
            *(name for name in box["class"] if name != "dropdown"),
            "rk-fold",
        ]


def name_folds(soup):
    """A fold is called what is written on it, not what MyST-NB puts in the place of that."""
    for title in soup.select("summary[aria-label]"):
        del title["aria-label"]


def name_table_scopes(soup):
    """Header cells say what they head; one that says nothing heads nothing."""
    for cell in soup.select("thead th:not([scope])"):
        cell["scope"] = "col"
    for cell in soup.select("th"):
        if not cell.get_text(strip=True) and not cell.find("img"):
            cell.name = "td"
            del cell["scope"]


def say_height(soup):
    """Tell the styles how tall a cell is likely to be, in lines and in pixels of pictures.

    The browser skips what is far from the window; the better the guess, the less moves when it is shown.
    """
    for cell in soup.select("div.cell"):
        shown = [
            part
            for part in cell.select("pre, img[height]")
            if not part.find_parent("details", class_="hide")
        ]
        lines = sum(part.get_text().count("\n") for part in shown if part.name == "pre")
        pixels = sum(
            round(float(part["height"])) for part in shown if part.name == "img"
        )
        if lines or pixels:
            cell["style"] = f"--rk-lines: {lines}; --rk-pixels: {pixels}px"


def free_reference_list(soup):
    """The list of references holds more than list items, so it must not claim to be a list."""
    for box in soup.select("div.citation-list[role], aside.footnote-list[role]"):
        del box["role"]
        for entry in box.select("[role=doc-biblioentry], [role=listitem]"):
            del entry["role"]


def polish(app, pagename, templatename, context, doctree):
    if not context.get("body"):
        return
    soup = BeautifulSoup(context["body"], "html.parser")
    size_pictures(soup, picture_files(app.builder))
    fold(soup)
    name_folds(soup)
    name_table_scopes(soup)
    free_reference_list(soup)
    if pagename.startswith(f"{CHAPTERS}/"):
        fold_self_checks(soup, app.env.doc2path(pagename))
    say_height(soup)
    fold_code(soup)
    note(soup, app.outdir, pagename)
    move_out(soup, app.outdir, pagename)
    context["body"] = str(soup)


def setup(app):
    app.connect("html-page-context", polish, priority=900)
