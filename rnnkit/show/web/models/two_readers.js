// Two GRUs read a text, one from each end; an output on the states of both fills the gap. Twin of rnnkit.show.reading.
import { decodeArray, joined, logistic, softmax } from "./arrays.js";

export const READERS = ["forward", "backward", "both"];

/** The packed parameters: name -> { shape, data }. */
export const unpack = (packed) => Object.fromEntries(Object.entries(packed).map(([name, array]) => [name, decodeArray(array)]));

// x @ W + b for a packed matrix (A, B).
function affine(x, { shape: [A, B], data }, { data: bias }) {
  const out = Float64Array.from(bias);
  for (let a = 0; a < A; a += 1) for (let b = 0; b < B; b += 1) out[b] += x[a] * data[a * B + b];
  return out;
}

/** The state of one reader before each of its steps; the gates are packed r, z, n. */
function states(net, name, ids) {
  const [W_xh, W_hh, b_x, b_h] = ["W_xh", "W_hh", "b_x", "b_h"].map((part) => net[`${name}.${part}`]);
  const H = W_hh.shape[0];
  let h = new Float64Array(H);
  return ids.map((id) => {
    const before = h;
    const a = affine(before, W_hh, b_h);
    const x = (k) => W_xh.data[id * 3 * H + k] + b_x.data[k];
    h = before.map((v, j) => {
      const r = logistic(x(j) + a[j]);
      const z = logistic(x(H + j) + a[H + j]);
      return (1 - z) * Math.tanh(x(2 * H + j) + r * a[2 * H + j]) + z * v;
    });
    return before;
  });
}

/** What stands at every place, by what is left of it, right of it, and both: { forward, backward, both }, each T arrays (V). */
export function readFromBothEnds(net, ids) {
  const before = states(net, "forward", ids);
  const after = states(net, "backward", [...ids].reverse()).reverse();
  const out = (h, W, b) => softmax(affine(h, net[W], net[b]));
  return {
    forward: before.map((h) => out(h, "forward.W_hy", "forward.b_y")),
    backward: after.map((h) => out(h, "backward.W_hy", "backward.b_y")),
    both: before.map((h, t) => out(affine(joined(h, after[t]), net["joint.W_h"], net["joint.b_h"]).map(Math.tanh), "joint.W_y", "joint.b_y")),
  };
}

/** -log2 p of what stands at each place, in bits; null where it is covered. */
export const surprises = (p, ids) => ids.map((id, t) => (id < p[t].length ? -Math.log2(p[t][id]) : null));

/** The mean of the numbers among them; null if there is none. */
export function mean(values) {
  const known = values.filter((v) => v !== null);
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
}
