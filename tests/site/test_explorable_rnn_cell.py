"""The cell that reads a word, on the published page: its numbers against rnnkit, by mouse and by keyboard."""

import re

import numpy as np
import pytest

from rnnkit.cells import rnn_step_forward
from rnnkit.functional import one_hot, softmax
from rnnkit.show.rnn_cell import HELLO, RnnCell

pytestmark = pytest.mark.browser
PAGE = "notebooks/02_vanilla_rnn.html"
LETTERS = "helo"


@pytest.fixture
def figure(open_page):
    return open_page(PAGE).locator("#rk-rnn-cell")


@pytest.fixture
def presets(published):
    return published(PAGE, "rk-rnn-cell")["presets"]


def reference(word, weights):
    """States (T, H) and probabilities (T, V), step by step with rnnkit in double precision."""
    W_xh, W_hh, b_h, W_hy = (
        np.array(weights[name], float) for name in ("W_xh", "W_hh", "b_h", "W_hy")
    )
    h, states = np.zeros((1, len(b_h))), []
    for letter in word:
        h, _ = rnn_step_forward(one_hot([LETTERS.index(letter)], 4), h, W_xh, W_hh, b_h)
        states.append(h[0])
    return np.array(states), softmax(np.array(states) @ W_hy)


@pytest.mark.parametrize("preset", ["hello", "amnesia", "echo", "random"])
@pytest.mark.parametrize("word", ["hello", "o", "eellohhl"])
def test_numbers_agree_with_rnnkit(presets, preset, word, call):
    code = "(m, word, w) => m.readWord(word, w)"
    steps = call("models/rnn_cell words/rnn_cell", code, word, presets[preset])
    h, p = reference(word, presets[preset])
    assert np.abs(np.array([step["h"] for step in steps]) - h).max() < 1e-5
    assert np.abs(np.array([step["p"] for step in steps]) - p).max() < 1e-5


def test_the_written_arithmetic_adds_up(presets, call):
    code = "(m, word, w) => m.readWord(word, w).map((s, t) => m.writtenOut(s, word[t], 2, w))"
    lines = call("models/rnn_cell words/rnn_cell", code, "hello", presets["random"])
    h, _ = reference("hello", presets["random"])
    for line, state in zip(lines, h, strict=True):
        assert sum(line["terms"]) == pytest.approx(line["a"], abs=1e-9)
        assert np.tanh(line["a"]) == pytest.approx(state[2], abs=1e-5)


def test_equal_scores_are_no_answer(call):
    assert (
        call(
            "models/rnn_cell words/rnn_cell",
            "(m) => m.answer([0.25, 0.25, 0.25, 0.25])",
        )
        is None
    )
    assert (
        call("models/rnn_cell words/rnn_cell", "(m) => m.answer([0.1, 0.2, 0.6, 0.1])")
        == "l"
    )


@pytest.mark.parametrize("preset", ["hello", "amnesia", "echo", "random", "edited"])
def test_every_hint_is_true(presets, preset, call):
    words = ["hello", "hole", "o", "el", "hehe", "ellllooo", "eh", "llo", "helo"]
    for word in words:
        hint = call("words/rnn_cell", "(m, p, w) => m.hint(p, w)", preset, word)
        states, _ = reference(word, presets["hello" if preset == "edited" else preset])
        again = re.search("columns of `(.)`", hint)
        if (
            "Which letter goes wrong" in hint
        ):  # for the one word that they were chosen for
            assert ("Type it" in hint) == (word != "hello")
        if "no column knows" in hint:
            assert bool(again) == (len(set(word)) < len(word))
            for letter in set(word):
                columns = states[[k for k, one in enumerate(word) if one == letter]]
                assert (columns == columns[0]).all()
        if again:
            assert word.count(again[1]) > 1
        if "how slowly unit 0 forgets" in hint:
            last = word.rindex("e")
            fading = states[last:, 0]
            assert fading[0] < 0
            assert (np.diff(fading) > 0).all()
            assert fading[-1] / fading[0] > 0.4
        assert f"`{word}` for instance" not in hint


def test_nothing_after_the_prediction_shows_before_it(figure):
    label = figure.locator("svg").get_attribute("aria-label")
    assert "h: 0.96" in label
    assert "0.73" not in label
    figure.get_by_role("button", name="I predict o").click()
    assert "0.73" in figure.locator("svg").get_attribute("aria-label")
    assert "4 of 4 next letters right" in figure.inner_text()
    assert "Yes" in figure.inner_text()


def test_a_wrong_prediction_is_told_why(figure):
    figure.get_by_role("button", name="I predict l").click()
    assert "It says o" in figure.inner_text()


def shown_states(figure):
    """The states as the drawing names them to a screen reader, (T, H)."""
    label = figure.locator("svg").get_attribute("aria-label").replace("−", "-")
    rows = re.findall(r"[helo]: ([-\d., ]+), answer", label)
    return np.array([[float(v) for v in row.split(",")] for row in rows])


def test_keys_change_a_weight_and_the_states_follow(figure, presets):
    entry = figure.get_by_role("spinbutton", name="W_hh, unit 1 to unit 2")
    entry.focus()
    entry.press("Home")
    assert entry.get_attribute("aria-valuenow") == "0"
    assert "3 of 4 next letters right" in figure.inner_text()
    assert (
        np.abs(shown_states(figure) - reference("hello", presets["amnesia"])[0]).max()
        < 0.006
    )
    for _ in range(3):
        entry.press("ArrowUp")
    assert float(entry.get_attribute("aria-valuenow")) == pytest.approx(0.3)
    changed = {**presets["hello"], "W_hh": [[0, 0, 0], [0, 0, 0.3], [0, 0, 0]]}
    assert np.abs(shown_states(figure) - reference("hello", changed)[0]).max() < 0.006
    entry.press("ArrowLeft")
    assert (
        figure.page.evaluate("document.activeElement.ariaLabel")
        == "W_hh, unit 1 to unit 1"
    )


def test_the_mouse_drags_a_weight(figure):
    entry = figure.get_by_role("spinbutton", name="W_hh, unit 0 to unit 0")
    entry.scroll_into_view_if_needed()
    box = entry.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = figure.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 60, y, steps=4)
    mouse.up()
    assert float(entry.get_attribute("aria-valuenow")) == pytest.approx(1.5)
    figure.get_by_role("button", name="chosen weight: more").click()
    assert float(entry.get_attribute("aria-valuenow")) == pytest.approx(2.0)


def test_the_arrows_step_through_the_states(figure):
    grid = figure.locator(".rk-grid")
    grid.focus()
    assert "step 3, reads l, unit 2" in figure.inner_text()
    grid.press("ArrowLeft")
    grid.press("ArrowUp")
    assert "step 2, reads e, unit 1" in figure.inner_text()
    figure.get_by_role("button", name="next step").click()
    assert "step 3, reads l, unit 1" in figure.inner_text()


@pytest.mark.parametrize("preset", ["amnesia", "echo", "random"])
def test_a_preset_shows_its_states(figure, presets, preset):
    figure.get_by_label("preset").select_option(preset)
    assert (
        np.abs(shown_states(figure) - reference("hello", presets[preset])[0]).max()
        < 0.006
    )


def test_foreign_letters_are_refused_with_a_reason(figure, presets):
    figure.get_by_label("word").fill("hxole")
    assert figure.get_by_label("word").input_value() == "hole"
    assert "four letters" in figure.inner_text()
    assert (
        np.abs(shown_states(figure) - reference("hole", presets["hello"])[0]).max()
        < 0.006
    )


def test_the_bias_can_be_edited(figure):
    figure.get_by_label("weights").select_option("W_xh")
    entry = figure.get_by_role("spinbutton", name="W_xh, bias to unit 1")
    entry.focus()
    entry.press("PageUp")
    assert entry.get_attribute("aria-valuenow") == "1"
    assert shown_states(figure)[0, 1] == pytest.approx(np.tanh(1), abs=0.006)


def test_weights_that_were_edited_are_not_asked_about(mount_page):
    given = {"id": "rnn-cell", "alt": "A cell", "weights": {**HELLO, "b_h": [1, 0, 0]}}
    figure = mount_page(RnnCell(**given)).locator("#rk-rnn-cell")
    assert "Your own weights" in figure.inner_text()
    assert figure.get_by_label("preset").input_value() == "edited"


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits(open_page, width):
    page = open_page(PAGE, width=width)
    figure = page.locator("#rk-rnn-cell")
    for control in figure.locator("button, input, select, .rk-entry").all():
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 43.5
    if width == 1280:
        assert figure.bounding_box()["height"] < 500
