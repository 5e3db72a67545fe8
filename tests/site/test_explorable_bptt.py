"""Gradient arrows back through time on the published page: numbers against rnnkit, by mouse and by keyboard."""

import re

import numpy as np
import pytest

from rnnkit.functional import (
    affine_backward,
    affine_forward,
    log_softmax,
    one_hot,
)
from rnnkit.sequence import rnn_backward, rnn_forward
from rnnkit.show.bptt import credit
from rnnkit.show.explorable import decode_array

pytestmark = pytest.mark.browser
PAGE = "notebooks/03_bptt.html"


@pytest.fixture
def figure(open_page):
    return open_page(PAGE).locator("#rk-bptt")


@pytest.fixture
def state(published):
    return published(PAGE, "rk-bptt")


def reference(state, text, counts, chunk, scale):
    """Losses (T,), the gradient that each step hands to the one before (T,) as norms, and dW_hh."""
    net = {name: decode_array(w).astype(float) for name, w in state["net"].items()}
    net["W_hh"] = net["W_hh"] * scale
    ids = np.array([state["symbols"].index(letter) for letter in text])
    V, H = net["W_xh"].shape
    x = one_hot(ids[None, :-1], V)
    h, cache = rnn_forward(x, np.zeros((1, H)), net["W_xh"], net["W_hh"], net["b_h"])
    logits, out = affine_forward(h, net["W_hy"], net["b_y"])
    log_p = log_softmax(logits)[0]
    dlogits = (np.exp(log_p) - one_hot(ids[1:], V)) * np.array(counts)[:, None]
    dh = affine_backward(dlogits[None], out)[0]
    dW_hh = rnn_backward(dh, cache, chunk)[3]
    # What flows out of step t is the initial state's gradient of the sequence that starts there.
    flow = []
    for t in range(len(x[0])):
        start = np.zeros((1, H)) if t == 0 else h[:, t - 1]
        rest = x[:, t:] if chunk is None else x[:, t : (t // chunk + 1) * chunk]
        _, part = rnn_forward(rest, start, net["W_xh"], net["W_hh"], net["b_h"])
        out_of = rnn_backward(dh[:, t : t + rest.shape[1]], part)[1]
        cut = chunk is not None and t > 0 and t % chunk == 0
        flow.append(0.0 if cut else np.linalg.norm(out_of))
    return -log_p[np.arange(len(ids) - 1), ids[1:]], np.array(flow), dW_hh


RUN = """(m, s, text, choices, chunk, scale) => {
    const net = m.scaled(m.unpackRows(s.net), scale);
    const steps = m.forward([...text].map((letter) => [...s.symbols].indexOf(letter)), net);
    const losses = steps.map((step) => step.loss);
    return choices.map((counts) => ({ losses, ...m.backward(steps, net, counts, chunk ?? Infinity) }));
}"""


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.6])
@pytest.mark.parametrize("chunk", [None, 1, 3, 4])
@pytest.mark.parametrize("text", ["good morrow", "to", "My lord, no!"])
def test_numbers_agree_with_rnnkit(state, text, chunk, scale, call):
    T = len(text) - 1
    choices = [True] * T, [t == T - 1 for t in range(T)]
    answers = call("models/bptt models/arrays", RUN, state, text, choices, chunk, scale)
    for counts, got in zip(choices, answers, strict=True):
        losses, flow, dW_hh = reference(state, text, counts, chunk, scale)
        size = max(1.0, np.abs(dW_hh).max())
        assert np.abs(np.array(got["losses"]) - losses).max() < 1e-5
        assert np.abs(np.array(got["dW_hh"]) - dW_hh).max() < 1e-5 * size
        shown = np.array([step["flow"] for step in got["perStep"]])
        assert np.abs(shown - flow).max() < 1e-5 * max(1.0, flow.max())


def test_comparison_of_two_gradients(call):
    code = "(m) => m.compare([[3, 0], [0, 0]], [[3, 4], [0, 0]])"
    assert call("models/bptt", code) == pytest.approx(
        {"cut": 3.0, "full": 5.0, "cosine": 0.6, "missing": 0.8}
    )


HINTS = """(m, s, text, scale) => {
    const net = m.scaled(m.unpackRows(s.net), scale);
    const steps = m.forward([...text].map((letter) => [...s.symbols].indexOf(letter)), net);
    const [T, all] = [steps.length, []];
    for (let counted = -1; counted < T; counted += 1) {
        const counts = steps.map((_, t) => counted < 0 || counted === t);
        const full = m.backward(steps, net, counts);
        const most = m.argmax(full.perStep.map(({ share }) => share));
        for (let chunk = 1; chunk <= T; chunk += 1) {
            const { missing } = m.compare(m.backward(steps, net, counts, chunk).dW_hh, full.dW_hh);
            all.push([counted, chunk, m.hint({ chunk, T, counted, missing, most })]);
        }
    }
    return all;
}"""


def hold(hint, cut, full, counted):
    """Assert every claim of a hint on the shares of all steps with the cuts and without, (T, H, H) each."""
    sizes, whole = (np.linalg.norm(shares, axis=(1, 2)) for shares in (cut, full))
    has = np.flatnonzero(sizes)  # counted from 0
    if "says nothing about it" in hint:
        assert whole.max() == 0
        return
    if "nothing is cut" in hint or "Nothing of this loss is lost" in hint:
        assert (cut == full).all()
        return
    elif "All losses count" in hint:
        assert has.tolist() == list(range(1, len(sizes)))
    elif "that step alone" in hint:
        assert has.tolist() == [counted]
    else:
        first = int(re.match(r"Steps 1 to (\d+) stand", hint)[1])
        assert has.tolist() == list(range(first, counted + 1))
    lost = np.linalg.norm((full - cut).sum(axis=0)) / np.linalg.norm(full.sum(axis=0))
    said = re.search(r"take has (only )?([\d.]+) of", hint)
    assert float(said[2]) == pytest.approx(lost, abs=0.0051)
    assert bool(said[1]) == (lost < 0.15)
    largest = re.search(r"largest share, that of step (\d+)", hint)
    gone = counted >= 0 and sizes[whole.argmax()] == 0
    assert bool(largest) == gone
    if largest:
        assert int(largest[1]) == whole.argmax() + 1


@pytest.mark.parametrize("scale", [0.05, 0.6, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("text", ["good morrow", "to", "aaaaa", "My lord, no!"])
def test_every_hint_is_true(state, text, scale, call):
    net = {name: decode_array(w).astype(float) for name, w in state["net"].items()}
    ids = np.array([state["symbols"].index(letter) for letter in text])
    modules = "models/bptt models/arrays words/bptt"
    for counted, chunk, hint in call(modules, HINTS, state, text, scale):
        counts = np.isin(np.arange(len(ids) - 1), counted) | (counted < 0)
        cut, full = (credit(net, ids, counts, k, scale)[2] for k in (chunk, None))
        hold(hint, cut, full, counted)


def predict(figure, answer="2"):
    figure.get_by_role("button", name=f"I predict {answer}", exact=True).click()


def drawn(figure):
    return figure.locator("svg").get_attribute("aria-label")


def numbers(figure):
    """Norm of the cut gradient, of the full one, cosine and the count of steps, as the page says them."""
    text = figure.locator(".rk-live").first.inner_text()
    found = re.search(
        r"norm ([\d.]+) of ([\d.]+), cosine to the full one (-?[\d.]+)\. (\d+) of", text
    )
    return tuple(float(v) for v in found.groups())


def expected(state, text, counted, chunk, scale):
    T = len(text) - 1
    counts = [counted < 0 or counted == t for t in range(T)]
    cut, full = (reference(state, text, counts, k, scale)[2] for k in (chunk, None))
    a, b = np.linalg.norm(cut), np.linalg.norm(full)
    return a, b, np.sum(cut * full) / (a * b)


def check(figure, state, text, counted, chunk, scale):
    got = numbers(figure)[:3]
    want = expected(state, text, counted, chunk, scale)
    assert np.abs(np.array(got) - np.array(want)).max() < 1e-3


def test_the_answer_does_not_show_before_the_prediction(figure):
    assert "hands back" not in drawn(figure)
    assert "loss" in drawn(figure)
    assert not figure.get_by_label("chunk length").is_visible()
    predict(figure)
    assert "Right: 2 steps" in figure.inner_text()
    assert "hands back" in drawn(figure)
    assert numbers(figure)[3] == 2
    assert "Steps 1 to 8 stand before this loss's chunk" in figure.inner_text()


def test_a_wrong_prediction_is_told_why(figure):
    predict(figure, "4")
    assert "Not 4: 2 steps" in figure.inner_text()
    assert "before steps 5 and 9" in figure.inner_text()


def test_keys_move_the_cut_and_the_numbers_follow(figure, state):
    predict(figure)
    check(figure, state, "good morrow", 9, 4, 1.0)
    cutter = figure.get_by_label("chunk length")
    cutter.focus()
    cutter.press("ArrowRight")
    check(figure, state, "good morrow", 9, 5, 1.0)
    cutter.press("End")
    assert numbers(figure)[2] == 1
    assert "nothing is cut" in figure.inner_text()
    cutter.press("Home")
    check(figure, state, "good morrow", 9, 1, 1.0)
    assert "it can blame that step alone" in figure.inner_text()


def test_the_scale_of_W_hh(figure, state):
    predict(figure)
    scale = figure.get_by_label("W_hh times")
    scale.focus()
    for _ in range(10):
        scale.press("ArrowRight")
    check(figure, state, "good morrow", 9, 4, 1.5)
    scale.press("Home")
    assert "no direction" not in figure.locator(".rk-live").first.inner_text()
    check(figure, state, "good morrow", 9, 4, 0.0)


def test_keys_and_mouse_choose_the_loss(figure, state):
    predict(figure)
    view = figure.get_by_role("group", name=re.compile("The unrolled network"))
    view.focus()
    view.press("ArrowLeft")
    view.press("ArrowLeft")
    check(figure, state, "good morrow", 7, 4, 1.0)
    assert figure.get_by_label("loss that counts").input_value() == "7"
    box = view.bounding_box()
    view.click(position={"x": box["width"] * 0.35, "y": 40})
    check(figure, state, "good morrow", 3, 4, 1.0)
    view.click(position={"x": box["width"] * 0.35, "y": 40})
    check(figure, state, "good morrow", -1, 4, 1.0)
    figure.get_by_label("loss that counts").select_option("5")
    check(figure, state, "good morrow", 5, 4, 1.0)


def test_first_step_has_no_share_of_W_hh(figure):
    predict(figure)
    figure.get_by_label("loss that counts").select_option("0")
    assert "nothing is left" in figure.locator(".rk-live").first.inner_text()
    assert "this loss says nothing about it" in figure.inner_text()


def test_text_can_be_typed(figure, state):
    predict(figure)
    figure.get_by_label("text", exact=True).fill("To be")
    check(figure, state, "To be", 3, 4, 1.0)
    figure.get_by_label("text", exact=True).fill("To be€")
    assert figure.get_by_label("text", exact=True).input_value() == "To be"
    assert "does not occur" in figure.inner_text()
    figure.get_by_label("text", exact=True).fill("T")
    assert "Two letters" in figure.inner_text()
    check(figure, state, "To be", 3, 4, 1.0)


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits(open_page, width):
    figure = open_page(PAGE, width=width).locator("#rk-bptt")
    predict(figure, "6")
    for control in figure.locator("button, input, select, svg").all():
        box = control.bounding_box()
        if box is None:
            continue
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 43.5
