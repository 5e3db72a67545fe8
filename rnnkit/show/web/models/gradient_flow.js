// Gradient flow: what the product of a network's Jacobians does to a gradient.
// Matrices are flat arrays, row by row; norms are kept as logarithms to base 10.
import { decodeArray } from "./arrays.js";

export const STEPS = 60; // how far back the curves go

/** The packed state: H, T, inputs (T, H), and per kind W (H, H), eigenvalues as [re, im], sigma, all at spectral radius 1. */
export function unpack({ matrices, inputs }) {
  const [T, H] = inputs.shape;
  const kinds = Object.fromEntries(Object.entries(matrices).map(([name, packed]) => {
    const [W, flat, singular] = ["W_hh", "eigenvalues", "singular_values"].map((part) => decodeArray(packed[part]).data);
    const eigenvalues = Array.from({ length: H }, (_, j) => [flat[2 * j], flat[2 * j + 1]]);
    return [name, { W: Float64Array.from(W), eigenvalues, sigma: singular[0] }];
  }));
  return { H, T, kinds, inputs: Float64Array.from(decodeArray(inputs).data) };
}

/** tanh' = 1 - h^2 of every unit at every step, (T, H): h = tanh(strength * input + h_prev @ (rho * W)) from zeros. */
export function slopes({ H, T, inputs }, W, rho, strength) {
  const h = new Float64Array((T + 1) * H); // row 0 is the initial state
  const result = new Float64Array(T * H);
  for (let t = 0; t < T; t += 1) {
    for (let j = 0; j < H; j += 1) {
      let a = strength * inputs[t * H + j];
      for (let i = 0; i < H; i += 1) a += h[t * H + i] * rho * W[i * H + j];
      const state = Math.tanh(a);
      h[(t + 1) * H + j] = state;
      result[t * H + j] = 1 - state * state;
    }
  }
  return result;
}

/** log10 of the largest singular value of G (H, H). A = G G^T is squared again and again: the trace of A^p is the sum of
 *  the singular values to the power 2p, and the largest soon drowns the others. */
export function logNorm(G, H) {
  let [A, B] = [new Float64Array(H * H), new Float64Array(H * H)];
  timesTransposed(G, A, H);
  let log = 0; // of the trace of A^p; A itself is kept at trace 1
  let p = 1;
  for (let round = 0; ; round += 1) {
    const trace = scaleToTraceOne(A, H);
    if (trace === 0) return -Infinity;
    log = round === 0 ? Math.log(trace) : 2 * log + Math.log(trace);
    const next = Math.log(A.reduce((sum, v) => sum + v * v, 0)); // the trace of A^2p over that of A^p, squared
    if (-next / p < 1e-9 || round === 16) return (log + next) / (2 * p * Math.LN10);
    timesTransposed(A, B, H); // A is symmetric: A A^T is its square
    [A, B, p] = [B, A, 2 * p];
  }
}

/** result = G G^T. */
function timesTransposed(G, result, H) {
  for (let i = 0; i < H; i += 1) {
    for (let j = i; j < H; j += 1) {
      let sum = 0;
      for (let l = 0; l < H; l += 1) sum += G[i * H + l] * G[j * H + l];
      result[i * H + j] = sum;
      result[j * H + i] = sum;
    }
  }
}

function scaleToTraceOne(A, H) {
  let trace = 0;
  for (let i = 0; i < H; i += 1) trace += A[i * H + i];
  for (let i = 0; i < A.length && trace > 0; i += 1) A[i] /= trace;
  return trace;
}

/** log10 of the spectral norm of d h_T / d h_{T-k}, for k = 0 .. STEPS. gains (T, H): the tanh' of every step, or null
 *  for the linear network. The rows of G are gradients on their way back: dh_prev = (dh * tanh') @ W^T. */
export function logFlow(W, rho, H, gains = null) {
  let [G, next] = [new Float64Array(H * H), new Float64Array(H * H)];
  for (let i = 0; i < H; i += 1) G[i * H + i] = 1;
  const result = [0];
  let log = 0; // what was divided out of G, so that it neither under- nor overflows
  for (let k = 1; k <= STEPS; k += 1) {
    const t = gains && gains.length / H - k;
    for (let i = 0; i < H; i += 1) {
      if (gains) for (let l = 0; l < H; l += 1) G[i * H + l] *= gains[t * H + l];
      for (let j = 0; j < H; j += 1) {
        let sum = 0;
        for (let l = 0; l < H; l += 1) sum += G[i * H + l] * W[j * H + l];
        next[i * H + j] = sum;
      }
    }
    [G, next] = [next, G];
    const norm = logNorm(G, H);
    log += norm + Math.log10(rho);
    result.push(log);
    const shrink = norm === -Infinity ? 0 : 10 ** -norm; // all units saturated: nothing comes through
    for (let i = 0; i < G.length; i += 1) G[i] *= shrink;
  }
  return result;
}

/** Everything that is shown for one choice. linear: the flow at spectral radius 1; it only has to be shifted. */
export function compute(net, { kind, radius, strength, linear }) {
  const { W, sigma } = net.kinds[kind];
  const shift = Math.log10(radius);
  const gains = slopes(net, W, radius, strength);
  const seen = gains.subarray((net.T - STEPS) * net.H);
  return {
    rho: radius,
    sigma: radius * sigma,
    strength,
    linear: linear.map((v, k) => v + k * shift),
    driven: logFlow(W, radius, net.H, gains),
    slope: seen.reduce((sum, v) => sum + v, 0) / seen.length,
  };
}
