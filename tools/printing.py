"""A document printed by Chromium, and what only the printed pages tell: page numbers, bookmarks, dates."""

import datetime
import io
import logging
from pathlib import Path

from audit import chromium
from pypdf import PdfReader, PdfWriter
from pypdf.generic import Fit

logging.getLogger("pypdf").setLevel(
    logging.ERROR
)  # Chromium counts its objects too low
COLUMN = {
    "width": 627,
    "height": 900,
}  # CSS pixels of the page's inside, 166 mm; pdf.css sets its margins
SMALLEST = 0.6  # no formula and no table is made smaller than this part of its size
FLAGS = ("--no-sandbox", "--disable-gpu", "--font-render-hinting=none")
# Formulas and tables that are wider than the column are set smaller, by as much as they need.
FIT = """(smallest) => {
  for (const box of document.querySelectorAll(".math-scroll, .pst-scrollable-table-container")) {
    for (let scale = 1; box.scrollWidth > box.clientWidth + 1 && scale > smallest; )
      box.style.fontSize = `${(scale -= 0.03).toFixed(2)}em`;
  }
}"""
# What stands over the right edge of the column all the same. A picture for readers of screens is not seen.
OVER = """() => {
  const right = document.body.getBoundingClientRect().right + 1;
  const over = [...document.querySelectorAll("body *")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.right > right;
  });
  return over.slice(0, 8).map((one) => {
    const home = one.closest("[id]");
    return `${one.tagName.toLowerCase()} in ${home ? home.id : "the document"}`;
  });
}"""
NUMBER = """(pages) => {
  for (const place of document.querySelectorAll("[data-page-of]"))
    place.textContent = pages[place.dataset.pageOf] ?? "";
}"""


def printed(file, launch=None):
    """Print an HTML file; returns the bytes of the PDF as Chromium makes it.

    Elements with `data-page-of`, an id, get the number of the page on which that id is. They are told after a first
    printing, so that the document is printed twice. Raises ValueError for what is wider than the column.
    """
    from playwright.sync_api import sync_playwright

    if launch is not None:
        return print_with(launch, file)
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        content = print_with(browser, file)
        browser.close()
    return content


def print_with(browser, file):
    """The same with a browser that runs already."""
    page = browser.new_page(viewport=COLUMN)
    page.emulate_media(media="print", color_scheme="light")
    page.goto(Path(file).as_uri())
    page.evaluate("Promise.all([...document.fonts].map((font) => font.load()))")
    page.evaluate(FIT, SMALLEST)
    if over := page.evaluate(OVER):
        raise ValueError(
            f"expected nothing wider than the column, got {', '.join(over)}"
        )
    options = {"prefer_css_page_size": True, "print_background": True, "tagged": True}
    places = places_of(page.pdf(**options))
    page.evaluate(NUMBER, {name: number for name, (number, _) in places.items()})
    content = page.pdf(**options)
    page.close()
    if places_of(content) != places:
        raise ValueError("expected page numbers that move no page, but they did")
    return content


def places_of(content):
    """Of every id that some link leads to: its page, from 1, and its height on it in points."""
    reader = PdfReader(io.BytesIO(content))
    numbers = {
        page.indirect_reference.idnum: n for n, page in enumerate(reader.pages, 1)
    }
    return {
        name.removeprefix("/"): (numbers[place.page.idnum], place.top)
        for name, place in reader.named_destinations.items()
    }


def finished(content, entries, about, day):
    """The PDF with bookmarks for all entries, a title, and the same dates however often it is printed.

    entries: as `one_page.entries` gives them. about: dict of /Title and the like. day: a datetime.date or None.
    """
    writer = PdfWriter(clone_from=io.BytesIO(content))
    places, parents = places_of(content), {}
    for entry in entries:
        number, top = places[entry.target]
        fit = Fit.xyz(left=0, top=top) if entry.level == 2 else Fit.fit_horizontally()
        parents[entry.level] = writer.add_outline_item(
            entry.words, number - 1, parent=parents.get(entry.level - 1), fit=fit
        )
    stamp = (day or datetime.date(2000, 1, 1)).strftime("D:%Y%m%d000000Z")
    writer.metadata = {**about, "/CreationDate": stamp, "/ModDate": stamp}
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
