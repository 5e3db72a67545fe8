// Elements of the page, and the keys, pointers and sizes that they hear of.

const SVG = "http://www.w3.org/2000/svg";

// Attributes are strings; `on...` functions become listeners; true and false switch an attribute on and off.
function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2).toLowerCase(), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

/** html("button", { class: "x", onclick: f }, "text", child): strings become text, never markup. */
export function html(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** The same for SVG: svg("circle", { r: 4, fill: colour("blue") }). */
export function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

/** A drawing area of width x height units that scales to its container; `label` is read to those who cannot see it. */
export function canvas(width, height, label) {
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "rk-canvas", role: "img", "aria-label": label });
}

/** Text with `code` in backticks, as nodes: html("p", {}, rich(text)). */
export function rich(text) {
  return text.split("`").map((part, i) => (i % 2 ? html("code", {}, part) : part));
}

/** A line that is read aloud when its textContent changes. */
export function live(attributes = {}) {
  return html("p", { class: "rk-live", "aria-live": "polite", ...attributes });
}

/** Controls side by side, wrapping on narrow screens. */
export function row(...children) {
  return html("div", { class: "rk-row" }, ...children);
}

/** onKeys(element, { ArrowRight: f }): handle these keys while the element has the focus. */
export function onKeys(element, handlers) {
  element.addEventListener("keydown", (event) => {
    if (!handlers[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    handlers[event.key](event);
  });
}

/** True if the reader asked for no animation: draw the end state at once. */
export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Where a pointer is on an element, in shares of its width and height. */
export function place(event, element) {
  const box = element.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

/** onPointer(element, act): act(x, y, event) when a pointer moves over the element or presses it; shares as in `place`. */
export function onPointer(element, act) {
  for (const type of ["pointermove", "pointerdown"]) element.addEventListener(type, (event) => act(...place(event, element), event));
}

/** Call `act` when an element's width has changed by more than four pixels. Returns a function that ends it. */
export function onResize(element, act) {
  let last = element.clientWidth;
  const observer = new ResizeObserver(() => {
    if (Math.abs(element.clientWidth - last) <= 4) return;
    last = element.clientWidth;
    act();
  });
  observer.observe(element);
  return () => observer.disconnect();
}
