"""The scene that the reader arranges: painted, looked at and judged in the page as in numpy, by mouse and by keyboard."""

import numpy as np
import pytest
import traitlets

from rnnkit.scenes import layouts
from rnnkit.scenes.drawings import KINDS, glyph
from rnnkit.show.explorable import Explorable
from rnnkit.show.packing import pack, quantise
from rnnkit.show.scene import box_of, encode, load_sprites, pack_sprites, paint

pytestmark = pytest.mark.browser
GROUPS = [["cat", "apple"], ["car", "tree", "key"]]
SCENE = {
    "ground": [240, 220, 250],
    "things": [
        {"name": "cat", "size": 20, "x": 16, "y": 18},
        {"name": "cat", "size": 24, "x": 18, "y": 46},
        {"name": "key", "size": 18, "x": 48, "y": 30},
    ],
}
EDITOR = """
import { live } from "../kit/dom.js";
import { makeEditor } from "../kit/editor.js";
import { loadSprites } from "../kit/sprites.js";
export default {
  async render({ model, el }) {
    const { sprites, scene, apart } = model.get("shown");
    const loaded = await loadSprites(sprites);
    const said = live();
    window.editor = makeEditor({ sprites: loaded, scene, apart, onChange: (now, settled) => {
      window.seen = (window.seen ?? 0) + 1;
      if (settled) said.textContent = JSON.stringify(now.things);
    } });
    el.append(editor.stage, editor.tools, said);
  },
};
"""


@pytest.fixture(scope="module")
def sprites():
    names = ("cat", "apple", "car", "tree", "key")
    drawings = {name: np.asarray(glyph(KINDS[name][1][0])) for name in names}
    return pack_sprites(drawings)


class Editor(Explorable):
    module = "editor"
    shown = traitlets.Dict().tag(sync=True)


@pytest.fixture
def page(mount_page, add_view, sprites):
    add_view("editor", EDITOR, style='@import "scene.css";\n')
    shown = {"sprites": sprites, "scene": SCENE, "apart": GROUPS}
    page = mount_page(Editor(id="editor", alt="A scene", shown=shown))
    yield page
    assert page.errors == []


@pytest.fixture
def call_scene(call):
    """call_scene(code, sprites, *arguments): `code` is a function of modules, the loaded drawings and the arguments."""

    def call_scene(code, *arguments):
        loading = f"async (m, sprites, ...a) => ({code})(m, await m.loadSprites(sprites), ...a)"
        return call("kit/scene kit/sprites models/eye", loading, *arguments)

    return call_scene


def random_scene(rng, sprites, n=3):
    names = rng.choice(list(sprites), n)
    things = [
        {
            "name": str(name),
            "size": int(rng.integers(18, 25)),
            "x": rng.integers(0, 129) / 2,
            "y": rng.integers(0, 129) / 2,
        }
        for name in names
    ]
    return {"ground": rng.integers(200, 256, 3).tolist(), "things": things}


def test_scenes_are_painted_as_in_numpy(call_scene, rng, sprites):
    loaded = load_sprites(sprites)
    code = "(m, s, scene) => [[...m.paint(scene, s)], scene.things.map((t) => m.boxOf(t, s))]"
    for _ in range(20):
        scene = random_scene(rng, sprites)
        pixels, boxes = call_scene(code, sprites, scene)
        want = paint(scene, loaded).astype(int)
        got = np.array(pixels).reshape(want.shape)
        # A canvas may round a half-clear colour the other way.
        assert np.abs(got - want).max() <= 1
        assert (got != want).mean() < 0.02
        assert boxes == [list(box_of(thing, loaded)) for thing in scene["things"]]


def test_the_eye_sees_as_in_numpy(call_scene, rng):
    shapes = {"a": (8, 3, 4, 4), "b": (12, 8, 4, 4), "c": (10, 12, 4, 4)}
    weights = {
        name: rng.normal(size=shape) / np.sqrt(np.prod(shape[1:])) * 1.5
        for name, shape in shapes.items()
    }
    biases = {f"{name}.bias": rng.normal(size=s[0]) for name, s in shapes.items()}
    image = rng.integers(0, 256, (64, 64, 3))
    code = """(m, _, image, w) => [...m.encode(image, ["a", "b", "c"].map((n) => m.unpackConvolution(w[n], w[`${n}.bias`])))]"""
    packed = pack(weights | biases)
    got = np.array(call_scene(code, {}, image.flatten().tolist(), packed))
    rounded = quantise(weights | biases)
    want = encode(image, [(rounded[n], rounded[f"{n}.bias"]) for n in shapes])
    assert want.shape == (64, 10)
    assert (want > 0).mean() > 0.2
    # Sums of up to 192 products, kept in single precision between the layers.
    np.testing.assert_allclose(got.reshape(want.shape), want, atol=1e-5)


def test_what_is_true_of_a_scene_is_what_the_data_say(call_scene, rng, sprites):
    loaded = load_sprites(sprites)
    made = [random_scene(rng, sprites, n=int(rng.integers(2, 5))) for _ in range(40)]
    code = "(m, s, scenes) => scenes.map(({ things }) => m.relations(things, s))"
    some = 0
    for scene, got in zip(made, call_scene(code, sprites, made), strict=True):
        things = [
            layouts.Thing(t["name"], "", box_of(t, loaded)) for t in scene["things"]
        ]
        want = layouts.relations(things)
        assert sorted(map(tuple, got)) == sorted(want)
        some += bool(want)
    assert 10 < some


def test_the_upper_of_two_drawings_is_what_a_region_lies_on(call_scene, sprites):
    code = "(m, s, things) => [18, 27, 63].map((region) => m.under(region, things, s))"
    lower, upper = ({"name": name, "size": 24, "y": 26} for name in ("cat", "key"))
    things = [{**lower, "x": 20}, {**upper, "x": 28}]
    loaded = load_sprites(sprites)
    for order in (things, things[::-1]):
        want = []
        for row, column in ((2, 2), (3, 3), (7, 7)):
            on = [None]
            for thing in order:
                left, top, right, bottom = box_of(thing, loaded)
                inside = left <= 8 * column + 4 < right and top <= 8 * row + 4 < bottom
                on += [thing["name"]] * inside
            want.append(on[-1])
        assert call_scene(code, sprites, order) == want
        assert want[1] == order[-1]["name"]  # both lie there


def test_linear_is_torch_linear(call_scene, rng):
    W, b, x = rng.normal(size=(4, 7)), rng.normal(size=4), rng.normal(size=7)
    code = "(m, _, x, W, b) => [...m.linear(x, W, b)]"
    matrix = {"shape": [4, 7], "data": W.flatten().tolist()}
    got = call_scene(code, {}, x.tolist(), matrix, {"data": b.tolist()})
    np.testing.assert_allclose(got, W @ x + b, atol=1e-12)


# ---- the editor


def things_of(page):
    return page.evaluate("editor.scene().things")


def test_a_drawing_is_dragged(page):
    before = things_of(page)
    box = page.locator(".rk-thing").nth(2).bounding_box()
    side = page.locator(".rk-scene").bounding_box()["width"]
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 10 * side / 64, y + 6 * side / 64, steps=5)
    assert page.locator(".rk-live").inner_text() == ""
    page.mouse.up()
    after = things_of(page)
    assert after[:2] == before[:2]
    assert after[2]["x"] == before[2]["x"] - 10
    assert after[2]["y"] == before[2]["y"] + 6
    assert '"key"' in page.locator(".rk-live").inner_text()
    # far outside, it stops at the edge
    page.mouse.move(x - 10 * side / 64, y + 6 * side / 64)
    page.mouse.down()
    page.mouse.move(x - 200 * side / 64, y)
    page.mouse.up()
    assert float(page.locator(".rk-thing").nth(2).get_attribute("x")) == 0


def test_everything_works_by_keyboard(page):
    cat = page.locator(".rk-thing").first
    before = things_of(page)[0]
    cat.press("ArrowRight")
    cat.press("ArrowDown")
    cat.press("ArrowDown")
    after = things_of(page)[0]
    assert (after["x"] - before["x"], after["y"] - before["y"]) == (2, 4)
    assert cat.get_attribute("aria-label").startswith("cat, centre ")
    cat.press("+")
    assert things_of(page)[0]["size"] == 22
    page.get_by_role("button", name="Smaller").press("Enter")
    assert things_of(page)[0]["size"] == 20
    page.locator(".rk-palette > button").first.press("ArrowDown")
    page.keyboard.press("Enter")
    assert things_of(page)[0]["name"] == "car"
    page.locator(".rk-thing").nth(1).press("Delete")
    assert [thing["name"] for thing in things_of(page)] == ["car", "key"]
    page.get_by_role("button", name="Add another").press("Enter")
    assert [thing["name"] for thing in things_of(page)] == ["car", "key", "key"]
    assert page.get_by_role("button", name="Add another").is_disabled()


def test_strangers_are_marked_in_the_palette(page, call_scene):
    labels = page.locator(".rk-palette > button").evaluate_all(
        "b => b.map((one) => one.ariaLabel)"
    )
    # chosen is a cat; a cat and a key stay
    never = "never together with"
    assert labels == [
        f"apple, {never} cat in training",
        f"car, {never} key in training",
        "cat",
        "key",
        f"tree, {never} key in training",
    ]
    code = "(m, _, things, apart) => m.strangers(things, apart)"
    things = [{"name": name} for name in ("cat", "key", "tree", "key")]
    assert call_scene(code, {}, things, GROUPS) == [["key", "tree"]]


def test_the_map_outlines_the_strongest_region(page):
    page.evaluate(
        "editor.showMap(Array.from({ length: 64 }, (_, r) => (r === 19 ? 0.37 : 0.01)))"
    )
    frame = page.locator(".rk-strongest")
    assert (frame.get_attribute("x"), frame.get_attribute("y")) == ("24", "16")
    opacity = page.locator(".rk-shade rect").evaluate_all(
        "r => r.map((one) => Number(one.getAttribute('fill-opacity')))"
    )
    assert opacity[19] == 0
    assert min(opacity[:19] + opacity[20:]) > 0.4
    page.evaluate("editor.showMap(null)")
    assert frame.get_attribute("visibility") == "hidden"
