// A board of S x S pixels: ink, what has not been seen, frames; and where on it a pointer is.
import { place, svg } from "../kit/dom.js";

const at = (k, S) => ({ x: k % S, y: Math.floor(k / S), width: 1, height: 1 });

/** label: what a screen reader is told of the board; null: nothing, since what stands around it says all.
 *  { node, show(ink, seen), colour(colours), frames(list, points), at(event) }. margin: around the board, in pixels of it.
 *  ink: S * S numbers from 0 to 1. seen: S * S of true and false, or nothing. colours: S * S of CSS.
 *  list: of { box: [top, left, height, width], kind: a class }; points: of [row, column]. at(event): [row, column], may lie beyond. */
export function makeBoard(S, label, margin = 0.12) {
  const cells = Array.from({ length: S * S }, (_, k) => svg("rect", { class: "rk-ink", ...at(k, S), "fill-opacity": 0 }));
  const covers = Array.from({ length: S * S }, (_, k) => svg("rect", { class: "rk-unseen", ...at(k, S), visibility: "hidden" }));
  const above = svg("g");
  const node = svg("svg", { class: "rk-board", role: label === null ? null : "img", "aria-label": label, "aria-hidden": label === null ? "true" : null, viewBox: [-margin, -margin, S + 2 * margin, S + 2 * margin].join(" ") },
    svg("rect", { class: "rk-ground", width: S, height: S }), svg("g", {}, cells), svg("g", {}, covers), above);
  function show(ink, seen = null) {
    cells.forEach((cell, k) => { cell.setAttribute("fill-opacity", Number(ink[k]).toFixed(3)); });
    covers.forEach((cover, k) => { cover.setAttribute("visibility", seen && !seen[k] ? "visible" : "hidden"); });
  }
  const colour = (colours) => cells.forEach((cell, k) => { Object.assign(cell.style, { fill: colours[k], fillOpacity: 1 }); });
  const frames = (list, points = []) => above.replaceChildren(
    ...list.map(({ box: [y, x, height, width], kind }) => svg("rect", { class: `rk-frame ${kind}`, x, y, width, height })),
    ...points.map(([cy, cx]) => svg("circle", { class: "rk-point", cx, cy, r: 0.13 })));
  const where = (event) => place(event, node).reverse().map((share) => share * (S + 2 * margin) - margin);
  return { node, show, colour, frames, at: where };
}

/** Which pixels lie in one of some squares with these corners and this side. */
export function covered(corners, side, S) {
  const inside = (v, from) => v >= from && v < from + side;
  return Array.from({ length: S * S }, (_, k) => corners.some(([row, column]) => inside(Math.floor(k / S), row) && inside(k % S, column)));
}
