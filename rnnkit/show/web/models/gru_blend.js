// A GRU whose gates are blended away, the vanilla RNN of its candidate, and what both remember: names as in rnnkit.cells.
import { affine, sigmoid, tanh, transposed, vecmat } from "./arrays.js";

const third = (line, k) => line.slice((k * line.length) / 3, ((k + 1) * line.length) / 3);

/** Packed parameters with what both cells need: the candidate's blocks and the transposes of the backward pass. */
export function prepare({ W_xh, W_hh, b_x, b_h }) {
  const [W_xn, W_hn] = [W_xh, W_hh].map((W) => W.map((line) => third(line, 2)));
  const backward = Object.fromEntries(Object.entries({ W_xh, W_hh, W_xn, W_hn }).map(([name, W]) => [name, transposed(W)]));
  return { W_xh, W_hh, b_x, b_h, W_xn, W_hn, b_xn: third(b_x, 2), b_hn: third(b_h, 2), backward };
}

/** The GRU whose gates are blended: z (1 - blendZ) in place of z, r + blendR (1 - r) in place of r. */
export const gru = {
  step(x, hPrev, net, { blendZ = 0, blendR = 0, keep = 0 } = {}) {
    const [a_x, a_h] = [affine(x, net.W_xh, net.b_x), affine(hPrev, net.W_hh, net.b_h)];
    const [x_n, h_n] = [third(a_x, 2), third(a_h, 2)];
    const r0 = sigmoid(third(a_x, 0).map((v, j) => v + third(a_h, 0)[j]));
    const z0 = sigmoid(third(a_x, 1).map((v, j) => v + third(a_h, 1)[j] + keep));
    const [r, z] = [r0.map((v) => v + blendR * (1 - v)), z0.map((v) => (1 - blendZ) * v)];
    const n = tanh(x_n.map((v, j) => v + r[j] * h_n[j]));
    const h = n.map((v, j) => (1 - z[j]) * v + z[j] * hPrev[j]);
    // The blends scale the gates' slopes too: at 1 a gate is constant, and no gradient passes through it.
    const slopes = { r: r0.map((v) => (1 - blendR) * v * (1 - v)), z: z0.map((v) => (1 - blendZ) * v * (1 - v)) };
    return { x, hPrev, x_n, h_n, r, z, n, h, slopes };
  },
  stepBackward(dh, { hPrev, h_n, r, z, n, slopes }, { backward }) {
    const da_n = dh.map((d, j) => d * (1 - z[j]) * (1 - n[j] * n[j]));
    const da_r = da_n.map((d, j) => d * h_n[j] * slopes.r[j]);
    const da_z = dh.map((d, j) => d * (hPrev[j] - n[j]) * slopes.z[j]);
    const direct = dh.map((d, j) => d * z[j]);
    return {
      dx: vecmat([...da_r, ...da_z, ...da_n], backward.W_xh),
      dhPrev: vecmat([...da_r, ...da_z, ...da_n.map((d, j) => d * r[j])], backward.W_hh).map((d, j) => d + direct[j]),
    };
  },
};

/** The vanilla RNN of the candidate's weights. Its sums run in the GRU's order, so that equal means equal to the bit. */
export const rnn = {
  step(x, hPrev, { W_xn, W_hn, b_xn, b_hn }) {
    const [x_n, h_n] = [affine(x, W_xn, b_xn), affine(hPrev, W_hn, b_hn)];
    return { x, hPrev, x_n, h_n, h: tanh(x_n.map((v, j) => v + h_n[j])) };
  },
  stepBackward(dh, { h }, { backward }) {
    const da = dh.map((d, j) => d * (1 - h[j] * h[j]));
    return { dx: vecmat(da, backward.W_xn), dhPrev: vecmat(da, backward.W_hn) };
  },
};

/** Read a sequence (T rows of D numbers) from the zero state: what `cell.step` returns, for every step. */
export function read(cell, xs, net, blend) {
  let h = net.b_xn.map(() => 0);
  return xs.map((x) => {
    const step = cell.step(x, h, net, blend);
    h = step.h;
    return step;
  });
}

/** How strongly the last state depends on each input: the Frobenius norm of d h_T / d x_s, for every s. */
export function memory(cell, steps, net) {
  const H = net.b_xn.length;
  let rows = Array.from({ length: H }, (_, i) => Array.from({ length: H }, (_, j) => Number(i === j))); // d h_T / d h_t
  return steps.map((_, k) => {
    const parts = rows.map((dh) => cell.stepBackward(dh, steps[steps.length - 1 - k], net));
    rows = parts.map(({ dhPrev }) => dhPrev);
    return Math.hypot(...parts.flatMap(({ dx }) => dx));
  }).reverse();
}

/** The largest difference between two sequences of states. */
export const difference = (a, b) => Math.max(...a.map(({ h }, t) => Math.max(...h.map((v, j) => Math.abs(v - b[t].h[j])))));
