"""The gradient flow explorable in a real browser: numbers against rnnkit, prediction, keyboard, pointer, layout."""

import re

import numpy as np
import pytest

from rnnkit.jacobian import rnn_jacobians
from rnnkit.sequence import rnn_forward
from rnnkit.show.explorable import decode_array
from rnnkit.show.gradient_flow import STEPS, GradientFlowExplorable

pytestmark = pytest.mark.browser
KINDS = ("random", "orthogonal", "identity", "chain")


@pytest.fixture(scope="module")
def explorable():
    return GradientFlowExplorable()


@pytest.fixture
def figure(mount_page, explorable):
    return mount_page(explorable).locator("#rk-gradient-flow")


def reference(explorable, kind, radius, strength):
    """Spectral norms of d h_T / d h_{T-k}, k = 0 .. STEPS, and the Jacobians' tanh' (T, H)."""
    W_hh = radius * decode_array(explorable.matrices[kind]["W_hh"]).astype(float)
    x = strength * decode_array(explorable.inputs).astype(float)[None]
    H = len(W_hh)
    h, cache = rnn_forward(x, np.zeros((1, H)), np.eye(H), W_hh, np.zeros(H))
    jacobians = rnn_jacobians(cache)[0]
    product, norms = np.eye(H), [1.0]
    for k in range(STEPS):
        product = product @ jacobians[-1 - k]
        norms.append(np.linalg.norm(product, 2))
    return np.array(norms), 1 - h[0] ** 2


COMPUTE = """(m, state, kind, radius, strength) => {
    const net = m.unpack(state);
    const linear = m.logFlow(net.kinds[kind].W, 1, net.H);
    const slopes = Array.from(m.slopes(net, net.kinds[kind].W, radius, strength));
    return { ...m.compute(net, { kind, radius, strength, linear }), slopes, eigenvalues: net.kinds[kind].eigenvalues };
}"""


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_agree_with_rnnkit(explorable, kind, call):
    state = explorable.state()
    for radius in (0.5, 0.9, 1.0, 1.5):
        for strength in (0.0, 0.05, 0.3, 1.0, 2.0):
            got = call("models/gradient_flow", COMPUTE, state, kind, radius, strength)
            linear, ones = reference(explorable, kind, radius, 0)
            driven, slopes = reference(explorable, kind, radius, strength)
            # A difference of 4e-6 in a logarithm to base 10 is one of 1e-5 in the number.
            assert np.abs(np.array(got["linear"]) - np.log10(linear)).max() < 4e-6
            assert np.abs(np.array(got["driven"]) - np.log10(driven)).max() < 4e-6
            assert np.abs(np.array(got["slopes"]) - slopes.ravel()).max() < 1e-9
            assert got["slope"] == pytest.approx(slopes[-STEPS:].mean(), abs=1e-9)
            assert got["sigma"] == pytest.approx(linear[1], rel=1e-5)
            assert np.all(ones == 1)


@pytest.mark.parametrize("kind", KINDS)
def test_eigenvalues_are_those_of_the_matrix_on_the_page(explorable, kind, call):
    given = explorable.state(), kind, 1, 0
    got = call("models/gradient_flow", COMPUTE, *given)["eigenvalues"]
    moduli = np.sort(np.hypot(*np.transpose(got)))
    W_hh = decode_array(explorable.matrices[kind]["W_hh"]).astype(float)
    want = np.sort(np.abs(np.linalg.eigvals(W_hh)))
    assert np.abs(moduli - want).max() < 1e-5
    assert moduli[-1] == pytest.approx(1, abs=1e-6)


def test_the_norm_of_awkward_matrices(rng, call):
    H = 24
    Q, R = (np.linalg.qr(rng.normal(size=(H, H)))[0] for _ in range(2))
    matrices = [
        rng.normal(size=(H, H)),
        np.eye(H) * 3,
        np.outer(rng.normal(size=H), rng.normal(size=H)),
        Q @ np.diag(np.linspace(1, 0.999, H)) @ R,  # singular values that crowd
        Q @ np.diag(1 + 1e-5 * rng.uniform(size=H)) @ R,
        Q @ np.diag(10.0 ** -np.arange(H)) @ R,
        1e-100 * rng.normal(size=(H, H)),
        1e100 * rng.normal(size=(H, H)),
    ]
    code = "(m, all, H) => all.map((G) => m.logNorm(G, H))"
    got = call("models/gradient_flow", code, [m.ravel().tolist() for m in matrices], H)
    want = [np.log10(np.linalg.norm(m, 2)) for m in matrices]
    assert np.abs(np.array(got) - want).max() < 4e-6
    zero = call(
        "models/gradient_flow", "(m) => m.logNorm([0, 0, 0, 0], 2) === -Infinity"
    )
    assert zero is True


def test_numbers_are_written_with_two_digits(call):
    logs = [0, -0.45593, 1.68, 3.9999, 4.0, -2.9, -6.7, 9.99, -0.0001]
    got = call("words/gradient_flow", "(m, logs) => logs.map(m.times)", logs)
    assert got == [
        "×1",
        "×0.35",
        "×48",
        "×10000",
        "×1·10⁴",
        "×0.0013",
        "×2·10⁻⁷",
        "×1·10¹⁰",
        "×1",
    ]
    assert call("words/gradient_flow", "(m) => m.times(-Infinity)") == "×0"


HINT = """(m, state, kind, radius, strength) => {
    const net = m.unpack(state);
    const linear = m.logFlow(net.kinds[kind].W, 1, net.H);
    return m.hint(m.compute(net, { kind, radius, strength, linear }));
}"""


def hold_driven(hint, radius, linear, driven, slopes):
    """Assert what is said of a network with inputs. linear, driven: the norms; slopes: the tanh' of all steps."""
    assert float(re.search(r"here ([\d.]+) on", hint)[1]) == pytest.approx(
        slopes[-STEPS:].mean(), abs=0.0051
    )
    assert ("explodes" in hint) == (radius > 1)
    if radius > 1:
        assert linear[-1] > 1
        assert driven[-1] < linear[-1]
        assert ("vanishes" in hint) == (driven[-1] < 0.01)


def hold_at_rest(hint, radius, linear):
    """Assert what is said of the linear network, whose norms are given."""
    rates = radius ** np.arange(len(linear))
    same = np.allclose(linear, rates, rtol=1e-3)
    at_one = np.isclose(radius, 1)
    if "σ₁ = ρ" in hint:
        assert same
        assert ("can keep its length" in hint) == at_one
    elif "neither grows nor dies" in hint:
        value = to_number(hint.split("gave it: ")[1].removesuffix("."))
        assert at_one
        assert linear[30:] == pytest.approx(value, rel=0.06)
    elif "necessary" in hint:
        assert radius > 1
        assert linear[1] > 1
    elif "sufficient" in hint:
        assert linear.max() == linear[0] == 1
        assert linear[1] < 1
    elif "can grow" in hint:
        k, value = re.search(r"after (\d+) steps, to (×\S+)\. In", hint).groups()
        assert linear.argmax() == int(k)
        assert to_number(value) == pytest.approx(linear.max(), rel=0.051)
        assert linear.max() > 1 > radius
    else:
        assert "The first step may" in hint
        assert linear.argmax() == 1
        assert radius < 1
    assert same == ("σ₁ = ρ" in hint)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "radius", [0.5, 0.51, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0, 1.01, 1.1, 1.3, 1.5]
)
def test_every_hint_is_true(explorable, kind, radius, call):
    state, modules = explorable.state(), "models/gradient_flow words/gradient_flow"
    linear, _ = reference(explorable, kind, radius, 0)
    hold_at_rest(call(modules, HINT, state, kind, radius, 0), radius, linear)
    for strength in (0.05, 0.1, 0.5, 2.0):
        hint = call(modules, HINT, state, kind, radius, strength)
        driven = reference(explorable, kind, radius, strength)
        hold_driven(hint, radius, linear, *driven)


def predict(figure, answer="above ×1"):
    figure.get_by_role("button", name=f"I predict {answer}", exact=True).click()


def shown(figure):
    """The numbers at step k, by name."""
    names = figure.locator("dt").all_inner_texts()
    values = figure.locator("dd").all_inner_texts()
    return dict(zip((n.split()[0] for n in names), values, strict=True))


def to_number(text):
    text = text.removeprefix("×")
    digits = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    if "·" in text:
        mantissa, power = text.split("·")
        return float(mantissa) * 10.0 ** float(
            power.removeprefix("10").translate(digits)
        )
    return float(text)


def set_slider(figure, label, value):
    slider = figure.get_by_label(label, exact=True)
    slider.evaluate(
        "(n, v) => { n.value = v; n.dispatchEvent(new Event('input')); }", str(value)
    )


def settle(figure):
    """Wait for the frame in which the page redraws."""
    figure.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def check(figure, explorable, kind, radius, strength, k):
    settle(figure)
    got = {name: to_number(text) for name, text in shown(figure).items()}
    linear = reference(explorable, kind, radius, 0)[0]
    want = {
        "linear": linear[k],
        "tanh": reference(explorable, kind, radius, strength)[0][k],
        "bound": linear[1] ** k,
        "rate": radius**k,
    }
    for name, value in want.items():  # one or two digits are shown
        small_or_large = not 1e-3 < value < 1e4
        assert got[name] == pytest.approx(value, rel=0.34 if small_or_large else 0.051)


def test_the_answer_does_not_show_before_the_prediction(figure, explorable):
    chart = figure.get_by_role("img", name=re.compile("Norm of the gradient"))
    disc = figure.get_by_role("img", name=re.compile("Complex plane"))
    assert "linear" not in chart.get_attribute("aria-label")
    assert "σ₁" not in disc.get_attribute("aria-label")
    assert "0 of 24 eigenvalues lie outside" in disc.get_attribute("aria-label")
    assert not figure.get_by_label("read at k").is_visible()
    assert not figure.locator("dl").is_visible()
    chart.hover()  # must not move the cursor yet
    predict(figure)
    assert "Right: ×48 after 10 steps" in figure.inner_text()
    assert "σ₁ = 1.77" in disc.get_attribute("aria-label")
    assert "linear ×48" in chart.get_attribute("aria-label")
    check(figure, explorable, "chain", 0.9, 0, 10)
    focused = figure.evaluate("() => document.activeElement.type")
    assert focused == "range"


@pytest.mark.parametrize("answer", ["ρ¹⁰: ×0.35", "more, but below ×1"])
def test_a_wrong_prediction_is_told_why(figure, answer):
    predict(figure, answer)
    assert f"Not “{answer}”: ×48 after 10 steps" in figure.inner_text()
    assert "singular value" in figure.inner_text()


@pytest.mark.parametrize(
    ("kind", "radius", "right"),
    [
        ("identity", 0.9, "ρ¹⁰: ×0.35"),
        ("random", 0.9, "more, but below ×1"),
        ("chain", 1.2, "more than that"),
        ("orthogonal", 1.2, "ρ¹⁰: ×6.2"),
    ],
)
def test_the_answer_belongs_to_the_matrix(mount_page, kind, radius, right):
    page = mount_page(GradientFlowExplorable(kind=kind, radius=radius))
    figure = page.locator("#rk-gradient-flow")
    predict(figure, right)
    assert figure.locator("p[role=status]").inner_text().startswith("Right: ")


def test_sliders_by_keyboard(figure, explorable):
    predict(figure)
    radius = figure.get_by_label("spectral radius ρ")
    radius.press("ArrowRight")
    check(figure, explorable, "chain", 0.91, 0, 10)
    radius.press("End")
    check(figure, explorable, "chain", 1.5, 0, 10)
    strength = figure.get_by_label("input", exact=True)
    for _ in range(6):
        strength.press("ArrowRight")
    check(figure, explorable, "chain", 1.5, 0.3, 10)
    figure.get_by_label("read at k").press("End")
    check(figure, explorable, "chain", 1.5, 0.3, 60)
    assert "60 steps back" in figure.inner_text()


def test_kinds_are_buttons(figure, explorable):
    predict(figure)
    set_slider(figure, "spectral radius ρ", 1)
    for kind in KINDS:
        button = figure.get_by_role("button", name=kind, exact=True)
        button.press("Enter")
        assert button.get_attribute("aria-pressed") == "true"
        assert figure.locator('[aria-pressed="true"]').count() == 1
        check(figure, explorable, kind, 1.0, 0, 10)
    figure.get_by_role("button", name="orthogonal").click()
    settle(figure)
    assert "can keep its length" in figure.inner_text()


def test_the_hint_follows_the_numbers(figure):
    predict(figure)
    tip = figure.locator(".rk-tip")
    for changes, words in (
        ({}, "a gradient can grow: at most, after 13 steps, to ×93"),
        ({"spectral radius ρ": 0.5}, "sufficient for vanishing"),
        ({"spectral radius ρ": 1}, "neither grows nor dies"),
        ({"spectral radius ρ": 1.3}, "necessary for a gradient to explode"),
        ({"input": 1}, "and here the gradient vanishes"),
        ({"spectral radius ρ": 1}, "keeps every length"),
    ):
        for label, value in changes.items():
            set_slider(figure, label, value)
        settle(figure)
        assert words in tip.inner_text()


@pytest.mark.parametrize("pointer", ["mouse", "touch"])
def test_a_pointer_on_the_curves_reads_them(figure, explorable, pointer):
    predict(figure)
    chart = figure.get_by_role("img", name=re.compile("Norm of the gradient"))
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    # k = 30 lies in the middle between the margins, 34 on the left and 8 on the right.
    at = {"x": 34 + (box["width"] - 42) * 0.5, "y": 60}
    if pointer == "mouse":
        chart.hover(position=at)
    else:
        place = {"clientX": box["x"] + at["x"], "clientY": box["y"] + at["y"]}
        chart.dispatch_event("pointerdown", {**place, "pointerType": "touch"})
    assert figure.get_by_label("read at k").input_value() == "30"
    check(figure, explorable, "chain", 0.9, 0, 30)


def test_a_screen_reader_hears_where_the_slider_came_to_rest(figure):
    predict(figure)
    tip = figure.locator(".rk-tip")
    for value in (0.8, 0.85, 1.1):
        set_slider(figure, "spectral radius ρ", value)
        settle(figure)
        assert tip.get_attribute("aria-live") == "off"
    figure.page.wait_for_timeout(700)
    assert tip.get_attribute("aria-live") == "polite"
    for other in figure.locator("[aria-live]").all():
        assert other.get_attribute("class") == "rk-tip"


def test_other_matrices_can_be_shown(mount_page, rng):
    given = {"trained": rng.normal(size=(8, 8)), "<b>": np.triu(np.ones((8, 8)))}
    page = mount_page(GradientFlowExplorable(matrices=given, strength=0.5))
    figure = page.locator("#rk-gradient-flow")
    figure.get_by_role("button", name=re.compile("I predict")).first.click()
    for name in given:
        figure.get_by_role("button", name=name, exact=True).click()
        settle(figure)
        assert "×" in shown(figure)["linear"]
    assert page.errors == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("width", "tallest"), [(360, 1000), (1280, 700)])
def test_it_fits(mount_page, explorable, width, tallest, dark):
    page = mount_page(explorable, width=width, dark=dark)
    figure = page.locator("#rk-gradient-flow")
    predict(figure)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert figure.bounding_box()["height"] <= tallest
    for control in figure.locator("button, input, svg.rk-canvas").all():
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 43.5
    assert page.errors == []


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(mount_page, violations, explorable, dark):
    page = mount_page(explorable, dark=dark)
    assert violations(page, without=["page-has-heading-one"]) == []
    predict(page.locator("#rk-gradient-flow"))
    assert violations(page, without=["page-has-heading-one"]) == []
