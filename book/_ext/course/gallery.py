"""All explorables of the chapters, one card each: the page book/gallery.

The picture is the one that stands in the chapter until the figure lives; the line is the first of the docstring of the
explorable's class in rnnkit.show.
"""

import ast
import html
import re
from pathlib import Path
from typing import NamedTuple

from .cells import CHAPTERS, cells_of, title_of

SHOW = "rnnkit/show"
FIGURE = re.compile(
    r'<figure class="rk-explorable" id="([\w-]+)" data-module="(\w+)">.*?(<img [^>]*>)',
    re.DOTALL,
)
NAME = re.compile(r"\b[A-Za-z]_\w+\b")  # W_hh and the like


class Explorable(NamedTuple):
    """One explorable of a chapter: its id on the page, its view's name, and its static picture in HTML."""

    id: str
    module: str
    picture: str


def explorables_of(path):
    """The explorables among the outputs of a chapter, in its order; quizzes and predictions have no picture."""
    found = []
    for cell in cells_of(path):
        for output in cell.get("outputs", []):
            figure = "".join(output.get("data", {}).get("text/html", ""))
            match = FIGURE.search(figure)
            if match:
                found.append(Explorable(*match.groups()))
    return found


def lines(root):
    """{view's name: the first line of the docstring of its class} for all of rnnkit.show."""
    found = {}
    for path in sorted((Path(root) / SHOW).glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and (module := module_of(node)):
                found[module] = (ast.get_docstring(node) or "").partition("\n")[0]
    return found


def module_of(node):
    """The view that a class names, `module = "..."`, or nothing."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "module":
            return ast.literal_eval(statement.value)
    return ""


def markdown(root):
    """The body of the page, and the files that it is made of. Raises ValueError: an explorable without a line."""
    root = Path(root)
    said, paths = lines(root), sorted((root / CHAPTERS).glob("*.ipynb"))
    cards = []
    for path in paths:
        for explorable in explorables_of(path):
            if not said.get(explorable.module):
                raise ValueError(
                    f"gallery: the class of {explorable.module} in {SHOW} says in no docstring what it is"
                )
            cards.append(card(path, explorable, said[explorable.module]))
    body = "\n".join(
        ["```{raw} html", '<div class="rk-gallery">', *cards, "</div>", "```", ""]
    )
    return body, [*paths, *sorted((root / SHOW).glob("*.py"))]


def card(path, explorable, line):
    """The HTML of one card. The link is its line, so that who hears the page hears what is there."""
    address = f"../{CHAPTERS}/{path.stem}.html#{explorable.id}"
    text = NAME.sub(r"<code>\g<0></code>", html.escape(line, quote=False))
    chapter = (
        f"Chapter {int(path.stem[:2])}: {html.escape(title_of(path), quote=False)}"
    )
    return (
        f'<div class="rk-card">{explorable.picture}<p><a href="{address}">{text}</a></p>'
        f"<p>{chapter}</p></div>"
    )
