// A GRU beside the vanilla RNN of the same candidate: sliders blend the gates away, and the memory goes with them.
import { button, select, slider } from "../kit/controls.js";
import { html, onKeys, reducedMotion, rich, row } from "../kit/dom.js";
import { minus } from "../kit/numbers.js";
import { predict } from "../kit/predict.js";
import { difference, gru, memory, prepare, read, rnn } from "../models/gru_blend.js";
import { equations, fixed, hint, QUESTION, written } from "../words/gru_blend.js";
import { makeCurve, makeMap, share, signed } from "./gru_blend_charts.js";

const SLIDE = 1400; // milliseconds from the GRU to the RNN
const QUIET = 500; // milliseconds without a change before the numbers are read aloud

const sizeOf = (v) => (v === 0 ? "exactly 0" : written(v));

// ---- what is drawn: four maps and the memory curves, one step and unit of which is chosen

function makeMaps({ H, T, D, onPoint }) {
  const map = (title, more, ground, features = 0) => makeMap({ title, more, H, T, D: features, ground, onPoint });
  return {
    gru: map("GRU: h", ", units down, steps across", signed, D), rnn: map("vanilla RNN: h", ", the same candidate", signed, D),
    z: map("GRU: z", ", the share that is kept", share), r: map("GRU: r", ", the share that n sees", share),
  };
}

// choose(step, unit, byKey) is called for every choice, here: () => the present one.
function makeView(maps, choose, here, T) {
  const view = html("div", { class: "rk-maps rk-all", tabindex: 0, role: "group", "aria-label": "States and gates: left and right keys choose the step, up and down the unit" }, Object.values(maps).map(({ node }) => node));
  const by = (t, j) => () => choose(here().t + t, here().j + j, true);
  onKeys(view, { ArrowLeft: by(-1, 0), ArrowRight: by(1, 0), ArrowUp: by(0, -1), ArrowDown: by(0, 1),
    Home: () => choose(0, here().j, true), End: () => choose(T - 1, here().j, true) });
  return view;
}

// The chosen unit written out. now: { gruSteps, rnnSteps, ofGru, ofRnn }.
function unitLines({ gruSteps, rnnSteps, ofGru, ofRnn }, { t, j }, flipped) {
  const step = gruSteps[t];
  const z = flipped ? `Chung’s z = 1 − z = ${fixed(1 - step.z[j])}` : `z = ${fixed(step.z[j])}`;
  const line = (text, then = false) => html("span", { class: then ? "rk-then" : null }, text);
  return [line(`Unit ${j}, step ${t + 1}: r = ${fixed(step.r[j])}, ${z}`),
    ...equations(step, j, flipped).flatMap(([formula, numbers]) => [line(formula), line(numbers, true)]),
    line(`RNN: h = tanh(x_n + h_n) = ${fixed(rnnSteps[t].h[j])}`),
    line(`Memory of input ${t + 1}: GRU ${written(ofGru[t])}, RNN ${written(ofRnn[t])}`)];
}

/** Everything that follows from the input and the sliders: { nodes, redraw(), feed(), open() }; after open() it is read aloud. */
function makeDisplay({ net, chosen, blend, sizes }) {
  const { H, T } = sizes;
  const [numbers, note, readout] = [html("p", { class: "rk-numbers" }), html("p", { class: "rk-note" }), html("p", { class: "rk-read", "aria-live": "off" })];
  const heard = html("p", { class: "rk-heard", "aria-live": "polite" });
  let [isOpen, flipped, timer, here, now] = [false, false, 0, { t: Math.min(1, T - 1), j: H - 1 }, {}];
  function choose(t, j = here.j, byKey = false) {
    here = { t: Math.max(0, Math.min(T - 1, t)), j: Math.max(0, Math.min(H - 1, j)) };
    readout.setAttribute("aria-live", byKey ? "polite" : "off"); // a moving pointer is not read aloud
    point();
  }
  const maps = makeMaps({ ...sizes, onPoint: choose });
  const curve = makeCurve({ T, onPoint: (t) => choose(t) });
  function point() {
    for (const each of Object.values(maps)) each.point(here.t, here.j);
    curve.point(here.t);
    readout.replaceChildren(...unitLines(now, here, flipped));
  }
  function feed() { // the RNN has no gates: it changes with the input alone
    const rnnSteps = read(rnn, chosen(), net);
    now = { rnnSteps, ofRnn: memory(rnn, rnnSteps, net) };
    maps.rnn.update(rnnSteps.map(({ h }) => h));
    for (const name of ["gru", "rnn"]) maps[name].feed(chosen());
    redraw();
  }
  function redraw() {
    const gruSteps = read(gru, chosen(), net, blend());
    now = { ...now, gruSteps, ofGru: memory(gru, gruSteps, net) };
    maps.gru.update(gruSteps.map(({ h }) => h));
    for (const gate of ["z", "r"]) maps[gate].update(gruSteps.map((step) => step[gate]));
    curve.update(now.ofGru, now.ofRnn);
    point();
    numbers.replaceChildren("Largest difference of h, GRU − RNN: ", html("b", {}, sizeOf(difference(gruSteps, now.rnnSteps))));
    note.replaceChildren(...rich(hint({ ...blend(), T })));
    clearTimeout(timer);
    if (isOpen) timer = setTimeout(() => { heard.textContent = `${numbers.textContent}. First input: ${written(now.ofGru[0])} in the GRU, ${written(now.ofRnn[0])} in the RNN.`; }, QUIET);
  }
  const other = button("z as in Chung et al. (2014)", () => {
    flipped = !flipped;
    other.setAttribute("aria-pressed", flipped);
    point();
  }, { "aria-pressed": "false", hidden: true });
  const side = (...children) => html("div", { class: "rk-side" }, children);
  const view = makeView(maps, choose, () => here, T);
  return { nodes: [view, side(curve.node, note), side(numbers, readout, other), heard], feed, redraw,
    open() { [isOpen, other.hidden] = [true, false]; }, stop: () => clearTimeout(timer) };
}

// ---- controls

// They follow the model. stop(): the reader takes hold of a slider.
function makeControls({ model, inputs, put, stop, display }) {
  const two = (v) => minus(v.toFixed(2));
  const control = (name, options) => slider({ value: model.get(name), onInput: (v) => { stop(); put(name, v); }, ...options });
  const ends = (low, high) => (v) => (v === 0 ? low : v === 1 ? high : two(v));
  const sliders = {
    blend_z: control("blend_z", { label: "z → 0", min: 0, max: 1, step: 0.01, format: ends("GRU", "RNN") }),
    blend_r: control("blend_r", { label: "r → 1", min: 0, max: 1, step: 0.01, format: ends("GRU", "RNN") }),
    keep: control("keep", { label: "bias of z", min: -4, max: 6, step: 0.1, format: (v) => `${v > 0 ? "+" : ""}${minus(v.toFixed(1))}` }),
  };
  const pick = select({ label: "input", options: inputs.map(({ name }) => name), value: model.get("pattern"), onChange: (v) => put("pattern", v) });
  pick.classList.add("rk-long");
  for (const [name, field] of Object.entries(sliders)) model.on(`change:${name}`, () => { field.set(model.get(name)); display.redraw(); });
  model.on("change:pattern", () => { pick.set(model.get("pattern")); display.feed(); });
  const node = row(...Object.values(sliders), pick);
  node.classList.add("rk-all");
  const disable = (isOff) => Object.values(sliders).forEach(({ input }) => { input.disabled = isOff; });
  disable(true);
  return { node, disable, first: sliders.blend_z.input };
}

// From where the sliders stand to the vanilla RNN, both gates at once: { start(), stop() }.
function makeSlide(model, put) {
  let frame = 0;
  function start() {
    const [fromZ, fromR, began] = [model.get("blend_z"), model.get("blend_r"), performance.now()];
    const tick = (now) => {
      const share = reducedMotion() ? 1 : Math.max(0, Math.min(1, (now - began) / SLIDE));
      const between = (from) => (share === 1 ? 1 : from + share * (1 - from));
      put("blend_z", between(fromZ));
      put("blend_r", between(fromR));
      if (share < 1) frame = requestAnimationFrame(tick);
    };
    tick(performance.now());
  }
  return { start, stop: () => cancelAnimationFrame(frame) };
}

// ---- the prediction, answered by the experiment itself, on every input

function askFirst({ model, net, inputs, reveal, goOn }) {
  const guesses = ["exactly 0", "about 0.1", "depends on x"];
  const ask = predict({ model, question: QUESTION, kind: "rk-all", name: (guess) => `I predict: ${guess}`, outcome: () => ({ right: 0 }), goOn, answer(guess) {
    const full = { keep: model.get("keep"), blendZ: 1, blendR: 1 };
    const size = sizeOf(Math.max(...inputs.map(({ x }) => difference(read(gru, x, net, full), read(rnn, x, net)))));
    reveal();
    return [html("b", {}, guess === guesses[0] ? "Right: " : "Not this time: "), `${size}, on all ${inputs.length} inputs. `,
      ...rich("With `z` = 0 nothing is copied; with `r` = 1 the candidate sees the whole old state. What is left, `tanh(x_n + h_n)`, is the vanilla RNN.")];
  } });
  ask.ask(guesses);
  return ask;
}

export default {
  render({ model, el }) {
    const net = prepare(model.get("weights"));
    const inputs = model.get("inputs");
    const sizes = { T: inputs[0].x.length, D: net.W_xh.length, H: net.b_xn.length };
    const put = (name, value) => { model.set(name, value); model.save_changes(); };
    const chosen = () => inputs.find(({ name }) => name === model.get("pattern")).x;
    const blend = () => ({ blendZ: model.get("blend_z"), blendR: model.get("blend_r"), keep: model.get("keep") });
    const display = makeDisplay({ net, chosen, blend, sizes });
    const slide = makeSlide(model, put);
    const controls = makeControls({ model, inputs, put, stop: slide.stop, display });
    const reveal = () => {
      display.open();
      controls.disable(false);
    };
    const ask = askFirst({ model, net, inputs, reveal, goOn() {
      controls.first.focus({ preventScroll: true });
      slide.start();
    } });
    el.append(html("div", { class: "rk-gru-box" }, html("div", { class: "rk-gru" }, ask, controls.node, ...display.nodes)));
    display.feed();
    return () => { slide.stop(); display.stop(); };
  },
};
