"""What every chapter claims and asks to predict, with the cell whose `assert` guards it: the page book/claims.

The claims are the chapter's own, from its section "What you have seen"; so are the questions and their answers, from
the outputs of its predictions. Which cell guards a claim is told by its numbers: the asserting cell that prints them,
the rarer a number in the chapter the more it says, the words around the cell deciding between equals. A prediction is
guarded by the first cell after it that asserts. Where that is not so, or a claim has no number, book/guards.yml names
the cell.
"""

import ast
import json
import math
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
import yaml

from .cells import CHAPTERS, anchor_of, cells_of, find

sys.path.append(str(Path(__file__).resolve().parents[3] / "tools"))
import prose_numbers
from sections import pieces

GUARDS = "book/guards.yml"
EXERCISES = "Exercises"
MOST = 3  # cells that a claim is followed to
LONGEST = 64  # characters of a condition that the page shows
WORDS_WEIGH = 6  # as much as two or three numbers, if all words agree
ASSERTED = re.compile(r"^\s*assert ", re.MULTILINE)
STATE = re.compile(r'data-module="quiz"><script type="application/json">(.*?)</script>')


class Guard(NamedTuple):
    """A code cell that asserts, and the condition in it that is nearest to what it guards."""

    cell: nbformat.NotebookNode
    condition: str


class Claim(NamedTuple):
    """An item of a summary, or a question with its answer, and what guards it."""

    text: str
    answer: str
    guards: list


# ---- what is claimed


def summary_of(path):
    """The items of the chapter's summary, as MyST Markdown in one line each."""
    source = "".join(
        piece.source
        for piece, _, heading in pieces(cells_of(path))
        if heading == prose_numbers.SUMMARY
    )
    items = re.findall(r"(?ms)^- (.*?)(?=^- |^\s*$|\Z)", source)
    return [" ".join(item.split()) for item in items]


def question_of(cell):
    """(id, question, answer) if the cell asks for a prediction, else None."""
    for output in cell.get("outputs", []):
        figure = "".join(output.get("data", {}).get("text/html", ""))
        state = STATE.search(figure)
        if state and json.loads(state[1])["kind"] == "predict":
            identifier = re.search(r'id="rk-([\w-]+)"', figure)[1]
            question = json.loads(state[1])["questions"][0]
            return identifier, question["question"], answer_to(question)
    return None


def answer_to(question):
    """The right option, or the number with what is close enough."""
    if "options" in question:
        return next(o["text"] for o in question["options"] if o["correct"])
    unit = f" {question['unit']}" if question.get("unit") else ""
    return f"{question['answer']:g} ± {question['tolerance']:g}{unit}"


# ---- which cell guards it


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
        elif ASSERTED.search(piece.source) and not question_of(piece):
            text = "\n".join(map(prose_numbers.text_of, piece.outputs))
            words = words_of(f"{before} {piece.source} {text}")
            found.append(Candidate(piece, prose_numbers.values(text), words))
            waiting.append(words)
    return found


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


def guards_by_numbers(text, known):
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


# ---- all of it


def named(root):
    """What book/guards.yml names: {chapter: {beginning of a claim or id of a prediction: [code]}}."""
    return yaml.safe_load((Path(root) / GUARDS).read_text(encoding="utf-8")) or {}


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
        raise ValueError(f"{GUARDS}: no assert in the cell with {near!r}")
    wanted = words_of(near)
    _, condition = max(
        tests, key=lambda test: (near in test[0], len(wanted & words_of(test[0])))
    )
    return Guard(cell, " ".join(condition.split()))


def claims_of(path, given):
    """The claims of a chapter and its predictions, two lists of Claim.

    given: what book/guards.yml names for this chapter. Raises ValueError if it names what the chapter has not.
    """
    given, known = dict(given), candidates(path)
    claims = []
    for text in summary_of(path):
        guards = take(given, text, path)
        if guards is None:
            guards = [guard_in(c, text) for c in guards_by_numbers(text, known)]
        claims.append(Claim(text, "", guards))
    predictions, cells = [], cells_of(path)
    for i, cell in enumerate(cells):
        asked = question_of(cell) if cell.cell_type == "code" else None
        if asked:
            guards = take(given, asked[0], path)
            if guards is None:
                later = {other.id for other in cells[i + 1 :]}
                after = [c.cell for c in known if c.cell.id in later]
                guards = [guard_in(c, " ".join(asked[1:])) for c in after[:1]]
            predictions.append(Claim(*asked[1:], guards))
    if given:
        raise ValueError(
            f"{GUARDS}: {path.stem} has no claim that begins with {next(iter(given))!r}"
        )
    return claims, predictions


# ---- the page


def markdown(root):
    """The body of the page, and the files that it is made of."""
    root = Path(root)
    given, paths = named(root), sorted((root / CHAPTERS).glob("*.ipynb"))
    unknown = set(given) - {path.stem for path in paths}
    if unknown:
        raise ValueError(f"{GUARDS}: there is no chapter {min(unknown)}")
    parts = [section(path, given.get(path.stem, {})) for path in paths]
    return "\n".join(parts), [root / GUARDS, *paths]


def section(path, given):
    """One chapter: a table of what it claims, and one of what it asks to predict."""
    claims, predictions = claims_of(path, given)
    lines = [f"## Chapter {int(path.stem[:2])}: {title_of(path)}", ""]
    lines += [
        "{.rk-rows}",
        f"| {{doc}}`What the chapter claims </{CHAPTERS}/{path.stem}>` | What guards it |",
    ]
    lines += ["|---|---|"]
    lines += [f"| {cell_of(c.text)} | {links(path, c)} |" for c in claims]
    lines += [
        "",
        "{.rk-rows}",
        "| What it asks to predict | What came out | What guards it |",
    ]
    lines += ["|---|---|---|"]
    lines += [
        f"| {cell_of(plain(c.text))} | {cell_of(plain(c.answer))} | {links(path, c)} |"
        for c in predictions
    ]
    return "\n".join([*lines, ""])


def title_of(path):
    """The chapter's title."""
    return re.match(r"# +(.*)", cells_of(path)[0].source)[1].strip()


def cell_of(text):
    """Markdown as it may stand in a table."""
    return text.replace("|", "\\|")


def plain(text):
    """The plain text of a question, with `code`, as Markdown."""
    parts = text.split("`")
    escaped = [re.sub(r"([\\*_$<>\[\]{}#~])", r"\\\1", part) for part in parts[::2]]
    codes = [f"`{part}`" for part in parts[1::2]]
    return "".join(a + b for a, b in zip(escaped, [*codes, ""], strict=True))


def links(path, claim):
    """Links to the guarding cells, with their conditions; a dash where an argument has to do."""
    shown = []
    for cell, condition in claim.guards:
        if len(condition) > LONGEST:
            condition = condition[: LONGEST - 1].rstrip() + "…"
        address = f"../{CHAPTERS}/{path.stem}.html#{anchor_of(cell)}"
        shown.append(f'<a href="{address}">`{condition}`</a>')
    return cell_of("<br>".join(shown)) or "–"
