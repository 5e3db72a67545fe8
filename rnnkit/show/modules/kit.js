// What all explorables share: elements, labelled controls, colour scales, heat maps, and a little linear algebra.

// ---- elements -------------------------------------------------------------------------------------------

const SVG = "http://www.w3.org/2000/svg";

// Attributes are strings; `on...` functions become listeners; true and false switch an attribute on and off.
function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2).toLowerCase(), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

/** html("button", { class: "x", onclick: f }, "text", child): strings become text, never markup. */
export function html(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** The same for SVG: svg("circle", { r: 4, fill: colour("blue") }). */
export function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

/** A drawing area of width x height units that scales to its container; `label` is read to those who cannot see it. */
export function canvas(width, height, label) {
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "rk-canvas", role: "img", "aria-label": label });
}

/** Text with `code` in backticks, as nodes: html("p", {}, rich(text)). */
export function rich(text) {
  return text.split("`").map((part, i) => (i % 2 ? html("code", {}, part) : part));
}

/** A line that is read aloud when its textContent changes. */
export function live(attributes = {}) {
  return html("p", { class: "rk-live", "aria-live": "polite", ...attributes });
}

/** Controls side by side, wrapping on narrow screens. */
export function row(...children) {
  return html("div", { class: "rk-row" }, ...children);
}

// An id that is unique on the page and the same on every load.
const uid = () => `rk-control-${(document.rkControls = (document.rkControls ?? 0) + 1)}`;

// ---- controls: each returns its element, with .input (the native control) and .set(value), which fires no event -

function labelled(label, input, ...more) {
  input.id = uid();
  const field = html("div", { class: "rk-field" }, html("label", { for: input.id }, label), input, ...more);
  return Object.assign(field, { input, set: (value) => { input.value = value; } });
}

/** A slider that shows its value; `format(v)` writes it. onInput gets a number. */
export function slider({ label, min, max, step = "any", value, format = String, onInput = () => {} }) {
  const shown = html("output", { class: "rk-value" });
  const input = html("input", { type: "range", min, max, step, value });
  const show = () => {
    shown.textContent = format(input.valueAsNumber);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => { show(); onInput(input.valueAsNumber); });
  show();
  const field = labelled(label, input, shown);
  field.classList.add("rk-slider");
  return Object.assign(field, { set: (v) => { input.value = v; show(); } });
}

/** A drop-down list. options: strings, or [value, text] pairs. */
export function select({ label, options, value, onChange = () => {} }) {
  const pairs = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  const items = pairs.map(([v, text]) => html("option", { value: v, selected: v === value }, text));
  return labelled(label, html("select", { onchange: (event) => onChange(event.target.value) }, items));
}

/** A button; `attributes` may add a class ("rk-primary") or an aria-label. */
export function button(text, onClick, attributes = {}) {
  return html("button", { type: "button", onclick: onClick, ...attributes }, text);
}

/** A number with a minus and a plus button. onInput gets a number within [min, max]. */
export function stepper({ label, min = -Infinity, max = Infinity, step = 1, value, onInput = () => {} }) {
  const input = html("input", { type: "number", min, max, step, value, inputmode: "decimal" });
  const digits = (String(step).split(".")[1] ?? "").length; // 0.1 + 0.2 must read 0.3
  const change = (v) => {
    if (Number.isNaN(v)) return; // the field is being typed into
    onInput(Math.min(max, Math.max(min, v)));
  };
  const by = (d) => () => {
    const v = Math.min(max, Math.max(min, (input.valueAsNumber || 0) + d));
    input.value = v.toFixed(digits);
    change(Number(input.value));
  };
  input.addEventListener("input", () => change(input.valueAsNumber));
  const field = labelled(label, input);
  const less = button("−", by(-step), { "aria-label": `${label}: less` });
  const more = button("+", by(step), { "aria-label": `${label}: more` });
  field.append(html("span", { class: "rk-stepper" }, less, input, more)); // moves the input between its buttons
  return field;
}

/** A line of text. onInput gets the string. */
export function textInput({ label, value = "", maxLength = 40, onInput = () => {} }) {
  const plain = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
  const input = html("input", { type: "text", value, maxlength: maxLength, ...plain });
  input.addEventListener("input", () => onInput(input.value));
  return labelled(label, input);
}

/** onKeys(element, { ArrowRight: f }): handle these keys while the element has the focus. */
export function onKeys(element, handlers) {
  element.addEventListener("keydown", (event) => {
    if (!handlers[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    handlers[event.key](event);
  });
}

/** True if the reader asked for no animation: draw the end state at once. */
export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// ---- colour: CSS does the mixing, so every colour follows the theme without redrawing ----------------------

/** colour("blue"): a named colour of the theme (ink, muted, paper, panel, line, accent, blue, orange, ...). */
export const colour = (name) => `var(--rk-${name})`;

const mix = (name, share) => `color-mix(in srgb, var(--rk-${name}) ${(100 * share).toFixed(1)}%, transparent)`;
const clip = (v) => Math.min(1, Math.max(0, v));

/** 0 is the ground, `limit` the full colour. The heat colours stay light enough for ink to be read on them. */
export const sequential = (v, limit = 1, name = "heat-neg") => mix(name, clip(v / limit));

/** Negative blue, zero the ground, positive red. */
export const diverging = (v, limit = 1) => mix(v < 0 ? "heat-neg" : "heat-pos", clip(Math.abs(v) / limit));

// ---- drawing ------------------------------------------------------------------------------------------------

/** A matrix (rows of numbers) as coloured cells with their values. Returns a <g>; call .update(matrix) to recolour it.
 *  cell: the side of a cell. limit: the magnitude with the full colour. format: writes a value, null for no text. */
export function heatmap(matrix, { x = 0, y = 0, cell = 40, limit = 1, colours = diverging, format = (v) => v.toFixed(2) } = {}) {
  const group = svg("g", { transform: `translate(${x} ${y})`, class: "rk-heat" });
  const cells = matrix.map((values, r) => values.map((_, c) => {
    const box = svg("rect", { x: c * cell + 1, y: r * cell + 1, width: cell - 2, height: cell - 2, rx: 3 });
    const text = svg("text", { x: (c + 0.5) * cell, y: (r + 0.5) * cell, "font-size": cell * 0.28 });
    group.append(box, text);
    return { box, text };
  }));
  group.update = (values) => cells.forEach((line, r) => line.forEach(({ box, text }, c) => {
    box.style.fill = colours(values[r][c], limit);
    text.textContent = format ? format(values[r][c]).replace("-", "−") : "";
  }));
  group.update(matrix);
  return group;
}

/** A straight arrow from [x, y] to [x, y]; its head is drawn, so it needs no marker ids. */
export function arrow([x1, y1], [x2, y2], { color = colour("muted"), width = 1.5, head = 7 } = {}) {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const side = (turn) => `${x2 - head * Math.cos(angle + turn)},${y2 - head * Math.sin(angle + turn)}`;
  const [bx, by] = [x2 - head * 0.8 * Math.cos(angle), y2 - head * 0.8 * Math.sin(angle)];
  const line = svg("line", { x1, y1, x2: bx, y2: by, "stroke-width": width, style: `stroke: ${color}` });
  return svg("g", { class: "rk-arrow" }, line,
    svg("polygon", { points: `${x2},${y2} ${side(0.4)} ${side(-0.4)}`, style: `fill: ${color}` }));
}

// ---- arithmetic on plain arrays: vectors are [..], matrices are rows; row vectors as in the chapters -----------

/** x @ W for a vector x of length A and a matrix W of shape (A, B). */
export const vecmat = (x, W) => W[0].map((_, j) => x.reduce((sum, xi, i) => sum + xi * W[i][j], 0));

/** A @ B for two matrices. */
export const matmul = (A, B) => A.map((line) => vecmat(line, B));

/** x @ W + b. */
export const affine = (x, W, b) => vecmat(x, W).map((v, j) => v + b[j]);

export const tanh = (x) => x.map(Math.tanh);
export const sigmoid = (x) => x.map((v) => 1 / (1 + Math.exp(-v)));

/** Probabilities from logits; subtracting the maximum keeps exp from overflowing. */
export function softmax(x, temperature = 1) {
  const top = Math.max(...x);
  const e = x.map((v) => Math.exp((v - top) / temperature));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

/** Unpack what `encode_array` of rnnkit.show.explorable packed: { shape, data: Float32Array }, row by row. */
export function decodeArray({ dtype, shape, scale = 1, data }) {
  const bytes = Uint8Array.from(atob(data), (ch) => ch.charCodeAt(0));
  if (dtype === "float32") return { shape, data: new Float32Array(bytes.buffer) };
  const byRow = typeof scale === "object" && decodeArray(scale).data;
  return { shape, data: Float32Array.from(new Int8Array(bytes.buffer), (v, i) => v * (byRow ? byRow[Math.floor(i / shape.at(-1))] : scale)) };
}
