// The belief: a bar for each of the ten digits, and a mark where it would go after another look.
import { html } from "../kit/dom.js";
import { short } from "../kit/numbers.js";

/** { node, show(p, next, right) }: p, next: ten probabilities, or null; right: the digit that is shown, or null. */
export function makeBars() {
  const bars = Array.from({ length: 10 }, () => html("i"));
  const marks = bars.map(() => html("u"));
  const values = bars.map(() => html("span"));
  const names = bars.map((_, digit) => html("b", {}, String(digit)));
  const node = html("div", { class: "rk-belief", role: "img", "aria-label": "" },
    bars.map((bar, k) => html("div", {}, values[k], html("div", { class: "rk-bar" }, bar, marks[k]), names[k])));
  function show(p, next, right) {
    bars.forEach((bar, k) => {
      bar.style.height = `${(100 * (p?.[k] ?? 0)).toFixed(1)}%`;
      marks[k].hidden = !next;
      marks[k].style.bottom = `${(100 * (next?.[k] ?? 0)).toFixed(1)}%`;
      values[k].textContent = p ? short(p[k]) : "";
      names[k].className = k === right ? "rk-right" : "";
    });
    node.setAttribute("aria-label", p ? `Belief: ${[...p.keys()].map((k) => `${k}: ${short(p[k])}`).join(", ")}` : "Belief: no look yet");
  }
  return { node, show };
}
