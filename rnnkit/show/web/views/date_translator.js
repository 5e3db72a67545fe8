// A date that the reader types: the decoder writes it as ISO, and shows for every character where it looked.
import { sequential } from "../kit/colours.js";
import { button, select, textInput } from "../kit/controls.js";
import { html, live, onKeys, row } from "../kit/dom.js";
import { predict } from "../kit/predict.js";
import { argmax } from "../models/arrays.js";
import { FIRST, judged, moved, translate, unpack } from "../models/date_translator.js";
import { answer, compared, EMPTY, END_SHOWN, HINT, leftOut, LEGEND, QUESTION, readout, shown, verdict } from "../words/date_translator.js";

const [LONGEST, MOVED] = [32, 0.2]; // characters of a text; the share of a row's weight that makes it look elsewhere

/** Calls onPick(k) when a pointer is over a part of the node, or presses it. */
function onParts(node, parts, onPick) {
  for (const type of ["pointerover", "pointerdown"]) {
    node.addEventListener(type, (event) => {
      if (type === "pointerover" && event.pointerType === "touch") return;
      const k = parts().findIndex((one) => one.contains(event.target));
      if (k >= 0) onPick(k);
    });
  }
}

/** The text that is read, and below it what is written; onPick(row). */
function makeLines(onPick) {
  const read = html("div", { class: "rk-line" });
  const written = html("div", { class: "rk-line rk-written", role: "group", tabindex: 0, "aria-label": "The written date: arrow keys go from character to character and write the next" });
  let [here, last] = [0, 0];
  onKeys(written, { ArrowRight: () => onPick(Math.min(last, here + 1)), ArrowLeft: () => onPick(Math.max(0, here - 1)), Home: () => onPick(0), End: () => onPick(last) });
  onParts(written, () => [...written.children].filter((one) => one.className !== "rk-later"), onPick);
  function update({ letters, written: out }) { // what is under the pointer stays while rows are chosen
    last = out.length - 1;
    read.replaceChildren(...letters.map((letter) => html("b", {}, shown(letter))));
    written.replaceChildren(...out.map(() => html("b")));
  }
  function mark({ written: out, weights }, count, at, differs) {
    here = at;
    [...read.children].forEach((one, s) => { one.style.background = sequential(weights[at][s]); });
    [...written.children].forEach((one, t) => {
      one.className = t >= count ? "rk-later" : `${t === at ? "rk-here " : ""}${differs(t) ? "rk-differs" : ""}`;
      one.textContent = t < count ? out[t] : "·";
    });
  }
  const node = html("div", { class: "rk-lines" }, html("span", { class: "rk-small" }, "reads"), read, html("span", { class: "rk-small" }, "writes"), written);
  return { node, written, update, mark };
}

/** The alignment: a row for each written character, a column for each that is read; onPick(row). */
function makeMap(onPick) {
  const head = html("div");
  const body = html("div");
  const node = html("div", { class: "rk-map", role: "img", "aria-label": "The alignment, row by row; each row is read out above" }, head, body);
  onParts(body, () => [...body.children].filter((one) => one.className !== "rk-later"), onPick);
  function update({ letters, written, p, weights }, sign) {
    node.style.setProperty("--rk-count", letters.length);
    head.replaceChildren(html("span"), html("span", {}, "%"), ...letters.map((letter) => html("b", {}, shown(letter))));
    body.replaceChildren(...written.map((letter, t) => html("div", {}, html("b", {}, letter), html("span", {}, String(Math.round(100 * p[t]))),
      ...[...weights[t]].map((w) => html("i", { style: `background: ${sequential(w, 1, "blue")}` })), html("em", {}, sign(t)))));
  }
  const mark = (count, at) => [...body.children].forEach((one, t) => { one.className = t >= count ? "rk-later" : t === at ? "rk-here" : ""; });
  return { node, update, mark };
}

/** The field: onText(text, note), the text being empty where nothing of it is known; onEnter() before it is edited. */
function makeField(value, alphabet, onText, onEnter) {
  let composing = false; // an input method is at work: half a syllable is no character yet
  const typed = textInput({ label: "a date", value, maxLength: LONGEST, onInput: () => { if (!composing) take(); } });
  const known = (text) => [...text.normalize("NFC")].filter((letter) => alphabet.includes(letter)).slice(0, LONGEST).join("");
  function take() {
    const { value: given, selectionStart } = typed.input;
    const text = known(given);
    if (text !== given) {
      const caret = known(given.slice(0, selectionStart)).length;
      typed.set(text);
      typed.input.setSelectionRange(caret, caret);
    }
    const unknown = [...new Set(given.normalize("NFC"))].filter((letter) => !alphabet.includes(letter));
    onText(text, [unknown.length ? leftOut(unknown) : "", text ? "" : EMPTY].join(" ").trim());
  }
  typed.input.addEventListener("compositionstart", () => { composing = true; });
  typed.input.addEventListener("compositionend", () => { composing = false; take(); });
  typed.input.addEventListener("focus", onEnter);
  onKeys(typed.input, { Enter: onEnter });
  typed.classList.add("rk-typed");
  return typed;
}

// Where does it look? found: the first text's reading; open(): shows what was hidden; goOn(): as in predict.
function makeQuestion({ model, found, at, open, goOn }) {
  const [text, guesses] = [found.text, model.get("guesses")];
  const weights = [...found.weights[at]];
  const shares = guesses.map(([what, start, end]) => [what, weights.slice(start, end).reduce((a, b) => a + b, 0)]);
  const right = argmax(shares.map(([, share]) => share));
  const said = answer([...shares].sort((a, b) => b[1] - a[1]), found.written[at], text);
  const names = guesses.map(([what]) => `at ${what}`);
  const ask = predict({ model, question: QUESTION, outcome: () => ({ right }), goOn, answer(guess) {
    open();
    return [html("b", {}, guess === names[right] ? "Right. " : `Not this time: ${names[right]}. `), said];
  } });
  ask.ask(names, { text, written: found.written.slice(0, at).join(""), letter: found.written[at] });
  return ask;
}

const isoOf = ({ written }) => written.filter((letter) => letter !== END_SHOWN).join("");

/** What has changed from one reading to the next; before may be null: { differs(row), elsewhere(row), shift(row), said }. */
function compare(before, found) {
  const shifts = before ? moved(before.weights, found.weights, before.letters, found.letters) : [];
  const shift = (t) => shifts[t] ?? null;
  const differs = (t) => before !== null && found.written[t] !== before.written[t];
  const elsewhere = (t) => shift(t) !== null && shift(t) >= MOVED;
  const count = (holds) => [...found.written.keys()].filter(holds).length;
  const rows = shifts.every((one) => one === null) ? null : count(elsewhere);
  return { differs, elsewhere, shift, said: before ? compared(before.text, isoOf(before), count(differs), rows) : "" };
}

/** The lines, the map, the buttons and what is said of them: { parts, update(reading, before), show(row), open(row), focus() }. */
function makeReading(known) {
  // here: the row in hand; count: how many are shown.
  let [found, changes, here, count, isOpen, before] = [null, null, 0, 0, false, null];
  const [said, whole] = [live(), html("p", { class: "rk-small", "aria-live": "polite" })];
  const pick = (t) => { if (isOpen) show(t); };
  const last = () => found.written.length - 1;
  const [lines, map] = [makeLines(pick), makeMap(pick)];
  const back = button("Back", () => pick(Math.max(0, here - 1)));
  const next = button("Next", () => pick(Math.min(last(), here + 1)), { class: "rk-primary" });
  const all = button("Write all", () => pick(last()));
  for (const one of [back, next, all]) one.disabled = true;
  function show(t, least = count) {
    [here, count] = [t, Math.max(least, t + 1)];
    lines.mark(found, count, here, changes.differs);
    map.mark(count, here);
    if (!isOpen) return;
    const [iso, isWhole] = [isoOf(found), count > last()];
    said.textContent = readout(here, found.written[here], found.p[here], found.weights[here], found.letters, before?.written[here], changes.shift(here));
    whole.textContent = [changes.said, isWhole ? verdict(iso, known.get(found.text), judged(iso)) : ""].join(" ").trim();
    [back.disabled, next.disabled, all.disabled] = [here === 0, here === last(), isWhole];
  }
  function update(reading, old) { // an edit is shown as a whole, another text from its first character
    [found, before, changes] = [reading, old, compare(old, reading)];
    lines.update(found);
    map.update(found, (t) => `${changes.differs(t) ? "≠" : ""}${changes.elsewhere(t) ? "↔" : ""}`);
    show(old ? Math.min(here, last()) : 0, old ? last() + 1 : 1);
  }
  const open = (t) => { isOpen = true; show(t); };
  const focus = () => lines.written.focus({ preventScroll: true });
  return { parts: [lines.node, row(back, next, all), said, map.node, html("p", { class: "rk-small" }, LEGEND), whole], update, show, open, focus };
}

export default {
  render({ model, el }) {
    const [net, alphabet, dates, asked] = [unpack(model.get("weights")), [...model.get("alphabet")], model.get("dates"), model.get("row")];
    let [found, mark] = [null, null]; // mark: the reading that an edit is compared with
    const [status, tip] = [html("p", { class: "rk-small", "aria-live": "polite" }), html("p", { class: "rk-small" })];
    const shownReading = makeReading(new Map(dates.map(([, text, iso]) => [text, iso])));
    const place = () => String(dates.findIndex(([, text]) => text === found.text));
    function read() {
      const text = model.get("text");
      const { tokens, p, weights } = translate(net, [...text].map((letter) => FIRST + alphabet.indexOf(letter)));
      found = { text, letters: [...text], written: tokens.map((id) => alphabet[id - FIRST] ?? END_SHOWN), p, weights };
      another.set(place());
      shownReading.update(found, mark && mark.text !== text ? mark : null);
    }
    const put = (text) => { model.set("text", text); model.save_changes(); };
    const typed = makeField(model.get("text"), alphabet, (text, note) => {
      status.textContent = note;
      if (text) put(text);
    }, () => { mark = found; });
    const another = select({ label: "or", options: [...dates.map(([name], k) => [String(k), name]), ["-1", "your own"]], value: "0", onChange: (k) => {
      if (!dates[k]) { another.set(place()); return; }
      [status.textContent, mark] = ["", null];
      typed.set(dates[k][1]);
      put(dates[k][1]);
    } });
    const waiting = [typed.input, another.input];
    for (const control of waiting) control.disabled = true;
    put(dates[0][1]); // the question is about the first text
    typed.set(dates[0][1]);
    read();
    shownReading.show(asked - 1);
    const ask = makeQuestion({ model, found, at: asked, goOn: shownReading.focus, open() {
      for (const control of waiting) control.disabled = false;
      tip.textContent = HINT;
      shownReading.open(asked);
    } });
    model.on("change:text", () => {
      if (typed.input.value !== model.get("text")) typed.set(model.get("text"));
      read();
    });
    el.append(html("div", { class: "rk-dates-box" }, html("div", { class: "rk-dates" }, ask, row(typed, another), status, ...shownReading.parts, tip)));
  },
};
