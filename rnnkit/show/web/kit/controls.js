// Labelled controls. Each returns its element, with .input (the native control) and .set(value), which fires no event.
import { html } from "./dom.js";

// An id that is unique on the page and the same on every load.
const uid = () => `rk-control-${(document.rkControls = (document.rkControls ?? 0) + 1)}`;

function labelled(label, input, ...more) {
  input.id = uid();
  const field = html("div", { class: "rk-field" }, html("label", { for: input.id }, label), input, ...more);
  return Object.assign(field, { input, set: (value) => { input.value = value; } });
}

/** A slider that shows its value; `format(v)` writes it. onInput gets a number. */
export function slider({ label, min, max, step = "any", value, format = String, onInput = () => {} }) {
  const shown = html("output", { class: "rk-value" });
  const input = html("input", { type: "range", min, max, step, value });
  const show = () => {
    shown.textContent = format(input.valueAsNumber);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => { show(); onInput(input.valueAsNumber); });
  show();
  const field = labelled(label, input, shown);
  field.classList.add("rk-slider");
  return Object.assign(field, { set: (v) => { input.value = v; show(); } });
}

/** A drop-down list. options: strings, or [value, text] pairs. */
export function select({ label, options, value, onChange = () => {} }) {
  const pairs = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  const items = pairs.map(([v, text]) => html("option", { value: v, selected: v === value }, text));
  return labelled(label, html("select", { onchange: (event) => onChange(event.target.value) }, items));
}

/** A button; `attributes` may add a class ("rk-primary") or an aria-label. */
export function button(text, onClick, attributes = {}) {
  return html("button", { type: "button", onclick: onClick, ...attributes }, text);
}

/** A number with a minus and a plus button. onInput gets a number within [min, max]. */
export function stepper({ label, min = -Infinity, max = Infinity, step = 1, value, onInput = () => {} }) {
  const input = html("input", { type: "number", min, max, step, value, inputmode: "decimal" });
  const digits = (String(step).split(".")[1] ?? "").length; // 0.1 + 0.2 must read 0.3
  const change = (v) => {
    if (Number.isNaN(v)) return; // the field is being typed into
    onInput(Math.min(max, Math.max(min, v)));
  };
  const by = (d) => () => {
    const v = Math.min(max, Math.max(min, (input.valueAsNumber || 0) + d));
    input.value = v.toFixed(digits);
    change(Number(input.value));
  };
  input.addEventListener("input", () => change(input.valueAsNumber));
  const field = labelled(label, input);
  const less = button("−", by(-step), { "aria-label": `${label}: less` });
  const more = button("+", by(step), { "aria-label": `${label}: more` });
  field.append(html("span", { class: "rk-stepper" }, less, input, more)); // moves the input between its buttons
  return field;
}

/** A line of text. onInput gets the string. */
export function textInput({ label, value = "", maxLength = 40, onInput = () => {} }) {
  const plain = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
  const input = html("input", { type: "text", value, maxlength: maxLength, ...plain });
  input.addEventListener("input", () => onInput(input.value));
  return labelled(label, input);
}
