"""The explorable mechanism in a real browser, on minimal pages of its own: no site has to be built first."""

import json

import numpy as np
import pytest
import traitlets
from matplotlib import pyplot as plt

from rnnkit import functional
from rnnkit.show import quiz
from rnnkit.show.explorable import Explorable, decode_array, encode_array
from rnnkit.show.quiz import Predict, Quiz

pytestmark = pytest.mark.browser

# An explorable with one of every control.
DEMO = """
import { arrow } from "../kit/chart.js";
import { diverging } from "../kit/colours.js";
import { button, select, slider, stepper, textInput } from "../kit/controls.js";
import { canvas, live, onKeys, row, svg } from "../kit/dom.js";
export const double = (x) => 2 * x;
export default {
  render({ model, el }) {
    const out = live();
    const cells = [0, 1].map((i) => svg("rect", { x: 10 + 40 * i, y: 10, width: 38, height: 38 }));
    const drawing = canvas(320, 100, "A matrix and an arrow");
    drawing.append(...cells, arrow([110, 50], [200, 50]), svg("text", { x: 210, y: 54 }, "h"));
    const draw = () => {
      const w = model.get("w");
      out.textContent = `double is ${double(w)}`;
      cells.forEach((cell, i) => { cell.style.fill = diverging(i ? w : -w); });
    };
    const set = (w) => { model.set("w", w); model.save_changes(); };
    const w = slider({ label: "weight", min: -1, max: 1, step: 0.1, value: model.get("w"), onInput: set });
    model.on("change:w", () => { w.set(model.get("w")); draw(); });
    onKeys(drawing, { r: () => set(0) });
    drawing.setAttribute("tabindex", "0");
    el.append(drawing, row(w, stepper({ label: "steps", min: 0, max: 1, step: 0.1, value: 0.2, onInput: set }),
      select({ label: "cell", options: ["tanh", ["relu", "ReLU"]], value: "relu" }),
      textInput({ label: "word", value: "hello" }), button("Reset", () => set(0), { class: "rk-primary" })), out);
    draw();
  },
};
"""
BROKEN = 'import { html } from "../kit/dom.js";\nexport default {\n  render() { throw new Error("broken"); },\n};\n'
OPTIONS = [
    ("about `5`", True, "The factor is 0.4 per step."),
    ("<b>about 50</b>", False, "That needs a factor of 0.91."),
]


class Demo(Explorable):
    module = "demo"
    w = traitlets.Float(0.5).tag(sync=True)

    def static_figure(self):
        fig, ax = plt.subplots(figsize=(5.4, 3))
        ax.plot([0, self.w])
        return fig


@pytest.fixture(scope="module")
def demo(add_view):
    add_view("demo", DEMO)
    add_view("broken", BROKEN)
    return Demo(id="demo", alt="A line", caption="Watch `w`.")


@pytest.fixture
def small_quiz(tmp_path, monkeypatch):
    keys = ("text", "correct", "feedback")
    options = [dict(zip(keys, option, strict=True)) for option in OPTIONS]
    questions = [{"question": f"Question {n}?", "options": options} for n in "ab"]
    (tmp_path / "small.json").write_text(json.dumps(questions), encoding="utf-8")
    monkeypatch.setattr(quiz, "QUIZZES", tmp_path)
    return Quiz("small")


def choice():
    return Predict(
        id="choice", question="How `far`?", options=OPTIONS, next="Run the cell."
    )


def guess(**changes):
    given = {
        "answer": 1.4,
        "tolerance": 0.05,
        "minimum": 0,
        "maximum": 4,
        "step": 0.1,
        "unit": "nats",
    }
    return Predict(
        id="guess",
        question="Which loss?",
        feedback="It is `ln 4`.",
        **{**given, **changes},
    )


# ---- mounting


def test_the_module_replaces_the_picture(mount_page, demo):
    page = mount_page(demo)
    assert page.get_attribute("#rk-demo", "data-mounted") == "true"
    assert page.locator("#rk-demo img").count() == 0
    assert page.locator("figcaption code").inner_text() == "w"
    assert page.errors == []


def test_without_script_the_picture_stays(mount_page, demo):
    page = mount_page(demo, javascript=False)
    assert page.get_by_alt_text("A line").is_visible()


def test_a_failure_leaves_the_picture_and_the_other_explorables(mount_page, demo):
    class Broken(Demo):
        module = "broken"

    page = mount_page(Broken(id="broken", alt="A line"), demo)
    assert page.get_attribute("#rk-broken", "data-mounted") == "error"
    assert page.locator("#rk-broken img").is_visible()
    assert page.get_attribute("#rk-demo", "data-mounted") == "true"
    assert any("broken" in error for error in page.errors)


def test_controls_change_the_model_and_the_model_the_controls(mount_page, demo):
    page = mount_page(demo)
    out = page.locator(".rk-live")
    assert out.inner_text() == "double is 1"
    page.get_by_label("weight").press("ArrowRight")
    assert out.inner_text() == "double is 1.2"
    page.get_by_label("steps: more").click()
    assert out.inner_text() == "double is 0.6"
    assert page.get_by_label("weight").input_value() == "0.3"
    page.locator("svg").press("r")
    assert out.inner_text() == "double is 0"


def test_it_does_not_shrink_when_it_mounts(mount_page, demo):
    before = (
        mount_page(demo, javascript=False).locator("#rk-demo").bounding_box()["height"]
    )
    assert mount_page(demo).locator("#rk-demo").bounding_box()["height"] >= before - 1


@pytest.mark.parametrize("dark", [False, True])
def test_at_360_pixels_nothing_overflows_and_fingers_fit(
    mount_page, demo, small_quiz, dark
):
    page = mount_page(demo, small_quiz, choice(), guess(), dark=dark, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for control in page.locator(
        "button, select, input:not([type=radio]), .rk-option"
    ).all():
        box = control.bounding_box()
        assert box["height"] >= 44
        assert box["width"] >= 44


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(mount_page, violations, demo, small_quiz, dark):
    page = mount_page(demo, small_quiz, choice(), guess(), dark=dark)
    page.get_by_role("button", name="Commit").last.click()
    assert violations(page, without=["page-has-heading-one"]) == []


def test_the_bundle_for_notebooks_runs_as_one_module(mount_page, demo):
    page = mount_page()
    text = page.evaluate(
        """async (source) => {
          const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
          const state = { w: 0.5, caption: "Watch `w`." };
          const el = document.querySelector("main");
          const model = { get: (name) => state[name], set() {}, on() {}, off() {}, save_changes() {} };
          module.default.render({ model, el });
          return `${el.className}|${module.double(4)}|${el.innerText}`;
        }""",
        demo._esm,
    )
    assert text.startswith("rk-explorable|8|")
    assert "double is 1" in text
    assert text.endswith("Watch w.")


# ---- arithmetic against numpy


@pytest.fixture
def arrays(call):
    """arrays(expression, *values): what an expression in `arrays`, the module, and `v`, the values, comes to."""
    return lambda expression, *v: call(
        "models/arrays", f"(arrays, ...v) => {expression}", *v
    )


def test_arithmetic_agrees_with_numpy(arrays, rng):
    A, W, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
    args = (A[0].tolist(), W.tolist(), b.tolist())
    np.testing.assert_allclose(
        arrays("arrays.affine(...v)", *args), A[0] @ W + b, atol=1e-12
    )
    np.testing.assert_allclose(
        arrays("arrays.sigmoid(v)", -2.0, 0.5), functional.sigmoid(np.array([-2, 0.5]))
    )
    expected = functional.softmax(np.array([1000.0, 1001.0]) / 2)
    np.testing.assert_allclose(
        arrays("arrays.softmax(v, 2)", 1000, 1001), expected, atol=1e-12
    )


ARRIVED = (
    "(({ shape, data }) => ({ shape, data: [...data] }))(arrays.decodeArray(v[0]))"
)


@pytest.mark.parametrize(("dtype", "error"), [("float32", 1e-7), ("int8", 0.5 / 127)])
def test_arrays_arrive_as_they_were_packed(arrays, rng, dtype, error):
    array = rng.normal(size=(5, 7))
    array /= np.abs(array).max()
    got = arrays(ARRIVED, encode_array(array, dtype))
    assert got["shape"] == [5, 7]
    np.testing.assert_allclose(
        np.reshape(got["data"], (5, 7)), array, atol=1.01 * error
    )


@pytest.mark.parametrize("by_row", [False, True])
def test_python_and_the_page_unpack_the_very_same_numbers(arrays, rng, by_row):
    array = rng.normal(size=(5, 7)) * np.array([[1], [1e-3], [0], [40], [1]])
    packed = encode_array(array, "int8", by_row=by_row)
    got = np.reshape(arrays(ARRIVED, packed)["data"], (5, 7))
    np.testing.assert_array_equal(got, decode_array(packed))
    if by_row:  # a large row does not coarsen a small one
        error = np.abs(got - array).max(axis=1)
        assert (error <= 0.501 / 127 * np.abs(array).max(axis=1)).all()


# ---- quiz and prediction


def test_quiz_by_mouse(mount_page, small_quiz):
    page = mount_page(small_quiz)
    first = page.get_by_role("group", name="1. Question a?")
    assert first.locator("b").count() == 0  # text, never markup
    first.get_by_role("button", name="Check").click()
    assert first.locator(".rk-feedback").inner_text() == "Choose an answer first."
    first.get_by_label("<b>about 50</b>").click()
    first.get_by_role("button", name="Check").click()
    assert (
        first.locator(".rk-feedback").inner_text()
        == "Not yet. That needs a factor of 0.91."
    )
    first.get_by_label("about 5", exact=True).click()
    first.get_by_role("button", name="Check").click()
    assert (
        first.locator(".rk-feedback").inner_text()
        == "Right. The factor is 0.4 per step."
    )
    assert (
        page.locator(".rk-score").inner_text() == "1 of 2 solved, 0 at the first try."
    )
    second = page.get_by_role("group", name="2. Question b?")
    second.get_by_label("about 5", exact=True).click()
    second.get_by_role("button", name="Check").click()
    assert (
        page.locator(".rk-score").inner_text() == "2 of 2 solved, 1 at the first try."
    )
    assert page.errors == []


def test_quiz_by_keyboard(mount_page, small_quiz):
    page = mount_page(small_quiz)
    for key in ["Tab", "Space", "ArrowDown", "Tab", "Enter"]:
        page.keyboard.press(key)
    assert (
        page.locator(".rk-feedback").first.inner_text()
        == "Not yet. That needs a factor of 0.91."
    )
    for key in ["Shift+Tab", "ArrowUp", "Tab", "Space"]:
        page.keyboard.press(key)
    assert (
        page.locator(".rk-score").inner_text() == "1 of 2 solved, 0 at the first try."
    )
    page.keyboard.press("Tab")  # the solved question has closed: on to the next one
    assert page.evaluate(
        "document.activeElement.closest('fieldset').innerText"
    ).startswith("2.")


def test_a_prediction_counts_once_and_says_what_is_next(mount_page):
    page = mount_page(choice())
    page.get_by_label("<b>about 50</b>").click()
    page.get_by_role("button", name="Commit").click()
    text = page.locator(".rk-feedback").inner_text()
    assert text.split("\n\n") == [
        "Not this one. That needs a factor of 0.91.",
        "Run the cell.",
    ]
    assert page.get_by_label("about 5", exact=True).is_disabled()


@pytest.mark.parametrize(
    ("presses", "lead"), [(0, "Too high."), (-6, "Close enough."), (-10, "Too low.")]
)
def test_a_number_on_a_slider_by_keyboard(mount_page, presses, lead):
    page = mount_page(guess())
    page.keyboard.press("Tab")
    for _ in range(abs(presses)):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert (
        page.locator(".rk-feedback")
        .inner_text()
        .startswith(f"{lead} You said {(20 + presses) / 10:g} nats")
    )


def test_a_number_typed_into_a_field(mount_page):
    page = mount_page(guess(minimum=None, maximum=None))
    page.get_by_role("button", name="Commit").click()
    assert page.locator(".rk-feedback").inner_text() == "Enter a number first."
    page.get_by_label("Your guess (nats)", exact=True).fill("1.42")
    page.get_by_role("button", name="Commit").click()
    text = page.locator(".rk-feedback").inner_text()
    assert text.startswith(
        "Close enough. You said 1.42 nats, it is 1.4 nats. It is ln 4."
    )
