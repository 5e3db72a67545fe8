// A digit read glimpse by glimpse, and digits painted stroke by stroke: two parts, one shown at a time.
import { button } from "../kit/controls.js";
import { html } from "../kit/dom.js";
import { predict } from "../kit/predict.js";
import { looksUntilRight, readPicture, sideOf, unpackPart } from "../models/glimpse_reader.js";
import { answer, guesses, HINT, QUESTION, rightGuess, times } from "../words/glimpses.js";
import { makePainting } from "./glimpses_painting.js";
import { makeReading } from "./glimpses_reading.js";

// How many looks does it take? Of the first digit; open(): shows what was hidden; goOn(): as in predict.
function makeQuestion({ model, net, open, goOn }) {
  const [count, digit] = [model.get("glimpses"), model.get("answers")[0]];
  const found = readPicture(net, model.get("digits")[0].map((n) => n / 16), count);
  const until = looksUntilRight(found, digit);
  const [all, right] = [guesses(count), rightGuess(until, count)];
  const ask = predict({ model, question: QUESTION, outcome: () => ({ right }), goOn, answer(guess) {
    open();
    return [html("b", {}, guess === all[right] ? "Right. " : `Not this time: ${all[right]}. `), answer(found, until)];
  } });
  ask.ask(all, { digit, times: times(count), side: sideOf(net.W_what.length) });
  return ask;
}

/** Buttons that show one of some parts: { node, show(k) }. parts: of [name, element, leave()]. */
function makeTabs(parts) {
  const buttons = parts.map(([name], k) => button(name, () => show(k)));
  const node = html("div", { class: "rk-tabs", role: "group", "aria-label": "Part" }, buttons);
  function show(k) {
    parts.forEach(([, part, leave], j) => {
      part.hidden = j !== k;
      buttons[j].setAttribute("aria-pressed", String(j === k));
      if (j !== k) leave();
    });
  }
  show(0);
  return node;
}

export default {
  render({ model, el }) {
    const packed = model.get("weights");
    const [net, painter] = ["reader", "painter"].map((part) => unpackPart(packed, part));
    if (model.get("digit") !== 0) { model.set("digit", 0); model.save_changes(); } // the question is about the first
    const reading = makeReading({ model, net, S: sideOf(model.get("digits")[0].length) });
    const painting = makePainting({ model, net: painter, reader: net });
    const hint = html("p", { class: "rk-small" });
    const open = () => {
      reading.open();
      hint.textContent = HINT;
    };
    const ask = makeQuestion({ model, net, open, goOn() {
      reading.stage.focus({ preventScroll: true });
      reading.run();
    } });
    const read = html("div", { class: "rk-part" }, ask, reading.node, hint);
    el.append(html("div", { class: "rk-glimpses-box" }, html("div", { class: "rk-glimpses" },
      makeTabs([["Read", read, reading.stop], ["Paint", painting.node, painting.stop]]), read, painting.node)));
  },
};
