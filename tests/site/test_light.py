"""Pages as readers open them: nothing heavy before it is near, and nothing lost by that.

The other tests look at whole pages (`window.rkWhole`); these leave the browser to skip and to wait.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book" / "_ext")]

import tinycss2  # noqa: E402
from course import inks, polish, reading, stylesheet, weights  # noqa: E402
from pygments import highlight  # noqa: E402
from pygments.lexers import PythonLexer  # noqa: E402

CHAPTER = "notebooks/04_char_lm.html"
LAST = "[...document.querySelectorAll('.rk-explorable')].at(-1)"


def soup(html):
    return BeautifulSoup(html, "html.parser")


@pytest.fixture
def reader(browser, site_url):
    """reader(path, **options): a page as a reader gets it, with its messages in `page.said`."""
    contexts = []

    def reader(path, width=1280, before="", **options):
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        context.add_init_script(before)
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(path if "://" in path else f"{site_url}/{path}")
        return page

    yield reader
    for context in contexts:
        context.close()


# ---- a second build


CONF = """
import sys
sys.path[:0] = {places!r}
extensions = ["course.stylesheet"]
html_theme = "sphinx_book_theme"
html_static_path = ["book/_static"]
html_extra_path = ["copied"]
"""


def build_in(folder):
    """The stylesheet of a small site, built by a process of its own as `make book` does, in what is there already."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", ".", "_site"]
    subprocess.run(command, cwd=folder, check=True)
    return (folder / "_site/_static/site.css").read_text(encoding="utf-8")


def test_a_second_build_keeps_the_themes_styles_and_takes_new_ones(tmp_path):
    conf = CONF.format(places=[str(ROOT / "book/_ext"), str(ROOT)])
    files = {
        "conf.py": conf,
        "index.rst": "First\n=====\n\n.. toctree::\n\n   other\n",
        "other.rst": "Other\n=====\n",
        "book/_static/course.css": ".one { color: red }",
        "rnnkit/show/web/css/explorables.css": "",
        "copied/_explorables/css/explorables.css": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    first = build_in(tmp_path)
    assert ".bd-header-article" in first  # the theme's
    assert ".one" in first
    assert build_in(tmp_path) == first  # no source has changed

    other = tmp_path / "_site/other.html"
    os.utime(other, (0, 0))
    (tmp_path / "book/_static/course.css").write_text(
        ".two { color: red }", encoding="utf-8"
    )
    assert build_in(tmp_path) == first.replace(".one", ".two")
    assert other.stat().st_mtime > 0  # since it links to the styles by their mark


# ---- explorables wait


@pytest.mark.browser
def test_explorables_wait_until_the_reader_is_near(reader):
    page = reader(CHAPTER)
    page.wait_for_load_state("networkidle")
    states = page.locator(".rk-explorable").evaluate_all(
        "figures => figures.map((figure) => figure.dataset.mounted ?? '')"
    )
    assert states[-1] == ""
    assert page.evaluate(f"{LAST}.querySelector(':scope > :is(img, ol)') !== null")
    page.evaluate(f"{LAST}.scrollIntoView()")
    page.wait_for_function(f"{LAST}.dataset.mounted === 'true'")
    assert page.said == []


@pytest.mark.browser
def test_weights_are_fetched_when_their_figure_is_near(reader):
    page = reader("notebooks/11_vqa.html")
    page.wait_for_load_state("networkidle")
    fetched = """performance.getEntriesByType("resource").map((entry) => entry.name)
      .filter((name) => name.includes("/_weights/") && name.endsWith(".json")).length"""
    assert page.evaluate(fetched) == 0
    page.locator("#rk-vqa").evaluate("figure => figure.scrollIntoView()")
    page.wait_for_function(
        "document.querySelector('#rk-vqa').dataset.mounted === 'true'"
    )
    assert page.evaluate(fetched) == 1


@pytest.mark.browser
def test_the_first_tab_brings_all_figures_to_life(reader):
    page = reader(CHAPTER)
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 500)")
    page.keyboard.press("Tab")
    page.wait_for_function(f"{LAST}.dataset.mounted === 'true'")
    page.wait_for_load_state("networkidle")
    stages = page.locator(".rk-explorable").evaluate_all(
        "figures => figures.map((figure) => figure.querySelectorAll('.rk-stage').length)"
    )
    assert set(stages) == {1}


@pytest.mark.browser
def test_without_an_observer_all_are_mounted(reader):
    page = reader(
        "notebooks/02_vanilla_rnn.html", before="delete window.IntersectionObserver"
    )
    page.wait_for_function(f"{LAST}.dataset.mounted === 'true'")


@pytest.mark.browser
def test_a_page_from_a_file_keeps_its_pictures_and_says_why(reader, site_dir):
    page = reader((site_dir.resolve() / CHAPTER).as_uri())
    figure = page.locator("#rk-char-lm")
    assert "make serve" in figure.locator(".rk-still").inner_text()
    assert figure.locator("img").count() == 1
    assert page.said == []


# ---- what is far is skipped, and found


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_a_link_far_down_lands_on_its_section(reader, width):
    page = reader("notebooks/02_vanilla_rnn.html", width=width)
    anchor = page.locator(".bd-toc-nav a[href^='#']").last.get_attribute("href")
    page.evaluate("(hash) => { location.hash = hash; }", anchor)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)  # figures near by come to life, and grow
    place = page.locator(f"{anchor} > :is(h2, h3)").bounding_box()["y"]
    left = page.evaluate(
        "document.documentElement.scrollHeight - innerHeight - scrollY"
    )
    assert 0 <= place < 100 or (place < 900 and left < 2), (place, left)


@pytest.mark.browser
def test_find_in_page_reaches_what_was_skipped(reader):
    page = reader("notebooks/02_vanilla_rnn.html")
    words = page.evaluate(
        """[...document.querySelectorAll(".bd-article section > p")]
          .map((paragraph) => paragraph.firstChild.textContent.trim()).filter((text) => text.length > 40).at(-1)"""
    )
    assert page.evaluate("(text) => window.find(text)", words)
    page.wait_for_function("scrollY > 2000")


@pytest.mark.browser
def test_paper_shows_everything(reader):
    page = reader(CHAPTER)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    skipped = page.locator(".bd-article section > *").evaluate_all(
        "(blocks) => blocks.filter((block) => getComputedStyle(block).contentVisibility !== 'visible').length"
    )
    assert skipped == 0
    assert page.locator(".bd-article details:not([open], .rk-check)").count() == 0
    assert not page.locator(".bd-article details.rk-check").first.is_visible()
    assert page.locator("img[loading=lazy]").count() == 0


@pytest.mark.browser
def test_what_scrolls_far_down_takes_the_keyboard_too(reader):
    page = reader(CHAPTER, width=360)
    page.wait_for_function(
        """() => [...document.querySelectorAll(".bd-article section > .cell pre")]
          .filter((block) => block.checkVisibility() && block.scrollWidth > block.clientWidth + 1)
          .every((block) => block.tabIndex === 0)"""
    )


# ---- reading, or everything


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_the_switch_folds_code_and_is_remembered(reader, width):
    page = reader("notebooks/02_vanilla_rnn.html", width=width)
    switch = page.get_by_role("switch", name="Reading")
    code = page.locator("details.rk-code pre").first
    assert code.is_visible()
    switch.press("Enter")
    assert switch.get_attribute("aria-checked") == "true"
    assert not code.is_visible()
    page.reload()
    assert page.get_by_role("switch").get_attribute("aria-checked") == "true"
    assert not code.is_visible()
    page.locator("details.rk-code > summary").first.press("Enter")
    assert code.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    switch.press("Space")
    assert page.locator("details.rk-code > summary").first.is_hidden()
    assert page.said == []


@pytest.mark.browser
def test_folded_code_is_not_painted_before_the_script_runs(reader):
    page = reader(
        "notebooks/02_vanilla_rnn.html",
        before="localStorage.setItem('code', 'reading')",
    )
    page.evaluate("delete document.documentElement.dataset.folded")
    page.locator("details.rk-code").first.evaluate("(fold) => { fold.open = true; }")
    assert page.locator("details.rk-code pre").first.is_hidden()


@pytest.mark.browser
def test_without_scripts_all_code_is_there_and_no_switch(reader):
    page = reader("notebooks/02_vanilla_rnn.html", java_script_enabled=False)
    assert page.locator("details.rk-code pre").first.is_visible()
    assert page.locator(".rk-reading").is_hidden()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 1600])
def test_code_is_large_and_88_columns_fit(reader, width):
    page = reader(CHAPTER, width=width)
    code = page.locator("details.rk-code pre").first
    size, room = code.evaluate(
        """(block) => {
          block.textContent = "x".repeat(88);
          return [parseFloat(getComputedStyle(block).fontSize), block.clientWidth - block.scrollWidth];
        }"""
    )
    assert size >= 14
    assert room >= 0
    box, aside = (
        code.bounding_box(),
        page.locator(".bd-sidebar-secondary").bounding_box(),
    )
    assert box["x"] + box["width"] <= aside["x"]


# ---- the extension's own functions


def test_only_what_has_a_colour_gets_an_element():
    html = highlight("x = f(1) + y  # why\n", PythonLexer(), inks.InkFormatter())
    spans = [
        (span["class"], span.get_text()) for span in soup(html).select("span[class]")
    ]
    assert spans == [(["m"], "1"), (["c"], "# why")]


def test_neighbours_of_one_ink_share_an_element():
    html = highlight('f"a"', PythonLexer(), inks.InkFormatter())
    assert [span.get_text() for span in soup(html).select(".s")] == ['f"a"']


def test_a_rule_stays_if_a_page_can_use_it():
    css = """.a > b, .gone { x: 1 } #gone { x: 2 } b:hover { x: 3 } .a:not(.gone) { x: 4 }
    @media print { .a { x: 5 } .gone { x: 6 } } @font-face { x: 7 } .gone .a { x: 8 } i { x: 9 }"""
    thin = stylesheet.thinned(stylesheet.parse(css), {"b"}, {"a"})
    kept = [word for word in "123456789" if f"x: {word}" in thin]
    assert kept == ["1", "3", "4", "5", "7"]
    assert ".gone{" not in thin.replace(" ", "")


def test_variables_stay_as_long_as_something_reads_them():
    css = "a { --one: var(--two); --two: 2; --three: 3; } .b--c:hover { x: 1 }"
    assert stylesheet.without_unread(css, "p { x: var(--one) }").count("--three") == 0
    assert "--two: 2" in stylesheet.without_unread(css, "p { x: var(--one) }")
    assert "--two" not in stylesheet.without_unread(css, "")
    assert ".b--c:hover { x: 1 }" in stylesheet.without_unread(css, "")


def test_addresses_are_counted_from_the_new_place():
    css = "a { background: url(b.png) } c { background: url(data:x) }"
    moved = stylesheet.rebased(css, "styles/theme.css")
    assert moved == "a { background: url(styles/b.png) } c { background: url(data:x) }"
    assert tinycss2.parse_stylesheet(moved)


def test_large_states_and_pictures_move_beside_the_page(tmp_path):
    state = json.dumps({"w": "x" * weights.LARGE})
    page = soup(
        f'<figure class="rk-explorable" id="rk-one"><script type="application/json">{state}</script>'
        f'<img src="{weights.PICTURE}aGVsbG8=" alt="a"></figure>'
        '<figure class="rk-explorable" id="rk-two"><script type="application/json">{}</script></figure>'
    )
    (tmp_path / "notebooks").mkdir()
    for _ in range(2):  # a file that is there already is used again
        weights.move_out(page, tmp_path, "notebooks/a")
    one, two = page.select("figure")
    assert one.script is None
    assert (tmp_path / "notebooks" / one["data-state"]).read_text(
        encoding="utf-8"
    ) == state
    assert (tmp_path / "notebooks" / one.img["src"]).read_bytes() == b"hello"
    assert one.img["loading"] == "lazy"
    assert two.script.string == "{}"
    assert not two.has_attr("data-state")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("import numpy\n\n# why\nx = 1\ny = 2", "x = 1"),
        ("x = 1\ndef f(x):\n    return x", "def f(x):"),
        ("# only a comment", "# only a comment"),
        ("y = " + "x" * 100, "y = " + "x" * 55 + "…"),
    ],
)
def test_a_fold_says_what_is_in_it(code, line):
    assert reading.telling_line(code) == line


def test_code_is_folded_once_and_open():
    page = soup(
        '<div class="cell"><div class="cell_input"><pre>x = 1\ny = 2\n</pre></div></div>'
        '<div class="cell"><details class="hide"><div class="cell_input"></div></details></div>'
    )
    reading.fold_code(page)
    folds = page.select("details.rk-code")
    assert len(folds) == 1
    assert folds[0].has_attr("open")
    assert folds[0].summary.get_text() == "Code, 2 lines: x = 1"


def test_an_empty_header_is_no_header():
    page = soup("<table><thead><tr><th></th><th>a</th></tr></thead></table>")
    polish.name_table_scopes(page)
    assert str(page.tr) == '<tr><td></td><th scope="col">a</th></tr>'
