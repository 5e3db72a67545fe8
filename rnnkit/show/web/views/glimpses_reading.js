// A digit, read glimpse by glimpse: where the visitor looks, or where the network does.
import { button, select } from "../kit/controls.js";
import { html, live, reducedMotion, row } from "../kit/dom.js";
import { argmax } from "../models/arrays.js";
import { choose, cornerAt, look, nothing, placeOf, sideOf } from "../models/glimpse_reader.js";
import { after, before, called, DRAWING, EMPTY, full, LOOKING, SEEN, verdict } from "../words/glimpses.js";
import { makeBars } from "./glimpses_bars.js";
import { makeSeen, makeStage } from "./glimpses_stage.js";

const [MOST, PAUSE] = [8, 900]; // looks; milliseconds between two of the network's own

/** What is read: one of the digits, or the visitor's drawing. */
function makeSubject(model) {
  const isDrawn = () => model.get("digit") < 0;
  const ink = () => (isDrawn() ? model.get("drawn") : model.get("digits")[model.get("digit")]);
  function draw(drawn, settled = true) {
    model.set("drawn", drawn);
    if (settled) model.save_changes();
  }
  function pick(k) {
    model.set("digit", k);
    model.save_changes();
  }
  return { ink, draw, pick, picture: () => ink().map((n) => n / 16), right: () => (isDrawn() ? null : model.get("answers")[model.get("digit")]) };
}

/** The looks at what is read so far: { all, next(place), at(place), own(), reset() }. */
function makeLooks(net, picture) {
  const all = [];
  const state = () => all.at(-1)?.h ?? nothing(net);
  const next = (place) => look(net, picture(), place, state());
  const at = (place, isOwn = false) => all.push({ ...next(place), isOwn });
  return { all, next, at, own: () => at(choose(net, state(), !all.length), true), reset: () => { all.length = 0; } };
}

/** All that tells of the looks: { beside, bars, said, show(all, corner, next) }. corner: of a frame that has not looked
 *  yet, or null; next: what the belief would become there, or null where no look is left. */
function makePanels(subject, S, side) {
  const [said, bars, seen, history] = [live(), makeBars(), makeSeen(S, side, SEEN), html("ol", { class: "rk-history" })];
  const entry = ({ p }, right) => html("li", {}, html("b", { class: argmax(p) === right ? "rk-right" : "" }, String(argmax(p))), ` ${Math.round(100 * Math.max(...p))} %`);
  function show(all, corner, next) {
    const [last, right] = [all.at(-1), subject.right()];
    bars.show(last?.p ?? null, next, right);
    history.replaceChildren(...all.map((one) => entry(one, right)));
    seen.show(subject.picture(), all.map((one) => one.corner));
    if (corner) said.textContent = next ? before(corner, side, next) : full(MOST);
    else said.textContent = last ? `${after(all.length, last.corner, side, last.p, last.isOwn)} ${verdict(last.p, right)}` : "";
  }
  const beside = html("div", { class: "rk-beside" }, seen.node, html("p", { class: "rk-small" }, SEEN), history);
  return { beside, bars: bars.node, said, show };
}

/** The reader at work: { stage, panels, look(), run(), reset(), stop(), count() }; onChange(): after every look. */
function makeReader({ net, subject, S, count, onChange }) {
  const side = sideOf(net.W_what.length);
  const free = S - side;
  const [looks, panels] = [makeLooks(net, subject.picture), makePanels(subject, S, side)];
  let timer = 0;
  const isFull = () => looks.all.length >= MOST;
  const stage = makeStage({ S, side, onDraw: subject.draw, onLook: lookHere,
    onMove: (corner) => {
      stop();
      panels.show(looks.all, corner, isFull() ? null : looks.next(placeOf(corner, free)).p);
    } });
  function settle() { // the frame stands where the last look was
    stage.setFrame(looks.all.at(-1)?.corner ?? cornerAt([0, 0], free));
    panels.show(looks.all, null, null);
    onChange();
  }
  function lookHere() {
    stop();
    if (isFull()) {
      panels.said.textContent = full(MOST);
      return;
    }
    looks.at(placeOf(stage.corner(), free));
    settle();
  }
  function stop() {
    clearTimeout(timer);
    timer = 0;
  }
  function reset() {
    stop();
    looks.reset();
    settle();
  }
  function run() {
    stop();
    looks.reset();
    const step = () => {
      do looks.own(); while (reducedMotion() && looks.all.length < count);
      settle();
      timer = looks.all.length < count ? setTimeout(step, PAUSE) : 0;
    };
    step();
  }
  return { stage, panels, look: lookHere, run, reset, stop, count: () => looks.all.length };
}

/** The list of digits and the buttons of both modes: { node, mark(isOpen, isDrawing, looks), set(k) }. */
function makeControls(answers, acts) {
  const [here, again] = [button("Look here", acts.look, { class: "rk-primary" }), button("Start again", acts.reset)];
  const rest = [button("Let the network choose", acts.run), button("Draw your own", acts.draw)];
  const which = select({ label: "digit", value: "0", options: [...answers.map((answer, k) => [String(k), `${k + 1}: ${called(answer)}`]), ["-1", "your own"]], onChange: (k) => acts.pick(Number(k)) });
  const looking = html("div", { class: "rk-buttons" }, here, rest[0], again, rest[1]);
  const drawing = html("div", { class: "rk-buttons" }, button("Let the network read it", () => acts.read(true), { class: "rk-primary" }), button("Look yourself", () => acts.read(false)), button("Clear", acts.clear));
  function mark(isOpen, isDrawing, looks) {
    for (const one of [...rest, which.input]) one.disabled = !isOpen;
    [here.disabled, again.disabled] = [!isOpen || looks >= MOST, !isOpen || !looks];
    [looking.hidden, drawing.hidden] = [isDrawing, !isDrawing];
  }
  return { node: row(which, looking, drawing), mark, set: (k) => which.set(String(k)) };
}

/** { node, stage, open(), run(), stop() }: open(): the visitor may move the frame; run(): the network looks where it wants. */
export function makeReading({ model, net, S }) {
  const [subject, tip] = [makeSubject(model), html("p", { class: "rk-small" })];
  let [isOpen, isDrawing] = [false, false];
  const mark = () => controls.mark(isOpen, isDrawing, reader.count());
  function setMode(drawing) {
    isDrawing = drawing;
    stage.setInk(subject.ink());
    stage.setMode(!isOpen ? "wait" : drawing ? "draw" : "look");
    if (isOpen) tip.textContent = drawing ? DRAWING : LOOKING;
    reader.reset();
  }
  function pick(k) {
    subject.pick(k);
    controls.set(k);
    setMode(k < 0);
  }
  function read(byItself) {
    if (!subject.ink().some(Boolean)) {
      panels.said.textContent = EMPTY;
      return;
    }
    setMode(false);
    stage.node.focus({ preventScroll: true });
    if (byItself) reader.run();
  }
  function draw() {
    pick(-1);
    stage.node.focus({ preventScroll: true });
  }
  function clear() {
    subject.draw(subject.ink().map(() => 0));
    setMode(true);
  }
  function open() {
    isOpen = true;
    setMode(false);
  }
  const controls = makeControls(model.get("answers"), { look: () => reader.look(), run: () => reader.run(), reset: () => reader.reset(), draw, pick, read, clear });
  const reader = makeReader({ net, subject, S, count: model.get("glimpses"), onChange: () => mark() });
  const { stage, panels } = reader;
  setMode(false);
  model.on("change:digit", () => { controls.set(model.get("digit")); setMode(false); });
  const board = html("div", { class: "rk-read" }, html("div", { class: "rk-main" }, stage.node), panels.beside, panels.bars);
  return { node: html("div", { class: "rk-part" }, board, controls.node, panels.said, tip), stage: stage.node, open, run: reader.run, stop: reader.stop };
}
