"""The counting LSTM in the page: its numbers against rnnkit.cells, the prediction, by mouse and by keyboard."""

import re

import numpy as np
import pytest

from rnnkit.cells import lstm_step_forward
from rnnkit.functional import one_hot, sigmoid, softmax
from rnnkit.show.counting import (
    HAND_MADE,
    check_weights,
    encode,
    first_failure,
    legal_next,
    wrong_steps,
)
from rnnkit.show.explorable import decode_array
from rnnkit.show.lstm_gates import LSTMGatesExplorable
from rnnkit.show.twin import read_counter

pytestmark = pytest.mark.browser
ALPHABET = "^ab$"
READ = """(m, weights, text, alphabet, shift) =>
    m.read(m.shifted(m.unpackRows(weights), shift), m.encode(text, alphabet))"""


def random_weights(seed, V=4, H=5):
    rng = np.random.default_rng(seed)
    shapes = {
        "W_xh": (V, 4 * H),
        "W_hh": (H, 4 * H),
        "b_h": (4 * H,),
        "W_hy": (H, V),
        "b_y": (V,),
    }
    return {name: rng.normal(size=shape) * 2 for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def explorable():
    return LSTMGatesExplorable()


@pytest.fixture
def figure(mount_page, explorable):
    page = mount_page(explorable)
    yield page.locator("#rk-lstm-gates")
    assert page.errors == []


# ---- numbers


def reference(weights, text, alphabet, shift):
    """Gates, c, h (T, H) and p (T, V), step by step with the cell of rnnkit."""
    W_xh, W_hh, b_h, W_hy, b_y = (weights[name].astype(float) for name in HAND_MADE)
    H = len(W_hh)
    b_h[H : 2 * H] += shift
    h = c = np.zeros((1, H))
    rows = []
    for x in one_hot(encode(text, alphabet), len(alphabet))[:, None]:
        a_i, a_f, a_o, a_g = np.split(x @ W_xh + h @ W_hh + b_h, 4, axis=1)
        gates = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)
        h, c, _ = lstm_step_forward(x, h, c, W_xh, W_hh, b_h)
        rows.append([part[0] for part in (*gates, c, h, softmax(h @ W_hy + b_y))])
    return dict(zip("ifogchp", map(np.array, zip(*rows, strict=True)), strict=True))


TEXTS = ["a" * 20 + "b" * 20, "abba" * 10]
NETS = [(None, ALPHABET), (random_weights(1), ALPHABET), (random_weights(2, 3), "#ab")]


@pytest.mark.parametrize("shift", [0, -1.7, 2.5])
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("weights", "alphabet"), NETS)
def test_numbers_agree_with_the_cell_over_40_letters(
    call, weights, alphabet, text, shift
):
    packed = LSTMGatesExplorable(weights=weights, alphabet=alphabet).weights
    steps = call("models/lstm_gates models/arrays", READ, packed, text, alphabet, shift)
    weights = {name: decode_array(array) for name, array in packed.items()}
    want = reference(weights, text, alphabet, shift)
    numpy_read = read_counter(weights, encode(text, alphabet), shift)
    for name, array in want.items():
        got = np.array([step[name] for step in steps])
        assert got.shape == array.shape
        np.testing.assert_allclose(got, array, atol=1e-9)
        np.testing.assert_allclose(numpy_read[name], array, atol=1e-9)


@pytest.mark.parametrize("alphabet", ["^ab$", "#ab"])
@pytest.mark.parametrize("text", ["a", "b", "aabb", "aabbb", "aaba", "abab", "aaab"])
def test_what_may_follow_and_what_is_wrong(call, alphabet, text):
    p = np.random.default_rng(4).random((len(text) + 1, len(alphabet)))
    legal = call(
        "models/lstm_gates models/arrays",
        "(m, t, a) => m.legalNext(t, a)",
        text,
        alphabet,
    )
    assert legal == legal_next(text, alphabet)
    code = "(m, p, t, a) => m.wrongSteps(p.map((row) => ({ p: row })), t, a)"
    wrong = call("models/lstm_gates models/arrays", code, p.tolist(), text, alphabet)
    assert wrong == wrong_steps(p, text, alphabet).tolist()


@pytest.mark.parametrize("shift", [-4, -2, 0, 1, 4])
def test_the_n_at_which_it_breaks(call, explorable, shift):
    code = """(m, w, shift) => {
        const net = m.shifted(m.unpackRows(w), shift);
        return [m.firstFailure(net, "^ab$"), m.survey(net, "^ab$", 40)];
    }"""
    n, good = call("models/lstm_gates models/arrays", code, explorable.weights, shift)
    hand_made = check_weights(HAND_MADE, ALPHABET)
    assert n == first_failure(hand_made, ALPHABET, shift)
    for k, right in enumerate(good, 1):
        text = "a" * k + "b" * k
        p = read_counter(hand_made, encode(text, ALPHABET), shift)["p"]
        assert right == (not wrong_steps(p, text, ALPHABET).any())


HINT = """(m, weights, text, alphabet, shift) => {
    const steps = m.read(m.shifted(m.unpackRows(weights), shift), m.encode(text, alphabet));
    return m.hint({ shift, steps, text, alphabet });
}"""


def hold(hint, weights, text, shift):
    """Assert every claim of a hint on what the counter reads with this change of its forget bias, and without."""
    ids = encode(text, ALPHABET)
    found, trained = (read_counter(weights, ids, by) for by in (shift, 0))
    wrong = np.flatnonzero(wrong_steps(found["p"], text, ALPHABET))
    legal = legal_next(text, ALPHABET)
    if "only the part `f`" in hint:
        assert (found["f"][:, 0] < 1).all()
    elif "closer to 1" in hint:
        assert found["f"][:, 0].mean() > trained["f"][:, 0].mean()
    elif "no answer is right" in hint:
        assert "" in legal
    elif "may go on" in hint:
        assert "b" in legal[-1]
    elif "b's run out" in hint:
        assert legal[-1] == "$"
        assert wrong[0] > 0.85 * len(text)  # steps; the b's begin at one half
    else:
        assert "read right" in hint
        assert len(wrong) == 0


@pytest.mark.parametrize("which", ["by hand", "trained"])
def test_every_hint_is_true(call, explorable, published, which):
    packed = explorable.weights
    if which == "trained":
        packed = published("notebooks/07_lstm.html", "rk-lstm-gates")["weights"]
    weights = {name: decode_array(array) for name, array in packed.items()}
    texts = [n * "a" + n * "b" for n in range(1, 41)]
    texts += ["a", "aaaa", "aab", 20 * "a" + 18 * "b", "b", "bbbb", "abb", "aba", "ba"]
    modules = "models/lstm_gates models/arrays words/lstm_gates"
    for text in texts:
        for shift in (0, -4, -0.1, 0.1, 4):
            hint = call(modules, HINT, packed, text, ALPHABET, shift)
            hold(hint, weights, text, shift)


# ---- the prediction


def predict(figure, answer="11 to 15"):
    figure.get_by_role("button", name=f"I predict {answer}", exact=True).click()


def told(figure):
    return figure.locator(".rk-told .rk-live").inner_text()


def test_the_answer_does_not_show_before_the_prediction(figure):
    assert not figure.get_by_label("added to the forget bias").is_visible()
    assert not figure.locator(".rk-told").is_visible()
    predict(figure)
    assert "Right. It first fails at n = 15" in figure.inner_text()
    assert "after 14 of 15 b's it expects $" in told(figure)
    assert "right up to n = 14" in told(figure)
    assert figure.get_by_label("string").input_value() == "a" * 15 + "b" * 15
    assert "Step 30 of 31, x = b" in figure.locator(".rk-step").inner_text()


@pytest.mark.parametrize("answer", ["at most 10", "16 to 30", "above 30, or never"])
def test_a_wrong_prediction_is_told_why(figure, answer):
    predict(figure, answer)
    assert "Not this time: 11 to 15. It first fails at n = 15" in figure.inner_text()


def test_the_answer_comes_from_the_weights(mount_page):
    still = LSTMGatesExplorable(shift=0, weights=mended(20), trained_to=12)
    figure = mount_page(still).locator("#rk-lstm-gates")
    assert "trained on strings with n up to 12" in figure.inner_text()
    predict(figure, "above 36, or never")
    assert "Right. It reads every n up to 40 right" in figure.inner_text()
    deaf = {name: np.zeros_like(array) for name, array in mended(0).items()}
    figure = mount_page(LSTMGatesExplorable(weights=deaf)).locator("#rk-lstm-gates")
    predict(figure, "at most 10")
    assert "Right. It first fails at n = 1" in figure.inner_text()
    assert "wrong from n = 1 on" in told(figure)


def mended(forget_bias):
    weights = check_weights(HAND_MADE, ALPHABET)
    weights["b_h"][2] = forget_bias
    return weights


# ---- by hand


def press(control, key, times):
    control.focus()
    for _ in range(times):
        control.press(key)


def equation(figure):
    """f, c before, i, g, c; o, tanh(c), h, as the page says them."""
    text = figure.locator(".rk-step").inner_text().replace("−", "-")
    c, h = re.findall(r"= (\(?-?\d.*)", text)
    return [[float(v) for v in re.findall(r"-?\d+\.\d+", part)] for part in (c, h)]


def check_equation(figure, text, t, cell, shift):
    want = read_counter(
        check_weights(HAND_MADE, ALPHABET), encode(text, ALPHABET), shift
    )
    i, f, o, g, c, h = (want[name][t, cell] for name in "ifogch")
    before = want["c"][t - 1, cell] if t else 0
    got = equation(figure)
    np.testing.assert_allclose(got[0], [f, before, i, g, c], atol=6e-4)
    np.testing.assert_allclose(got[1], [o, np.tanh(c), h], atol=6e-4)


def test_keys_move_the_cursor(figure):
    text = "aaaaabbbbb"
    view = figure.get_by_role("group", name=re.compile("Gates over time"))
    check_equation(figure, text, 2, 0, 0)
    press(view, "ArrowRight", 5)
    check_equation(figure, text, 7, 0, 0)
    view.press("ArrowLeft")
    check_equation(figure, text, 6, 0, 0)
    view.press("End")
    view.press("ArrowRight")
    check_equation(figure, text, 10, 0, 0)
    view.press("Home")
    check_equation(figure, text, 0, 0, 0)


def test_pointer_moves_the_cursor_without_being_read_out(figure):
    view = figure.get_by_role("group", name=re.compile("Gates over time"))
    box = view.bounding_box()
    view.hover(position={"x": box["width"] - 5, "y": 60})
    step = figure.locator(".rk-step")
    assert "Step 11 of 11" in step.inner_text()
    assert step.get_attribute("aria-live") == "off"
    press(view, "ArrowLeft", 1)
    assert step.get_attribute("aria-live") == "polite"
    check_equation(figure, "aaaaabbbbb", 9, 0, 0)


def test_the_forget_bias_breaks_the_count_and_reset_mends_it(figure):
    predict(figure)
    press(figure.get_by_label("n, number of a's"), "Home", 1)
    press(figure.get_by_label("n, number of a's"), "ArrowRight", 6)
    assert "Right at all 15 steps" in told(figure)
    assert "a⁷b⁷ stands a change from −1.4 to +4.0 at least" in told(figure)
    bias = figure.get_by_label("added to the forget bias")
    press(bias, "ArrowLeft", 14)
    assert "Right at all 15 steps" in told(figure)
    bias.press("ArrowLeft")
    assert "Wrong at step" in told(figure)
    hand_made = check_weights(HAND_MADE, ALPHABET)
    n = first_failure(hand_made, ALPHABET, -1.5) - 1
    assert f"With this forget bias, right up to n = {n}" in told(figure)
    assert "dashed: without the change" in figure.locator("svg.rk-canvas").inner_html()
    view = figure.get_by_role("group", name=re.compile("Gates over time"))
    press(view, "Home", 1)
    press(view, "ArrowRight", 9)
    check_equation(figure, "a" * 7 + "b" * 7, 9, 0, -1.5)
    figure.get_by_role("button", name="Reset").click()
    assert bias.input_value() == "0"
    assert figure.get_by_label("string").input_value() == "aaaaabbbbb"
    assert "right up to n = 14" in told(figure)


def test_n_and_m_may_differ(figure):
    predict(figure)
    figure.get_by_role("button", name="Reset").click()
    press(figure.get_by_label("number of b's"), "ArrowLeft", 2)
    assert figure.get_by_label("string").input_value() == "aaaaabbb"
    assert "Right so far: 2 b must still come" in told(figure)
    press(figure.get_by_label("number of b's"), "ArrowRight", 4)
    assert "from step 12 on, nothing can complete the string" in told(figure)


def test_a_string_can_be_typed(figure):
    predict(figure)
    field = figure.get_by_label("string", exact=True)
    field.fill("aabxb")
    assert field.input_value() == "aabb"
    assert "Only a and b" in figure.inner_text()
    assert figure.get_by_label("n, number of a's").input_value() == "2"
    field.fill("aaba")
    assert "from step 5 on, nothing can complete the string" in told(figure)
    field.fill("")
    assert "One letter at least" in figure.inner_text()
    assert "from step 5 on" in told(figure)


def test_another_cell_can_be_chosen(figure):
    predict(figure)
    figure.get_by_role("button", name="Reset").click()
    figure.get_by_label("gates of").select_option("1")
    press(figure.get_by_role("group", name=re.compile("Gates over time")), "Home", 1)
    check_equation(figure, "aaaaabbbbb", 0, 1, 0)
    assert "purple: cell 1" in figure.locator("svg.rk-canvas").inner_html()


# ---- the page


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("width", "tallest"), [(360, 1000), (790, 700)])
def test_it_fits(mount_page, explorable, width, tallest, dark):
    page = mount_page(explorable, width=width, dark=dark)
    figure = page.locator("#rk-lstm-gates")
    predict(figure)
    press(figure.get_by_label("n, number of a's"), "End", 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert figure.bounding_box()["height"] <= tallest
    for control in figure.locator("button, input, select, svg.rk-canvas").all():
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 43.5
    outside = figure.locator("svg.rk-canvas").evaluate(
        "(svg) => [...svg.querySelectorAll('text')].map((t) => t.getBoundingClientRect())"
        ".filter((box) => box.left < 0 || box.right > innerWidth).length"
    )
    assert outside == 0
    assert page.errors == []
