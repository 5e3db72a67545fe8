// Six shapes of network on six small trained models: data flow through the unrolled graph, and what each output can see.
import { affine, arrow, button, canvas, colour, diverging, html, live, onKeys, reducedMotion, rich, row, select, sequential, slider, softmax, svg, tanh, vecmat } from "./kit.js";

// ---- computation --------------------------------------------------------------------------------------------

/** An input as a vector: a list as it is, an index as a one-hot vector of length D. */
export const vector = (input, D) => (Array.isArray(input) ? input : Array.from({ length: D }, (_, i) => Number(i === input)));

/** The vanilla RNN over vectors xs, from a state of zeros: h[t] (H) and p[t], the probabilities of the labels. */
export function forward({ W_xh, W_hh, b_h, W_hy, b_y }, xs) {
  const h = [], p = [];
  let state = b_h.map(() => 0);
  for (const x of xs) {
    const fromState = vecmat(state, W_hh);
    state = tanh(affine(x, W_xh, b_h).map((a, j) => a + fromState[j]));
    h.push(state);
    p.push(softmax(affine(state, W_hy, b_y)));
  }
  return { h, p };
}

export const argmax = (values) => values.indexOf(Math.max(...values));

/** The inputs of T steps. With feedback, all but the first are the network's own likeliest outputs, until it writes END. */
export function inputsOf(key, model, example, T) {
  const D = model.W_xh.length;
  if (key === "one_to_many") {
    const xs = [vector(example.inputs[0], D)];
    while (xs.length < T) {
      const written = argmax(forward(model, xs).p.at(-1));
      if (model.labels[written] === "END") break;
      xs.push(vector(written, D));
    }
    return xs;
  }
  if (key === "delayed") {
    const n = (T - 1) / 2; // n letters, END, then silence while the answer is written
    return Array.from({ length: T }, (_, t) => vector(t < n ? example.inputs[t] : t === n ? D - 1 : -1, D));
  }
  return example.inputs.slice(0, T).map((input) => vector(input, D));
}

/** Which steps read something from outside, and which give an answer (counted from 0). */
export function ports(key, T) {
  const all = Array.from({ length: T }, (_, t) => t);
  if (key === "one_to_many") return { reads: [0], answers: all };
  if (key === "aligned") return { reads: all, answers: all };
  if (key === "delayed") return { reads: all.slice(0, (T + 1) / 2), answers: all.slice((T - 1) / 2) };
  return { reads: all, answers: [T - 1] };
}

/** The steps whose inputs and states the output at step t can depend on. */
export function cone(key, T, t) {
  const states = Array.from({ length: t + 1 }, (_, s) => s);
  return { states, reads: ports(key, T).reads.filter((s) => s <= t), fed: key === "one_to_many" ? states.slice(0, -1) : [] };
}

/** By how much the probability of the answer at step t falls when the input of one step is replaced by zeros. */
export function effects(model, xs, t) {
  const before = forward(model, xs).p[t];
  const answer = argmax(before);
  return xs.map((x, s) => before[answer] - forward(model, xs.map((v, i) => (i === s ? v.map(() => 0) : v))).p[t][answer]);
}

// ---- texts ----------------------------------------------------------------------------------------------------

const SHAPES = {
  one_to_one: { name: "one-to-one", steps: null, task: "A whole picture goes in at once, its digit comes out. No time, no state that is carried on.",
    question: "The picture has 64 pixels. How many of them can this output use?", options: ["one row of them", "all 64", "none: there is no state"], right: 1,
    why: "All 64 pixels arrive in the single step, so the single output sees all of them." },
  one_to_many: { name: "one-to-many", steps: [2, 9, 7], task: "One symbol goes in, the language. Then each letter that the network writes is its next input (dashed).",
    question: "The third letter is being written. What can it depend on?", options: ["the language alone", "the second letter alone", "the language and the first two letters"], right: 2, ask: 2,
    why: "The language passed through every state since, and the two letters came back as inputs." },
  many_to_one: { name: "many-to-one", steps: [2, 12, 12], task: "Words go in one by one; one answer is read at the end: is the opinion good or bad?",
    question: "Which states lie on a path from the first word to the answer?", options: ["the first and the last", "every state", "the last alone"], right: 1,
    why: "There is no short cut: what the first word said must survive every update in between." },
  delayed: { name: "delayed", steps: [1, 3, 3], task: "Many-to-many, with a delay: letters go in, then END. Only then the answer comes out: the letters in reverse.",
    question: "When the first answer is written, where are the letters that were read?", options: ["in the last state, and nowhere else", "in the inputs, which can be read again", "in the outputs"], right: 0,
    why: "All arrows into the answers come from that state. It must hold the whole word; attention, in chapter 10, is the way round." },
  aligned: { name: "aligned", steps: [2, 8, 6], task: "Many-to-many, step by step: a clip goes in frame by frame; at each frame the network says which way the square has just moved. (Nothing moved before the first frame, so its answer is untaught.)",
    question: "Which states can the third output see?", options: ["the third alone", "the first three", "all of them"], right: 1, ask: 2,
    why: "Arrows run from left to right only: the past is in reach, the future is not." },
  glimpses: { name: "glimpses", steps: [1, 8, 8], task: "The picture of the first shape again, but one row of 8 pixels at each step: what was space is now time.",
    question: "Stop after 4 of the 8 rows. Which pixels can the answer use?", options: ["all 64", "the 32 above", "the 8 of the fourth row"], right: 1, steps_ask: 4,
    why: "Rows that have not been read have no arrow into the answer. Set the number of steps back to 8 and see whether it changes its mind." },
};

const percent = (p) => `${Math.round(100 * p)} %`;

// ---- drawing -----------------------------------------------------------------------------------------------------

const COLUMN = 74, TOP = 24, STATE = 96, INPUT = 186, HEIGHT = 254;
const centre = (t) => 26 + COLUMN * (t + 0.5);

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

function label(x, y, text, size = 13, color = "ink", weight = 400) {
  return svg("text", { x, y, "text-anchor": "middle", "font-size": size, "font-weight": weight, style: `fill: ${colour(color)}` }, text);
}

function inputNode(view, t) {
  const { model, key, xs } = view;
  const x = centre(t);
  if (model.picture) {
    const high = xs[t].length === model.picture ? 16 : undefined; // a single row is drawn taller than it is
    return svg("g", {}, grid(xs[t], model.picture, x - 22, INPUT, 44, (v) => sequential(v, 1, "ink"), high));
  }
  const silent = xs[t].every((v) => v === 0);
  const text = silent ? "–" : model.symbols[argmax(xs[t])];
  const fed = key === "one_to_many" && t > 0;
  const box = svg("rect", { x: x - 32, y: INPUT + 8, width: 64, height: 28, rx: 6,
    style: `fill: ${colour("paper")}; stroke: ${colour(fed ? "orange" : "line")};${fed ? " stroke-dasharray: 4 3" : ""}` });
  return svg("g", {}, box, label(x, INPUT + 27, text, text.length > 8 ? 11 : 13, silent ? "muted" : "ink"));
}

function outputNode(view, t, seen, chosen, pick) {
  const x = centre(t);
  const p = view.p[t];
  const answer = view.model.labels[argmax(p)];
  const text = seen ? `output ${t + 1}: ${answer}, ${percent(Math.max(...p))}` : `output ${t + 1}: not yet computed`;
  const node = svg("g", { tabindex: seen ? 0 : -1, role: "button", "aria-label": text, "aria-pressed": String(chosen), "data-output": t, style: "cursor: pointer" },
    svg("rect", { x: x - 34, y: TOP - 18, width: 68, height: 42, rx: 8,
      style: `fill: ${colour("paper")}; stroke: ${colour(chosen ? "accent" : "muted")}; stroke-width: ${chosen ? 3 : 1.2}` }),
    seen ? [label(x, TOP, answer, answer.length > 8 ? 11 : 14, "ink", 700), label(x, TOP + 17, percent(Math.max(...p)), 13, "muted")] : label(x, TOP + 6, "?", 14, "muted"));
  if (seen) {
    node.addEventListener("click", () => pick(t, true));
    node.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") pick(t, false); });
    onKeys(node, { Enter: () => pick(t, true), " ": () => pick(t, true) });
  }
  return node;
}

function draw(view, position, chosen, pick) {
  const { key, T, h } = view;
  const { reads, answers } = ports(key, T);
  const width = 52 + COLUMN * T;
  const area = canvas(width, HEIGHT, `Unrolled graph, ${SHAPES[key].name}, ${T} steps, ${position} computed`);
  area.removeAttribute("role"); // its outputs are buttons
  area.setAttribute("role", "group");
  const inCone = chosen === null ? null : cone(key, T, chosen);
  const strong = (s) => inCone !== null && inCone.states.includes(s);
  const faint = (s) => (inCone !== null && !inCone.states.includes(s)) || s >= position;
  const shade = (s) => ({ opacity: faint(s) ? 0.25 : 1 });
  const line = (s) => ({ color: colour(strong(s) ? "accent" : "muted"), width: strong(s) ? 3 : 1.5 });
  const changes = chosen === null ? null : effects(view.model, view.xs, chosen);
  const side = 44;
  area.append(svg("g", { opacity: faint(0) && position > 0 ? 0.25 : 1 }, label(12, STATE + side / 2 + 5, "0", 13, "muted"),
    arrow([20, STATE + side / 2], [centre(0) - side / 2 - 2, STATE + side / 2], line(0))));
  for (let t = 0; t < T; t++) {
    const x = centre(t);
    const group = svg("g", shade(t));
    if (reads.includes(t) || key === "delayed" || key === "one_to_many") {
      const off = t >= position && !reads.includes(t);
      if (!off) group.append(inputNode(view, t));
      group.append(arrow([x, INPUT + (view.model.picture ? 0 : 8)], [x, STATE + side + 3], line(t)));
    }
    if (t < position) group.append(grid(h[t], 4, x - side / 2, STATE, side, (v) => diverging(v)));
    else group.append(svg("rect", { x: x - side / 2, y: STATE, width: side, height: side, rx: 4, style: `fill: none; stroke: ${colour("muted")}; stroke-dasharray: 3 3` }));
    if (t + 1 < T) area.append(svg("g", shade(t + 1), arrow([x + side / 2 + 2, STATE + side / 2], [centre(t + 1) - side / 2 - 2, STATE + side / 2], line(t + 1))));
    if (key === "one_to_many" && t + 1 < T) {
      const path = `M ${x + 34} ${TOP + 3} C ${x + 44} ${TOP + 40}, ${x + 30} ${INPUT - 40}, ${centre(t + 1) - 32} ${INPUT + 22}`;
      area.append(svg("path", { d: path, opacity: shade(t + 1).opacity, style: `fill: none; stroke: ${colour("orange")}; stroke-width: 1.5; stroke-dasharray: 4 3` }));
    }
    if (t === position - 1) group.append(svg("rect", { x: x - side / 2 - 5, y: STATE - 5, width: side + 10, height: side + 10, rx: 6, style: `fill: none; stroke: ${colour("orange")}; stroke-width: 2` }));
    if (changes && strong(t) && !view.xs[t].every((v) => v === 0)) {
      const v = changes[t];
      group.append(label(x, INPUT + 62, Math.round(100 * v) === 0 ? "0" : `${v < 0 ? "+" : "−"}${Math.round(Math.abs(100 * v))}`, 14, Math.abs(v) >= 0.1 ? "red" : "muted", Math.abs(v) >= 0.1 ? 700 : 400));
    }
    area.append(group);
    if (answers.includes(t)) {
      area.append(svg("g", { opacity: inCone !== null && t !== chosen ? 0.35 : t < position ? 1 : 0.4 },
        arrow([x, STATE - 6], [x, TOP + 27], { color: colour(t === chosen ? "accent" : "muted"), width: t === chosen ? 3 : 1.5 }),
        outputNode(view, t, t < position, t === chosen, pick)));
    }
  }
  area.style.minWidth = `${Math.min(width, 60 * T + 40)}px`; // below this the numbers cannot be read: scroll instead
  area.style.maxWidth = `${width * 1.3}px`;
  area.style.margin = "0 auto";
  return area;
}

// ---- the explorable ------------------------------------------------------------------------------------------------

export default {
  render({ model: shared, el }) {
    const models = shared.get("models");
    let key = shared.get("shape"), T = 1, example = 0, position = 0, chosen = null, timer = null, view = null;
    const answered = new Set();

    const kicker = html("p", { class: "rk-kicker" }, "Predict, then step");
    const question = html("div", { class: "rk-question" });
    const task = html("p", {});
    const stage = html("div", { class: "rk-scroll", tabindex: "0", role: "group", "aria-label": "Unrolled graph; arrow keys step through it" });
    const hint = html("p", { "data-hint": "scroll", hidden: true, style: `margin: 0; color: ${colour("muted")}; font-size: 0.8125rem` }, "◂ wider than the screen: swipe the graph sideways ▸");
    const said = live();
    const options = html("div", { class: "rk-row" });
    const tabs = Object.entries(SHAPES).map(([k, { name }]) => button(name, () => shape(k), { "data-shape": k, style: "padding: 0 0.25rem; font-size: 0.875rem" }));
    const choice = html("div", { role: "group", "aria-label": "Shape", style: "display: grid; grid-template-columns: repeat(auto-fill, minmax(6rem, 1fr)); gap: 0.4rem" }, ...tabs);
    const back = button("◀ Back", () => { stop(); go(position - 1); }, { "aria-label": "one step back", style: "padding: 0 0.6rem" });
    const play = button("Play", () => (timer ? stop() : start()), { class: "rk-primary" });
    const next = button("Step ▶", () => { stop(); go(position + 1); }, { "aria-label": "one step forward", style: "padding: 0 0.6rem" });

    const stop = () => { clearInterval(timer); timer = null; play.textContent = "Play"; };
    function start() {
      if (reducedMotion()) return go(T);
      if (position >= T) go(0);
      play.textContent = "Pause";
      go(position + 1);
      timer = setInterval(() => { if (!el.isConnected || position >= T) stop(); else go(position + 1); }, 800);
    }

    function go(to) {
      position = Math.max(0, Math.min(T, to));
      chosen = null;
      update();
    }

    function pick(t, firmly) {
      if (chosen === t && !firmly) return;
      chosen = chosen === t && firmly && !hovered ? null : t;
      hovered = !firmly;
      update(`[data-output="${t}"]`);
    }
    let hovered = false;

    function sentence() {
      if (chosen !== null) {
        const { states, reads, fed } = cone(key, T, chosen);
        const span = (list) => (list.length === 1 ? `${list[0] + 1}` : `${list[0] + 1} to ${list.at(-1) + 1}`);
        const loop = fed.length ? ` and, fed back, output${fed.length > 1 ? "s" : ""} ${span(fed)}` : "";
        const later = chosen < T - 1 ? " What comes later cannot reach it." : "";
        const below = " Below each input: by how many points the answer's probability changes if that input is blanked.";
        return `Output ${chosen + 1} (${view.model.labels[argmax(view.p[chosen])]}, ${percent(Math.max(...view.p[chosen]))}) can see state${states.length > 1 ? "s" : ""} ${span(states)}, through them input${reads.length > 1 ? "s" : ""} ${span(reads)}${loop}.${later}${below}`;
      }
      if (position === 0) return `Nothing has been read: the state is all zeros. ${T === 1 ? "One step" : `${T} steps`} to go.`;
      const state = view.h[position - 1].slice(0, 4).map((v) => v.toFixed(2).replace("-", "−")).join(", ");
      const { answers } = ports(key, T);
      const out = answers.includes(position - 1) ? ` Answer: ${view.model.labels[argmax(view.p[position - 1])]}.` : " No answer is read here.";
      return `Step ${position} of ${T}. The state begins ${state}, …${out}${position === T ? " Select an output to see what it depends on." : ""}`;
    }

    function update(focus = null) {
      const hadFocus = focus && stage.contains(document.activeElement) && document.activeElement !== stage;
      stage.replaceChildren(draw(view, position, chosen, pick));
      if (hadFocus) stage.querySelector(focus)?.focus({ preventScroll: true });
      back.disabled = position === 0;
      next.disabled = position === T;
      said.textContent = sentence();
      hint.hidden = stage.scrollWidth <= stage.clientWidth + 1;
      const column = stage.firstChild.getBoundingClientRect().width / T;
      if (!focus) stage.scrollLeft = Math.max(0, column * ((chosen ?? position - 1) + 1) - stage.clientWidth + 10);
    }

    function compute() {
      const m = models[key];
      const xs = inputsOf(key, m, m.examples[example], T);
      T = xs.length;
      view = { key, T, model: m, example: m.examples[example], xs, ...forward(m, xs) };
    }

    function steps(count) {
      stop();
      T = key === "delayed" ? 2 * count + 1 : count;
      position = 0;
      chosen = null;
      compute();
      update();
    }

    function ask() {
      const shape = SHAPES[key];
      const feedback = html("div", { class: "rk-feedback", "aria-live": "polite" });
      const reveal = (right, first) => {
        answered.add(key);
        buttons.forEach((b) => { b.disabled = true; });
        if (shape.steps_ask) { steps(shape.steps_ask); counter.set(shape.steps_ask); }
        go(T);
        chosen = shape.ask ?? (key === "delayed" ? (T - 1) / 2 : T - 1);
        update();
        feedback.className = `rk-feedback ${right ? "rk-right" : "rk-wrong"}`;
        feedback.replaceChildren(html("p", {}, `${first ? (right ? "Right. " : "Not this one. ") : ""}${shape.why}`));
      };
      const buttons = shape.options.map((text, i) => button(text, () => { stop(); reveal(i === shape.right, true); }, { "data-guess": i }));
      question.replaceChildren(html("p", { style: "font-weight: 600" }, shape.question), row(...buttons), feedback);
      if (answered.has(key)) {
        buttons.forEach((b) => { b.disabled = true; });
        feedback.replaceChildren(html("p", {}, shape.why));
      }
    }

    let counter = null;
    function shape(k) {
      stop();
      key = k;
      example = 0;
      shared.set("shape", k);
      shared.save_changes();
      tabs.forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.shape === k)));
      task.replaceChildren(...rich(SHAPES[k].task));
      const m = models[k];
      const range = SHAPES[k].steps;
      const limit = (i) => (range ? Math.min(range[1], k === "one_to_many" ? 99 : m.examples[i].inputs.length) : 1);
      const controls = [select({ label: "Example", options: m.examples.map(({ text }, i) => [String(i), text]), value: "0",
        onChange: (i) => { example = Number(i); remake(); } })];
      counter = null;
      function remake() {
        const wanted = range ? Math.min(counter ? counter.input.valueAsNumber || range[2] : range[2], limit(example)) : 1;
        if (range) {
          counter = slider({ label: k === "delayed" ? "Letters to reverse" : "Number of steps", min: range[0], max: limit(example), step: 1, value: wanted, onInput: steps });
        }
        options.replaceChildren(controls[0], ...(counter ? [counter] : []));
        steps(wanted);
      }
      remake();
      ask();
    }

    onKeys(stage, {
      ArrowRight: () => { stop(); go(position + 1); },
      ArrowLeft: () => { stop(); go(position - 1); },
      Home: () => { stop(); go(0); },
      End: () => { stop(); go(T); },
    });
    stage.addEventListener("pointerleave", () => { if (hovered) { hovered = false; chosen = null; update(); } });
    shared.on("change:shape", () => { if (shared.get("shape") !== key) shape(shared.get("shape")); });
    el.append(choice, task, kicker, question, options, row(back, play, next), hint, stage, said);
    shape(key);
    new ResizeObserver(() => { hint.hidden = stage.scrollWidth <= stage.clientWidth + 1; }).observe(stage);
  },
};
