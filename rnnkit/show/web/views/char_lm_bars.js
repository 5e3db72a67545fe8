// What may come next: ten bars that are buttons, the model's own probabilities pale, those that are drawn from solid.
import { button } from "../kit/controls.js";
import { html, onKeys } from "../kit/dom.js";
import { short } from "../kit/numbers.js";
import { ranked } from "../models/arrays.js";
import { nextDistribution } from "../models/char_lm.js";
import { NAMES, SHOWN } from "../words/char_lm.js";

const BARS = 10;

function makeBar(rank, onChoose) {
  const [own, used, bar, value, letter] = [html("i"), html("i"), html("span", { class: "rk-bar" }), html("span"), html("b")];
  bar.append(own, used);
  const part = { own, used, value, letter, id: 0, node: button("", () => onChoose(part.id), { tabindex: rank ? -1 : 0 }) };
  part.node.append(value, bar, letter);
  return part;
}

/** onChoose(id): a character was chosen. Returns { node, update(logits, options) }, options as for `nextDistribution`;
 *  update() tells what `hint` needs to know of the distributions. */
export function makeBars({ symbols, onChoose }) {
  const parts = Array.from({ length: BARS }, (_, rank) => makeBar(rank, onChoose));
  const node = html("div", { class: "rk-bars", role: "group", "aria-label": "Most probable next characters: left and right keys move, Enter appends" }, parts.map((part) => part.node));
  const go = (by) => (event) => {
    const now = parts.findIndex((part) => part.node === event.target);
    const to = Math.max(0, Math.min(parts.length - 1, now + by));
    parts.forEach((part, i) => part.node.setAttribute("tabindex", i === to ? 0 : -1));
    parts[to].node.focus();
  };
  onKeys(node, { ArrowRight: go(1), ArrowLeft: go(-1), Home: go(-BARS), End: go(BARS) });
  function update(logits, options) {
    const [plain, p] = [nextDistribution(logits), nextDistribution(logits, options)];
    const best = ranked(plain); // temperature keeps the order
    parts.forEach((part, rank) => {
      const id = best[rank];
      part.node.hidden = id === undefined;
      if (id === undefined) return;
      part.id = id;
      part.own.style.height = `${100 * plain[id]}%`;
      part.used.style.height = `${100 * p[id]}%`;
      part.value.dataset.drawn = short(p[id], 0);
      part.letter.textContent = symbols[id] in SHOWN ? "" : symbols[id];
      part.letter.dataset.drawn = SHOWN[symbols[id]] ?? "";
      part.node.setAttribute("aria-label", `append ${NAMES[symbols[id]] ?? symbols[id]}, probability ${p[id].toFixed(3)}`);
    });
    return { own: plain[best[0]], drawn: p[best[0]], kept: p.filter((v) => v > 0).length };
  }
  return { node, update };
}
