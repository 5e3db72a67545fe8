"""The gallery: a card for every explorable that rnnkit.show has."""

import importlib
import pkgutil
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import rnnkit.show
from rnnkit.show.explorable import Explorable

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book" / "_ext"), str(ROOT / "tools")]

from course import gallery  # noqa: E402

CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
QUESTIONS = "quiz"  # questions are no figures


def classes(kind=Explorable):
    """All explorables of the package, by the view that they name."""
    for module in pkgutil.iter_modules(rnnkit.show.__path__):
        importlib.import_module(f"rnnkit.show.{module.name}")
    found = {}
    for each in kind.__subclasses__():
        # A widget that was made has a class of its own, which stands in no module.
        home = sys.modules[each.__module__]
        if (
            home.__name__.startswith("rnnkit.show.")
            and vars(home).get(each.__name__) is each
        ):
            found |= {each.module: each} | classes(each)
    return found


def parsed(file):
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def in_chapters():
    return [each for path in CHAPTERS for each in gallery.explorables_of(path)]


def test_every_explorable_of_the_package_is_in_a_chapter():
    assert {each.module for each in in_chapters()} == set(classes()) - {QUESTIONS}


def test_lines_are_the_first_of_the_docstrings():
    said = gallery.lines(ROOT)
    for module, each in classes().items():
        if module != QUESTIONS:
            assert said[module] == each.__doc__.strip().partition("\n")[0]
            assert said[module].endswith(".")
            assert len(said[module]) > 30


def test_the_page_has_a_card_for_each(site_dir):
    page = site_dir / "book" / "gallery.html"
    cards = parsed(page).select(".rk-card")
    assert len(cards) == len(in_chapters())
    for card, each in zip(cards, in_chapters(), strict=True):
        address, _, identifier = card.a["href"].partition("#")
        figure = parsed((page.parent / address).resolve()).find(id=identifier)
        assert (identifier, figure["data-module"]) == (each.id, each.module)
        assert card.a.get_text() == gallery.lines(ROOT)[each.module]
        assert len(card.img["alt"]) > 20
        assert (page.parent / card.img["src"]).is_file()


def test_an_explorable_without_a_line_is_named(monkeypatch):
    monkeypatch.setattr(gallery, "lines", lambda root: {})
    with pytest.raises(ValueError, match="class of sequence_types"):
        gallery.markdown(ROOT)
