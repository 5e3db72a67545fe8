// A captioning model that glances at the picture before every word: the reader arranges a scene, the model describes it and shows where it looks.
import { button } from "../kit/controls.js";
import { html, reducedMotion } from "../kit/dom.js";
import { makeEditor } from "../kit/editor.js";
import { predict } from "../kit/predict.js";
import { kindsOf, under } from "../kit/scene.js";
import { loadSprites } from "../kit/sprites.js";
import { argmax } from "../models/arrays.js";
import { describe, END, unpack } from "../models/captioner.js";
import { firstGlance, nounOf } from "../models/captions.js";
import { answer, called, QUESTION, times, verdict, where, wordOf } from "../words/captioner.js";
import { makeBars, makeWords, mapOf } from "./captioner_words.js";

const PACE = 1100; // milliseconds per word when it plays

// Goes through the words by itself: { button, stop() }. isLast(): there is no next word. show(by): 0 to begin, 1 for the next.
function makePlay(el, isLast, show) {
  let timer = 0;
  const play = button("Play", () => (timer ? stop() : start()));
  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  }
  function start() {
    show(0);
    play.textContent = "Pause";
    timer = setInterval(() => {
      if (isLast() || !el.isConnected) stop();
      else show(1);
    }, reducedMotion() ? 2 * PACE : PACE);
  }
  return { button: play, stop };
}

/** The caption and one of its words, with what is laid over the scene. fixed: { net, words, names, sprites, editor, tell, el }.
 *  Returns its parts and { read(), show(place), open(place), focus(), said(), stop() }. */
function makeCaption({ net, words, names, sprites, editor, tell, el }) {
  let [said, at, which, isOpen] = [[], 0, net.glances - 1, false];
  const chips = makeWords((place) => move(place));
  const bars = makeBars();
  const look = html("p", { class: "rk-look" });
  const last = () => said.length - 1;
  const play = makePlay(el, () => at >= last(), (by) => show(by ? at + by : at >= last() ? 0 : at));
  const move = (place) => { play.stop(); show(place, true); };
  const step = (text, by, name) => button(text, () => move(at + by), { "aria-label": name, class: "rk-step" });
  const [back, next] = [step("‹", -1, "Previous word"), step("›", 1, "Next word")];
  const maps = Array.from({ length: net.glances + 1 }, (_, g) => button(g < net.glances ? `glance ${g + 1}` : "evidence", () => { which = g; show(at, true); }));

  function show(place, aloud = false) {
    at = Math.max(0, Math.min(last(), place));
    if (!isOpen) return;
    const { id, p } = said[at];
    const map = mapOf(said[at], which);
    chips.update(said, words, at, which);
    bars.update(p, words);
    editor.showMap(map);
    maps.forEach((one, g) => one.setAttribute("aria-pressed", g === which));
    for (const [one, useless] of [[back, at === 0], [next, at === last()]]) {
      if (useless && document.activeElement === one) chips.node.children[at].focus(); // a disabled button would lose it
      one.disabled = useless;
    }
    const { things } = editor.scene();
    const on = under(argmax(map), things, sprites);
    const { lead, rest } = where(wordOf(id, words), map, { glance: which < net.glances ? which + 1 : null, on, names, things, sprites });
    look.replaceChildren(html("b", {}, lead), ...rest);
    if (aloud) tell(look.textContent);
  }
  function read() {
    said = describe(net, editor.pixels());
    if (isOpen) show(at);
    else chips.update(said, words, null, null);
  }
  function open(place) {
    [isOpen, which] = [true, 0];
    for (const part of [look, bars.node]) part.classList.remove("rk-hold");
    show(place);
  }
  for (const part of [look, bars.node]) part.classList.add("rk-hold");
  return { chips: chips.node, bars: bars.node, look, maps, ways: [back, play.button, next], read, open, stop: play.stop, said: () => said, isOpen: () => isOpen, focus: () => chips.node.children[at].focus({ preventScroll: true }), toFirst() { at = 0; } };
}

// ---- the prediction: on what does the first glance before the relation fall?

function makeQuestion(model, { net, words, names, sprites, editor }, caption, waiting) {
  const first = () => firstGlance(caption.said(), words, editor.scene().things, sprites);
  let kinds = [];
  function outcome() {
    const [place, kind, share] = first();
    return { right: kinds.indexOf(kind), place, kind, share };
  }
  const ask = predict({ model, question: QUESTION, group: true, outcome, goOn: caption.focus, answer(guess, { place, kind, share }) {
    const named = caption.said().findIndex(({ id }) => kind !== null && nounOf(words[id], names) === kind);
    for (const part of waiting) part.inert = false;
    caption.open(place);
    return [html("b", {}, guess === called(kind) ? "Right: " : "Not this time: "), ...answer(kind, share, named < 0 ? null : named < place)];
  } });
  for (const part of waiting) part.inert = true; // until the reader has committed to a guess
  function update() {
    kinds = [...kindsOf(editor.scene().things), null];
    ask.ask(kinds.map(called), { times: times(net.glances), word: words[caption.said()[first()[0]].id] });
  }
  return { node: ask, update };
}

export default {
  async render({ model, el }) {
    const sprites = await loadSprites(model.get("sprites"));
    const [net, words, scenes, apart] = [unpack(model.get("weights")), model.get("words"), model.get("scenes"), model.get("apart")];
    let [frame, number] = [0, 0];
    const keep = (scene) => { model.set("scene", scene); model.save_changes(); };
    const editor = makeEditor({ sprites, scene: model.get("scene"), apart, onChange: (scene, settled) => {
      caption.stop();
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => { // once per frame, however often the drawing moves
        read();
        if (!settled) return;
        keep(scene);
        tell(judged.textContent);
      });
    } });
    const spoken = html("p", { class: "rk-said", "aria-live": "polite" });
    const tell = (text) => { spoken.textContent = text; };
    const judged = html("p", { class: "rk-verdict" });
    const fixed = { net, words, names: Object.keys(sprites), sprites, editor, tell, el };
    const caption = makeCaption(fixed);
    function read() {
      caption.read();
      const text = caption.said().filter(({ id }) => id !== END).map(({ id }) => words[id]).join(" ");
      const { right, lead, rest } = verdict(text, editor.scene().things, sprites, apart);
      judged.className = `rk-verdict rk-${right}`;
      judged.replaceChildren(html("b", {}, lead), ...rest);
      if (!caption.isOpen()) asked.update();
    }
    const another = button("Next scene", () => {
      caption.stop();
      number = (number + 1) % scenes.length;
      caption.toFirst();
      editor.set(scenes[number]);
      keep(editor.scene());
      read();
      tell(judged.textContent);
    });
    const go = html("div", { class: "rk-go" }, caption.ways, another);
    const glances = html("div", { class: "rk-go", role: "group", "aria-label": "What is laid over the scene" }, caption.maps);
    const asked = makeQuestion(model, fixed, caption, [go, glances, editor.tools]);
    const foot = html("p", { class: "rk-foot" }, apart.length ? [html("i"), " never with another kind here in training. "] : "", "Drawings: OpenMoji, CC BY-SA 4.0.");
    const half = (...parts) => html("div", { class: "rk-half" }, parts);
    el.append(html("div", { class: "rk-cap-box" }, html("div", { class: "rk-cap" }, asked.node, caption.chips,
      half(editor.stage, go, caption.bars), half(judged, glances, caption.look, editor.tools), foot, spoken)));
    model.on("change:scene", () => {
      if (JSON.stringify(model.get("scene")) === JSON.stringify(editor.scene())) return; // our own change
      editor.set(model.get("scene"));
      read();
    });
    read();
    return () => { caption.stop(); cancelAnimationFrame(frame); };
  },
};
