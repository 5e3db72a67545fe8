"""A deck as one HTML file, with the shared files beside it in reveal/. Neither needs a server nor the network."""

import html
import importlib.util
import re
import shutil
from pathlib import Path

import tinycss2
from files import settings

from rnnkit.show.bundle import WEB, bundle, bundle_style

from . import ROOT
from .chapter import data_address, encoded

HERE = Path(__file__).parent
STATIC = ROOT / "book" / "_static"
# Of the site's style a deck takes the fonts and the colours, which have their home there.
TAKEN = re.compile(r'html(\[data-theme="dark"\])?')
SHARED = "reveal"
REVEAL = {  # of reveal.js: the file there, and what a deck calls it
    "dist/reveal.js": "reveal.js",
    "dist/reveal.css": "reveal.css",
    "plugin/notes/notes.js": "notes.js",
    "plugin/zoom/zoom.js": "zoom.js",
    "LICENSE": "LICENSE",
}
VIEW = re.compile(r'data-view="(\w+)"')


def html_of(deck, pdf=False):
    """The page of a deck. pdf: whether the same slides as a PDF will lie beside it."""
    title, *others = deck.slides
    claims = [section(slide, f"<h2>{slide.claim}</h2>") for slide in others]
    slides = title_section(title, deck, pdf) + "".join(claims)
    views = sorted(set(VIEW.findall(slides)))
    fields = {
        "title": f"{html.escape(deck.chapter.title)} · slides",
        "slides": slides,
        "minutes": deck.minutes,
        "style": "\n".join(map(bundle_style, views)),
        "modules": "\n".join(map(module, modules(views))),
        "shared": SHARED,
    }
    page = (HERE / "deck.html").read_text(encoding="utf-8")
    return re.sub(r"<<(\w+)>>", lambda match: str(fields[match[1]]), page)


def title_section(slide, deck, pdf):
    """The first slide: the chapter's title, and the question that moves it."""
    place = f"Chapter {deck.chapter.number} · {html.escape(settings()['title'])}"
    head = f'<p class="place">{place}</p><h1>{slide.claim}</h1>'
    if pdf:
        stem = deck.chapter.path.stem
        link = f'<p class="also"><a href="{stem}.pdf">These slides as PDF</a></p>\n'
        slide = slide._replace(body=slide.body + link)
    return section(slide, head, ' class="title"')


def section(slide, head, kind=""):
    """One slide as reveal.js wants it."""
    return (
        f'<section{kind} data-timing="{slide.minutes * 60:.0f}"><div class="slide">\n{head}\n'
        f'<div class="body">\n{slide.body}</div></div>\n'
        f'<aside class="notes">{slide.notes}</aside></section>\n'
    )


def modules(views):
    """(name, text) of the ES modules that bring a deck's explorables to life; none where there are no explorables."""
    if not views:
        return []
    model = (WEB / "kit" / "model.js").read_text(encoding="utf-8")
    return [("model", model), *((view, bundle(view)) for view in views)]


def module(named):
    """A module inside the page: a page opened as a file may not load one from another file."""
    name, text = named
    return f'<script type="application/json" data-module-text="{name}">{encoded(text)}</script>'


def write_shared(folder):
    """Write what all decks load: reveal.js, its speaker view, the course's style and script."""
    target, reveal = folder / SHARED, reveal_files()
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name, called in REVEAL.items():
        shutil.copyfile(reveal / name, target / called)
    (target / "deck.css").write_text(style(), encoding="utf-8")
    shutil.copyfile(HERE / "deck.js", target / "deck.js")


def reveal_files():
    """The folder of reveal.js, which comes with a package. Raises ValueError where that is not installed."""
    found = importlib.util.find_spec("sphinx_revealjs")
    if found is None:
        raise ValueError(
            "expected the package sphinx-revealjs, which brings reveal.js, got none: "
            "`python make.py slides` or `pip install -c constraints.txt sphinx-revealjs` installs it"
        )
    return Path(found.submodule_search_locations[0], "_static", "revealjs")


def style():
    """The style of all decks: fonts and colours of the site, then the slides' own rules."""
    rules = tinycss2.parse_stylesheet(
        (STATIC / "course.css").read_text(encoding="utf-8"),
        skip_comments=True,
        skip_whitespace=True,
    )
    kept = [rule.serialize() for rule in rules if is_taken(rule)]
    text = re.sub(
        r"url\((fonts/[\w-]+\.woff2)\)",
        lambda m: f"url({data_address('font/woff2', (STATIC / m[1]).read_bytes())})",
        "\n".join(kept),
    )
    return text + "\n" + (HERE / "deck.css").read_text(encoding="utf-8")


def is_taken(rule):
    """Whether a rule of the site's style is a font's or has the colours."""
    if rule.type == "at-rule":
        return rule.lower_at_keyword == "font-face"
    prelude = tinycss2.serialize(rule.prelude).strip()
    declared = tinycss2.serialize(rule.content)
    return bool(TAKEN.fullmatch(prelude)) and "--rk-ink:" in declared
