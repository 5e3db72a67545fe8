// Back-propagation through time with cuts: what chapter 3's explorable computes. A cut stops the gradient, never the state.
import { affine, softmax, tanh, transposed, vecmat } from "./arrays.js";

const norm = (v) => Math.sqrt(v.reduce((sum, a) => sum + a * a, 0));

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

/** Norm of the cut gradient, norm of the full one, the cosine of the angle between them (NaN if one is zero), and the norm
 *  of what is missing over that of the full one. */
export function compare(cut, full) {
  const [a, b] = [cut.flat(), full.flat()];
  const cosine = a.reduce((sum, v, i) => sum + v * b[i], 0) / (norm(a) * norm(b));
  return { cut: norm(a), full: norm(b), cosine, missing: norm(a.map((v, i) => v - b[i])) / norm(b) };
}
