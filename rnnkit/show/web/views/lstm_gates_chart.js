// The LSTM over time: what it reads, c of all cells, the gates of one cell, what it expects next, and where that is wrong.
import { label } from "../kit/chart.js";
import { colour, diverging, sequential } from "../kit/colours.js";
import { canvas, svg } from "../kit/dom.js";
import { minus, power } from "../kit/numbers.js";
import { legalNext, runAround, wrongSteps } from "../models/lstm_gates.js";
import { short, verdict } from "../words/lstm_gates.js";

const LEFT = 28; // row labels
const ROW = 16;
const TOP = { input: 12, c: 36, gates: 152 };
const C_HEIGHT = 92;
const PAD = 6;
const NEXT = TOP.gates + 5 * ROW + 18; // where the probabilities begin

const rowName = (y, content) => svg("text", { x: LEFT - 8, y: y + ROW / 2, "text-anchor": "end", "dominant-baseline": "central", "font-size": 12 }, content);

/** Where the columns stand, T of them in the room that `view` has. */
function columns(view, T) {
  const width = Math.max(280, Math.min(760, view.clientWidth || 640));
  const column = (width - LEFT - 2) / T;
  return { width, column, x: (t) => LEFT + (t + 0.5) * column };
}

// What is read: letters, or in a narrow column runs of them.
function drawInput({ column, x }, read, alphabet) {
  const letter = (at, text) => svg("text", { x: at, y: TOP.input, "text-anchor": "middle", "font-size": 13, "font-weight": 600 }, text);
  if (column >= 10) return read.map((symbol, t) => letter(x(t), symbol));
  const nodes = [];
  for (let t = 0, to; t < read.length; t = to) {
    for (to = t + 1; to < read.length && read[to] === read[t];) to += 1;
    nodes.push(svg("line", { x1: LEFT + t * column + 1, x2: LEFT + to * column - 1, y1: 16, y2: 16, "stroke-width": 2, style: `stroke: ${colour(read[t] === alphabet[1] ? "ink" : "muted")}` }));
    if (to - t > 1 || t === 0) nodes.push(letter((x(t) + x(to - 1)) / 2, to - t > 1 ? power(read[t], to - t) : read[t]));
  }
  return nodes;
}

// c of every cell; the one that counts in blue, the chosen one in purple; dashed, without the change of the bias.
function drawLines({ x }, { steps, trained, cell, counter, shift }) {
  const all = [...steps, ...trained].flatMap(({ c }) => c);
  const [low, high] = [Math.min(...all, 0), Math.max(...all, 1)];
  const y = (v) => TOP.c + PAD + ((high - v) / (high - low)) * (C_HEIGHT - 2 * PAD);
  const line = (entries, j, name, more = {}) => svg("polyline", { points: entries.map(({ c }, t) => `${x(t).toFixed(1)},${y(c[j]).toFixed(1)}`).join(" "), fill: "none", "stroke-linejoin": "round", style: `stroke: ${colour(name)}`, ...more });
  const ticks = [0, ...[low, high].filter((v) => Math.abs(y(v) - y(0)) > 11)];
  return [
    ...ticks.map((v) => svg("text", { x: LEFT - 5, y: y(v), "text-anchor": "end", "dominant-baseline": "central", "font-size": 10.5 }, minus(v.toFixed(v ? 1 : 0)))),
    svg("line", { x1: LEFT, x2: x(steps.length - 0.5), y1: y(0), y2: y(0), style: `stroke: ${colour("muted")}` }),
    ...steps[0].c.flatMap((_, j) => (j === cell || j === counter ? [] : [line(steps, j, "muted", { "stroke-width": 1, opacity: 0.75 })])),
    ...(shift === 0 ? [] : [line(trained, cell, "orange", { "stroke-width": 1.8, "stroke-dasharray": "5 4" })]),
    ...(cell === counter ? [] : [line(steps, cell, "purple", { "stroke-width": 2 })]),
    line(steps, counter, "blue", { "stroke-width": 2.4 }),
  ];
}

// One value of a row: its colour, and if there is room its number.
function drawHeat({ column, x }, t, y, fill, value, more = {}) {
  const gap = Math.min(1, column * 0.08);
  const box = svg("rect", { x: LEFT + t * column + gap / 2, y: y + 0.5, width: column - gap, height: ROW - 1, style: `fill: ${fill}`, ...more });
  if (column < 23) return [box];
  return [box, svg("text", { x: x(t), y: y + ROW / 2, "text-anchor": "middle", "dominant-baseline": "central", "font-size": column < 28 ? 9 : 10 }, short(value))];
}

function drawGates(place, { steps, cell }) {
  return [..."ifogh"].flatMap((gate, r) => {
    const y = TOP.gates + r * ROW;
    const fill = (v) => (r < 3 ? sequential(v, 1, "heat-gate") : diverging(v));
    return [rowName(y, gate), ...steps.flatMap((entry, t) => drawHeat(place, t, y, fill(entry[gate][cell]), entry[gate][cell]))];
  });
}

function drawNext(place, { steps, legal, symbols }) {
  const { column } = place;
  const framed = { stroke: colour("ink"), "stroke-width": column < 9 ? 0.7 : 1.3 };
  return symbols.flatMap((symbol, k) => {
    const y = NEXT + k * ROW;
    return [rowName(y, symbol), ...steps.flatMap(({ p }, t) => drawHeat(place, t, y, sequential(p[k], 1, "heat-next"), p[k], legal[t].includes(symbol) && column >= 3.5 ? framed : {}))];
  });
}

// A cross where it is wrong, a tick where it ends rightly; in a narrow column bars, and a cross at the first of them.
function drawMarks({ column, x }, { wrong, legal, symbols }, y) {
  const mark = (t, sign, name) => label(x(t), y + 14, sign, { "text-anchor": "middle", "font-weight": 700, "font-size": 13, style: `fill: ${colour(name)}` });
  return wrong.flatMap((bad, t) => {
    if (!bad) return legal[t] === (symbols[3] ?? symbols[0]) ? [mark(t, "✓", "green")] : [];
    const bar = column < 9 ? [svg("rect", { x: LEFT + t * column, y: y + 2, width: column, height: 3, style: `fill: ${colour("red")}` })] : [];
    return column >= 9 || wrong.indexOf(true) === t ? [...bar, mark(t, "✗", "red")] : bar;
  });
}

/** now: { steps, trained, text, alphabet, cell, counter, shift }. Returns { root, stepAt(share of the width), point(step) }. */
export function drawChart(view, now) {
  const { steps, text, alphabet, cell, counter, shift } = now;
  const [T, symbols] = [steps.length, [...alphabet]];
  const place = columns(view, T);
  const { width, column, x } = place;
  const marks = NEXT + symbols.length * ROW;
  const height = marks + 16;
  const found = { steps, symbols, legal: legalNext(text, alphabet), wrong: wrongSteps(steps, text, alphabet) };
  const root = canvas(width, height, `c of cell ${cell}, step by step: ${steps.map(({ c }) => minus(c[cell].toFixed(1))).join(", ")}. ${verdict(steps, text, alphabet)}`);
  root.append(rowName(TOP.input - 11, "x"), ...drawInput(place, [...(alphabet[0] + text)], alphabet));
  const also = cell === counter ? "" : `; purple: cell ${cell}`;
  root.append(label(LEFT, TOP.c - 4, `c of all cells; blue: cell ${counter}, counts${also}`));
  if (shift !== 0) root.append(label(width - 2, TOP.c + 9, "dashed: without the change", { "text-anchor": "end", style: `fill: ${colour("orange")}`, "font-size": 11 }));
  root.append(...drawLines(place, now),
    label(LEFT, TOP.gates - 5, `cell ${cell}: green 0 to 1, blue below 0, red above`), ...drawGates(place, now),
    label(LEFT, NEXT - 5, "next symbol, probability; framed: may follow"), ...drawNext(place, found), ...drawMarks(place, found, marks));
  const broad = Math.max(column, 3);
  const cursor = svg("rect", { y: 0.75, width: broad, height: height - 1.5, rx: 3, fill: "none", "stroke-width": 1.5, style: `stroke: ${colour("accent")}` });
  root.append(cursor);
  return { root, stepAt: (share) => Math.max(0, Math.min(T - 1, Math.floor((share * width - LEFT) / column))), point: (t) => cursor.setAttribute("x", x(t) - broad / 2) };
}

/** A thin bar below a slider: blue where the flag is true. */
export function makeStrip() {
  const node = svg("svg", { class: "rk-strip", preserveAspectRatio: "none", "aria-hidden": "true" });
  const bar = (x, width, name) => svg("rect", { x, width, height: 1, style: `fill: ${colour(name)}` });
  node.update = (flags) => {
    const runs = flags.map((flag, k) => flag && !flags[k - 1] && runAround(flags, k)).filter(Boolean);
    node.setAttribute("viewBox", `0 0 ${flags.length} 1`);
    node.replaceChildren(bar(0, flags.length, "line"), ...runs.map(([from, to]) => bar(from, to - from + 1, "blue")));
  };
  return node;
}
