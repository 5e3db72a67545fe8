// What the explorables about pictures share: a scene that the reader arranges, and the network's eye, which reads it.
// A scene: { ground: [r, g, b], things: [{ name, size, x, y }] }; size is the longer side and x, y the centre, in pixels.
import { button, decodeArray, html, onKeys, svg } from "./kit.js";

export const SIDE = 64; // pixels of a picture's side
export const GRID = 8; // regions along it, and pixels along a region
const MARGIN = 8; // pixels between two centres before one is left of, or above, the other
const SIZES = [18, 20, 22, 24]; // what the reader may choose: the sizes of the training scenes

// ---- painting: the same arithmetic as `paint` in rnnkit.show.scene ---------------------------------------------

/** Decode the drawings' PNGs: name -> { url, width, height, plane }, where plane holds r, g, b times opacity, and
 *  opacity (0 to 1), pixel by pixel. */
export async function loadSprites(urls) {
  const load = async ([name, url]) => {
    const picture = Object.assign(new Image(), { src: url });
    await picture.decode();
    const { naturalWidth: width, naturalHeight: height } = picture;
    const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
    context.drawImage(picture, 0, 0);
    const plane = Float64Array.from(context.getImageData(0, 0, width, height).data);
    for (let i = 0; i < plane.length; i += 4) {
      plane[i + 3] /= 255;
      for (let c = 0; c < 3; c += 1) plane[i + c] *= plane[i + 3];
    }
    return [name, { url, width, height, plane, shrunk: new Map() }];
  };
  return Object.fromEntries(await Promise.all(Object.entries(urls).map(load)));
}

// For each of `to` cells laid over `from` pixels: which pixels it covers, and how much of the cell each makes up.
function shares(from, to) {
  const side = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [low, high] = [i * side, (i + 1) * side];
    const covered = [];
    for (let k = Math.floor(low); k < Math.min(from, Math.ceil(high)); k += 1) covered.push([k, (Math.min(high, k + 1) - Math.max(low, k)) / side]);
    return covered;
  });
}

/** A drawing whose longer side is `size` pixels: every new pixel is the mean of what it covers. */
export function shrink(sprite, size) {
  if (sprite.shrunk.has(size)) return sprite.shrunk.get(size);
  const scale = size / Math.max(sprite.width, sprite.height);
  const [width, height] = [sprite.width, sprite.height].map((side) => Math.max(1, Math.floor(side * scale + 0.5)));
  const plane = new Float64Array(width * height * 4);
  const columns = shares(sprite.width, width);
  shares(sprite.height, height).forEach((rows, y) => columns.forEach((parts, x) => {
    for (const [j, high] of rows) {
      for (const [i, wide] of parts) {
        for (let c = 0; c < 4; c += 1) plane[4 * (y * width + x) + c] += high * wide * sprite.plane[4 * (j * sprite.width + i) + c];
      }
    }
  }));
  sprite.shrunk.set(size, { width, height, plane });
  return sprite.shrunk.get(size);
}

/** Where a thing lies: left, top, right, bottom in pixels, the last two outside it; always inside the picture. */
export function boxOf({ name, size, x, y }, sprites) {
  const { width, height } = shrink(sprites[name], size);
  const [left, top] = [[x, width], [y, height]].map(([at, side]) => Math.max(0, Math.min(SIDE - side, Math.floor(at - side / 2 + 0.5))));
  return [left, top, left + width, top + height];
}

/** Paint a scene: its pixels (SIDE, SIDE, 3), row by row, from 0 to 255. */
export function paint({ ground, things }, sprites) {
  const pixels = new Uint8ClampedArray(SIDE * SIDE * 3);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = ground[i % 3];
  for (const thing of things) {
    const { width, height, plane } = shrink(sprites[thing.name], thing.size);
    const [left, top] = boxOf(thing, sprites);
    for (let k = 0; k < width * height; k += 1) {
      const at = 3 * ((top + Math.floor(k / width)) * SIDE + left + (k % width));
      for (let c = 0; c < 3; c += 1) pixels[at + c] = Math.floor(plane[4 * k + c] + pixels[at + c] * (1 - plane[4 * k + 3]) + 0.5);
    }
  }
  return pixels;
}

// ---- what is true of a scene: the rules of rnnkit.scenes.layouts ------------------------------------------------

/** All that is true of two kinds: [subject, relation, object]. It holds between kinds if it holds between all their drawings. */
export function relations(things, sprites) {
  const centres = {}; // name -> twice the centres, as [x, y]
  for (const thing of things) {
    const [left, top, right, bottom] = boxOf(thing, sprites);
    (centres[thing.name] ??= []).push([left + right, top + bottom]);
  }
  const found = [];
  for (const a of Object.keys(centres)) {
    for (const b of Object.keys(centres)) {
      [["left of", "right of"], ["above", "below"]].forEach(([before, after], axis) => {
        const [p, q] = [a, b].map((name) => centres[name].map((centre) => centre[axis]));
        if (a !== b && Math.min(...q) - Math.max(...p) >= 2 * MARGIN) found.push([a, before, b]);
        if (a !== b && Math.min(...p) - Math.max(...q) >= 2 * MARGIN) found.push([a, after, b]);
      });
    }
  }
  return found;
}

/** The kinds of a scene that training never showed together, as pairs. apart: groups of names that never meet. */
export function strangers(things, apart) {
  const names = [...new Set(things.map((thing) => thing.name))];
  return names.flatMap((a, i) => names.slice(i + 1).filter((b) => apart.some((group) => group.includes(a) && group.includes(b))).map((b) => [a, b]));
}

// ---- arithmetic: weights in torch's layout, W of shape (outputs, inputs) ----------------------------------------

/** W x + b for a vector x. W: { shape, data } of decodeArray; b: the same, or none. */
export function linear(x, W, b) {
  const [outputs, inputs] = W.shape;
  const y = new Float64Array(outputs);
  for (let o = 0, w = 0; o < outputs; o += 1) {
    let sum = b ? b.data[o] : 0;
    for (let i = 0; i < inputs; i += 1, w += 1) sum += x[i] * W.data[w];
    y[o] = sum;
  }
  return y;
}

/** A convolution of kernel 4, stride 2, padding 1, laid out for speed: data (outputs, kernel row, kernel column, inputs).
 *  W packed as (outputs, inputs * 16), as in torch; b packed as (outputs). */
export function unpackConvolution(W, b) {
  const { shape: [outputs, columns], data } = decodeArray(W);
  const inputs = columns / 16;
  const turned = new Float32Array(data.length);
  for (let o = 0; o < outputs; o += 1) {
    for (let i = 0; i < inputs; i += 1) {
      for (let k = 0; k < 16; k += 1) turned[(o * 16 + k) * inputs + i] = data[(o * inputs + i) * 16 + k];
    }
  }
  return { outputs, inputs, data: turned, bias: decodeArray(b).data };
}

// max(0, convolution) of a square picture (side, side, inputs): (side / 2, side / 2, outputs).
function convolve(picture, side, { outputs, inputs, data, bias }) {
  const wide = side + 2; // with a border of zeros
  const padded = new Float32Array(wide * wide * inputs);
  for (let r = 0; r < side; r += 1) padded.set(picture.subarray(r * side * inputs, (r + 1) * side * inputs), ((r + 1) * wide + 1) * inputs);
  const half = side / 2;
  const row = 4 * inputs;
  const patch = new Float32Array(4 * row);
  const result = new Float32Array(half * half * outputs);
  for (let place = 0; place < half * half; place += 1) {
    const corner = (2 * Math.floor(place / half) * wide + 2 * (place % half)) * inputs;
    for (let k = 0; k < 4; k += 1) patch.set(padded.subarray(corner + k * wide * inputs, corner + k * wide * inputs + row), k * row);
    for (let o = 0, w = 0; o < outputs; o += 1) {
      let sum = bias[o];
      for (let i = 0; i < patch.length; i += 1, w += 1) sum += patch[i] * data[w];
      result[place * outputs + o] = Math.max(0, sum);
    }
  }
  return result;
}

/** Look at a picture (SIDE, SIDE, 3): what the eye makes of its regions, (GRID * GRID, C), row by row. */
export function encode(pixels, layers) {
  let [picture, side] = [Float32Array.from(pixels, (v) => v / 255), SIDE];
  for (const layer of layers) {
    picture = convolve(picture, side, layer);
    side /= 2;
  }
  return picture;
}

// ---- the editor -------------------------------------------------------------------------------------------------

export const SCENE_STYLE = `
.rk-scene { position: relative; width: 100%; aspect-ratio: 1; border: 1px solid var(--rk-line); border-radius: 6px; overflow: hidden; }
.rk-scene > * { position: absolute; inset: 0; width: 100%; height: 100%; }
.rk-scene > canvas { image-rendering: pixelated; }
.rk-scene .rk-shade rect { fill: #10141a; pointer-events: none; shape-rendering: crispEdges; }
.rk-scene .rk-strongest { fill: none; stroke: #ffd23f; stroke-width: 0.9; pointer-events: none; }
.rk-scene .rk-around { fill: none; stroke: #10141a; stroke-width: 1.9; pointer-events: none; }
.rk-scene .rk-thing { fill: transparent; stroke: transparent; stroke-width: 0.5; stroke-dasharray: 1.6 1.2; cursor: grab; touch-action: none; }
.rk-scene .rk-thing:is(:hover, [aria-pressed="true"]) { stroke: #10141a; }
.rk-scene .rk-thing:focus-visible { outline: none; stroke: #0067a3; stroke-width: 1.2; stroke-dasharray: none; }
.rk-tools { display: flex; flex-direction: column; gap: 6px; min-width: 0; }
.rk-tools > .rk-palette { position: relative; display: grid; grid-auto-flow: column; grid-template-rows: repeat(var(--rk-rows, 2), 44px); grid-auto-columns: minmax(44px, 1fr); gap: 3px; overflow-x: auto; padding: 3px; }
.rk-explorable .rk-palette > button { position: relative; min-width: 44px; padding: 0; background: #eef0f3; border-color: transparent; }
.rk-explorable .rk-palette > button > img { display: block; width: 34px; height: 34px; margin: auto; object-fit: contain; pointer-events: none; }
.rk-explorable .rk-palette > button[aria-pressed="true"] { border-color: var(--rk-accent); box-shadow: inset 0 0 0 2px var(--rk-accent); }
.rk-explorable .rk-palette > button.rk-apart::after { content: ""; position: absolute; top: 3px; right: 3px; width: 9px; height: 9px; border-radius: 50%; background: #b86e00; }
.rk-tools > .rk-buttons { display: flex; flex-wrap: wrap; gap: 4px; }
.rk-tools > .rk-buttons > button { flex: 1 1 auto; padding: 0 0.6em; }
`;

// The palette: one button per drawing, reached by one tab stop; the arrow keys move within it.
function makePalette(sprites, onChoose) {
  const buttons = Object.entries(sprites).map(([name, { url }], i) => {
    const node = button("", () => onChoose(name), { title: name, tabindex: i ? -1 : 0 });
    node.append(html("img", { src: url, alt: "", draggable: "false" }));
    return Object.assign(node, { kind: name });
  });
  const node = html("div", { class: "rk-palette", role: "group", "aria-label": "Drawings: the arrow keys move, Enter puts one in the place of the chosen thing" }, buttons);
  const rows = () => getComputedStyle(node).gridTemplateRows.split(" ").length; // buttons run down, then right
  const go = (columns, by = 0) => (event) => {
    const at = buttons.indexOf(event.target);
    const to = Math.max(0, Math.min(buttons.length - 1, at + columns * rows() + by));
    buttons.forEach((one, i) => one.setAttribute("tabindex", i === to ? 0 : -1));
    buttons[to].focus();
  };
  onKeys(node, { ArrowRight: go(1), ArrowLeft: go(-1), ArrowDown: go(0, 1), ArrowUp: go(0, -1), Home: go(-Infinity), End: go(Infinity) });
  /** Mark the chosen thing's kind, and the kinds that training never showed with the others. */
  const mark = (chosen, others, apart) => buttons.forEach((one) => {
    const met = others.filter((other) => other !== one.kind && apart.some((group) => group.includes(other) && group.includes(one.kind)));
    one.setAttribute("aria-pressed", one.kind === chosen);
    one.classList.toggle("rk-apart", met.length > 0);
    one.setAttribute("aria-label", met.length ? `${one.kind}, never together with ${met[0]} in training` : one.kind);
    one.title = one.getAttribute("aria-label");
    if (one.kind === chosen) node.scrollLeft = one.offsetLeft - node.clientWidth / 2 + 22; // on narrow screens it scrolls
  });
  return { node, mark };
}

/** A picture that the reader arranges. sprites: of loadSprites. most: how many drawings at most. apart: groups of kinds
 *  that never met in training. onChange(scene, settled): after every change; settled is false while a drawing is dragged.
 *  Returns { stage, tools, scene(), pixels(), set(scene), showMap(weights or null) }: stage is the picture with the
 *  drawings to drag, tools the palette and the buttons, showMap lays GRID * GRID weights over the picture. */
export function makeEditor({ sprites, scene, most = 3, apart = [], onChange = () => {} }) {
  let [now, chosen, pixels] = [scene, 0, null];
  const screen = html("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  const squares = Array.from({ length: GRID * GRID }, (_, r) => svg("rect", { x: GRID * (r % GRID), y: GRID * Math.floor(r / GRID), width: GRID, height: GRID, "fill-opacity": 0 }));
  const frames = ["rk-around", "rk-strongest"].map((name) => svg("rect", { class: name, width: GRID, height: GRID, rx: 0.6 }));
  const things = svg("g");
  const stage = html("div", { class: "rk-scene" }, screen, svg("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, role: "group", "aria-label": "The scene: choose a drawing, then drag it or move it with the arrow keys" },
    svg("g", { class: "rk-shade" }, squares), frames, things));

  const clamp = (v) => Math.max(0, Math.min(SIDE, v));
  const centred = (thing) => { // the centre of the box, which the picture's edge may have pushed inwards
    const [left, top, right, bottom] = boxOf(thing, sprites);
    return { ...thing, x: (left + right) / 2, y: (top + bottom) / 2 };
  };
  function put(list, settled = true) {
    now = { ...now, things: list.map(centred) };
    chosen = Math.max(0, Math.min(chosen, now.things.length - 1));
    draw();
    onChange(now, settled);
  }
  const change = (by, settled) => put(now.things.map((thing, i) => (i === chosen ? { ...thing, ...by(thing) } : thing)), settled);
  const move = (dx, dy) => change(({ x, y }) => ({ x: clamp(x + dx), y: clamp(y + dy) }));

  // One rectangle per thing: it can have the focus, so it is kept while the things change.
  function handle(i) {
    const node = svg("rect", { class: "rk-thing", tabindex: 0, role: "button", "aria-roledescription": "movable drawing" });
    node.addEventListener("focus", () => { chosen = i; mark(); });
    node.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      node.focus({ preventScroll: true });
      chosen = i;
      node.setPointerCapture(event.pointerId);
      const pixel = stage.clientWidth / SIDE;
      const { x, y } = now.things[i];
      const drag = (e) => change(() => ({ x: clamp(x + Math.round((e.clientX - event.clientX) / pixel)), y: clamp(y + Math.round((e.clientY - event.clientY) / pixel)) }), e.type !== "pointermove");
      const drop = (e) => {
        drag(e);
        ["pointermove", "pointerup", "pointercancel"].forEach((type) => node.removeEventListener(type, type === "pointermove" ? drag : drop));
      };
      node.addEventListener("pointermove", drag);
      node.addEventListener("pointerup", drop);
      node.addEventListener("pointercancel", drop);
    });
    onKeys(node, { ArrowLeft: () => move(-2, 0), ArrowRight: () => move(2, 0), ArrowUp: () => move(0, -2), ArrowDown: () => move(0, 2),
      "+": () => grow(1), "-": () => grow(-1), Delete: remove });
    return node;
  }
  const resized = (size, by) => SIZES[Math.max(0, Math.min(SIZES.length - 1, SIZES.findLastIndex((s) => s <= size) + by))];
  const grow = (by) => change(({ size }) => ({ size: resized(size, by) }));
  function add() { // another of the chosen kind, in the corner that is farthest from all drawings
    const corners = [[14, 14], [50, 14], [14, 50], [50, 50]];
    const room = ([x, y]) => Math.min(...now.things.map((thing) => Math.hypot(thing.x - x, thing.y - y)));
    const [x, y] = corners.reduce((a, b) => (room(b) > room(a) ? b : a));
    const { name, size } = now.things[chosen];
    chosen = now.things.length;
    put([...now.things, { name, size, x, y }]);
  }
  function remove() {
    if (now.things.length > 1) put(now.things.filter((_, i) => i !== chosen));
  }
  const palette = makePalette(sprites, (name) => change(() => ({ name })));
  const [addButton, removeButton, lessButton, moreButton] = [button("Add", add, { "aria-label": "Add another of the chosen drawing" }),
    button("Remove", remove, { "aria-label": "Remove the chosen drawing" }), button("−", () => grow(-1), { "aria-label": "Smaller" }), button("+", () => grow(1), { "aria-label": "Larger" })];
  const tools = html("div", { class: "rk-tools" }, palette.node, html("div", { class: "rk-buttons" }, addButton, removeButton, lessButton, moreButton));

  function mark() {
    [...things.children].forEach((node, i) => node.setAttribute("aria-pressed", i === chosen));
    const { name, size } = now.things[chosen];
    palette.mark(name, now.things.filter((_, i) => i !== chosen).map((thing) => thing.name), apart);
    addButton.disabled = now.things.length >= most;
    removeButton.disabled = now.things.length < 2;
    lessButton.disabled = resized(size, -1) >= size;
    moreButton.disabled = resized(size, 1) <= size;
  }
  function draw() {
    pixels = paint(now, sprites);
    const image = new ImageData(SIDE, SIDE);
    for (let i = 0; i < SIDE * SIDE; i += 1) image.data.set([pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2], 255], 4 * i);
    screen.getContext("2d").putImageData(image, 0, 0);
    while (things.children.length > now.things.length) things.lastChild.remove();
    while (things.children.length < now.things.length) things.append(handle(things.children.length));
    now.things.forEach((thing, i) => {
      const [left, top, right, bottom] = boxOf(thing, sprites);
      const node = things.children[i];
      for (const [name, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) node.setAttribute(name, value);
      node.setAttribute("aria-label", `${thing.name}, centre ${(left + right) / 2} from the left, ${(top + bottom) / 2} from the top`);
    });
    mark();
  }
  function showMap(weights) {
    const best = weights ? weights.indexOf(Math.max(...weights)) : -1;
    squares.forEach((square, r) => square.setAttribute("fill-opacity", weights ? (0.62 * (1 - Math.sqrt(weights[r] / weights[best]))).toFixed(3) : 0));
    for (const frame of frames) {
      frame.setAttribute("visibility", weights ? "visible" : "hidden");
      if (weights) for (const name of ["x", "y"]) frame.setAttribute(name, squares[best].getAttribute(name));
    }
  }
  showMap(null);
  now = { ...now, things: now.things.map(centred) };
  draw();
  requestAnimationFrame(mark); // once it stands in the page, the palette can scroll
  return { stage, tools, scene: () => now, pixels: () => pixels, showMap,
    set(next) { [now, chosen] = [{ ...next, things: next.things.map(centred) }, 0]; draw(); } };
}
