"""What every chapter claims and asks to predict, with the cell whose `assert` guards it: the page book/claims.

The claims are the chapter's own, from its section "What you have seen"; so are the questions and their answers, from
the outputs of its predictions. `guards.py` tells which cell guards a claim. A prediction is guarded by the first cell
after it that asserts, unless book/guards.yml names another.
"""

import re
from pathlib import Path
from typing import NamedTuple

from . import guards
from .cells import CHAPTERS, anchor_of, cells_of, title_of
from .guards import pieces, prose_numbers
from .predictions import answer_to, prediction_in

LONGEST = 64  # characters of a condition that the page shows


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


# ---- all of it


def claims_of(path, given):
    """The claims of a chapter and its predictions, two lists of Claim.

    given: what book/guards.yml names for this chapter. Raises ValueError if it names what the chapter has not.
    """
    given, known = dict(given), guards.candidates(path)
    claims = []
    for text in summary_of(path):
        found = guards.take(given, text, path)
        if found is None:
            by_numbers = guards.by_numbers(text, known)
            found = [guards.guard_in(cell, text) for cell in by_numbers]
        claims.append(Claim(text, "", found))
    predictions, cells = [], cells_of(path)
    for i, cell in enumerate(cells):
        if asked := prediction_in(cell):
            identifier, question = asked
            text, answer = question["question"], answer_to(question)
            found = guards.take(given, identifier, path)
            if found is None:
                later = {other.id for other in cells[i + 1 :]}
                after = [c.cell for c in known if c.cell.id in later]
                found = [guards.guard_in(c, f"{text} {answer}") for c in after[:1]]
            predictions.append(Claim(text, answer, found))
    if given:
        raise ValueError(
            f"{guards.FILE}: {path.stem} has no claim that begins with {next(iter(given))!r}"
        )
    return claims, predictions


# ---- the page


def markdown(root):
    """The body of the page, and the files that it is made of."""
    root = Path(root)
    given, paths = guards.named(root), sorted((root / CHAPTERS).glob("*.ipynb"))
    unknown = set(given) - {path.stem for path in paths}
    if unknown:
        raise ValueError(f"{guards.FILE}: there is no chapter {min(unknown)}")
    parts = [section(path, given.get(path.stem, {})) for path in paths]
    return "\n".join(parts), [root / guards.FILE, *paths]


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
