"""What slides take from a chapter: printed numbers, figures, explorables, predictions, code; never typed again."""

import base64
import json
import re
from functools import cached_property
from html import unescape
from typing import NamedTuple

from course import cells, chapter_facts, explorables, predictions

from . import ROOT

PICTURES = ("image/svg+xml", "image/png")  # vectors before pixels


class Figure(NamedTuple):
    """A picture as an address that needs no file, what it shows, and its classes, such as no-invert."""

    address: str
    alt: str
    classes: str = ""


class Live(NamedTuple):
    """An explorable: its id, the view that draws it, its state as JSON, and its picture."""

    id: str
    view: str
    state: str
    picture: Figure


def data_address(kind, content):
    """An address that holds the bytes of a file of this kind, "image/png"."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


class Chapter:
    """One notebook, as its file has it. Each method raises ValueError, in a sentence, where it finds not just one."""

    def __init__(self, stem):
        self.path = ROOT / cells.CHAPTERS / f"{stem}.ipynb"
        if not self.path.is_file():
            raise ValueError(f"expected a chapter of that name, found no {stem}.ipynb")

    @property
    def title(self):
        return cells.title_of(self.path)

    @property
    def number(self):
        return int(self.path.stem[:2])

    @cached_property
    def predictions(self):
        """Every question that the chapter asks, by id."""
        return predictions.predictions_of(self.path)

    def core_predictions(self):
        """The ids of those that stand in its core."""
        placed = chapter_facts.minutes.placed(cells.cells_of(self.path))
        found = [
            predictions.prediction_in(cell) for cell, place in placed if place == "core"
        ]
        return [asked[0] for asked in found if asked]

    def cell(self, code):
        """The one code cell with this piece of code."""
        return cells.find(self.path, code)

    def code_cells(self):
        return [c for c in cells.cells_of(self.path) if c.cell_type == "code"]

    def number_like(self, pattern, code=None):
        """The one text that the group of a pattern finds in what cells print.

        code: a piece of the code of the only cell to look at. `^` and `$` are the ends of a line.
        """
        try:
            compiled = re.compile(pattern, re.MULTILINE)
        except re.error as error:
            raise ValueError(f"pattern {pattern!r}: {error}") from error
        if compiled.groups != 1:
            raise ValueError(
                f"pattern {pattern!r}: expected one group (...), got {compiled.groups}"
            )
        looked_at = self.code_cells() if code is None else [self.cell(code)]
        texts = [text for cell in looked_at for text in printed(cell)]
        found = {taken(match) for text in texts for match in compiled.finditer(text)}
        if len(found) != 1:
            shown = ": " + ", ".join(sorted(map(str, found))[:5]) if found else ""
            raise ValueError(
                f"pattern {pattern!r}: expected one value in what {self.path.stem} prints, "
                f"found {len(found)}{shown}"
            )
        return found.pop()

    def figure(self, name=None, code=None):
        """The picture of a figure's name, or of the cell with this piece of code."""
        if code is None:
            named = [c for c in self.code_cells() if figure_name(c) == name]
            if len(named) != 1:
                known = sorted(filter(None, map(figure_name, self.code_cells())))
                raise ValueError(
                    f"figure {name!r}: expected one of {', '.join(known)}; found {len(named)}"
                )
            cell = named[0]
        else:
            cell = self.cell(code)
        found = list(filter(None, map(address_of, cell.outputs)))
        if len(found) != 1:
            raise ValueError(
                f"figure {name or code!r}: expected one picture, found {len(found)}"
            )
        image = cell.metadata.get("mystnb", {}).get("image", {})
        if not image.get("alt"):
            raise ValueError(f"figure {name or code!r}: its cell has no alt text")
        return Figure(found[0], image["alt"], image.get("classes", ""))

    def explorable(self, identifier):
        """The explorable with this id, "rk-rnn-cell"."""
        html = explorables.figure_in_notebook(self.path, identifier)
        if html is None:
            raise ValueError(
                f"explorable {identifier!r}: not among the outputs of {self.path.stem}"
            )
        view = re.search(r'data-module="(\w+)"', html)[1]
        state = re.search(r'<script type="application/json">(.*?)</script>', html, re.S)
        alt, address = re.search(r'<img alt="([^"]*)" src="([^"]*)"', html).groups()
        return Live(identifier, view, state[1], Figure(address, unescape(alt)))

    def vote(self, wanted):
        """(id, question) of the prediction with this id, or with this piece in its question."""
        asked = self.predictions
        found = [
            identifier
            for identifier in asked
            if wanted == identifier or wanted in asked[identifier]["question"]
        ]
        if len(found) != 1:
            raise ValueError(
                f"vote {wanted!r}: expected one of {', '.join(asked)}; found {len(found)}"
            )
        return found[0], asked[found[0]]


def taken(match):
    """What the group of a pattern found; an array as one writes it: 1, 0.5 for `1. 0.5` in the brackets of an array.

    Outside of brackets a full stop behind a whole number belongs to a text, as to the date 1977. 2. 26.
    """
    found, around = match[1], match.string
    before, behind = around[: match.start(1)], around[match.end(1) :]
    in_brackets = before.rstrip().endswith("[") and behind.lstrip().startswith("]")
    number = r"-?\d*\.?\d+" + (r"\.?" if in_brackets else "")
    if re.fullmatch(rf"{number}( +{number})+", found):
        return ", ".join(part.removesuffix(".") for part in found.split())
    return found


def figure_name(cell):
    """The name by which the page and slides call a cell's figure, or None."""
    return cell.metadata.get("mystnb", {}).get("figure", {}).get("name")


def address_of(output):
    """The address of an output's picture; None if it has none."""
    data = output.get("data", {})
    for kind in PICTURES:
        if kind in data:
            text = "".join(data[kind])
            content = text.encode() if kind == PICTURES[0] else base64.b64decode(text)
            return data_address(kind, content)
    return None


def printed(cell):
    """The texts that a cell has printed or shown."""
    for output in cell.get("outputs", []):
        yield "".join(output.get("text", ""))
        for kind in ("text/plain", "text/markdown"):
            yield "".join(output.get("data", {}).get(kind, ""))


def encoded(text):
    """A text as JSON that may stand inside an HTML script element."""
    return json.dumps(text, ensure_ascii=False).replace("</", "<\\/")
