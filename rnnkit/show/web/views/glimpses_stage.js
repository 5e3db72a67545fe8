// The board that the visitor works on: a frame to move over the digit, or a pen to draw one with.
import { html, onKeys } from "../kit/dom.js";
import { count, draw, fineOf, toggle } from "../models/pen.js";
import { STAGE } from "../words/glimpses.js";
import { covered, makeBoard } from "./glimpses_board.js";

const clamp = (v, most) => Math.max(0, Math.min(most, v));

/** The frame, a square of `side` pixels: what pointer and keys do with it, and { corner(), set(corner), box() }. */
function makeFrame({ board, S, side, mark, onMove, onLook }) {
  let [corner, home] = [[0, 0], [0, 0]];
  function set(to, isHome = true) {
    corner = to.map((v) => clamp(v, S - side));
    if (isHome) home = corner;
    mark();
  }
  function move(event, isDown) { // a mouse that only passes by leaves the frame where it was
    if (event.pointerType === "touch" && !isDown) return;
    const before = String(corner);
    set(board.at(event).map((v) => Math.round(v - side / 2)), false);
    if (String(corner) !== before) onMove(corner);
  }
  function end() {
    set(corner);
    onLook();
  }
  function leave() {
    if (String(corner) === String(home)) return;
    set(home);
    onMove(corner);
  }
  function step(dr, dc) {
    set([corner[0] + dr, corner[1] + dc]);
    onMove(corner);
  }
  return { move, end, leave, step, act: onLook, corner: () => corner, set, box: () => ({ box: [...corner, side, side], kind: "rk-eye" }) };
}

/** The pen: what pointer and keys do with it, and { set(ink), box() }. */
function makePen({ board, S, mark, onDraw }) {
  let [fine, pixel, last] = [null, [0, 0], null]; // last: where the pen was, while it is down
  const show = (ink) => board.show(ink.map((n) => n / 16));
  function set(ink) {
    fine = fineOf(ink);
    show(ink);
  }
  function drawn(settled) {
    const ink = count(fine);
    show(ink);
    mark();
    onDraw(ink, settled);
  }
  function move(event, isDown) {
    if (!isDown) return;
    const to = board.at(event);
    draw(fine, last ?? to, to);
    [last, pixel] = [to, to.map((v) => clamp(Math.floor(v), S - 1))];
    drawn(false);
  }
  function end() {
    last = null;
    drawn(true);
  }
  function step(dr, dc) {
    pixel = [clamp(pixel[0] + dr, S - 1), clamp(pixel[1] + dc, S - 1)];
    mark();
  }
  function act() {
    toggle(fine, pixel);
    drawn(true);
  }
  return { move, end, leave: () => { if (last) end(); }, step, act, set, box: () => ({ box: [...pixel, 1, 1], kind: "rk-pen" }) };
}

/** S: pixels on a side; side: of the frame. onMove(corner): the frame is somewhere else; onLook(): it looks;
 *  onDraw(ink, settled): the drawing has changed; settled is false while the pen is down.
 *  Returns { node, corner(), setMode("look", "draw" or "wait"), setFrame(corner), setInk(ink) }. */
export function makeStage({ S, side, onMove, onLook, onDraw }) {
  const board = makeBoard(S, null);
  const node = html("div", { class: "rk-stage-board", role: "group", tabindex: 0 }, board.node);
  let tool = null;
  const mark = () => board.frames(tool ? [tool.box()] : []);
  const frame = makeFrame({ board, S, side, mark, onMove, onLook });
  const pen = makePen({ board, S, mark, onDraw });
  function setMode(mode) {
    tool = { look: frame, draw: pen }[mode];
    node.className = `rk-stage-board rk-${mode}`;
    node.setAttribute("aria-label", STAGE[mode] ?? STAGE.look);
    mark();
  }
  listen(node, () => tool);
  return { node, corner: frame.corner, setMode, setFrame: frame.set, setInk: pen.set };
}

// now(): what the keys and the pointer do at present, or nothing.
function listen(node, now) {
  let isDown = false;
  node.addEventListener("pointerdown", (event) => {
    if (!now() || event.button) return;
    isDown = true;
    node.setPointerCapture(event.pointerId);
    now().move(event, true);
  });
  node.addEventListener("pointermove", (event) => now()?.move(event, isDown));
  for (const type of ["pointerup", "pointercancel"]) {
    node.addEventListener(type, () => {
      if (isDown) now()?.[type === "pointerup" ? "end" : "leave"]();
      isDown = false;
    });
  }
  node.addEventListener("pointerleave", () => { if (!isDown) now()?.leave(); });
  const step = (dr, dc) => () => now()?.step(dr, dc);
  const act = () => now()?.act();
  onKeys(node, { ArrowUp: step(-1, 0), ArrowDown: step(1, 0), ArrowLeft: step(0, -1), ArrowRight: step(0, 1), Enter: act, " ": act });
}

/** What the network has seen: the pixels in its looks, all others grey, and every look's frame. */
export function makeSeen(S, side, label) {
  const board = makeBoard(S, "");
  function show(ink, corners) {
    board.show(ink, covered(corners, side, S));
    board.frames(corners.map(([row, column], k) => ({ box: [row, column, side, side], kind: k === corners.length - 1 ? "rk-last" : "rk-old" })));
    board.node.setAttribute("aria-label", `${label}: ${corners.length ? `${covered(corners, side, S).filter(Boolean).length} of ${S * S} pixels` : "nothing yet"}`);
  }
  return { node: board.node, show };
}
