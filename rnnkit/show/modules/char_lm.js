// A trained character model that lives in the page: type, write, and colour the text by any of its cells.
import { button, colour, decodeArray, diverging, html, live, onKeys, reducedMotion, rich, row, select, slider, stepper, textInput } from "./kit.js";

// ---- the model: a one-layer LSTM in torch's layout -----------------------------------------------------------

const sigmoid = (v) => 1 / (1 + Math.exp(-v));

/** The packed parameters, laid out for speed: unit j's four gates (i, f, g, o) stand side by side.
 *  table (V, H, 4): what a character adds to the gates, its embedding times the input weights, with both biases.
 *  recurrent (H, H, 4): to unit j, from unit k. output (V, H), bias (V). */
export function unpack(weights) {
  const [E, W_ih, W_hh, b_ih, b_hh, output, bias] = ["embedding.weight", "rnn.weight_ih_l0", "rnn.weight_hh_l0",
    "rnn.bias_ih_l0", "rnn.bias_hh_l0", "output.weight", "output.bias"].map((name) => decodeArray(weights[name]));
  const [[V, D], H] = [E.shape, W_hh.shape[1]];
  const table = new Float64Array(V * 4 * H);
  const recurrent = new Float32Array(4 * H * H);
  for (let gate = 0; gate < 4; gate += 1) {
    for (let j = 0; j < H; j += 1) {
      const from = gate * H + j; // torch packs all of i, then all of f, g, o
      for (let k = 0; k < H; k += 1) recurrent[4 * (j * H + k) + gate] = W_hh.data[from * H + k];
      for (let id = 0; id < V; id += 1) {
        let sum = b_ih.data[from] + b_hh.data[from];
        for (let d = 0; d < D; d += 1) sum += E.data[id * D + d] * W_ih.data[from * D + d];
        table[4 * (id * H + j) + gate] = sum;
      }
    }
  }
  return { V, H, table, recurrent, output: output.data, bias: bias.data };
}

/** The state before the first character: zeros. */
export const start = ({ H }) => ({ h: new Float64Array(H), c: new Float64Array(H), next: new Float64Array(H) });

/** Read one character: changes the state in place and returns the scores of what may follow, (V,). */
export function step({ V, H, table, recurrent, output, bias }, state, id) {
  const { h, c, next } = state;
  for (let j = 0, w = 0, t = 4 * id * H; j < H; j += 1, t += 4) {
    let [i, f, g, o] = [table[t], table[t + 1], table[t + 2], table[t + 3]];
    for (let k = 0; k < H; k += 1, w += 4) {
      const x = h[k];
      i += x * recurrent[w];
      f += x * recurrent[w + 1];
      g += x * recurrent[w + 2];
      o += x * recurrent[w + 3];
    }
    c[j] = sigmoid(f) * c[j] + sigmoid(i) * Math.tanh(g);
    next[j] = sigmoid(o) * Math.tanh(c[j]);
  }
  [state.h, state.next] = [next, h];
  const logits = new Float64Array(V);
  for (let v = 0, w = 0; v < V; v += 1) {
    let sum = bias[v];
    for (let k = 0; k < H; k += 1, w += 1) sum += next[k] * output[w];
    logits[v] = sum;
  }
  return logits;
}

/** The distribution that the next character is drawn from. temperature 0: the most probable one (greedy).
 *  topP: only the smallest set whose probability reaches it; the others get exactly 0. */
export function nextDistribution(logits, { temperature = 1, topP = 1 } = {}) {
  const top = Math.max(...logits);
  if (temperature === 0) return logits.map((_, v) => Number(v === logits.indexOf(top)));
  const p = logits.map((v) => Math.exp((v - top) / temperature));
  const total = p.reduce((a, b) => a + b, 0);
  for (let v = 0; v < p.length; v += 1) p[v] /= total;
  if (topP >= 1) return p;
  let before = 0; // the probability of those that rank above
  let kept = 0;
  for (const v of ranked(p)) {
    if (before < topP) kept += p[v];
    before += p[v];
    if (before - p[v] >= topP) p[v] = 0;
  }
  return p.map((v) => v / kept);
}

/** The characters' numbers, the most probable first. */
export const ranked = (p) => [...p.keys()].sort((a, b) => p[b] - p[a]);

/** -ln p of one character by the model itself, at temperature 1, in nats. */
export function surprise(logits, id) {
  const top = Math.max(...logits);
  return Math.log(logits.reduce((sum, v) => sum + Math.exp(v - top), 0)) + top - logits[id];
}

/** Numbers from 0 to 1, the same for the same seed (Tommy Ettinger's mulberry32). */
export function mulberry32(seed) {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The first character at which the sum of the probabilities exceeds u. */
export function draw(p, u) {
  let left = u;
  let last = 0;
  for (let v = 0; v < p.length; v += 1) {
    if (p[v] === 0) continue;
    last = v;
    left -= p[v];
    if (left < 0) return v;
  }
  return last; // rounding left a crumb
}

/** Someone who reads a text character by character and can write on. `entries` keeps for each character its id,
 *  tanh(c) of every cell after it, and its surprise (NaN for the first, which nothing foretold). */
export function makeReader(net) {
  let state = start(net);
  const reader = {
    logits: null,
    entries: [],
    reset() { Object.assign(reader, { logits: null, entries: [] }); state = start(net); },
    add(id) {
      const nats = reader.logits ? surprise(reader.logits, id) : NaN;
      reader.logits = step(net, state, id);
      reader.entries.push({ id, nats, cells: Float32Array.from(state.c, Math.tanh) });
      return reader.entries.at(-1);
    },
    read(ids) { return ids.map((id) => reader.add(id)); },
    write(random, options) { return reader.add(draw(nextDistribution(reader.logits, options), random())); },
  };
  return reader;
}

/** How many of a text's words differ from all before them, and how many there are. */
export function distinctWords(text) {
  const words = text.toLowerCase().match(/[a-z']+/g) ?? [];
  return [new Set(words).size, words.length];
}

// ---- the figure -----------------------------------------------------------------------------------------------

const BARS = 10;
const LONGEST = 80; // prefix, characters
const BLOCK = 2000; // characters that one press of Write adds
const KEPT = 6000; // characters that the page remembers
const TRIAL = 400; // characters at each temperature, for the prediction
const SHOWN = { " ": "␣", "\n": "↵" };
const inField = (text) => text.replaceAll("\n", "↵"); // a line of text cannot hold a new line
const NAMES = { " ": "space", "\n": "new line" };
const signed = (v) => `${v < 0 ? "−" : "+"}${Math.abs(v).toFixed(2)}`;
const short = (p) => (p === 0 ? "0" : p > 0.995 ? "1.0" : p.toFixed(2).slice(1));
// Colours in 41 steps: the browser parses each of them once.
const GROUND = Array.from({ length: 41 }, (_, i) => diverging(i / 20 - 1));
const ground = (v) => GROUND[Math.round(20 * (v + 1))];

const STYLE = `
.rk-lm-box { container-type: inline-size; font-size: 0.84rem; }
.rk-lm { display: grid; grid-template-columns: minmax(0, 1fr); gap: 6px; }
.rk-lm p { margin: 0; line-height: 1.45; }
.rk-lm .rk-ask { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px; min-height: 4.4em; }
.rk-lm .rk-ask > p { flex: 1 1 18em; }
.rk-lm .rk-row { margin: 0; gap: 4px 12px; }
.rk-lm .rk-field { flex: 1 1 110px; }
.rk-lm .rk-long { flex: 2 1 200px; }
.rk-lm .rk-field > label, .rk-lm .rk-value { font-size: max(0.72rem, 12px); }
.rk-lm .rk-count { flex-basis: 144px; } /* three digits between its buttons */
.rk-lm .rk-stepper > input { flex-basis: 44px; }
.rk-lm .rk-field > :is(select, input[type="text"]) { padding: 0 6px; font-size: 16px; }
.rk-lm .rk-buttons { display: flex; flex: 0 1 auto; gap: 4px; }
.rk-lm .rk-buttons > button { flex: 1 1 auto; padding: 0 0.6em; }
.rk-lm .rk-small { color: var(--rk-muted); font-size: max(0.74rem, 12px); font-variant-numeric: tabular-nums; }
.rk-lm .rk-small b { color: var(--rk-ink); font-family: ui-monospace, monospace; }
.rk-lm .rk-bars { display: grid; grid-template-columns: repeat(${BARS}, minmax(0, 1fr)); gap: 2px; }
.rk-lm .rk-bars > button { display: flex; flex-direction: column; align-items: stretch; min-width: 0; padding: 2px 0 0; background: none; border-color: transparent; font-size: 12px; line-height: 1.3; font-variant-numeric: tabular-nums; }
.rk-lm .rk-bars > button:hover { background: var(--rk-paper); }
.rk-lm .rk-bar { position: relative; height: 56px; margin: 0 12%; border-bottom: 1px solid var(--rk-muted); }
.rk-lm .rk-bar > i { position: absolute; inset: auto 0 0; background: var(--rk-blue); border-radius: 3px 3px 0 0; }
.rk-lm .rk-bar > i:first-child { opacity: 0.28; }
.rk-lm .rk-bar > i:last-child { margin: 0 14%; }
/* Drawn, not written: the button's name says the number in full and calls the blanks by their names. */
.rk-lm .rk-bars [data-drawn]::before { content: attr(data-drawn); }
.rk-lm .rk-bars b { font-family: ui-monospace, monospace; font-size: 16px; font-weight: 600; }
.rk-lm .rk-pair { display: grid; grid-template-columns: minmax(0, 1.75fr) minmax(0, 1fr); gap: 6px 14px; margin-top: 4px; }
.rk-lm .rk-side { display: flex; flex-direction: column; gap: 6px; }
.rk-lm .rk-side > .rk-live { min-height: 2.9em; font-variant-numeric: tabular-nums; }
.rk-lm .rk-text { height: 196px; overflow-y: auto; padding: 8px 10px; background: var(--rk-paper); border: 1px solid var(--rk-line); border-radius: 6px;
  font: max(0.72rem, 12px)/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; cursor: crosshair; overscroll-behavior: contain; }
.rk-lm .rk-text > div { min-height: 1.5em; }
.rk-lm .rk-text .rk-given { text-decoration: underline; text-underline-offset: 3px; text-decoration-thickness: 1px; }
.rk-lm .rk-text .rk-end { color: var(--rk-muted); }
.rk-lm .rk-text .rk-here { outline: 2px solid var(--rk-ink); border-radius: 2px; }
.rk-lm .rk-scale { display: inline-block; width: 3.5em; height: 0.7em; margin: 0 0.35em; border: 1px solid var(--rk-line); border-radius: 3px; background: linear-gradient(to right, var(--rk-heat-neg), transparent, var(--rk-heat-pos)); }
@container (max-width: 559px) {
  .rk-lm .rk-pair { grid-template-columns: minmax(0, 1fr); }
  .rk-lm .rk-text { height: 160px; }
  .rk-lm .rk-bar { height: 40px; }
  .rk-lm .rk-buttons { flex-basis: 100%; }
  .rk-lm .rk-colour > .rk-long { flex: 1 1 96px; }
}
`;

/** What to notice at this setting. */
export function hint({ temperature, topP }) {
  if (temperature === 0) return "Greedy takes the tallest bar every time. Write a page of it: often the text ends up in a circle.";
  if (topP < 1) return "Top-p cuts the tail: small bars fall to 0, the others share what they had. Pale: the model's own p.";
  if (temperature <= 0.5) return "Low temperature: the tallest bar takes nearly all, and words come again. Pale: the model's own p.";
  if (temperature >= 1.4) return "High temperature: the bars level out, one odd letter leads to the next. Pale: the model's own p.";
  return "Choose a bar to append it. Inside a word the model is sure; where a word begins, it is not.";
}

// Ten bars that are buttons: the model's own probabilities pale, those that are drawn from solid.
function makeBars({ symbols, onChoose }) {
  const parts = Array.from({ length: BARS }, (_, rank) => {
    const [own, used, bar, value, letter] = [html("i"), html("i"), html("span", { class: "rk-bar" }), html("span"), html("b")];
    bar.append(own, used);
    const node = button("", () => onChoose(part.id), { tabindex: rank ? -1 : 0 });
    node.append(value, bar, letter);
    const part = { node, own, used, value, letter, id: 0 };
    return part;
  });
  const node = html("div", { class: "rk-bars", role: "group", "aria-label": "Most probable next characters: left and right keys move, Enter appends" }, parts.map((part) => part.node));
  const go = (by) => (event) => {
    const now = parts.findIndex((part) => part.node === event.target);
    const to = Math.max(0, Math.min(parts.length - 1, now + by));
    parts.forEach((part, i) => part.node.setAttribute("tabindex", i === to ? 0 : -1));
    parts[to].node.focus();
  };
  onKeys(node, { ArrowRight: go(1), ArrowLeft: go(-1), Home: go(-BARS), End: go(BARS) });
  function update(logits, options) {
    const [plain, p] = [nextDistribution(logits), nextDistribution(logits, options)];
    const best = ranked(plain); // temperature keeps the order
    parts.forEach((part, rank) => {
      const id = best[rank];
      part.node.hidden = id === undefined;
      if (id === undefined) return;
      part.id = id;
      part.own.style.height = `${100 * plain[id]}%`;
      part.used.style.height = `${100 * p[id]}%`;
      part.value.dataset.drawn = short(p[id]);
      part.letter.textContent = symbols[id] in SHOWN ? "" : symbols[id];
      part.letter.dataset.drawn = SHOWN[symbols[id]] ?? "";
      part.node.setAttribute("aria-label", `append ${NAMES[symbols[id]] ?? symbols[id]}, probability ${p[id].toFixed(3)}`);
    });
  }
  return { node, update };
}

// The text, one element per line so that writing on lays out the last line alone, one span per character.
function makeText({ symbols, onPick }) {
  const node = html("div", { class: "rk-text", tabindex: 0, role: "group" });
  let [entries, cell, here] = [[], 0, -1];
  const spanOf = new WeakMap();
  const entryOf = new WeakMap();
  function append(more, given = false) {
    for (const entry of more) {
      const last = entries.at(-1);
      if (!last || symbols[last.id] === "\n") node.append(html("div"));
      const isEnd = symbols[entry.id] === "\n";
      const span = html("span", { class: given ? "rk-given" : isEnd ? "rk-end" : null }, isEnd ? "↵" : symbols[entry.id]);
      span.style.background = ground(entry.cells[cell]);
      spanOf.set(entry, span);
      entryOf.set(span, entry);
      node.lastChild.append(span);
      entries.push(entry);
    }
    while (entries.length > KEPT && node.children.length > 1) {
      const gone = node.firstChild.childElementCount;
      node.firstChild.remove();
      entries.splice(0, gone);
      here -= gone;
    }
  }
  function pick(index, byKey = true) {
    if (!entries.length) return;
    spanOf.get(entries[here])?.classList.remove("rk-here");
    here = Math.max(0, Math.min(entries.length - 1, index));
    const span = spanOf.get(entries[here]);
    span.classList.add("rk-here");
    if (byKey) span.scrollIntoView({ block: "nearest" });
    onPick(entries[here], here);
  }
  // The same column, a line up or down.
  function line(by) {
    const span = spanOf.get(entries[Math.max(0, here)]);
    const other = by < 0 ? span.parentNode.previousSibling : span.parentNode.nextSibling;
    const column = [...span.parentNode.children].indexOf(span);
    const target = other && other.children[Math.min(column, other.childElementCount - 1)];
    if (target) pick(entries.indexOf(entryOf.get(target)));
  }
  onKeys(node, { ArrowRight: () => pick(here + 1), ArrowLeft: () => pick(here - 1), ArrowUp: () => line(-1), ArrowDown: () => line(1), Home: () => pick(0), End: () => pick(Infinity) });
  for (const type of ["pointerover", "pointerdown"]) {
    node.addEventListener(type, (event) => {
      const entry = entryOf.get(event.target);
      if (entry) pick(entries.indexOf(entry), false);
    });
  }
  return {
    node,
    append,
    toEnd() { node.scrollTop = node.scrollHeight; },
    show(more, given) {
      [entries, here] = [[], -1];
      node.replaceChildren();
      append(more.slice(0, given), true);
      append(more.slice(given));
    },
    colourBy(unit) {
      cell = unit;
      entries.forEach((entry) => { spanOf.get(entry).style.background = ground(entry.cells[cell]); });
      if (here >= 0) onPick(entries[here], here);
    },
  };
}

export default {
  render({ model, el }) {
    const net = unpack(model.get("weights"));
    const symbols = [...model.get("vocabulary")];
    const number = new Map(symbols.map((letter, id) => [letter, id]));
    const encode = (text) => [...text].map((letter) => number.get(letter));
    const decode = (entries) => entries.map(({ id }) => symbols[id]).join("");
    const put = (name, value) => { model.set(name, value); model.save_changes(); };
    const options = () => ({ temperature: model.get("temperature"), topP: model.get("top_p") });

    const sample = makeReader(net);
    const writer = makeReader(net);
    sample.read(encode(model.get("sample")));
    let random, given, written, showsSample = true, frame = 0;

    // ---- what changes with the text
    const after = html("p", { class: "rk-small" });
    const status = html("p", { class: "rk-small", "aria-live": "polite" });
    const readout = live();
    const prompt = "Point at a character, or go along the text with the arrow keys.";
    const key = html("p", { class: "rk-small" });
    const bars = makeBars({ symbols, onChoose: (id) => { stop(); add([writer.add(id)]); } });
    const text = makeText({ symbols, onPick: (entry, index) => {
      const cell = model.get("cell");
      const foretold = Number.isNaN(entry.nats) ? "" : ` It had p = ${Math.exp(-entry.nats).toFixed(3)}, a surprise of ${entry.nats.toFixed(2)} nats.`;
      readout.textContent = `Character ${index + 1}, ${NAMES[symbols[entry.id]] ?? symbols[entry.id]}: tanh(c) = ${signed(entry.cells[cell])}.${foretold}`;
    } });
    const told = () => text.node.setAttribute("aria-label", `${showsSample ? "Sample text" : "The model's text"}, coloured by cell ${model.get("cell")}: arrow keys read out each character`);

    function drawBars() {
      bars.update(writer.logits, options());
      const end = decode(writer.entries.slice(-14)).replace(/[ \n]/g, (letter) => SHOWN[letter]);
      after.replaceChildren("next character after ", html("b", {}, `${writer.entries.length > 14 ? "…" : ""}${end}`));
    }
    function view(isSample) {
      showsSample = isSample;
      if (isSample) text.show(sample.entries, 0);
      else text.show(writer.entries, given);
      sampleButton.setAttribute("aria-pressed", isSample);
      told();
    }
    function add(entries) {
      if (showsSample) view(false);
      else text.append(entries);
      written.push(...entries.map((entry) => entry.nats));
      const gone = writer.entries.splice(0, Math.max(0, writer.entries.length - KEPT)).length;
      given = Math.max(0, given - gone);
      text.toEnd();
      drawBars();
    }
    function restart(isSample = false) {
      stop();
      [random, written] = [mulberry32(model.get("seed")), []];
      writer.reset();
      writer.read(encode(model.get("prefix")));
      given = writer.entries.length;
      view(isSample);
      drawBars();
      readout.textContent = prompt;
      status.textContent = "";
    }

    // ---- writing: as many characters per animation frame as fit into 12 milliseconds
    let [goal, began, before] = [0, 0, 0];
    function report(ended) {
      const rate = Math.round((1000 * (written.length - before)) / (performance.now() - began));
      const mean = written.reduce((a, b) => a + b, 0) / written.length;
      status.setAttribute("aria-live", ended ? "polite" : "off"); // a screen reader hears the end, not every frame
      status.textContent = `${written.length} characters written, ${rate} per second; mean surprise ${mean.toFixed(2)} nats.`;
    }
    function burst(milliseconds) {
      const until = performance.now() + milliseconds;
      const entries = [];
      while (written.length + entries.length < goal && performance.now() < until) entries.push(writer.write(random, options()));
      add(entries);
      if (written.length >= goal) return stop();
      report(false);
      frame = requestAnimationFrame(() => burst(12));
    }
    function begin() {
      [goal, began, before] = [written.length + BLOCK, performance.now(), written.length];
      writeButton.textContent = "Pause";
      burst(reducedMotion() ? Infinity : 12);
    }
    function stop() {
      if (goal === 0) return;
      cancelAnimationFrame(frame);
      goal = 0;
      writeButton.textContent = "Write";
      report(true);
    }

    // ---- controls
    const writeButton = button("Write", () => (goal ? stop() : begin()), { class: "rk-primary", disabled: true });
    const stepButton = button("Step", () => { stop(); add([writer.write(random, options())]); }, { disabled: true });
    const sampleButton = button("Sample", () => { stop(); view(!showsSample); }, { "aria-label": "show the sample text" });
    const heat = slider({ label: "temperature", min: 0, max: 2, step: 0.1, value: model.get("temperature"), format: (v) => (v === 0 ? "greedy" : v.toFixed(1)), onInput: (v) => put("temperature", v) });
    const cut = slider({ label: "top-p", min: 0.05, max: 1, step: 0.05, value: model.get("top_p"), format: (v) => (v >= 1 ? "all" : v.toFixed(2)), onInput: (v) => put("top_p", v) });
    const typed = textInput({ label: "prefix", value: inField(model.get("prefix")), maxLength: LONGEST, onInput: (value) => {
      const known = [...value.replaceAll("↵", "\n")].filter((letter) => number.has(letter)).join("");
      if (inField(known) !== value) typed.set(inField(known));
      if (known) put("prefix", known);
      if (!known) status.textContent = "One character at least: the model has to read something first.";
      else if (known.length < [...value].length) status.textContent = "That character does not occur in the training text.";
    } });
    typed.classList.add("rk-long");
    const named = model.get("cells");
    const pick = select({ label: "colour by", value: String(model.get("cell")), options: [...named.map(({ cell, name }) => [String(cell), name]), ["", "another cell"]],
      onChange: (v) => { if (v !== "") put("cell", Number(v)); } });
    pick.classList.add("rk-long");
    const unit = stepper({ label: "cell", min: 0, max: net.H - 1, value: model.get("cell"), onInput: (v) => { put("cell", Math.round(v)); unit.set(model.get("cell")); } });
    unit.classList.add("rk-count");
    const tip = html("p", { class: "rk-small" });
    const note = html("p");
    function sayCell() {
      const cell = model.get("cell");
      const known = named.find((entry) => entry.cell === cell);
      pick.set(known ? String(cell) : "");
      unit.set(cell);
      key.replaceChildren(`tanh(c), cell ${cell}: −1`, html("span", { class: "rk-scale" }), "+1");
      note.replaceChildren(...rich(known?.note ?? "Most cells have no name. Step through them: some hold one colour for a whole line or word, most flicker with every character."));
      told();
    }

    // ---- the prediction, answered by an experiment: the same model writes twice
    function trial(temperature) {
      const [other, chance] = [makeReader(net), mulberry32(model.get("seed"))];
      other.read(encode(model.get("prefix")));
      const entries = Array.from({ length: TRIAL }, () => other.write(chance, { temperature }));
      return distinctWords(decode(entries));
    }
    function answer(guess) {
      const [[warm, ofWarm], [cool, ofCool]] = [trial(1), trial(0.2)];
      const change = cool / ofCool - warm / ofWarm;
      const right = Math.abs(change) < 0.05 ? "as many" : change < 0 ? "fewer" : "more";
      ask.replaceChildren(html("p", { role: "status" }, html("b", {}, guess === right ? "Right. " : `Not this time: ${right}. `),
        `Different words at temperature 1: ${warm} of ${ofWarm}; at 0.2: ${cool} of ${ofCool}. Divided by 0.2, the scores lie 5 times as far apart: the favourite nearly always wins, and the commonest words return.`));
      for (const control of [writeButton, stepButton, heat.input, cut.input]) control.disabled = false;
      put("temperature", 0.2);
      writeButton.focus({ preventScroll: true }); // the button that had the focus is gone
    }
    const ask = html("div", { class: "rk-ask" }, html("p", {}, rich("Predict. The model writes 400 characters at temperature 1, then 400 at 0.2. How many different words has the second text?")),
      ["fewer", "as many", "more"].map((guess) => button(guess, () => answer(guess), { "aria-label": `I predict ${guess}` })));
    heat.input.disabled = cut.input.disabled = true;

    const said = () => tip.replaceChildren(...rich(hint(options())));
    model.on("change:temperature", () => { heat.set(model.get("temperature")); drawBars(); said(); });
    model.on("change:top_p", () => { cut.set(model.get("top_p")); drawBars(); said(); });
    model.on("change:prefix", () => {
      if (typed.input.value !== inField(model.get("prefix"))) typed.set(inField(model.get("prefix")));
      restart();
    });
    model.on("change:cell", () => { sayCell(); text.colourBy(model.get("cell")); });

    const buttons = html("div", { class: "rk-buttons" }, writeButton, stepButton, button("Reset", () => restart()), sampleButton);
    const colouring = row(buttons, pick, unit);
    colouring.classList.add("rk-colour");
    const side = html("div", { class: "rk-side" }, key, note, readout, status);
    el.append(html("style", {}, STYLE), html("div", { class: "rk-lm-box" }, html("div", { class: "rk-lm" }, ask, row(typed, heat, cut),
      after, bars.node, tip, colouring, html("div", { class: "rk-pair" }, text.node, side))));
    sayCell();
    text.colourBy(model.get("cell"));
    restart(true);
    said();
    return () => { cancelAnimationFrame(frame); goal = 0; };
  },
};
