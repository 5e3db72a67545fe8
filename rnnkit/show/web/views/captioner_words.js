// The caption as buttons, one per word, with the look behind it as a small picture; and the likeliest words at one place.
import { button } from "../kit/controls.js";
import { html, onKeys } from "../kit/dom.js";
import { percent } from "../kit/numbers.js";
import { GRID } from "../kit/scene.js";
import { ranked } from "../models/arrays.js";
import { wordOf } from "../words/captioner.js";

const BARS = 5;

/** What is laid over the picture: a glance, or behind the last of them the evidence for the word, its positive part. */
export function mapOf({ glances, evidence: e }, which) {
  if (which < glances.length) return glances[which];
  const total = e.reduce((sum, v) => sum + Math.max(0, v), 0) || 1;
  return e.map((v) => Math.max(0, v) / total);
}

function paintMap(screen, map) {
  const top = Math.max(...map);
  const image = new ImageData(GRID, GRID);
  map.forEach((w, r) => image.data.set([255, 210, 63, Math.round(255 * Math.sqrt(w / top))], 4 * r));
  screen.getContext("2d").putImageData(image, 0, 0);
}

/** onChoose(place). Returns { node, update(said, words, at, which) }: at the chosen place, which the glance to show; null for
 *  both before the prediction. */
export function makeWords(onChoose) {
  const node = html("div", { class: "rk-words", role: "group", "aria-label": "The caption: choose a word" });
  const go = (by) => (event) => {
    const all = [...node.children];
    const to = Math.max(0, Math.min(all.length - 1, all.indexOf(event.target) + by));
    onChoose(to);
    all[to].focus();
  };
  onKeys(node, { ArrowRight: go(1), ArrowLeft: go(-1), Home: go(-Infinity), End: go(Infinity) });
  function add(place) {
    const one = button("", () => onChoose(place));
    one.append(html("canvas", { width: GRID, height: GRID, "aria-hidden": "true" }), html("span"));
    node.append(one);
  }
  function update(said, words, at, which) {
    while (node.children.length > said.length) node.lastChild.remove();
    while (node.children.length < said.length) add(node.children.length);
    if (at === null) node.setAttribute("tabindex", 0); // on narrow screens it scrolls, and no word can have the focus yet
    else node.removeAttribute("tabindex");
    said.forEach((step, place) => {
      const one = node.children[place];
      const word = wordOf(step.id, words);
      if (one.lastElementChild.textContent !== word) one.lastElementChild.textContent = word;
      one.setAttribute("tabindex", place === (at ?? 0) ? 0 : -1);
      one.disabled = at === null;
      if (at === null) return;
      one.setAttribute("aria-pressed", place === at);
      paintMap(one.firstElementChild, mapOf(step, which));
      if (place === at) node.scrollLeft = one.offsetLeft - (node.clientWidth - one.offsetWidth) / 2; // on narrow screens
    });
  }
  return { node, update };
}

/** The likeliest words: { node, update(p, words) }. */
export function makeBars() {
  const lines = Array.from({ length: BARS }, () => ({ word: html("b"), bar: html("i"), value: html("span", { class: "rk-value" }) }));
  const node = html("div", { class: "rk-bars", role: "group", "aria-label": "The five likeliest words" }, html("span", { class: "rk-kind" }, "likeliest words at this place"), lines.flatMap(({ word, bar, value }) => [word, html("span", {}, bar), value]));
  const update = (p, words) => {
    const best = ranked(p);
    lines.forEach(({ word, bar, value }, rank) => {
      const id = best[rank];
      word.textContent = wordOf(id, words);
      bar.style.width = `${100 * p[id]}%`;
      value.textContent = percent(p[id]);
    });
  };
  return { node, update };
}
