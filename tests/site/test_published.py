"""What a host, a search engine and whoever shares a link get; and the line at the head of a chapter."""

import functools
import http.server
import posixpath
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
import yaml
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

import rnnkit

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book" / "_ext"), str(ROOT / "tools")]

from changelog import CHANGELOG, released  # noqa: E402
from course import head_line, meta, missing, releases, sitemap  # noqa: E402
from files import page_names  # noqa: E402

RELEASES = released()
PAGES = [*page_names(), *(entry.page for entry in RELEASES)]
CHAPTERS = [name for name in PAGES if name.startswith("notebooks/")]


@pytest.fixture(scope="module")
def parsed(site_dir):
    """parsed(name, first="", last=""): a built page, or what stands in it from one text to another."""

    def parsed(name, first="", last=""):
        text = (site_dir / f"{name}.html").read_text(encoding="utf-8")
        text = text[text.rfind(first) if first else 0 :]
        return BeautifulSoup(text.partition(last)[0] if last else text, "html.parser")

    return parsed


# ---- the page for wrong addresses


class Host(http.server.SimpleHTTPRequestHandler):
    """Serves a site below /somewhere/, and its 404.html for whatever is not there, as hosts of pages do."""

    def translate_path(self, path):
        return super().translate_path(path.removeprefix("/somewhere"))

    def send_error(self, code, message=None, explain=None):
        content = Path(self.directory, "404.html").read_bytes()
        content = content.replace(b'="/', b'="/somewhere/')  # where this one stands
        content = content.replace(b'"/_static/', b'"/somewhere/_static/')
        self.send_response(404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def host(site_dir):
    handler = functools.partial(Host, directory=str(site_dir))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/somewhere"
        server.shutdown()
        thread.join()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_a_wrong_address_deep_below_shows_the_whole_page(
    browser, host, violations, width, scheme
):
    size = {"width": width, "height": 900}
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    wrong = []
    page.on(
        "response", lambda answer: answer.status >= 400 and wrong.append(answer.url)
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    address = f"{host}/notebooks/old/name.html"
    page.goto(address)
    page.wait_for_selector("html[data-progress]", state="attached")
    page.wait_for_load_state("networkidle")
    assert wrong == [address]
    assert page.locator("h1").inner_text() == "Page not found"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    page.locator("article ol a").nth(1).click()
    assert page.url == f"{host}/notebooks/02_vanilla_rnn.html"
    assert page.locator("h1").inner_text().startswith("2. The vanilla RNN")
    context.close()


def test_the_page_for_wrong_addresses_lists_the_chapters_and_is_not_listed(parsed):
    soup = parsed("404")
    listed = [
        (link.parent["value"], link["href"]) for link in soup.select("article ol a")
    ]
    assert listed == [
        (str(int(name.rpartition("/")[2][:2])), f"/{name}.html") for name in CHAPTERS
    ]
    assert soup.select_one('meta[name="robots"]')["content"] == "noindex"


def test_addresses_begin_at_the_root_of_the_site():
    html = """<html data-content_root="./"><meta content="_static/card.png"><meta content="a, b">
    <a href="#main">x</a><a href="book/index.html#run">y</a><a href="https://a.b/">z</a><form action="search.html"></form>
    <script src="_static/course.js?v=1" data-late="a.js"></script><script>load("_static/fonts/text.woff2")</script></html>"""
    soup = BeautifulSoup(missing.from_root(html, "/course/"), "html.parser")
    assert soup.html["data-content_root"] == "/course/"
    assert [tag["content"] for tag in soup.select("meta")] == [
        "/course/_static/card.png",
        "a, b",
    ]
    assert [tag["href"] for tag in soup.select("a")] == [
        "#main",
        "/course/book/index.html#run",
        "https://a.b/",
    ]
    assert soup.form["action"] == "/course/search.html"
    assert [tag.get("src") or tag.string for tag in soup.select("script")] == [
        "/course/_static/course.js?v=1",
        'load("/course/_static/fonts/text.woff2")',
    ]


# ---- site map


def app_with(tmp_path, address="", **more):
    return SimpleNamespace(
        outdir=tmp_path,
        srcdir=ROOT,
        builder=SimpleNamespace(format="html"),
        config=SimpleNamespace(html_baseurl=address),
        **more,
    )


def test_a_site_with_an_address_has_a_map_of_its_pages(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_BASEURL", raising=False)
    env = SimpleNamespace(found_docs={"book/b", "book/a&b"})
    sitemap.write(app_with(tmp_path, "https://a.b/course", env=env), None)
    urls = ElementTree.parse(tmp_path / sitemap.NAME).getroot()
    assert urls.tag == f"{{{sitemap.SCHEMA}}}urlset"
    assert [url[0].text for url in urls] == [
        "https://a.b/course/book/a&b.html",
        "https://a.b/course/book/b.html",
    ]
    sitemap.write(app_with(tmp_path, env=env), None)  # an address that is known no more
    assert not (tmp_path / sitemap.NAME).exists()


def test_the_map_has_the_pages_of_the_releases(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_BASEURL", raising=False)
    env = SimpleNamespace(found_docs={releases.ALL})
    sitemap.write(app_with(tmp_path, "https://a.b", env=env), None)
    urls = ElementTree.parse(tmp_path / sitemap.NAME).getroot()
    names = [releases.ALL, *(entry.page for entry in RELEASES)]
    assert [url[0].text for url in urls] == [
        f"https://a.b/{name}.html" for name in sorted(names)
    ]


# ---- cards and version


def test_a_chapter_has_its_card_if_it_is_drawn(tmp_path):
    cards = tmp_path / meta.STATIC / meta.CARDS
    cards.mkdir(parents=True)
    (cards / "02_a.png").write_bytes(b"")
    app = SimpleNamespace(srcdir=tmp_path)
    assert meta.card_of(app, "notebooks/02_a") == "cards/02_a.png"
    assert meta.card_of(app, "notebooks/03_b") == "card.png"


def test_shared_links_show_the_chapter(parsed):
    drawn = [
        name
        for name in CHAPTERS
        if (ROOT / meta.STATIC / meta.CARDS / f"{Path(name).name}.png").is_file()
    ]
    assert drawn
    for name in drawn:
        head = parsed(name, last="</head>")
        card = head.select_one('meta[property="og:image"]')["content"]
        words = head.select_one('meta[property="og:image:alt"]')["content"]
        assert card.endswith(f"_static/cards/{Path(name).name}.png")
        assert words == head.title.get_text()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_names_the_version_and_leads_to_what_it_changed(parsed, name):
    (said,) = parsed(name, first='<p class="version"').select(".version a")
    assert said.get_text() == f"Version {rnnkit.__version__}"
    assert said["href"] == "#" or said["href"].endswith("changelog.html")


def test_the_changelog_has_a_heading_for_each_release(parsed):
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = [
        line[3:].strip() for line in text.splitlines() if line.startswith("## ")
    ]
    shown = [
        heading.get_text().rstrip("#")
        for heading in parsed("book/changelog").select("h2")
    ]
    assert shown == headings


# ---- the pages of the releases


def test_a_release_has_a_page_with_what_changed(parsed):
    whole = parsed("book/changelog").select("h2")
    headings = {heading.get_text().rstrip("#"): heading for heading in whole}
    for entry, before, after in zip(
        RELEASES, [*RELEASES[1:], None], [None, *RELEASES], strict=False
    ):
        page = parsed(entry.page)
        heading = headings[entry.heading]
        own, shown = (
            [item.get_text() for item in part.select("li")]
            for part in (page.article, heading.find_parent("section"))
        )
        assert own == shown
        assert page.h1.get_text().rstrip("#") == releases.title_of(entry)
        assert page.title.get_text().startswith(releases.title_of(entry))
        opening = page.h1.find_next("p")
        if entry.is_dated:
            assert releases.day_of(entry) in opening.get_text()
        names = [one.page for one in (before, after) if one] + [releases.ALL]
        addresses = [link["href"].removesuffix(".html") for link in opening.select("a")]
        assert addresses == [
            posixpath.relpath(name, Path(entry.page).parent) for name in names
        ]
        said = page.select_one('meta[name="description"]')["content"]
        assert said.startswith(releases.title_of(entry))
        to = posixpath.relpath(entry.page, Path(releases.ALL).parent)
        assert heading.a["href"] == f"{to}.html"


def test_a_heading_that_is_no_release_stops_the_build(tmp_path):
    text = (ROOT / CHANGELOG).read_text(encoding="utf-8")
    old = RELEASES[-1].heading
    (tmp_path / CHANGELOG).write_text(text.replace(old, "The first"), encoding="utf-8")
    env = SimpleNamespace(found_docs={releases.ALL})
    app = SimpleNamespace(srcdir=tmp_path, env=env)
    with pytest.raises(ExtensionError, match=r'got "## The first"'):
        releases.releases_in(app)


def test_the_page_of_a_release_that_is_no_more_goes(tmp_path):
    env = SimpleNamespace(found_docs={releases.ALL})
    app = app_with(tmp_path, env=env)
    for name in [RELEASES[-1].page, "book/releases/0.0.9"]:
        path = tmp_path / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    releases.remove_unused(app, None)
    left = [path.name for path in (tmp_path / "book/releases").iterdir()]
    assert left == [f"{RELEASES[-1].version}.html"]


# ---- to take home


def test_only_what_is_made_is_offered(tmp_path):
    (tmp_path / "_build/slides").mkdir(parents=True)
    (tmp_path / "_build/slides/02_a.html").write_text("x", encoding="utf-8")
    (tmp_path / "_build/slides/kit.js").write_text("x", encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    for name in ("02_a", "03_b"):
        (tmp_path / f"notebooks/{name}.ipynb").write_text("", encoding="utf-8")
    assert [file for _, file in head_line.made(tmp_path, "02_a")] == [
        "slides/02_a.html"
    ]
    assert head_line.made(tmp_path, "03_b") == []
    assert head_line.all_made(tmp_path) == ["slides/02_a.html"]
    app = app_with(tmp_path / "site")
    app.srcdir = tmp_path
    (tmp_path / "site/take").mkdir(parents=True)
    (tmp_path / "site/take/old.pdf").write_bytes(b"")
    head_line.copy(app, None)
    copied = sorted(path.name for path in (tmp_path / "site").rglob("*.*"))
    assert copied == ["02_a.html", "kit.js"]


def test_there_is_one_line_whoever_begins_it():
    offered = head_line.items([(head_line.FORMS[0], "pdf/a.pdf")], "../")
    alone = BeautifulSoup(
        head_line.with_items("<h1>A</h1><p>x</p>", offered), "html.parser"
    )
    begun = '<h1>A</h1><ul class="rk-take" aria-label="b"><li>Zip</li></ul>'
    joined = BeautifulSoup(head_line.with_items(begun, offered), "html.parser")
    assert [item.get_text() for item in alone.select("h1 + ul > li")] == [
        "Print",
        "PDF",
    ]
    assert [item.get_text() for item in joined.select("ul > li")] == [
        "Print",
        "PDF",
        "Zip",
    ]
    assert alone.a["href"] == "../take/pdf/a.pdf"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_the_line_is_one_line_and_prints(open_page, width):
    page = open_page(f"{CHAPTERS[1]}.html", width=width)
    line = page.locator(".rk-take")
    # The forms that this build may lack are put there, so that all have to fit.
    page.evaluate(
        """(words) => {
          const line = document.querySelector(".rk-take");
          for (const word of words.filter((word) => !line.textContent.includes(word))) {
            line.insertAdjacentHTML("beforeend", `<li><a href="#">${word}</a></li>`);
          }
        }""",
        [form.label for form in head_line.FORMS],
    )
    first, *others = [item.bounding_box()["y"] for item in line.locator("li").all()]
    assert {first, *others} == {first}
    page.evaluate("window.print = () => { window.printed = true; }")
    line.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    assert line.is_hidden()
    page.emulate_media(media="screen")


def test_the_config_builds_what_is_published():
    workflow = (ROOT / ".github/workflows/publish.yml").read_text(encoding="utf-8")
    steps = yaml.safe_load(workflow)["jobs"]["pages"]["steps"]
    built = next(step for step in steps if step.get("run") == "make book")
    assert "COURSE_BASEURL" in built["env"]
