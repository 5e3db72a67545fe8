// Six shapes of network: what each computes, and what each of its outputs can see.
import { affine, argmax, softmax } from "./arrays.js";
import { rnnStep } from "./cells.js";

/** An input as a vector: a list as it is, an index as a one-hot vector of length D. */
const vector = (input, D) => (Array.isArray(input) ? input : Array.from({ length: D }, (_, i) => Number(i === input)));

/** The vanilla RNN over vectors xs, from a state of zeros: h[t] (H) and p[t], the probabilities of the labels. */
export function forward({ W_hy, b_y, ...cell }, xs) {
  const h = [], p = [];
  let state = cell.b_h.map(() => 0);
  for (const x of xs) {
    state = rnnStep(x, state, cell).h;
    h.push(state);
    p.push(softmax(affine(state, W_hy, b_y)));
  }
  return { h, p };
}

/** The inputs of T steps. With feedback, all but the first are the network's own likeliest outputs, until it writes END. */
export function inputsOf(key, model, example, T) {
  const D = model.W_xh.length;
  if (key === "one_to_many") {
    const xs = [vector(example.inputs[0], D)];
    while (xs.length < T) {
      const written = argmax(forward(model, xs).p.at(-1));
      if (model.labels[written] === "END") break;
      xs.push(vector(written, D));
    }
    return xs;
  }
  if (key === "delayed") {
    const n = (T - 1) / 2; // n letters, END, then silence while the answer is written
    return Array.from({ length: T }, (_, t) => vector(t < n ? example.inputs[t] : t === n ? D - 1 : -1, D));
  }
  return example.inputs.slice(0, T).map((input) => vector(input, D));
}

/** Which steps read something from outside, and which give an answer (counted from 0). */
export function ports(key, T) {
  const all = Array.from({ length: T }, (_, t) => t);
  if (key === "one_to_many") return { reads: [0], answers: all };
  if (key === "aligned") return { reads: all, answers: all };
  if (key === "delayed") return { reads: all.slice(0, (T + 1) / 2), answers: all.slice((T - 1) / 2) };
  return { reads: all, answers: [T - 1] };
}

/** The steps whose inputs and states the output at step t can depend on. */
export function cone(key, T, t) {
  const states = Array.from({ length: t + 1 }, (_, s) => s);
  return { states, reads: ports(key, T).reads.filter((s) => s <= t), fed: key === "one_to_many" ? states.slice(0, -1) : [] };
}

/** By how much the probability of the answer at step t falls when the input of one step is replaced by zeros. */
export function effects(model, xs, t) {
  const before = forward(model, xs).p[t];
  const answer = argmax(before);
  return xs.map((x, s) => before[answer] - forward(model, xs.map((v, i) => (i === s ? v.map(() => 0) : v))).p[t][answer]);
}
