"""What a chapter's page offers to take home: the zips are there and whole, and they number things as the page does."""

import re
import sys
import zipfile
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book" / "_ext"), str(ROOT / "tools")]
import sections  # noqa: E402
from course import takeaways  # noqa: E402
from exercises import exercises_of  # noqa: E402

CHAPTERS = [path.stem for path in sections.chapters()]
every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


@pytest.fixture
def page(site_dir, chapter):
    html = (site_dir / "notebooks" / f"{chapter}.html").read_text(encoding="utf-8")
    return BeautifulSoup(html, "html.parser")


@cache
def offered(site_dir, chapter, kind):
    """The notebook in a zip of the site, and the names of the files beside it."""
    with zipfile.ZipFile(
        site_dir / takeaways.FOLDER / f"{chapter}_{kind}.zip"
    ) as archive:
        assert archive.testzip() is None
        text = archive.read(f"{chapter}/{chapter}.ipynb").decode()
        return nbformat.reads(text, as_version=4), archive.namelist()


@every_chapter
def test_the_line_under_the_title_leads_to_the_zips(site_dir, page, chapter):
    title = page.select_one("article h1")
    line = title.find_next_sibling()
    assert line["class"] == ["rk-take"]
    addresses = [link["href"] for link in line.select("a[download]")]
    kinds = list(takeaways.OFFERED)
    assert addresses == [f"../_downloads/{chapter}_{kind}.zip" for kind in kinds]
    for kind in kinds:
        notebook, names = offered(site_dir, chapter, kind)
        assert notebook.metadata["rnnkit"]["kind"] == kind
        assert f"{chapter}/rnnkit/__init__.py" in names


@every_chapter
def test_a_page_shows_an_exercises_stub_and_folds_its_self_check(page, chapter):
    notebook = nbformat.read(ROOT / "notebooks" / f"{chapter}.ipynb", as_version=4)
    sources = {cell.id: cell.source for cell in notebook.cells}
    found = exercises_of(notebook)
    assert len(found) == len(page.select("details.rk-check"))
    for exercise in found:
        cell = page.find(id=f"cell-{exercise.cell}")
        stub = cell.select_one(".cell_input pre").get_text()
        check = cell.select_one("details.rk-check:not([open]) > pre").get_text()
        assert re.search(rf"(?m)^(def |){exercise.stub}\b", stub)
        assert f"{exercise.check}({exercise.stub})" in check
        assert exercise.check not in stub
        shown = [line for line in f"{stub}\n{check}".split("\n") if line]
        assert shown == [line for line in sources[exercise.cell].split("\n") if line]


@every_chapter
def test_equations_figures_and_exercises_have_the_numbers_of_the_page(
    site_dir, page, chapter
):
    notebook, _ = offered(site_dir, chapter, "student")
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    shown = {
        r"\\tag\{([\d.]+)\}": [tag.get_text() for tag in page.select(".eqno")],
        r"(?m)^\*Fig\. ([\d.]+)\.\*": [
            tag.get_text() for tag in page.select("figure .caption-number")
        ],
        r"(?m)^### Exercise ([\d.]+):": [
            tag.get_text() for tag in page.select("div.exercise > .admonition-title")
        ],
    }
    for pattern, tags in shown.items():
        on_page = [found[0] for tag in tags if (found := re.search(r"\d+\.\d+", tag))]
        assert re.findall(pattern, text) == on_page, pattern
        assert on_page or "Fig" in pattern


@pytest.mark.browser
def test_the_line_is_one_line_on_a_phone(open_page):
    page = open_page(f"notebooks/{CHAPTERS[0]}.html", width=360)
    size = page.locator(".rk-take").bounding_box()
    assert size["height"] < 45
    assert size["x"] + size["width"] <= 360


def test_the_page_for_instructors_offers_problem_sets_without_their_solutions(site_dir):
    html = (site_dir / "book" / "instructors.html").read_text(encoding="utf-8")
    section = BeautifulSoup(html, "html.parser").select_one("#problem-sets")
    rows = section.select("tbody tr")
    sets = sections.ROOT.glob("problems/*/*.ipynb")
    assert len(rows) == len(list(sets)) == 5
    links = [link["href"] for link in section.select("a[download]")]
    zips = sorted((site_dir / "take" / "problems").glob("*.zip"))
    assert links == [f"../take/problems/{path.name}" for path in zips]
    for path in zips:
        with zipfile.ZipFile(path) as archive:
            texts = [archive.read(n) for n in archive.namelist() if "ipynb" in n]
        assert len(texts) == 1
        assert b"SOLUTION" not in texts[0]
        assert b"HIDDEN" not in texts[0]
