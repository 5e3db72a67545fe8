// States and gates as heat maps, and the memory curves of both cells.
import { label } from "../kit/chart.js";
import { colour, diverging, sequential } from "../kit/colours.js";
import { canvas, html, onPointer, svg } from "../kit/dom.js";
import { power } from "../kit/numbers.js";
import { written } from "../words/gru_blend.js";

const [WIDTH, LEFT, TOP, BOTTOM] = [320, 26, 20, 126]; // of the curve, in drawing units: about a pixel each
const FLOOR = -9; // its lowest power of ten
const FEATURE = 8; // pixels of a feature's row

// Colours in steps: the browser parses each of them once.
const SIGNED = Array.from({ length: 81 }, (_, i) => diverging(i / 40 - 1));
const SHARE = Array.from({ length: 41 }, (_, i) => sequential(i / 40));
export const signed = (v) => SIGNED[Math.round(40 * (Math.max(-1, Math.min(1, v)) + 1))];
export const share = (v) => SHARE[Math.round(40 * v)];

// A finger that does not press only passes over.
const onTouch = (picture, act) => onPointer(picture, (x, y, event) => {
  if (event.type !== "pointermove" || event.pointerType === "mouse" || event.buttons) act(x, y);
});

// `rows` boxes for each of T steps.
const box = (x, y, tall, style = "") => svg("rect", { x, y, width: 1, height: tall, style });
const columns = (T, rows, y, tall) => Array.from({ length: T }, (_, t) => Array.from({ length: rows }, (_, j) => box(t, y + j * tall, tall)));

/** A heat map of H units over T steps, with the D features of the input above it. Drawing units: a step across, a pixel down.
 *  Returns { node, update(values), feed(inputs), point(step, unit) }. */
export function makeMap({ title, more = "", H, T, D = 0, ground, onPoint }) {
  const [cell, top] = [Math.max(6, Math.min(12, 92 / H)), D ? D * FEATURE + 4 : 0];
  const height = top + H * cell;
  const picture = canvas(T, height, title);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.style.height = `${height}px`;
  const [boxes, bars] = [columns(T, H, top, cell), columns(T, D, 0, FEATURE)];
  const mark = box(0, 0, cell, `stroke: ${colour("ink")}; stroke-width: 2`);
  const frame = (y, tall) => svg("rect", { y, width: T, height: tall, style: `stroke: ${colour("line")}` });
  picture.append(...boxes.flat(), ...bars.flat(), svg("g", { class: "rk-outlines" }, D ? frame(0, D * FEATURE) : null, frame(top, H * cell), mark));
  onTouch(picture, (x, y) => onPoint(Math.floor(x * T), Math.floor((y * height - top) / cell)));
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

function curveTitle() {
  const named = (text, name) => svg("tspan", { style: `fill: ${colour(name)}; font-weight: 600` }, text);
  const title = label(LEFT, 12, "size of dh_T / dx_s at input s, log scale:  ", { style: `fill: ${colour("ink")}` });
  title.append(named("GRU ", "blue"), named(" RNN", "orange"));
  return title;
}

/** Both memory curves on a log scale; the RNN's is broad, so that it shows where the GRU's lies on it.
 *  Returns { node, update(ofGru, ofRnn), point(step) }. */
export function makeCurve({ T, onPoint }) {
  const column = (WIDTH - LEFT) / T;
  const picture = canvas(WIDTH, BOTTOM + 18, "");
  picture.classList.add("rk-curve");
  const line = (name, width, opacity) => svg("polyline", { fill: "none", "stroke-width": width, "stroke-linejoin": "round", opacity, style: `stroke: ${colour(name)}` });
  const [broad, thin] = [line("orange", 5, 0.6), line("blue", 2, 1)];
  const [grid, cursor] = [svg("g"), svg("line", { y1: TOP, y2: BOTTOM, style: `stroke: ${colour("ink")}`, "stroke-dasharray": "3 3" })];
  picture.append(curveTitle(), grid, broad, thin, cursor, label(LEFT, BOTTOM + 13, "first input"), label(WIDTH, BOTTOM + 13, "last", { "text-anchor": "end" }));
  onTouch(picture, (x) => onPoint(Math.floor((x * WIDTH - LEFT) / column)));
  return {
    node: picture,
    update(ofGru, ofRnn) {
      const high = Math.max(1, Math.ceil(Math.log10(Math.max(...ofGru, ...ofRnn))));
      const y = (v) => BOTTOM - ((Math.max(FLOOR, Math.log10(v)) - FLOOR) / (high - FLOOR)) * (BOTTOM - TOP);
      const points = (values) => values.map((v, t) => `${LEFT + (t + 0.5) * column},${y(v).toFixed(1)}`).join(" ");
      broad.setAttribute("points", points(ofRnn));
      thin.setAttribute("points", points(ofGru));
      grid.replaceChildren(...[0, -3, -6, -9].flatMap((k) => [
        svg("line", { x1: LEFT, x2: WIDTH, y1: y(10 ** k), y2: y(10 ** k), style: `stroke: ${colour("line")}` }),
        label(LEFT - 4, y(10 ** k), k ? power(10, k) : "1", { "text-anchor": "end", "dominant-baseline": "central", "font-size": 10 }),
      ]));
      picture.setAttribute("aria-label", `Memory curve, log scale: how strongly the last state depends on the first input, ${written(ofGru[0])} in the GRU and ${written(ofRnn[0])} in the RNN.`);
    },
    point(t) { for (const end of ["x1", "x2"]) cursor.setAttribute(end, LEFT + (t + 0.5) * column); },
  };
}
