"""The translator of dates in the page: its numbers against the twin, by mouse, by finger and by keyboard."""

import re

import numpy as np
import pytest

from rnnkit.nn.translation.files import arrays, load_translators
from rnnkit.show.date_translator import DATES, DateTranslator
from rnnkit.show.explorable import decode_array
from rnnkit.show.translating import moved, translate

pytestmark = pytest.mark.browser
CALL = "(m, weights, ids) => { const { tokens, p, weights: w } = m.translate(m.unpack(weights), ids); return [tokens, p, w.map((row) => [...row])]; }"
MOVED = "(m, before, after, a, b) => m.moved(before, after, [...a], [...b])"


@pytest.fixture(scope="module")
def explorable():
    model = load_translators()[0]["additive"]
    return DateTranslator(weights=arrays(model), alphabet=model.alphabet)


@pytest.fixture
def figure(mount_page, explorable):
    page = mount_page(explorable)
    yield page.locator("#rk-date-translator")
    assert page.errors == []


@pytest.mark.parametrize("text", [*(text for _, text, _ in DATES), "7", "hello"])
def test_the_page_computes_what_the_twin_does(call, explorable, text):
    ids = explorable.encode(text)
    got = call("models/date_translator", CALL, explorable.weights, ids)
    weights = {k: decode_array(v) for k, v in explorable.weights.items()}
    want = translate(weights, ids)
    assert got[0] == want.tokens.tolist()
    np.testing.assert_allclose(got[1], want.p, atol=1e-5)
    np.testing.assert_allclose(got[2], want.weights, atol=1e-5)


def test_the_hint_is_true_of_the_list(explorable):
    """The ISO date stays, but in the format that was never trained; the month comes from a digit where there is one."""
    *known, (_, new, iso) = DATES
    for language, text, wanted in known:
        found = explorable.read(text)
        assert "".join(explorable.write(found.tokens)).startswith(wanted)
        seen = text[found.weights[6].argmax()]  # for the 3 of 1963-03-07
        assert (seen == "3") == (language in ("Korean", "Chinese"))
        assert seen in "3Mmarcsäzh"
    assert not "".join(explorable.write(explorable.read(new).tokens)).startswith(iso)


@pytest.mark.parametrize("edited", ["jeudi 17 mars 1963", "jeudi 7 ma 1963", "1"])
def test_what_has_moved_is_what_the_twin_says(call, explorable, edited):
    text = "jeudi 7 mars 1963"
    before, after = (explorable.read(t).weights for t in (text, edited))
    given = before.tolist(), after.tolist(), text, edited
    got = call("models/date_translator", MOVED, *given)
    want = moved(before, after, text, edited)
    assert [v is None for v in got] == [v is None for v in want]
    np.testing.assert_allclose(np.array(got, float), np.array(want, float), atol=1e-5)


@pytest.mark.parametrize(
    ("iso", "kind"),
    [
        ("1963-03-07", "real"),
        ("2000-02-29", "real"),
        ("1900-02-29", "none"),
        ("1963-02-31", "none"),
        ("1963-13-01", "none"),
        ("1963-00-01", "none"),
        ("1963-01-00", "none"),
        ("196-01-01", "shapeless"),
        ("", "shapeless"),
    ],
)
def test_it_knows_the_calendar(call, iso, kind):
    assert call("models/date_translator", "(m, iso) => m.judged(iso)", iso) == kind


def predict(figure, guess="at the blank before the 7"):
    figure.get_by_role("button", name=f"I predict {guess}").click()


def said(figure):
    return figure.locator(".rk-live").inner_text()


def written(figure):
    return figure.locator(".rk-written").inner_text().replace("\n", "")


def press(figure, name):
    figure.get_by_role("button", name=name, exact=True).click()


def test_everything_waits_for_the_prediction(figure):
    field = figure.get_by_label("a date")
    assert field.is_disabled()
    assert figure.get_by_role("button", name="Next").is_disabled()
    assert written(figure) == "1963-03-···"
    figure.locator(".rk-written").press("ArrowRight")
    figure.locator(".rk-map > div").nth(1).locator("> div").nth(2).hover()
    assert written(figure) == "1963-03-···"
    assert said(figure) == ""
    predict(figure)
    assert figure.locator(".rk-ask").inner_text().startswith("Right.")
    assert field.is_enabled()
    assert written(figure) == "1963-03-0··"


def test_a_wrong_guess_is_told_why(figure):
    predict(figure, "at the 7")
    assert "Not this time: at the blank before the 7." in figure.inner_text()
    assert "The text has no 0 to copy" in figure.inner_text()


def test_it_writes_by_keyboard(figure, explorable):
    predict(figure)  # which puts the focus on the line that is written
    reading = explorable.read()
    page = figure.page
    page.keyboard.press("ArrowRight")
    assert written(figure) == "1963-03-07·"
    assert said(figure).startswith("Character 10, 7: probability")
    shares = [int(v) for v in re.findall(r"\((\d+)\s%\)", said(figure))]
    assert shares[0] == round(100 * reading.weights[9].max())
    page.keyboard.press("End")
    assert written(figure) == "1963-03-07■"
    assert said(figure).startswith("It ends here")
    assert "That is the date." in figure.inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    assert said(figure).startswith("Character 1, 1")
    page.keyboard.press("ArrowLeft")
    assert said(figure).startswith("Character 1, 1")


def test_it_writes_by_mouse_and_finger(figure):
    predict(figure)
    press(figure, "Back")
    assert said(figure).startswith("Character 8, -")
    press(figure, "Write all")
    assert written(figure) == "1963-03-07■"
    assert figure.get_by_role("button", name="Next").is_disabled()
    figure.locator(".rk-written > b").nth(6).hover()
    assert said(figure).startswith("Character 7, 3")
    rows = figure.locator(".rk-map > div").nth(1).locator("> div")
    rows.nth(3).hover()
    assert said(figure).startswith("Character 4, 3")
    rows.nth(1).dispatch_event("pointerdown", {"pointerType": "touch"})
    assert said(figure).startswith("Character 2, 9")


def test_the_rows_weights_lie_on_the_text(figure, explorable):
    predict(figure)
    weights = explorable.read().weights[8]
    cells = figure.locator(".rk-line").first.locator("b")
    looks = cells.evaluate_all("(all) => all.map((one) => one.style.background)")
    got = [float(re.search(r"([\d.]+)%", look)[1]) for look in looks]
    np.testing.assert_allclose(got, 100 * weights, atol=0.06)


def test_an_edit_is_compared_with_the_reading_before(figure):
    predict(figure)
    field = figure.get_by_label("a date")
    field.fill("Thursday, May 7, 1963")
    assert written(figure) == "1963-05-07■"
    assert figure.locator(".rk-differs").count() == 1
    marks = figure.locator(".rk-map em").all_inner_texts()
    assert "≠" in marks[6]
    text = figure.inner_text()
    assert "Before: “Thursday, March 7, 1963” became 1963-03-07" in text
    assert "≠ 1 character differs" in text
    field.press("Enter")  # from here on it is compared with this one
    field.fill("Thursday, May 17, 1963")
    assert "Before: “Thursday, May 7, 1963” became 1963-05-07" in figure.inner_text()
    field.fill("Thursday, May 7, 1963")
    assert "Before:" not in figure.inner_text()


def test_the_list_begins_anew(figure):
    predict(figure)
    listed = figure.get_by_label("or", exact=True)
    for place, (_, text, iso) in enumerate(DATES):
        listed.select_option(str(place))
        assert figure.get_by_label("a date").input_value() == text
        press(figure, "Write all")
        right = "That is the date." in figure.inner_text()
        assert right == (written(figure) == f"{iso}■")
    assert "Wrong: the date is 1963-03-07." in figure.inner_text()  # the last one
    figure.get_by_label("a date").fill("7 May")
    assert listed.input_value() == "-1"
    listed.select_option("0")
    assert written(figure) == "1··········"


def test_dates_that_are_none(figure):
    predict(figure)
    field = figure.get_by_label("a date")
    field.fill("31 February 1963")
    assert "There is no 1963-02-31." in figure.inner_text()
    assert "too little of the text is left" in figure.inner_text()
    field.fill("hello")
    assert "That is no date." in figure.inner_text()


def test_empty_and_foreign_texts(figure):
    predict(figure)
    field = figure.get_by_label("a date")
    field.fill("7 März 1963€ßß")
    assert field.input_value() == "7 März 1963"
    assert "Left out: € ß." in figure.inner_text()
    field.fill("")
    assert "One character at least" in figure.inner_text()
    assert written(figure).startswith("1963-03-07")
    field.fill("€")
    assert "Left out: €. No date of the training had this character. One" in (
        figure.inner_text()
    )
    field.fill("7 Ma\u0308rz 1963")  # a and its dots apart, as some keyboards send them
    assert field.input_value() == "7 März 1963"
    assert "Left out" not in figure.inner_text()


def test_the_caret_stays_where_it_was(figure):
    predict(figure)
    field = figure.get_by_label("a date")
    field.focus()
    field.evaluate("(one) => one.setSelectionRange(8, 8)")
    figure.page.keyboard.insert_text("€")
    assert field.input_value() == "Thursday, March 7, 1963"
    assert field.evaluate("(one) => one.selectionStart") == 8


def test_half_a_syllable_is_no_character(figure):
    predict(figure)
    field = figure.get_by_label("a date")
    field.evaluate(
        """(one) => {
          one.focus();
          one.dispatchEvent(new CompositionEvent("compositionstart"));
          one.value = "1963년 3ㅇ";
          one.dispatchEvent(new InputEvent("input"));
        }"""
    )
    assert field.input_value() == "1963년 3ㅇ"
    assert written(figure) == "1963-03-0··"
    field.evaluate(
        """(one) => {
          one.value = "1963년 3월";
          one.dispatchEvent(new InputEvent("input"));
          one.dispatchEvent(new CompositionEvent("compositionend"));
        }"""
    )
    assert written(figure).startswith("1963-03-")
    assert "Before:" in figure.inner_text()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_axe_finds_nothing(mount_page, violations, explorable, width, dark):
    page = mount_page(explorable, width=width, dark=dark)
    figure = page.locator("#rk-date-translator")
    predict(figure)
    figure.get_by_label("a date").fill("Donnerstag, 28. September 1987 €")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page, without=["page-has-heading-one"]) == []
