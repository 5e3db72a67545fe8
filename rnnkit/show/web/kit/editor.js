// A picture that the reader arranges: drawings to drag, and the palette and the buttons beside it.
import { button } from "./controls.js";
import { html, onKeys, svg } from "./dom.js";
import { makePalette } from "./palette.js";
import { makePicture } from "./picture.js";
import { boxOf, paint, SIDE } from "./scene.js";

const SIZES = [18, 20, 22, 24]; // what the reader may choose: the sizes of the training scenes
const CORNERS = [[14, 14], [50, 14], [14, 50], [50, 50]];

const clamp = (v) => Math.max(0, Math.min(SIDE, v));
const resized = (size, by) => SIZES[Math.max(0, Math.min(SIZES.length - 1, SIZES.findLastIndex((s) => s <= size) + by))];

// The scene, the thing that is chosen, and what can be done to it. After every change `draw` is called, then `onChange`.
function makeArrangement({ sprites, scene, onChange }) {
  const centred = (thing) => { // the centre of the box, which the picture's edge may have pushed inwards
    const [left, top, right, bottom] = boxOf(thing, sprites);
    return { ...thing, x: (left + right) / 2, y: (top + bottom) / 2 };
  };
  const arranged = (given) => ({ ...given, things: given.things.map(centred) });
  const state = { scene: arranged(scene), chosen: 0, draw() {} };
  function put(things, settled = true) {
    state.scene = arranged({ ...state.scene, things });
    state.chosen = Math.max(0, Math.min(state.chosen, things.length - 1));
    state.draw();
    onChange(state.scene, settled);
  }
  const change = (by, settled) => put(state.scene.things.map((thing, i) => (i === state.chosen ? { ...thing, ...by(thing) } : thing)), settled);
  const moveTo = (x, y, settled) => change(() => ({ x: clamp(x), y: clamp(y) }), settled);
  function move(dx, dy) {
    const { x, y } = state.scene.things[state.chosen];
    moveTo(x + dx, y + dy);
  }
  const grow = (by) => change(({ size }) => ({ size: resized(size, by) }));
  const rename = (name) => change(() => ({ name }));
  function add() { // another of the chosen kind, in the corner that is farthest from all drawings
    const { things } = state.scene;
    const room = ([x, y]) => Math.min(...things.map((thing) => Math.hypot(thing.x - x, thing.y - y)));
    const [x, y] = CORNERS.reduce((a, b) => (room(b) > room(a) ? b : a));
    const { name, size } = things[state.chosen];
    state.chosen = things.length;
    put([...things, { name, size, x, y }]);
  }
  function remove() {
    if (state.scene.things.length > 1) put(state.scene.things.filter((_, i) => i !== state.chosen));
  }
  function set(next) {
    Object.assign(state, { scene: arranged(next), chosen: 0 });
    state.draw();
  }
  return Object.assign(state, { moveTo, move, grow, rename, add, remove, set });
}

// One rectangle per thing: it can have the focus, so it is kept while the things change. mark(): another one was chosen.
function makeHandle(i, arrangement, stage, mark) {
  const node = svg("rect", { class: "rk-thing", tabindex: 0, role: "button", "aria-roledescription": "movable drawing" });
  const choose = () => { arrangement.chosen = i; };
  node.addEventListener("focus", () => { choose(); mark(); });
  node.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    node.focus({ preventScroll: true });
    choose();
    node.setPointerCapture(event.pointerId);
    const pixel = stage.clientWidth / SIDE;
    const { x, y } = arrangement.scene.things[i];
    const drag = (e) => arrangement.moveTo(x + Math.round((e.clientX - event.clientX) / pixel), y + Math.round((e.clientY - event.clientY) / pixel), e.type !== "pointermove");
    const drop = (e) => {
      drag(e);
      node.removeEventListener("pointermove", drag);
      for (const type of ["pointerup", "pointercancel"]) node.removeEventListener(type, drop);
    };
    node.addEventListener("pointermove", drag);
    for (const type of ["pointerup", "pointercancel"]) node.addEventListener(type, drop);
  });
  const { move, grow, remove } = arrangement;
  onKeys(node, { ArrowLeft: () => move(-2, 0), ArrowRight: () => move(2, 0), ArrowUp: () => move(0, -2), ArrowDown: () => move(0, 2),
    "+": () => grow(1), "-": () => grow(-1), Delete: remove });
  return node;
}

// The palette and the buttons: { node, mark() }, to be called when the scene or the choice has changed.
function makeTools({ arrangement, sprites, most, apart }) {
  const palette = makePalette(sprites, arrangement.rename);
  const act = (text, action, name) => button(text, action, { "aria-label": name });
  const [more, fewer, smaller, larger] = [act("Add", arrangement.add, "Add another of the chosen drawing"), act("Remove", arrangement.remove, "Remove the chosen drawing"),
    act("−", () => arrangement.grow(-1), "Smaller"), act("+", () => arrangement.grow(1), "Larger")];
  const node = html("div", { class: "rk-tools" }, palette.node, html("div", { class: "rk-buttons" }, more, fewer, smaller, larger));
  function mark() {
    const { scene: { things }, chosen } = arrangement;
    const { name, size } = things[chosen];
    palette.mark(name, things.filter((_, i) => i !== chosen).map((thing) => thing.name), apart);
    more.disabled = things.length >= most;
    fewer.disabled = things.length < 2;
    smaller.disabled = resized(size, -1) >= size;
    larger.disabled = resized(size, 1) <= size;
  }
  return { node, mark };
}

// Where a handle lies, and what it is called.
function fit(node, thing, sprites) {
  const [left, top, right, bottom] = boxOf(thing, sprites);
  for (const [name, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) node.setAttribute(name, value);
  node.setAttribute("aria-label", `${thing.name}, centre ${(left + right) / 2} from the left, ${(top + bottom) / 2} from the top`);
}

/** sprites: of loadSprites. most: how many drawings at most. apart: groups of kinds that never met in training.
 *  onChange(scene, settled): after every change; settled is false while a drawing is dragged.
 *  Returns { stage, tools, scene(), pixels(), set(scene), showMap(weights or null) }: stage is the picture with the
 *  drawings to drag, tools the palette and the buttons, showMap lays GRID * GRID weights over the picture. */
export function makeEditor({ sprites, scene, most = 3, apart = [], onChange = () => {} }) {
  const arrangement = makeArrangement({ sprites, scene, onChange });
  const picture = makePicture();
  const handles = svg("g");
  const stage = html("div", { class: "rk-scene" }, picture.screen, svg("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, role: "group",
    "aria-label": "The scene: choose a drawing, then drag it or move it with the arrow keys" }, picture.layers, handles));
  const tools = makeTools({ arrangement, sprites, most, apart });
  let pixels = null;
  function mark() {
    [...handles.children].forEach((node, i) => node.setAttribute("aria-pressed", i === arrangement.chosen));
    tools.mark();
  }
  arrangement.draw = () => {
    const { things } = arrangement.scene;
    pixels = paint(arrangement.scene, sprites);
    picture.showPixels(pixels);
    while (handles.children.length > things.length) handles.lastChild.remove();
    while (handles.children.length < things.length) handles.append(makeHandle(handles.children.length, arrangement, stage, mark));
    things.forEach((thing, i) => fit(handles.children[i], thing, sprites));
    mark();
  };
  picture.showMap(null);
  arrangement.draw();
  requestAnimationFrame(mark); // once it stands in the page, the palette can scroll
  return { stage, tools: tools.node, scene: () => arrangement.scene, pixels: () => pixels, showMap: picture.showMap, set: arrangement.set };
}
