"""The page that a host shows for an address that it has not: `404.html`.

A host shows it under whatever address was asked for, so its own addresses begin at the site's root.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from sphinx.util.nodes import clean_astext

from .meta import base_address

NAME = "404"
ATTRIBUTES = ("href", "src", "action", "content", "data-content_root")
ELSEWHERE = re.compile(r"[#/]|[a-z][a-z+.-]*:", re.IGNORECASE)
FONTS = '"_static/'  # in the script in the head


def chapters_of(env, root):
    """The numbered pages in reading order: (number, title, name)."""
    found = []
    for name in env.toctree_includes.get(root, []):
        number = env.toc_secnumbers.get(name, {}).get("")
        if number:
            found.append((number[0], clean_astext(env.titles[name]), name))
    return found


def collect(app):
    """Hand Sphinx the page; the template has its words."""
    chapters = chapters_of(app.env, app.config.root_doc)
    yield NAME, {"title": "Page not found", "chapters": chapters}, "missing.html"


def from_root(html, prefix):
    """A page at the root with every relative address made absolute: it begins with the prefix, a path."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(True):
        for name in ATTRIBUTES:
            value = tag.get(name)
            is_file = name != "content" or (value or "").startswith("_static/")
            if value and is_file and not ELSEWHERE.match(value):
                tag[name] = prefix + value.removeprefix("./")
    for script in soup.find_all("script", src=False):
        if script.string:
            script.string = script.string.replace(FONTS, f'"{prefix}{FONTS[1:]}')
    return str(soup)


def anchor(app, error):
    """Rewrite the built page for the place where the site will stand; `make serve` has it at the root."""
    path = Path(app.outdir, f"{NAME}.html")
    if error or app.builder.format != "html":
        return
    prefix = urlsplit(base_address(app)).path or "/"
    html = from_root(path.read_text(encoding="utf-8"), prefix)
    path.write_text(html, encoding="utf-8")


def setup(app):
    app.connect("html-collect-pages", collect)
    app.connect("build-finished", anchor)
