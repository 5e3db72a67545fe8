"""The GRU that is blended into a vanilla RNN: its numbers against rnnkit, by mouse, by finger and by keyboard."""

import itertools
import re

import numpy as np
import pytest

from rnnkit.functional import sigmoid
from rnnkit.sequence import gru_backward, gru_forward, rnn_backward, rnn_forward
from rnnkit.show.gru_blend import (
    GRUBlendExplorable,
    candidate,
    default_inputs,
    default_weights,
    states_and_memory,
)

pytestmark = pytest.mark.browser
T = 32
READ = """(m, cell, weights, x, blend) => {
    const net = m.prepare(weights);
    const steps = m.read(m[cell], x, net, blend);
    return { h: steps.map((s) => s.h), r: steps.map((s) => s.r), z: steps.map((s) => s.z), memory: m.memory(m[cell], steps, net) };
}"""
APART = """(m, weights, x, blend) => {
    const net = m.prepare(weights);
    return m.difference(m.read(m.gru, x, net, blend), m.read(m.rnn, x, net));
}"""


@pytest.fixture(scope="module")
def explorable():
    return GRUBlendExplorable()


@pytest.fixture
def figure(mount_page, explorable):
    page = mount_page(explorable)
    yield page.locator("#rk-gru-blend")
    assert page.errors == []


def lists(weights):
    return {name: array.tolist() for name, array in weights.items()}


def random_weights(seed, D=3, H=5):
    rng = np.random.default_rng(seed)
    shapes = {"W_xh": (D, 3 * H), "W_hh": (H, 3 * H), "b_x": (3 * H,), "b_h": (3 * H,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


CASES = [
    *[(default_weights(), x) for x in default_inputs().values()],
    *[
        (random_weights(seed), np.random.default_rng(seed).normal(size=(12, 3)))
        for seed in range(3)
    ],
]


def assert_memory(got, want):
    """Compare curves that span many powers of ten: value by value, relative to each."""
    np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-300)


# ---- numbers


def test_the_gru_agrees_with_rnnkit(call):
    for (weights, x), keep in itertools.product(CASES, [0.0, -3.0, 2.5]):
        options = {"keep": keep}
        got = call("models/gru_blend", READ, "gru", lists(weights), x.tolist(), options)
        H = len(weights["b_x"]) // 3
        shifted = weights | {"b_x": weights["b_x"] + np.repeat([0, keep, 0], H)}
        parameters = tuple(shifted.values())
        h, memory = states_and_memory(x, gru_forward, gru_backward, parameters)
        np.testing.assert_allclose(got["h"], h, atol=1e-12)
        assert_memory(got["memory"], memory)


def test_the_rnn_agrees_with_rnnkit(call):
    for weights, x in CASES:
        got = call("models/gru_blend", READ, "rnn", lists(weights), x.tolist(), {})
        h, memory = states_and_memory(x, rnn_forward, rnn_backward, candidate(weights))
        np.testing.assert_allclose(got["h"], h, atol=1e-12)
        assert_memory(got["memory"], memory)


def blended(x, weights, blend_z, blend_r, keep):
    """The blended GRU in numpy, for x (T, D) real or complex: h, r and z, (T, H) each."""
    h = np.zeros(len(weights["W_hh"]))
    steps = []
    for x_t in x:
        x_r, x_z, x_n = np.split(x_t @ weights["W_xh"] + weights["b_x"], 3)
        h_r, h_z, h_n = np.split(h @ weights["W_hh"] + weights["b_h"], 3)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z + keep)
        r, z = r + blend_r * (1 - r), (1 - blend_z) * z
        h = (1 - z) * np.tanh(x_n + r * h_n) + z * h
        steps.append((h, r, z))
    return tuple(map(np.array, zip(*steps, strict=True)))


def memory_by_complex_step(x, *rest):
    """The norms of d h_T / d x_s without any derivative formula: Im f(x + i e) / e, exact to rounding."""
    norms = []
    for s in range(len(x)):
        rows = []
        for d in range(x.shape[1]):
            moved = x.astype(complex)
            moved[s, d] += 1e-30j
            rows.append(blended(moved, *rest)[0][-1].imag / 1e-30)
        norms.append(np.linalg.norm(rows))
    return np.array(norms)


BLENDS = [(0.3, 0.0), (0.0, 0.6), (0.5, 0.5), (1.0, 0.2)]


def test_between_the_ends_too(call):
    for (weights, x), blend, keep in itertools.product(CASES[1::2], BLENDS, [0.0, 1.5]):
        options = {"blendZ": blend[0], "blendR": blend[1], "keep": keep}
        got = call("models/gru_blend", READ, "gru", lists(weights), x.tolist(), options)
        for name, want in zip("hrz", blended(x, weights, *blend, keep), strict=True):
            np.testing.assert_allclose(got[name], want, atol=1e-12)
        memory = memory_by_complex_step(x, weights, *blend, keep)
        assert_memory(got["memory"], memory)


def test_without_gates_it_is_the_vanilla_rnn_to_the_bit(call):
    for (weights, x), keep in itertools.product(CASES, [0.0, -4.0, 6.0]):
        given = lists(weights), x.tolist()
        options = {"blendZ": 1, "blendR": 1, "keep": keep}
        assert call("models/gru_blend", APART, *given, options) == 0
        for half in ({"blendZ": 1}, {"blendR": 1}):
            assert call("models/gru_blend", APART, *given, half) > 1e-3
        got = call("models/gru_blend", READ, "gru", *given, options)
        assert (
            got["memory"] == call("models/gru_blend", READ, "rnn", *given, {})["memory"]
        )


def test_what_the_caption_promises(call):
    """A fifth off z costs the first input three powers of ten; the bias of z makes the curve flatter and lower."""
    weights, x = lists(default_weights()), default_inputs()["one pulse"].tolist()

    def memory(cell="gru", **options):
        return np.array(
            call("models/gru_blend", READ, cell, weights, x, options)["memory"]
        )

    gates, rnn = memory(), memory("rnn")
    assert gates[0] > 0.5
    assert rnn[0] < 1e-6
    assert memory(blendZ=0.2)[0] < 2e-3 * gates[0]
    assert memory(blendR=1)[0] > 0.3 * gates[0]
    assert memory(blendZ=1)[0] < rnn[0]  # r alone weakens the way through the candidate
    # More bias: flatter and lower behind the pulse; less: steeper.
    curves = [memory(keep=keep)[1:] for keep in (-2, 0, 2, 6)]
    assert (np.diff([c.max() / c.min() for c in curves]) < 0).all()
    assert (np.diff([c.max() for c in curves]) < 0).all()
    assert curves[-1].max() < 3 * curves[-1].min()


@pytest.mark.parametrize("flipped", [False, True])
def test_the_equations_hold_as_they_are_written(call, flipped):
    code = """(m, weights, x, flipped) => {
        const steps = m.read(m.gru, x, m.prepare(weights));
        return steps.flatMap((s) => s.h.map((_, j) => m.equations(s, j, flipped)));
    }"""
    weights, x = CASES[-1]
    for (_, tanh), (formula, sum_) in call(
        "models/gru_blend words/gru_blend", code, lists(weights), x.tolist(), flipped
    ):
        for text in (tanh, sum_):
            left, right = text.removeprefix("= ").replace("−", "-").split(" = ")
            value = eval(left.replace("·", "*"), {"tanh": np.tanh})
            assert value == pytest.approx(float(right), abs=3e-3)
        assert formula.startswith("h = (1 − z)·h_prev" if flipped else "h = (1 − z)·n")


def test_numbers_of_every_size_are_written(call):
    code = "(m, values) => values.map(m.written)"
    got = call("words/gru_blend", code, [0, 0.1234, 12.3, 0.00034, 3.44e-7, 56789])
    assert got == ["0", "0.12", "12", "3.4·10⁻⁴", "3.4·10⁻⁷", "5.7·10⁴"]


def hold(hint, now, before, rnn):
    """Assert every claim of a hint. now, before: the gates, states and memory at this bias of z, and at none."""
    z, memory, others = np.array(now["z"]), now["memory"], before["memory"]
    if "agree to the last bit" in hint:
        assert now["h"] == rnn["h"]
        assert memory == rnn["memory"]
    elif "Nothing is copied" in hint:
        assert not z.any()
    elif "is above" in hint:
        most = float(re.search(r"is above ([\d.]+) now", hint)[1])
        assert z.max() <= most + 1e-9
    elif "towards 1" in hint:
        assert z.mean() > np.mean(before["z"])
        assert memory[-1] < others[-1]
    elif "towards 0" in hint:
        assert z.mean() < np.mean(before["z"])
        assert memory[-1] > others[-1]
        assert memory[0] < others[0]
    elif "sees all" in hint:
        assert np.array_equal(now["r"], np.ones_like(now["r"]))
    else:
        h = np.array(now["h"])
        near = z[1:] > 0.95
        assert "near 1" in hint
        assert np.abs(np.diff(h, axis=0))[near].max() < 0.1


KEPT = (-4.0, -3.0, -2.0, -1.0, 0.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0)


@pytest.mark.parametrize("name", default_inputs())
@pytest.mark.parametrize("blend", [(0, 0), (0, 0.5), (0, 1), (0.25, 0), (1, 0), (1, 1)])
def test_every_hint_is_true(call, name, blend):
    given = lists(default_weights()), default_inputs()[name].tolist()
    half = {"blendZ": blend[0], "blendR": blend[1]}

    def run(cell="gru", **options):
        return call("models/gru_blend", READ, cell, *given, half | options)

    before, rnn = run(keep=0), run("rnn")
    for keep in KEPT:
        options = half | {"keep": keep, "T": T}
        hint = call("words/gru_blend", "(m, o) => m.hint(o)", options)
        hold(hint, run(keep=keep), before, rnn)
        if blend == (1, 1):  # "memory returns"
            assert run(keep=keep, blendZ=0)["memory"][0] > 100 * rnn["memory"][0]


# ---- the figure


def predict(figure, guess="exactly 0"):
    figure.get_by_role("button", name=f"I predict: {guess}").click()
    note = figure.locator(".rk-note", has_text="agree to the last bit")
    note.wait_for()  # the sliders have arrived


def set_slider(figure, label, value):
    figure.get_by_label(label, exact=True).fill(str(value))


def difference(figure):
    return figure.locator(".rk-numbers b").inner_text()


def readout(figure):
    return figure.locator(".rk-read").inner_text()


def maps(figure):
    return figure.get_by_role("group", name=re.compile("States and gates"))


def colours(figure, index):
    """The fills of one map's cells, unit by unit at each step."""
    return (
        figure.locator(".rk-map > svg")
        .nth(index)
        .evaluate(
            "map => [...map.querySelectorAll(':scope > rect')].map((r) => r.style.fill)"
        )
    )


def test_the_sliders_wait_for_the_prediction(figure):
    for label in ("z → 0", "r → 1", "bias of z"):
        assert figure.get_by_label(label, exact=True).is_disabled()
    assert colours(figure, 0) != colours(figure, 1)
    predict(figure)
    assert "Right: exactly 0, on all 4 inputs." in figure.inner_text()
    assert difference(figure) == "exactly 0"
    assert colours(figure, 0) == colours(figure, 1)
    assert "agree to the last bit" in figure.inner_text()


@pytest.mark.parametrize("guess", ["about 0.1", "depends on x"])
def test_a_wrong_prediction_is_told_why(figure, guess):
    predict(figure, guess)
    assert "Not this time: exactly 0" in figure.inner_text()
    assert "With z = 0 nothing is copied" in figure.inner_text()


def test_with_reduced_motion_the_sliders_jump(figure):
    figure.page.emulate_media(reduced_motion="reduce")
    figure.get_by_role("button", name="I predict: exactly 0").click()
    assert difference(figure) == "exactly 0"


def test_a_hand_on_a_slider_stops_the_slide(figure):
    figure.get_by_role("button", name="I predict: exactly 0").click()
    set_slider(figure, "z → 0", 0.25)
    figure.page.wait_for_timeout(300)
    assert float(figure.get_by_label("z → 0", exact=True).input_value()) == 0.25


def test_sliders_input_and_hints(figure):
    predict(figure)
    for label in ("z → 0", "r → 1"):
        figure.get_by_label(label, exact=True).press("Home")
    weights = default_weights()
    for name, x in default_inputs().items():
        figure.get_by_label("input", exact=True).select_option(name)
        h = states_and_memory(x, gru_forward, gru_backward, tuple(weights.values()))[0]
        plain = states_and_memory(x, rnn_forward, rnn_backward, candidate(weights))[0]
        want = np.abs(h - plain).max()
        assert float(difference(figure)) == pytest.approx(want, rel=0.05)
    set_slider(figure, "z → 0", 0.2)
    assert "keeps at most 0.80³¹ = 9.9·10⁻⁴ of itself" in figure.inner_text()
    set_slider(figure, "z → 0", 1)
    assert "the curve can fall below the RNN's" in figure.inner_text()
    set_slider(figure, "z → 0", 0)
    set_slider(figure, "bias of z", 4)
    assert "The last inputs count for less" in figure.inner_text()


def test_keys_read_out_one_unit_at_one_step(figure):
    predict(figure)
    for label in ("z → 0", "r → 1"):
        figure.get_by_label(label, exact=True).press("Home")
    view = maps(figure)
    view.focus()
    view.press("Home")
    view.press("ArrowRight")
    view.press("ArrowRight")
    view.press("ArrowUp")
    h, r, z = blended(default_inputs()["one pulse"], default_weights(), 0.0, 0.0, 0.0)
    text = readout(figure).replace("−", "-")
    assert f"Unit 6, step 3: r = {r[2, 6]:.3f}, z = {z[2, 6]:.3f}" in text
    assert f"= {h[2, 6]:.3f}\n" in text
    assert figure.locator(".rk-read").get_attribute("aria-live") == "polite"
    view.press("End")
    view.press("ArrowRight")
    assert f"Unit 6, step {T}:" in readout(figure)


def test_pointer_and_finger_move_the_cursor(figure):
    box = figure.locator(".rk-map > svg").nth(2).bounding_box()
    x, y = box["x"] + box["width"] * 10.5 / T, box["y"] + box["height"] * 3.5 / 8
    figure.page.mouse.move(x, y)
    assert readout(figure).startswith("Unit 3, step 11:")
    assert figure.locator(".rk-read").get_attribute("aria-live") == "off"
    curve = figure.locator(".rk-curve")
    box = curve.bounding_box()
    middle = box["y"] + box["height"] / 2
    figure.page.mouse.move(box["x"] + box["width"] - 2, middle)
    assert readout(figure).startswith(f"Unit 3, step {T}:")
    # A finger that only passes does nothing; one that presses does.
    spot = {"clientX": box["x"] + box["width"] / 2, "clientY": middle}
    touch = {"pointerType": "touch", "bubbles": True, **spot}
    curve.dispatch_event("pointermove", touch)
    assert readout(figure).startswith(f"Unit 3, step {T}:")
    curve.dispatch_event("pointerdown", touch)
    assert not readout(figure).startswith(f"Unit 3, step {T}:")


def test_the_other_convention_of_z(figure):
    predict(figure)
    set_slider(figure, "z → 0", 0.5)
    plain = readout(figure)
    button = figure.get_by_role("button", name="z as in Chung")
    button.click()
    assert "h = (1 − z)·h_prev + z·n" in readout(figure)
    assert button.get_attribute("aria-pressed") == "true"
    z, flipped = (
        float(re.search(r"z = ([\d.]+)\n", text)[1])
        for text in (plain, readout(figure))
    )
    assert z + flipped == pytest.approx(1, abs=0.0011)
    button.click()
    assert readout(figure) == plain


def test_what_is_read_aloud_waits_until_the_slider_rests(figure):
    predict(figure)
    heard = figure.locator(".rk-heard")
    figure.page.wait_for_function(
        "document.querySelector('.rk-heard').textContent.includes('exactly 0')"
    )
    set_slider(figure, "z → 0", 0)
    assert "exactly 0" in heard.inner_text()  # still the old words
    figure.page.wait_for_function(
        "!document.querySelector('.rk-heard').textContent.includes('exactly 0')"
    )
    assert figure.locator(".rk-numbers").get_attribute("aria-live") is None


@pytest.mark.parametrize(("width", "tallest"), [(360, 1000), (718, 705)])
def test_it_fits(mount_page, explorable, width, tallest):
    page = mount_page(explorable, width=width)
    figure = page.locator("#rk-gru-blend")
    heights = [figure.bounding_box()["height"]]
    predict(figure)
    heights.append(figure.bounding_box()["height"])
    assert max(heights) < tallest
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in figure.locator("button, select, input").all():
        box = control.bounding_box()
        assert box["height"] >= 43.5
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize(("D", "H", "steps"), [(1, 1, 2), (4, 16, 60)])
def test_other_sizes(mount_page, D, H, steps):
    explorable = GRUBlendExplorable(
        weights=default_weights(D, H), inputs=default_inputs(D, steps)
    )
    page = mount_page(explorable, width=360)
    figure = page.locator("#rk-gru-blend")
    predict(figure)
    assert difference(figure) == "exactly 0"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.errors == []


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(mount_page, violations, explorable, dark):
    page = mount_page(explorable, dark=dark)
    assert violations(page, without=["page-has-heading-one"]) == []
    predict(page.locator("#rk-gru-blend"))
    assert violations(page, without=["page-has-heading-one"]) == []
