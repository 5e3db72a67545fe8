// A vanilla RNN with three units reads a word: the states as a heat map, the arithmetic of one unit, every weight editable.
import { affine, button, canvas, colour, diverging, html, onKeys, reducedMotion, rich, row, select, softmax, svg, tanh, textInput, vecmat } from "./kit.js";

export const LETTERS = [..."helo"];

/** One step: the pre-activation a and the state h = tanh(a), as rnnkit.cells.rnn_step_forward for one example. */
export function stepForward(x, hPrev, { W_xh, W_hh, b_h }) {
  const a = affine(x, W_xh, b_h).map((v, j) => v + vecmat(hPrev, W_hh)[j]);
  return { a, h: tanh(a) };
}

/** Read a word from the zero state: one { x, hPrev, a, h, p } per letter; p are the next letter's probabilities. */
export function readWord(word, weights) {
  let h = weights.b_h.map(() => 0);
  return [...word].map((letter) => {
    const x = LETTERS.map((l) => Number(l === letter));
    const step = { x, hPrev: h, ...stepForward(x, h, weights) };
    h = step.h;
    return { ...step, p: softmax(vecmat(h, weights.W_hy)) };
  });
}

/** The likeliest next letter; null if there is no single one. */
export function answer(p) {
  const top = Math.max(...p);
  return p.filter((v) => top - v < 1e-9).length > 1 ? null : LETTERS[p.indexOf(top)];
}

/** How many next letters are right, out of how many. */
export function score(word, steps) {
  const right = steps.slice(0, -1).filter(({ p }, t) => answer(p) === word[t + 1]).length;
  return [right, Math.max(0, word.length - 1)];
}

const fixed = (v, digits = 2) => v.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
const bracket = (v, digits = 2) => (v < 0 ? `(${fixed(v, digits)})` : fixed(v, digits));

/** The pre-activation of one unit written out, and the same terms as numbers. */
export function writtenOut({ x, hPrev, a, h }, letter, unit, { W_xh, W_hh, b_h }) {
  const input = W_xh[x.indexOf(1)][unit];
  const terms = [input, ...hPrev.map((v, i) => v * W_hh[i][unit]), b_h[unit]];
  const products = hPrev.map((v, i) => `${bracket(v)}·${bracket(W_hh[i][unit], 1)}`);
  const parts = [bracket(input, 1), ...products, bracket(b_h[unit], 1)];
  return { terms, parts, letter, a: a[unit], h: h[unit] };
}

const LIMIT = 9.9;
const FOUR = "The network knows four letters: h, e, l, o.";
const HINTS = {
  hello: "One weight makes the difference: select `unit 1 → unit 2` in `W_hh` and take it to 0. Which letter goes wrong?",
  amnesia: "`W_hh` = 0: no column knows the one before it. Compare the two `l` columns.",
  echo: "`W_hh` = identity: each unit receives its own last value again. Watch how slowly unit 0 forgets the `e`.",
  random: "Nobody chose these weights. Change the first letter: how far to the right do you see the colours change?",
  edited: "Your own weights. Can you make another word come right, `hole` for instance?",
};
const NAMES = ["hello", "amnesia", "echo", "random", ["edited", "your own"]];
const MATRICES = {
  W_hh: { title: "W_hh: state to state", rows: (w) => w.W_hh, from: (i) => `unit ${i}`, to: (j) => `unit ${j}` },
  W_xh: { title: "W_xh and b_h: letter to state", rows: (w) => [...w.W_xh, w.b_h], from: (i) => LETTERS[i] ?? "bias", to: (j) => `unit ${j}` },
  W_hy: { title: "W_hy: state to next letter", rows: (w) => w.W_hy, from: (i) => `unit ${i}`, to: (j) => LETTERS[j] },
};

const STYLE = `
.rk-rnn { display: grid; grid-template-columns: minmax(0, 1.3fr) minmax(0, 1fr); gap: 0.25rem 1rem; align-items: start; }
.rk-rnn > .rk-rnn-all { grid-column: 1 / -1; }
.rk-rnn .rk-ask { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; min-height: 48px; }
.rk-rnn .rk-ask p { flex: 1 1 16rem; margin: 0; }
.rk-rnn .rk-row { margin: 0; gap: 0.25rem 0.5rem; flex-wrap: nowrap; align-items: flex-end; }
.rk-rnn .rk-field { flex: 1 1 4rem; }
.rk-rnn code { white-space: nowrap; }
.rk-rnn .rk-grid { border-radius: 6px; cursor: pointer; }
.rk-rnn .rk-stepping { display: flex; align-items: center; gap: 0.4rem; }
.rk-rnn .rk-stepping > button { flex: none; }
.rk-rnn .rk-sum { flex: 1; min-width: 0; margin: 0 0 0 0.3rem; font-variant-numeric: tabular-nums; line-height: 1.55; font-size: 0.875rem; }
.rk-rnn .rk-sum b { font-weight: 600; }
.rk-rnn .rk-term { padding: 0 0.2em; border-radius: 3px; white-space: nowrap; }
.rk-rnn .rk-weights { display: grid; gap: 3px; margin-top: 0.4rem; }
.rk-rnn .rk-weights > .rk-name { align-self: center; color: var(--rk-muted); font-size: 0.75rem; text-align: center; }
.rk-rnn .rk-entry { display: grid; place-items: center; min-height: 44px; border: 1px solid var(--rk-line); border-radius: 6px; cursor: ew-resize;
  font-variant-numeric: tabular-nums; touch-action: pan-y; user-select: none; }
.rk-rnn .rk-entry[data-chosen] { border: 2px solid var(--rk-ink); }
.rk-rnn .rk-change { display: flex; align-items: center; gap: 0.4rem; margin-top: 0.4rem; }
.rk-rnn .rk-change > span { flex: 1; min-width: 0; font-size: 0.8125rem; line-height: 1.3; }
.rk-rnn .rk-change > button { padding: 0; }
@container (max-width: 479px) { .rk-rnn { grid-template-columns: minmax(0, 1fr); } .rk-rnn .rk-stepping { flex-wrap: wrap; } .rk-rnn .rk-sum { flex-basis: 100%; margin: 0; } }
.rk-rnn-box { container-type: inline-size; }
`;

function heatMap({ onChoose }) {
  const W = 316, left = 46, top = 30, unitHeight = 28, barHeight = 14, barsTop = top + 3 * unitHeight + 20;
  const height = barsTop + 4 * barHeight + 28;
  const picture = canvas(W, height, "");
  const wrap = html("div", { class: "rk-grid", tabindex: 0, role: "group", "aria-label": "States over time: arrow keys choose the step and the unit" }, picture);
  const label = (x, y, text, attributes = {}) => svg("text", { x, y, "font-size": 13, "dominant-baseline": "central", ...attributes }, text);

  function draw({ word, steps, weights, shown, step, unit, animate }) {
    const column = (W - left) / (steps.length + 1), gap = Math.min(12, column * 0.2), width = column - gap;
    const X = (t) => left + (t + 1) * column + gap / 2; // t = -1 is the initial state
    const Y = (j) => top + j * unitHeight;
    const digits = width < 33 ? 1 : 2;
    const nodes = [];
    [0, 1, 2].forEach((j) => nodes.push(label(0, Y(j) + unitHeight / 2 - 2, `unit ${j}`, { style: "fill: var(--rk-muted)" })));
    nodes.push(label(0, 13, "reads", { style: "fill: var(--rk-muted)" }), label(0, barsTop - 11, "next letter", { style: "fill: var(--rk-muted)" }));
    nodes.push(label(X(-1) + width / 2, 13, "h₀", { "text-anchor": "middle", style: "fill: var(--rk-muted)" }));
    LETTERS.forEach((l, k) => nodes.push(label(34, barsTop + k * barHeight + barHeight / 2, l, { "text-anchor": "middle" })));
    nodes.push(label(0, barsTop + 4 * barHeight + 15, "answer", { style: "fill: var(--rk-muted)" }));
    const cell = (t, j, v) => [
      svg("rect", { x: X(t), y: Y(j), width, height: unitHeight - 4, rx: 4, style: `fill: ${diverging(v)}; stroke: var(--rk-line)` }),
      label(X(t) + width / 2, Y(j) + unitHeight / 2 - 2, fixed(v, digits), { "text-anchor": "middle", "font-size": width < 33 ? 10 : 11.5 }),
    ];
    [0, 1, 2].forEach((j) => nodes.push(...cell(-1, j, 0)));
    steps.forEach(({ h, p }, t) => {
      const hit = svg("rect", { x: X(t) - gap / 2, y: 0, width: column, height, fill: "transparent" });
      const group = svg("g", {}, hit);
      hit.addEventListener("click", () => onChoose(t, unit));
      group.append(label(X(t) + width / 2, 13, word[t], { "text-anchor": "middle", "font-size": 17, "font-weight": 600 }));
      if (t >= shown) {
        [0, 1, 2].forEach((j) => group.append(
          svg("rect", { x: X(t), y: Y(j), width, height: unitHeight - 4, rx: 4, fill: "none", "stroke-dasharray": "3 3", style: "stroke: var(--rk-line)" }),
        ));
        group.append(label(X(t) + width / 2, barsTop + 4 * barHeight + 15, "?", { "text-anchor": "middle", "font-size": 17, style: "fill: var(--rk-muted)" }));
        nodes.push(group);
        return;
      }
      h.forEach((v, j) => {
        const parts = cell(t, j, v);
        parts.forEach((part) => part.addEventListener("click", () => onChoose(t, j)));
        group.append(...parts);
      });
      const best = answer(p), target = word[t + 1];
      p.forEach((v, k) => group.append(
        svg("rect", { x: X(t), y: barsTop + k * barHeight + 1, width, height: barHeight - 3, rx: 3, style: "fill: none; stroke: var(--rk-line)" }),
        svg("rect", { x: X(t), y: barsTop + k * barHeight + 1, width: width * v, height: barHeight - 3, rx: 3, style: `fill: ${LETTERS[k] === best ? colour("green") : colour("muted")}`, opacity: LETTERS[k] === best ? 0.9 : 0.55 }),
      ));
      const mark = !target ? "" : best === target ? " ✓" : " ✗";
      const tone = !target ? "muted" : best === target ? "green" : "red";
      group.append(label(X(t) + width / 2, barsTop + 4 * barHeight + 15, `${best ?? "–"}${mark}`, { "text-anchor": "middle", "font-size": 15, "font-weight": 600, style: `fill: ${colour(tone)}` }));
      if (animate && !reducedMotion()) {
        group.animate([{ opacity: 0, transform: "translateX(-10px)" }, { opacity: 1, transform: "none" }], { duration: 350, delay: 450 * (t - animate.from), fill: "backwards" });
      }
      nodes.push(group);
    });
    // Where the chosen unit's number comes from: a line per state it reads, as thick as its share.
    const { hPrev } = steps[step];
    hPrev.forEach((v, i) => {
      const share = v * weights.W_hh[i][unit];
      if (Math.abs(share) < 0.005) return;
      nodes.push(svg("line", { x1: X(step - 1) + width, y1: Y(i) + unitHeight / 2 - 2, x2: X(step), y2: Y(unit) + unitHeight / 2 - 2, "stroke-width": Math.min(6, 1.5 + 2 * Math.abs(share)), "stroke-linecap": "round", style: `stroke: ${colour(share < 0 ? "blue" : "red")}` }));
    });
    nodes.push(svg("rect", { x: X(step) - 1, y: Y(unit) - 1, width: width + 2, height: unitHeight - 2, rx: 5, fill: "none", "stroke-width": 2.5, style: "stroke: var(--rk-ink)", "pointer-events": "none" }));
    picture.replaceChildren(...nodes);
    const read = [...word].slice(0, shown).map((l, t) => `${l}: ${steps[t].h.map((v) => fixed(v)).join(", ")}, answer ${answer(steps[t].p) ?? "none"}`);
    picture.setAttribute("aria-label", `States of units 0 to 2 after each letter. ${read.join("; ")}.`);
  }
  return { wrap, draw };
}

function weightEditor({ get, onEdit }) {
  let name = "W_hh", chosen = [1, 2];
  const grid = html("div", { class: "rk-weights", role: "group" });
  const what = html("span", {});
  const change = (d) => set(chosen, get(name)[chosen[0]][chosen[1]] + d);
  const less = button("−", () => change(-0.5), { "aria-label": "chosen weight: less" });
  const more = button("+", () => change(0.5), { "aria-label": "chosen weight: more" });
  const field = select({ label: "weights", value: name, options: Object.keys(MATRICES).map((key) => [key, MATRICES[key].title]),
    onChange: (value) => { name = value; chosen = name === "W_hh" ? [1, 2] : [0, 0]; build(); } });
  let entries = [];

  function set([i, j], value) {
    onEdit(name, i, j, Math.round(10 * Math.min(LIMIT, Math.max(-LIMIT, value))) / 10);
  }
  function choose(i, j, focus = false) {
    const values = get(name);
    chosen = [Math.min(values.length - 1, Math.max(0, i)), Math.min(values[0].length - 1, Math.max(0, j))];
    update();
    if (focus) entries[chosen[0]][chosen[1]].focus();
  }
  function entry(i, j) {
    const node = html("span", { class: "rk-entry", role: "spinbutton", "aria-valuemin": -LIMIT, "aria-valuemax": LIMIT,
      "aria-label": `${name}, ${MATRICES[name].from(i)} to ${MATRICES[name].to(j)}` });
    const by = (d) => () => { choose(i, j); change(d); };
    onKeys(node, { ArrowUp: by(0.1), ArrowDown: by(-0.1), PageUp: by(1), PageDown: by(-1), Home: () => set([i, j], 0), Delete: () => set([i, j], 0),
      ArrowLeft: () => choose(i, j - 1, true), ArrowRight: () => choose(i, j + 1, true) });
    node.addEventListener("focus", () => choose(i, j));
    let start = null;
    node.addEventListener("pointerdown", (event) => {
      choose(i, j);
      start = { x: event.clientX, value: get(name)[i][j] };
      node.setPointerCapture(event.pointerId);
    });
    node.addEventListener("pointermove", (event) => { if (start && Math.abs(event.clientX - start.x) > 3) set([i, j], start.value + (event.clientX - start.x) / 40); });
    ["pointerup", "pointercancel"].forEach((type) => node.addEventListener(type, () => { start = null; }));
    return node;
  }
  function build() {
    const { from, to } = MATRICES[name], values = get(name);
    grid.style.gridTemplateColumns = `2.6rem repeat(${values[0].length}, minmax(0, 1fr))`;
    grid.setAttribute("aria-label", MATRICES[name].title);
    entries = values.map((line, i) => line.map((_, j) => entry(i, j)));
    grid.replaceChildren(html("span", { class: "rk-name" }, "from / to"), ...values[0].map((_, j) => html("span", { class: "rk-name" }, to(j))),
      ...entries.flatMap((line, i) => [html("span", { class: "rk-name" }, from(i)), ...line]));
    update();
  }
  function update() {
    get(name).forEach((line, i) => line.forEach((v, j) => {
      const node = entries[i][j], mine = i === chosen[0] && j === chosen[1];
      node.textContent = fixed(v, 1);
      node.style.background = diverging(v, 5);
      node.setAttribute("aria-valuenow", v);
      node.setAttribute("tabindex", mine ? 0 : -1);
      node.toggleAttribute("data-chosen", mine);
    }));
    what.textContent = `${MATRICES[name].from(chosen[0])} → ${MATRICES[name].to(chosen[1])}: drag sideways, ↑ ↓ keys, or`;
  }
  build();
  return { node: html("div", {}, field, grid, html("div", { class: "rk-change" }, what, less, more)), update };
}

export default {
  render({ model, el }) {
    const clean = (text) => [...text.toLowerCase()].filter((l) => LETTERS.includes(l)).slice(0, 8).join("");
    let word = clean(model.get("word")) || "hello", preset = "hello", asked = word === "hello";
    let weights = structuredClone(model.get("weights"));
    let steps = readWord(word, weights), shown = asked ? 3 : word.length, step = shown - 1, unit = 2;

    const ask = html("div", { class: "rk-ask rk-rnn-all" });
    const sum = html("p", { class: "rk-sum", "aria-live": "polite" });
    const map = heatMap({ onChoose: choose });
    const editor = weightEditor({
      get: (name) => MATRICES[name].rows(weights),
      onEdit: (name, i, j, value) => {
        if (name === "W_xh" && i === LETTERS.length) weights.b_h[j] = value;
        else weights[name][i][j] = value;
        preset = "edited";
        presets.set(preset);
        changed();
      },
    });
    const presets = select({ label: "preset", options: NAMES, value: preset, onChange: (value) => {
      preset = value;
      if (value !== "edited") weights = structuredClone(model.get("presets")[value]);
      changed();
    } });
    const typed = textInput({ label: "word", value: word, maxLength: 8, onInput: (text) => {
      const letters = clean(text);
      if (letters !== text) typed.set(letters);
      if (!letters) return say([FOUR]);
      word = letters;
      step = Math.min(step, word.length - 1);
      changed();
      if (letters !== text.toLowerCase()) tell(FOUR);
    } });
    const previous = button("◀", () => choose(step - 1, unit), { "aria-label": "previous step", style: "padding: 0" });
    const next = button("▶", () => choose(step + 1, unit), { "aria-label": "next step", style: "padding: 0" });

    function choose(t, j) {
      unit = Math.min(2, Math.max(0, j));
      step = Math.min(shown - 1, Math.max(0, t));
      draw();
    }
    function draw(animate) {
      map.draw({ word, steps, weights, shown, step, unit, animate });
      previous.disabled = step === 0;
      next.disabled = step >= shown - 1;
      const { parts, terms, a, h } = writtenOut(steps[step], word[step], unit, weights);
      const chips = parts.flatMap((part, i) => [i ? " + " : "", html("span", { class: "rk-term", style: `background: ${diverging(terms[i], 3)}` }, part)]);
      sum.replaceChildren(html("b", {}, `step ${step + 1}, reads ${word[step]}, unit ${unit}: `), ...chips, " = ", html("b", {}, fixed(a)), ", ", html("b", {}, `h = tanh(${fixed(a)}) = ${fixed(h)}`));
    }
    function changed() {
      steps = readWord(word, weights);
      if (asked) reveal();
      shown = word.length;
      step = Math.min(step, shown - 1);
      model.set("word", word);
      model.set("weights", structuredClone(weights));
      model.save_changes();
      editor.update();
      draw();
      tell();
    }
    function say(nodes) { ask.replaceChildren(html("p", { "aria-live": "polite" }, ...nodes)); }
    function tell(verdict = "") {
      const [right, of] = score(word, steps);
      say([verdict && `${verdict} `, html("b", {}, `${right} of ${of} next letters right. `), ...rich(HINTS[preset])]);
    }
    function reveal() {
      asked = false;
      shown = word.length;
    }
    function predict(guess) {
      reveal();
      step = 3;
      unit = 2;
      draw({ from: 3 });
      tell(guess === "o"
        ? "Yes: o. Unit 1 remembers that an l was just read, and through W_hh it lifts unit 2 from −0.76 to 0.73."
        : "It says o. Same input, but not the same state before it: unit 1 remembers the first l and lifts unit 2 from −0.76 to 0.73.");
    }

    onKeys(map.wrap, { ArrowLeft: () => choose(step - 1, unit), ArrowRight: () => choose(step + 1, unit), ArrowUp: () => choose(step, unit - 1), ArrowDown: () => choose(step, unit + 1) });
    if (asked) {
      ask.append(html("p", {}, "It has read ", html("b", {}, "h, e, l"), " and expects ", html("b", {}, "l"), ". Here comes that second ", html("b", {}, "l"), ": same input, same weights. Which letter will it expect next?"),
        ...["l", "o"].map((guess) => button(guess, () => predict(guess), { class: "rk-primary", "aria-label": `I predict ${guess}` })));
    } else tell();
    draw({ from: 0 });
    el.append(html("style", {}, STYLE), html("div", { class: "rk-rnn-box" }, html("div", { class: "rk-rnn" }, ask,
      html("div", {}, map.wrap, row(typed, presets)), editor.node,
      html("div", { class: "rk-rnn-all rk-stepping" }, previous, next, sum))));
  },
};
