// The curves of gradient flow: the norm of the gradient against the steps back, logarithmic; and their numbers at one step.
import { label } from "../kit/chart.js";
import { colour } from "../kit/colours.js";
import { canvas, html, onPointer, onResize, svg } from "../kit/dom.js";
import { power } from "../kit/numbers.js";
import { STEPS } from "../models/gradient_flow.js";
import { times } from "../words/gradient_flow.js";

const [LOW, HIGH] = [-6, 6]; // decades on the axis
const [PAD, TOP] = [34, 8]; // left margin, top margin

const CURVES = [
  { name: "bound", text: "bound σ₁ᵏ", color: "purple", style: "stroke-width: 1.8; stroke-dasharray: 6 4" },
  { name: "rate", text: "rate ρᵏ", color: "ink", style: "stroke-width: 2; stroke-dasharray: 1.5 4; stroke-linecap: round" },
  { name: "linear", text: "linear", color: "blue", style: "stroke-width: 5; opacity: 0.55" },
  { name: "driven", text: "tanh", color: "orange", style: "stroke-width: 2.2" },
];
const READ = ["linear", "driven", "bound", "rate"]; // the order of the numbers

const line = ({ color, style }, attributes) => svg("path", { fill: "none", style: `stroke: ${colour(color)}; ${style}`, ...attributes });
const text = (x, y, words, attributes) => label(x, y, words, { "font-size": 11, ...attributes });
const held = (log) => Math.max(-400, Math.min(400, log)); // far outside, but a number that can be drawn

// Where steps and decades lie on a drawing of this width.
function scales(width) {
  const tall = width < 400 ? 170 : 220;
  return { width, tall, x: (k) => PAD + (k / STEPS) * (width - PAD - 8), y: (log) => TOP + ((HIGH - log) / (HIGH - LOW)) * tall };
}

function drawAxes(root, { width, tall, x, y }) {
  for (let decade = LOW; decade <= HIGH; decade += 2) {
    root.append(svg("path", { d: `M${PAD} ${y(decade)}H${width - 8}`, fill: "none", "stroke-width": decade === 0 ? 1.4 : 1, style: `stroke: ${colour(decade === 0 ? "ink" : "line")}` }),
      text(PAD - 5, y(decade) + 4, decade === 0 ? "1" : power(10, decade), { "text-anchor": "end" }));
  }
  for (let k = 0; k <= STEPS; k += 10) root.append(text(x(k), TOP + tall + 15, k, { "text-anchor": "middle" }));
  root.append(text(width - 8, TOP + tall + 29, "k steps back", { "text-anchor": "end" }));
}

// The drawing at one width: { root, show(logs, k) }.
function drawAt(width, onPick) {
  const place = scales(width);
  const { tall, x, y } = place;
  const root = canvas(width, TOP + tall + 32, "");
  drawAxes(root, place);
  const cursor = svg("line", { y1: TOP, y2: TOP + tall, "stroke-width": 1.2, style: `stroke: ${colour("muted")}` });
  const paths = CURVES.map((curve) => line(curve));
  const dots = CURVES.map(({ color }) => svg("circle", { r: 4.5, "stroke-width": 1.5, style: `fill: ${colour(color)}; stroke: ${colour("panel")}` }));
  root.append(svg("svg", { x: 0, y: TOP, width, height: tall, viewBox: `0 ${TOP} ${width} ${tall}`, overflow: "hidden" }, cursor, paths, dots));
  onPointer(root, (share) => onPick(Math.max(1, Math.min(STEPS, Math.round(((share * width - PAD) / (width - PAD - 8)) * STEPS)))));
  function show(logs, k) {
    CURVES.forEach(({ name }, i) => {
      const [path, dot, isThere] = [paths[i], dots[i], name in logs];
      path.style.display = dot.style.display = isThere ? "" : "none";
      if (!isThere) return;
      path.setAttribute("d", logs[name].map((log, at) => `${at ? "L" : "M"}${x(at).toFixed(1)} ${y(held(log)).toFixed(1)}`).join(""));
      dot.setAttribute("cx", x(k));
      dot.setAttribute("cy", y(held(logs[name][k])));
    });
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, x(k));
    const said = CURVES.filter(({ name }) => name in logs).map(({ name, text: words }) => `${words} ${times(logs[name][k])}, after ${STEPS} steps ${times(logs[name][STEPS])}`);
    root.setAttribute("aria-label", `Norm of the gradient against the steps back, logarithmic. After ${k} steps: ${said.join("; ")}.`);
  }
  return { root, show };
}

/** onPick(k): the reader points at a step. Returns { node, update(logs by name, k), stop() }: a name that is missing is not drawn. */
export function makeCurves(onPick) {
  const node = html("div", { class: "rk-curves" });
  let [drawing, last] = [null, null];
  function build() {
    drawing = drawAt(Math.max(260, node.clientWidth || 440), onPick); // at its own width: letters keep their size
    node.replaceChildren(drawing.root);
    if (last) drawing.show(...last);
  }
  function update(logs, k) {
    last = [logs, k];
    drawing.show(logs, k);
  }
  build();
  return { node, update, stop: onResize(node, build) };
}

/** The four numbers at step k, which are also the key to the curves. */
export function makeReadout() {
  const entries = READ.map((name) => ({ ...CURVES.find((curve) => curve.name === name), value: html("dd") }));
  const title = html("p");
  const node = html("div", {}, title, html("dl", {}, entries.map((entry) => html("div", {},
    svg("svg", { viewBox: "0 0 26 10", "aria-hidden": "true" }, line(entry, { d: "M1 5H25" })), html("dt", {}, entry.text), entry.value))));
  function update(logs, k) {
    title.replaceChildren(html("b", {}, `${k} ${k === 1 ? "step" : "steps"} back`), " a gradient’s norm is multiplied by at most");
    for (const { name, value } of entries) value.textContent = times(logs[name][k]);
  }
  return { node, update };
}
