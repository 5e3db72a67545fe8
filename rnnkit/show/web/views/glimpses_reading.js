// A digit, read glimpse by glimpse: where the visitor looks, or where the network does.
import { button, select } from "../kit/controls.js";
import { html, live, reducedMotion, row } from "../kit/dom.js";
import { argmax } from "../models/arrays.js";
import { choose, cornerAt, look, nothing, placeOf, sideOf } from "../models/glimpse_reader.js";
import { after, before, called, DRAWING, EMPTY, full, LOOKING, SEEN, verdict } from "../words/glimpses.js";
import { makeBars } from "./glimpses_bars.js";
import { makeSeen, makeStage } from "./glimpses_stage.js";

const [MOST, PAUSE] = [8, 900]; // looks; milliseconds between two of the network's own

/** The looks at one picture: { reset(), at(place), own(), next(place), all }. */
function makeLooks(net, picture) {
  const all = [];
  const state = () => all.at(-1)?.h ?? nothing(net);
  const next = (place) => look(net, picture(), place, state());
  const at = (place, isOwn = false) => all.push({ ...next(place), isOwn });
  return { all, next, at, own: () => at(choose(net, state(), !all.length), true), reset: () => { all.length = 0; } };
}

/** The list of looks so far: number, digit, percent. */
function makeHistory() {
  const node = html("ol", { class: "rk-history" });
  const show = (all, right) => node.replaceChildren(...all.map(({ p }) => {
    const digit = argmax(p);
    return html("li", {}, html("b", { class: digit === right ? "rk-right" : "" }, String(digit)), ` ${Math.round(100 * p[digit])} %`);
  }));
  return { node, show };
}

/** { node, open(), run(), stop() }: open(): the visitor may move the frame; run(): the network looks where it wants. */
export function makeReading({ model, net, S }) {
  const [digits, answers, count] = [model.get("digits"), model.get("answers"), model.get("glimpses")];
  const side = sideOf(net.W_what.length);
  const free = S - side;
  const isDrawn = () => model.get("digit") < 0;
  const ink = () => (isDrawn() ? model.get("drawn") : digits[model.get("digit")]);
  const picture = () => ink().map((n) => n / 16);
  const right = () => (isDrawn() ? null : answers[model.get("digit")]);
  const looks = makeLooks(net, picture);
  let [timer, isOpen] = [0, false];
  const [said, tip, bars, history, seen] = [live(), html("p", { class: "rk-small" }), makeBars(), makeHistory(), makeSeen(S, side, SEEN)];
  const stage = makeStage({ S, side,
    onMove: (corner) => { stop(); show(corner); },
    onLook: (corner) => { stop(); lookAt(placeOf(corner, free)); },
    onDraw: (drawn) => { model.set("drawn", drawn); model.save_changes(); } });

  // corner: of a frame that has not looked yet; the marks show what the belief would become.
  function show(corner = null) {
    const { all } = looks;
    const last = all.at(-1);
    const next = corner && all.length < MOST ? looks.next(placeOf(corner, free)).p : null;
    bars.show(last?.p ?? null, next, right());
    history.show(all, right());
    seen.show(picture(), all.map((one) => one.corner));
    if (corner) said.textContent = all.length < MOST ? before(corner, side, next) : full(MOST);
    else said.textContent = last ? `${after(all.length, last.corner, side, last.p, last.isOwn)} ${verdict(last.p, right())}` : "";
    for (const one of [here, again]) one.disabled = !isOpen || (one === again && !all.length) || (one === here && all.length >= MOST);
  }
  function lookAt(place) {
    if (looks.all.length >= MOST) { said.textContent = full(MOST); return; }
    looks.at(place);
    settle();
  }
  function settle() { // the frame stands where the last look was
    stage.setFrame(looks.all.at(-1)?.corner ?? cornerAt([0, 0], free));
    show();
  }
  function stop() {
    clearTimeout(timer);
    timer = 0;
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
  function reset() {
    stop();
    looks.reset();
    settle();
  }
  function pick(k) {
    if (String(k) !== String(model.get("digit"))) { model.set("digit", k); model.save_changes(); }
    update();
    if (k < 0) setDrawing(true);
  }
  function setDrawing(value) {
    stop();
    looks.reset();
    stage.setInk(ink());
    stage.setMode(!isOpen ? "wait" : value ? "draw" : "look");
    [looking.hidden, drawing.hidden] = [value, !value];
    tip.textContent = isOpen ? (value ? DRAWING : LOOKING) : "";
    settle();
  }
  function update() {
    which.set(String(model.get("digit")));
    setDrawing(false);
  }
  function read(byItself) {
    if (!ink().some(Boolean)) { said.textContent = EMPTY; return; }
    setDrawing(false);
    stage.node.focus({ preventScroll: true });
    if (byItself) run();
  }
  function clear() {
    model.set("drawn", ink().map(() => 0));
    model.save_changes();
    setDrawing(true);
  }
  const here = button("Look here", () => { stop(); lookAt(placeOf(stage.corner(), free)); }, { class: "rk-primary" });
  const own = button("Let the network choose", () => run());
  const again = button("Start again", reset);
  const pen = button("Draw your own", () => { pick(-1); stage.node.focus({ preventScroll: true }); });
  const which = select({ label: "digit", value: "0", options: [...answers.map((answer, k) => [String(k), `${k + 1}: ${called(answer)}`]), ["-1", "your own"]], onChange: (k) => pick(Number(k)) });
  const looking = html("div", { class: "rk-buttons" }, here, own, again, pen);
  const drawing = html("div", { class: "rk-buttons", hidden: true }, button("Let the network read it", () => read(true), { class: "rk-primary" }), button("Look yourself", () => read(false)), button("Clear", clear));
  const waiting = [here, own, again, pen, which.input];
  for (const one of waiting) one.disabled = true;
  function open() {
    isOpen = true;
    for (const one of waiting) one.disabled = false;
    setDrawing(false);
  }
  model.on("change:digit", update);
  update();
  const node = html("div", { class: "rk-part" },
    html("div", { class: "rk-read" }, html("div", { class: "rk-main" }, stage.node), html("div", { class: "rk-beside" }, seen.node, html("p", { class: "rk-small" }, SEEN), history.node), bars.node),
    row(which, looking, drawing), said, tip);
  return { node, open, run, stop, stage: stage.node };
}
