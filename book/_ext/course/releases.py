"""A page for each release, made of its section in the changelog, which the page book/changelog shows whole."""

import datetime
import sys
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import new_document

from .meta import shortened

sys.path.append(str(Path(__file__).resolve().parents[3] / "tools"))
import changelog

ALL = "book/changelog"


def releases_in(app):
    """The entries of the changelog that get a page, newest first; none where the site has no changelog."""
    if ALL not in app.env.found_docs:
        return []
    try:
        return changelog.released(app.srcdir)
    except ValueError as error:
        raise ExtensionError(str(error)) from error


def name_of(entry):
    """What a release is called in a sentence; with a capital it is the title of its page."""
    return (
        "what is not released yet"
        if entry.is_unreleased
        else f"version {entry.version}"
    )


def title_of(entry):
    return name_of(entry)[0].upper() + name_of(entry)[1:]


def day_of(entry):
    """Its day, as 21 November 2026."""
    day = datetime.date.fromisoformat(entry.date)
    return f"{day.day} {day:%B %Y}"


def description_of(entry, section):
    """What search engines show: the release, its day and the first changes."""
    first = next(section.findall(nodes.list_item), section)
    day = "" if entry.is_unreleased else f", {day_of(entry)}"
    changes = " ".join(first.astext().split())
    return shortened(f"{title_of(entry)}{day}: {changes}")


# ---- a page


def sections_of(doctree):
    """The sections of the changelog by their headings."""
    found = doctree.findall(nodes.section)
    return {part[0].astext(): part for part in found if part.parent.parent is doctree}


def link(app, origin, name, words):
    """A link from a page to another, as a node."""
    address = app.builder.get_relative_uri(origin, name)
    return nodes.reference("", words, refuri=address, internal=True)


def opening(app, entry, before, after):
    """The sentences below the title, which lead to the releases before and after, if there are, and to all."""
    day = "" if entry.is_unreleased else day_of(entry)
    parts = [
        f"Released on {day}" if day else "Changes that will be in the next release"
    ]
    if before:
        parts += [", after ", link(app, entry.page, before.page, name_of(before))]
    if after:
        parts += [", before ", link(app, entry.page, after.page, name_of(after))]
    parts += [
        ". All releases are in the ",
        link(app, entry.page, ALL, "changelog"),
        ".",
    ]
    texts = [nodes.Text(part) if isinstance(part, str) else part for part in parts]
    return nodes.paragraph("", "", *texts)


def page_of(app, entry, section, before, after):
    """The document of one release: its section of the changelog with a title and an opening of its own."""
    document = new_document(entry.page)
    own = section.deepcopy()
    own[0] = nodes.title("", title_of(entry))
    own.insert(1, opening(app, entry, before, after))
    for part in own.findall(nodes.section):
        part["ids"] = [nodes.make_id(part[0].astext())]
    document += own
    app.env.resolve_references(document, entry.page, app.builder)
    return document


def collect(app):
    """Hand Sphinx the pages."""
    releases = releases_in(app)
    if not releases:
        return
    sections = sections_of(app.env.get_doctree(ALL))
    app.builder.secnumbers = app.builder.fignumbers = {}  # those of the page before
    for older, entry, newer in zip(
        [*releases[1:], None], releases, [None, *releases], strict=False
    ):
        section = sections[entry.heading]
        page = page_of(app, entry, section, older, newer)
        body = app.builder.render_partial(page[0])["fragment"]
        context = {"title": title_of(entry), "body": body}
        context["page_description"] = description_of(entry, section)
        yield entry.page, context, "page.html"


# ---- what leads there, and what is left of an earlier build


def link_headings(app, doctree, docname):
    """On the page of all releases a heading leads to the page of its own."""
    if docname != ALL or app.builder.format != "html":
        return
    sections = sections_of(doctree)
    for entry in releases_in(app):
        title = sections[entry.heading][0]
        title[:] = [link(app, ALL, entry.page, title.astext())]


def remove_unused(app, error):
    """Delete the pages of releases that the changelog has no more."""
    if error or app.builder.format != "html":
        return
    made = {Path(f"{entry.page}.html").name for entry in releases_in(app)}
    for path in Path(app.outdir, changelog.FOLDER).glob("*.html"):
        if path.name not in made:
            path.unlink()


def setup(app):
    app.connect("html-collect-pages", collect)
    app.connect("doctree-resolved", link_headings)
    app.connect("build-finished", remove_unused)
