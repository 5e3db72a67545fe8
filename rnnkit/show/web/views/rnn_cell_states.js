// The states over time as a heat map: a column for each letter, below it what the network expects next.
import { colour, diverging } from "../kit/colours.js";
import { canvas, html, reducedMotion, svg } from "../kit/dom.js";
import { answer, LETTERS } from "../models/rnn_cell.js";
import { fixed } from "../words/rnn_cell.js";

const [WIDTH, LEFT, TOP, UNIT, BAR] = [316, 46, 30, 28, 14];
const BARS = TOP + 3 * UNIT + 20;
const ANSWER = BARS + 4 * BAR + 15;
const HEIGHT = BARS + 4 * BAR + 28;
const UNITS = [0, 1, 2];
const MUTED = { style: "fill: var(--rk-muted)" };

const label = (x, y, text, attributes = {}) => svg("text", { x, y, "font-size": 13, "dominant-baseline": "central", ...attributes }, text);
const middle = (x, y, text, attributes = {}) => label(x, y, text, { "text-anchor": "middle", ...attributes });
const Y = (j) => TOP + j * UNIT;
const halfway = (j) => Y(j) + UNIT / 2 - 2;

/** Where the columns stand; t = -1 is the initial state. */
function columns(T) {
  const column = (WIDTH - LEFT) / (T + 1);
  const gap = Math.min(12, column * 0.2);
  return { column, gap, width: column - gap, X: (t) => LEFT + (t + 1) * column + gap / 2 };
}

function drawNames({ X, width }) {
  return [
    ...UNITS.map((j) => label(0, halfway(j), `unit ${j}`, MUTED)),
    label(0, 13, "reads", MUTED), label(0, BARS - 11, "next letter", MUTED), middle(X(-1) + width / 2, 13, "h₀", MUTED),
    ...LETTERS.map((l, k) => middle(34, BARS + k * BAR + BAR / 2, l)),
    label(0, ANSWER, "answer", MUTED),
  ];
}

function drawState(t, j, v, { X, width }) {
  const narrow = width < 33;
  return [
    svg("rect", { x: X(t), y: Y(j), width, height: UNIT - 4, rx: 4, style: `fill: ${diverging(v)}; stroke: var(--rk-line)` }),
    middle(X(t) + width / 2, halfway(j), fixed(v, narrow ? 1 : 2), { "font-size": narrow ? 10 : 11.5 }),
  ];
}

function drawAnswer(t, p, target, { X, width }) {
  const best = answer(p);
  const bars = p.flatMap((v, k) => {
    const box = { x: X(t), y: BARS + k * BAR + 1, height: BAR - 3, rx: 3 };
    const isBest = LETTERS[k] === best;
    return [svg("rect", { ...box, width, style: "fill: none; stroke: var(--rk-line)" }),
      svg("rect", { ...box, width: width * v, style: `fill: ${isBest ? colour("green") : colour("muted")}`, opacity: isBest ? 0.9 : 0.55 })];
  });
  const [mark, tone] = !target ? ["", "muted"] : best === target ? [" ✓", "green"] : [" ✗", "red"];
  return [...bars, middle(X(t) + width / 2, ANSWER, `${best ?? "–"}${mark}`, { "font-size": 15, "font-weight": 600, style: `fill: ${colour(tone)}` })];
}

// A column that is not shown yet.
function drawUnknown(t, { X, width }) {
  const boxes = UNITS.map((j) => svg("rect", { x: X(t), y: Y(j), width, height: UNIT - 4, rx: 4, fill: "none", "stroke-dasharray": "3 3", style: "stroke: var(--rk-line)" }));
  return [...boxes, middle(X(t) + width / 2, ANSWER, "?", { "font-size": 17, ...MUTED })];
}

function drawColumn(t, place, { word, steps, shown, unit, animate }, onChoose) {
  const { column, gap, width, X } = place;
  const hit = svg("rect", { x: X(t) - gap / 2, y: 0, width: column, height: HEIGHT, fill: "transparent" });
  hit.addEventListener("click", () => onChoose(t, unit));
  const group = svg("g", {}, hit, middle(X(t) + width / 2, 13, word[t], { "font-size": 17, "font-weight": 600 }));
  if (t >= shown) {
    group.append(...drawUnknown(t, place));
    return group;
  }
  const { h, p } = steps[t];
  h.forEach((v, j) => {
    const parts = drawState(t, j, v, place);
    parts.forEach((part) => part.addEventListener("click", () => onChoose(t, j)));
    group.append(...parts);
  });
  group.append(...drawAnswer(t, p, word[t + 1], place));
  if (animate && !reducedMotion()) {
    group.animate([{ opacity: 0, transform: "translateX(-10px)" }, { opacity: 1, transform: "none" }], { duration: 350, delay: 450 * (t - animate.from), fill: "backwards" });
  }
  return group;
}

// Where the chosen unit's number comes from: a line per state it reads, as thick as its share; and a frame around it.
function drawChoice({ steps, weights, step, unit }, { X, width }) {
  const lines = steps[step].hPrev.map((v, i) => [v * weights.W_hh[i][unit], i]).filter(([share]) => Math.abs(share) >= 0.005).map(([share, i]) => svg("line", {
    x1: X(step - 1) + width, y1: halfway(i), x2: X(step), y2: halfway(unit),
    "stroke-width": Math.min(6, 1.5 + 2 * Math.abs(share)), "stroke-linecap": "round", style: `stroke: ${colour(share < 0 ? "blue" : "red")}`,
  }));
  return [...lines, svg("rect", { x: X(step) - 1, y: Y(unit) - 1, width: width + 2, height: UNIT - 2, rx: 5, fill: "none", "stroke-width": 2.5, style: "stroke: var(--rk-ink)", "pointer-events": "none" })];
}

/** onChoose(step, unit). Returns { node, draw(now) }; now.animate.from: the first column that slides in. */
export function makeStates(onChoose) {
  const picture = canvas(WIDTH, HEIGHT, "");
  const node = html("div", { class: "rk-grid", tabindex: 0, role: "group", "aria-label": "States over time: arrow keys choose the step and the unit" }, picture);
  function draw(now) {
    const { word, steps, shown } = now;
    const place = columns(steps.length);
    picture.replaceChildren(...drawNames(place), ...UNITS.flatMap((j) => drawState(-1, j, 0, place)),
      ...steps.map((_, t) => drawColumn(t, place, now, onChoose)), ...drawChoice(now, place));
    const read = [...word].slice(0, shown).map((l, t) => `${l}: ${steps[t].h.map((v) => fixed(v)).join(", ")}, answer ${answer(steps[t].p) ?? "none"}`);
    picture.setAttribute("aria-label", `States of units 0 to 2 after each letter. ${read.join("; ")}.`);
  }
  return { node, draw };
}
