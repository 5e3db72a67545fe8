// A small LSTM reads a^n b^n: its gates and cells over time, and how far it counts when the forget bias moves.
import { affine, button, canvas, colour, decodeArray, diverging, html, live, onKeys, rich, row, select, sequential, slider, softmax, svg, textInput } from "./kit.js";

// ---- the model: gates packed i, f, o, g, one-hot input --------------------------------------------------------

const sigmoid = (v) => 1 / (1 + Math.exp(-v));

/** The packed parameters as plain arrays: matrices as rows, biases as vectors. */
export function unpack(weights) {
  return Object.fromEntries(Object.entries(weights).map(([name, packed]) => {
    const { shape, data } = decodeArray(packed);
    const width = shape.at(-1);
    const rows = Array.from({ length: data.length / width }, (_, r) => [...data.slice(r * width, (r + 1) * width)]);
    return [name, shape.length === 1 ? rows[0] : rows];
  }));
}

/** The same model with a number added to the forget gate's bias of every cell: the second of the four blocks. */
export function shifted(net, by) {
  const H = net.W_hh.length;
  return { ...net, b_h: net.b_h.map((v, j) => (Math.floor(j / H) === 1 ? v + by : v)) };
}

/** One step from { h, c }: the gates, the new c and h, and p, the probabilities of the symbol that follows. */
export function step({ W_xh, W_hh, b_h, W_hy, b_y }, { h, c }, id) {
  const H = W_hh.length;
  const a = W_xh[id].map((v, j) => v + b_h[j]); // a one-hot x picks a row of W_xh
  for (let k = 0; k < H; k += 1) for (let j = 0; j < 4 * H; j += 1) a[j] += h[k] * W_hh[k][j];
  const [i, f, o] = [0, 1, 2].map((gate) => a.slice(gate * H, (gate + 1) * H).map(sigmoid));
  const g = a.slice(3 * H).map(Math.tanh);
  const next = c.map((v, j) => f[j] * v + i[j] * g[j]);
  const state = next.map((v, j) => o[j] * Math.tanh(v));
  return { i, f, o, g, c: next, h: state, p: softmax(affine(state, W_hy, b_y)) };
}

/** The state before the first symbol: zeros. */
export const start = ({ W_hh }) => ({ h: W_hh.map(() => 0), c: W_hh.map(() => 0) });

/** Read ids from the zero state: one entry per step, as `step` returns it. */
export function read(net, ids) {
  let state = start(net);
  return ids.map((id) => { state = step(net, state, id); return state; });
}

// ---- the language: a^n b^n, n at least 1 ------------------------------------------------------------------------

/** The numbers of what the model reads: the start symbol, then the text. */
export const encode = (text, alphabet) => [...(alphabet[0] + text)].map((symbol) => [...alphabet].indexOf(symbol));

/** After the start and after every letter: the symbols that may follow in some a^n b^n; "" once there is none. */
export function legalNext(text, alphabet) {
  const [first, a, b, end = first] = alphabet;
  let [As, Bs, lost] = [0, 0, false];
  return [a, ...[...text].map((letter) => {
    lost ||= letter === a ? Bs > 0 : Bs >= As;
    if (letter === a) As += 1;
    else Bs += 1;
    if (lost) return "";
    return Bs === 0 ? a + b : Bs < As ? b : end;
  })];
}

/** The number of the most probable symbol. */
export const best = (p) => p.indexOf(Math.max(...p));

const isWrong = (p, answers, alphabet) => answers !== "" && !answers.includes([...alphabet][best(p)]);

/** The steps at which the most probable symbol cannot follow, though another can. */
export function wrongSteps(steps, text, alphabet) {
  return legalNext(text, alphabet).map((answers, t) => isWrong(steps[t].p, answers, alphabet));
}

/** For n from 1 to limit: is every step of a^n b^n right? The a's are read once for all n. */
export function survey(net, alphabet, limit) {
  const [first, a, b, end = first] = alphabet;
  let state = step(net, start(net), 0);
  let good = !isWrong(state.p, a, alphabet);
  return Array.from({ length: limit }, (_, index) => {
    state = step(net, state, 1);
    good &&= !isWrong(state.p, a + b, alphabet);
    let [right, after] = [good, state];
    for (let k = index; right && k >= 0; k -= 1) {
      after = step(net, after, 2);
      right = !isWrong(after.p, k ? b : end, alphabet);
    }
    return right;
  });
}

/** The smallest n up to limit at which some step of a^n b^n is wrong; null if there is none. */
export function firstFailure(net, alphabet, limit = 40) {
  const index = survey(net, alphabet, limit).indexOf(false);
  return index < 0 ? null : index + 1;
}

/** The changes of the forget bias from -4 to 4 in tenths. */
export const SHIFTS = Array.from({ length: 81 }, (_, k) => (k - 40) / 10);

/** For every change of the forget bias: is the text read without a mistake? */
export const tolerance = (net, text, alphabet) => SHIFTS.map((by) => !wrongSteps(read(shifted(net, by), encode(text, alphabet)), text, alphabet).includes(true));

/** The largest run of true around an index, as [from, to]; null if it is false there. */
export function runAround(flags, index) {
  if (!flags[index]) return null;
  let [from, to] = [index, index];
  while (flags[from - 1]) from -= 1;
  while (flags[to + 1]) to += 1;
  return [from, to];
}

// ---- words ------------------------------------------------------------------------------------------------------

const minus = (text) => text.replace(/-/g, "−");
const signed = (v) => (v === 0 ? "0" : minus(`${v > 0 ? "+" : ""}${v.toFixed(1)}`));
const short = (v) => minus(Math.abs(v) < 0.005 ? "0" : Math.abs(v) > 0.995 ? v.toFixed(0) : v.toFixed(2).replace("0.", "."));
const three = (v) => minus(Math.abs(v) < 0.0005 ? "0.000" : v.toFixed(3));
const bracketed = (v) => (v < -0.0005 ? `(${three(v)})` : three(v));
const power = (letter, n) => letter + [...String(n)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");

/** The number of a's that a text begins with, and of the b's that follow; plain: nothing else comes. */
export function counts(text, alphabet) {
  const letters = [...text];
  const n = letters.findIndex((letter) => letter !== alphabet[1]);
  const As = n < 0 ? letters.length : n;
  const rest = letters.slice(As).findIndex((letter) => letter !== alphabet[2]);
  const Bs = rest < 0 ? letters.length - As : rest;
  return { As, Bs, plain: As + Bs === letters.length };
}

/** A text, in powers if it is long. */
export function name(text, alphabet) {
  const { As, Bs, plain } = counts(text, alphabet);
  if (!plain || text.length < 7) return text;
  return [[alphabet[1], As], [alphabet[2], Bs]].filter(([, n]) => n).map(([letter, n]) => power(letter, n)).join("");
}

/** Is the text read right? In one sentence. */
export function verdict(steps, text, alphabet) {
  const legal = legalNext(text, alphabet);
  const t = wrongSteps(steps, text, alphabet).indexOf(true);
  if (t >= 0) {
    const said = best(steps[t].p);
    const { As, Bs } = counts([...text].slice(0, t).join(""), alphabet);
    const where = t === 0 ? "the start" : Bs ? `${Bs} of ${As} b's`.replace("b", alphabet[2]) : power(alphabet[1], As);
    return `Wrong at step ${t + 1}: after ${where} it expects ${[...alphabet][said]} (p\u00a0=\u00a0${steps[t].p[said].toFixed(2)}), but ${[...legal[t]].join(" or ")} must follow.`;
  }
  const lost = legal.indexOf("");
  if (lost >= 0) return `Right as long as an answer exists: from step ${lost + 1} on, nothing can complete the string.`;
  const [first, a, , end = first] = alphabet;
  if (legal.at(-1) === end) return `Right at all ${steps.length} steps: it expects ${end} at the end and not before.`;
  return legal.at(-1).includes(a) ? "Right so far." : `Right so far: ${counts(text, alphabet).As - counts(text, alphabet).Bs} ${alphabet[2]} must still come.`;
}

/** What to notice now. */
export function hint({ shift, failsAt, text, alphabet }) {
  const { As, Bs, plain } = counts(text, alphabet);
  if (shift < 0) return "Each step keeps only the part `f` of the count: how far has `c` left the dashed line?";
  if (shift > 0) return "`f` is closer to 1. Has the count become better, or did it need the old `f`?";
  if (!plain || As !== Bs) return "Does `c` still hold the count where no answer is right?";
  if (failsAt && As >= failsAt) return "`c` is not where it should be when the b's run out. Compare with a smaller n, step by step.";
  return "Blue under a slider: read right. Move `n`, then the bias: how small a change breaks it?";
}

// ---- the drawing --------------------------------------------------------------------------------------------------

const LEFT = 28; // row labels
const ROW = 16;
const TOP = { input: 12, c: 36, gates: 152 };
const C_HEIGHT = 92;
const PAD = 6;

const STYLE = `
.rk-gates-box { container-type: inline-size; }
.rk-gates { display: grid; grid-template-columns: minmax(0, 1fr); gap: 6px;
  --rk-heat-gate: color-mix(in srgb, var(--rk-green) 55%, var(--rk-paper)); --rk-heat-next: color-mix(in srgb, var(--rk-orange) 60%, var(--rk-paper)); }
.rk-gates p { margin: 0; font-size: max(0.8125rem, 13px); line-height: 1.4; }
.rk-gates .rk-ask > p { font-size: max(0.875rem, 14px); }
.rk-gates svg.rk-canvas { cursor: crosshair; border-radius: 6px; touch-action: pan-y; }
.rk-gates .rk-ask { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px; }
.rk-gates .rk-ask > p { flex: 1 1 100%; }
.rk-gates .rk-pair { display: grid; grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr); gap: 6px 16px; }
.rk-gates .rk-told > p + p { margin-top: 4px; color: var(--rk-muted); }
.rk-gates .rk-row { margin: 0; gap: 6px 14px; }
.rk-gates .rk-sliders { align-items: flex-start; }
.rk-gates .rk-field { flex: 1 1 6rem; }
.rk-gates .rk-wide { flex: 2 1 10rem; }
.rk-gates .rk-field > :is(select, input[type="text"]) { padding: 0 6px; }
.rk-gates .rk-told { min-height: 112px; }
.rk-gates .rk-step { min-height: 5.6em; font-variant-numeric: tabular-nums; }
.rk-gates .rk-slider > input { margin-bottom: -8px; }
.rk-gates .rk-strip { grid-column: 1 / -1; grid-row: 3; width: calc(100% - 16px); height: 7px; margin: 0 8px; }
@container (max-width: 559px) {
  .rk-gates .rk-pair { grid-template-columns: minmax(0, 1fr); }
  .rk-gates .rk-step { min-height: 8.4em; }
  .rk-gates .rk-string { flex: 1 1 4rem; }
  .rk-gates .rk-pick { flex: 1 1 7.5rem; }
  .rk-gates .rk-row > button { padding: 0 10px; }
}
`;

function drawLines(add, { steps, trained, cell, counter, x, shift }) {
  const all = [...steps, ...trained].flatMap(({ c }) => c);
  const [low, high] = [Math.min(...all, 0), Math.max(...all, 1)];
  const y = (v) => TOP.c + PAD + ((high - v) / (high - low)) * (C_HEIGHT - 2 * PAD);
  const line = (entries, j, name, more = {}) => add(svg("polyline", { points: entries.map(({ c }, t) => `${x(t).toFixed(1)},${y(c[j]).toFixed(1)}`).join(" "), fill: "none", "stroke-linejoin": "round", style: `stroke: ${colour(name)}`, ...more }));
  const ticks = [low, high].filter((v) => Math.abs(y(v) - y(0)) > 11);
  for (const v of [0, ...ticks]) add(svg("text", { x: LEFT - 5, y: y(v), "text-anchor": "end", "dominant-baseline": "central", "font-size": 10.5 }, minus(v.toFixed(v ? 1 : 0))));
  add(svg("line", { x1: LEFT, x2: x(steps.length - 0.5), y1: y(0), y2: y(0), style: `stroke: ${colour("muted")}` }));
  steps[0].c.forEach((_, j) => { if (j !== cell && j !== counter) line(steps, j, "muted", { "stroke-width": 1, opacity: 0.75 }); });
  if (shift !== 0) line(trained, cell, "orange", { "stroke-width": 1.8, "stroke-dasharray": "5 4" });
  if (cell !== counter) line(steps, cell, "purple", { "stroke-width": 2 });
  line(steps, counter, "blue", { "stroke-width": 2.4 });
}

function draw(view, { steps, trained, text, alphabet, cell, counter, shift }) {
  const T = steps.length;
  const symbols = [...alphabet];
  const width = Math.max(280, Math.min(760, view.clientWidth || 640));
  const column = (width - LEFT - 2) / T;
  const x = (t) => LEFT + (t + 0.5) * column;
  const next = TOP.gates + 5 * ROW + 18; // where the probabilities begin
  const marks = next + symbols.length * ROW;
  const height = marks + 16;
  const legal = legalNext(text, alphabet);
  const wrong = wrongSteps(steps, text, alphabet);
  const root = canvas(width, height, `c of cell ${cell}, step by step: ${steps.map(({ c }) => minus(c[cell].toFixed(1))).join(", ")}. ${verdict(steps, text, alphabet)}`);
  const add = (...nodes) => root.append(...nodes);
  const words = (at, y, content, more = {}) => add(svg("text", { x: at, y, "font-size": 11.5, style: `fill: ${colour("muted")}`, ...more }, content));
  const heat = (t, y, fill, value, more = {}) => {
    const gap = Math.min(1, column * 0.08);
    add(svg("rect", { x: LEFT + t * column + gap / 2, y: y + 0.5, width: column - gap, height: ROW - 1, style: `fill: ${fill}`, ...more }));
    if (column >= 23) add(svg("text", { x: x(t), y: y + ROW / 2, "text-anchor": "middle", "dominant-baseline": "central", "font-size": column < 28 ? 9 : 10 }, short(value)));
  };
  const label = (y, content) => add(svg("text", { x: LEFT - 8, y: y + ROW / 2, "text-anchor": "end", "dominant-baseline": "central", "font-size": 12 }, content));

  // what is read: letters, or in a narrow column runs of them
  label(TOP.input - 11, "x");
  const read = [...(alphabet[0] + text)];
  if (column >= 10) read.forEach((symbol, t) => add(svg("text", { x: x(t), y: TOP.input, "text-anchor": "middle", "font-size": 13, "font-weight": 600 }, symbol)));
  else {
    for (let t = 0, to; t < T; t = to) {
      for (to = t + 1; to < T && read[to] === read[t];) to += 1;
      add(svg("line", { x1: LEFT + t * column + 1, x2: LEFT + to * column - 1, y1: 16, y2: 16, "stroke-width": 2, style: `stroke: ${colour(read[t] === alphabet[1] ? "ink" : "muted")}` }));
      if (to - t > 1 || t === 0) add(svg("text", { x: (x(t) + x(to - 1)) / 2, y: TOP.input, "text-anchor": "middle", "font-size": 13, "font-weight": 600 }, to - t > 1 ? power(read[t], to - t) : read[t]));
    }
  }
  const also = cell === counter ? "" : `; purple: cell ${cell}`;
  words(LEFT, TOP.c - 4, `c of all cells; blue: cell ${counter}, counts${also}`);
  if (shift !== 0) words(width - 2, TOP.c + 9, "dashed: without the change", { "text-anchor": "end", style: `fill: ${colour("orange")}`, "font-size": 11 });
  drawLines(add, { steps, trained, cell, counter, x, shift });

  words(LEFT, TOP.gates - 5, `cell ${cell}: green 0 to 1, blue below 0, red above`);
  [..."ifogh"].forEach((gate, r) => {
    const y = TOP.gates + r * ROW;
    label(y, gate);
    steps.forEach((entry, t) => heat(t, y, r < 3 ? sequential(entry[gate][cell], 1, "heat-gate") : diverging(entry[gate][cell]), entry[gate][cell]));
  });
  words(LEFT, next - 5, "next symbol, probability; framed: may follow");
  symbols.forEach((symbol, k) => {
    const y = next + k * ROW;
    label(y, symbol);
    steps.forEach(({ p }, t) => heat(t, y, sequential(p[k], 1, "heat-next"), p[k],
      legal[t].includes(symbol) && column >= 3.5 ? { stroke: colour("ink"), "stroke-width": column < 9 ? 0.7 : 1.3 } : {}));
  });
  wrong.forEach((bad, t) => {
    const isEnd = legal[t] === (symbols[3] ?? symbols[0]);
    if (bad && column < 9) add(svg("rect", { x: LEFT + t * column, y: marks + 2, width: column, height: 3, style: `fill: ${colour("red")}` }));
    if (bad && (column >= 9 || wrong.indexOf(true) === t)) words(x(t), marks + 14, "✗", { "text-anchor": "middle", "font-weight": 700, "font-size": 13, style: `fill: ${colour("red")}` });
    if (!bad && isEnd) words(x(t), marks + 14, "✓", { "text-anchor": "middle", "font-weight": 700, "font-size": 13, style: `fill: ${colour("green")}` });
  });
  const cursor = svg("rect", { y: 0.75, width: Math.max(column, 3), height: height - 1.5, rx: 3, fill: "none", "stroke-width": 1.5, style: `stroke: ${colour("accent")}` });
  add(cursor);
  return { root, stepAt: (share) => Math.max(0, Math.min(T - 1, Math.floor((share * width - LEFT) / column))), point: (t) => cursor.setAttribute("x", x(t) - Math.max(column, 3) / 2) };
}

/** A thin bar below a slider: blue where the flag is true. */
function strip() {
  const node = svg("svg", { class: "rk-strip", preserveAspectRatio: "none", "aria-hidden": "true" });
  const bar = (x, width, name) => svg("rect", { x, width, height: 1, style: `fill: ${colour(name)}` });
  node.update = (flags) => {
    const runs = flags.map((flag, k) => flag && !flags[k - 1] && runAround(flags, k)).filter(Boolean);
    node.setAttribute("viewBox", `0 0 ${flags.length} 1`);
    node.replaceChildren(bar(0, flags.length, "line"), ...runs.map(([from, to]) => bar(from, to - from + 1, "blue")));
  };
  return node;
}

export default {
  render({ model, el }) {
    const net = unpack(model.get("weights"));
    const alphabet = [...model.get("alphabet")].join("");
    const [, a, b] = alphabet;
    const counter = model.get("counter");
    const trainedTo = model.get("trained_to");
    const limit = Math.max(40, 3 * trainedTo);
    const initial = { text: model.get("text"), shift: model.get("shift"), cell: model.get("cell") };
    const put = (name, value) => { model.set(name, value); model.save_changes(); };

    const view = html("div", { tabindex: 0, role: "group", "aria-label": "Gates over time. Left and right arrow keys move the cursor, Home to the first step, End to the last." });
    const readout = live({ class: "rk-live rk-step" });
    const status = live();
    const tip = html("p");
    const told = html("div", { class: "rk-told", hidden: true }, status, tip);
    const bars = {}; // what the two bars show, and for which shift and text
    let [open, at, now] = [false, Math.min(2, initial.text.length), null];

    // ---- the step under the cursor
    function point(t, byKey = true) {
      at = Math.max(0, Math.min(now.steps.length - 1, t));
      now.drawing.point(at);
      const cell = model.get("cell");
      const value = (gate, from = at) => (from < 0 ? 0 : now.steps[from][gate][cell]);
      const [i, f, o, g, c, h, before] = [..."ifogch"].map((gate) => value(gate)).concat(value("c", at - 1));
      const { p } = now.steps[at];
      readout.setAttribute("aria-live", byKey ? "polite" : "off"); // a moving pointer is not read out
      readout.replaceChildren(...[
        `Step ${at + 1} of ${now.steps.length}, x = ${[...(alphabet[0] + model.get("text"))][at]}, cell ${cell}`,
        "c = f · c_prev + i · g",
        `= ${three(f)} × ${bracketed(before)} + ${three(i)} × ${bracketed(g)} = ${three(c)}`,
        `h = o · tanh(c) = ${three(o)} × ${bracketed(Math.tanh(c))} = ${three(h)}`,
        `next: ${[...alphabet].map((symbol, k) => `${symbol} ${p[k].toFixed(3)}`).join(", ")}`,
      ].flatMap((line, k) => (k ? [html("br"), line] : [line])));
    }

    // ---- everything that follows from the text and the bias
    function redraw() {
      const [text, cell, shift] = ["text", "cell", "shift"].map((trait) => model.get(trait));
      const ids = encode(text, alphabet);
      const [steps, trained] = [read(shifted(net, shift), ids), read(net, ids)];
      const drawing = draw(view, { steps, trained, text, alphabet, cell, counter, shift });
      view.replaceChildren(drawing.root);
      now = { steps, drawing };
      point(at, false);
      if (open) say(text, shift);
    }
    function say(text, shift) {
      if (bars.shift !== shift) goodN.update(bars.good = survey(shifted(net, bars.shift = shift), alphabet, limit));
      if (bars.text !== text) goodShift.update(bars.kept = tolerance(net, bars.text = text, alphabet));
      const { good, kept } = bars;
      const fails = good.indexOf(false) + 1;
      const upTo = fails === 0 ? `right for every n up to ${limit}` : fails === 1 ? "wrong from n = 1 on" : `right up to n = ${fails - 1}`;
      const range = runAround(kept, SHIFTS.indexOf(0));
      const ends = range && range.map((k) => (k % 80 ? signed(SHIFTS[k]) : `${signed(SHIFTS[k])} at least`));
      const span = range && (range[1] - range[0] === 80 ? "every change here" : `a change from ${ends[0]} to ${ends[1]}`);
      const survives = span ? `${name(text, alphabet)} stands ${span}.` : kept.includes(true) ? "The bar under the bias shows what would mend it." : "";
      status.textContent = `${verdict(now.steps, text, alphabet)} With ${shift ? "this forget bias" : "the bias as it is"}, ${upTo}. ${survives}`;
      tip.replaceChildren(...rich(hint({ shift, failsAt: fails || null, text, alphabet })));
    }

    // ---- controls
    const both = (n, m) => put("text", a.repeat(n) + b.repeat(m));
    const parts = () => counts(model.get("text"), alphabet);
    const [goodN, goodShift] = [strip(), strip()];
    const ns = slider({ label: `n, number of ${a}'s`, min: 1, max: limit, step: 1, value: parts().As, onInput: (n) => both(n, n) });
    const ms = slider({ label: `number of ${b}'s`, min: 0, max: limit, step: 1, value: parts().Bs, onInput: (m) => both(Math.max(1, parts().As), m) });
    const bias = slider({ label: "added to the forget bias", min: -4, max: 4, step: 0.1, value: initial.shift, format: signed, onInput: (v) => put("shift", v) });
    ns.append(goodN);
    bias.append(goodShift);
    bias.classList.add("rk-wide");
    const note = html("p", { class: "rk-live", "aria-live": "polite", hidden: true });
    const typed = textInput({ label: "string", value: initial.text, maxLength: 2 * limit, onInput: (value) => {
      const known = [...value].filter((letter) => letter === a || letter === b).join("");
      if (known !== value) typed.set(known);
      note.hidden = known !== "" && known === value;
      note.textContent = known === "" ? "One letter at least." : `Only ${a} and ${b}: start and end are added.`;
      if (known) put("text", known);
    } });
    typed.classList.add("rk-wide", "rk-string");
    const pick = select({ label: "gates of", value: String(initial.cell), options: net.W_hh.map((_, j) => [String(j), j === counter ? `cell ${j}, counts` : `cell ${j}`]), onChange: (v) => put("cell", Number(v)) });
    pick.classList.add("rk-pick");
    const sliders = row(ns, ms, bias);
    sliders.classList.add("rk-sliders");
    const reset = button("Reset", () => Object.entries(initial).forEach(([name, value]) => put(name, value)));
    const controls = html("div", { hidden: true }, sliders, row(typed, pick, reset), note);

    // ---- the prediction, answered by these very weights
    const base = trainedTo || 10;
    const bounds = [base, Math.round(1.5 * base), 3 * base];
    const options = [`at most ${bounds[0]}`, `${bounds[0] + 1} to ${bounds[1]}`, `${bounds[1] + 1} to ${bounds[2]}`, `above ${bounds[2]}, or never`];
    const story = trainedTo ? `This LSTM was trained on strings with n up to ${trainedTo}.` : "The weights of this LSTM were set by hand; `f` of the cell that counts is a little below 1.";
    function answer(guess) {
      const n = firstFailure(net, alphabet, limit);
      const right = bounds.filter((bound) => (n ?? Infinity) > bound).length;
      const task = n > 3 ? `Now take n = ${Math.floor(n / 2)}: how little forget bias is needed to break it?` : "Now move the forget bias.";
      const why = n ? `It first fails at n = ${n}, the string below: nothing ties c to whole numbers, and errors add up. ${task}` : `It reads every n up to ${limit} right. ${task}`;
      ask.replaceChildren(html("p", { role: "status" }, html("b", {}, guess === right ? "Right. " : `Not this time: ${options[right]}. `), why));
      open = true;
      controls.hidden = told.hidden = false;
      if (n) {
        both(n, n);
        at = wrongSteps(now.steps, model.get("text"), alphabet).indexOf(true);
      }
      redraw();
      view.focus({ preventScroll: true }); // the button that had the focus is gone
    }
    const ask = html("div", { class: "rk-ask" }, html("p", {}, html("b", {}, "Predict. "), rich(`${story} It reads aⁿbⁿ and says at each step what may follow. At which n does it first say something wrong?`)),
      options.map((words, k) => button(words, () => answer(k), { "aria-label": `I predict ${words}` })));

    onKeys(view, { ArrowLeft: () => point(at - 1), ArrowRight: () => point(at + 1), Home: () => point(0), End: () => point(Infinity) });
    for (const type of ["pointermove", "pointerdown"]) {
      view.addEventListener(type, (event) => {
        const box = view.getBoundingClientRect();
        const t = now.drawing.stepAt((event.clientX - box.left) / box.width);
        if (t !== at) point(t, false);
      });
    }
    model.on("change:text", () => {
      const { As, Bs } = parts();
      if (typed.input.value !== model.get("text")) typed.set(model.get("text"));
      ns.set(As);
      ms.set(Bs);
      redraw();
    });
    model.on("change:shift", () => { bias.set(model.get("shift")); redraw(); });
    model.on("change:cell", () => { pick.set(String(model.get("cell"))); redraw(); });
    el.append(html("style", {}, STYLE), html("div", { class: "rk-gates-box" }, html("div", { class: "rk-gates" }, ask, view,
      html("div", { class: "rk-pair" }, readout, told), controls)));
    redraw();
    let last = view.clientWidth;
    const observer = new ResizeObserver(() => {
      if (Math.abs(view.clientWidth - last) > 4) { last = view.clientWidth; redraw(); }
    });
    observer.observe(view);
    return () => observer.disconnect();
  },
};
