"""The character model in the page: its numbers against rnnkit.nn, its speed, by mouse and by keyboard."""

import itertools
import json
import re

import numpy as np
import pytest
import torch

from rnnkit.nn import checkpoint
from rnnkit.nn.text.char_lm import CharLM, load_charlm
from rnnkit.nn.text.decoding import next_distribution
from rnnkit.nn.text.vocabulary import Vocabulary
from rnnkit.show.char_lm import CharLMExplorable, quantise
from rnnkit.show.twin import read_characters

pytestmark = pytest.mark.browser
SHIPPED = checkpoint.__file__.replace("checkpoint.py", "shipped/plays.safetensors")
SAMPLE = (
    "KING RICHARD:\nMy lord of Buckingham, I hear\nthe drums.\n\nBUCKINGHAM:\nSo do I.\n"
    * 3
)
CELLS = [
    {"cell": 2, "name": "the line", "note": "Blue until `↵`."},
    {"cell": 0, "name": "names", "note": "Red in capitals."},
]


def plain_arrays(model):
    return {name: array.numpy() for name, array in model.state_dict().items()}


def figure_of(model, vocabulary, **changes):
    given = {"prefix": "KING RICHAR", "sample": SAMPLE, "cells": CELLS}
    return CharLMExplorable(
        id="char-lm",
        alt="A coloured text",
        caption="Watch `c`.",
        weights=plain_arrays(model),
        vocabulary=vocabulary.characters,
        **{**given, **changes},
    )


@pytest.fixture(scope="module")
def small():
    """A small random model whose weights are large enough for its states to matter."""
    vocabulary = Vocabulary.of(SAMPLE + "xyz!")
    torch.manual_seed(3)
    model = CharLM(len(vocabulary), embedding_size=5, hidden_size=9).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4)
    return model, vocabulary


@pytest.fixture(scope="module")
def shipped():
    try:
        model, vocabulary, _ = load_charlm(SHIPPED)
    except checkpoint.CheckpointError as error:
        pytest.skip(f"no trained model: {error}")
    return model, vocabulary


@pytest.fixture(scope="module")
def explorable(small):
    return figure_of(*small)


@pytest.fixture
def figure(mount_page, explorable):
    page = mount_page(explorable)
    yield page.locator("#rk-char-lm")
    assert page.errors == []


# ---- numbers


STATES = """(m, weights, ids) => {
    const net = m.unpack(weights);
    const state = m.start(net);
    return ids.map((id) => {
      const logits = m.step(net, state, id);
      return { logits: [...logits], h: [...state.h], c: [...state.c] };
    });
}"""


def reference(model, ids, dtype):
    """Logits (T, V), h and c (T, H) of the model with the rounded weights, character by character."""
    rounded = {k: torch.tensor(v) for k, v in quantise(plain_arrays(model)).items()}
    twin = CharLM(**model.config).eval()
    twin.load_state_dict(rounded)
    twin = twin.to(dtype)
    state, rows = None, []
    with torch.no_grad():
        for token in ids:
            logits, state = twin(torch.tensor([[token]]), state)
            rows.append((logits[0, 0], state[0][0, 0], state[1][0, 0]))
    return [torch.stack(part).numpy() for part in zip(*rows, strict=True)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("which", ["small", "shipped"])
def test_states_and_scores_agree_along_200_characters(request, call, which, dtype):
    model, vocabulary = request.getfixturevalue(which)
    explorable = figure_of(model, vocabulary)
    ids = vocabulary.encode(SAMPLE[:200]).tolist()
    steps = call("models/char_lm", STATES, explorable.weights, ids)
    logits, h, c = reference(model, ids, dtype)
    got = {name: np.array([s[name] for s in steps]) for name in steps[0]}
    np.testing.assert_allclose(got["logits"], logits, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(got["h"], h, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(got["c"], c, rtol=1e-4, atol=1e-4)
    p = torch.tensor(got["logits"]).softmax(-1).numpy()
    want = torch.tensor(logits, dtype=torch.float64).softmax(-1).numpy()
    assert np.abs(p - want).max() < 1e-5


@pytest.mark.parametrize("top_p", [1, 0.9, 0.5, 0.05])
@pytest.mark.parametrize("temperature", [0.1, 0.7, 1, 2])
def test_distributions_agree_with_decoding(call, rng, temperature, top_p):
    code = "(m, all, o) => all.map((logits) => [...m.nextDistribution(logits, o)])"
    options = {"temperature": temperature, "topP": top_p}
    scores = rng.normal(size=(8, 30)) * 3
    answers = np.array(call("models/char_lm", code, scores.tolist(), options))
    for logits, got in zip(scores, answers, strict=True):
        want = next_distribution(torch.tensor(logits), temperature, top_p=top_p)
        np.testing.assert_allclose(got, want.numpy(), atol=1e-5)
        assert ((got == 0) == (want.numpy() == 0)).all()


def test_greedy_takes_the_first_of_the_best(call):
    code = "(m, l) => m.nextDistribution(l, { temperature: 0 })"
    assert call("models/char_lm", code, [0, 2, 1, 2]) == [0, 1, 0, 0]


def test_drawing_follows_the_probabilities(call):
    code = """(m, p, n) => { const u = m.mulberry32(7); return Array.from({ length: n }, () => m.draw(p, u())); }"""
    p, n = [0.5, 0, 0.3, 0.2], 20_000
    modules = "models/char_lm models/random"
    drawn = call(modules, code, p, n)
    assert drawn == call(modules, code, p, n)
    share = np.bincount(drawn, minlength=4) / n
    # four standard deviations of a share of one half: 4 * sqrt(0.25 / n) = 0.014
    assert np.abs(share - p).max() < 0.015
    assert share[1] == 0
    assert call("models/char_lm", "(m, p) => m.draw(p, 1)", [0.5, 0.5, 0]) == 1


def test_surprise_is_the_loss(call, rng):
    logits = rng.normal(size=12) * 5
    got = call(
        "models/char_lm", "(m, l) => l.map((_, v) => m.surprise(l, v))", logits.tolist()
    )
    want = -torch.tensor(logits).log_softmax(-1).numpy()
    np.testing.assert_allclose(got, want, atol=1e-12)


# ---- the figure


def predict(figure, guess="fewer"):
    figure.get_by_role("button", name=f"I predict {guess}").click()


def text_of(figure):
    """What the box shows, as the model reads it."""
    return figure.locator(".rk-text").evaluate(
        "e => [...e.querySelectorAll('span')].map((s) => s.textContent.replace('↵', '\\n')).join('')"
    )


def status(figure):
    return figure.locator(".rk-side > p").last


def bars(figure):
    """The bars' characters and probabilities, in order."""
    labels = figure.locator(".rk-bars > button").evaluate_all(
        "bars => bars.map((bar) => bar.ariaLabel)"
    )
    found = (
        re.fullmatch(r"append (.+), probability ([\d.]+)", text) for text in labels
    )
    names = {"space": " ", "new line": "\n"}
    return [(names.get(m[1], m[1]), float(m[2])) for m in found]


def check_bars(figure, small, text, temperature=1.0, top_p=None):
    model, vocabulary = small
    logits = reference(model, vocabulary.encode(text).tolist(), torch.float64)[0][-1]
    p = next_distribution(torch.tensor(logits), temperature, top_p=top_p).numpy()
    shown = bars(figure)
    best = np.argsort(-logits)[:10]
    assert [letter for letter, _ in shown] == [vocabulary.characters[k] for k in best]
    np.testing.assert_allclose([v for _, v in shown], p[best], atol=6e-4)


def set_slider(figure, label, value):
    figure.get_by_label(label).fill(str(value))


def test_the_bars_follow_the_prefix_and_wait_for_the_prediction(figure, small):
    check_bars(figure, small, "KING RICHAR")
    for name in ("Write", "Step"):
        assert figure.get_by_role("button", name=name, exact=True).is_disabled()
    assert figure.get_by_label("temperature").is_disabled()
    figure.get_by_label("prefix").fill("My lord")
    check_bars(figure, small, "My lord")
    assert text_of(figure) == "My lord"


def test_temperature_and_top_p_change_the_bars(figure, small):
    predict(figure)
    assert "Different words at temperature 1: " in figure.inner_text()
    check_bars(figure, small, "KING RICHAR", 0.2)
    set_slider(figure, "temperature", 1.7)
    check_bars(figure, small, "KING RICHAR", 1.7)
    set_slider(figure, "top-p", 0.6)
    check_bars(figure, small, "KING RICHAR", 1.7, 0.6)
    assert "Top-p cuts the tail: the " in figure.inner_text()
    figure.get_by_label("temperature").press("Home")
    assert [p for _, p in bars(figure)] == [1, *[0] * 9]
    assert "Greedy" in figure.inner_text()


@pytest.mark.parametrize("prefix", ["KING RICHAR", "My ", "B"])
def test_every_hint_is_true(figure, small, prefix):
    model, vocabulary = small
    logits = reference(model, vocabulary.encode(prefix).tolist(), torch.float64)[0][-1]
    own = next_distribution(torch.tensor(logits)).max().item()
    predict(figure)
    figure.get_by_label("prefix").fill(prefix)
    for temperature in (0, 0.1, 0.5, 1, 1.4, 2):
        for top_p in (0.05, 0.5, 0.95, 1):
            set_slider(figure, "temperature", temperature)
            set_slider(figure, "top-p", top_p)
            text = figure.inner_text()
            if temperature == 0:
                assert "Greedy takes the tallest bar" in text
                continue
            p = next_distribution(torch.tensor(logits), temperature, top_p=top_p)
            kept, tallest = (p > 0).sum(), f"has {p.max():.2f} instead of {own:.2f}"
            if top_p < 1:
                few = "the likeliest character takes"
                many = f"the {kept} likeliest characters share"
                assert (few if kept == 1 else many) in text
            elif temperature != 1:
                assert tallest in text
                assert ("Low" in text) == (p.max().item() > own)


def test_inside_a_word_the_model_is_mostly_surer(shipped):
    model, vocabulary = shipped
    text = SAMPLE[: len(SAMPLE) // 3]
    with torch.no_grad():
        logits, _ = model(torch.as_tensor(vocabulary.encode(text))[None])
    sure = logits[0].softmax(-1).amax(dim=-1).numpy()
    pairs = list(itertools.pairwise(text))
    inside = [a.islower() and b.islower() for a, b in pairs]
    begins = [a.isspace() and b.isalpha() for a, b in pairs]
    assert np.median(sure[:-1][inside]) > np.median(sure[:-1][begins]) + 0.2


def test_a_bar_appends_its_character_by_mouse_and_by_keyboard(figure, small):
    (first, _), *_ = bars(figure)
    figure.locator(".rk-bars > button").first.click()
    assert text_of(figure) == "KING RICHAR" + first
    check_bars(figure, small, "KING RICHAR" + first)
    third = bars(figure)[2][0]
    figure.page.keyboard.press("ArrowRight")
    figure.page.keyboard.press("ArrowRight")
    figure.page.keyboard.press("Enter")
    text = "KING RICHAR" + first + third
    assert text_of(figure) == text
    check_bars(figure, small, text)


def test_foreign_characters_are_refused_with_a_reason(figure, small):
    figure.get_by_label("prefix").fill("My €lord")
    assert figure.get_by_label("prefix").input_value() == "My lord"
    assert "does not occur" in status(figure).inner_text()
    check_bars(figure, small, "My lord")
    figure.get_by_label("prefix").fill("")
    assert "One character at least" in status(figure).inner_text()
    check_bars(figure, small, "My lord")
    figure.get_by_label("prefix").fill("I.↵")
    check_bars(figure, small, "I.\n")


def test_stepping_is_repeated_after_a_reset(figure):
    predict(figure)
    set_slider(figure, "temperature", 1)
    step = figure.get_by_role("button", name="Step", exact=True)

    def twelve():
        for _ in range(12):
            step.click()
        return text_of(figure)

    first = twelve()
    assert len(first) == len("KING RICHAR") + 12
    figure.get_by_role("button", name="Reset").click()
    assert text_of(figure) == "KING RICHAR"
    assert twelve() == first


def test_writing_can_be_paused_and_goes_on(mount_page):
    vocabulary = Vocabulary.of(SAMPLE)
    large = CharLM(len(vocabulary), hidden_size=224)  # slow enough to be caught writing
    figure = mount_page(figure_of(large, vocabulary)).locator("#rk-char-lm")
    predict(figure)
    press_twice = """async (figure) => {
      const button = figure.querySelector("button.rk-primary");
      const names = [button.textContent];
      button.click();
      names.push(button.textContent);
      for (let i = 0; i < 3; i += 1) await new Promise(requestAnimationFrame);
      button.click();
      return [...names, button.textContent];
    }"""
    assert figure.evaluate(press_twice) == ["Write", "Pause", "Write"]
    text = text_of(figure)
    written = int(re.match(r"\d+", status(figure).inner_text())[0])
    assert 0 < written < 2000
    assert status(figure).get_attribute("aria-live") == "polite"
    assert len(text) == written + len("KING RICHAR")
    figure.page.wait_for_timeout(100)
    assert text_of(figure) == text
    figure.evaluate(press_twice)
    assert text_of(figure).startswith(text)
    assert len(text_of(figure)) > len(text)


def test_no_screen_reader_hears_every_character(figure):
    predict(figure)
    heard = figure.evaluate(
        """async (figure) => {
          const heard = [];
          new MutationObserver((changes) => changes.forEach((change) => {
            const region = (change.target.nodeType === 1 ? change.target : change.target.parentElement)?.closest("[aria-live], [role=status]");
            if (region && region.getAttribute("aria-live") !== "off") heard.push(region.textContent);
          })).observe(figure, { subtree: true, childList: true, characterData: true });
          [...figure.querySelectorAll("button")].find((b) => b.textContent === "Write").click();
          while (!/^2000 /.test(figure.querySelector(".rk-side > p:last-child").textContent)) await new Promise(requestAnimationFrame);
          return heard;
        }"""
    )
    assert len(heard) <= 2
    assert heard[-1].startswith("2000 characters written")


def test_without_animation_a_block_is_written_at_once(figure):
    figure.page.emulate_media(reduced_motion="reduce")
    predict(figure)
    figure.get_by_role("button", name="Write").click()
    assert status(figure).inner_text().startswith("2000 characters written")
    assert len(text_of(figure)) == 2000 + len("KING RICHAR")


def test_the_page_forgets_the_start_of_a_very_long_text(figure):
    figure.page.emulate_media(reduced_motion="reduce")
    predict(figure)
    set_slider(figure, "temperature", 2)
    for _ in range(4):
        figure.get_by_role("button", name="Write").click()
    assert status(figure).inner_text().startswith("8000 characters written")
    assert 5000 < len(text_of(figure)) <= 6000
    figure.locator(".rk-text").press("Home")
    assert "Character 1," in figure.locator(".rk-side > .rk-live").inner_text()
    for _ in range(2):  # to the sample and back
        figure.get_by_role("button", name="show the sample text").click()
    assert 5000 < len(text_of(figure)) <= 6000
    assert figure.locator(".rk-given").count() == 0


# ---- colours


def cell_values(small, text, cell):
    model, vocabulary = small
    ids = vocabulary.encode(text).tolist()
    return np.tanh(read_characters(quantise(plain_arrays(model)), ids)[2][:, cell])


def shown_values(figure):
    """tanh(c) as the grounds show it: sign by the colour, size by its share."""
    grounds = figure.locator(".rk-text span").evaluate_all(
        "spans => spans.map((s) => s.getAttribute('style'))"
    )
    found = (re.search(r"heat-(neg|pos)\) ([\d.]+)%", text) for text in grounds)
    return np.array([(-1 if m[1] == "neg" else 1) * float(m[2]) / 100 for m in found])


def test_the_sample_is_coloured_by_the_chosen_cell(figure, small):
    assert text_of(figure) == SAMPLE
    for cell in (2, 0, 7):
        values = cell_values(small, SAMPLE, cell)
        if cell == 7:
            figure.get_by_role("spinbutton").fill("7")
            assert "Most cells have no name" in figure.inner_text()
        else:
            figure.get_by_label("colour by").select_option(str(cell))
        assert figure.get_by_role("spinbutton").input_value() == str(cell)
        assert np.abs(shown_values(figure) - values).max() <= 0.026
    figure.get_by_role("button", name="cell: more").click()
    assert np.abs(shown_values(figure) - cell_values(small, SAMPLE, 8)).max() <= 0.026
    figure.get_by_role("spinbutton").fill("999")
    assert figure.get_by_role("spinbutton").input_value() == "8"


def test_what_is_typed_and_written_is_coloured_too(figure, small):
    figure.get_by_label("prefix").fill("So do I.")
    predict(figure)
    set_slider(figure, "temperature", 1)
    for _ in range(5):
        figure.get_by_role("button", name="Step", exact=True).click()
    text = text_of(figure)
    assert np.abs(shown_values(figure) - cell_values(small, text, 2)).max() <= 0.026
    figure.get_by_role("button", name="show the sample text").click()
    assert text_of(figure) == SAMPLE
    figure.get_by_role("button", name="show the sample text").click()
    assert text_of(figure) == text


def test_a_character_is_read_out_by_keys_and_by_pointing(figure, small):
    values = cell_values(small, SAMPLE, 2)
    said = figure.locator(".rk-side > .rk-live")
    box = figure.locator(".rk-text")
    box.focus()
    box.press("ArrowRight")
    assert f"Character 1, K: tanh(c) = {signed(values[0])}." == said.inner_text()
    box.press("ArrowRight")
    assert f"Character 2, I: tanh(c) = {signed(values[1])}." in said.inner_text()
    box.press("ArrowDown")
    assert f"Character 16, y: tanh(c) = {signed(values[15])}." in said.inner_text()
    box.press("ArrowUp")
    assert "Character 2, I" in said.inner_text()
    figure.locator(".rk-text span").nth(4).hover()
    assert f"Character 5, space: tanh(c) = {signed(values[4])}." in said.inner_text()
    model, vocabulary = small
    ids = vocabulary.encode(SAMPLE[:5]).tolist()
    logits = torch.tensor(reference(model, ids, torch.float64)[0][3])
    nats = -logits.log_softmax(-1)[ids[4]].item()
    assert f"a surprise of {nats:.2f} nats" in said.inner_text()
    figure.get_by_label("colour by").select_option("0")
    value = cell_values(small, SAMPLE, 0)[4]
    assert f"tanh(c) = {signed(value)}." in said.inner_text()


def signed(value):
    return f"{'−' if value < 0 else '+'}{abs(value):.2f}"


# ---- the shipped model: size, speed, what it does


def test_the_shipped_model_fits_into_a_page(shipped):
    html = figure_of(*shipped)._repr_mimebundle_()[0]["text/html"]
    state = json.loads(html.split('application/json">')[1].split("</script>")[0])
    assert len(json.dumps(state["weights"])) <= 400_000


def test_it_writes_quickly(mount_page, shipped, capsys):
    figure = mount_page(figure_of(*shipped)).locator("#rk-char-lm")
    predict(figure)
    figure.get_by_role("button", name="Write").click()
    figure.page.wait_for_function(
        "/^2000 /.test(document.querySelector('.rk-side > p:last-child').textContent)"
    )
    rate = int(re.search(r"(\d+) per second", status(figure).inner_text())[1])
    with capsys.disabled():
        print(f"\n{rate} characters per second over 2000 characters")
    assert rate >= 200


def test_the_prediction_is_answered_by_what_the_model_does(mount_page, shipped):
    page = mount_page(figure_of(*shipped))
    figure = page.locator("#rk-char-lm")
    predict(figure, "more")
    verdict = figure.locator(".rk-ask").inner_text()
    assert verdict.startswith("Not this time: fewer.")
    found = re.search(r"1: (\d+) of (\d+); at 0.2: (\d+) of (\d+)", verdict)
    warm, of_warm, cool, of_cool = map(int, found.groups())
    assert cool / of_cool < warm / of_warm - 0.1
    page = mount_page(figure_of(*shipped))
    predict(page.locator("#rk-char-lm"))
    assert page.locator(".rk-ask").inner_text().startswith("Right.")


# ---- every screen


# Letters and margins of the published page, which are larger than a bare page's.
PUBLISHED = ":root { font-size: 18px } body { max-width: 702px; margin: 34px auto !important; padding: 0 %dpx }"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("width", "margin", "tallest"), [(360, 34, 1000), (1280, 0, 700)]
)
def test_it_fits(mount_page, explorable, width, margin, tallest, dark):
    page = mount_page(explorable, width=width, dark=dark)
    page.add_style_tag(content=PUBLISHED % margin)
    figure = page.locator("#rk-char-lm")
    predict(figure)
    figure.locator(".rk-text").press("Home")
    for control in figure.locator("button, input, select, .rk-text").all():
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 43.5
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert figure.bounding_box()["height"] <= tallest


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(mount_page, violations, explorable, dark):
    page = mount_page(explorable, dark=dark)
    assert violations(page, without=["page-has-heading-one"]) == []
    predict(page.locator("#rk-char-lm"))
    page.locator(".rk-text").press("Home")
    assert violations(page, without=["page-has-heading-one"]) == []
