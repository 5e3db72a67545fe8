"""What a page may weigh. The files are read as a browser gets them; no browser is needed.

The bounds stand some tenth above what is reached: who goes over one asks first what could wait, and moves it last.
"""

import gzip
import re

import pytest
from bs4 import BeautifulSoup
from changelog import released
from files import page_names

BUDGET = {  # page: elements, kB of HTML, compressed kB without which nothing can be painted
    "book/index": (420, 25, 55),
    "notebooks/01_sequence_types": (4400, 220, 95),
    "notebooks/02_vanilla_rnn": (4300, 195, 90),
    "notebooks/03_bptt": (6300, 265, 100),
    "notebooks/04_char_lm": (6800, 355, 130),
    "notebooks/05_captioning": (7500, 355, 125),
    "notebooks/06_gradient_flow": (6300, 280, 105),
    "notebooks/07_lstm": (7600, 305, 110),
    "notebooks/08_gru": (7000, 290, 105),
    "notebooks/09_deep_bidirectional": (3400, 170, 95),
    "notebooks/10_seq2seq": (4400, 220, 105),
    "notebooks/11_vqa": (5600, 280, 105),
    "notebooks/12_glimpses_draw": (5000, 228, 105),
    "book/instructors": (3900, 145, 76),
    "book/notation": (2100, 56, 60),
    "book/glossary": (1550, 71, 65),
    "book/cheat_sheet": (1050, 38, 60),
    "book/gallery": (320, 25, 60),
    "book/claims": (3500, 138, 80),
    "book/notes_on_the_notes": (680, 48, 65),
    "book/data": (460, 30, 60),
    "book/references": (1100, 75, 65),
    "book/changelog": (330, 22, 55),
}
RELEASE = (300, 19, 55)  # the page of a release
FONT = "_static/fonts/text.woff2"  # asked for by the script in the head
RELEASES = [entry.page for entry in released()]
every_page = pytest.mark.parametrize("page", [*BUDGET, *RELEASES])


@pytest.fixture
def built(site_dir):
    """built(page): its file, its bytes and its elements."""

    def built(page):
        file = site_dir / f"{page}.html"
        content = file.read_bytes()
        return file, content, BeautifulSoup(content, "html.parser")

    return built


def beside(file, address):
    """The file that a page's address means."""
    return (file.parent / address.partition("?")[0]).resolve()


def blocking(soup):
    """The stylesheets and scripts that a browser waits for before it paints."""
    styles = [
        link["href"]
        for link in soup.select("link[rel=stylesheet]")
        if link.get("media", "all") != "print"
    ]
    scripts = [
        script["src"]
        for script in soup.select("script[src]")
        if not (
            script.has_attr("defer")
            or script.has_attr("async")
            or script.get("type") == "module"
        )
    ]
    return styles, scripts


def test_every_page_has_a_budget():
    assert set(BUDGET) == set(page_names())


@every_page
def test_page_keeps_to_its_budget(built, site_dir, page):
    file, content, soup = built(page)
    styles, _ = blocking(soup)
    first = [content, (site_dir / FONT).read_bytes()]
    first += [beside(file, address).read_bytes() for address in styles]
    found = (
        len(soup.find_all(True)),
        round(len(content) / 1000),
        round(sum(len(gzip.compress(part)) for part in first) / 1000),
    )
    budget = BUDGET.get(page, RELEASE)
    assert all(have <= bound for have, bound in zip(found, budget, strict=True)), (
        f"elements, kB, kB before the first paint: {found}, budget {budget}"
    )


@every_page
def test_one_stylesheet_and_no_script_blocks(built, page):
    styles, scripts = blocking(built(page)[2])
    assert len(styles) == 1
    assert scripts == []


@every_page
def test_nothing_heavy_is_in_the_page(built, page):
    _, _, soup = built(page)
    inlined = [
        script["type"]
        for script in soup.select("script")
        if script.string and len(script.string) > 10_000
    ]
    assert inlined == []
    assert [tag["src"][:30] for tag in soup.select("[src^='data:']")] == []


@every_page
def test_what_was_moved_out_is_there(built, page):
    file, _, soup = built(page)
    addresses = [tag["data-state"] for tag in soup.select("[data-state]")]
    addresses += [tag["src"] for tag in soup.select(".rk-explorable > img")]
    assert all(beside(file, address).is_file() for address in addresses)


def test_the_search_page_does_not_block_either(built):
    styles, scripts = blocking(built("search")[2])
    assert (len(styles), scripts) == (1, [])


def test_the_stylesheet_is_thin_and_whole(site_dir):
    css = (site_dir / "_static" / "site.css").read_text(encoding="utf-8")
    assert len(css) < 110_000
    own = (site_dir / "_static" / "course.css").read_text(encoding="utf-8")
    assert own in css
    addresses = re.findall(r"url\(([^)\"':]+)\)", css)
    assert addresses
    assert all((site_dir / "_static" / address).is_file() for address in addresses)
