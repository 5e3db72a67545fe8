// The palette of an editor: one button per drawing, reached by one tab stop; the arrow keys move within it.
import { button } from "./controls.js";
import { html, onKeys } from "./dom.js";

/** onChoose(name): a drawing was chosen. Returns { node, mark(chosen, others, apart) }. */
export function makePalette(sprites, onChoose) {
  const buttons = Object.entries(sprites).map(([name, { url }], i) => {
    const node = button("", () => onChoose(name), { title: name, tabindex: i ? -1 : 0 });
    node.append(html("img", { src: url, alt: "", draggable: "false" }));
    return Object.assign(node, { kind: name });
  });
  const node = html("div", { class: "rk-palette", role: "group", "aria-label": "Drawings: the arrow keys move, Enter puts one in the place of the chosen thing" }, buttons);
  const rows = () => getComputedStyle(node).gridTemplateRows.split(" ").length; // buttons run down, then right
  const go = (columns, by = 0) => (event) => {
    const at = buttons.indexOf(event.target);
    const to = Math.max(0, Math.min(buttons.length - 1, at + columns * rows() + by));
    buttons.forEach((one, i) => one.setAttribute("tabindex", i === to ? 0 : -1));
    buttons[to].focus();
  };
  onKeys(node, { ArrowRight: go(1), ArrowLeft: go(-1), ArrowDown: go(0, 1), ArrowUp: go(0, -1), Home: go(-Infinity), End: go(Infinity) });
  /** Mark the chosen thing's kind, and the kinds that training never showed with the others. */
  const mark = (chosen, others, apart) => buttons.forEach((one) => {
    const met = others.filter((other) => other !== one.kind && apart.some((group) => group.includes(other) && group.includes(one.kind)));
    one.setAttribute("aria-pressed", one.kind === chosen);
    one.classList.toggle("rk-apart", met.length > 0);
    one.setAttribute("aria-label", met.length ? `${one.kind}, never together with ${met[0]} in training` : one.kind);
    one.title = one.getAttribute("aria-label");
    if (one.kind === chosen) node.scrollLeft = one.offsetLeft - node.clientWidth / 2 + 22; // on narrow screens it scrolls
  });
  return { node, mark };
}
