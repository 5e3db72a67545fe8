// One step of the recurrent cells, for one example: vectors of H numbers, names as in rnnkit.cells. The GRU is in gru_blend.js.
import { affine, sigmoid, tanh, vecmat } from "./arrays.js";

/** One step of the vanilla RNN: the pre-activation a and the state h = tanh(a). */
export function rnnStep(x, hPrev, { W_xh, W_hh, b_h }) {
  const fromState = vecmat(hPrev, W_hh);
  const a = affine(x, W_xh, b_h).map((v, j) => v + fromState[j]);
  return { a, h: tanh(a) };
}

/** The LSTM's step from its gates' pre-activations, (H) each, in the order i, f, o, g: { i, f, o, g, c, h }. */
export function lstmStep(gates, cPrev) {
  const [i, f, o] = gates.slice(0, 3).map(sigmoid);
  const g = tanh(gates[3]);
  const c = cPrev.map((v, j) => f[j] * v + i[j] * g[j]);
  const h = c.map((v, j) => o[j] * Math.tanh(v));
  return { i, f, o, g, c, h };
}
