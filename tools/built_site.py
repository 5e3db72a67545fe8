"""Whether the pages of a built site agree with what the course says of itself. Each check says in sentences what does not."""

import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from changelog import released
from files import page_names, read


def in_site(root, site, version):
    """The built pages: all are there, of this version, with their cards, and with links that lead somewhere."""
    releases = released(root)
    pages = [*page_names(root), *(entry.page for entry in releases)]
    expected = [*(f"{page}.html" for page in pages), "404.html"]
    missing = [page for page in expected if not Path(site, page).is_file()]
    if missing:
        yield f"the site: expected {', '.join(missing)}, got no such page; `make book` builds it"
        return
    for page in pages:
        yield from in_page(site, f"{page}.html", version)
    news = parsed(site, "book/changelog.html").h2
    if news is None or version not in news.get_text():
        yield f"book/changelog.html: expected {version} first, got {news and news.get_text().rstrip('#')}"
    yield from in_releases(site, releases)
    yield from in_outline(site, pages)
    yield from in_sitemap(site, pages)


def in_page(site, page, version):
    """One page: the version at its foot, a card of its own if it is a chapter, and what it can be taken home as."""
    soup = parsed(site, page)
    said = soup.select_one("footer .version")
    if said is None or said.get_text(strip=True) != f"Version {version}":
        yield f"{page}: expected Version {version} at its foot, got {said and said.get_text(strip=True)}"
    card = soup.select_one('meta[property="og:image"]')["content"]
    own = f"cards/{Path(page).stem}.png"
    if page.startswith("notebooks/") and not card.endswith(own):
        yield f"{page}: expected its own card, {own}, got {card}"
    for link in soup.select(".rk-take a"):
        file = Path(site, page).parent / unquote(urlsplit(link["href"]).path)
        if not file.is_file():
            yield f"{page}: expected a file behind {link.get_text()}, got none at {link['href']}"


def in_releases(site, releases):
    """The page of each release says which one it is."""
    for entry in releases:
        name = f"{entry.page}.html"
        title = parsed(site, name).h1
        words = title.get_text() if title else ""
        if entry.is_dated and entry.version not in words:
            yield f"{name}: expected {entry.version} in its title, got {words.rstrip('#') or None}"


def in_outline(site, pages):
    """What progress is counted against has every chapter."""
    outline = json.loads(read(site, "_outline/course.json"))
    counted = [chapter["page"] for chapter in outline]
    wanted = [page for page in pages if page.startswith("notebooks/")]
    if counted != wanted:
        yield f"_outline/course.json: expected {', '.join(wanted)}, got {', '.join(counted)}"


def in_sitemap(site, pages):
    """The list for search engines has the pages of the book; a site without an address has none."""
    path = Path(site, "sitemap.xml")
    if path.is_file():
        found = re.findall(r"<loc>(.*?)</loc>", path.read_text(encoding="utf-8"))
        wanted = {f"{page}.html" for page in pages}
        odd = [url for url in found if not any(url.endswith(f"/{w}") for w in wanted)]
        if odd or len(found) != len(wanted):
            yield f"sitemap.xml: expected the {len(wanted)} pages of the site, got {len(found)}, of which {odd or 'none'} are not among them"


def parsed(site, page):
    return BeautifulSoup(read(site, page), "html.parser")
