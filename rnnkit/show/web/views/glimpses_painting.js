// A digit painted stroke by stroke from codes that are drawn at random, with the window of every stroke.
import { diverging } from "../kit/colours.js";
import { button, slider } from "../kit/controls.js";
import { html, live, reducedMotion, row } from "../kit/dom.js";
import { readPicture, sideOf } from "../models/glimpse_reader.js";
import { blank, drawCodes, paintCodes, windowBox } from "../models/painter.js";
import { ADDED, BLANK, painted, painting, stepName } from "../words/glimpses.js";
import { makeBoard } from "./glimpses_board.js";

const PAUSE = 650; // milliseconds between two strokes
const STRONG = 4; // of a stroke, in logits: the full colour

/** The canvas, the stroke beside it, and all canvases below; onPick(step): { node, show(strokes, step) }. */
function makeCanvases(S, steps, onPick) {
  const [canvas, added] = [makeBoard(S, "", 0.9), makeBoard(S, "")];
  const small = Array.from({ length: steps }, (_, k) => makeBoard(S, `The canvas after stroke ${k + 1}`));
  small.forEach((board, k) => board.node.addEventListener("click", () => onPick(k + 1)));
  const node = html("div", { class: "rk-paint" }, html("div", { class: "rk-main" }, canvas.node),
    html("div", { class: "rk-beside" }, added.node, html("p", { class: "rk-small" }, ADDED)), html("div", { class: "rk-strip" }, small.map((board) => board.node)));
  function show(strokes, first, step) {
    const now = strokes[step - 1];
    canvas.show(now?.ink ?? first);
    canvas.frames(now ? [{ box: windowBox(now), kind: "rk-window" }] : [], now ? now.rows.flatMap((y) => now.columns.map((x) => [y + 0.5, x + 0.5])) : []);
    canvas.node.setAttribute("aria-label", step ? `The canvas after stroke ${step}, with the window of this stroke` : "The blank canvas");
    added.colour(now ? now.added.map((v) => diverging(-v, STRONG)) : first.map(() => "none"));
    added.node.setAttribute("aria-label", step ? `What stroke ${step} adds: blue is ink, red takes it away` : "Nothing is added yet");
    small.forEach((board, k) => {
      const later = k >= step;
      board.show(later ? first.map(() => 0) : strokes[k].ink);
      board.frames(later ? [] : [{ box: windowBox(strokes[k]), kind: "rk-window" }]);
      board.node.setAttribute("class", `rk-board ${later ? "rk-later" : k + 1 === step ? "rk-here" : ""}`);
    });
  }
  return { node, show };
}

/** { node, stop() }. net: the painter; reader, looks: what reads the canvas, and how often it looks. */
export function makePainting({ model, net, reader }) {
  const [S, steps, looks] = [sideOf(net.b_canvas.length), model.get("steps"), model.get("glimpses")];
  const first = blank(net);
  let [strokes, step, timer] = [[], 0, 0];
  const said = live();
  const canvases = makeCanvases(S, steps, (t) => { stop(); show(t); });
  const at = slider({ label: "stroke", min: 0, max: steps, step: 1, value: 0, format: (t) => stepName(t, steps), onInput: (t) => { stop(); show(t); } });
  const play = button("Paint it", () => (timer ? stop() : start()), { class: "rk-primary" });
  const another = button("Another", () => { model.set("seed", model.get("seed") + 1); model.save_changes(); });
  function show(t) {
    step = t;
    at.set(t);
    canvases.show(strokes, first, t);
    said.textContent = t ? painted(t, steps, strokes[t - 1], readPicture(reader, strokes[t - 1].ink, looks).at(-1).p) : BLANK;
  }
  function stop() {
    clearTimeout(timer);
    timer = 0;
    play.textContent = "Paint it";
    said.setAttribute("aria-live", "polite");
  }
  function next() {
    if (step >= steps) return stop();
    show(step + 1);
    if (step >= steps) return stop();
    timer = setTimeout(next, PAUSE);
    return undefined;
  }
  function start() {
    if (step >= steps) show(0);
    if (reducedMotion()) return show(steps);
    play.textContent = "Pause";
    said.setAttribute("aria-live", "off"); // a screen reader hears the end, not every stroke
    timer = setTimeout(next, step ? 0 : PAUSE / 2);
    return undefined;
  }
  function paint() {
    stop();
    strokes = paintCodes(net, drawCodes(net, model.get("seed"), steps));
    show(0);
  }
  paint();
  model.on("change:seed", () => { paint(); start(); });
  const node = html("div", { class: "rk-part" }, html("p", { class: "rk-small" }, painting(net.dec_W_xh.length)), canvases.node, row(at, html("div", { class: "rk-buttons" }, play, another)), said);
  return { node, stop };
}
