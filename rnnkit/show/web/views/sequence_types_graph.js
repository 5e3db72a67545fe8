// The unrolled graph: inputs below, states in the middle, outputs above; what an output can see stands out.
import { arrow } from "../kit/chart.js";
import { colour, diverging, sequential } from "../kit/colours.js";
import { canvas, onKeys, svg } from "../kit/dom.js";
import { percent } from "../kit/numbers.js";
import { argmax } from "../models/arrays.js";
import { cone, effects, ports } from "../models/sequence_types.js";
import { SHAPES } from "../words/sequence_types.js";

const [COLUMN, TOP, STATE, INPUT, HEIGHT] = [74, 24, 96, 186, 254];
const SIDE = 44; // of a state
const MIDDLE = STATE + SIDE / 2;
const centre = (t) => 26 + COLUMN * (t + 0.5);
const silent = (x) => x.every((v) => v === 0);

/** Numbers as a grid of coloured cells, `wide` in a row, in a square of the given side. */
function grid(values, wide, x, y, side, colours, high = side / wide) {
  const size = side / wide;
  const cells = values.map((v, i) => svg("rect", {
    x: x + (i % wide) * size, y: y + Math.floor(i / wide) * high, width: size, height: high, style: `fill: ${colours(v)}`,
  }));
  const tall = Math.ceil(values.length / wide) * high;
  const frame = svg("rect", { x, y, width: side, height: tall, style: `fill: none; stroke: ${colour("line")}` });
  return svg("g", {}, cells, frame);
}

function word(x, y, text, size = 13, color = "ink", weight = 400) {
  return svg("text", { x, y, "text-anchor": "middle", "font-size": size, "font-weight": weight, style: `fill: ${colour(color)}` }, text);
}

function inputNode(view, t) {
  const { model, key, xs } = view;
  const x = centre(t);
  if (model.picture) {
    const high = xs[t].length === model.picture ? 16 : undefined; // a single row is drawn taller than it is
    return svg("g", {}, grid(xs[t], model.picture, x - 22, INPUT, 44, (v) => sequential(v, 1, "ink"), high));
  }
  const isSilent = silent(xs[t]);
  const text = isSilent ? "–" : model.symbols[argmax(xs[t])];
  const fed = key === "one_to_many" && t > 0;
  const box = svg("rect", { x: x - 32, y: INPUT + 8, width: 64, height: 28, rx: 6,
    style: `fill: ${colour("paper")}; stroke: ${colour(fed ? "orange" : "line")};${fed ? " stroke-dasharray: 4 3" : ""}` });
  return svg("g", {}, box, word(x, INPUT + 27, text, text.length > 8 ? 11 : 13, isSilent ? "muted" : "ink"));
}

function outputNode(view, t, seen, chosen, pick) {
  const x = centre(t);
  const p = view.p[t];
  const answer = view.model.labels[argmax(p)];
  const text = seen ? `output ${t + 1}: ${answer}, ${percent(Math.max(...p))}` : `output ${t + 1}: not yet computed`;
  const node = svg("g", { tabindex: seen ? 0 : -1, role: "button", "aria-label": text, "aria-pressed": String(chosen), "data-output": t, style: "cursor: pointer" },
    svg("rect", { x: x - 34, y: TOP - 18, width: 68, height: 42, rx: 8,
      style: `fill: ${colour("paper")}; stroke: ${colour(chosen ? "accent" : "muted")}; stroke-width: ${chosen ? 3 : 1.2}` }),
    seen ? [word(x, TOP, answer, answer.length > 8 ? 11 : 14, "ink", 700), word(x, TOP + 17, percent(Math.max(...p)), 13, "muted")] : word(x, TOP + 6, "?", 14, "muted"));
  if (seen) {
    node.addEventListener("click", () => pick(t, true));
    node.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") pick(t, false); });
    onKeys(node, { Enter: () => pick(t, true), " ": () => pick(t, true) });
  }
  return node;
}

// How strongly each part is drawn: what the chosen output cannot see, and what is not yet computed, is faint.
function emphasis({ key, T }, position, chosen) {
  const seen = chosen === null ? null : cone(key, T, chosen);
  const strong = (s) => seen !== null && seen.states.includes(s);
  const faint = (s) => (seen !== null && !seen.states.includes(s)) || s >= position;
  return {
    strong, faint, opacity: (s) => ({ opacity: faint(s) ? 0.25 : 1 }),
    line: (s) => ({ color: colour(strong(s) ? "accent" : "muted"), width: strong(s) ? 3 : 1.5 }),
  };
}

// The input of a step, and its state.
function drawStep(view, t, position, look) {
  const { key, T, h, model } = view;
  const { reads } = ports(key, T);
  const x = centre(t);
  const group = svg("g", look.opacity(t));
  if (reads.includes(t) || key === "delayed" || key === "one_to_many") {
    if (t < position || reads.includes(t)) group.append(inputNode(view, t));
    group.append(arrow([x, INPUT + (model.picture ? 0 : 8)], [x, STATE + SIDE + 3], look.line(t)));
  }
  if (t < position) group.append(grid(h[t], 4, x - SIDE / 2, STATE, SIDE, (v) => diverging(v)));
  else group.append(svg("rect", { x: x - SIDE / 2, y: STATE, width: SIDE, height: SIDE, rx: 4, style: `fill: none; stroke: ${colour("muted")}; stroke-dasharray: 3 3` }));
  if (t === position - 1) group.append(svg("rect", { x: x - SIDE / 2 - 5, y: STATE - 5, width: SIDE + 10, height: SIDE + 10, rx: 6, style: `fill: none; stroke: ${colour("orange")}; stroke-width: 2` }));
  return group;
}

// What leads on: the state to the next state, and, if outputs are fed back, the output to the next input.
function drawWays({ key, T }, t, look) {
  if (t + 1 >= T) return [];
  const x = centre(t);
  const ways = [svg("g", look.opacity(t + 1), arrow([x + SIDE / 2 + 2, MIDDLE], [centre(t + 1) - SIDE / 2 - 2, MIDDLE], look.line(t + 1)))];
  if (key === "one_to_many") {
    const path = `M ${x + 34} ${TOP + 3} C ${x + 44} ${TOP + 40}, ${x + 30} ${INPUT - 40}, ${centre(t + 1) - 32} ${INPUT + 22}`;
    ways.push(svg("path", { d: path, ...look.opacity(t), style: `fill: none; stroke: ${colour("orange")}; stroke-width: 1.5; stroke-dasharray: 4 3` }));
  }
  return ways;
}

// By how many points the chosen answer's probability changes if this input is blanked.
function drawEffect(t, v) {
  const points = Math.round(100 * v) === 0 ? "0" : `${v < 0 ? "+" : "−"}${Math.round(Math.abs(100 * v))}`;
  return word(centre(t), INPUT + 62, points, 14, Math.abs(v) >= 0.1 ? "red" : "muted", Math.abs(v) >= 0.1 ? 700 : 400);
}

function drawAnswer(view, t, position, chosen, pick) {
  const x = centre(t);
  return svg("g", { opacity: chosen !== null && t !== chosen ? 0.35 : t < position ? 1 : 0.4 },
    arrow([x, STATE - 6], [x, TOP + 27], { color: colour(t === chosen ? "accent" : "muted"), width: t === chosen ? 3 : 1.5 }),
    outputNode(view, t, t < position, t === chosen, pick));
}

/** view: { key, T, model, xs, h, p }. position: steps computed. chosen: an output, or null. pick(output, firmly). */
export function drawGraph(view, position, chosen, pick) {
  const { key, T, xs } = view;
  const width = 52 + COLUMN * T;
  const area = canvas(width, HEIGHT, `Unrolled graph, ${SHAPES[key].name}, ${T} steps, ${position} computed`);
  area.setAttribute("role", "group"); // its outputs are buttons
  const look = emphasis(view, position, chosen);
  const changes = chosen === null ? null : effects(view.model, xs, chosen);
  area.append(svg("g", { opacity: look.faint(0) && position > 0 ? 0.25 : 1 }, word(12, MIDDLE + 5, "0", 13, "muted"),
    arrow([20, MIDDLE], [centre(0) - SIDE / 2 - 2, MIDDLE], look.line(0))));
  for (let t = 0; t < T; t += 1) {
    const step = drawStep(view, t, position, look);
    if (changes && look.strong(t) && !silent(xs[t])) step.append(drawEffect(t, changes[t]));
    area.append(...drawWays(view, t, look), step);
    if (ports(key, T).answers.includes(t)) area.append(drawAnswer(view, t, position, chosen, pick));
  }
  area.style.minWidth = `${Math.min(width, 60 * T + 40)}px`; // below this the numbers cannot be read: scroll instead
  area.style.maxWidth = `${width * 1.3}px`;
  area.style.margin = "0 auto";
  return area;
}
