"""Questions in the page: its numbers against numpy and torch, its true answers against the data's, mouse and keyboard."""

import itertools
import json

import numpy as np
import pytest
import torch
from overlapping import stacks, under_frame

from rnnkit.nn.checkpoint import CheckpointError
from rnnkit.nn.encoder import Encoder
from rnnkit.nn.encoder import encode as look_at
from rnnkit.nn.vqa.attention import Attention
from rnnkit.nn.vqa.files import arrays, load_vqa
from rnnkit.nn.vqa.fusion import Fusion
from rnnkit.nn.vqa.question_set import encode_questions
from rnnkit.scenes import layouts, questions
from rnnkit.scenes.drawings import KINDS, NAMES, glyph
from rnnkit.show.packing import quantise
from rnnkit.show.scene import box_of, load_sprites, paint
from rnnkit.show.twin import MODELS, answer, see
from rnnkit.show.vqa import VQAExplorable

pytestmark = pytest.mark.browser
GROUPS = [NAMES[i : i + 3] for i in range(0, len(NAMES), 3)]
SPRITES = {name: np.asarray(glyph(KINDS[name][1][0])) for name in NAMES}
CATEGORIES = {name: KINDS[name][0] for name in NAMES}
QUESTIONS = [
    "is the frog left of the car",
    "how many trees are there",
    "what is above the bus",
]


def thing(name, x, y, size=22):
    return {"name": name, "size": size, "x": x, "y": y}


SCENES = [
    {
        "ground": [236, 226, 214],
        "things": [thing("frog", 16, 20), thing("car", 46, 44)],
    },
    {
        "ground": [214, 232, 220],
        "things": [thing("tree", 14, 14), thing("tree", 48, 16), thing("pig", 30, 48)],
    },
    {
        "ground": [222, 224, 246],
        "things": [thing("cake", 46, 14), thing("bus", 48, 48)],
    },
]


def figure_of(small, **changes):
    encoder, models = small
    folded, weights = arrays(encoder, models)
    given = {
        "encoder": folded,
        "models": weights,
        "words": models["attention"].words,
        "answers": models["attention"].answers,
        "sprites": SPRITES,
        "categories": CATEGORIES,
        "scenes": SCENES,
        "questions": QUESTIONS,
        "apart": GROUPS,
        "caption": "Drag a drawing.",
    }
    return VQAExplorable(**{**given, **changes})


@pytest.fixture(scope="module")
def small():
    """Random models whose weights are large enough for their answers to differ."""
    torch.manual_seed(5)
    vocabularies = questions.QUESTION_WORDS, questions.ANSWERS
    sizes = {"channels": 16, "embedding_size": 8, "hidden_size": 12, "fused_size": 20}
    encoder = Encoder(16).eval()
    models = {
        name: Fusion(*vocabularies, fusion=name, narrow=4, **sizes)
        for name in ("concatenation", "multiplication")
    }
    models["attention"] = Attention(
        *vocabularies, glances=3, attention_size=10, **sizes
    )
    with torch.no_grad():
        for model in models.values():
            for parameter in model.parameters():
                parameter.mul_(2)
            model.mean.uniform_(0, 0.2)
            model.deviation.uniform_(0.5, 1)
    return encoder, {name: model.eval() for name, model in models.items()}


@pytest.fixture(scope="module")
def shipped():
    try:
        encoder, models, _ = load_vqa()
        return encoder, {name: models[name] for name in MODELS}
    except (CheckpointError, KeyError) as error:
        pytest.skip(f"no trained models: {error}")


@pytest.fixture(scope="module")
def explorable(small):
    return figure_of(small)


@pytest.fixture
def figure(mount_page, explorable):
    page = mount_page(explorable)
    yield page.locator("#rk-vqa")
    assert page.errors == []


# ---- numbers


ANSWERS = """(m, encoder, models, pixels, questions) => {
    const regions = m.see(pixels, m.unpackEye(encoder));
    return Object.fromEntries(Object.entries(models).map(([name, packed]) => {
      const net = m.unpack(packed);
      return [name, questions.map((ids) => {
        const { scores, glances } = m.answer(name, net, regions, ids);
        return { scores: [...scores], glances: glances.map((w) => [...w]) };
      })];
    }));
}"""


def choose(rng, things):
    found = questions.questions(things)
    return found[int(rng.integers(len(found)))].words


@pytest.mark.parametrize("which", ["small", "shipped"])
def test_answers_and_glances_agree_with_numpy(request, call, which, rng):
    trained = request.getfixturevalue(which)
    explorable = figure_of(trained)
    encoder, models = arrays(*trained)
    rounded = {name: quantise(weights) for name, weights in models.items()}
    made = layouts.generate_scenes(3, seed=2)
    for image, things in zip(made.images, made.things, strict=True):
        questions = [choose(rng, things).split() for _ in range(5)]
        ids = [[explorable.words.index(w) for w in words] for words in questions]
        given = explorable.encoder, explorable.models, image.flatten().tolist(), ids
        got = call("models/vqa", ANSWERS, *given)
        regions = see(image, quantise(encoder))
        for name, question in itertools.product(MODELS, range(5)):
            scores, glances = answer(name, rounded[name], regions, ids[question])
            page = got[name][question]
            # The page keeps regions in single precision, numpy everything in double.
            np.testing.assert_allclose(page["scores"], scores, atol=1e-4)
            np.testing.assert_allclose(page["glances"], glances, atol=1e-4)
            assert np.abs(scores).max() > 0.1


def test_rounding_costs_little(shipped, rng):
    """The page's weights answer nearly every question as the full ones do."""
    encoder, models = arrays(*shipped)
    words, answers = shipped[1]["attention"].words, shipped[1]["attention"].answers
    made = layouts.generate_scenes(120, seed=21)
    right = {(name, kind): 0 for name in MODELS for kind in ("full", "rounded")}
    for image, things in zip(made.images, made.things, strict=True):
        found = questions.questions(things)
        question = found[int(rng.integers(len(found)))]
        ids = [words.index(word) for word in question.words.split()]
        for kind, change in (("full", dict), ("rounded", quantise)):
            regions = see(image, change(encoder))
            for name in MODELS:
                scores, _ = answer(name, change(models[name]), regions, ids)
                right[name, kind] += answers[int(scores.argmax())] == question.answer
    print(right)
    for name in MODELS:
        assert abs(right[name, "full"] - right[name, "rounded"]) <= 5


@pytest.mark.parametrize("which", ["small", "shipped"])
def test_numpy_agrees_with_torch(request, which, rng):
    encoder, models = request.getfixturevalue(which)
    folded, weights = arrays(encoder, models)
    made = layouts.generate_scenes(4, seed=3)
    for image, things in zip(made.images, made.things, strict=True):
        words = choose(rng, things)
        regions = look_at(encoder, image[None])
        np.testing.assert_allclose(see(image, folded), regions[0], atol=1e-4)
        for name, model in models.items():
            ids = encode_questions([words], model.words)
            with torch.no_grad():
                want, looked = model(regions, ids[None])
            scores, glances = answer(name, weights[name], see(image, folded), ids[0])
            np.testing.assert_allclose(scores, want[0, 0], atol=1e-4)
            if looked is not None:
                np.testing.assert_allclose(glances, looked[0, 0], atol=1e-4)


TRUTHS = """async (m, sprites, categories, things) => {
    const loaded = await m.loadSprites(sprites);
    const fills = (gaps) => gaps.reduce((found, gap) => found.flatMap((fill) => m.fillers(gap, categories).map((one) => [...fill, one])), [[]]);
    return Object.entries(m.FORMS).flatMap(([form, { gaps }]) => fills(gaps).map((fill) => {
      const question = { form, fill };
      return [form, m.wordsOf(question), m.truth(question, things, loaded, categories)];
    }));
}"""


def random_things(rng, explorable):
    """Things of a page's scene with repeated kinds and near misses, and as the data have them."""
    kinds = rng.choice(NAMES, 3, replace=False)
    placed = [
        thing(str(rng.choice(kinds)), *rng.integers(8, 57, 2).tolist(), size=18)
        for _ in range(rng.integers(2, 5))
    ]
    loaded = load_sprites(explorable.sprites)
    return placed, [layouts.Thing(t["name"], "", box_of(t, loaded)) for t in placed]


def test_true_answers_are_those_of_the_data(call, explorable, rng):
    """All questions of the grammar: the page answers those that the data ask, with the same answer, and no other."""
    number = dict.fromkeys(questions.FORMS, 0)
    for _ in range(25):
        placed, things = random_things(rng, explorable)
        given = explorable.sprites, explorable.categories, placed
        want = {(q.form, q.words): q.answer for q in questions.questions(things)}
        for form, words, truth in call("models/questions kit/sprites", TRUTHS, *given):
            if isinstance(truth, str):
                number[form] += 1
                assert want.pop((form, words)) == truth
            else:
                assert (form, words) not in want, truth
        assert want == {}
    assert min(number.values()) > 10


def test_words_are_read_back(call):
    code = "(m, words, categories) => m.wordsOf(m.parse(words, categories))"
    for words in (*QUESTIONS, "is there an apple", "what vehicle is there"):
        assert call("models/questions", code, words, CATEGORIES) == words


# ---- the figure


def commit(figure, guess="two"):
    figure.get_by_role("button", name=f"I predict {guess}").click()


def panel(figure, name):
    """The answers that a model's panel shows, and their widths."""
    node = figure.get_by_role("group", name=f"Answers by {name}")
    widths = node.locator("i").evaluate_all("bars => bars.map((b) => b.style.width)")
    words = node.locator(".rk-answer > span:nth-child(2)").all_inner_texts()
    return words, [float(width.removesuffix("%")) / 100 for width in widths]


def check_panels(figure, explorable, small, question):
    """The panels show what numpy computes for the scene that the page holds."""
    boxes = figure.locator(".rk-thing").evaluate_all(
        "things => things.map((t) => ['x', 'y', 'width', 'height'].map((a) => Number(t.getAttribute(a))))"
    )
    names = figure.locator(".rk-thing").evaluate_all(
        "things => things.map((t) => t.getAttribute('aria-label').split(',')[0])"
    )
    placed = [
        thing(name, x + width / 2, y + height / 2)
        for name, (x, y, width, height) in zip(names, boxes, strict=True)
    ]
    scene = {"ground": figure_ground(figure), "things": placed}
    encoder, models = arrays(*small)
    image = paint(scene, load_sprites(explorable.sprites))
    regions = see(image, quantise(encoder))
    ids = [explorable.words.index(word) for word in question.split()]
    for name in MODELS:
        scores, _ = answer(name, quantise(models[name]), regions, ids)
        p = np.exp(scores - scores.max())
        p = np.sort(p / p.sum())[::-1]
        words, widths = panel(figure, name)
        assert words[0] == explorable.answers[int(scores.argmax())]
        # A canvas may round a half-clear colour by one of 255 levels.
        np.testing.assert_allclose(widths, p[:5], atol=0.01)


def figure_ground(figure):
    return figure.locator(".rk-scene > canvas").first.evaluate(
        "c => [...c.getContext('2d').getImageData(63, 0, 1, 1).data].slice(0, 3)"
    )


def settle(figure):
    figure.page.evaluate(
        "() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
    )


def told(figure):
    return figure.locator(".rk-told").inner_text()


def test_nothing_is_shown_before_the_prediction(figure):
    assert not figure.locator(".rk-talk").is_visible()
    assert not figure.locator(".rk-tools").is_visible()
    assert "is the frog left of the car" in figure.locator(".rk-ask").inner_text()
    commit(figure)
    assert figure.locator(".rk-talk").is_visible()
    assert figure.locator(".rk-ask > button").count() == 0
    assert figure.get_by_label("question").evaluate("e => e === document.activeElement")


def test_the_prediction_is_answered_by_the_models(figure, explorable, small):
    commit(figure)
    said = figure.locator(".rk-ask").inner_text()
    assert told(figure) == "Is the frog left of the car? True answer: no."
    check_panels(figure, explorable, small, QUESTIONS[0])
    for name in MODELS:
        words, _ = panel(figure, name)
        assert f", then {words[0]} " in said.split(f"{name.capitalize()}: ")[1]
    both = sum("✓" in part and "✗" not in part for part in said.split("; "))
    assert ["none", "one", "two", "all three"][both] in said


def test_another_question_is_built_from_the_menus(figure, explorable, small):
    commit(figure)
    figure.get_by_label("question").select_option("existence")
    settle(figure)
    assert told(figure) == "Is there a frog? True answer: yes."
    check_panels(figure, explorable, small, "is there a frog")
    figure.get_by_label("noun").select_option("elephant")
    settle(figure)
    assert told(figure) == "Is there an elephant? True answer: no."
    check_panels(figure, explorable, small, "is there an elephant")
    figure.get_by_label("question").select_option("what")
    figure.get_by_label("relation").select_option("right of")
    figure.get_by_label("noun").select_option("car")
    settle(figure)
    assert told(figure).startswith("What is right of the car? True answer: frog")
    check_panels(figure, explorable, small, "what is right of the car")
    figure.get_by_label("noun").select_option("cow")
    settle(figure)
    assert "there is no cow." in told(figure)
    assert figure.locator(".rk-verdict").all_inner_texts() == ["", "", ""]


def test_right_and_wrong_are_marked(figure):
    commit(figure)
    for form in ("existence", "counting", "kind", "relation"):
        figure.get_by_label("question").select_option(form)
        settle(figure)
        truth = told(figure).split("True answer: ")[1].rstrip(".")
        for name in MODELS:
            words, _ = panel(figure, name)
            node = figure.get_by_role("group", name=f"Answers by {name}")
            verdict = "✓ right" if words[0] == truth else "✗ wrong"
            assert node.locator(".rk-verdict").inner_text() == verdict
            marked = node.locator(".rk-true > span:nth-child(2)").all_inner_texts()
            assert marked == [word for word in words if word == truth]


def test_a_drawing_is_moved_by_keyboard_and_by_mouse(figure, explorable, small):
    commit(figure)
    frog = figure.locator(".rk-scene").first.locator(".rk-thing").first
    for _ in range(20):
        frog.press("ArrowLeft")
    settle(figure)
    assert told(figure) == "Is the frog left of the car? True answer: yes." or (
        "too close to call" in told(figure).lower()
    )
    check_panels(figure, explorable, small, QUESTIONS[0])
    box = frog.bounding_box()
    side = figure.locator(".rk-scene").first.bounding_box()
    mouse = figure.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(side["x"] + side["width"] - 5, box["y"], steps=5)
    mouse.up()
    settle(figure)
    assert told(figure) == "Is the frog left of the car? True answer: no."
    check_panels(figure, explorable, small, QUESTIONS[0])


def test_a_drag_is_read_out_once(figure):
    commit(figure)
    frog = figure.locator(".rk-scene").first.locator(".rk-thing").first
    box = frog.bounding_box()
    heard = figure.locator(".rk-spoken")
    before = heard.inner_text()
    mouse = figure.page.mouse
    mouse.move(box["x"] + 10, box["y"] + 10)
    mouse.down()
    for k in range(4):
        mouse.move(box["x"] + 10 - 12 * k, box["y"] + 10)
        settle(figure)
        assert heard.inner_text() == before
    mouse.up()
    settle(figure)
    assert heard.inner_text().startswith("Is the frog left of the car?")
    assert "attention: " in heard.inner_text()


def test_the_glances_are_those_of_numpy(figure, explorable, small):
    commit(figure)
    scene = explorable.scenes[0]
    a, b = scene["things"]
    swapped = [{**a, "x": b["x"], "y": b["y"]}, {**b, "x": a["x"], "y": a["y"]}]
    _, said = figure_of(
        small, scenes=[{**scene, "things": swapped}], questions=QUESTIONS[:1]
    ).read()
    for look, weights in zip(
        figure.locator(".rk-looks > figure:visible").all(),
        said["attention"][1],
        strict=True,
    ):
        row, column = divmod(int(weights.argmax()), 8)
        frame = look.locator(".rk-strongest")
        assert frame.get_attribute("x") == str(8 * column)
        assert frame.get_attribute("y") == str(8 * row)
        label = look.locator("svg").get_attribute("aria-label")
        assert label == f"Attention's glance, {look.locator('figcaption').inner_text()}"


def test_of_overlapping_drawings_the_upper_one_is_named(mount_page, small):
    scenes = stacks("frog", "car")
    given = {"scenes": scenes, "questions": ["is there a frog"] * len(scenes)}
    page = mount_page(figure_of(small, **given))
    figure = page.locator("#rk-vqa")
    commit(figure)
    covered = 0
    for k in range(len(scenes)):
        figure.get_by_label("scene", exact=True).select_option(str(k))
        settle(figure)
        for look in figure.locator(".rk-looks > figure:visible").all():
            names = under_frame(figure, look)
            said = look.locator("figcaption").inner_text().split(": ")[1]
            assert said == (names[-1] if names else "ground")
            covered += len(names) > 1
    assert covered > 0
    assert page.errors == []


def test_another_scene_brings_its_question(figure, explorable, small):
    figure.get_by_label("scene", exact=True).select_option("1")
    assert QUESTIONS[1] in figure.locator(".rk-ask").inner_text()
    commit(figure, "none")
    assert told(figure) == "How many trees are there? True answer: two."
    figure.get_by_label("scene", exact=True).select_option("2")
    settle(figure)
    assert told(figure) == "What is above the bus? True answer: cake."
    check_panels(figure, explorable, small, QUESTIONS[2])
    assert figure.locator(".rk-ask > button").count() == 0


def test_pairs_that_never_met_are_named(figure):
    commit(figure)
    pair = next(g for g in GROUPS if "frog" in g)
    other = next(name for name in pair if name != "frog")
    figure.locator(".rk-scene").first.locator(".rk-thing").nth(1).focus()
    figure.get_by_role("button", name=f"{other}, never together with frog").click()
    settle(figure)
    assert "No training scene showed" in figure.locator(".rk-looks").inner_text()


# ---- size, every screen


def test_it_fits_into_a_page():
    """Models of the course's size: an eye and three models."""
    vocabularies = questions.QUESTION_WORDS, questions.ANSWERS
    models = {name: Fusion(*vocabularies, fusion=name) for name in MODELS[:2]}
    models["attention"] = Attention(*vocabularies)
    html = figure_of((Encoder(), models))._repr_mimebundle_()[0]["text/html"]
    state = json.loads(html.split('application/json">')[1].split("</script>")[0])
    assert len(json.dumps(state["models"])) <= 450_000
    assert len(json.dumps(state["encoder"])) <= 150_000


# Letters and margins of the published page, which are larger than a bare page's.
PUBLISHED = ":root { font-size: 18px } body { max-width: 702px; margin: 34px auto !important; padding: 0 %dpx }"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("width", "margin", "tallest"), [(360, 34, 1040), (1280, 0, 720)]
)
def test_it_fits_the_screen(mount_page, explorable, width, margin, tallest, dark):
    page = mount_page(explorable, width=width, dark=dark)
    page.add_style_tag(content=PUBLISHED % margin)
    figure = page.locator("#rk-vqa")
    commit(figure)
    for control in figure.locator("button:visible, select").all():
        assert control.bounding_box()["height"] >= 43.5
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert figure.bounding_box()["height"] <= tallest


@pytest.mark.parametrize("which", ["small", "shipped"])
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(request, mount_page, violations, which, dark):
    page = mount_page(figure_of(request.getfixturevalue(which)), dark=dark)
    assert violations(page, without=["page-has-heading-one"]) == []
    commit(page.locator("#rk-vqa"))
    assert violations(page, without=["page-has-heading-one"]) == []
