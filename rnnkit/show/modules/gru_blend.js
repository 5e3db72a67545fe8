// A GRU beside the vanilla RNN of the same candidate: sliders blend the gates away, and the memory goes with them.
import { affine, button, canvas, colour, diverging, html, onKeys, reducedMotion, rich, row, select, sequential, sigmoid, slider, svg, tanh, vecmat } from "./kit.js";

// ---- the two cells, with the names of rnnkit.cells -------------------------------------------------------------

const third = (line, k) => line.slice((k * line.length) / 3, ((k + 1) * line.length) / 3);
const transposed = (W) => W[0].map((_, j) => W.map((line) => line[j]));

/** Packed parameters with what both cells need: the candidate's blocks and the transposes of the backward pass. */
export function prepare({ W_xh, W_hh, b_x, b_h }) {
  const [W_xn, W_hn] = [W_xh, W_hh].map((W) => W.map((line) => third(line, 2)));
  const backward = Object.fromEntries(Object.entries({ W_xh, W_hh, W_xn, W_hn }).map(([name, W]) => [name, transposed(W)]));
  return { W_xh, W_hh, b_x, b_h, W_xn, W_hn, b_xn: third(b_x, 2), b_hn: third(b_h, 2), backward };
}

/** The GRU whose gates are blended: z (1 - blendZ) in place of z, r + blendR (1 - r) in place of r. */
export const gru = {
  step(x, hPrev, net, { blendZ = 0, blendR = 0, keep = 0 } = {}) {
    const [a_x, a_h] = [affine(x, net.W_xh, net.b_x), affine(hPrev, net.W_hh, net.b_h)];
    const [x_n, h_n] = [third(a_x, 2), third(a_h, 2)];
    const r0 = sigmoid(third(a_x, 0).map((v, j) => v + third(a_h, 0)[j]));
    const z0 = sigmoid(third(a_x, 1).map((v, j) => v + third(a_h, 1)[j] + keep));
    const [r, z] = [r0.map((v) => v + blendR * (1 - v)), z0.map((v) => (1 - blendZ) * v)];
    const n = tanh(x_n.map((v, j) => v + r[j] * h_n[j]));
    const h = n.map((v, j) => (1 - z[j]) * v + z[j] * hPrev[j]);
    // The blends scale the gates' slopes too: at 1 a gate is constant, and no gradient passes through it.
    const slopes = { r: r0.map((v) => (1 - blendR) * v * (1 - v)), z: z0.map((v) => (1 - blendZ) * v * (1 - v)) };
    return { x, hPrev, x_n, h_n, r, z, n, h, slopes };
  },
  stepBackward(dh, { hPrev, h_n, r, z, n, slopes }, { backward }) {
    const da_n = dh.map((d, j) => d * (1 - z[j]) * (1 - n[j] * n[j]));
    const da_r = da_n.map((d, j) => d * h_n[j] * slopes.r[j]);
    const da_z = dh.map((d, j) => d * (hPrev[j] - n[j]) * slopes.z[j]);
    const direct = dh.map((d, j) => d * z[j]);
    return {
      dx: vecmat([...da_r, ...da_z, ...da_n], backward.W_xh),
      dhPrev: vecmat([...da_r, ...da_z, ...da_n.map((d, j) => d * r[j])], backward.W_hh).map((d, j) => d + direct[j]),
    };
  },
};

/** The vanilla RNN of the candidate's weights. Its sums run in the GRU's order, so that equal means equal to the bit. */
export const rnn = {
  step(x, hPrev, { W_xn, W_hn, b_xn, b_hn }) {
    const [x_n, h_n] = [affine(x, W_xn, b_xn), affine(hPrev, W_hn, b_hn)];
    return { x, hPrev, x_n, h_n, h: tanh(x_n.map((v, j) => v + h_n[j])) };
  },
  stepBackward(dh, { h }, { backward }) {
    const da = dh.map((d, j) => d * (1 - h[j] * h[j]));
    return { dx: vecmat(da, backward.W_xn), dhPrev: vecmat(da, backward.W_hn) };
  },
};

/** Read a sequence (T rows of D numbers) from the zero state: what `cell.step` returns, for every step. */
export function read(cell, xs, net, blend) {
  let h = net.b_xn.map(() => 0);
  return xs.map((x) => {
    const step = cell.step(x, h, net, blend);
    h = step.h;
    return step;
  });
}

/** How strongly the last state depends on each input: the Frobenius norm of d h_T / d x_s, for every s. */
export function memory(cell, steps, net) {
  const H = net.b_xn.length;
  let rows = Array.from({ length: H }, (_, i) => Array.from({ length: H }, (_, j) => Number(i === j))); // d h_T / d h_t
  return steps.map((_, k) => {
    const parts = rows.map((dh) => cell.stepBackward(dh, steps[steps.length - 1 - k], net));
    rows = parts.map(({ dhPrev }) => dhPrev);
    return Math.hypot(...parts.flatMap(({ dx }) => dx));
  }).reverse();
}

/** The largest difference between two sequences of states. */
export const difference = (a, b) => Math.max(...a.map(({ h }, t) => Math.max(...h.map((v, j) => Math.abs(v - b[t].h[j])))));

// ---- the figure ------------------------------------------------------------------------------------------------

const WIDTH = 320, LEFT = 26; // drawing units: about a pixel each
const FLOOR = -9; // the memory curve's lowest power of ten
const SLIDE = 1400; // milliseconds from the GRU to the RNN
const QUIET = 500; // milliseconds without a change before the numbers are read aloud

const minus = (text) => text.replace("-", "−");
const fixed = (v) => (Number.isInteger(v) ? minus(String(v)) : minus(v.toFixed(3)).replace(/^−(0\.0+)$/, "$1"));
const factor = (v) => (v < 0 && fixed(v)[0] === "−" ? `(${fixed(v)})` : fixed(v));
const RAISED = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((digit, i) => [i, digit])) };
const power = (k) => `10${[...String(k)].map((c) => RAISED[c]).join("")}`;

/** A number of any size, with two digits: 0.12, or 3.4·10⁻⁷. */
export function written(v) {
  if (v === 0 || (v >= 0.001 && v < 1000)) return v === 0 ? "0" : String(Number(v.toPrecision(2)));
  const [digits, exponent] = v.toExponential(1).split("e");
  return `${digits}·${power(Number(exponent))}`;
}

/** The state of one unit written out, the blend in either convention of z: pairs of a formula and its numbers. */
export function equations({ x_n, h_n, r, z, n, hPrev, h }, j, flipped) {
  const [stay, go] = [`${factor(z[j])}·${factor(hPrev[j])}`, `${factor(1 - z[j])}·${factor(n[j])}`];
  const blended = flipped ? ["h = (1 − z)·h_prev + z·n", `${stay} + ${go}`] : ["h = (1 − z)·n + z·h_prev", `${go} + ${stay}`];
  return [
    ["n = tanh(x_n + r·h_n)", `= tanh(${fixed(x_n[j])} + ${factor(r[j])}·${factor(h_n[j])}) = ${fixed(n[j])}`],
    [blended[0], `= ${blended[1]} = ${fixed(h[j])}`],
  ];
}

/** What to notice at this setting. */
export function hint({ blendZ, blendR, keep, T }) {
  const k = T - 1;
  if (blendZ === 1 && blendR === 1) return "The two maps of `h` agree to the last bit, and so does the memory. Now pull `z → 0` back to the left: memory returns.";
  if (blendZ === 1) return "Nothing is copied from step to step. The past acts through the candidate alone, as in the RNN, and where `r` is below 1 that way is weaker: the curve can fall below the RNN's.";
  if (blendZ > 0) return `No \`z\` is above ${(1 - blendZ).toFixed(2)} now. A number copied ${k} times keeps at most ${(1 - blendZ).toFixed(2)}${[...String(k)].map((c) => RAISED[c]).join("")} = ${written((1 - blendZ) ** k)} of itself.`;
  if (keep >= 2) return "`z` moves towards 1: units keep more and write less. The curve gets flatter, and lower.";
  if (keep <= -2) return "`z` moves towards 0: units write more and keep less. The curve gets steeper.";
  if (blendR === 1) return "`r` = 1: the candidate sees all of the old state. Compare what this costs in memory with a small step of `z → 0`.";
  return "A row that stays dark in `z` keeps its colour in `h`. The RNN has no such rows: each step writes every unit anew.";
}

const STYLE = `
.rk-gru-box { container-type: inline-size; }
.rk-gru { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 4px 14px; font-size: 0.84rem; font-variant-numeric: tabular-nums; }
.rk-gru > .rk-all { grid-column: 1 / -1; }
.rk-gru p { margin: 0; line-height: 1.45; }
.rk-gru .rk-ask { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px; }
.rk-gru .rk-ask > p { flex: 1 1 100%; }
.rk-gru .rk-row { margin: 0; gap: 0 12px; }
.rk-gru .rk-field { flex: 1 1 128px; }
.rk-gru .rk-field > label, .rk-gru .rk-value { font-size: max(0.76rem, 12px); }
.rk-gru .rk-field.rk-long { flex-grow: 1.5; }
.rk-gru select { padding: 0 4px; }
.rk-gru .rk-ask > button { padding: 0 0.8em; }
.rk-gru .rk-maps { display: grid; grid-template-columns: subgrid; gap: 2px 14px; border-radius: 6px; }
.rk-gru .rk-map { display: grid; grid-template-columns: 26px minmax(0, 1fr); align-items: end; }
.rk-gru .rk-map > p { grid-column: 2; font-size: 12px; white-space: nowrap; overflow: hidden; }
.rk-gru .rk-map > p > span { color: var(--rk-muted); }
.rk-gru .rk-map > svg { grid-column: 2; }
.rk-gru .rk-map rect { shape-rendering: crispEdges; }
.rk-gru .rk-outlines > * { fill: none; vector-effect: non-scaling-stroke; }
.rk-gru .rk-units { display: flex; flex-direction: column; justify-content: space-between; padding-right: 5px; color: var(--rk-muted); font-size: 12px; line-height: 1; text-align: end; }
.rk-gru :is(.rk-map > svg, .rk-curve) { cursor: crosshair; touch-action: pan-y; }
.rk-gru .rk-side { display: flex; flex-direction: column; gap: 4px; }
.rk-gru .rk-side > button { align-self: flex-start; padding: 0 0.7em; }
.rk-gru .rk-note { min-height: 4.4em; }
.rk-gru .rk-read { font-size: 0.78rem; }
.rk-gru .rk-read > span { display: block; }
.rk-gru .rk-read > .rk-then { padding-inline-start: 0.9em; }
.rk-gru .rk-heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (max-width: 539px) {
  .rk-gru > * { grid-column: 1 / -1; }
  .rk-gru .rk-maps { gap: 4px 10px; }
  .rk-gru .rk-map { grid-template-columns: 0 minmax(0, 1fr); }
  .rk-gru .rk-map > p > span, .rk-gru .rk-units { display: none; }
  .rk-gru .rk-note { min-height: 0; }
}
`;

// Colours in steps: the browser parses each of them once.
const SIGNED = Array.from({ length: 81 }, (_, i) => diverging(i / 40 - 1));
const SHARE = Array.from({ length: 41 }, (_, i) => sequential(i / 40));
const signed = (v) => SIGNED[Math.round(40 * (Math.max(-1, Math.min(1, v)) + 1))];
const share = (v) => SHARE[Math.round(40 * v)];

const label = (x, y, text, attributes = {}) => svg("text", { x, y, "font-size": 11.5, style: `fill: ${colour("muted")}`, ...attributes }, text);

// Where a pointer is on a drawing, in shares of its width and height; null for a finger that does not press.
function place(event, picture) {
  if (event.type === "pointermove" && event.pointerType !== "mouse" && !event.buttons) return null;
  const box = picture.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

function onPointer(picture, act) {
  for (const type of ["pointermove", "pointerdown"]) {
    picture.addEventListener(type, (event) => { const at = place(event, picture); if (at) act(...at); });
  }
}

// A heat map of units over steps, with the D features of the input above it. Drawing units: a step across, a pixel down.
function makeMap({ title, more = "", H, T, D = 0, ground, onPoint }) {
  const [cell, top] = [Math.max(6, Math.min(12, 92 / H)), D ? D * 8 + 4 : 0];
  const height = top + H * cell;
  const picture = canvas(T, height, title);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.style.height = `${height}px`;
  const box = (x, y, tall, style = "") => svg("rect", { x, y, width: 1, height: tall, style });
  const columns = (rows, y, tall) => Array.from({ length: T }, (_, t) => Array.from({ length: rows }, (_, j) => box(t, y + j * tall, tall)));
  const [boxes, bars] = [columns(H, top, cell), columns(D, 0, 8)];
  const mark = box(0, 0, cell, `stroke: ${colour("ink")}; stroke-width: 2`);
  const frame = (y, tall) => svg("rect", { y, width: T, height: tall, style: `stroke: ${colour("line")}` });
  const outlines = svg("g", { class: "rk-outlines" }, D ? frame(0, D * 8) : null, frame(top, H * cell), mark);
  picture.append(...boxes.flat(), ...bars.flat(), outlines);
  onPointer(picture, (x, y) => onPoint(Math.floor(x * T), Math.floor((y * height - top) / cell)));
  const units = html("span", { class: "rk-units", style: `height: ${H * cell}px`, "aria-hidden": "true" }, html("span", {}, "0"), H > 1 ? html("span", {}, H - 1) : null);
  return {
    node: html("div", { class: "rk-map" }, html("p", {}, html("b", {}, title), html("span", {}, more)), units, picture),
    update(values) { values.forEach((line, t) => line.forEach((v, j) => { boxes[t][j].style.fill = ground(v); })); },
    feed(inputs) {
      const most = Math.max(...inputs.flat().map(Math.abs)) || 1;
      inputs.forEach((line, t) => line.forEach((v, d) => { bars[t][d].style.fill = signed(v / most); }));
    },
    point(t, j) {
      mark.setAttribute("x", t);
      mark.setAttribute("y", top + j * cell);
    },
  };
}

// Both memory curves on a log scale; the RNN's is broad, so that it shows where the GRU's lies on it.
function makeCurve({ T, onPoint }) {
  const [top, bottom, cellW] = [20, 126, (WIDTH - LEFT) / T];
  const picture = canvas(WIDTH, bottom + 18, "");
  picture.classList.add("rk-curve");
  const line = (name, width, opacity) => svg("polyline", { fill: "none", "stroke-width": width, "stroke-linejoin": "round", opacity, style: `stroke: ${colour(name)}` });
  const [broad, thin] = [line("orange", 5, 0.6), line("blue", 2, 1)];
  const [grid, cursor] = [svg("g"), svg("line", { y1: top, y2: bottom, style: `stroke: ${colour("ink")}`, "stroke-dasharray": "3 3" })];
  const named = (text, name) => svg("tspan", { style: `fill: ${colour(name)}; font-weight: 600` }, text);
  const title = label(LEFT, 12, "size of dh_T / dx_s at input s, log scale:  ", { style: `fill: ${colour("ink")}` });
  title.append(named("GRU ", "blue"), named(" RNN", "orange"));
  picture.append(title, grid, broad, thin, cursor, label(LEFT, bottom + 13, "first input"), label(WIDTH, bottom + 13, "last", { "text-anchor": "end" }));
  onPointer(picture, (x) => onPoint(Math.floor((x * WIDTH - LEFT) / cellW)));
  return {
    node: picture,
    update(ofGru, ofRnn) {
      const high = Math.max(1, Math.ceil(Math.log10(Math.max(...ofGru, ...ofRnn))));
      const y = (v) => bottom - ((Math.max(FLOOR, Math.log10(v)) - FLOOR) / (high - FLOOR)) * (bottom - top);
      const points = (values) => values.map((v, t) => `${LEFT + (t + 0.5) * cellW},${y(v).toFixed(1)}`).join(" ");
      broad.setAttribute("points", points(ofRnn));
      thin.setAttribute("points", points(ofGru));
      const ticks = [0, -3, -6, -9];
      grid.replaceChildren(...ticks.flatMap((k) => [
        svg("line", { x1: LEFT, x2: WIDTH, y1: y(10 ** k), y2: y(10 ** k), style: `stroke: ${colour("line")}` }),
        label(LEFT - 4, y(10 ** k), k ? power(k) : "1", { "text-anchor": "end", "dominant-baseline": "central", "font-size": 10 }),
      ]));
      picture.setAttribute("aria-label", `Memory curve, log scale: how strongly the last state depends on the first input, ${written(ofGru[0])} in the GRU and ${written(ofRnn[0])} in the RNN.`);
    },
    point(t) { for (const end of ["x1", "x2"]) cursor.setAttribute(end, LEFT + (t + 0.5) * cellW); },
  };
}

export default {
  render({ model, el }) {
    const net = prepare(model.get("weights"));
    const inputs = model.get("inputs");
    const [T, D, H] = [inputs[0].x.length, net.W_xh.length, net.b_xn.length];
    const put = (name, value) => { model.set(name, value); model.save_changes(); };
    const blend = () => ({ blendZ: model.get("blend_z"), blendR: model.get("blend_r"), keep: model.get("keep") });
    const chosen = () => inputs.find(({ name }) => name === model.get("pattern")).x;
    let [open, flipped, frame, timer, here] = [false, false, 0, 0, { t: Math.min(1, T - 1), j: H - 1 }];
    let gruSteps, rnnSteps, ofGru, ofRnn;

    // ---- what is drawn
    const choose = (t, j = here.j, byKey = false) => {
      here = { t: Math.max(0, Math.min(T - 1, t)), j: Math.max(0, Math.min(H - 1, j)) };
      readout.setAttribute("aria-live", byKey ? "polite" : "off"); // a moving pointer is not read aloud
      point();
    };
    const map = (title, more, ground, features = 0) => makeMap({ title, more, H, T, D: features, ground, onPoint: choose });
    const maps = {
      gru: map("GRU: h", ", units down, steps across", signed, D), rnn: map("vanilla RNN: h", ", the same candidate", signed, D),
      z: map("GRU: z", ", the share that is kept", share), r: map("GRU: r", ", the share that n sees", share),
    };
    const curve = makeCurve({ T, onPoint: (t) => choose(t) });
    const view = html("div", { class: "rk-maps rk-all", tabindex: 0, role: "group", "aria-label": "States and gates: left and right keys choose the step, up and down the unit" }, Object.values(maps).map(({ node }) => node));
    onKeys(view, {
      ArrowLeft: () => choose(here.t - 1, here.j, true), ArrowRight: () => choose(here.t + 1, here.j, true),
      ArrowUp: () => choose(here.t, here.j - 1, true), ArrowDown: () => choose(here.t, here.j + 1, true),
      Home: () => choose(0, here.j, true), End: () => choose(T - 1, here.j, true),
    });
    const numbers = html("p", { class: "rk-numbers" });
    const heard = html("p", { class: "rk-heard", "aria-live": "polite" });
    const note = html("p", { class: "rk-note" });
    const readout = html("p", { class: "rk-read", "aria-live": "off" });

    function point() {
      const { t, j } = here;
      for (const each of Object.values(maps)) each.point(t, j);
      curve.point(t);
      const step = gruSteps[t];
      const z = flipped ? `Chung’s z = 1 − z = ${fixed(1 - step.z[j])}` : `z = ${fixed(step.z[j])}`;
      const line = (text, then = false) => html("span", { class: then ? "rk-then" : null }, text);
      readout.replaceChildren(line(`Unit ${j}, step ${t + 1}: r = ${fixed(step.r[j])}, ${z}`),
        ...equations(step, j, flipped).flatMap(([formula, numbers]) => [line(formula), line(numbers, true)]),
        line(`RNN: h = tanh(x_n + h_n) = ${fixed(rnnSteps[t].h[j])}`),
        line(`Memory of input ${t + 1}: GRU ${written(ofGru[t])}, RNN ${written(ofRnn[t])}`));
    }
    function feed() { // the RNN has no gates: it changes with the input alone
      rnnSteps = read(rnn, chosen(), net);
      ofRnn = memory(rnn, rnnSteps, net);
      maps.rnn.update(rnnSteps.map(({ h }) => h));
      for (const name of ["gru", "rnn"]) maps[name].feed(chosen());
      redraw();
    }
    function redraw() {
      gruSteps = read(gru, chosen(), net, blend());
      ofGru = memory(gru, gruSteps, net);
      maps.gru.update(gruSteps.map(({ h }) => h));
      for (const gate of ["z", "r"]) maps[gate].update(gruSteps.map((step) => step[gate]));
      curve.update(ofGru, ofRnn);
      point();
      const apart = difference(gruSteps, rnnSteps);
      numbers.replaceChildren("Largest difference of h, GRU − RNN: ", html("b", {}, apart === 0 ? "exactly 0" : written(apart)));
      note.replaceChildren(...rich(hint({ ...blend(), T })));
      clearTimeout(timer);
      if (open) timer = setTimeout(() => { heard.textContent = `${numbers.textContent}. First input: ${written(ofGru[0])} in the GRU, ${written(ofRnn[0])} in the RNN.`; }, QUIET);
    }

    // ---- controls
    const stop = () => cancelAnimationFrame(frame);
    const two = (v) => minus(v.toFixed(2));
    const control = (name, options) => slider({ value: model.get(name), onInput: (v) => { stop(); put(name, v); }, ...options });
    const ends = (low, high) => (v) => (v === 0 ? low : v === 1 ? high : two(v));
    const sliders = {
      blend_z: control("blend_z", { label: "z → 0", min: 0, max: 1, step: 0.01, format: ends("GRU", "RNN") }),
      blend_r: control("blend_r", { label: "r → 1", min: 0, max: 1, step: 0.01, format: ends("GRU", "RNN") }),
      keep: control("keep", { label: "bias of z", min: -4, max: 6, step: 0.1, format: (v) => `${v > 0 ? "+" : ""}${minus(v.toFixed(1))}` }),
    };
    const pick = select({ label: "input", options: inputs.map(({ name }) => name), value: model.get("pattern"), onChange: (v) => put("pattern", v) });
    pick.classList.add("rk-long");
    const other = button("z as in Chung et al. (2014)", () => {
      flipped = !flipped;
      other.setAttribute("aria-pressed", flipped);
      point();
    }, { "aria-pressed": "false", hidden: true });
    const controls = row(...Object.values(sliders), pick);
    controls.classList.add("rk-all");

    // From where the sliders stand to the vanilla RNN, both gates at once.
    function toRnn() {
      const [fromZ, fromR, began] = [model.get("blend_z"), model.get("blend_r"), performance.now()];
      const tick = (now) => {
        const share = reducedMotion() ? 1 : Math.max(0, Math.min(1, (now - began) / SLIDE));
        const between = (from) => (share === 1 ? 1 : from + share * (1 - from));
        put("blend_z", between(fromZ));
        put("blend_r", between(fromR));
        if (share < 1) frame = requestAnimationFrame(tick);
      };
      tick(performance.now());
    }

    // ---- the prediction, answered by the experiment itself, on every input
    function answer(guess) {
      const full = { ...blend(), blendZ: 1, blendR: 1 };
      const most = Math.max(...inputs.map(({ x }) => difference(read(gru, x, net, full), read(rnn, x, net))));
      const size = most === 0 ? "exactly 0" : written(most);
      [open, other.hidden] = [true, false];
      ask.replaceChildren(html("p", { role: "status" }, html("b", {}, guess === "exactly 0" ? "Right: " : "Not this time: "), `${size}, on all ${inputs.length} inputs. `,
        ...rich("With `z` = 0 nothing is copied; with `r` = 1 the candidate sees the whole old state. What is left, `tanh(x_n + h_n)`, is the vanilla RNN.")));
      for (const { input } of Object.values(sliders)) input.disabled = false;
      sliders.blend_z.input.focus({ preventScroll: true }); // the button that had the focus is gone
      toRnn();
    }
    const ask = html("div", { class: "rk-ask rk-all" }, html("p", {}, rich("Predict. Set `z` = 0 and `r` = 1 at every step. How large is the largest difference between the states of this GRU and of the vanilla RNN with the same candidate weights?")),
      ["exactly 0", "about 0.1", "depends on x"].map((guess) => button(guess, () => answer(guess), { "aria-label": `I predict: ${guess}` })));
    for (const { input } of Object.values(sliders)) input.disabled = true;

    for (const [name, field] of Object.entries(sliders)) model.on(`change:${name}`, () => { field.set(model.get(name)); redraw(); });
    model.on("change:pattern", () => { pick.set(model.get("pattern")); feed(); });
    el.append(html("style", {}, STYLE), html("div", { class: "rk-gru-box" }, html("div", { class: "rk-gru" }, ask, controls, view,
      html("div", { class: "rk-side" }, curve.node, note), html("div", { class: "rk-side" }, numbers, readout, other), heard)));
    feed();
    return () => { stop(); clearTimeout(timer); };
  },
};
