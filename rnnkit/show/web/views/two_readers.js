// A text that the reader types: under every character the surprise of a reader from each end, and of both.
import { button, select, textInput } from "../kit/controls.js";
import { html, live, onKeys, row } from "../kit/dom.js";
import { percent } from "../kit/numbers.js";
import { predict } from "../kit/predict.js";
import { ranked } from "../models/arrays.js";
import { mean, READERS, readFromBothEnds, surprises, unpack } from "../models/two_readers.js";
import { answer, GUESSES, HINT, NAMES, QUESTION, readout, rightGuess, shown } from "../words/two_readers.js";

const [COVER, LONGEST, BARS, HIGHEST] = ["_", 80, 5, 8]; // characters, bars, bits of a full bar

/** The text as a line of columns; onPick(place). */
function makeLine(onPick) {
  const node = html("div", { class: "rk-line rk-hold", role: "group", tabindex: 0, "aria-label": "The text: arrow keys read out each character" });
  let [here, length] = [0, 0];
  const pick = (place) => onPick(Math.max(0, Math.min(length - 1, place)));
  function line(by) { // the same column, a line up or down
    const tops = [...node.children].map((one) => one.offsetTop);
    const width = tops.filter((top) => top === tops[0]).length;
    if (here + by * width >= 0 && here + by * width < length) pick(here + by * width);
  }
  onKeys(node, { ArrowRight: () => pick(here + 1), ArrowLeft: () => pick(here - 1), ArrowUp: () => line(-1), ArrowDown: () => line(1), Home: () => pick(0), End: () => pick(length - 1) });
  for (const type of ["pointerover", "pointerdown"]) {
    node.addEventListener(type, (event) => {
      if (type === "pointerover" && event.pointerType === "touch") return;
      const place = [...node.children].findIndex((one) => one.contains(event.target));
      if (place >= 0) onPick(place, false);
    });
  }
  function mark(place) {
    here = place;
    [...node.children].forEach((one, t) => { one.className = t === place ? "rk-here" : t < place ? "rk-left" : "rk-right"; });
  }
  function update(text, found) {
    length = text.length;
    node.replaceChildren(...[...text].map((letter, t) => html("span", {}, html("b", {}, shown(letter)),
      READERS.map((name) => html("i", { class: `rk-${name}`, style: `--rk-high: ${(100 * Math.min(1, (found[name][t] ?? 0) / HIGHEST)).toFixed(1)}%` })))));
  }
  return { node, mark, update };
}

/** The likeliest characters by each reader at one place: { node, update(p, alphabet) }. */
function makeBars() {
  const parts = READERS.map((name) => html("div", { class: `rk-who rk-${name}` }));
  const node = html("div", { class: "rk-three rk-hold", role: "group", "aria-label": "What may stand at this place" }, parts);
  const update = (p, place, alphabet) => parts.forEach((part, k) => {
    const at = p[READERS[k]][place];
    part.replaceChildren(html("p", { class: "rk-small" }, NAMES[READERS[k]]), ...ranked(at).slice(0, BARS).flatMap((id) => [
      html("b", {}, shown(alphabet[id])), html("span", {}, html("i", { style: `width: ${100 * at[id]}%` })), html("span", { class: "rk-value" }, percent(at[id]))]));
  });
  return { node, update };
}

/** The field: onText(text or "", note) with what the readers know of what was typed. */
function makeField(value, symbols, onText) {
  const typed = textInput({ label: "text (_ covers a character)", value, maxLength: LONGEST, onInput: (given) => {
    const small = given.toLowerCase().replaceAll("’", "'");
    const known = [...small].filter((letter) => symbols.includes(letter)).slice(0, LONGEST).join("");
    if (known !== given) typed.set(known);
    onText(known, !known ? "One character at least: the text before stays." : known.length < small.length ? "The readers know small letters, blanks and ' , . ; : ! ? - alone." : "");
  } });
  typed.classList.add("rk-typed");
  return typed;
}

// Who knows the covered character best? costs(): of the three, in bits; open(): shows what was hidden; goOn(): as in predict.
function makeQuestion({ model, text, place, costs, open, goOn }) {
  const outcome = () => ({ right: rightGuess(costs()), found: costs() });
  const ask = predict({ model, question: QUESTION, outcome, goOn, answer(guess, { right, found }) {
    open();
    return [html("b", {}, guess === GUESSES[right] ? "Right. " : `Not this time: ${GUESSES[right]}. `), answer(found)];
  } });
  const from = text.lastIndexOf(" ", place) + 1;
  const end = text.indexOf(" ", place) < 0 ? text.length : text.indexOf(" ", place);
  ask.ask(GUESSES, { word: text.slice(from, place) + COVER + text.slice(place + 1, end) });
  return ask;
}

export default {
  render({ model, el }) {
    const [net, alphabet, texts] = [unpack(model.get("weights")), [...model.get("alphabet")], model.get("texts")];
    const symbols = [...alphabet, COVER];
    let [here, p, found, isOpen, covered] = [model.get("place"), null, null, false, new Map()];
    const put = (text) => { model.set("text", text); model.save_changes(); };
    const [status, said, legend] = [html("p", { class: "rk-small", "aria-live": "polite" }), live(), html("p", { class: "rk-small rk-legend" })];
    const at = (place) => Object.fromEntries(READERS.map((name) => [name, found[name][place]]));
    const line = makeLine((place) => { if (isOpen) show(place); });
    const bars = makeBars();
    function show(place) {
      const text = model.get("text");
      here = Math.max(0, Math.min(text.length - 1, place));
      if (!isOpen) return;
      line.mark(here);
      bars.update(p, here, alphabet);
      said.textContent = readout(here, text[here], at(here));
      cover.textContent = text[here] !== COVER ? "Cover it" : covered.has(here) ? "Uncover" : "Covered";
      cover.disabled = text[here] === COVER && !covered.has(here);
    }
    function read() {
      const text = model.get("text");
      const ids = [...text].map((letter) => symbols.indexOf(letter));
      p = readFromBothEnds(net, ids);
      found = Object.fromEntries(READERS.map((name) => [name, surprises(p[name], ids)]));
      const asShown = isOpen ? text : text.slice(0, here) + COVER + text.slice(here + 1);
      line.update(asShown, found);
      legend.replaceChildren(...READERS.map((name) => html("span", { class: `rk-${name}` }, html("i"), NAMES[name], isOpen ? `: ${mean(found[name])?.toFixed(2) ?? "–"}` : "")), isOpen ? "bits per character" : "");
      show(here);
    }
    const typed = makeField(model.get("text"), symbols, (text, note) => {
      [covered, status.textContent] = [new Map(), note];
      if (text) put(text);
    });
    const cover = button("Cover it", () => {
      const letters = [...model.get("text")];
      if (covered.has(here)) { letters[here] = covered.get(here); covered.delete(here); } else { covered.set(here, letters[here]); letters[here] = COVER; }
      typed.set(letters.join(""));
      put(letters.join(""));
    });
    const another = select({ label: "or", options: texts.map((text, k) => [String(k), `${text.slice(0, 18)}…`]), value: "0", onChange: (k) => { covered = new Map(); status.textContent = ""; typed.set(texts[k]); put(texts[k]); } });
    const waiting = [typed.input, another.input, cover];
    const tip = html("p", { class: "rk-small" });
    const [first, place] = [texts[0], model.get("place")];
    const ask = makeQuestion({ model, text: first, place, costs: () => at(place), goOn: () => line.node.focus({ preventScroll: true }), open() {
      isOpen = true;
      for (const control of waiting) control.disabled = false;
      for (const part of [line.node, bars.node]) part.classList.remove("rk-hold");
      tip.textContent = HINT;
      typed.set(model.get("text"));
      read();
    } });
    for (const control of waiting) control.disabled = true;
    put(texts[0]); // the question is about the first text
    typed.input.value = first.slice(0, place) + COVER + first.slice(place + 1);
    model.on("change:text", () => { if (typed.input.value !== model.get("text")) typed.set(model.get("text")); read(); });
    el.append(html("div", { class: "rk-two-box" }, html("div", { class: "rk-two" }, ask, row(typed, another, cover), status, legend, line.node, said, bars.node, tip)));
    read();
  },
};
