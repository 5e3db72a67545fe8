// The board that the visitor works on: a frame to move over the digit, or a pen to draw one with.
import { html, onKeys } from "../kit/dom.js";
import { count, draw, fineOf, toggle } from "../models/pen.js";
import { STAGE } from "../words/glimpses.js";
import { covered, makeBoard } from "./glimpses_board.js";

/** S: pixels on a side; side: of the frame. onMove(corner): the frame is somewhere else; onLook(corner): it looks there;
 *  onDraw(ink): the drawing has changed. Returns { node, corner(), setMode("look", "draw" or "wait"), setFrame(corner), setInk(ink) }. */
export function makeStage({ S, side, onMove, onLook, onDraw }) {
  const board = makeBoard(S, null);
  const node = html("div", { class: "rk-stage-board", role: "group", tabindex: 0 }, board.node);
  const state = { mode: "wait", corner: [0, 0], home: [0, 0], pixel: [0, 0], fine: null, last: null };
  const clamp = (v, most) => Math.max(0, Math.min(most, v));
  function mark() {
    const [row, column] = state.mode === "draw" ? state.pixel : state.corner;
    const length = state.mode === "draw" ? 1 : side;
    board.frames(state.mode === "wait" ? [] : [{ box: [row, column, length, length], kind: state.mode === "draw" ? "rk-pen" : "rk-eye" }]);
  }
  function setMode(mode) {
    state.mode = mode;
    node.className = `rk-stage-board rk-${mode}`;
    node.setAttribute("aria-label", STAGE[mode] ?? STAGE.look);
    mark();
  }
  function setFrame(corner, isHome = true) {
    state.corner = corner.map((v) => clamp(v, S - side));
    if (isHome) state.home = state.corner;
    mark();
  }
  function setInk(ink) {
    state.fine = fineOf(ink);
    board.show(ink.map((n) => n / 16));
  }
  function drawn() {
    const ink = count(state.fine);
    board.show(ink.map((n) => n / 16));
    mark();
    onDraw(ink);
  }
  const cornerUnder = (event) => board.at(event).map((v) => Math.round(v - side / 2));
  const moves = {
    look: {
      move(event, isDown) { // a mouse that only passes by leaves the frame where it was
        if (event.pointerType === "touch" && !isDown) return;
        const before = String(state.corner);
        setFrame(cornerUnder(event), false);
        if (String(state.corner) !== before) onMove(state.corner);
      },
      end() { setFrame(state.corner); onLook(state.corner); },
      leave() { if (String(state.corner) !== String(state.home)) { setFrame(state.home); onMove(state.corner); } },
      step(dr, dc) { setFrame([state.corner[0] + dr, state.corner[1] + dc]); onMove(state.corner); },
      act() { onLook(state.corner); },
    },
    draw: {
      move(event, isDown) {
        if (!isDown) return;
        const to = board.at(event);
        draw(state.fine, state.last ?? to, to);
        [state.last, state.pixel] = [to, to.map((v) => clamp(Math.floor(v), S - 1))];
        drawn();
      },
      end() { state.last = null; },
      leave() {},
      step(dr, dc) { state.pixel = [clamp(state.pixel[0] + dr, S - 1), clamp(state.pixel[1] + dc, S - 1)]; mark(); },
      act() { toggle(state.fine, state.pixel); drawn(); },
    },
  };
  listen(node, () => moves[state.mode]);
  return { node, corner: () => state.corner, setMode, setFrame, setInk };
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
      if (isDown && type === "pointerup") now()?.end();
      else if (isDown) now()?.leave();
      isDown = false;
    });
  }
  node.addEventListener("pointerleave", () => { if (!isDown) now()?.leave(); });
  const step = (dr, dc) => () => now()?.step(dr, dc);
  const act = () => now()?.act();
  onKeys(node, { ArrowUp: step(-1, 0), ArrowDown: step(1, 0), ArrowLeft: step(0, -1), ArrowRight: step(0, 1), Enter: act, " ": act });
}

/** What the network has seen: the pixels in its looks, all others grey, every look's frame with its number. */
export function makeSeen(S, side, label) {
  const board = makeBoard(S, "");
  function show(ink, corners) {
    board.show(ink, covered(corners, side, S));
    board.frames(corners.map(([row, column], k) => ({ box: [row, column, side, side], kind: k === corners.length - 1 ? "rk-last" : "rk-old" })));
    board.node.setAttribute("aria-label", `${label}: ${corners.length ? `${covered(corners, side, S).filter(Boolean).length} of ${S * S} pixels` : "nothing yet"}`);
  }
  return { node: board.node, show };
}
