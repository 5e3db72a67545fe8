// The text: one element per line so that writing on lays out the last line alone, one span per character, coloured by a cell.
import { diverging } from "../kit/colours.js";
import { html, onKeys } from "../kit/dom.js";

export const KEPT = 6000; // characters that the page remembers

// Colours in 41 steps: the browser parses each of them once.
const GROUND = Array.from({ length: 41 }, (_, i) => diverging(i / 20 - 1));
const ground = (v) => GROUND[Math.round(20 * (v + 1))];

// The same column, a line up or down: the span there, if there is one.
function beside(span, by) {
  const other = by < 0 ? span.parentNode.previousSibling : span.parentNode.nextSibling;
  const column = [...span.parentNode.children].indexOf(span);
  return other && other.children[Math.min(column, other.childElementCount - 1)];
}

/** onPick(entry, index): the reader chose a character. Entries are those of `makeReader`.
 *  Returns { node, append(entries, given), toEnd(), show(entries, given), colourBy(cell) }; given: how many were not written by the model. */
export function makeText({ symbols, onPick }) {
  const node = html("div", { class: "rk-text", tabindex: 0, role: "group" });
  let [entries, cell, here] = [[], 0, -1];
  const [spanOf, entryOf] = [new WeakMap(), new WeakMap()];
  function addSpan(entry, given) {
    const last = entries.at(-1);
    if (!last || symbols[last.id] === "\n") node.append(html("div"));
    const isEnd = symbols[entry.id] === "\n";
    const span = html("span", { class: given ? "rk-given" : isEnd ? "rk-end" : null }, isEnd ? "↵" : symbols[entry.id]);
    span.style.background = ground(entry.cells[cell]);
    spanOf.set(entry, span);
    entryOf.set(span, entry);
    node.lastChild.append(span);
    entries.push(entry);
  }
  function append(more, given = false) {
    for (const entry of more) addSpan(entry, given);
    while (entries.length > KEPT && node.children.length > 1) {
      const gone = node.firstChild.childElementCount;
      node.firstChild.remove();
      entries.splice(0, gone);
      here -= gone;
    }
  }
  function pick(index, byKey = true) {
    if (!entries.length) return;
    spanOf.get(entries[here])?.classList.remove("rk-here");
    here = Math.max(0, Math.min(entries.length - 1, index));
    const span = spanOf.get(entries[here]);
    span.classList.add("rk-here");
    if (byKey) span.scrollIntoView({ block: "nearest" });
    onPick(entries[here], here);
  }
  function line(by) {
    const target = beside(spanOf.get(entries[Math.max(0, here)]), by);
    if (target) pick(entries.indexOf(entryOf.get(target)));
  }
  function show(more, given) {
    [entries, here] = [[], -1];
    node.replaceChildren();
    append(more.slice(0, given), true);
    append(more.slice(given));
  }
  function colourBy(unit) {
    cell = unit;
    entries.forEach((entry) => { spanOf.get(entry).style.background = ground(entry.cells[cell]); });
    if (here >= 0) onPick(entries[here], here);
  }
  onKeys(node, { ArrowRight: () => pick(here + 1), ArrowLeft: () => pick(here - 1), ArrowUp: () => line(-1), ArrowDown: () => line(1), Home: () => pick(0), End: () => pick(Infinity) });
  for (const type of ["pointerover", "pointerdown"]) {
    node.addEventListener(type, (event) => {
      const entry = entryOf.get(event.target);
      if (entry) pick(entries.indexOf(entry), false);
    });
  }
  return { node, append, show, colourBy, toEnd() { node.scrollTop = node.scrollHeight; } };
}
