// One model's answers as bars, and one glance of the model with attention.
import { html, svg } from "../kit/dom.js";
import { short } from "../kit/numbers.js";
import { makePicture } from "../kit/picture.js";
import { SIDE } from "../kit/scene.js";
import { ranked } from "../models/arrays.js";
import { HYPHENS } from "../words/vqa.js";

const BARS = 5;

/** A model's name, whether it is right, and its likeliest answers: { node, update(p, right) }; right: a text, else it is not judged. */
export function makePanel(name, answers) {
  const verdict = html("span", { class: "rk-verdict" });
  const lines = Array.from({ length: BARS }, () => {
    const [word, bar, value] = [html("span"), html("i"), html("span")];
    return { node: html("div", { class: "rk-answer" }, bar, word, value), word, bar, value };
  });
  const node = html("div", { class: "rk-model", role: "group", "aria-label": `Answers by ${name}` }, html("b", {}, html("span", {}, HYPHENS[name]), verdict), lines.map((line) => line.node));
  function update(p, right) {
    const order = ranked(p);
    lines.forEach((line, rank) => {
      const id = order[rank];
      line.node.hidden = id === undefined;
      if (id === undefined) return;
      line.word.textContent = answers[id];
      line.bar.style.width = `${100 * p[id]}%`;
      line.value.textContent = short(p[id]);
      line.node.classList.toggle("rk-true", answers[id] === right);
    });
    const good = answers[order[0]] === right;
    verdict.textContent = typeof right !== "string" ? "" : good ? "✓ right" : "✗ wrong";
    verdict.className = `rk-verdict ${good ? "rk-yes" : "rk-no"}`;
  }
  return { node, update };
}

/** A small copy of the picture with one glance laid over it: { node, update(pixels, weights, name) }; name: what it is strongest on. */
export function makeGlance(order) {
  const picture = makePicture();
  const view = svg("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img" }, picture.layers);
  const said = html("figcaption");
  const node = html("figure", {}, html("div", { class: "rk-scene" }, picture.screen, view), said);
  function update(pixels, weights, name) {
    picture.showPixels(pixels);
    picture.showMap(weights);
    said.textContent = `${order}: ${name ?? "ground"}`;
    view.setAttribute("aria-label", `Attention's glance, ${said.textContent}`);
  }
  return { node, update };
}
