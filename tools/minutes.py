"""How long a chapter takes to read: its core, and all of it.

    python tools/minutes.py [notebooks/05_captioning.ipynb ...]

The rule, for whoever has read the chapters before:

- prose at 180 words a minute; a formula inside a sentence is one word;
- a displayed formula 15 seconds, a shown line of code 2 seconds (blank lines not counted);
- a printed result 5 seconds, a figure 15, a question to predict 20, an explorable 60.

What the page folds or hides takes no time, and neither do "Exercises", the quiz and "Further reading": they are work of
another kind. A section whose heading begins with "Further:" is no part of the core, with all that stands under it.
"""

import math
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from sections import chapters, pieces

WORDS_A_MINUTE = 180
SECONDS = {
    "formula": 15,
    "line of code": 2,
    "result": 5,
    "figure": 15,
    "prediction": 20,
    "explorable": 60,
}
NOT_READ = ("Exercises", "Further reading")  # sections that the clock leaves out


class Load(NamedTuple):
    """What there is to read, and how long it takes."""

    minutes: float
    words: int
    lines: int
    formulas: int

    def plus(self, other):
        return Load(*(a + b for a, b in zip(self, other, strict=True)))


NOTHING = Load(0.0, 0, 0, 0)


def load_of(path):
    """The core's load and the whole chapter's, (Load, Load)."""
    core = whole = NOTHING
    for cell, place in placed(nbformat.read(path, as_version=4).cells):
        if place == "not read":
            continue
        load = (
            load_of_prose(cell) if cell.cell_type == "markdown" else load_of_code(cell)
        )
        whole = whole.plus(load)
        if place == "core":
            core = core.plus(load)
    return core, whole


def placed(cells):
    """Every cell with where it stands: core, further or not read; a markdown cell is cut at its headings."""
    place, deepest = "core", 6  # a heading deeper than that changes nothing
    for piece, depth, heading in pieces(cells):
        if 0 < depth <= deepest:
            place = place_of(heading)
            deepest = 6 if place == "core" else depth
        yield piece, place


def place_of(heading):
    """Where the section with this heading belongs."""
    if heading in NOT_READ:
        return "not read"
    return "further" if heading.startswith("Further:") else "core"


def load_of_prose(cell):
    """Words, formulas and lines of code of one markdown cell."""
    text = cell.source
    lines = sum(map(count_lines, re.findall(r"(?ms)^```[^\n]*\n(.*?)^```", text)))
    text = re.sub(r"(?ms)^```[^\n]*\n.*?^```", "", text)
    text = re.sub(r"(?ms)^(:{3,})\{solution.*?^\1$", "", text)  # folded
    formulas = len(re.findall(r"(?s)\$\$.*?\$\$", text))
    text = re.sub(r"(?s)\$\$.*?\$\$( *\([\w-]+\))?", " ", text)
    text = re.sub(r"\$[^$\n]+\$", "formula", text)  # one word
    text = re.sub(r"(?m)^:{3,}.*$|^:\w+:.*$", " ", text)  # directives and options
    text = re.sub(r"\]\([^)]*\)", "]", text)  # where links lead
    text = re.sub(r"\{\w+(?::\w+)?\}`([^`<]*)(?:<[^>]*>)?`", r" \1 ", text)
    words = len(re.findall(r"[\w’'.,-]*\w[\w’'.,-]*", text))
    seconds = SECONDS["formula"] * formulas + SECONDS["line of code"] * lines
    return Load(words / WORDS_A_MINUTE + seconds / 60, words, lines, formulas)


def load_of_code(cell):
    """The shown lines of one code cell and what it puts on the page."""
    tags = set(cell.metadata.get("tags", []))
    if "Quiz(" in cell.source or tags & {"remove-cell", "hide-cell"}:
        return NOTHING
    lines, seconds = 0, 0.0
    if not tags & {"remove-input", "hide-input"}:
        lines += count_lines(cell.source)
    if not tags & {"remove-output", "hide-output"}:
        for output in cell.outputs:
            kind, shown = kind_of(output)
            lines += shown
            seconds += SECONDS.get(kind, 0)
    seconds += SECONDS["line of code"] * lines
    return Load(seconds / 60, 0, lines, 0)


def kind_of(output):
    """What an output is to a reader, and how many lines of source code it shows."""
    data = output.get("data", {})
    html = "".join(data.get("text/html", ""))
    if 'data-module="quiz"' in html:
        return "prediction", 0
    if "data-module=" in html:
        return "explorable", 0
    if "image/svg+xml" in data or "image/png" in data:
        return "figure", 0
    source = "".join(data.get("text/markdown", ""))
    if source.startswith("```"):
        return "source", count_lines(source) - 2
    return "result", 0


def count_lines(code):
    """Lines that are not blank."""
    return sum(bool(line.strip()) for line in code.splitlines())


def header_of(path):
    """The minutes that the chapter's first cell states, (core, all), or None."""
    first = nbformat.read(path, as_version=4).cells[0].source
    stated = re.search(r"\*\*Reading\*\* core (\d+) min, all (\d+) min", first)
    return (int(stated[1]), int(stated[2])) if stated else None


def main(paths):
    print(
        "chapter                core min  words  code  formulas     all min  words  code  formulas   header"
    )
    for path in map(Path, paths or chapters()):
        core, whole = load_of(path)
        row = "".join(
            f"{math.ceil(x.minutes):12d}{x.words:7d}{x.lines:6d}{x.formulas:10d}"
            for x in (core, whole)
        )
        print(f"{path.stem:20s}{row}   {header_of(path)}")


if __name__ == "__main__":
    main(sys.argv[1:])
