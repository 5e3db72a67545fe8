"""Slides in a browser, opened as files: nothing leaves its slide, all can be read, figures live, and no host is asked."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools")]
from deck.printing import printed  # noqa: E402

import slides  # noqa: E402

pytestmark = pytest.mark.browser
DECKS = [path.stem for path in sorted((ROOT / "slides").glob("*.md"))]
SURVEY = Path(__file__).with_name("slide_survey.js").read_text(encoding="utf-8")
MODEL = "02_vanilla_rnn"
ALIVE = "document.querySelector('#rk-rnn-cell').dataset.mounted === 'true'"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with all decks."""
    return slides.build([], tmp_path_factory.mktemp("slides"))[0].parent


@pytest.fixture(scope="module")
def tab(browser):
    """A tab that notes errors, and whatever is asked of a host."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page, problems = context.new_page(), []
    page.problems = problems
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on("console", lambda message: problems.append(f"console: {message.text}"))

    def note(request):
        if not request.url.startswith(("file:", "data:", "blob:")):
            problems.append(f"asked: {request.url}")

    page.on("request", note)
    yield page
    context.close()


@pytest.fixture
def open_deck(tab, built):
    """open_deck(stem, rest=""): show a deck, opened as a file."""

    def open_deck(stem, rest=""):
        tab.goto("about:blank")
        tab.problems.clear()
        tab.goto(f"{(built / stem).as_uri()}.html{rest}")
        tab.wait_for_function("window.Reveal?.isReady()")
        return tab

    yield open_deck
    assert tab.problems == []


@pytest.mark.parametrize("stem", DECKS)
def test_every_slide_can_be_read(open_deck, stem):
    assert open_deck(stem).evaluate(SURVEY) == []


def test_the_survey_finds_what_it_looks_for(open_deck):
    page = open_deck(MODEL)
    page.evaluate(
        """() => {
          const body = document.querySelectorAll(".slide .body")[1];
          body.insertAdjacentHTML("beforeend", `<p style="font-size: 20px">small</p>
            <p style="color: #999">pale</p><p style="width: 1400px">wide</p>`);
        }"""
    )
    said = "\n".join(page.evaluate(SURVEY))
    for problem in ("20 px: small", "light: contrast 2.8: pale", "outside: <p> wide"):
        assert problem in said


def test_a_figure_lives_when_its_slide_is_shown_and_keeps_its_keys(open_deck):
    page = open_deck(MODEL)
    place = page.locator("#rk-rnn-cell")
    assert place.get_attribute("data-mounted") is None
    number = page.evaluate(
        "Reveal.getIndices(document.querySelector('#rk-rnn-cell').closest('section')).h"
    )
    page.evaluate(f"Reveal.slide({number})")
    page.wait_for_function(ALIVE)
    before = place.locator(".rk-sum").inner_text()
    place.get_by_label("preset").select_option("amnesia")
    assert place.locator(".rk-sum").inner_text() != before
    place.locator(".rk-stepping button").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == number
    page.keyboard.press("Escape")
    assert not page.evaluate("Reveal.isOverview()")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == number + 1


def test_a_figure_that_grows_gets_smaller_until_it_fits(open_deck):
    page = open_deck("03_bptt")
    figure = "document.querySelector('#rk-bptt')"
    page.evaluate(f"Reveal.slide(Reveal.getIndices({figure}.closest('section')).h)")
    page.wait_for_function(f"{figure}.dataset.mounted === 'true'")
    size = f"parseFloat({figure}.querySelector('.rk-live-stage').style.zoom)"
    before = page.evaluate(size)
    page.locator("#rk-bptt").get_by_role("button", name="all 10").click()  # an answer
    page.wait_for_function(
        f"{size} < {before} && {figure}.scrollHeight <= {figure}.clientHeight"
    )


def test_light_and_dark_follow_the_system_the_address_or_a_key(open_deck):
    theme = "document.documentElement.dataset.theme"
    page = open_deck(MODEL)
    assert page.evaluate(theme) == "light"
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{theme} === 'dark'")
    page.keyboard.press("t")
    assert page.evaluate(theme) == "light"
    assert open_deck(MODEL, "?theme=light").evaluate(theme) == "light"
    page.emulate_media(color_scheme="light")


def test_a_vote_keeps_its_answer_for_the_next_step(open_deck):
    page = open_deck(MODEL)
    number = page.evaluate(
        "Reveal.getIndices(document.querySelector('.vote').closest('section')).h"
    )
    page.evaluate(f"Reveal.slide({number})")
    answer = page.locator("section.present .answer")
    right = page.locator("section.present li.right")
    colour = "(e) => getComputedStyle(e).borderTopColor"
    hidden = right.evaluate(colour)
    assert answer.evaluate("(e) => getComputedStyle(e).visibility") == "hidden"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == number
    assert answer.evaluate("(e) => getComputedStyle(e).visibility") == "visible"
    assert right.evaluate(colour) != hidden


def test_the_speaker_has_notes_and_a_clock(open_deck):
    page = open_deck(MODEL)
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    view = opened.value
    view.wait_for_function(
        "document.querySelector('.speaker-controls-notes .value')?.textContent.trim()"
    )
    assert "Ask." in view.locator(".speaker-controls-notes").inner_text()
    assert view.locator(".pacing").first.is_visible()
    view.close()


def test_a_deck_prints_a_page_a_slide(open_deck):
    page = open_deck(MODEL, "?print-pdf")
    page.wait_for_function("document.querySelector('.pdf-page')")
    slides_shown = page.evaluate("Reveal.getTotalSlides()")
    assert page.locator(".pdf-page").count() == slides_shown
    hidden = page.locator(".pdf-page .fragment:not(.visible)")
    assert hidden.count() == 0
    assert page.locator(".explorable > img").first.is_visible()


def test_the_pdf_has_a_page_a_slide_and_no_date_of_today(tab, built):
    made = printed(tab, built / f"{MODEL}.html")
    slides_shown = tab.evaluate("Reveal.getTotalSlides()")
    assert len(re.findall(rb"/Type /Page\b", made)) == slides_shown
    assert set(re.findall(rb"/(?:CreationDate|ModDate) \(D:(\d{8})", made)) == {
        b"20260101"
    }
