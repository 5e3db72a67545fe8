// Gradient flow: the eigenvalues of W_hh beside what the product of the Jacobians does to a gradient.
import { button, canvas, colour, decodeArray, html, rich, row, slider, svg } from "./kit.js";

export const STEPS = 60; // how far back the curves go

// ---- the computations: matrices are flat arrays, row by row; norms are kept as logarithms to base 10 ---------

/** The packed state: H, T, inputs (T, H), and per kind W (H, H), eigenvalues as [re, im], sigma, all at spectral radius 1. */
export function unpack({ matrices, inputs }) {
  const [T, H] = inputs.shape;
  const kinds = Object.fromEntries(Object.entries(matrices).map(([name, packed]) => {
    const [W, flat, singular] = ["W_hh", "eigenvalues", "singular_values"].map((part) => decodeArray(packed[part]).data);
    const eigenvalues = Array.from({ length: H }, (_, j) => [flat[2 * j], flat[2 * j + 1]]);
    return [name, { W: Float64Array.from(W), eigenvalues, sigma: singular[0] }];
  }));
  return { H, T, kinds, inputs: Float64Array.from(decodeArray(inputs).data) };
}

/** tanh' = 1 - h^2 of every unit at every step, (T, H): h = tanh(strength * input + h_prev @ (rho * W)) from zeros. */
export function slopes({ H, T, inputs }, W, rho, strength) {
  const h = new Float64Array((T + 1) * H); // row 0 is the initial state
  const result = new Float64Array(T * H);
  for (let t = 0; t < T; t += 1) {
    for (let j = 0; j < H; j += 1) {
      let a = strength * inputs[t * H + j];
      for (let i = 0; i < H; i += 1) a += h[t * H + i] * rho * W[i * H + j];
      const state = Math.tanh(a);
      h[(t + 1) * H + j] = state;
      result[t * H + j] = 1 - state * state;
    }
  }
  return result;
}

/** log10 of the largest singular value of G (H, H). A = G G^T is squared again and again: the trace of A^p is the sum of
 *  the singular values to the power 2p, and the largest soon drowns the others. */
export function logNorm(G, H) {
  let [A, B] = [new Float64Array(H * H), new Float64Array(H * H)];
  timesTransposed(G, A, H);
  let log = 0; // of the trace of A^p; A itself is kept at trace 1
  let p = 1;
  for (let round = 0; ; round += 1) {
    const trace = scaleToTraceOne(A, H);
    if (trace === 0) return -Infinity;
    log = round === 0 ? Math.log(trace) : 2 * log + Math.log(trace);
    const next = Math.log(A.reduce((sum, v) => sum + v * v, 0)); // the trace of A^2p over that of A^p, squared
    if (-next / p < 1e-9 || round === 16) return (log + next) / (2 * p * Math.LN10);
    timesTransposed(A, B, H); // A is symmetric: A A^T is its square
    [A, B, p] = [B, A, 2 * p];
  }
}

/** result = G G^T. */
function timesTransposed(G, result, H) {
  for (let i = 0; i < H; i += 1) {
    for (let j = i; j < H; j += 1) {
      let sum = 0;
      for (let l = 0; l < H; l += 1) sum += G[i * H + l] * G[j * H + l];
      result[i * H + j] = sum;
      result[j * H + i] = sum;
    }
  }
}

function scaleToTraceOne(A, H) {
  let trace = 0;
  for (let i = 0; i < H; i += 1) trace += A[i * H + i];
  for (let i = 0; i < A.length && trace > 0; i += 1) A[i] /= trace;
  return trace;
}

/** log10 of the spectral norm of d h_T / d h_{T-k}, for k = 0 .. STEPS. gains (T, H): the tanh' of every step, or null
 *  for the linear network. The rows of G are gradients on their way back: dh_prev = (dh * tanh') @ W^T. */
export function logFlow(W, rho, H, gains = null) {
  let [G, next] = [new Float64Array(H * H), new Float64Array(H * H)];
  for (let i = 0; i < H; i += 1) G[i * H + i] = 1;
  const result = [0];
  let log = 0; // what was divided out of G, so that it neither under- nor overflows
  for (let k = 1; k <= STEPS; k += 1) {
    const t = gains && gains.length / H - k;
    for (let i = 0; i < H; i += 1) {
      if (gains) for (let l = 0; l < H; l += 1) G[i * H + l] *= gains[t * H + l];
      for (let j = 0; j < H; j += 1) {
        let sum = 0;
        for (let l = 0; l < H; l += 1) sum += G[i * H + l] * W[j * H + l];
        next[i * H + j] = sum;
      }
    }
    [G, next] = [next, G];
    const norm = logNorm(G, H);
    log += norm + Math.log10(rho);
    result.push(log);
    const shrink = norm === -Infinity ? 0 : 10 ** -norm; // all units saturated: nothing comes through
    for (let i = 0; i < G.length; i += 1) G[i] *= shrink;
  }
  return result;
}

/** Everything that is shown for one choice. linear: the flow at spectral radius 1; it only has to be shifted. */
export function compute(net, { kind, radius, strength, linear }) {
  const { W, sigma } = net.kinds[kind];
  const shift = Math.log10(radius);
  const gains = slopes(net, W, radius, strength);
  const seen = gains.subarray((net.T - STEPS) * net.H);
  return {
    rho: radius,
    sigma: radius * sigma,
    strength,
    linear: linear.map((v, k) => v + k * shift),
    driven: logFlow(W, radius, net.H, gains),
    slope: seen.reduce((sum, v) => sum + v, 0) / seen.length,
  };
}

// ---- words ----------------------------------------------------------------------------------------------------

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const power = (n) => `10${n < 0 ? "⁻" : ""}${[...String(Math.abs(n))].map((digit) => SUPERSCRIPTS[digit]).join("")}`;

/** A factor, given its logarithm to base 10, with two digits: ×0.0031, ×48, ×2·10⁻⁷. */
export function times(log) {
  if (log === -Infinity) return "×0";
  if (log > -3 && log < 4) return `×${Number((10 ** log).toPrecision(2))}`;
  const exponent = Math.floor(log + 0.0212); // 9.53 is already written as 1 of the next decade
  return `×${Math.max(1, Math.round(10 ** (log - exponent)))}·${power(exponent)}`;
}

/** What to notice now. */
export function hint({ rho, sigma, strength, linear, driven, slope }) {
  if (strength > 0) {
    const gain = `Every step also multiplies by tanh′ = 1 − h² of each unit, here ${slope.toFixed(2)} on average`;
    if (rho > 1) return `${gain}: where the linear network explodes, the tanh network saturates${driven[STEPS] < -2 ? ", and its gradient vanishes" : " and is held back"}.`;
    return `${gain}. At radius 1 an orthogonal matrix alone keeps every length; the input takes it away.`;
  }
  const top = Math.max(...linear);
  const first = linear.indexOf(top);
  if (sigma - rho < 0.005 * rho) {
    if (Math.abs(rho - 1) < 0.005) return "Every singular value is 1: at rest the gradient keeps its length for ever. Now raise the input.";
    return "`σ₁ = ρ`, as for every normal matrix: the curves are one, and the eigenvalues tell everything.";
  }
  if (Math.abs(rho - 1) < 0.005) return `With \`ρ = 1\` a gradient neither grows nor dies in the end. It keeps what the first steps gave it: ${times(linear[STEPS])}.`;
  if (rho > 1) return "`σ₁ > 1` is necessary for a gradient to explode, not sufficient: bring `ρ` below 1 and it dies in the end.";
  if (sigma < 1) return "`σ₁ < 1` is sufficient for vanishing: no step can enlarge any gradient.";
  if (first > 1) return `Every eigenvalue lies inside the circle, yet the gradient grows for ${first} steps, to ${times(top)}. Only then does it fall, in the end by the factor \`ρ\` a step.`;
  return "Every eigenvalue lies inside the circle. The first step may still enlarge a gradient: that is what `σ₁ > 1` says.";
}

/** The answer to the prediction: 0 if rho^k says it all, 1 if it is more but less than 1, 2 if it is more than 1. */
export const verdict = (log, k, rho) => (log < k * Math.log10(rho) + 1e-3 ? 0 : log < 0 ? 1 : 2);

// ---- drawing --------------------------------------------------------------------------------------------------

const LOW = -6; // decades on the axis of the curves
const HIGH = 6;
const DISC = 2.2; // half the width of the plane
const [PAD, TOP] = [34, 8]; // of the curves: left margin, top margin

const NOTES = {
  chain: "Each unit feeds the next",
  identity: "Each unit feeds only itself",
  orthogonal: "A rotation or reflection",
  random: "Independent Gaussian weights",
};

const CURVES = [
  { name: "bound", text: "bound σ₁ᵏ", color: "purple", style: "stroke-width: 1.8; stroke-dasharray: 6 4" },
  { name: "rate", text: "rate ρᵏ", color: "ink", style: "stroke-width: 2; stroke-dasharray: 1.5 4; stroke-linecap: round" },
  { name: "linear", text: "linear", color: "blue", style: "stroke-width: 5; opacity: 0.55" },
  { name: "driven", text: "tanh", color: "orange", style: "stroke-width: 2.2" },
];

const STYLE = `
.rk-flow { container-type: inline-size; }
.rk-flow p { margin: 0.25rem 0; }
.rk-flow .rk-ask { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.5rem; margin-bottom: 0.5rem; }
.rk-flow .rk-ask p { flex: 1 1 100%; }
.rk-flow .rk-kinds { display: grid; grid-template-columns: repeat(auto-fit, minmax(4.4rem, 1fr)); gap: 0.25rem; margin: 0.25rem 0; }
.rk-flow .rk-kinds button { padding: 0; font-size: 0.75rem; overflow-wrap: anywhere; line-height: 1.2; }
.rk-flow .rk-views { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.25rem 1rem; }
.rk-flow .rk-disc { display: grid; grid-template-columns: 9.5rem minmax(0, 1fr); gap: 0.25rem 0.75rem; align-items: center; }
@container (min-width: 34rem) {
  .rk-flow .rk-views { grid-template-columns: 13.5rem minmax(0, 1fr); }
  .rk-flow .rk-disc { grid-template-columns: minmax(0, 1fr); align-content: start; }
  .rk-flow .rk-kinds button { font-size: inherit; }
}
.rk-flow .rk-curves svg { touch-action: pan-y; cursor: crosshair; }
.rk-flow .rk-small { color: var(--rk-muted); font-size: 0.8125rem; }
.rk-flow .rk-small > span { display: block; }
.rk-flow dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 0.25rem 0.75rem; margin: 0.25rem 0; }
.rk-flow dl > div { display: grid; grid-template-columns: auto 1fr; column-gap: 0.5rem; align-items: center; }
.rk-flow dt { grid-column: 2; color: var(--rk-muted); font-size: 0.8125rem; font-weight: 500; line-height: 1.3; margin: 0; }
.rk-flow dd { grid-column: 2; margin: 0; font-size: 1.1875rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }
.rk-flow dl svg { grid-row: 1 / 3; width: 26px; height: 10px; }
.rk-flow .rk-tip { min-height: 3em; }
.rk-flow .rk-row { margin: 0.25rem 0; }
.rk-flow .rk-field { flex-basis: 8.5rem; }
`;

const line = ({ color, style }, attributes) => svg("path", { fill: "none", style: `stroke: ${colour(color)}; ${style}`, ...attributes });
const text = (x, y, words, attributes = {}) => svg("text", { x, y, "font-size": 11, style: `fill: ${colour("muted")}`, ...attributes }, words);

/** The complex plane. update(kind, eigenvalues, rho, sigma): sigma null while it is not to be seen. */
function makeDisc(H) {
  const root = canvas(240, 240, "");
  const clip = svg("svg", { width: 240, height: 240, viewBox: `${-DISC} ${-DISC} ${2 * DISC} ${2 * DISC}`, overflow: "hidden" }); // clips without an id
  const thin = { fill: "none", "vector-effect": "non-scaling-stroke" };
  const axis = { ...thin, style: `stroke: ${colour("line")}` };
  clip.append(svg("path", { ...axis, d: `M${-DISC} 0H${DISC}M0 ${-DISC}V${DISC}` }),
    svg("circle", { r: 1, style: `stroke: ${colour("ink")}; fill: ${colour("paper")}`, "stroke-width": 1.4, "vector-effect": "non-scaling-stroke" }),
    svg("path", { ...axis, d: "M-1 0H1M0 -1V1" }));
  const ring = svg("circle", { ...thin, style: `stroke: ${colour("purple")}`, "stroke-width": 1.8, "stroke-dasharray": "6 4" });
  const dots = Array.from({ length: H }, () => svg("circle", { r: 0.075, style: `fill: ${colour("blue")}; stroke: ${colour("paper")}`, "stroke-width": 0.02 }));
  clip.append(ring, ...dots);
  root.append(clip, text(238, 114, "Re", { "text-anchor": "end", "font-size": 13 }), text(125, 14, "Im", { "font-size": 13 }));
  const note = html("p", { class: "rk-small" });
  const node = html("div", { class: "rk-disc" }, root, note);
  function update(kind, eigenvalues, rho, sigma) {
    dots.forEach((dot, j) => {
      dot.setAttribute("cx", rho * eigenvalues[j][0]);
      dot.setAttribute("cy", -rho * eigenvalues[j][1]);
    });
    ring.style.display = sigma === null ? "none" : "";
    if (sigma !== null) ring.setAttribute("r", sigma);
    const outside = eigenvalues.filter(([re, im]) => rho * Math.hypot(re, im) > 1 + 1e-6).length;
    const lines = [["blue", "● ", `eigenvalues, |λ| ≤ ρ = ${rho.toFixed(2)}`]];
    if (sigma !== null) lines.push(["purple", "╌ ", `singular values ≤ σ₁ = ${sigma.toFixed(2)}`]);
    note.replaceChildren(html("span", {}, NOTES[kind] ?? kind), ...lines.map(([name, mark, words]) => html("span", {}, html("b", { style: `color: ${colour(name)}`, "aria-hidden": "true" }, mark), words)));
    root.setAttribute("aria-label", `Complex plane with the unit circle: ${outside} of ${H} eigenvalues lie outside. ${lines.map((entry) => entry[2]).join("; ")}.`);
  }
  return { node, update };
}

/** The curves. update(logs by name, k): a name that is missing is not drawn. */
function makeCurves(onPick) {
  const node = html("div", { class: "rk-curves" });
  let [root, shown, width, tall, last] = [null, {}, 0, 0, null];
  const x = (k) => PAD + (k / STEPS) * (width - PAD - 8);
  const y = (log) => TOP + ((HIGH - log) / (HIGH - LOW)) * tall;
  const held = (log) => Math.max(-400, Math.min(400, log)); // far outside, but a number that can be drawn
  function build() {
    width = Math.max(260, node.clientWidth || 440); // drawn at its own width: letters keep their size
    tall = width < 400 ? 170 : 220;
    root = canvas(width, TOP + tall + 32, "");
    for (let decade = LOW; decade <= HIGH; decade += 2) {
      root.append(svg("path", { d: `M${PAD} ${y(decade)}H${width - 8}`, fill: "none", "stroke-width": decade === 0 ? 1.4 : 1, style: `stroke: ${colour(decade === 0 ? "ink" : "line")}` }),
        text(PAD - 5, y(decade) + 4, decade === 0 ? "1" : power(decade), { "text-anchor": "end" }));
    }
    for (let k = 0; k <= STEPS; k += 10) root.append(text(x(k), TOP + tall + 15, k, { "text-anchor": "middle" }));
    root.append(text(width - 8, TOP + tall + 29, "k steps back", { "text-anchor": "end" }));
    const clip = svg("svg", { x: 0, y: TOP, width, height: tall, viewBox: `0 ${TOP} ${width} ${tall}`, overflow: "hidden" });
    const cursor = svg("line", { y1: TOP, y2: TOP + tall, "stroke-width": 1.2, style: `stroke: ${colour("muted")}` });
    clip.append(cursor);
    shown = Object.fromEntries(CURVES.map((curve) => {
      const path = line(curve);
      const dot = svg("circle", { r: 4.5, "stroke-width": 1.5, style: `fill: ${colour(curve.color)}; stroke: ${colour("panel")}` });
      return [curve.name, { path, dot }];
    }));
    clip.append(...CURVES.map(({ name }) => shown[name].path), ...CURVES.map(({ name }) => shown[name].dot));
    root.append(clip);
    const pick = (event) => {
      const box = root.getBoundingClientRect();
      const k = Math.round((((event.clientX - box.left) / box.width) * width - PAD) / (width - PAD - 8) * STEPS);
      onPick(Math.max(1, Math.min(STEPS, k)));
    };
    root.addEventListener("pointermove", pick);
    root.addEventListener("pointerdown", pick);
    shown.cursor = cursor;
    node.replaceChildren(root);
  }
  function update(logs, k) {
    last = [logs, k];
    for (const { name } of CURVES) {
      const { path, dot } = shown[name];
      const isThere = name in logs;
      path.style.display = dot.style.display = isThere ? "" : "none";
      if (!isThere) continue;
      path.setAttribute("d", logs[name].map((log, at) => `${at ? "L" : "M"}${x(at).toFixed(1)} ${y(held(log)).toFixed(1)}`).join(""));
      dot.setAttribute("cx", x(k));
      dot.setAttribute("cy", y(held(logs[name][k])));
    }
    shown.cursor.setAttribute("x1", x(k));
    shown.cursor.setAttribute("x2", x(k));
    const said = CURVES.filter(({ name }) => name in logs).map(({ name, text: words }) => `${words} ${times(logs[name][k])}, after ${STEPS} steps ${times(logs[name][STEPS])}`);
    root.setAttribute("aria-label", `Norm of the gradient against the steps back, logarithmic. After ${k} steps: ${said.join("; ")}.`);
  }
  build();
  const observer = new ResizeObserver(() => {
    if (Math.abs(node.clientWidth - width) < 4) return;
    build();
    if (last) update(...last);
  });
  observer.observe(node);
  return { node, update, stop: () => observer.disconnect() };
}

/** The four numbers at step k, which are also the key to the curves. */
function makeReadout() {
  const entries = CURVES.map((curve) => ({ ...curve, value: html("dd") }));
  const order = ["linear", "driven", "bound", "rate"].map((name) => entries.find((entry) => entry.name === name));
  const title = html("p");
  const node = html("div", {}, title, html("dl", {}, order.map((entry) => html("div", {},
    svg("svg", { viewBox: "0 0 26 10", "aria-hidden": "true" }, line(entry, { d: "M1 5H25" })), html("dt", {}, entry.text), entry.value))));
  function update(logs, k) {
    title.replaceChildren(html("b", {}, `${k} ${k === 1 ? "step" : "steps"} back`), " a gradient’s norm is multiplied by at most");
    for (const { name, value } of entries) value.textContent = times(logs[name][k]);
  }
  return { node, update };
}

export default {
  render({ model, el }) {
    const net = unpack({ matrices: model.get("matrices"), inputs: model.get("inputs") });
    const put = (name, value) => { model.set(name, value); model.save_changes(); };
    const atOne = {}; // the linear flow of each kind at spectral radius 1: it does not change
    const result = () => {
      const kind = model.get("kind");
      atOne[kind] ??= logFlow(net.kinds[kind].W, 1, net.H);
      return { kind, ...compute(net, { kind, radius: model.get("radius"), strength: model.get("strength"), linear: atOne[kind] }) };
    };
    const disc = makeDisc(net.H);
    const curves = makeCurves((k) => isOpen && put("steps_back", k));
    const readout = makeReadout();
    const tip = html("p", { class: "rk-tip", "aria-live": "off" });
    const ASKED = 10;
    let [isOpen, frame, rest, now] = [false, 0, 0, null];

    function draw() {
      const { kind, rho, sigma, linear, driven } = now;
      const k = isOpen ? model.get("steps_back") : ASKED;
      const straight = (base) => linear.map((_, step) => step * Math.log10(base));
      const logs = { rate: straight(rho), ...(isOpen && { bound: straight(sigma), linear, driven }) };
      disc.update(kind, net.kinds[kind].eigenvalues, rho, isOpen ? sigma : null);
      curves.update(logs, k);
      if (!isOpen) return;
      readout.update(logs, k);
      tip.replaceChildren(...rich(hint(now)));
    }
    // A dragged slider fires more often than the screen is drawn; a screen reader hears where it came to rest.
    let isStale = true;
    function redraw() {
      tip.setAttribute("aria-live", "off");
      if (!frame) frame = requestAnimationFrame(() => {
        frame = 0;
        if (isStale) now = result();
        isStale = false;
        draw();
      });
      clearTimeout(rest);
      rest = setTimeout(() => {
        tip.setAttribute("aria-live", "polite");
        if (isOpen) tip.replaceChildren(...rich(hint(now)));
      }, 500);
    }

    const two = (v) => v.toFixed(2);
    const radius = slider({ label: "spectral radius ρ", min: 0.5, max: 1.5, step: 0.01, value: model.get("radius"), format: two, onInput: (v) => put("radius", v) });
    const strength = slider({ label: "input", min: 0, max: 2, step: 0.05, value: model.get("strength"), format: (v) => (v === 0 ? "0, at rest" : two(v)), onInput: (v) => put("strength", v) });
    const back = slider({ label: "read at k", min: 1, max: STEPS, step: 1, value: model.get("steps_back"), onInput: (v) => put("steps_back", v) });
    const kinds = Object.keys(net.kinds).sort().map((name) => button(name, () => put("kind", name)));
    const press = () => kinds.forEach((node) => node.setAttribute("aria-pressed", node.textContent === model.get("kind")));
    const group = html("div", { class: "rk-kinds", role: "group", "aria-label": "recurrent matrix W_hh" }, kinds);
    const controls = html("div", { hidden: true }, group, row(radius, strength, back));
    const answers = html("div", { hidden: true }, readout.node, tip);

    function answer(guess, options) {
      const log = now.linear[ASKED];
      const right = verdict(log, ASKED, now.rho);
      const why = right === 2
        ? `A single step may already multiply by σ₁ = ${two(now.sigma)}, the largest singular value. Eigenvalues tell how the story ends, not how it begins.`
        : right === 0 ? "Here the eigenvalues tell everything, as they do for every normal matrix. Try the other kinds." : "Singular values larger than the eigenvalues win at first, but not by enough.";
      isOpen = true;
      ask.replaceChildren(html("p", { role: "status" }, html("b", {}, guess === right ? "Right: " : `Not “${options[guess]}”: `), `${times(log)} after ${ASKED} steps. ${why}`));
      controls.hidden = answers.hidden = false;
      draw();
      radius.input.focus({ preventScroll: true }); // the button that had the focus is gone
    }
    now = result();
    isStale = false;
    const rate = times(ASKED * Math.log10(now.rho));
    const options = now.rho < 1 ? [`ρ¹⁰: ${rate}`, "more, but below ×1", "above ×1"] : [`ρ¹⁰: ${rate}`, "below ×1", "more than that"];
    const ask = html("div", { class: "rk-ask" }, html("p", {}, rich(`Predict. The dots are the eigenvalues of \`W_hh\`; the largest has the absolute value ρ = ${two(now.rho)}. Dotted: ρᵏ. A gradient goes ${ASKED} steps back through the linear network. Its norm is multiplied by at most …`)),
      options.map((words, guess) => button(words, () => answer(guess, options), { "aria-label": `I predict ${words}` })));

    const changed = () => { isStale = true; redraw(); };
    model.on("change:radius", () => { radius.set(model.get("radius")); changed(); });
    model.on("change:strength", () => { strength.set(model.get("strength")); changed(); });
    model.on("change:kind", () => { press(); changed(); });
    model.on("change:steps_back", () => { back.set(model.get("steps_back")); redraw(); });
    press();
    el.append(html("style", {}, STYLE), html("div", { class: "rk-flow" }, ask, controls, html("div", { class: "rk-views" }, disc.node, curves.node), answers));
    draw();
    return () => { curves.stop(); cancelAnimationFrame(frame); clearTimeout(rest); };
  },
};
