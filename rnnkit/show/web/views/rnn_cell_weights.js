// The weights as a table of spin buttons: dragged sideways, or changed with the arrow keys.
import { diverging } from "../kit/colours.js";
import { button, select } from "../kit/controls.js";
import { html, onKeys } from "../kit/dom.js";
import { LETTERS } from "../models/rnn_cell.js";
import { fixed } from "../words/rnn_cell.js";

const LIMIT = 9.9;

/** What can be edited: rows(weights) as they are shown, and what an entry leads from and to. */
export const MATRICES = {
  W_hh: { title: "W_hh: state to state", rows: (w) => w.W_hh, from: (i) => `unit ${i}`, to: (j) => `unit ${j}` },
  W_xh: { title: "W_xh and b_h: letter to state", rows: (w) => [...w.W_xh, w.b_h], from: (i) => LETTERS[i] ?? "bias", to: (j) => `unit ${j}` },
  W_hy: { title: "W_hy: state to next letter", rows: (w) => w.W_hy, from: (i) => `unit ${i}`, to: (j) => LETTERS[j] },
};

// One weight. act: { choose(i, j, focus), set([i, j], value), value(i, j) }.
function makeEntry(name, i, j, { choose, set, value }) {
  const node = html("span", { class: "rk-entry", role: "spinbutton", "aria-valuemin": -LIMIT, "aria-valuemax": LIMIT,
    "aria-label": `${name}, ${MATRICES[name].from(i)} to ${MATRICES[name].to(j)}` });
  const by = (d) => () => { choose(i, j); set([i, j], value(i, j) + d); };
  const zero = () => set([i, j], 0);
  onKeys(node, { ArrowUp: by(0.1), ArrowDown: by(-0.1), PageUp: by(1), PageDown: by(-1), Home: zero, Delete: zero,
    ArrowLeft: () => choose(i, j - 1, true), ArrowRight: () => choose(i, j + 1, true) });
  node.addEventListener("focus", () => choose(i, j));
  let start = null;
  node.addEventListener("pointerdown", (event) => {
    choose(i, j);
    start = { x: event.clientX, value: value(i, j) };
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", (event) => { if (start && Math.abs(event.clientX - start.x) > 3) set([i, j], start.value + (event.clientX - start.x) / 40); });
  ["pointerup", "pointercancel"].forEach((type) => node.addEventListener(type, () => { start = null; }));
  return node;
}

/** get(name): the rows of a matrix. onEdit(name, row, column, value). Returns { node, update() }. */
export function makeWeights({ get, onEdit }) {
  let [name, chosen, entries] = ["W_hh", [1, 2], []];
  const grid = html("div", { class: "rk-weights", role: "group" });
  const what = html("span", {});
  const value = (i, j) => get(name)[i][j];
  const set = ([i, j], v) => onEdit(name, i, j, Math.round(10 * Math.min(LIMIT, Math.max(-LIMIT, v))) / 10);
  const change = (d) => set(chosen, value(...chosen) + d);
  const [less, more] = [button("−", () => change(-0.5), { "aria-label": "chosen weight: less" }), button("+", () => change(0.5), { "aria-label": "chosen weight: more" })];
  const field = select({ label: "weights", value: name, options: Object.entries(MATRICES).map(([key, { title }]) => [key, title]),
    onChange: (key) => { name = key; chosen = name === "W_hh" ? [1, 2] : [0, 0]; build(); } });

  function choose(i, j, focus = false) {
    const values = get(name);
    chosen = [Math.min(values.length - 1, Math.max(0, i)), Math.min(values[0].length - 1, Math.max(0, j))];
    update();
    if (focus) entries[chosen[0]][chosen[1]].focus();
  }
  function build() {
    const { from, to } = MATRICES[name], values = get(name);
    const named = (text) => html("span", { class: "rk-name" }, text);
    grid.style.gridTemplateColumns = `2.6rem repeat(${values[0].length}, minmax(0, 1fr))`;
    grid.setAttribute("aria-label", MATRICES[name].title);
    entries = values.map((line, i) => line.map((_, j) => makeEntry(name, i, j, { choose, set, value })));
    grid.replaceChildren(named("from / to"), ...values[0].map((_, j) => named(to(j))), ...entries.flatMap((line, i) => [named(from(i)), ...line]));
    update();
  }
  function update() {
    get(name).forEach((line, i) => line.forEach((v, j) => {
      const node = entries[i][j], mine = i === chosen[0] && j === chosen[1];
      node.textContent = fixed(v, 1);
      node.style.background = diverging(v, 5);
      node.setAttribute("aria-valuenow", v);
      node.setAttribute("tabindex", mine ? 0 : -1);
      node.toggleAttribute("data-chosen", mine);
    }));
    what.textContent = `${MATRICES[name].from(chosen[0])} → ${MATRICES[name].to(chosen[1])}: drag sideways, ↑ ↓ keys, or`;
  }
  build();
  return { node: html("div", {}, field, grid, html("div", { class: "rk-change" }, what, less, more)), update };
}
