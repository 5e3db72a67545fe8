// Gradient arrows back through time: a trained network reads a text; cuts stop the gradient, never the state.
import { arrow } from "../kit/chart.js";
import { colour } from "../kit/colours.js";
import { select, slider, textInput } from "../kit/controls.js";
import { canvas, html, live, onKeys, onResize, place, rich, row, svg } from "../kit/dom.js";
import { predict } from "../kit/predict.js";
import { argmax, unpackRows } from "../models/arrays.js";
import { backward, compare, forward, scaled } from "../models/bptt.js";
import { digits, hint, QUESTION, shown } from "../words/bptt.js";

const LONGEST = 13;

// ---- the drawing

const thickness = (v) => 1.2 + 9 * (v / (v + 2));
const said = ({ open, steps, cut, full, letters }) => steps.map((s, t) => {
  const { flow, share } = cut.perStep[t];
  return `step ${t + 1} reads ${shown(letters[t])}: loss ${s.loss.toFixed(2)}${open ? `, hands back ${flow.toFixed(3)}, share ${share.toFixed(3)} of ${full.perStep[t].share.toFixed(3)}` : ""}`;
}).join("; ");

/** Where things stand: everything that depends on the width and the number of steps. */
function layout(width, T) {
  const column = width / T;
  const narrow = column < 34;
  return { width, column, x: (t) => (t + 0.5) * column, small: narrow ? 10 : 11.5, letter: narrow ? 11 : 13, radius: Math.min(15, column * 0.32) };
}

// One step: its loss, the letter it wants, its state with the letter it reads.
function drawStep(t, { column, x, small, letter, radius }, { steps, letters, counted }) {
  const on = counted < 0 || counted === t;
  const tall = (steps[t].loss / Math.max(...steps.map((s) => s.loss), 1)) * 34;
  const text = (y, content, attributes) => svg("text", { x: x(t), y, "text-anchor": "middle", ...attributes }, content);
  return [
    svg("rect", { x: x(t) - column * 0.3, y: 66 - tall, width: column * 0.6, height: tall, rx: 2, opacity: on ? 1 : 0.35, style: `fill: ${colour("orange")}` }),
    text(62 - tall, digits(steps[t].loss), { "font-size": small, opacity: on ? 1 : 0.6 }),
    text(81, shown(letters[t + 1]), { "font-size": letter + 1, opacity: on ? 1 : 0.6 }),
    svg("circle", { cx: x(t), cy: 138, r: radius, style: `fill: ${colour("paper")}; stroke: ${colour("ink")}`, "stroke-width": 1.4 }),
    text(138, shown(letters[t]), { "dominant-baseline": "central", "font-size": letter, "font-weight": 600 }),
  ];
}

// What the gradient does at a step: comes from the loss, goes to the step before.
function drawFlow(t, { column, x, small, radius }, { cut }) {
  const { fromLoss, flow } = cut.perStep[t];
  const nodes = [];
  if (fromLoss > 0) nodes.push(arrow([x(t), 101], [x(t), 137 - radius], { color: colour("orange"), width: Math.min(6, thickness(fromLoss) / 1.6), head: 8 }));
  if (t > 0 && flow > 1e-6) {
    const w = thickness(flow);
    nodes.push(arrow([x(t) - radius - 1, 138], [x(t - 1) + radius + 1, 138], { color: colour("blue"), width: Math.min(w, column * 0.3), head: Math.min(6 + w, column * 0.4) }),
      svg("text", { x: x(t) - column / 2, y: 163, "text-anchor": "middle", "font-size": small - 1, style: `fill: ${colour("blue")}` }, digits(flow)));
  }
  return nodes;
}

// A step's share of the gradient of W_hh, over the share it has without cuts; and the cut before it.
function drawShare(t, { column, x, small }, { cut, full, chunk }) {
  const most = Math.max(...full.perStep.map((s) => s.share), ...cut.perStep.map((s) => s.share), 1e-9);
  const bar = (wide, share, attributes) => svg("rect", { x: x(t) - column * wide, y: 244 - (share / most) * 46, width: column * 2 * wide, height: (share / most) * 46, rx: 2, ...attributes, style: `fill: ${colour("blue")}` });
  const nodes = [bar(0.32, full.perStep[t].share, { opacity: 0.28 }), bar(0.22, cut.perStep[t].share, {}),
    svg("text", { x: x(t), y: 257, "text-anchor": "middle", "font-size": small }, digits(cut.perStep[t].share))];
  if (t > 0 && t % chunk === 0) {
    const at = x(t) - column / 2;
    nodes.push(svg("line", { x1: at, x2: at, y1: 104, y2: 247, "stroke-width": 1.8, "stroke-dasharray": "5 4", style: `stroke: ${colour("red")}` }),
      svg("text", { x: at, y: 142, "text-anchor": "middle", "font-size": 14, style: `fill: ${colour("red")}` }, "✂"));
  }
  return nodes;
}

function draw(view, now) {
  const { steps, open } = now;
  const sizes = layout(Math.max(280, Math.min(720, view.clientWidth || 640)), steps.length);
  const root = canvas(sizes.width, open ? 262 : 162, `Unrolled network. ${said(now)}.`);
  // The halo keeps the words readable where a cut runs through them.
  const halo = `paint-order: stroke; stroke: ${colour("panel")}; stroke-width: 4px; fill: ${colour("muted")}`;
  const title = (text, y) => svg("text", { x: 2, y, "font-size": 11.5, style: halo }, text);
  steps.forEach((_, t) => {
    root.append(...drawStep(t, sizes, now));
    if (open) root.append(...drawFlow(t, sizes, now), ...drawShare(t, sizes, now));
  });
  root.append(title("loss at each step (nats) and the letter it wants", 12), title(open ? "gradient, handed from state to state" : "states, and the letters read", 96));
  if (open) root.append(title("length of each step's share in the gradient of W_hh", 179));
  return root;
}

// ---- the controls

function makeControls(model, symbols, now, put) {
  const losses = () => [["-1", "all losses"], ...Array.from({ length: now().T }, (_, t) => [String(t), `only step ${t + 1}, ${shown(model.get("text")[t])}`])];
  const pick = select({ label: "loss that counts", options: losses(), value: String(now().counted), onChange: (v) => put("counted", Number(v)) });
  const cutter = slider({ label: "chunk length", min: 1, max: now().T, step: 1, value: now().chunk, format: (v) => (v >= now().T ? `${v}: no cut` : `${v} steps`), onInput: (v) => put("chunk", v) });
  const scaler = slider({ label: "W_hh times", min: 0, max: 2, step: 0.05, value: model.get("scale"), format: (v) => v.toFixed(2), onInput: (v) => put("scale", v) });
  const note = html("p", { class: "rk-live", "aria-live": "polite", hidden: true });
  const typed = textInput({ label: "text", value: model.get("text"), maxLength: LONGEST, onInput: (value) => {
    const known = [...value].filter((letter) => symbols.includes(letter)).join("").slice(0, LONGEST);
    if (known !== value) typed.set(known);
    note.hidden = known.length >= 2 && known === value;
    note.textContent = known.length < 2 ? "Two letters at least: one to read, one to predict." : "That letter does not occur in the comedies.";
    if (known.length >= 2) put("text", known);
  } });
  /** Show what the model holds now. */
  function update() {
    scaler.set(model.get("scale"));
    pick.input.replaceChildren(...losses().map(([v, text]) => html("option", { value: v, selected: Number(v) === now().counted }, text)));
    cutter.input.max = now().T;
    cutter.set(now().chunk);
  }
  return { node: html("div", { hidden: true }, row(cutter, scaler), row(pick, typed), note), update };
}

const VERDICTS = { 2: "Right", 4: "Not 4", 6: "Not 6", "all 10": "Not all" };
const WHY = "The cuts stand before steps 5 and 9, so the last chunk holds only steps 9 and 10. The chunk's length is the most that a loss can see, not what it sees.";

function askFirst(model, reveal) {
  const guesses = Object.keys(VERDICTS);
  const ask = predict({ model, question: QUESTION, outcome: () => ({ right: guesses.indexOf("2") }), answer(guess) {
    reveal();
    return `${VERDICTS[guess]}: 2 steps. ${WHY}`;
  } });
  ask.ask(guesses);
  return ask;
}

/** One loss is chosen by the arrow keys or by pointing at its step. */
function listen(view, now, isOpen, put) {
  const choose = (t) => isOpen() && put("counted", Math.max(-1, Math.min(now().T - 1, t)));
  onKeys(view, { ArrowLeft: () => choose(now().counted - 1), ArrowRight: () => choose(now().counted + 1), Home: () => choose(0), End: () => choose(now().T - 1) });
  view.addEventListener("click", (event) => {
    const t = Math.floor(place(event, view)[0] * now().T);
    choose(t === now().counted ? -1 : t);
  });
}

export default {
  render({ model, el }) {
    const weights = unpackRows(model.get("net"));
    const symbols = [...model.get("symbols")];
    const view = html("div", { tabindex: 0, role: "group", "aria-label": "The unrolled network. Left and right arrow keys choose one loss, Home the first, End the last." });
    const [numbers, tip] = [live(), html("p", {})];
    let open = false;
    const now = () => {
      const letters = [...model.get("text")];
      const T = letters.length - 1;
      return { letters, T, counted: Math.min(model.get("counted"), T - 1), chunk: Math.min(model.get("chunk"), T), scale: model.get("scale") };
    };
    function redraw() {
      const { letters, T, counted, chunk, scale } = now();
      const net = scaled(weights, scale);
      const steps = forward(letters.map((letter) => symbols.indexOf(letter)), net);
      const counts = steps.map((_, t) => counted < 0 || counted === t);
      const [cut, full] = [backward(steps, net, counts, chunk), backward(steps, net, counts)];
      view.replaceChildren(draw(view, { steps, cut, full, letters, counted, chunk, open }));
      if (!open) return;
      const { cut: length, full: whole, cosine, missing } = compare(cut.dW_hh, full.dW_hh);
      const lit = cut.perStep.filter((s) => s.share > 1e-9).length;
      const angle = Number.isNaN(cosine) ? "no direction: nothing is left" : `cosine to the full one ${cosine.toFixed(3)}`;
      numbers.textContent = `Gradient of W_hh: norm ${length.toFixed(3)} of ${whole.toFixed(3)}, ${angle}. ${lit} of ${T} steps have a share.`;
      tip.replaceChildren(...rich(hint({ chunk, T, counted, missing, most: argmax(full.perStep.map((s) => s.share)) })));
    }
    const put = (name, value) => { model.set(name, value); model.save_changes(); };
    const controls = makeControls(model, symbols, now, put);
    const ask = askFirst(model, () => {
      open = true;
      controls.node.hidden = false;
      redraw();
    });
    listen(view, now, () => open, put);
    for (const name of ["chunk", "scale", "counted", "text"]) model.on(`change:${name}`, () => { controls.update(); redraw(); });
    el.append(html("div", { class: "rk-bptt-box" }, html("div", { class: "rk-bptt" }, ask, view, numbers, tip, controls.node)));
    redraw();
    return onResize(view, redraw);
  },
};
