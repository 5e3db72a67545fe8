"""What a page says about itself: title, description and the card shown where its link is shared."""

import os
import re

from docutils import nodes

CARD = "card.png"
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


def add_meta(app, pagename, templatename, context, doctree):
    """Hand the layout what it writes into the head of the page."""
    base = base_address(app)
    description = description_of(app, pagename, doctree) or app.config.html_title
    is_root = pagename == app.config.root_doc
    title = context.get("title") or ""
    context["course_meta"] = {
        "title": app.config.html_title if is_root else re.sub(r"<[^>]+>", "", title),
        "site": app.config.html_title,
        "is_root": is_root,
        "description": ""
        if 'name="description"' in context.get("metatags", "")
        else description,
        "shared_description": description,
        "address": f"{base}{pagename}.html" if base else "",
        "card": f"{base}_static/{CARD}"
        if base
        else context["pathto"](f"_static/{CARD}", 1),
    }


def setup(app):
    app.connect("html-page-context", add_meta)
