"""Which numbers of a chapter's prose no cell prints.

    python tools/prose_numbers.py [notebooks/05_captioning.ipynb ...]

A number in a sentence must be found, at its own precision, in what is printed above it in this section or the one before
(0.938 answers for .94 and for 94 %), in a formula, or among the settings in the code there; in the summary, anywhere in
the chapter. Whole numbers up to twelve pass: they count things. What comes from elsewhere, a year or a figure of a paper,
is listed in its cell's metadata with its source: "numbers": {"166": "Xu et al., p. 5"}.
"""

import re
import sys
from pathlib import Path

import nbformat
from sections import chapters, pieces

NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+")
SMALL = 12  # whole numbers up to here count things
SUMMARY = "What you have seen"
NOT_PROSE = (  # what holds no sentence, or numbers that name things
    r"(?ms)^```.*?^```",
    r"(?s)\$\$.*?\$\$( *\([\w-]+\))?",
    r"\$[^$\n]+\$|`[^`]*`|\{\w+(?::\w+)?\}`[^`]*`",
    r"\]\([^)]*\)|<[^>]+>|https?://\S+",
    r"(?m)^:.*$|^\d+\. ",
    r"(?i)\b(?:chapters?|equations?|figure|exercises?|torch|python) \d[\d.]*",
    r"\*\*Reading\*\*.*",
)


def unprinted(path):
    """(the section's heading, number as written, the words around it) for each number that nothing answers for."""
    found, heading, printed = [], "", [set()]
    cells = list(pieces(nbformat.read(path, as_version=4).cells))
    for i, (cell, depth, text) in enumerate(cells):
        if cell.cell_type == "code":
            printed[-1] |= values("\n".join(map(text_of, cell.outputs)))
            continue
        if (
            depth == 2
        ):  # another section: what it prints, and the settings in all of its code
            heading = text
            printed.append(settings(cells[i + 1 :]))
        printed[-1] |= values(" ".join(re.findall(r"(?s)\$.*?\$", cell.source)))
        known = set().union(*(printed if heading == SUMMARY else printed[-2:]))
        given = cell.metadata.get("numbers", {})
        found += [
            (heading, written, around)
            for written, around in numbers(cell.source)
            if written not in given and not answered(written, known)
        ]
    return found


def settings(cells):
    """The numbers in the code of the section that these pieces begin."""
    found = set()
    for cell, depth, _ in cells:
        if cell.cell_type == "code":
            found |= values(cell.source)
        elif depth == 2:
            break
    return found


def numbers(source):
    """(number as written, the words around it) of all sentences of a markdown cell; a percentage keeps its sign."""
    for pattern in NOT_PROSE:
        source = re.sub(pattern, " ", source)
    for match in NUMBER.finditer(source):
        before, after = source[: match.start()], source[match.end() :]
        if re.search(r"[\w.-]$", before) or re.match(r"\w", after):
            continue  # a part of a name: h0, 3x3
        percent = " %" if re.match(r"\s?%", after) else ""
        around = before[-40:] + match[0] + after[:30]
        yield match[0] + percent, " ".join(around.split())


def text_of(output):
    """What an output says in words: printed text or a table."""
    data = output.get("data", {})
    if "data-module" in str(data):
        return ""
    html = re.sub(r"<[^>]+>", " ", "".join(data.get("text/html", "")))
    return "".join(output.get("text", "")) + "".join(data.get("text/plain", "")) + html


def values(text):
    return {float(m[0].replace(",", "")) for m in NUMBER.finditer(text)}


def answered(written, known):
    """Does a known number, rounded as the prose rounds it, say the same?"""
    number = written.removesuffix(" %")
    value, percent = float(number.replace(",", "")), number != written
    places = len(number.partition(".")[2].partition("e")[0])
    if not percent and not places and value <= SMALL:
        return True
    half = 0.5000001 * 10.0**-places
    scales = (1, 100) if percent else (1,)  # 0.94 answers for 94 %
    return any(abs(k * other - value) <= half for k in scales for other in known)


def main(paths):
    for path in map(Path, paths or chapters()):
        found = unprinted(path)
        print(f"{path.stem}: {len(found)}")
        for heading, written, around in found:
            print(f"  {heading[:30]:30s}  {written:>10s}   ... {around}")


if __name__ == "__main__":
    main(sys.argv[1:])
