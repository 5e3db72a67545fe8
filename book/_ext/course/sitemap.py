"""The list of pages for search engines, `sitemap.xml`, where the site's address is known."""

from pathlib import Path
from xml.etree import ElementTree

from .meta import base_address
from .releases import releases_in

NAME = "sitemap.xml"
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap_of(base, names):
    """The XML for pages of these names below an address."""
    urls = ElementTree.Element("urlset", xmlns=SCHEMA)
    for name in names:
        url = ElementTree.SubElement(urls, "url")
        ElementTree.SubElement(url, "loc").text = f"{base}{name}.html"
    ElementTree.indent(urls)
    return ElementTree.tostring(urls, encoding="unicode", xml_declaration=True)


def write(app, error):
    """Write it, or take away what an earlier build has left: an address must be a whole one."""
    path, base = Path(app.outdir, NAME), base_address(app)
    if error or app.builder.format != "html":
        return
    if base:
        releases = (entry.page for entry in releases_in(app))
        text = sitemap_of(base, sorted([*app.env.found_docs, *releases]))
        path.write_text(text + "\n", encoding="utf-8")
    else:
        path.unlink(missing_ok=True)


def setup(app):
    app.connect("build-finished", write)
