"""Notes on the notes: every entry leads to a cell, and every number in it is printed or set there."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book" / "_ext"), str(ROOT / "tools")]

import prose_numbers  # noqa: E402
from course import cells  # noqa: E402

PAGE = ROOT / "book" / "notes_on_the_notes.md"
LINK = re.compile(r"\{cell\}`([^`]+?) <(\w+): ([^`<]+)>`")


def entries():
    """{heading: text in one line} of the page's entries."""
    found = re.findall(
        r"(?ms)^### (.*?)\n(.*?)(?=^#|\Z)", PAGE.read_text(encoding="utf-8")
    )
    return {heading: " ".join(text.split()) for heading, text in found}


def linked(text):
    """The cells that an entry leads to."""
    return [
        cells.find(ROOT / "notebooks" / f"{chapter}.ipynb", code)
        for _, chapter, code in LINK.findall(text)
    ]


def unanswered(text, known):
    """The numbers of an entry that none of the known ones, rounded as they are, says."""
    words = LINK.sub(r"\1", text)
    return [
        written
        for written, _ in prose_numbers.numbers(words)
        if not prose_numbers.answered(written, known)
    ]


def known_to(found):
    """What the cells print, and the settings in their code."""
    printed = "\n".join(
        prose_numbers.text_of(o) for cell in found for o in cell.outputs
    )
    settings = "\n".join(cell.source for cell in found)
    return prose_numbers.values(printed) | prose_numbers.values(settings)


def test_there_are_entries_and_no_link_is_misspelt():
    text = PAGE.read_text(encoding="utf-8")
    assert len(entries()) >= 20
    assert len(LINK.findall(" ".join(text.split()))) == text.count("{cell}")


@pytest.mark.parametrize("heading", entries())
def test_entry_leads_to_cells_that_assert(heading):
    found = linked(entries()[heading])
    assert found
    assert all(re.search(r"^\s*assert ", cell.source, re.MULTILINE) for cell in found)


@pytest.mark.parametrize("heading", entries())
def test_numbers_are_those_of_the_cells(heading):
    text = entries()[heading]
    assert unanswered(text, known_to(linked(text))) == []


def test_a_changed_number_would_be_seen():
    (text,) = (text for text in entries().values() if "443" in text)
    known = known_to(linked(text))
    assert unanswered(text.replace("443", "463"), known) == ["463"]
