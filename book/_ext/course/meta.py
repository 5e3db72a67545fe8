"""What a page says about itself: title, description and the card shown where its link is shared."""

import os
import posixpath
import re
from pathlib import Path

from docutils import nodes

from rnnkit import __version__

STATIC = "book/_static"
CARD, CARDS = "card.png", "cards"  # tools/cards.py draws them
LONGEST = 200


def first_paragraph(doctree):
    """The text of the page's first paragraph outside figures, notes and lists."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section) and paragraph.astext().strip():
            return " ".join(paragraph.astext().split())
    return ""


def shortened(text, longest=LONGEST):
    """The text up to the last whole sentence, or else the last whole word, that fits."""
    if len(text) <= longest:
        return text
    sentence = re.match(rf"(.{{40,{longest}}}[.?!])\s", text)
    return sentence[1] if sentence else text[: longest - 1].rsplit(" ", 1)[0] + "…"


def description_of(app, pagename, doctree):
    """`html_meta` in the front matter, `description` in the notebook's metadata, or else the first paragraph."""
    if doctree is None:
        return ""
    tags = (
        tag["content"]
        for tag in doctree.findall(nodes.meta)
        if tag.get("name") == "description"
    )
    given = next(tags, None) or app.env.metadata.get(pagename, {}).get("description")
    return given or shortened(first_paragraph(doctree))


def base_address(app):
    """Where the site will stand, with a closing slash; empty when it is not known."""
    address = os.environ.get("COURSE_BASEURL") or app.config.html_baseurl or ""
    return address.rstrip("/") + "/" if address else ""


def use_base(app, config):
    """The address from the environment is the site's, for Sphinx too, which writes it as the canonical one."""
    config.html_baseurl = base_address(app)


def card_of(app, pagename):
    """The page's own card, as a file below _static, or else the course's."""
    own = f"{CARDS}/{posixpath.basename(pagename)}.png"
    return own if Path(app.srcdir, STATIC, own).is_file() else CARD


def add_meta(app, pagename, templatename, context, doctree):
    """Hand the layout what it writes into the head of the page."""
    base = base_address(app)
    description = (
        description_of(app, pagename, doctree)
        or context.get("page_description")
        or app.config.html_title
    )
    is_root = pagename == app.config.root_doc
    title = re.sub(r"<[^>]+>", "", context.get("title") or "")
    card = card_of(app, pagename)
    context["course_version"] = __version__
    context["course_meta"] = {
        "title": app.config.html_title if is_root else title,
        "site": app.config.html_title,
        "is_root": is_root,
        "description": ""
        if 'name="description"' in context.get("metatags", "")
        else description,
        "shared_description": description,
        "address": f"{base}{pagename}.html" if base else "",
        "card": f"{base}_static/{card}"
        if base
        else context["pathto"](f"_static/{card}", 1),
        "card_words": app.config.html_title
        if card == CARD
        else f"{title} · {app.config.html_title}",
    }


def setup(app):
    app.connect("config-inited", use_base)
    app.connect("html-page-context", add_meta)
