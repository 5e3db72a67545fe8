// What drawings are made of.
import { colour } from "./colours.js";
import { svg } from "./dom.js";

/** A straight arrow from [x, y] to [x, y]; its head is drawn, so it needs no marker ids. */
export function arrow([x1, y1], [x2, y2], { color = colour("muted"), width = 1.5, head = 7 } = {}) {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const side = (turn) => `${x2 - head * Math.cos(angle + turn)},${y2 - head * Math.sin(angle + turn)}`;
  const [bx, by] = [x2 - head * 0.8 * Math.cos(angle), y2 - head * 0.8 * Math.sin(angle)];
  const line = svg("line", { x1, y1, x2: bx, y2: by, "stroke-width": width, style: `stroke: ${color}` });
  return svg("g", { class: "rk-arrow" }, line,
    svg("polygon", { points: `${x2},${y2} ${side(0.4)} ${side(-0.4)}`, style: `fill: ${color}` }));
}

/** A few words at [x, y], muted unless `attributes` say otherwise. */
export const label = (x, y, words, attributes = {}) => svg("text", { x, y, "font-size": 11.5, style: `fill: ${colour("muted")}`, ...attributes }, words);
