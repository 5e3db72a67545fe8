// A trained character model that lives in the page: type, write, and colour the text by any of its cells.
import { button, select, slider, stepper, textInput } from "../kit/controls.js";
import { html, live, reducedMotion, rich, row } from "../kit/dom.js";
import { predict } from "../kit/predict.js";
import { distinctWords, makeReader, unpack } from "../models/char_lm.js";
import { mulberry32 } from "../models/random.js";
import { hint, inField, NAMES, QUESTION, SHOWN, signed } from "../words/char_lm.js";
import { makeBars } from "./char_lm_bars.js";
import { KEPT, makeText } from "./char_lm_text.js";

const LONGEST = 80; // prefix, characters
const BLOCK = 2000; // characters that one press of Write adds
const SLICE = 12; // milliseconds of writing per animation frame
const TRIAL = 400; // characters at each temperature, for the prediction
const PROMPT = "Point at a character, or go along the text with the arrow keys.";
const NAMELESS = "Most cells have no name. Step through them: some hold one colour for a whole line or word, most flicker with every character.";

// ---- the model and its characters; put(name, value) changes the state

function fixedParts(model) {
  const symbols = [...model.get("vocabulary")];
  const number = new Map(symbols.map((letter, id) => [letter, id]));
  return {
    model, symbols, number, net: unpack(model.get("weights")),
    encode: (text) => [...text].map((letter) => number.get(letter)),
    decode: (entries) => entries.map(({ id }) => symbols[id]).join(""),
    put(name, value) { model.set(name, value); model.save_changes(); },
    options: () => ({ temperature: model.get("temperature"), topP: model.get("top_p") }),
  };
}

// ---- the two texts, one of which is shown: a sample, and what the model has written after the prefix

function makeTexts({ model, symbols, net, encode, decode, options }, onChoose) {
  const [sample, writer] = [makeReader(net), makeReader(net)];
  sample.read(encode(model.get("sample")));
  const [after, tip] = [html("p", { class: "rk-small" }), html("p", { class: "rk-small" })];
  const readout = live();
  const bars = makeBars({ symbols, onChoose });
  const text = makeText({ symbols, onPick(entry, index) {
    const foretold = Number.isNaN(entry.nats) ? "" : ` It had p = ${Math.exp(-entry.nats).toFixed(3)}, a surprise of ${entry.nats.toFixed(2)} nats.`;
    readout.textContent = `Character ${index + 1}, ${NAMES[symbols[entry.id]] ?? symbols[entry.id]}: tanh(c) = ${signed(entry.cells[model.get("cell")])}.${foretold}`;
  } });
  const sampleButton = button("Sample", () => { texts.onView(); view(!texts.showsSample); }, { "aria-label": "show the sample text" });
  let given = 0;
  const told = () => text.node.setAttribute("aria-label", `${texts.showsSample ? "Sample text" : "The model's text"}, coloured by cell ${model.get("cell")}: arrow keys read out each character`);
  function drawBars() {
    tip.replaceChildren(...rich(hint(options(), bars.update(writer.logits, options()))));
    const end = decode(writer.entries.slice(-14)).replace(/[ \n]/g, (letter) => SHOWN[letter]);
    after.replaceChildren("next character after ", html("b", {}, `${writer.entries.length > 14 ? "…" : ""}${end}`));
  }
  function view(isSample) {
    texts.showsSample = isSample;
    if (isSample) text.show(sample.entries, 0);
    else text.show(writer.entries, given);
    sampleButton.setAttribute("aria-pressed", isSample);
    told();
  }
  function add(entries) {
    if (texts.showsSample) view(false);
    else text.append(entries);
    const gone = writer.entries.splice(0, Math.max(0, writer.entries.length - KEPT)).length;
    given = Math.max(0, given - gone);
    text.toEnd();
    drawBars();
  }
  function restart(isSample) {
    writer.reset();
    writer.read(encode(model.get("prefix")));
    given = writer.entries.length;
    view(isSample);
    drawBars();
    readout.textContent = PROMPT;
  }
  const texts = { writer, text, bars, after, tip, readout, sampleButton, showsSample: true, onView() {}, told, drawBars, add, restart };
  return texts;
}

// ---- writing: as many characters per animation frame as fit into a slice of it

/** { begin(), stop(), isWriting(), step(), choose(id), restart(), status, onState }: onState(isWriting) names the button. */
function makeScribe({ model, options }, texts) {
  const status = html("p", { class: "rk-small", "aria-live": "polite" });
  const scribe = { status, onState() {} };
  let [random, written, goal, began, before, frame] = [null, [], 0, 0, 0, 0];
  const add = (entries) => {
    texts.add(entries);
    written.push(...entries.map((entry) => entry.nats));
  };
  const one = () => texts.writer.write(random, options());
  function report(ended) {
    const rate = Math.round((1000 * (written.length - before)) / (performance.now() - began));
    const mean = written.reduce((a, b) => a + b, 0) / written.length;
    status.setAttribute("aria-live", ended ? "polite" : "off"); // a screen reader hears the end, not every frame
    status.textContent = `${written.length} characters written, ${rate} per second; mean surprise ${mean.toFixed(2)} nats.`;
  }
  function burst(milliseconds) {
    const until = performance.now() + milliseconds;
    const entries = [];
    while (written.length + entries.length < goal && performance.now() < until) entries.push(one());
    add(entries);
    if (written.length >= goal) return stop();
    report(false);
    frame = requestAnimationFrame(() => burst(SLICE));
  }
  function begin() {
    [goal, began, before] = [written.length + BLOCK, performance.now(), written.length];
    scribe.onState(true);
    burst(reducedMotion() ? Infinity : SLICE);
  }
  function stop() {
    if (goal === 0) return;
    cancelAnimationFrame(frame);
    goal = 0;
    scribe.onState(false);
    report(true);
  }
  function restart(isSample = false) {
    stop();
    [random, written] = [mulberry32(model.get("seed")), []];
    texts.restart(isSample);
    status.textContent = "";
  }
  return Object.assign(scribe, { begin, stop, restart, isWriting: () => goal > 0,
    step() { stop(); add([one()]); }, choose(id) { stop(); add([texts.writer.add(id)]); }, end() { cancelAnimationFrame(frame); goal = 0; } });
}

// ---- controls

// What is read, and how the next character is drawn.
function makeSettings({ model, number, put }, status) {
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
  return { typed, heat, cut };
}

// The cell that colours the text: { pick, unit, key, note, update() }.
function makeColouring({ model, net, put }) {
  const named = model.get("cells");
  const pick = select({ label: "colour by", value: String(model.get("cell")), options: [...named.map(({ cell, name }) => [String(cell), name]), ["", "another cell"]],
    onChange: (v) => { if (v !== "") put("cell", Number(v)); } });
  pick.classList.add("rk-long");
  const unit = stepper({ label: "cell", min: 0, max: net.H - 1, value: model.get("cell"), onInput: (v) => { put("cell", Math.round(v)); unit.set(model.get("cell")); } });
  unit.classList.add("rk-count");
  const [key, note] = [html("p", { class: "rk-small" }), html("p")];
  function update() {
    const cell = model.get("cell");
    const known = named.find((entry) => entry.cell === cell);
    pick.set(known ? String(cell) : "");
    unit.set(cell);
    key.replaceChildren(`tanh(c), cell ${cell}: −1`, html("span", { class: "rk-scale" }), "+1");
    note.replaceChildren(...rich(known?.note ?? NAMELESS));
  }
  return { pick, unit, key, note, update };
}

// ---- the prediction, answered by an experiment: the same model writes twice

function askFirst({ model, net, encode, decode }, reveal, goOn) {
  const guesses = ["fewer", "as many", "more"];
  function trial(temperature) {
    const [other, chance] = [makeReader(net), mulberry32(model.get("seed"))];
    other.read(encode(model.get("prefix")));
    return distinctWords(decode(Array.from({ length: TRIAL }, () => other.write(chance, { temperature }))));
  }
  function outcome() {
    const [[warm, ofWarm], [cool, ofCool]] = [trial(1), trial(0.2)];
    const change = cool / ofCool - warm / ofWarm;
    return { right: Math.abs(change) < 0.05 ? 1 : change < 0 ? 0 : 2, warm, ofWarm, cool, ofCool };
  }
  const ask = predict({ model, question: QUESTION, outcome, goOn, answer(guess, { right, warm, ofWarm, cool, ofCool }) {
    reveal();
    return [html("b", {}, guess === guesses[right] ? "Right. " : `Not this time: ${guesses[right]}. `),
      `Different words at temperature 1: ${warm} of ${ofWarm}; at 0.2: ${cool} of ${ofCool}. Divided by 0.2, the scores lie 5 times as far apart: the favourite nearly always wins, and the commonest words return.`];
  } });
  ask.ask(guesses);
  return ask;
}

export default {
  render({ model, el }) {
    const parts = fixedParts(model);
    const texts = makeTexts(parts, (id) => scribe.choose(id));
    const scribe = makeScribe(parts, texts);
    const { typed, heat, cut } = makeSettings(parts, scribe.status);
    const colouring = makeColouring(parts);
    const writeButton = button("Write", () => (scribe.isWriting() ? scribe.stop() : scribe.begin()), { class: "rk-primary" });
    const stepButton = button("Step", () => scribe.step());
    scribe.onState = (isWriting) => { writeButton.textContent = isWriting ? "Pause" : "Write"; };
    texts.onView = scribe.stop;
    const disable = (isOff) => { for (const control of [writeButton, stepButton, heat.input, cut.input]) control.disabled = isOff; };
    disable(true);
    const ask = askFirst(parts, () => disable(false), () => {
      parts.put("temperature", 0.2);
      writeButton.focus({ preventScroll: true });
    });
    const sayCell = () => { colouring.update(); texts.told(); };
    for (const [name, field] of [["temperature", heat], ["top_p", cut]]) model.on(`change:${name}`, () => { field.set(model.get(name)); texts.drawBars(); });
    model.on("change:prefix", () => {
      if (typed.input.value !== inField(model.get("prefix"))) typed.set(inField(model.get("prefix")));
      scribe.restart();
    });
    model.on("change:cell", () => { sayCell(); texts.text.colourBy(model.get("cell")); });
    const buttons = html("div", { class: "rk-buttons" }, writeButton, stepButton, button("Reset", () => scribe.restart()), texts.sampleButton);
    const line = row(buttons, colouring.pick, colouring.unit);
    line.classList.add("rk-colour");
    const side = html("div", { class: "rk-side" }, colouring.key, colouring.note, texts.readout, scribe.status);
    el.append(html("div", { class: "rk-lm-box" }, html("div", { class: "rk-lm" }, ask, row(typed, heat, cut),
      texts.after, texts.bars.node, texts.tip, line, html("div", { class: "rk-pair" }, texts.text.node, side))));
    sayCell();
    texts.text.colourBy(model.get("cell"));
    scribe.restart(true);
    return scribe.end;
  },
};
