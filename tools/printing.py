"""A document printed by Chromium, and what only the printed pages tell: page numbers, bookmarks, dates."""

import datetime
import io
import re
from pathlib import Path

import pikepdf
from chromium import started
from pikepdf import OutlineItem

# The inside of a page, 166 mm as pdf.css has it, in CSS pixels.
COLUMN = {"width": 627, "height": 900}
ELEMENT = re.compile(rb"\(node(\d{8})\)")
SMALLEST = 0.6  # no formula and no table is made smaller than this part of its size
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
    if launch is not None:
        return print_with(launch, file)
    with started("--font-render-hinting=none") as browser:
        return print_with(browser, file)


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
    numbers = numbers_of(page.pdf(**options))
    page.evaluate(NUMBER, numbers)
    content = page.pdf(**options)
    page.close()
    again = numbers_of(content)
    if moved := [name for name in numbers if again.get(name) != numbers[name]]:
        raise ValueError(
            f"expected page numbers that move nothing to another page, got {moved[0]} on "
            f"page {again.get(moved[0])} in place of {numbers[moved[0]]}"
        )
    return content


def numbers_of(content):
    """Of every id that some link leads to, the number of its page, from 1."""
    with pikepdf.open(io.BytesIO(content)) as document:
        return {name: number for name, (number, _) in places_of(document).items()}


def places_of(document):
    """Of every id that some link leads to: its page, from 1, and its height on it in points."""
    numbers = {page.objgen: number for number, page in enumerate(document.pages, 1)}
    return {
        name.removeprefix("/"): (numbers[page.objgen], float(top))
        for name, (page, _, _, top, _) in document.Root.get("/Dests", {}).items()
    }


def counted_from_one(content):
    """The PDF with the names of its structure's elements, which go on from whatever Chromium did before, from 1."""
    numbers = [int(name[1]) for name in ELEMENT.finditer(content)]
    before = min(numbers, default=1) - 1
    return ELEMENT.sub(lambda name: b"(node%08d)" % (int(name[1]) - before), content)


def finished(content, entries, about, day):
    """The PDF with bookmarks for all entries, made small, and the same bytes however often it is printed.

    entries: as `one_page.entries` gives them. about: dict of /Title and the like. day: a datetime.date or None.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(counted_from_one(content))) as document:
        places, last = places_of(document), {}
        with document.open_outline() as outline:
            for entry in entries:
                number, top = places[entry.target]
                last[entry.level] = OutlineItem(entry.words, number - 1, "XYZ", top=top)
                above = last.get(entry.level - 1)
                (above.children if above else outline.root).append(last[entry.level])
                last.pop(entry.level + 1, None)
        stamp = (day or datetime.date(2000, 1, 1)).strftime("D:%Y%m%d000000Z")
        dates = {"/CreationDate": stamp, "/ModDate": stamp}
        for name, value in {**about, **dates}.items():
            document.docinfo[name] = value
        together = pikepdf.ObjectStreamMode.generate
        document.save(out, object_stream_mode=together, deterministic_id=True)
    return out.getvalue()
