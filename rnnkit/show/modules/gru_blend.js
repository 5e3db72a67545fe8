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

/** The state of one unit written out: the candidate, and the blend in both conventions of z. */
export function equations({ x_n, h_n, r, z, n, hPrev, h }, j, flipped) {
  const [stay, go] = [factor(z[j]), factor(1 - z[j])];
  const [old, fresh] = [factor(hPrev[j]), factor(n[j])];
  const state = flipped
    ? `h = (1 − z)·h_prev + z·n = ${stay}·${old} + ${go}·${fresh}`
    : `h = (1 − z)·n + z·h_prev = ${go}·${fresh} + ${stay}·${old}`;
  return [`n = tanh(x_n + r·h_n) = tanh(${fixed(x_n[j])} + ${factor(r[j])}·${factor(h_n[j])}) = ${fixed(n[j])}`, `${state} = ${fixed(h[j])}`];
}

/** What to notice at this setting. */
export function hint({ blendZ, blendR, keep, T }) {
  const k = T - 1;
  if (blendZ === 1 && blendR === 1) return "Every cell of the two maps agrees to the last bit. Now pull `z → 0` back to the left: memory returns.";
  if (blendZ === 1) return "Nothing is copied from step to step. All that the past can do now passes through the candidate, as in the RNN.";
  if (blendZ > 0) return `No \`z\` is above ${(1 - blendZ).toFixed(2)} now. A number copied ${k} times keeps at most ${(1 - blendZ).toFixed(2)}${[...String(k)].map((c) => RAISED[c]).join("")} = ${written((1 - blendZ) ** k)} of itself.`;
  if (keep >= 2) return "`z` near 1 keeps all that is there and lets little in: the curve is flat, and it is low.";
  if (keep <= -2) return "`z` is smaller everywhere: each step writes more and keeps less, and the curve falls.";
  if (blendR === 1) return "`r` = 1: the candidate sees all of the old state. Compare what this costs in memory with a small step of `z → 0`.";
  return "A row that stays dark in `z` keeps its colour in `h`. The RNN has no such rows: each step writes every unit anew.";
}

const STYLE = `
.rk-gru-box { container-type: inline-size; }
.rk-gru { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 4px 14px; font-size: 0.84rem; font-variant-numeric: tabular-nums; }
.rk-gru > .rk-all { grid-column: 1 / -1; }
.rk-gru p { margin: 0; line-height: 1.45; }
.rk-gru .rk-ask { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px; min-height: 4.2em; }
.rk-gru .rk-ask > p { flex: 1 1 16em; }
.rk-gru .rk-row { margin: 0; gap: 0 12px; }
.rk-gru .rk-field { flex: 1 1 128px; }
.rk-gru .rk-field > label, .rk-gru .rk-value { font-size: max(0.76rem, 12px); }
.rk-gru select { padding: 0 4px; }
.rk-gru .rk-maps { display: grid; grid-template-columns: subgrid; gap: 2px 14px; border-radius: 6px; }
.rk-gru .rk-map { cursor: crosshair; touch-action: pan-y; }
.rk-gru .rk-map rect { shape-rendering: crispEdges; }
.rk-gru .rk-side { display: flex; flex-direction: column; gap: 4px; }
.rk-gru .rk-side > button { align-self: flex-start; padding: 0 0.7em; }
.rk-gru .rk-note { min-height: 4.4em; }
.rk-gru .rk-read { min-height: 7.3em; }
.rk-gru .rk-read > span { display: block; }
.rk-gru .rk-heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (max-width: 539px) { .rk-gru > * { grid-column: 1 / -1; } .rk-gru .rk-maps { grid-template-columns: minmax(0, 1fr); } }
`;

// Colours in steps: the browser parses each of them once.
const SIGNED = Array.from({ length: 81 }, (_, i) => diverging(i / 40 - 1));
const SHARE = Array.from({ length: 41 }, (_, i) => sequential(i / 40));
const signed = (v) => SIGNED[Math.round(40 * (Math.max(-1, Math.min(1, v)) + 1))];
const share = (v) => SHARE[Math.round(40 * v)];

const label = (x, y, text, attributes = {}) => svg("text", { x, y, "font-size": 11.5, style: `fill: ${colour("muted")}`, ...attributes }, text);

// A heat map of units over steps, with the input above it if D > 0. `values` and `inputs` are rows per step.
function makeMap({ title, H, T, D = 0, ground, onPoint }) {
  const [cellW, cellH, top] = [(WIDTH - LEFT) / T, Math.max(6, Math.min(12, 92 / H)), 18 + (D ? D * 8 + 4 : 0)];
  const picture = canvas(WIDTH, top + H * cellH + 2, title);
  picture.classList.add("rk-map");
  const cell = (x, y, height) => svg("rect", { x: LEFT + x * cellW, y, width: cellW + 0.1, height: height + 0.1 });
  const boxes = Array.from({ length: T }, (_, t) => Array.from({ length: H }, (_, j) => cell(t, top + j * cellH, cellH)));
  const bars = Array.from({ length: T }, (_, t) => Array.from({ length: D }, (_, d) => cell(t, 18 + d * 8, 8)));
  const frame = (y, height) => svg("rect", { x: LEFT, y, width: WIDTH - LEFT, height, style: `fill: none; stroke: ${colour("line")}` });
  const mark = svg("rect", { width: cellW, height: cellH, style: `fill: none; stroke: ${colour("ink")}; stroke-width: 2` });
  picture.append(label(LEFT, 12, title, { style: `fill: ${colour("ink")}; font-weight: 600` }), ...boxes.flat(), ...bars.flat(), frame(top, H * cellH));
  for (const j of [0, H - 1]) picture.append(label(LEFT - 5, top + (j + 0.5) * cellH, j, { "text-anchor": "end", "dominant-baseline": "central" }));
  if (D) picture.append(label(LEFT - 5, 18 + D * 4, "x", { "text-anchor": "end", "dominant-baseline": "central" }), frame(18, D * 8));
  picture.append(mark);
  const point = (event) => {
    if (event.type === "pointermove" && event.pointerType !== "mouse" && !event.buttons) return;
    const box = picture.getBoundingClientRect();
    const scale = WIDTH / box.width;
    const [t, j] = [((event.clientX - box.left) * scale - LEFT) / cellW, ((event.clientY - box.top) * scale - top) / cellH];
    onPoint(Math.floor(t), Math.floor(j));
  };
  for (const type of ["pointermove", "pointerdown"]) picture.addEventListener(type, point);
  return {
    node: picture,
    update(values) { values.forEach((line, t) => line.forEach((v, j) => { boxes[t][j].style.fill = ground(v); })); },
    feed(inputs) {
      const most = Math.max(...inputs.flat().map(Math.abs)) || 1;
      inputs.forEach((line, t) => line.slice(0, D).forEach((v, d) => { bars[t][d].style.fill = signed(v / most); }));
    },
    point(t, j) {
      mark.setAttribute("x", LEFT + t * cellW);
      mark.setAttribute("y", top + j * cellH);
    },
  };
}

// Both memory curves on a log scale; the RNN's is broad, so that it shows where the GRU's lies on it.
function makeCurve({ T, onPoint }) {
  const [top, bottom, cellW] = [20, 126, (WIDTH - LEFT) / T];
  const picture = canvas(WIDTH, bottom + 18, "");
  picture.classList.add("rk-map");
  const line = (name, width, opacity) => svg("polyline", { fill: "none", "stroke-width": width, "stroke-linejoin": "round", opacity, style: `stroke: ${colour(name)}` });
  const [broad, thin] = [line("orange", 5, 0.6), line("blue", 2, 1)];
  const [grid, cursor] = [svg("g"), svg("line", { y1: top, y2: bottom, style: `stroke: ${colour("ink")}`, "stroke-dasharray": "3 3" })];
  const named = (text, name) => svg("tspan", { style: `fill: ${colour(name)}; font-weight: 600` }, text);
  const title = label(LEFT, 12, "size of dh_T / dx_s:  ", { style: `fill: ${colour("ink")}` });
  title.append(named("GRU ", "blue"), named(" RNN", "orange"));
  picture.append(title, grid, broad, thin, cursor, label(LEFT, bottom + 13, "first input"), label(WIDTH, bottom + 13, "last", { "text-anchor": "end" }));
  const point = (event) => {
    if (event.type === "pointermove" && event.pointerType !== "mouse" && !event.buttons) return;
    const box = picture.getBoundingClientRect();
    onPoint(Math.floor((((event.clientX - box.left) * WIDTH) / box.width - LEFT) / cellW));
  };
  for (const type of ["pointermove", "pointerdown"]) picture.addEventListener(type, point);
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
    const map = (title, D, ground) => makeMap({ title, H, T, D, ground, onPoint: choose });
    const maps = { gru: map("GRU: state h", D, signed), rnn: map("vanilla RNN: state h", D, signed), z: map("z: share that is kept", 0, share), r: map("r: share that the candidate sees", 0, share) };
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
      const z = flipped ? 1 - step.z[j] : step.z[j];
      const lines = [`Unit ${j}, step ${t + 1}: r = ${fixed(step.r[j])}, z = ${fixed(z)}`, ...equations(step, j, flipped), `RNN: h = tanh(x_n + h_n) = ${fixed(rnnSteps[t].h[j])}`];
      if (open) lines.push(`Input ${t + 1} moves the last state by ${written(ofGru[t])}; RNN: ${written(ofRnn[t])}`);
      readout.replaceChildren(...lines.map((line) => html("span", {}, line)));
    }
    function redraw() {
      gruSteps = read(gru, chosen(), net, blend());
      rnnSteps = read(rnn, chosen(), net);
      [ofGru, ofRnn] = [memory(gru, gruSteps, net), memory(rnn, rnnSteps, net)];
      maps.gru.update(gruSteps.map(({ h }) => h));
      maps.rnn.update(rnnSteps.map(({ h }) => h));
      for (const gate of ["z", "r"]) maps[gate].update(gruSteps.map((step) => step[gate]));
      for (const name of ["gru", "rnn"]) maps[name].feed(chosen());
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
    const other = button("z as in Chung et al.", () => {
      flipped = !flipped;
      other.setAttribute("aria-pressed", flipped);
      point();
    }, { "aria-pressed": "false" });
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
      open = true;
      ask.replaceChildren(html("p", { role: "status" }, html("b", {}, guess === "exactly 0" ? "Right: " : "Not this time: "), `${size}, on all ${inputs.length} inputs. `,
        ...rich("With `z` = 0 nothing is copied; with `r` = 1 the candidate sees the whole old state. What is left, `tanh(x_n + h_n)`, is the vanilla RNN.")));
      for (const { input } of Object.values(sliders)) input.disabled = false;
      sliders.blend_z.input.focus({ preventScroll: true }); // the button that had the focus is gone
      curve.node.style.visibility = "visible";
      toRnn();
    }
    const ask = html("div", { class: "rk-ask rk-all" }, html("p", {}, rich("Predict. Set `z` = 0 and `r` = 1 at every step. How large is the largest difference between the states of this GRU and of the vanilla RNN with the same candidate weights?")),
      ["exactly 0", "about 0.1", "it depends on the input"].map((guess) => button(guess, () => answer(guess), { "aria-label": `I predict: ${guess}` })));
    for (const { input } of Object.values(sliders)) input.disabled = true;
    curve.node.style.visibility = "hidden"; // it would tell what the gates are for

    for (const [name, field] of Object.entries(sliders)) model.on(`change:${name}`, () => { field.set(model.get(name)); redraw(); });
    model.on("change:pattern", () => { pick.set(model.get("pattern")); redraw(); });
    el.append(html("style", {}, STYLE), html("div", { class: "rk-gru-box" }, html("div", { class: "rk-gru" }, ask, controls, view,
      html("div", { class: "rk-side" }, curve.node, numbers, note), html("div", { class: "rk-side" }, readout, other), heard)));
    redraw();
    return () => { stop(); clearTimeout(timer); };
  },
};
