// A small LSTM reads a^n b^n: its gates and cells over time, and how far it counts when the forget bias moves.
import { button, select, slider, textInput } from "../kit/controls.js";
import { html, live, onKeys, onPointer, onResize, rich, row } from "../kit/dom.js";
import { predict } from "../kit/predict.js";
import { unpackRows } from "../models/arrays.js";
import { counts, encode, firstFailure, read, shifted, survey, tolerance, wrongSteps } from "../models/lstm_gates.js";
import { hint, prediction, QUESTION, reach, signed, stepLines, verdict } from "../words/lstm_gates.js";
import { drawChart, makeStrip } from "./lstm_gates_chart.js";

// ---- what does not change: the model and its language; put(name, value) changes the state

function fixedParts(model) {
  const alphabet = [...model.get("alphabet")].join("");
  const trainedTo = model.get("trained_to");
  const put = (name, value) => { model.set(name, value); model.save_changes(); };
  return { model, net: unpackRows(model.get("weights")), alphabet, counter: model.get("counter"), trainedTo, limit: Math.max(40, 3 * trainedTo), put,
    initial: Object.fromEntries(["text", "shift", "cell"].map((name) => [name, model.get(name)])) };
}

// ---- controls

// The string that is read, typed; only a's and b's arrive.
function makeString({ alphabet: [, a, b], initial, limit, put }) {
  const note = html("p", { class: "rk-live", "aria-live": "polite", hidden: true });
  const typed = textInput({ label: "string", value: initial.text, maxLength: 2 * limit, onInput: (value) => {
    const known = [...value].filter((letter) => letter === a || letter === b).join("");
    if (known !== value) typed.set(known);
    note.hidden = known !== "" && known === value;
    note.textContent = known === "" ? "One letter at least." : `Only ${a} and ${b}: start and end are added.`;
    if (known) put("text", known);
  } });
  typed.classList.add("rk-wide", "rk-string");
  return { typed, note };
}

// All of them, following the model. setCounts(n, m) changes the string; strips: the bars below the sliders.
function makeControls(parts, redraw) {
  const { model, net, alphabet, counter, limit, initial, put } = parts;
  const [, a, b] = alphabet;
  const now = () => counts(model.get("text"), alphabet);
  const setCounts = (n, m) => put("text", a.repeat(n) + b.repeat(m));
  const ns = slider({ label: `n, number of ${a}'s`, min: 1, max: limit, step: 1, value: now().As, onInput: (n) => setCounts(n, n) });
  const ms = slider({ label: `number of ${b}'s`, min: 0, max: limit, step: 1, value: now().Bs, onInput: (m) => setCounts(Math.max(1, now().As), m) });
  const bias = slider({ label: "added to the forget bias", min: -4, max: 4, step: 0.1, value: initial.shift, format: signed, onInput: (v) => put("shift", v) });
  const strips = { good: makeStrip(), kept: makeStrip() };
  ns.append(strips.good);
  bias.append(strips.kept);
  bias.classList.add("rk-wide");
  const { typed, note } = makeString(parts);
  const pick = select({ label: "gates of", value: String(initial.cell), options: net.W_hh.map((_, j) => [String(j), j === counter ? `cell ${j}, counts` : `cell ${j}`]), onChange: (v) => put("cell", Number(v)) });
  pick.classList.add("rk-pick");
  const sliders = row(ns, ms, bias);
  sliders.classList.add("rk-sliders");
  const reset = button("Reset", () => Object.entries(initial).forEach(([name, value]) => put(name, value)));
  model.on("change:text", () => {
    const { As, Bs } = now();
    if (typed.input.value !== model.get("text")) typed.set(model.get("text"));
    ns.set(As);
    ms.set(Bs);
    redraw();
  });
  model.on("change:shift", () => { bias.set(model.get("shift")); redraw(); });
  model.on("change:cell", () => { pick.set(String(model.get("cell"))); redraw(); });
  return { node: html("div", { hidden: true }, sliders, row(typed, pick, reset), note), setCounts, strips };
}

// ---- what is said of the text and the bias

function makeVerdict({ net, alphabet, limit }, strips) {
  const [status, tip] = [live(), html("p")];
  const bars = {}; // what the strips show, and for which shift and text
  function update({ steps, text, shift }) {
    if (bars.shift !== shift) strips.good.update(bars.good = survey(shifted(net, bars.shift = shift), alphabet, limit));
    if (bars.text !== text) strips.kept.update(bars.kept = tolerance(net, bars.text = text, alphabet));
    status.textContent = `${verdict(steps, text, alphabet)} ${reach(bars, { shift, text, alphabet })}`;
    tip.replaceChildren(...rich(hint({ shift, steps, text, alphabet })));
  }
  return { node: html("div", { class: "rk-told", hidden: true }, status, tip), update };
}

// ---- the prediction, answered by these very weights: reveal(n) shows the string at which it first fails

function askFirst({ model, net, alphabet, limit, trainedTo }, reveal, goOn) {
  const { story, guesses, right, why } = prediction(trainedTo, limit);
  function outcome() {
    const n = firstFailure(net, alphabet, limit);
    return { right: right(n), n };
  }
  const ask = predict({ model, question: QUESTION, outcome, goOn, answer(guess, { right: place, n }) {
    reveal(n);
    return [html("b", {}, guess === guesses[place] ? "Right. " : `Not this time: ${guesses[place]}. `), why(n)];
  } });
  ask.ask(guesses, { story });
  return ask;
}

export default {
  render({ model, el }) {
    const parts = fixedParts(model);
    const { net, alphabet, counter, initial } = parts;
    const view = html("div", { tabindex: 0, role: "group", "aria-label": "Gates over time. Left and right arrow keys move the cursor, Home to the first step, End to the last." });
    const readout = live({ class: "rk-live rk-step" });
    let [open, at, now] = [false, Math.min(2, initial.text.length), null];

    // The step under the cursor.
    function point(t, byKey = true) {
      at = Math.max(0, Math.min(now.steps.length - 1, t));
      now.chart.point(at);
      readout.setAttribute("aria-live", byKey ? "polite" : "off"); // a moving pointer is not read out
      readout.replaceChildren(...stepLines(at, now.steps, now).flatMap((line, k) => (k ? [html("br"), line] : [line])));
    }
    // Everything that follows from the text and the bias.
    function redraw() {
      const [text, cell, shift] = ["text", "cell", "shift"].map((trait) => model.get(trait));
      const ids = encode(text, alphabet);
      now = { steps: read(shifted(net, shift), ids), trained: read(net, ids), text, alphabet, cell, counter, shift };
      now.chart = drawChart(view, now);
      view.replaceChildren(now.chart.root);
      point(at, false);
      if (open) told.update(now);
    }
    const controls = makeControls(parts, redraw);
    const told = makeVerdict(parts, controls.strips);
    const ask = askFirst(parts, (n) => {
      open = true;
      controls.node.hidden = told.node.hidden = false;
      if (n) {
        controls.setCounts(n, n);
        at = wrongSteps(now.steps, model.get("text"), alphabet).indexOf(true);
      }
      redraw();
    }, () => view.focus({ preventScroll: true }));
    onKeys(view, { ArrowLeft: () => point(at - 1), ArrowRight: () => point(at + 1), Home: () => point(0), End: () => point(Infinity) });
    onPointer(view, (share) => {
      const t = now.chart.stepAt(share);
      if (t !== at) point(t, false);
    });
    el.append(html("div", { class: "rk-gates-box" }, html("div", { class: "rk-gates" }, ask, view,
      html("div", { class: "rk-pair" }, readout, told.node), controls.node)));
    redraw();
    return onResize(view, redraw);
  },
};
