// Six shapes of network on six small trained models: data flow through the unrolled graph, and what each output can see.
import { answersOf } from "../kit/answers.js";
import { button, select, slider } from "../kit/controls.js";
import { html, live, onKeys, reducedMotion, rich, row } from "../kit/dom.js";
import { minus, percent } from "../kit/numbers.js";
import { argmax } from "../models/arrays.js";
import { cone, forward, inputsOf, ports } from "../models/sequence_types.js";
import { SHAPES } from "../words/sequence_types.js";
import { drawGraph } from "./sequence_types_graph.js";

const PACE = 800; // milliseconds per step when it plays

// ---- in words

const span = (list) => (list.length === 1 ? `${list[0] + 1}` : `${list[0] + 1} to ${list.at(-1) + 1}`);
const many = (list) => (list.length > 1 ? "s" : "");

function sayOutput({ key, T, model, p }, chosen) {
  const { states, reads, fed } = cone(key, T, chosen);
  const loop = fed.length ? ` and, fed back, output${many(fed)} ${span(fed)}` : "";
  const later = chosen < T - 1 ? " What comes later cannot reach it." : "";
  const below = " Below each input: by how many points the answer's probability changes if that input is blanked.";
  return `Output ${chosen + 1} (${model.labels[argmax(p[chosen])]}, ${percent(Math.max(...p[chosen]))}) can see state${many(states)} ${span(states)}, through them input${many(reads)} ${span(reads)}${loop}.${later}${below}`;
}

function sayStep({ key, T, model, h, p }, position) {
  if (position === 0) return `Nothing has been read: the state is all zeros. ${T === 1 ? "One step" : `${T} steps`} to go.`;
  const state = h[position - 1].slice(0, 4).map((v) => minus(v.toFixed(2))).join(", ");
  const answers = ports(key, T).answers.includes(position - 1);
  const out = answers ? ` Answer: ${model.labels[argmax(p[position - 1])]}.` : " No answer is read here.";
  return `Step ${position} of ${T}. The state begins ${state}, …${out}${position === T ? " Select an output to see what it depends on." : ""}`;
}

// ---- the graph, and the steps through it

/** What is shown: the graph, its steps, and one chosen output. set(view): another network, input or number of steps. */
function makePlayer(el) {
  const stage = html("div", { class: "rk-scroll", tabindex: "0", role: "group", "aria-label": "Unrolled graph; arrow keys step through it" });
  const hint = html("p", { class: "rk-seq-hint", "data-hint": "scroll", hidden: true }, "◂ wider than the screen: swipe the graph sideways ▸");
  const said = live();
  const look = { class: "rk-seq-step" };
  const back = button("◀ Back", () => { stop(); go(position - 1); }, { "aria-label": "one step back", ...look });
  const play = button("Play", () => (timer ? stop() : start()), { class: "rk-primary" });
  const next = button("Step ▶", () => { stop(); go(position + 1); }, { "aria-label": "one step forward", ...look });
  let [view, position, chosen, hovered, timer] = [null, 0, null, false, null];

  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  }
  function start() {
    if (reducedMotion()) return go(view.T);
    if (position >= view.T) go(0);
    play.textContent = "Pause";
    go(position + 1);
    timer = setInterval(() => { if (!el.isConnected || position >= view.T) stop(); else go(position + 1); }, PACE);
  }
  function go(to, output = null) {
    position = Math.max(0, Math.min(view.T, to));
    chosen = output;
    update();
  }
  function pick(t, firmly) {
    if (chosen === t && !firmly) return;
    chosen = chosen === t && firmly && !hovered ? null : t;
    hovered = !firmly;
    update(`[data-output="${t}"]`);
  }
  const fit = () => { hint.hidden = stage.scrollWidth <= stage.clientWidth + 1; };
  function update(focus = null) {
    const hadFocus = focus && stage.contains(document.activeElement) && document.activeElement !== stage;
    stage.replaceChildren(drawGraph(view, position, chosen, pick));
    if (hadFocus) stage.querySelector(focus)?.focus({ preventScroll: true });
    back.disabled = position === 0;
    next.disabled = position === view.T;
    said.textContent = chosen === null ? sayStep(view, position) : sayOutput(view, chosen);
    fit();
    const column = stage.firstChild.getBoundingClientRect().width / view.T;
    if (!focus) stage.scrollLeft = Math.max(0, column * ((chosen ?? position - 1) + 1) - stage.clientWidth + 10);
  }
  const to = (place) => () => { stop(); go(place()); };
  onKeys(stage, { ArrowRight: to(() => position + 1), ArrowLeft: to(() => position - 1), Home: to(() => 0), End: to(() => view.T) });
  stage.addEventListener("pointerleave", () => { if (hovered) { hovered = false; chosen = null; update(); } });
  return { nodes: [row(back, play, next), hint, stage], said, go, stop, fit, stage, set(made) { stop(); view = made; go(0); } };
}

// ---- the question of a shape

/** given: the answer, if it has been answered already. onAnswer(answer): keeps it and shows the right one in the graph. */
function makeQuestion({ question, options, right, why }, given, onAnswer) {
  const feedback = html("div", { class: "rk-feedback", "aria-live": "polite" });
  const buttons = options.map((text, i) => button(text, () => {
    onAnswer({ chosen: text, right: i === right, tries: 1 });
    close(i);
  }, { "data-guess": i }));
  function close(i) {
    buttons.forEach((one) => { one.disabled = true; });
    feedback.className = `rk-feedback ${i === right ? "rk-right" : "rk-wrong"}`;
    feedback.replaceChildren(html("p", {}, `${i === right ? "Right. " : "Not this one. "}${why}`));
  }
  const before = options.indexOf(given?.chosen);
  if (before >= 0) close(before);
  return [html("p", { class: "rk-seq-question" }, question), row(...buttons), feedback];
}

// ---- the network: a shape, one of its examples, a number of steps

function makeView(key, model, example, count) {
  const xs = inputsOf(key, model, example, key === "delayed" ? 2 * count + 1 : count);
  return { key, T: xs.length, model, example, xs, ...forward(model, xs) };
}

/** Fill a row with the menu of examples and the number of steps. onChange(example, steps). Returns setSteps(count). */
function fillOptions(node, key, model, onChange) {
  const range = SHAPES[key].steps;
  let [example, counter] = [0, null];
  const most = () => Math.min(range[1], key === "one_to_many" ? 99 : model.examples[example].inputs.length);
  const pick = select({ label: "Example", options: model.examples.map(({ text }, i) => [String(i), text]), value: "0",
    onChange: (i) => { example = Number(i); remake(); } });
  function remake() {
    const wanted = range ? Math.min(counter ? counter.input.valueAsNumber || range[2] : range[2], most()) : 1;
    if (range) counter = slider({ label: key === "delayed" ? "Letters to reverse" : "Number of steps", min: range[0], max: most(), step: 1, value: wanted, onInput: (count) => onChange(example, count) });
    node.replaceChildren(pick, ...(counter ? [counter] : []));
    onChange(example, wanted);
  }
  remake();
  return (count) => { onChange(example, count); counter.set(count); };
}

export default {
  render({ model: shared, el }) {
    const models = shared.get("models");
    const answers = answersOf(shared);
    const [task, question, options] = [html("p", {}), html("div", { class: "rk-question" }), row()];
    const player = makePlayer(el);
    const tabs = Object.entries(SHAPES).map(([k, { name }]) => button(name, () => shape(k), { "data-shape": k }));
    const choice = html("div", { class: "rk-seq-tabs", role: "group", "aria-label": "Shape" }, ...tabs);
    let key = null;

    function shape(k) {
      key = k;
      shared.set("shape", k);
      shared.save_changes();
      tabs.forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.shape === k)));
      task.replaceChildren(...rich(SHAPES[k].task));
      let view = null;
      const setSteps = fillOptions(options, k, models[k], (example, count) => {
        view = makeView(k, models[k], models[k].examples[example], count);
        player.set(view);
      });
      question.replaceChildren(...makeQuestion(SHAPES[k], answers.given[SHAPES[k].question], (answer) => {
        answers.keep(SHAPES[k].question, answer);
        player.stop();
        if (SHAPES[k].steps_ask) setSteps(SHAPES[k].steps_ask);
        player.go(view.T, SHAPES[k].ask ?? (k === "delayed" ? (view.T - 1) / 2 : view.T - 1));
      }));
    }
    shared.on("change:shape", () => { if (shared.get("shape") !== key) shape(shared.get("shape")); });
    const asked = html("div", {}, task, html("p", { class: "rk-kicker" }, "Predict, then step"), question);
    el.append(html("div", { class: "rk-seq-box" }, html("div", { class: "rk-seq" }, choice, asked, html("div", {}, options, ...player.nodes), player.said)));
    shape(shared.get("shape"));
    new ResizeObserver(player.fit).observe(player.stage);
  },
};
