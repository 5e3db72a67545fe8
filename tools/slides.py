"""Write the slides of the chapters, slides/NN_name.md, into _build/slides.

    python tools/slides.py [--pdf] [NAME ...]     NAME is part of a deck's name, `02` for chapter 2; all if none
    python tools/slides.py --printed 02 [TEXT]    what the chapter prints, cell by cell, where it holds TEXT

A deck opens as a file, without a server: S is the speaker's view, O the overview, T light or dark, F the full screen,
? the other keys. --pdf prints each deck too, which needs a Chromium.
"""

import argparse
import sys

import chromium
from deck import ROOT
from deck.chapter import Chapter, printed
from deck.page import html_of, write_shared
from deck.printing import to_pdf
from deck.writing import read

SOURCES = ROOT / "slides"
TARGET = ROOT / "_build" / "slides"


def named(paths, names):
    """The paths that hold one of the names, all if there is none."""
    paths = sorted(paths)
    found = [p for p in paths if not names or any(name in p.stem for name in names)]
    if not found:
        known = ", ".join(path.stem for path in paths) or "none yet"
        wanted = " ".join(names)
        sys.exit(
            f"slides: expected part of a deck's name, got {wanted}; there are {known}"
        )
    return found


def build(names, target=TARGET, pdf=False):
    """Write the decks and what they share, and return their paths. Nothing is written if one deck is wrong.

    The same holds where reveal.js is not installed. pdf: whether each will be printed. A PDF of older slides goes, and so does what has no source any more.
    """
    paths = named(SOURCES.glob("*.md"), names)
    pages = {path.stem: html_of(read(path), pdf) for path in paths}
    write_shared(target)
    for old in [*target.glob("*.html"), *target.glob("*.pdf")]:
        if old.stem in pages or not (SOURCES / f"{old.stem}.md").is_file():
            old.unlink()
    for stem, page in pages.items():
        (target / f"{stem}.html").write_text(page, encoding="utf-8")
    return [target / f"{stem}.html" for stem in pages]


def show_printed(name, text):
    """Print what the cells of a chapter print."""
    (path,) = named((ROOT / "notebooks").glob("*.ipynb"), [name])[:1]
    for cell in Chapter(path.stem).code_cells():
        shown = [part for part in printed(cell) if part.strip() and text in part]
        if shown:
            first = cell.source.strip().split("\n")[0]
            print(f"---- {first}", *shown, sep="\n")


def main(arguments):
    parser = argparse.ArgumentParser(prog="slides", description=__doc__.split("\n")[0])
    parser.add_argument("--pdf", action="store_true")
    parser.add_argument("--printed", action="store_true")
    parser.add_argument("names", nargs="*")
    given = parser.parse_args(arguments)
    if given.printed:
        show_printed(given.names[0], " ".join(given.names[1:]))
        return
    if given.pdf:
        chromium.needed()  # says so at once if there is none
    try:
        made = build(given.names, pdf=given.pdf)
    except ValueError as error:
        sys.exit(f"slides: {error}")
    if given.pdf:
        to_pdf(made)
    for path in made:
        files = [path, *([path.with_suffix(".pdf")] if given.pdf else [])]
        sizes = " and ".join(
            f"{f.name}, {f.stat().st_size / 1e6:.1f} MB" for f in files
        )
        print(f"Wrote {sizes}, in {path.parent.relative_to(ROOT)}.")


if __name__ == "__main__":
    main(sys.argv[1:])
