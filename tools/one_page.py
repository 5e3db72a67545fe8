"""The pages of the built site as one document: in reading order, every id its own, every link within it kept."""

import posixpath
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from files import pages

ELSEWHERE = re.compile(r"[a-z][a-z+.-]*:", re.IGNORECASE)
# What belongs to a page in a browser: its scripts, the links beside headings, the line that offers other forms.
OF_THE_SCREEN = "script, a.headerlink, .rk-take"


class Page(NamedTuple):
    """A page: its name as in _toc.yml, the part of the book that it begins or "", and its article."""

    name: str
    part: str
    article: BeautifulSoup

    @property
    def slug(self):
        return slug(self.name)

    @property
    def is_chapter(self):
        return self.name.startswith("notebooks/")


class Entry(NamedTuple):
    """A line of the contents: the id that it leads to, its level (0 part, 1 page, 2 section), its words."""

    target: str
    level: int
    words: str


def slug(name):
    """The beginning of all ids of a page: "notebooks/02_vanilla_rnn" has "02_vanilla_rnn"."""
    return name.rpartition("/")[2]


def listed(wanted=()):
    """(name, part) of every page in reading order; with words given the first, and those whose name holds a word.

    Raises ValueError for a word that no page has.
    """
    found = pages()
    for word in wanted:
        if not any(word in name for name, _ in found):
            raise ValueError(f"expected part of a page's name, got {word!r}")
    return [
        (name, part)
        for name, part in found
        if not wanted or name == found[0][0] or any(word in name for word in wanted)
    ]


def read(site, name, part):
    """A built page without what only a browser needs. Raises ValueError if it is not there."""
    path = Path(site, f"{name}.html")
    if not path.is_file():
        raise ValueError(f"{path}: expected a built page, got nothing; build the site")
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    return Page(name, part, soup.select_one("article.bd-article"))


def join(pages, site, base=""):
    """Rewrite ids, links and pictures of the pages, in place, for one document.

    site: the folder of the site, which pictures are taken from. base: the site's address with a closing slash, for
    links to what is not in the document; without it these become plain words.
    """
    known = {page.name for page in pages}
    for page in pages:
        for tag in page.article.select(OF_THE_SCREEN):
            tag.decompose()
        for tag in page.article.select("[id]"):
            tag["id"] = f"{page.slug}--{tag['id']}"
        for tag in page.article.select("[data-page-of]"):
            tag["data-page-of"] = f"{page.slug}--{tag['data-page-of']}"
        for tag in page.article.select("img[src]"):
            tag["src"] = Path(site, resolved(tag["src"], page.name)).resolve().as_uri()
            tag.attrs.pop("loading", None)
        for tag in page.article.select("a[href]"):
            rewrite(tag, page.name, known, base)
        page.article["id"] = page.slug


def resolved(address, name):
    """An address on a page, counted from the site's root."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), address))


def rewrite(link, name, known, base):
    """Let a link lead to its place in the document, or to the site, or nowhere."""
    address = link["href"]
    link.attrs.pop("title", None)
    if ELSEWHERE.match(address):
        return
    path, fragment = urlsplit(address).path, unquote(urlsplit(address).fragment)
    file = resolved(path, name) if path else f"{name}.html"
    page = file.removesuffix(".html")
    if page in known:
        link["href"] = f"#{slug(page)}" + (f"--{fragment}" if fragment else "")
    elif base:
        link["href"] = base + file + (f"#{fragment}" if fragment else "")
    else:
        link.unwrap()


def dangling(pages):
    """The links of the document that lead to no id in it."""
    ids = {tag["id"] for page in pages for tag in page.article.select("[id]")}
    ids |= {page.slug for page in pages}
    links = (a["href"] for page in pages for a in page.article.select('a[href^="#"]'))
    return sorted({link for link in links if link[1:] not in ids})


def entries(pages):
    """What contents and bookmarks list: parts, pages and their sections."""
    found = []
    for page in pages:
        heading = page.article.h1
        if page.part:
            found.append(Entry(page.slug, 0, page.part))
        found.append(Entry(page.slug, 1, words(heading)))
        for section in page.article.select("h2"):
            found.append(Entry(section.parent["id"], 2, words(section)))
    return found


def words(heading):
    """The text of a heading; a chapter's number stands before it without its full stop."""
    return re.sub(r"^(\d+)\. ", r"\1 ", " ".join(heading.get_text().split()))
