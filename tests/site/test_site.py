"""The published site: quiet, whole, readable on a phone, open to everyone, and alive."""

import json
import os
import re
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup
from docutils import nodes, utils

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book" / "_ext"), str(ROOT / "tools")]

import changelog  # noqa: E402
import colab  # noqa: E402
import files  # noqa: E402
from course import explorables, launch, mathml, meta, polish  # noqa: E402

from rnnkit.show.bundle import WEB  # noqa: E402

PAGES = [f"{name}.html" for name in files.page_names()]
PAGES += [f"{entry.page}.html" for entry in changelog.released()]
# Scope: all tests of one page follow each other, and share what is open of it.
every_page = pytest.mark.parametrize("path", PAGES, scope="module")


@cache
def parsed(file):
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


# In the files, without a browser


@every_page
def test_head_says_what_the_page_is(site_dir, path):
    soup = parsed(site_dir / path)
    title = soup.title.get_text(strip=True)
    description = [tag["content"] for tag in soup.select('meta[name="description"]')]
    card = soup.select_one('meta[property="og:image"]')["content"]
    icon = soup.select_one('link[rel~="icon"]')["href"]
    assert len(title) > 10
    assert len(description) == 1, description
    assert 20 <= len(description[0]) <= 300, description
    assert (
        soup.select_one('meta[property="og:description"]')["content"] == description[0]
    )
    for address in (card, icon):
        assert (
            (site_dir / path)
            .parent.joinpath(urlsplit(address).path)
            .resolve()
            .is_file()
        ), address


def test_titles_differ(site_dir):
    titles = [parsed(site_dir / path).title.get_text(strip=True) for path in PAGES]
    assert len(set(titles)) == len(titles), titles


@pytest.mark.parametrize("path", [path for path in PAGES if "notebooks/" in path])
def test_chapters_are_numbered_by_their_files(site_dir, path):
    number = str(int(path.removeprefix("notebooks/")[:2]))
    soup = parsed(site_dir / path)
    heading = soup.h1.select_one(".section-number").get_text(strip=True)
    assert heading == f"{number}."
    entry = soup.select_one(".bd-links .current.active > a").get_text(strip=True)
    assert entry.startswith(f"{number}.")
    figures = [tag.get_text() for tag in soup.select("figure .caption-number")]
    assert all(text.startswith(f"Fig. {number}.") for text in figures), figures


@every_page
def test_one_header_and_one_search_box(site_dir, path):
    soup = parsed(site_dir / path)
    assert len(soup.find_all("header")) == 1
    assert len(soup.select('input[type="search"]')) == 1
    assert len(soup.find_all("h1")) == 1


@every_page
def test_internal_links_lead_somewhere(site_dir, path):
    broken = []
    for link in parsed(site_dir / path).select("a[href]"):
        address, fragment = urldefrag(urljoin(f"http://site/{path}", link["href"]))
        if urlsplit(address).netloc != "site":
            continue
        file = site_dir / unquote(urlsplit(address).path).lstrip("/")
        found = file.is_file() and (
            not fragment or parsed(file).find(id=unquote(fragment)) is not None
        )
        if not found:
            broken.append(link["href"])
    assert not broken


@every_page
def test_pictures_are_sized_and_described(site_dir, path):
    pictures = parsed(site_dir / path).select("article img")
    bare = [str(picture)[:120] for picture in pictures if not picture.get("alt")]
    assert not bare, bare
    stored = [picture for picture in pictures if not picture["src"].startswith("data:")]
    assert all(picture.get("loading") == "lazy" for picture in stored)
    assert all(picture.get("width") and picture.get("height") for picture in stored)


@every_page
def test_headers_of_tables_have_words(site_dir, path):
    """A header that is nothing but a formula is an empty one to those who have the page read to them."""
    headers = parsed(site_dir / path).select("article th:has(math)")
    assert all(
        "".join(t for t in h.find_all(string=True) if not t.find_parent("math")).strip()
        for h in headers
    )


@every_page
def test_mathematics_is_mathml(site_dir, path):
    soup = parsed(site_dir / path)
    assert all(formula.find("math") for formula in soup.select("span.math, div.math"))
    assert not soup.select("article merror")


@every_page
def test_no_launch_link_without_an_address(site_dir, path):
    if os.environ.get("COURSE_REPOSITORY"):
        pytest.skip("this site was built with an address")
    assert not parsed(site_dir / path).select(".rk-launch a")


# The files that the explorables' tests call are those that the pages load


def test_the_site_has_the_packages_modules(site_dir):
    given, loaded = (
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in (WEB, site_dir / "_explorables")
    )
    assert set(given) == set(loaded)
    for path, content in given.items():
        assert loaded[path] == content, path


# In a browser


@pytest.fixture(scope="module")
def seen(new_tab, visit, path):
    """seen(width, color_scheme): the page as it looks there, loaded once for all that is checked."""
    opened = {}

    def seen(*look):
        if look not in opened:
            opened[look] = visit(new_tab(*look), path)
        return opened[look]

    yield seen
    for page in opened.values():
        page.context.close()


@contextmanager
def unfolded(page):
    """Open everything that is folded, let the page settle, and fold it again afterwards."""
    folds = page.evaluate_handle(
        """() => [...document.querySelectorAll("article details:not([open])")]
          .map((fold) => { fold.open = true; return fold; })"""
    )
    page.wait_for_timeout(300)
    yield
    folds.evaluate("(folds) => folds.forEach((fold) => { fold.open = false; })")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
@every_page
def test_page_is_quiet_and_fits(seen, path, width):
    page = seen(width, "light")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")
    assert page.page_problems == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
@every_page
def test_no_line_begins_with_what_closes_a_formula(seen, path, width):
    page = seen(width, "light")
    begun = page.evaluate(
        """() => [...document.querySelectorAll(".bd-article span.math")].flatMap((formula) => {
          const marks = formula.nextSibling;
          if (marks?.nodeType !== Node.TEXT_NODE || !/^[,.;:?!)]/.test(marks.data)) return [];
          const first = document.createRange();
          first.setStart(marks, 0);
          first.setEnd(marks, 1);
          const sign = first.getBoundingClientRect();
          const whole = formula.querySelector("math").getBoundingClientRect();
          return sign.height && sign.left < whole.left ? [`${formula.textContent}${marks.data.slice(0, 9)}`] : [];
        })"""
    )
    assert begun == []


# Nearly all of axe's time goes into the contrast of every word, token of code and sign of a formula, and a page has ten
# thousand. Contrast depends on how letters look and on every ground that they stand on. An element is marked, and passed
# over by that one rule, if another of its kind that looks the same has been seen before, not scrolled out of sight.
# In the live figures, where one thing may lie over another, axe looks at all of them.
MARK_KNOWN = """() => {
  const styles = (node, names) => names.map((name) => getComputedStyle(node)[name]).join(" ");
  const grounds = new Map([[null, ""]]);
  const ground = (node) => {
    if (!grounds.has(node)) {
      const own = styles(node, ["backgroundColor", "backgroundImage", "opacity", "filter", "mixBlendMode"]);
      const plain = own === "rgba(0, 0, 0, 0) none 1 none normal";
      grounds.set(node, ground(node.parentElement) + (plain ? "" : `${own};`));
    }
    return grounds.get(node);
  };
  const look = (token) => {
    const letters = styles(token, ["color", "fontFamily", "fontSize", "fontWeight", "textShadow"]);
    return `${token.localName} ${token.getAttribute("class")} ${letters} on ${ground(token)}`;
  };
  const inSight = (token) => {
    const frame = (token.closest("pre, .math-scroll, .pst-scrollable-table-container") ?? token).getBoundingClientRect();
    const box = token.getBoundingClientRect();
    return box.width > 0 && box.left >= frame.left && box.right <= frame.right;
  };
  const seen = new Set();
  for (const token of document.querySelectorAll(".bd-article :not(.rk-explorable, .rk-explorable *)")) {
    const now = look(token);
    if (seen.has(now)) token.dataset.known = "";
    else if (inSight(token)) seen.add(now);
  }
}"""
PASS_OVER_KNOWN = """() => axe.configure({
  rules: [{ id: "color-contrast", selector: "*:not([data-known])" }],
})"""


@pytest.mark.browser
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@every_page
def test_page_is_accessible(seen, violations, path, color_scheme):
    page = seen(1280, color_scheme)
    assert page.evaluate("document.documentElement.dataset.theme") == color_scheme
    with unfolded(page):
        page.evaluate(MARK_KNOWN)
        found = violations(page, first=PASS_OVER_KNOWN)
    grave = [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"][:3]
    ]
    assert not grave, "\n".join(grave)


@pytest.mark.browser
@every_page
def test_explorables_come_to_life(seen, path):
    states = seen(1280, "light").eval_on_selector_all(
        ".rk-explorable", "figures => figures.map((f) => [f.id, f.dataset.mounted])"
    )
    assert all(mounted == "true" for _, mounted in states), states


@pytest.mark.browser
@every_page
def test_what_scrolls_takes_the_keyboard(seen, path):
    page = seen(360, "light")
    with unfolded(page):
        unreachable = page.evaluate(
            """() => [...document.querySelectorAll(".bd-article :is(pre, .math-scroll, .pst-scrollable-table-container)")]
              .filter((block) => block.scrollWidth > block.clientWidth + 1)
              .filter((block) => block.tabIndex !== 0 || !block.getAttribute("aria-label"))
              .map((block) => block.outerHTML.slice(0, 80))"""
        )
    assert unreachable == []


@pytest.mark.browser
def test_colours_search_and_drawer_work_by_keyboard(open_page):
    page = open_page(PAGES[0], width=800)
    page.keyboard.press("Control+k")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("Escape")
    page.locator(".rk-mode").press("Enter")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.locator(".rk-menu").press("Enter")
    page.wait_for_function("document.activeElement.closest('.bd-sidebar-primary')")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className").split()[-1] == "rk-menu"
    assert page.page_problems == []


@pytest.mark.browser
def test_launch_links_fit_on_a_phone(open_page):
    page = open_page(PAGES[1], width=360)
    labels = [
        label
        for label, *_ in launch.launch_links(
            "https://github.com/a/b", "main", "c", ".ipynb"
        )
    ]
    links = "".join(f'<a class="rk-button" href="#">{label}</a>' for label in labels)
    page.eval_on_selector(
        ".rk-launch", "(place, links) => { place.innerHTML = links; }", links
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.browser
def test_search_finds_a_page(open_page):
    page = open_page("search.html?q=gradient")
    page.wait_for_selector("#search-results li a")
    assert page.page_problems == []


# The extension's own functions


def test_launch_links_need_an_address():
    assert launch.launch_links("", "main", "notebooks/02_vanilla_rnn", ".ipynb") == []


def test_launch_links_with_an_address():
    links = launch.launch_links(
        "https://github.com/someone/course",
        "main",
        "notebooks/02_vanilla_rnn",
        ".ipynb",
    )
    assert [label for label, *_ in links] == ["Colab", "Binder", "Source"]
    assert all(
        "someone/course" in address and "notebooks/02_vanilla_rnn.ipynb" in address
        for *_, address in links
    )
    assert "/blob/colab/" in links[0][2]
    assert [
        label
        for label, *_ in launch.launch_links(
            "https://github.com/a/b", "main", "book/data", ".md"
        )
    ] == ["Source"]


def test_address_comes_from_the_environment(monkeypatch):
    app = SimpleNamespace(
        config=SimpleNamespace(html_theme_options={"repository_url": ""})
    )
    monkeypatch.delenv("COURSE_REPOSITORY", raising=False)
    assert launch.repository_of(app) == ""
    monkeypatch.setenv("COURSE_REPOSITORY", "https://github.com/someone/course.git")
    assert launch.repository_of(app) == "https://github.com/someone/course"


def test_colab_cell_is_added_once():
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# Title")]
    )
    for _ in range(2):
        colab.with_install_cell(notebook, "https://github.com/someone/course")
    assert [cell.cell_type for cell in notebook.cells] == ["code", "markdown"]
    clone, install = notebook.cells[0].source.splitlines()
    assert (
        "git clone -q --depth 1 https://github.com/someone/course rnn-course" in clone
    )
    assert "-c rnn-course/constraints.txt" in install


def test_explorable_is_found_by_its_id(tmp_path):
    html = '<figure class="rk-explorable" id="rk-one" data-module="x"></figure>'
    output = nbformat.v4.new_output("display_data", data={"text/html": html})
    cell = nbformat.v4.new_code_cell("show()", outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "a.ipynb")
    assert explorables.figure_in_notebook(tmp_path / "a.ipynb", "rk-one") == html
    assert explorables.figure_in_notebook(tmp_path / "a.ipynb", "rk-two") is None


@pytest.mark.parametrize(
    ("tex", "wanted"),
    [
        ("a", "a"),
        (r"a &= b \\ c &= d", r"\begin{aligned}a &= b \\ c &= d\end{aligned}"),
        (
            r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
            r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
        ),
        (
            r"\begin{align*} a &= b \end{align*}",
            r"\begin{aligned} a &= b \end{aligned}",
        ),
        (r"\begin{equation} a \end{equation}", "a"),
        (r"\text{P\&L}", r"\text{P\&L}"),
    ],
)
def test_display_formulas_are_given_an_environment_when_they_need_one(tex, wanted):
    assert mathml.display_tex(tex) == wanted


def test_unknown_tex_is_a_warning(monkeypatch):
    said = []
    monkeypatch.setattr(
        mathml.logger, "warning", lambda *args, **kwargs: said.append(args)
    )
    assert (
        mathml.to_mathml(r"\nonsense{x} < y", None, display=False)
        == r"<code>\nonsense{x} &lt; y</code>"
    )
    assert len(said) == 1


def test_formulas_take_in_what_closes_them():
    formula, after = nodes.math("", "x"), nodes.Text("), so ($y$")
    document = utils.new_document("")
    document += nodes.paragraph("", "", nodes.Text("("), formula, after)
    document += nodes.paragraph("", "", nodes.math("", "z"), nodes.emphasis("", ", w"))
    mathml.take_in_closings(None, document, "")
    assert formula["closing"] == "),"
    assert document.astext() == "(x so ($y$\n\nz, w"
    assert [f.get("closing") for f in document.findall(nodes.math)] == ["),", None]


def test_descriptions_end_at_a_sentence_or_a_word():
    text = "One sentence that is long enough to stand by itself. " + "word " * 60
    assert (
        meta.shortened(text) == "One sentence that is long enough to stand by itself."
    )
    assert re.fullmatch(r"(word ?)+…", meta.shortened("word " * 80))


def test_dropdowns_become_details():
    html = '<div class="solution dropdown admonition"><p class="admonition-title">Solution</p><p>x</p></div>'
    soup = BeautifulSoup(html, "html.parser")
    polish.fold(soup)
    assert soup.details.summary.get_text() == "Solution"
    assert soup.details["class"] == ["solution", "admonition", "rk-fold"]


def test_the_config_keeps_launch_buttons_off_by_default():
    config = files.settings()
    assert config["repository"]["url"] == ""
    assert config["execute"]["execute_notebooks"] == "off"
    assert (
        json.dumps(config["sphinx"]["config"]["nb_mime_priority_overrides"])
        == '[["html", "text/html", 0]]'
    )
