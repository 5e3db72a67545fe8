"""Which cell of a chapter guards a claim: the asserting cell that prints its numbers, or the one that is named for it.

The rarer a number is in the chapter, the more it says; the words around a cell decide between equals. Where numbers do
not tell, book/guards.yml names the cell by a piece of its code.
"""

import ast
import math
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
import yaml

from .cells import cells_of, find

sys.path.append(str(Path(__file__).resolve().parents[3] / "tools"))
import prose_numbers
from sections import pieces

FILE = "book/guards.yml"
EXERCISES = "Exercises"
MOST = 3  # cells that a claim is followed to
WORDS_WEIGH = 6  # as much as two or three numbers, if all words agree
ASSERTED = re.compile(r"^\s*assert ", re.MULTILINE)


class Guard(NamedTuple):
    """A code cell that asserts, and the condition in it that is nearest to what it guards."""

    cell: nbformat.NotebookNode
    condition: str


class Candidate(NamedTuple):
    """A cell that asserts, with the numbers it prints and the words in and around it."""

    cell: nbformat.NotebookNode
    printed: set
    words: set


def candidates(path):
    """The cells before the exercises that assert something and are shown."""
    found, before, waiting = [], "", []
    for piece, _, heading in pieces(cells_of(path)):
        if heading == EXERCISES:
            break
        if piece.cell_type == "markdown":
            for words in waiting:  # what is said after a cell is often about it
                words |= words_of(piece.source)
            before, waiting = piece.source, []
        elif ASSERTED.search(piece.source) and "remove-cell" not in tags(piece):
            text = "\n".join(map(prose_numbers.text_of, piece.outputs))
            words = words_of(f"{before} {piece.source} {text}")
            found.append(Candidate(piece, prose_numbers.values(text), words))
            waiting.append(words)
    return found


def tags(cell):
    return cell.metadata.get("tags", [])


def words_of(text):
    """The beginnings of the longer words, so that `trained` and `training` are one."""
    return {word[:6] for word in re.findall(r"[a-z]{4,}", text.lower())}


def numbers_of(text):
    """The numbers of a claim that may tell its cell: no small whole ones, which count things; decimals of formulas too."""
    written = [number for number, _ in prose_numbers.numbers(text)]
    written += re.findall(r"\d+\.\d+", " ".join(re.findall(r"\$[^$]+\$", text)))
    return {
        number
        for number in written
        if not number.isdigit() or int(number) > prose_numbers.SMALL
    }


def by_numbers(text, known):
    """The cells, out of the candidates, that print the claim's numbers: the most telling first, then what it lacks."""
    rarity = {
        number: math.log(1 + len(known) / count)
        for number in numbers_of(text)
        if (count := sum(prose_numbers.answered(number, c.printed) for c in known))
    }
    found = []
    while rarity and len(found) < MOST:
        best = max(known, key=lambda c: score(text, rarity, c, known))
        said = {n for n in rarity if prose_numbers.answered(n, best.printed)}
        if not any(tells(number, known) for number in said):
            break
        found.append(best.cell)
        rarity = {n: weight for n, weight in rarity.items() if n not in said}
    return found


def tells(number, known):
    """Does a number point at a cell? One with decimals does, a whole one if few cells print it."""
    count = sum(prose_numbers.answered(number, c.printed) for c in known)
    return not number.replace(",", "").isdigit() or count <= 2


def score(text, rarity, candidate, known):
    """How well a cell fits a claim."""
    numbers = sum(
        weight
        for number, weight in rarity.items()
        if prose_numbers.answered(number, candidate.printed)
    )
    weights = {
        word: math.log(1 + len(known) / count)
        for word in words_of(text)
        if (count := sum(word in c.words for c in known))
    }
    shared = sum(weight for word, weight in weights.items() if word in candidate.words)
    return numbers + WORDS_WEIGH * shared / max(sum(weights.values()), 1e-9)


def named(root):
    """What book/guards.yml names: {chapter: {beginning of a claim or id of a prediction: [code]}}."""
    return yaml.safe_load((Path(root) / FILE).read_text(encoding="utf-8")) or {}


def take(given, text, path):
    """The guards that the file names for this claim, taken out of what it names; None where it names none."""
    key = next((key for key in given if text.startswith(key)), None)
    if key is None:
        return None
    return [guard_in(find(path, code), code) for code in given.pop(key)]


def guard_in(cell, near):
    """The cell with that one of its conditions which this text quotes, or else shares most words with.

    Raises ValueError: the cell asserts nothing.
    """
    tests = [
        [ast.get_source_segment(cell.source, part) for part in (node, node.test)]
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Assert)
    ]
    if not tests:
        raise ValueError(f"{FILE}: no assert in the cell with {near!r}")
    wanted = words_of(near)
    _, condition = max(
        tests, key=lambda test: (near in test[0], len(wanted & words_of(test[0])))
    )
    return Guard(cell, " ".join(condition.split()))
