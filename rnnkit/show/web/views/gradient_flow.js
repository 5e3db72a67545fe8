// Gradient flow: the eigenvalues of W_hh beside what the product of the Jacobians does to a gradient.
import { label } from "../kit/chart.js";
import { colour } from "../kit/colours.js";
import { button, slider } from "../kit/controls.js";
import { canvas, html, rich, row, svg } from "../kit/dom.js";
import { predict } from "../kit/predict.js";
import { compute, logFlow, STEPS, unpack } from "../models/gradient_flow.js";
import { hint, NOTES, QUESTION, times, verdict } from "../words/gradient_flow.js";
import { makeCurves, makeReadout } from "./gradient_flow_curves.js";

const DISC = 2.2; // half the width of the plane
const ASKED = 10; // steps back, in the prediction
const QUIET = 500; // milliseconds without a change before the hint is read aloud

const two = (v) => v.toFixed(2);

// ---- the complex plane

const THIN = { fill: "none", "vector-effect": "non-scaling-stroke" };

// The plane with the unit circle; what is outside is clipped, without an id.
function drawPlane() {
  const axis = { ...THIN, style: `stroke: ${colour("line")}` };
  return svg("svg", { width: 240, height: 240, viewBox: `${-DISC} ${-DISC} ${2 * DISC} ${2 * DISC}`, overflow: "hidden" },
    svg("path", { ...axis, d: `M${-DISC} 0H${DISC}M0 ${-DISC}V${DISC}` }),
    svg("circle", { r: 1, style: `stroke: ${colour("ink")}; fill: ${colour("paper")}`, "stroke-width": 1.4, "vector-effect": "non-scaling-stroke" }),
    svg("path", { ...axis, d: "M-1 0H1M0 -1V1" }));
}

/** The eigenvalues in the plane. update(kind, eigenvalues, rho, sigma): sigma null while it is not to be seen. */
function makeDisc(H) {
  const ring = svg("circle", { ...THIN, style: `stroke: ${colour("purple")}`, "stroke-width": 1.8, "stroke-dasharray": "6 4" });
  const dots = Array.from({ length: H }, () => svg("circle", { r: 0.075, style: `fill: ${colour("blue")}; stroke: ${colour("paper")}`, "stroke-width": 0.02 }));
  const [plane, root, note] = [drawPlane(), canvas(240, 240, ""), html("p", { class: "rk-small" })];
  plane.append(ring, ...dots);
  root.append(plane, label(238, 114, "Re", { "text-anchor": "end", "font-size": 13 }), label(125, 14, "Im", { "font-size": 13 }));
  function update(kind, eigenvalues, rho, sigma) {
    dots.forEach((dot, j) => {
      dot.setAttribute("cx", rho * eigenvalues[j][0]);
      dot.setAttribute("cy", -rho * eigenvalues[j][1]);
    });
    ring.style.display = sigma === null ? "none" : "";
    if (sigma !== null) ring.setAttribute("r", sigma);
    const outside = eigenvalues.filter(([re, im]) => rho * Math.hypot(re, im) > 1 + 1e-6).length;
    const lines = [["blue", "● ", `eigenvalues, |λ| ≤ ρ = ${two(rho)}`]];
    if (sigma !== null) lines.push(["purple", "╌ ", `singular values ≤ σ₁ = ${two(sigma)}`]);
    note.replaceChildren(html("span", {}, NOTES[kind] ?? kind), ...lines.map(([name, mark, words]) => html("span", {}, html("b", { style: `color: ${colour(name)}`, "aria-hidden": "true" }, mark), words)));
    root.setAttribute("aria-label", `Complex plane with the unit circle: ${outside} of ${H} eigenvalues lie outside. ${lines.map((entry) => entry[2]).join("; ")}.`);
  }
  return { node: html("div", { class: "rk-disc" }, root, note), update };
}

// ---- the controls

// They follow the model. onChange(isNew): something changed; isNew: the numbers too, not just where they are read.
function makeControls(model, kinds, put, onChange) {
  const control = (name, options) => slider({ value: model.get(name), onInput: (v) => put(name, v), ...options });
  const sliders = {
    radius: control("radius", { label: "spectral radius ρ", min: 0.5, max: 1.5, step: 0.01, format: two }),
    strength: control("strength", { label: "input", min: 0, max: 2, step: 0.05, format: (v) => (v === 0 ? "0, at rest" : two(v)) }),
    steps_back: control("steps_back", { label: "read at k", min: 1, max: STEPS, step: 1 }),
  };
  for (const [name, field] of Object.entries(sliders)) model.on(`change:${name}`, () => { field.set(model.get(name)); onChange(name !== "steps_back"); });
  const buttons = kinds.map((name) => button(name, () => put("kind", name)));
  const press = () => buttons.forEach((node) => node.setAttribute("aria-pressed", node.textContent === model.get("kind")));
  model.on("change:kind", () => { press(); onChange(true); });
  press();
  const group = html("div", { class: "rk-kinds", role: "group", "aria-label": "recurrent matrix W_hh" }, buttons);
  return { node: html("div", { hidden: true }, group, row(...Object.values(sliders))), first: sliders.radius.input };
}

// ---- the prediction

// now(): the numbers, which may change until a guess is chosen. reveal(): shows the rest; goOn(): as in predict.
function askFirst(model, now, reveal, goOn) {
  const { rho } = now();
  const rate = times(ASKED * Math.log10(rho));
  const guesses = rho < 1 ? [`ρ¹⁰: ${rate}`, "more, but below ×1", "above ×1"] : [`ρ¹⁰: ${rate}`, "below ×1", "more than that"];
  function outcome() {
    const log = now().linear[ASKED];
    return { right: verdict(log, ASKED, now().rho), log };
  }
  const ask = predict({ model, question: QUESTION, outcome, goOn, answer(guess, { right, log }) {
    const why = right === 2
      ? `A single step may already multiply by σ₁ = ${two(now().sigma)}, the largest singular value. Eigenvalues tell how the story ends, not how it begins.`
      : right === 0 ? "Here the eigenvalues tell everything, as they do for every normal matrix. Try the other kinds." : "Singular values larger than the eigenvalues win at first, but not by enough.";
    reveal();
    return [html("b", {}, guess === guesses[right] ? "Right: " : `Not “${guess}”: `), `${times(log)} after ${ASKED} steps. ${why}`];
  } });
  ask.ask(guesses, { rho: two(rho), steps: ASKED });
  return ask;
}

// What is computed for the model's choice. The linear flow of each kind at spectral radius 1 does not change: it is kept.
function makeCompute(net, model) {
  const atOne = {};
  return () => {
    const kind = model.get("kind");
    atOne[kind] ??= logFlow(net.kinds[kind].W, 1, net.H);
    return { kind, ...compute(net, { kind, radius: model.get("radius"), strength: model.get("strength"), linear: atOne[kind] }) };
  };
}

export default {
  render({ model, el }) {
    const net = unpack({ matrices: model.get("matrices"), inputs: model.get("inputs") });
    const put = (name, value) => { model.set(name, value); model.save_changes(); };
    const result = makeCompute(net, model);
    const [disc, readout] = [makeDisc(net.H), makeReadout()];
    const curves = makeCurves((k) => isOpen && put("steps_back", k));
    const tip = html("p", { class: "rk-tip", "aria-live": "off" });
    let [isOpen, isStale, frame, rest, now] = [false, false, 0, 0, result()];

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
    function redraw(isNew) {
      isStale ||= isNew;
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
      }, QUIET);
    }
    const controls = makeControls(model, Object.keys(net.kinds).sort(), put, redraw);
    const answers = html("div", { hidden: true }, readout.node, tip);
    const ask = askFirst(model, () => now, () => {
      isOpen = true;
      controls.node.hidden = answers.hidden = false;
      draw();
    }, () => controls.first.focus({ preventScroll: true }));
    const views = html("div", { class: "rk-views" }, disc.node, curves.node);
    el.append(html("div", { class: "rk-flow-box" }, html("div", { class: "rk-flow" }, ask, controls.node, views, answers)));
    draw();
    return () => { curves.stop(); cancelAnimationFrame(frame); clearTimeout(rest); };
  },
};
