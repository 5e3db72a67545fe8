// Gradient arrows back through time: a trained network reads a text; cuts stop the gradient, never the state.
import { affine, arrow, button, canvas, colour, decodeArray, html, live, onKeys, rich, row, select, slider, softmax, svg, tanh, textInput, vecmat } from "./kit.js";

const norm = (v) => Math.sqrt(v.reduce((sum, a) => sum + a * a, 0));
const transposed = (W) => W[0].map((_, j) => W.map((line) => line[j]));

/** The packed parameters as plain arrays: matrices as rows, biases as vectors. */
export function unpack(net) {
  return Object.fromEntries(Object.entries(net).map(([name, packed]) => {
    const { shape, data } = decodeArray(packed);
    const width = shape[shape.length - 1];
    const rows = Array.from({ length: data.length / width }, (_, i) => [...data.slice(i * width, (i + 1) * width)]);
    return [name, shape.length === 1 ? rows[0] : rows];
  }));
}

/** W_hh times a factor, everything else as it is. */
export const scaled = (weights, factor) => ({ ...weights, W_hh: weights.W_hh.map((line) => line.map((v) => v * factor)) });

/** Read ids (each the target of the one before) from the zero state: states h, probabilities p, losses in nats. */
export function forward(ids, { W_xh, W_hh, b_h, W_hy, b_y }) {
  let state = b_h.map(() => 0);
  const steps = ids.slice(0, -1).map((id, t) => {
    const recurrent = vecmat(state, W_hh);
    const hPrev = state;
    state = tanh(W_xh[id].map((v, j) => v + recurrent[j] + b_h[j]));
    const p = softmax(affine(state, W_hy, b_y));
    return { id, target: ids[t + 1], hPrev, h: state, p, loss: -Math.log(p[ids[t + 1]]) };
  });
  return steps;
}

/** Back-propagation through time for the sum of the losses with counts[t]; the gradient is cut where a chunk starts.
 *  chunk: Infinity for the full gradient. Per step: fromLoss, flow (what it hands to the step before), share (of dW_hh);
 *  these are norms. dW_hh: the sum of the shares, as rows. */
export function backward(steps, { W_hh, W_hy }, counts, chunk = Infinity) {
  const [backHidden, backOutput] = [transposed(W_hh), transposed(W_hy)];
  const H = W_hh.length;
  const dW_hh = W_hh.map((line) => line.map(() => 0));
  const perStep = [];
  let dhNext = Array(H).fill(0);
  for (let t = steps.length - 1; t >= 0; t -= 1) {
    const { h, hPrev, p, target } = steps[t];
    const fromLoss = counts[t] ? vecmat(p.map((v, k) => v - Number(k === target)), backOutput) : Array(H).fill(0);
    const da = fromLoss.map((v, j) => (v + dhNext[j]) * (1 - h[j] * h[j]));
    hPrev.forEach((v, i) => da.forEach((d, j) => { dW_hh[i][j] += v * d; }));
    dhNext = vecmat(da, backHidden);
    const isCut = t > 0 && t % chunk === 0;
    if (isCut) dhNext = Array(H).fill(0);
    // The share is the outer product of hPrev and da: its norm is the product of theirs.
    perStep.unshift({ fromLoss: norm(fromLoss), flow: norm(dhNext), share: norm(hPrev) * norm(da), isCut });
  }
  return { perStep, dW_hh };
}

/** Norm of the cut gradient, norm of the full one, and the cosine of the angle between them (NaN if one is zero). */
export function compare(cut, full) {
  const [a, b] = [cut.flat(), full.flat()];
  return { cut: norm(a), full: norm(b), cosine: a.reduce((sum, v, i) => sum + v * b[i], 0) / (norm(a) * norm(b)) };
}

const LONGEST = 13;
const shown = (letter) => ({ " ": "␣", "\n": "↵" })[letter] ?? letter;
const digits = (v) => (v < 0.005 ? "0" : v < 9.95 ? v.toFixed(v < 1 ? 2 : 1).replace(/^0\./, ".") : v.toFixed(0));
const thickness = (v) => 1.2 + 9 * (v / (v + 2));

const STYLE = `
.rk-bptt svg { cursor: pointer; border-radius: 6px; }
.rk-bptt .rk-ask { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.5rem; }
.rk-bptt .rk-ask p { flex: 1 1 16rem; margin: 0; }
.rk-bptt .rk-live { min-height: 3em; font-variant-numeric: tabular-nums; }
.rk-bptt .rk-field { flex-basis: 10rem; }
`;

/** What to notice now. */
export function hint({ chunk, T, counted, scale }) {
  if (scale >= 1.3) return "With a larger `W_hh` the flow does not die on its way back: steps far from the loss have as large a share as the last ones, and a cut takes it away.";
  if (scale <= 0.6) return "With a small `W_hh` little flows further than two or three steps: a cut takes almost nothing away.";
  if (chunk >= T) return "One chunk holds the whole text: nothing is cut, and the cosine is 1.";
  if (counted >= 0 && counted % chunk === 0) return "This loss stands at the first step of its chunk. It can blame that step alone.";
  if (counted >= 0) return "Every step before the last cut gets nothing. Move the chunk length and watch the pale bars fill.";
  return "All losses count: every chunk has its own lesson, so no step is without a share. But the long paths are still missing.";
}

function draw(view, { steps, cut, full, letters, counted, chunk, open }) {
  const T = steps.length;
  const width = Math.max(280, Math.min(720, view.clientWidth || 640));
  const height = open ? 262 : 162;
  const column = width / T;
  const x = (t) => (t + 0.5) * column;
  const small = column < 34 ? 10 : 11.5;
  const radius = Math.min(15, column * 0.32);
  const letter = column < 34 ? 11 : 13;
  const words = open
    ? cut.perStep.map((s, t) => `step ${t + 1} reads ${shown(letters[t])}: loss ${steps[t].loss.toFixed(2)}, hands back ${s.flow.toFixed(3)}, share ${s.share.toFixed(3)} of ${full.perStep[t].share.toFixed(3)}`)
    : steps.map((s, t) => `step ${t + 1} reads ${shown(letters[t])}: loss ${s.loss.toFixed(2)}`);
  const root = canvas(width, height, `Unrolled network. ${words.join("; ")}.`);
  const add = (...nodes) => root.append(...nodes);
  // The halo keeps the words readable where a cut runs through them.
  const halo = `paint-order: stroke; stroke: ${colour("panel")}; stroke-width: 4px; fill: ${colour("muted")}`;
  const label = (text, y) => svg("text", { x: 2, y, "font-size": 11.5, style: halo }, text);
  const top = Math.max(...steps.map((s) => s.loss), 1);
  const most = Math.max(...full.perStep.map((s) => s.share), ...cut.perStep.map((s) => s.share), 1e-9);
  steps.forEach((step, t) => {
    const on = counted < 0 || counted === t;
    const tall = (step.loss / top) * 34;
    const faint = on ? 1 : 0.35;
    add(svg("rect", { x: x(t) - column * 0.3, y: 66 - tall, width: column * 0.6, height: tall, rx: 2, opacity: faint, style: `fill: ${colour("orange")}` }));
    add(svg("text", { x: x(t), y: 62 - tall, "text-anchor": "middle", "font-size": small, opacity: on ? 1 : 0.6 }, digits(step.loss)));
    add(svg("text", { x: x(t), y: 81, "text-anchor": "middle", "font-size": letter + 1, opacity: on ? 1 : 0.6 }, shown(letters[t + 1])));
    add(svg("circle", { cx: x(t), cy: 138, r: radius, style: `fill: ${colour("paper")}; stroke: ${colour("ink")}`, "stroke-width": 1.4 }));
    add(svg("text", { x: x(t), y: 138, "text-anchor": "middle", "dominant-baseline": "central", "font-size": letter, "font-weight": 600 }, shown(letters[t])));
    if (open) {
      const { fromLoss, flow, share } = cut.perStep[t];
      if (fromLoss > 0) add(arrow([x(t), 101], [x(t), 137 - radius], { color: colour("orange"), width: Math.min(6, thickness(fromLoss) / 1.6), head: 8 }));
      if (t > 0 && flow > 1e-6) {
        const w = thickness(flow);
        add(arrow([x(t) - radius - 1, 138], [x(t - 1) + radius + 1, 138], { color: colour("blue"), width: Math.min(w, column * 0.3), head: Math.min(6 + w, column * 0.4) }));
        add(svg("text", { x: x(t) - column / 2, y: 163, "text-anchor": "middle", "font-size": small - 1, style: `fill: ${colour("blue")}` }, digits(flow)));
      }
      const pale = (full.perStep[t].share / most) * 46;
      const solid = (share / most) * 46;
      add(svg("rect", { x: x(t) - column * 0.32, y: 244 - pale, width: column * 0.64, height: pale, rx: 2, opacity: 0.28, style: `fill: ${colour("blue")}` }));
      add(svg("rect", { x: x(t) - column * 0.22, y: 244 - solid, width: column * 0.44, height: solid, rx: 2, style: `fill: ${colour("blue")}` }));
      add(svg("text", { x: x(t), y: 257, "text-anchor": "middle", "font-size": small }, digits(share)));
      if (t > 0 && t % chunk === 0) {
        const at = x(t) - column / 2;
        add(svg("line", { x1: at, x2: at, y1: 104, y2: 247, "stroke-width": 1.8, "stroke-dasharray": "5 4", style: `stroke: ${colour("red")}` }));
        add(svg("text", { x: at, y: 142, "text-anchor": "middle", "font-size": 14, style: `fill: ${colour("red")}` }, "✂"));
      }
    }
  });
  add(label("loss at each step (nats) and the letter it wants", 12), label(open ? "gradient, handed from state to state" : "states, and the letters read", 96));
  if (open) add(label("share of each step in the gradient of W_hh", 179));
  return root;
}

export default {
  render({ model, el }) {
    const weights = unpack(model.get("net"));
    const symbols = [...model.get("symbols")];
    const view = html("div", { tabindex: 0, role: "group", "aria-label": "The unrolled network. Left and right arrow keys choose one loss, Home the first, End the last." });
    const numbers = live();
    const tip = html("p", {});
    let open = false;
    const read = () => {
      const letters = [...model.get("text")];
      const T = letters.length - 1;
      const counted = Math.min(model.get("counted"), T - 1);
      return { letters, T, counted, chunk: Math.min(model.get("chunk"), T), scale: model.get("scale") };
    };
    const redraw = () => {
      const { letters, T, counted, chunk, scale } = read();
      const net = scaled(weights, scale);
      const steps = forward(letters.map((letter) => symbols.indexOf(letter)), net);
      const counts = steps.map((_, t) => counted < 0 || counted === t);
      const [cut, full] = [backward(steps, net, counts, chunk), backward(steps, net, counts)];
      view.replaceChildren(draw(view, { steps, cut, full, letters, counted, chunk, open }));
      if (!open) return;
      const { cut: length, full: whole, cosine } = compare(cut.dW_hh, full.dW_hh);
      const lit = cut.perStep.filter((s) => s.share > 1e-9).length;
      const angle = Number.isNaN(cosine) ? "no direction: nothing is left" : `cosine to the full one ${cosine.toFixed(3)}`;
      numbers.textContent = `Gradient of W_hh: norm ${length.toFixed(3)} of ${whole.toFixed(3)}, ${angle}. ${lit} of ${T} steps have a share.`;
      tip.replaceChildren(...rich(hint({ chunk, T, counted, scale })));
    };
    const put = (name, value) => { model.set(name, value); model.save_changes(); };

    const losses = () => [["-1", "all losses"], ...Array.from({ length: read().T }, (_, t) => [String(t), `only step ${t + 1}, ${shown(model.get("text")[t])}`])];
    const pick = select({ label: "loss that counts", options: losses(), value: String(read().counted), onChange: (v) => put("counted", Number(v)) });
    const relist = () => {
      const { counted } = read();
      pick.input.replaceChildren(...losses().map(([v, text]) => html("option", { value: v, selected: Number(v) === counted }, text)));
      cutter.input.max = read().T;
      cutter.set(read().chunk);
    };
    const cutter = slider({ label: "chunk length", min: 1, max: read().T, step: 1, value: read().chunk, format: (v) => (v >= read().T ? `${v}: no cut` : `${v} steps`), onInput: (v) => put("chunk", v) });
    const scaler = slider({ label: "W_hh times", min: 0, max: 2, step: 0.05, value: model.get("scale"), format: (v) => v.toFixed(2), onInput: (v) => put("scale", v) });
    const note = html("p", { class: "rk-live", "aria-live": "polite", hidden: true });
    const typed = textInput({ label: "text", value: model.get("text"), maxLength: LONGEST, onInput: (value) => {
      const known = [...value].filter((letter) => symbols.includes(letter)).join("").slice(0, LONGEST);
      if (known !== value) typed.set(known);
      note.hidden = known.length >= 2 && known === value;
      note.textContent = known.length < 2 ? "Two letters at least: one to read, one to predict." : "That letter does not occur in the comedies.";
      if (known.length >= 2) put("text", known);
    } });

    const controls = html("div", { hidden: true }, row(cutter, scaler), row(pick, typed), note);
    const ask = html("div", { class: "rk-ask" }, html("p", {}, rich("Predict. Only the last loss counts, and the gradient is cut into chunks of 4 steps, counted from the left. How many of the 10 steps get a share of the gradient of `W_hh`?")),
      [["2", "Right"], ["4", "Not 4"], ["6", "Not 6"], ["all 10", "Not all"]].map(([text, verdict]) => button(text, () => {
        const why = "The cuts stand before steps 5 and 9, so the last chunk holds only steps 9 and 10. The chunk's length is the most that a loss can see, not what it sees.";
        open = true;
        ask.replaceChildren(html("p", { role: "status" }, `${verdict}: 2 steps. ${why}`));
        controls.hidden = false;
        redraw();
      }, { "aria-label": `I predict ${text}` })));

    const choose = (t) => put("counted", Math.max(-1, Math.min(read().T - 1, t)));
    onKeys(view, { ArrowLeft: () => open && choose(read().counted - 1), ArrowRight: () => open && choose(read().counted + 1), Home: () => open && choose(0), End: () => open && choose(read().T - 1) });
    view.addEventListener("click", (event) => {
      if (!open) return;
      const box = view.getBoundingClientRect();
      const t = Math.floor(((event.clientX - box.left) / box.width) * read().T);
      choose(t === read().counted ? -1 : t);
    });
    for (const name of ["chunk", "scale", "counted", "text"]) model.on(`change:${name}`, () => { scaler.set(model.get("scale")); relist(); redraw(); });
    const stage = html("div", { class: "rk-bptt" }, html("style", {}, STYLE), ask, view, numbers, tip, controls);
    el.append(stage);
    redraw();
    let last = 0;
    const observer = new ResizeObserver(() => {
      if (Math.abs(view.clientWidth - last) > 4) { last = view.clientWidth; redraw(); }
    });
    observer.observe(view);
    return () => observer.disconnect();
  },
};
