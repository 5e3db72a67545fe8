// A vanilla RNN with three units reads a word: the states as a heat map, the arithmetic of one unit, every weight editable.
import { diverging } from "../kit/colours.js";
import { button, select, textInput } from "../kit/controls.js";
import { html, onKeys, rich, row } from "../kit/dom.js";
import { predict } from "../kit/predict.js";
import { LETTERS, readWord, score } from "../models/rnn_cell.js";
import { fixed, FOUR, hint, QUESTION, writtenOut } from "../words/rnn_cell.js";
import { makeStates } from "./rnn_cell_states.js";
import { makeWeights, MATRICES } from "./rnn_cell_weights.js";

const GUESSES = ["l", "o"];
const NAMES = ["hello", "amnesia", "echo", "random", ["edited", "your own"]];
const LONGEST = 8;
const VERDICTS = {
  o: "Yes: o. Unit 1 remembers that an l was just read, and through W_hh it lifts unit 2 from −0.76 to 0.73.",
  l: "It says o. Same input, but not the same state before it: unit 1 remembers the first l and lifts unit 2 from −0.76 to 0.73.",
};

const clean = (text) => [...text.toLowerCase()].filter((l) => LETTERS.includes(l)).slice(0, LONGEST).join("");

// What the reader reads and sees: the word, the weights, the steps, which of them are shown, which unit of which is chosen.
function start(model) {
  const word = clean(model.get("word")) || "hello";
  const [weights, presets] = [structuredClone(model.get("weights")), model.get("presets")];
  const preset = Object.keys(presets).find((name) => JSON.stringify(presets[name]) === JSON.stringify(weights)) ?? "edited";
  const asked = word === "hello" && preset === "hello"; // the prediction is about this word and these weights
  const shown = asked ? 3 : word.length;
  return { word, weights, steps: readWord(word, weights), preset, asked, shown, step: shown - 1, unit: 2 };
}

// The arithmetic of the chosen unit, each term on the colour of its size.
function writeSum(sum, { steps, step, word, unit, weights }) {
  const { parts, terms, a, h } = writtenOut(steps[step], word[step], unit, weights);
  const chips = parts.flatMap((part, i) => [i ? " + " : "", html("span", { class: "rk-term", style: `background: ${diverging(terms[i], 3)}` }, part)]);
  sum.replaceChildren(html("b", {}, `step ${step + 1}, reads ${word[step]}, unit ${unit}: `), ...chips, " = ", html("b", {}, fixed(a)), ", ", html("b", {}, `h = tanh(${fixed(a)}) = ${fixed(h)}`));
}

// The word and the preset. onWord(letters, note): the reader typed; no letters, if none is left.
function makeInputs(now, { onWord, onPreset }) {
  const presets = select({ label: "preset", options: NAMES, value: now.preset, onChange: onPreset });
  const typed = textInput({ label: "word", value: now.word, maxLength: LONGEST, onInput: (text) => {
    const letters = clean(text);
    if (letters !== text) typed.set(letters);
    onWord(letters, letters !== text.toLowerCase());
  } });
  return { node: row(typed, presets), presets };
}

// The buttons and the keys that go through the steps and the units.
function makeSteps(now, states, choose) {
  const by = (t, j) => () => choose(now.step + t, now.unit + j);
  const arrow = (text, t, name) => button(text, by(t, 0), { "aria-label": name, style: "padding: 0" });
  const [previous, next] = [arrow("◀", -1, "previous step"), arrow("▶", 1, "next step")];
  onKeys(states.node, { ArrowLeft: by(-1, 0), ArrowRight: by(1, 0), ArrowUp: by(0, -1), ArrowDown: by(0, 1) });
  function update() {
    previous.disabled = now.step === 0;
    next.disabled = now.step >= now.shown - 1;
  }
  return { nodes: [previous, next], update };
}

function setWeight(weights, name, i, j, value) {
  if (name === "W_xh" && i === LETTERS.length) weights.b_h[j] = value;
  else weights[name][i][j] = value;
}

export default {
  render({ model, el }) {
    const now = start(model);
    const sum = html("p", { class: "rk-sum", "aria-live": "polite" });
    const states = makeStates(choose);
    const ask = predict({ model, question: QUESTION, outcome: () => ({ right: GUESSES.indexOf("o") }), answer: reveal, look: { class: "rk-primary" }, kind: "rk-rnn-all" });
    const say = (content) => ask.say(content, { "aria-live": "polite" });
    const editor = makeWeights({ get: (name) => MATRICES[name].rows(now.weights), onEdit: edit });
    const inputs = makeInputs(now, { onWord, onPreset(preset) {
      now.preset = preset;
      if (preset !== "edited") now.weights = structuredClone(model.get("presets")[preset]);
      changed();
    } });
    const steps = makeSteps(now, states, choose);

    function choose(t, j) {
      now.unit = Math.min(2, Math.max(0, j));
      now.step = Math.min(now.shown - 1, Math.max(0, t));
      draw();
    }
    function draw(animate) {
      states.draw({ ...now, animate });
      steps.update();
      writeSum(sum, now);
    }
    function edit(name, i, j, value) {
      setWeight(now.weights, name, i, j, value);
      inputs.presets.set(now.preset = "edited");
      changed();
    }
    function onWord(letters, isPart) {
      if (!letters) return say(FOUR);
      Object.assign(now, { word: letters, step: Math.min(now.step, letters.length - 1) });
      changed();
      if (isPart) tell(FOUR);
    }
    function changed() {
      const shown = now.word.length;
      Object.assign(now, { steps: readWord(now.word, now.weights), asked: false, shown, step: Math.min(now.step, shown - 1) });
      model.set("word", now.word);
      model.set("weights", structuredClone(now.weights));
      model.save_changes();
      editor.update();
      draw();
      tell();
    }
    function tell(verdict = "") {
      const [right, of] = score(now.word, now.steps);
      say([verdict && `${verdict} `, html("b", {}, `${right} of ${of} next letters right. `), ...rich(hint(now.preset, now.word))]);
    }
    function reveal(guess) {
      Object.assign(now, { asked: false, shown: now.word.length, step: 3, unit: 2 });
      draw({ from: 3 });
      tell(VERDICTS[guess]);
    }
    if (now.asked) ask.ask(GUESSES);
    else tell();
    draw({ from: 0 });
    el.append(html("div", { class: "rk-rnn-box" }, html("div", { class: "rk-rnn" }, ask, html("div", {}, states.node, inputs.node), editor.node,
      html("div", { class: "rk-rnn-all rk-stepping" }, steps.nodes, sum))));
  },
};
