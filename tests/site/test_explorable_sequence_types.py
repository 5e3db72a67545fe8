"""The six shapes on the published page: their numbers against rnnkit, their cones against gradients, their controls."""

import numpy as np
import pytest

from rnnkit.functional import softmax
from rnnkit.sequence import rnn_backward, rnn_forward

pytestmark = pytest.mark.browser
PAGE = "notebooks/01_sequence_types.html"
STEPS = {
    "one_to_one": 1,
    "one_to_many": 5,
    "many_to_one": 7,
    "delayed": 7,
    "aligned": 6,
    "glimpses": 8,
}


@pytest.fixture
def figure(open_page):
    page = open_page(PAGE)
    return page.locator("#rk-sequence-types")


@pytest.fixture
def models(published):
    return published(PAGE, "rk-sequence-types")["models"]


def reference(model, xs):
    """States (T, H) and probabilities (T, V), by rnnkit in double precision."""
    weights = {name: np.array(model[name], float) for name in ("W_xh", "W_hh", "b_h")}
    h, cache = rnn_forward(
        np.array(xs, float)[None], np.zeros((1, len(model["b_h"]))), **weights
    )
    return h[0], softmax(h[0] @ np.array(model["W_hy"]) + np.array(model["b_y"])), cache


@pytest.mark.parametrize("key", STEPS)
def test_numbers_agree_with_rnnkit(models, key, call):
    model = models[key]
    for example in model["examples"]:
        code = "(m, k, model, e, T) => { const xs = m.inputsOf(k, model, e, T); return [xs, m.forward(model, xs), m.effects(model, xs, xs.length - 1)]; }"
        xs, got, effects = call(
            "models/sequence_types", code, key, model, example, STEPS[key]
        )
        h, p, _ = reference(model, xs)
        assert np.abs(np.array(got["h"]) - h).max() < 1e-5
        assert np.abs(np.array(got["p"]) - p).max() < 1e-5
        answer = p[-1].argmax()
        for s, effect in enumerate(effects):
            blanked = np.array(xs, float)
            blanked[s] = 0
            assert effect == pytest.approx(
                p[-1, answer] - reference(model, blanked)[1][-1, answer], abs=1e-5
            )


CONES = """(m, key, model, T) => {
    const xs = m.inputsOf(key, model, model.examples[0], T);
    const { answers } = m.ports(key, xs.length);
    return [xs, answers.map((t) => [t, m.cone(key, xs.length, t).states])];
}"""


@pytest.mark.parametrize("key", STEPS)
def test_cones_are_where_the_gradient_is_not_zero(models, key, call):
    model, T = models[key], STEPS[key]
    xs, cones = call("models/sequence_types", CONES, key, model, T)
    h, _, cache = reference(model, xs)
    for t, states in cones:
        dh = np.zeros((1, *h.shape))
        dh[0, t] = 1
        dx = rnn_backward(dh, cache)[0][0]
        assert states == [s for s in range(len(xs)) if np.abs(dx[s]).max() > 0]


def test_feeding_back_reads_what_was_written(models, call):
    model = models["one_to_many"]
    code = "(m, model) => m.inputsOf('one_to_many', model, model.examples[0], 6)"
    xs = call("models/sequence_types", code, model)
    _, p, _ = reference(model, xs)
    assert [int(np.argmax(x)) for x in xs[1:]] == p[:-1].argmax(1).tolist()


def test_predict_step_and_cone_by_mouse_and_keyboard(figure):
    figure.scroll_into_view_if_needed()
    said = figure.locator(".rk-live")
    assert "Nothing has been read" in said.text_content()
    figure.get_by_role("button", name="one step forward").click()
    assert "Step 1 of 6" in said.text_content()
    graph = figure.locator(".rk-scroll")
    graph.focus()
    graph.press("ArrowRight")
    assert "Step 2 of 6" in said.text_content()
    graph.press("ArrowLeft")
    assert "Step 1 of 6" in said.text_content()
    figure.locator("button[data-guess='1']").click()
    assert "Right." in figure.locator(".rk-feedback").text_content()
    assert "can see states 1 to 3" in said.text_content()
    second = figure.locator("[data-output='1']")
    second.focus()
    second.press("Enter")
    assert "can see states 1 to 2" in said.text_content()
    figure.locator("[data-output='4']").click()
    assert "can see states 1 to 5" in said.text_content()
    slider = figure.locator("input[type=range]")
    slider.focus()
    slider.press("ArrowLeft")
    assert "5 steps to go" in said.text_content()
    assert figure.page.page_problems == []


def test_every_shape_can_be_chosen_asked_and_played(figure):
    page = figure.page
    page.emulate_media(reduced_motion="reduce")
    for key in STEPS:
        figure.locator(f"button[data-shape='{key}']").click()
        figure.get_by_role("button", name="Play").click()
        assert figure.get_by_role("button", name="one step forward").is_disabled()
        assert figure.locator("[data-output]").count() >= 1
        figure.locator("button[data-guess='0']").click()
        assert figure.locator(".rk-feedback").text_content()
        assert "can see state" in figure.locator(".rk-live").text_content()
    assert page.page_problems == []


@pytest.mark.parametrize(
    ("key", "fewest", "right"),
    [
        ("one_to_many", 3, 2),  # it is asked of the third letter
        ("many_to_one", 3, 1),  # of two, the first and the last are all
        ("delayed", 1, 0),
        ("aligned", 4, 1),  # of three, the first three are all
    ],
)
def test_with_the_fewest_steps_one_answer_is_right(figure, key, fewest, right):
    figure.locator(f"button[data-shape='{key}']").click()
    slider = figure.locator("input[type=range]")
    slider.press("Home")
    assert slider.input_value() == str(fewest)
    figure.locator(f"button[data-guess='{right}']").click()
    assert "Right." in figure.locator(".rk-feedback").text_content()
    assert "can see state" in figure.locator(".rk-live").text_content()
    assert figure.page.page_problems == []


def test_plays_step_by_step_and_fits_a_phone(open_page):
    page = open_page(PAGE, width=360, color_scheme="dark")
    figure = page.locator("#rk-sequence-types")
    figure.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "document.querySelector('#rk-sequence-types .rk-live').textContent.includes('Step 3 of 6')"
    )
    figure.get_by_role("button", name="Pause").click()
    for key in STEPS:
        figure.locator(f"button[data-shape='{key}']").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        cut = figure.locator(".rk-scroll").evaluate(
            "e => e.scrollWidth > e.clientWidth + 1"
        )
        assert figure.locator("[data-hint='scroll']").is_visible() == cut
        assert cut == (key != "one_to_one")
    assert page.page_problems == []


def test_the_first_examples_of_the_clips_are_clear(models):
    for example in models["aligned"]["examples"][:3]:
        _, p, _ = reference(models["aligned"], example["inputs"][:6])
        assert p[1:].max(axis=1).min() > 0.8
