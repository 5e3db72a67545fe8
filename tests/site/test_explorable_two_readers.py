"""The two readers in the page: their numbers against the twin and torch, by mouse, by finger and by keyboard."""

import re

import numpy as np
import pytest

from rnnkit.nn.text.two_readers import arrays, load_readers
from rnnkit.show.explorable import decode_array
from rnnkit.show.reading import READERS, read_from_both_ends
from rnnkit.show.two_readers import TwoReaders

pytestmark = pytest.mark.browser
CALL = "(m, weights, ids) => { const found = m.readFromBothEnds(m.unpack(weights), ids); return Object.fromEntries(Object.entries(found).map(([k, p]) => [k, p.map((v) => [...v])])); }"


@pytest.fixture(scope="module")
def explorable():
    model, vocabulary, _ = load_readers()
    return TwoReaders(weights=arrays(model), alphabet=vocabulary.characters)


@pytest.fixture
def figure(mount_page, explorable):
    page = mount_page(explorable)
    yield page.locator("#rk-two-readers")
    assert page.errors == []


@pytest.mark.parametrize(
    "text", ["a", "the q_een", "who's there? nay, answer me: stand!"]
)
def test_the_page_computes_what_the_twin_does(call, explorable, text):
    ids = explorable.encode(text)
    got = call("models/two_readers", CALL, explorable.weights, ids)
    weights = {k: decode_array(v) for k, v in explorable.weights.items()}
    for name, want in read_from_both_ends(weights, ids).items():
        np.testing.assert_allclose(got[name], want, atol=1e-5)


def test_the_hint_is_true_of_the_texts(explorable):
    weights = {k: decode_array(v) for k, v in explorable.weights.items()}
    for text in explorable.texts:
        ids = explorable.encode(text)
        p = read_from_both_ends(weights, ids)
        bits = {k: -np.log2(v[np.arange(len(ids)), ids]) for k, v in p.items()}
        words = [m.span() for m in re.finditer("[a-z]{3,}", text)]
        first, last = (np.array(at) for at in zip(*words, strict=True))
        ahead, back = bits["forward"], bits["backward"]
        assert ahead.mean() == pytest.approx(back.mean(), rel=0.1)
        assert ahead[first].mean() > ahead[last - 1].mean() + 1
        assert back[last - 1].mean() > back[first].mean() + 1


def predict(figure, guess="the reader from the right"):
    figure.get_by_role("button", name=f"I predict {guess}").click()


def test_everything_waits_for_the_prediction(figure):
    assert figure.get_by_label("text (_").is_disabled()
    assert "_ueen" in figure.locator(".rk-ask").inner_text()
    predict(figure)
    assert figure.locator(".rk-ask").inner_text().startswith("Right.")
    assert figure.get_by_label("text (_").input_value().startswith("good morning")


def test_a_wrong_guess_is_told_why(figure):
    predict(figure, "only both together")
    assert "Not this time: the reader from the right" in figure.inner_text()


def said(figure):
    return figure.locator(".rk-live").inner_text()


def test_keys_mouse_and_finger_choose_a_place(figure, explorable):
    predict(figure)
    bits = explorable.bits()
    line = figure.locator(".rk-line")
    line.press("Home")
    got = [float(v) for v in re.findall(r"(\d+\.\d+) bits", said(figure))]
    np.testing.assert_allclose(got, [bits[r][0] for r in READERS], atol=6e-3)
    line.press("ArrowRight")
    assert said(figure).startswith("Character 2, o")
    line.locator("> span").nth(4).hover()
    assert said(figure).startswith("Character 5, space")
    line.locator("> span").nth(9).dispatch_event(
        "pointerdown", {"pointerType": "touch"}
    )
    assert said(figure).startswith("Character 10, i")


def test_typing_and_covering(figure):
    predict(figure)
    field = figure.get_by_label("text (_")
    field.fill("The €king")
    assert field.input_value() == "the king"
    assert "small letters" in figure.inner_text()
    field.fill("")
    assert "One character at least" in figure.inner_text()
    field.fill("the king")
    figure.locator(".rk-line").press("End")
    figure.get_by_role("button", name="Cover it").click()
    assert field.input_value() == "the kin_"
    assert "is covered" in said(figure)
    figure.get_by_role("button", name="Uncover").click()
    assert field.input_value() == "the king"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_axe_finds_nothing(mount_page, violations, explorable, width, dark):
    page = mount_page(explorable, width=width, dark=dark)
    predict(page.locator("#rk-two-readers"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page, without=["page-has-heading-one"]) == []
