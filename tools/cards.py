"""Draw the pictures shown where a link is shared: one for the course and one for each chapter. Needs a Chromium.

    python tools/cards.py [NAME ...]     NAME is part of a card's name, `07` for chapter 7; all that are stale if none

They lie in book/_static: card.png, and cards/ with one for each notebook. A card holds a mark of what it was drawn from,
the words, the chapter's figure and the design, so that a stale one is found without a browser; `make release` asks.
"""

import hashlib
import html
import io
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from chromium import started
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sections import ROOT, chapters

STATIC = ROOT / "book" / "_static"
LOGO = ROOT / "book" / "_ext" / "course" / "templates" / "logo.svg"
SIZE = {"width": 1200, "height": 630}
MARK = "Drawn from"  # the name of the PNG's text that holds the mark
COLOURS = 256
COURSE, SECOND = "Recurrent Neural Networks", "Derived and Checked"
STYLE = """
@font-face { font-family: Card; src: url(fonts/text.woff2); font-weight: 400 700; }
body { margin: 0; width: 1200px; height: 630px; box-sizing: border-box; background: #fdfcf9; color: #1c2230;
  font-family: Card; --rk-ink: #3b4358; }
h1 { line-height: 1.08; font-weight: 600; margin: 0; text-wrap: balance; }
p { margin: 0; color: #565d6d; }
.course { padding: 70px 80px; }
.course svg { width: 480px; height: 240px; margin: -20px 0 20px -30px; }
.course h1 { font-size: 84px; }
.course p { font-size: 44px; margin-top: 18px; }
.chapter { display: grid; grid-template: 1fr auto / 430px 1fr; gap: 30px 50px; padding: 60px 50px 50px 60px; }
.chapter > div { align-self: center; }
.chapter h1 { font-size: 62px; }
.chapter .number { font-size: 34px; margin-bottom: 18px; }
.chapter .name { font-size: 28px; line-height: 1.25; }
.chapter svg { width: 150px; height: 75px; margin-left: -10px; }
.chapter .figure { grid-area: 1 / 2 / 3 / 3; padding: 24px; border: 2px solid #d9d5ca; border-radius: 14px; background: #fff; }
.chapter .figure img { display: block; width: 100%; max-height: 460px; object-fit: contain; }
"""


class Card(NamedTuple):
    """A picture and the page that it is a picture of."""

    path: Path
    page: str

    def mark(self):
        """A mark of all that the picture is drawn from."""
        return hashlib.sha256(self.page.encode()).hexdigest()

    def is_fresh(self):
        """Whether the file is there and was drawn from this very page."""
        if not self.path.is_file():
            return False
        with Image.open(self.path) as picture:
            return picture.text.get(MARK) == self.mark()


def page_of(kind, body):
    logo = LOGO.read_text(encoding="utf-8")
    body = body.format(logo=logo, course=COURSE, second=SECOND)
    return f'<meta charset="utf-8"><style>{STYLE}</style><body class="{kind}">{body}'


def course_card():
    """The card of every page that has none of its own."""
    body = "{logo}<h1>{course}</h1><p>{second}</p>"
    return Card(STATIC / "card.png", page_of("course", body))


def chapter_card(path):
    """The card of a notebook: its number, its title and its first explorable, as it looks before it lives."""
    cells = nbformat.read(path, as_version=4).cells
    title = title_of(cells[0].source, path)
    body = (
        f'<div><p class="number">Chapter {int(path.stem[:2])}</p><h1>{title}</h1></div>'
    )
    picture = figure_of(cells)
    if picture:
        source = f"data:image/png;base64,{picture}"
        body += f'<div class="figure"><img src="{source}"></div>'
    body += '<p class="name">{logo}<br>{course}<br>{second}</p>'
    return Card(STATIC / "cards" / f"{path.stem}.png", page_of("chapter", body))


def title_of(source, path):
    """The heading of a chapter's first cell, ready for HTML and for `str.format`."""
    heading = re.match(r"# +(.+)", source)
    if heading is None:
        raise ValueError(
            f"{path.name}: expected a first cell that begins with a heading, got {source[:40]!r}"
        )
    words = html.escape(heading[1].strip().replace("`", ""))
    return words.replace("{", "{{").replace("}", "}}")


def figure_of(cells):
    """The static picture of the first explorable that is no question, in base64; None if there is none."""
    for cell in cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "data-module=" in "".join(data.get("text/html", "")):
                if "image/png" in data:  # a question has none
                    return "".join(data["image/png"].split())
    return None


def cards():
    """All cards, the course's first."""
    return [course_card(), *map(chapter_card, chapters())]


def draw(wanted):
    """Draw the given cards into their files."""
    with started() as browser:
        page = browser.new_page(viewport=SIZE)
        for card in wanted:
            page_file = STATIC / "card.html"  # beside the fonts
            page_file.write_text(card.page, encoding="utf-8")
            try:
                page.goto(page_file.as_uri(), wait_until="networkidle")
                shot = page.screenshot()
            finally:
                page_file.unlink()
            save(card, shot)


def save(card, shot):
    """Write a screenshot as a small PNG that says what it was drawn from."""
    said = PngInfo()
    said.add_text(MARK, card.mark())
    picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS)
    card.path.parent.mkdir(exist_ok=True)
    picture.save(card.path, format="PNG", optimize=True, pnginfo=said)


def main(names):
    found = [
        card
        for card in cards()
        if (
            any(name in card.path.stem for name in names)
            if names
            else not card.is_fresh()
        )
    ]
    if names and not found:
        sys.exit(f"cards: expected part of a card's name, got {', '.join(names)}")
    draw(found)
    for card in found:
        size = round(card.path.stat().st_size / 1000)
        print(f"Drew {card.path.relative_to(ROOT)}, {size} kB.")
    if not found:
        print("All cards are drawn from what the chapters say now.")


if __name__ == "__main__":
    main(sys.argv[1:])
