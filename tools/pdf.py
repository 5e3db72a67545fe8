"""Print the course, as the site has it, as one PDF: `_build/pdf/course.pdf`. The site is built already.

    python tools/pdf.py [NAME ...]     NAME is part of a page's name, `07` for chapter 7; the whole course if none
    python tools/pdf.py --html FILE    write what would be printed, to look at it in a browser

Chromium prints; `pdf.css` says how it looks, `one_page.py` puts the pages together, `on_paper.py` turns into print what
lives on a page, and `printing.py` adds page numbers and bookmarks.
"""

import argparse
import datetime
import html
import os
import sys
import tempfile
from pathlib import Path

import on_paper
import one_page
import paper_fonts
import printing
import release
from changelog import CHANGELOG, entries_of
from files import read, settings
from sections import ROOT

SITE = ROOT / "_build" / "html"
TARGET = ROOT / "_build" / "pdf" / "course.pdf"
LICENCE = (
    "Text and figures: CC BY 4.0. Code: BSD 3-Clause. "
    "Figures with OpenMoji drawings: CC BY-SA 4.0. The data sets keep their own licences."
)
DOCUMENT = """<!doctype html>
<html lang="en" data-theme="light" data-mode="light" data-whole>
<meta charset="utf-8"><title>{title}</title>
<link rel="stylesheet" href="{site}/_static/site.css"><link rel="stylesheet" href="{own}">
<style>{fonts}
{heads}</style>
<body class="bd-content">{body}</body></html>
"""


def document(site, folder, wanted=(), base=""):
    """The HTML that is printed, and its entries for bookmarks.

    site: the folder of the built site. folder: where fonts may be put. wanted: parts of pages' names; all pages if none. base: the site's address.
    Raises ValueError for a page that is not there and for a link that leads nowhere.
    """
    pages = [one_page.read(site, *one) for one in one_page.listed(wanted)]
    on_paper.prepare(pages, site, base)
    one_page.join(pages, site, base)
    if lost := one_page.dangling(pages):
        raise ValueError(f"expected links that lead somewhere, got {', '.join(lost)}")
    entries = one_page.entries(pages)
    config = settings()
    body = title_page(config, base) + contents(entries)
    body += "".join(str(page.article) for page in pages)
    return (
        DOCUMENT.format(
            title=html.escape(config["title"]),
            site=Path(site).resolve().as_uri(),
            own=Path(__file__).with_name("pdf.css").as_uri(),
            fonts=paper_fonts.faces(folder),
            heads=running_heads(pages),
            body=body,
        ),
        entries,
    )


def title_page(config, base):
    """Title, version, who wrote it, where it lives and what it may be used for."""
    title, _, second = config["title"].partition(", ")
    logo = (ROOT / "book/_ext/course/templates/logo.svg").read_text(encoding="utf-8")
    lines = [html.escape(config["author"]), *edition()]
    if base:
        lines.append(f'<a href="{base}">{html.escape(base)}</a>')
    said = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<header class="rk-title">{logo}<p class="rk-name">{html.escape(title)}</p>'
        f'<p class="rk-second">{html.escape(second)}</p>{said}'
        f'<p class="rk-licence">© {config["copyright"]}. {LICENCE}</p></header>'
    )


def edition():
    """The version, with its day if this is the text that was released."""
    version, day = release.version_of(ROOT), day_of_release()
    if day is None:
        return [f"After version {version}"]
    return [f"Version {version}, {day.day} {day:%B %Y}"]


def day_of_release():
    """The day of the release, or None if the text has changed since."""
    newest = entries_of(read(ROOT, CHANGELOG))[0]
    if newest.version != release.version_of(ROOT):
        return None
    return datetime.date.fromisoformat(newest.date)


def contents(entries):
    """The table of contents; the page numbers are put in when the pages are known."""
    lines = "".join(
        f'<p class="rk-part">{html.escape(entry.words)}</p>'
        if entry.level == 0
        else f'<a class="rk-line rk-level-{entry.level}" href="#{entry.target}">'
        f"<span>{html.escape(entry.words)}</span><i></i>"
        f'<span class="rk-number" data-page-of="{entry.target}">000</span></a>'
        for entry in entries
    )
    return f'<nav class="rk-contents"><h1>Contents</h1>{lines}</nav>'


def running_heads(pages):
    """CSS that gives the pages of each article their running head, its title."""
    rules = []
    for n, page in enumerate(pages):
        head = (
            one_page.words(page.article.h1).replace("\\", r"\5c ").replace('"', r"\22 ")
        )
        rules.append(f'@page p{n} {{ @top-left {{ content: "{head}"; }} }}')
        rules.append(f'[id="{page.slug}"] {{ page: p{n}; }}')
    return "\n".join(rules)


def make(site, wanted=(), base="", browser=None):
    """The bytes of the PDF."""
    with tempfile.TemporaryDirectory() as folder:
        text, entries = document(site, folder, wanted, base)
        file = Path(folder, "course.html")
        file.write_text(text, encoding="utf-8")
        content = printing.printed(file, browser)
    about = {"/Title": settings()["title"]}
    return printing.finished(content, entries, about, day_of_release())


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--site", type=Path, default=SITE, help="the built site")
    parser.add_argument("--out", type=Path, default=TARGET, help="the PDF")
    parser.add_argument("--html", type=Path, help="write the HTML there, print nothing")
    given = parser.parse_args()
    base = os.environ.get("COURSE_BASEURL", "")
    base = base.rstrip("/") + "/" if base else ""
    if given.html:
        text, _ = document(given.site, given.html.parent, given.names, base)
        given.html.write_text(text, encoding="utf-8")
        return
    content = make(given.site, given.names, base)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_bytes(content)
    print(f"The PDF is {given.out}, {len(content) / 1e6:.1f} MB.")


if __name__ == "__main__":
    try:
        main()
    except ValueError as error:
        sys.exit(f"pdf: {error}")
