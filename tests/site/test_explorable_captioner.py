"""The captioner in the page: its numbers against numpy and torch, its judgements against the data's, mouse and keyboard."""

import json

import numpy as np
import pytest
import torch
from overlapping import stacks, under_frame

from rnnkit.nn.captioning.attention_captioner import AttentionCaptioner
from rnnkit.nn.captioning.files import SHIPPED, arrays, load_captioner
from rnnkit.nn.captioning.writing import evidence as torch_evidence
from rnnkit.nn.captioning.writing import greedy
from rnnkit.nn.checkpoint import CheckpointError
from rnnkit.nn.encoder import Encoder
from rnnkit.nn.encoder import encode as look_at
from rnnkit.scenes import captions, layouts
from rnnkit.scenes.drawings import KINDS, NAMES, glyph
from rnnkit.show.captioner import CaptionerExplorable, quantise
from rnnkit.show.packing import MAX_WEIGHTS
from rnnkit.show.scene import box_of, load_sprites, pack_sprites, paint, scene_of
from rnnkit.show.twin import describe, evidence, look, step

pytestmark = pytest.mark.browser
GROUPS = [NAMES[i : i + 3] for i in range(0, len(NAMES), 3)]
SPRITES = {name: np.asarray(glyph(KINDS[name][1][0])) for name in NAMES}


@pytest.fixture(scope="module")
def some():
    """Six test scenes, as the page holds them."""
    made = layouts.generate_scenes(6, seed=11)
    return [
        scene_of(image, [(thing.name, thing.box) for thing in things])
        for image, things in zip(made.images, made.things, strict=True)
    ]


def figure_of(encoder, captioner, some, **changes):
    given = {"caption": "Watch the looks.", "apart": GROUPS}
    return CaptionerExplorable(
        weights=arrays(encoder, captioner),
        words=captioner.words,
        sprites=SPRITES,
        scenes=some,
        **{**given, **changes},
    )


@pytest.fixture(scope="module")
def small():
    """A random model whose weights are large enough for its looks to differ."""
    torch.manual_seed(5)
    encoder = Encoder(16).eval()
    captioner = AttentionCaptioner(
        captions.CAPTION_WORDS,
        attention_size=12,
        channels=16,
        embedding_size=8,
        hidden_size=20,
    )
    with torch.no_grad():
        for parameter in [*encoder.parameters(), *captioner.parameters()]:
            parameter.mul_(2)
    return encoder, captioner.eval()


@pytest.fixture(scope="module")
def shipped():
    try:
        encoder, captioner, _ = load_captioner(SHIPPED)
    except CheckpointError as error:
        pytest.skip(f"no trained model: {error}")
    return encoder, captioner


@pytest.fixture(scope="module")
def explorable(small, some):
    return figure_of(*small, some)


@pytest.fixture(scope="module")
def explorable_of_shipped(shipped, some):
    return figure_of(*shipped, some)


@pytest.fixture
def figure(mount_page, explorable):
    page = mount_page(explorable)
    yield page.locator("#rk-captioner")
    assert page.errors == []


@pytest.fixture
def trained(mount_page, explorable_of_shipped):
    page = mount_page(explorable_of_shipped)
    yield page.locator("#rk-captioner")
    assert page.errors == []


# ---- numbers


STEPS = """(m, packed, pixels, ids) => {
    const net = m.unpack(packed);
    const picture = m.see(net, pixels);
    const H = net.W_hh.shape[1];
    let state = { h: new Float64Array(H), c: new Float64Array(H) };
    const steps = ids.map((id) => {
      state = m.step(net, picture, state, id);
      const speaks = m.evidence(net, picture, state, 3);
      return { evidence: [...speaks], logits: [...state.logits], glances: state.glances.map((w) => [...w]), h: [...state.h] };
    });
    return { steps, said: m.describe(net, pixels).map(({ id }) => id) };
}"""


@pytest.mark.parametrize("which", ["small", "shipped"])
def test_every_step_agrees_with_numpy(request, call, which, some, rng):
    model = request.getfixturevalue(which)
    explorable = figure_of(*model, some)
    image = layouts.generate_scenes(1, seed=3).images[0]
    ids = [0, *rng.integers(2, len(explorable.words), 8).tolist()]
    got = call(
        "models/captioner", STEPS, explorable.weights, image.flatten().tolist(), ids
    )
    weights = quantise(arrays(*model))
    picture = look(image, weights)
    h = c = np.zeros(len(weights["W_hh"]))
    for word, page in zip(ids, got["steps"], strict=True):
        logits, glances, h, c = step(weights, picture, h, c, word)
        # The page keeps regions in single precision, numpy everything in double.
        np.testing.assert_allclose(page["logits"], logits, atol=1e-4)
        np.testing.assert_allclose(page["glances"], glances, atol=1e-4)
        np.testing.assert_allclose(page["h"], h, atol=1e-4)
        want = evidence(weights, picture, h, glances, 3)
        np.testing.assert_allclose(page["evidence"], want, atol=1e-4)
    assert got["said"] == describe(image, weights)[0]


@pytest.mark.parametrize("which", ["small", "shipped"])
def test_numpy_agrees_with_torch(request, which):
    encoder, captioner = request.getfixturevalue(which)
    images = layouts.generate_scenes(5, seed=4).images
    weights = arrays(encoder, captioner)
    with torch.no_grad():
        regions = look_at(encoder, images)
        ids, glances = greedy(captioner, regions)[:2]
    for k, image in enumerate(images):
        said, _, looked = describe(image, weights)
        assert said == ids[k, : len(said)].tolist()
        T = len(said)
        np.testing.assert_allclose(looked, glances.weights[k, :T], atol=1e-4)
        speaks = torch_evidence(captioner, regions[k : k + 1], ids[k : k + 1, :T])
        picture = look(image, weights)
        h = c = np.zeros(len(weights["W_hh"]))
        for t, word in enumerate([0, *said[:-1]]):
            _, glanced, h, c = step(weights, picture, h, c, word)
            got = evidence(weights, picture, h, glanced, said[t])
            np.testing.assert_allclose(got, speaks[0, t], atol=1e-4)


def test_rounding_and_repainting_cost_little(shipped):
    """The page's weights describe scenes as well as the full ones do, and so they do scenes that the page painted."""
    encoder, captioner = shipped
    weights = arrays(encoder, captioner)
    rounded = quantise(weights)
    sprites = load_sprites(pack_sprites(SPRITES))
    made = layouts.generate_scenes(200, seed=21)
    right = {"full": 0, "rounded": 0, "repainted": 0}
    for image, things in zip(made.images, made.things, strict=True):
        scene = scene_of(image, [(thing.name, thing.box) for thing in things])
        placed = [
            layouts.Thing(t["name"], "", box_of(t, sprites)) for t in scene["things"]
        ]
        for name, picture, given, true in (
            ("full", image, weights, things),
            ("rounded", image, rounded, things),
            ("repainted", paint(scene, sprites), rounded, placed),
        ):
            ids = describe(picture, given)[0]
            text = " ".join(captioner.words[k] for k in ids if k > 1)
            right[name] += text in captions.captions(true)
    print(right)
    assert abs(right["full"] - right["rounded"]) <= 4
    assert right["repainted"] >= right["full"] - 14


def test_captions_and_boxes_are_judged_as_the_data_do(call, explorable, some):
    loaded = load_sprites(explorable.sprites)
    code = """async (m, sprites, things) => {
      const loaded = await m.loadSprites(sprites);
      return [m.captions(things, loaded), Array.from({ length: 64 }, (_, r) => m.under(r, things, loaded))];
    }"""
    for scene in some:
        modules = "models/captions kit/scene kit/sprites"
        got, under = call(modules, code, explorable.sprites, scene["things"])
        things = [
            layouts.Thing(t["name"], "", box_of(t, loaded)) for t in scene["things"]
        ]
        assert got == captions.captions(things)
        for r, name in enumerate(under):
            x, y = 8 * (r % 8) + 4, 8 * (r // 8) + 4
            on = [
                t.name
                for t in things
                if t.box[0] <= x < t.box[2] and t.box[1] <= y < t.box[3]
            ]
            assert name == (on[-1] if on else None)  # the last one painted lies on top
    nouns = "(m, words, names) => words.map((word) => m.nounOf(word, names))"
    words = [*captions.NOUNS, "left"]
    got = call("models/captions", nouns, words, list(NAMES))
    assert got == [*captions.NOUNS.values(), None]


# ---- the figure


def commit(figure):
    figure.locator(".rk-ask button").first.click()


def words_of(figure):
    return figure.locator(".rk-words > button").all_inner_texts()


def test_nothing_is_shown_before_the_prediction(figure):
    assert not figure.locator(".rk-bars").is_visible()
    assert not figure.locator(".rk-look").is_visible()
    assert figure.locator(".rk-strongest").get_attribute("visibility") == "hidden"
    assert figure.locator("[inert]").count() == 3
    assert figure.locator(".rk-words > button").first.is_disabled()
    labels = figure.locator(".rk-ask button").evaluate_all(
        "b => b.map((one) => one.ariaLabel)"
    )
    things = ["the cake", "the boat", "the ground"]
    assert labels == [f"I predict {name}" for name in things]
    commit(figure)
    assert figure.locator("[inert]").count() == 0
    assert figure.locator(".rk-bars").is_visible()
    assert figure.locator(".rk-strongest").get_attribute("visibility") == "visible"
    assert figure.locator(".rk-words > button:focus").count() == 1


def test_the_prediction_is_answered_by_the_glances(
    trained, explorable_of_shipped, some
):
    _, words, glances = explorable_of_shipped.read()
    boxes = load_sprites(explorable_of_shipped.sprites)
    relation = next(
        i for i, w in enumerate(words) if w in ("left", "right", "above", "below")
    )
    share = dict.fromkeys(["cake", "boat", "ground"], 0)
    for r, weight in enumerate(glances[relation, 0]):
        x, y = 8 * (r % 8) + 4, 8 * (r // 8) + 4
        on = "ground"
        for thing in some[0]["things"]:
            left, top, right, bottom = box_of(thing, boxes)
            if left <= x < right and top <= y < bottom:
                on = thing["name"]  # the last one painted lies on top
        share[on] += weight
    kind = max(share, key=share.get)
    trained.get_by_role("button", name=f"I predict the {kind}").click()
    said = trained.locator(".rk-ask").inner_text().replace("\xa0", " ")
    assert said.startswith(
        f"Right: {100 * share[kind]:.0f} % of it lies on the {kind}."
    )
    pressed = trained.locator(".rk-words > button[aria-pressed=true]")
    assert pressed.inner_text() == words[relation]


@pytest.mark.parametrize(
    ("before", "told"),
    [(True, "what it has named"), (False, "first chooses the other"), (None, "")],
)
def test_what_a_glance_is_said_to_mean(call, before, told):
    """Whether the caption names the kind before the relation, after it, or never."""
    code = "(m, before) => m.answer('cat', 0.6, before)"
    share, means, _ = call("words/captioner", code, before)
    assert share.startswith("60")
    assert told in means
    assert bool(means) == (before is not None)


def test_the_words_and_maps_are_those_of_numpy(figure, explorable):
    commit(figure)
    _, words, glances = explorable.read()
    assert [word for word in words_of(figure) if word != "(end)"] == words
    figure.locator(".rk-words > button").first.click()
    for g in range(glances.shape[1]):
        figure.get_by_role("button", name=f"glance {g + 1}").click()
        row, column = divmod(int(glances[0, g].argmax()), 8)
        frame = figure.locator(".rk-strongest")
        assert frame.get_attribute("x") == str(8 * column)
        assert frame.get_attribute("y") == str(8 * row)


def test_of_overlapping_drawings_the_upper_one_is_named(mount_page, small):
    some = stacks("cake", "boat")
    page = mount_page(figure_of(*small, some))
    figure = page.locator("#rk-captioner")
    commit(figure)
    covered = 0
    for _ in some:
        figure.get_by_role("button", name="Next scene").click()
        for g in (1, 2):
            figure.get_by_role("button", name=f"glance {g}").click()
            names = under_frame(figure, figure)
            on = f"the {names[-1]}" if names else "the ground"
            text = f"glance {g} is strongest on {on} (outlined)."
            assert text in figure.locator(".rk-look").inner_text()
            covered += len(names) > 1
    assert covered > 0
    assert page.errors == []


def test_words_are_stepped_through_by_keyboard(figure):
    commit(figure)
    chips = figure.locator(".rk-words > button")
    chips.first.click()
    pressed = figure.locator(".rk-words > button[aria-pressed=true]")
    assert figure.get_by_role("button", name="Previous word").is_disabled()
    chips.first.press("ArrowRight")
    assert pressed.evaluate("e => [...e.parentNode.children].indexOf(e)") == 1
    figure.get_by_role("button", name="Next word").press("Enter")
    assert pressed.evaluate("e => [...e.parentNode.children].indexOf(e)") == 2
    said = figure.locator(".rk-said").inner_text()
    assert "is strongest on" in said
    chips.nth(2).press("End")
    assert figure.get_by_role("button", name="Next word").is_disabled()


def test_it_plays_and_stops(figure):
    commit(figure)
    figure.locator(".rk-words > button").first.click()
    figure.get_by_role("button", name="Play").click()
    figure.page.wait_for_timeout(1300)
    figure.get_by_role("button", name="Pause").click()
    pressed = figure.locator(".rk-words > button[aria-pressed=true]")
    place = pressed.evaluate("e => [...e.parentNode.children].indexOf(e)")
    assert place >= 1
    figure.page.wait_for_timeout(1300)
    assert pressed.evaluate("e => [...e.parentNode.children].indexOf(e)") == place


def test_bars_are_probabilities(figure, explorable, small):
    commit(figure)
    figure.locator(".rk-words > button").first.click()
    values = figure.locator(".rk-bars > .rk-value").all_inner_texts()
    image = explorable.read()[0]
    p = np.sort(describe(image, quantise(arrays(*small)))[1][0])[::-1][:5]
    assert [int(text.split()[0]) for text in values] == np.rint(100 * p).tolist()


def test_the_next_scene_comes_and_goes_round(figure, some):
    commit(figure)
    ask = figure.locator(".rk-ask").inner_text()
    for k in [1, 2, 3, 4, 5, 0]:
        figure.get_by_role("button", name="Next scene").click()
        labels = figure.locator(".rk-thing").evaluate_all(
            "t => t.map((one) => one.ariaLabel.split(',')[0])"
        )
        assert labels == [thing["name"] for thing in some[k]["things"]]
        assert figure.locator(".rk-ask").inner_text() == ask


PAIR = {
    "ground": [240, 240, 240],
    "things": [
        {"name": "cat", "size": 22, "x": 13, "y": 32},
        {"name": "bus", "size": 22, "x": 51, "y": 32},
    ],
}


def test_moving_a_drawing_changes_the_caption(mount_page, shipped):
    """The cat goes from the left of the bus to its right, step by step, and the words follow."""
    figure = mount_page(figure_of(*shipped, [PAIR])).locator("#rk-captioner")
    commit(figure)
    cat = figure.locator(".rk-thing").first
    before = words_of(figure)
    for _ in range(14):
        cat.press("ArrowUp")
    for _ in range(19):
        cat.press("ArrowRight")
    for _ in range(10):
        cat.press("ArrowDown")
    figure.page.wait_for_timeout(200)
    after = words_of(figure)
    assert before != after
    said = figure.locator(".rk-said").inner_text()
    assert said.startswith(("True.", "False."))
    assert figure.page.errors == []


def test_held_out_pairs_are_named(mount_page, small):
    strangers = {
        **PAIR,
        "things": [PAIR["things"][0], {**PAIR["things"][1], "name": "apple"}],
    }
    figure = mount_page(figure_of(*small, [strangers])).locator("#rk-captioner")
    text = "In training, cat and apple never met."
    assert text in figure.locator(".rk-verdict").inner_text()


def test_the_bundle_for_notebooks_runs_as_one_module(mount_page, explorable):
    """Many modules in one text: as JupyterLab gets it."""
    page = mount_page()
    page.evaluate(
        """async ([source, given]) => {
          const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
          const state = { ...given, caption: "Watch." };
          const model = { get: (name) => state[name], set() {}, on() {}, off() {}, save_changes() {} };
          await module.default.render({ model, el: document.querySelector("main") });
        }""",
        [explorable._esm, explorable.state()],
    )
    figure = page.locator("main")
    _, words, _ = explorable.read()
    assert [word for word in words_of(figure) if word != "(end)"] == words
    assert page.errors == []


# ---- size, every screen


def test_it_fits_into_a_page(explorable_of_shipped):
    html = explorable_of_shipped._repr_mimebundle_()[0]["text/html"]
    state = json.loads(html.split('application/json">')[1].split("</script>")[0])
    assert len(json.dumps(state["weights"])) <= MAX_WEIGHTS
    assert len(json.dumps(state["sprites"])) <= 60_000


# Letters and margins of the published page, which are larger than a bare page's.
PUBLISHED = ":root { font-size: 18px } body { max-width: 702px; margin: 34px auto !important; padding: 0 %dpx }"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("width", "margin", "tallest"), [(360, 34, 1000), (1280, 0, 700)]
)
def test_it_fits_the_screen(mount_page, explorable, width, margin, tallest, dark):
    page = mount_page(explorable, width=width, dark=dark)
    page.add_style_tag(content=PUBLISHED % margin)
    figure = page.locator("#rk-captioner")
    tall = figure.bounding_box()["height"]
    commit(figure)
    assert tall <= tallest
    for control in figure.locator("button:visible").all():
        assert control.bounding_box()["height"] >= 43.5
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert figure.bounding_box()["height"] <= tallest


@pytest.mark.parametrize("width", [360, 900])
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(mount_page, violations, explorable, dark, width):
    page = mount_page(explorable, dark=dark, width=width)
    assert violations(page, without=["page-has-heading-one"]) == []
    commit(page.locator("#rk-captioner"))
    assert violations(page, without=["page-has-heading-one"]) == []
