// An LSTM that paints a picture from codes, through a grid of Gaussian windows. Twin of rnnkit.show.glimpsing.
import { affine, logistic, softmax, vecmat } from "./arrays.js";
import { lstmStep } from "./cells.js";
import { sideOf } from "./glimpse_reader.js";
import { normals } from "./random.js";

/** Codes for `steps` strokes, the same for the same seed. */
export function drawCodes(net, seed, steps) {
  const size = net.dec_W_xh.length;
  const all = normals(seed, steps * size);
  return Array.from({ length: steps }, (_, t) => all.slice(t * size, (t + 1) * size));
}

/** N bells over S pixels: their middles in pixels, and the filters (N rows of S). */
function bells(centre, logStride, logVariance, N, S) {
  const stride = ((S - 1) / (N - 1)) * Math.exp(logStride);
  const middles = Array.from({ length: N }, (_, i) => ((S - 1) / 2) * (centre + 1) + (i - (N - 1) / 2) * stride);
  const filters = middles.map((m) => softmax(Array.from({ length: S }, (_, s) => -((s - m) ** 2) / (2 * Math.exp(logVariance)))));
  return { middles, filters };
}

/** What the state h adds to the canvas, and where: { added (S * S), rows (N), columns (N), spread }. */
function stroke(net, h, S) {
  const w = affine(h, net.W_hw, net.b_w);
  const [row, column, logVariance, logStride, logGain] = affine(h, net.W_place, net.b_place);
  const N = sideOf(w.length);
  const [down, along] = [row, column].map((centre) => bells(centre, logStride, logVariance, N, S));
  const added = Array.from({ length: S * S }, () => 0);
  for (let i = 0; i < N; i += 1) {
    const line = vecmat(w.slice(i * N, (i + 1) * N), along.filters);
    for (let k = 0; k < S * S; k += 1) added[k] += (down.filters[i][Math.floor(k / S)] * line[k % S]) / Math.exp(logGain);
  }
  return { added, rows: down.middles, columns: along.middles, spread: Math.exp(logVariance / 2) };
}

/** The ink of the blank canvas, (S * S). */
export const blank = (net) => net.b_canvas.map(logistic);

/** Paint from codes: for every step the ink of the canvas, (S * S), and what `stroke` returns. */
export function paintCodes(net, codes) {
  const [S, M] = [sideOf(net.b_canvas.length), net.dec_W_hh.length];
  let [h, c, canvas] = [Array(M).fill(0), Array(M).fill(0), net.b_canvas];
  return codes.map((z) => {
    const recurrent = vecmat(h, net.dec_W_hh);
    const a = affine(z, net.dec_W_xh, net.dec_b_h).map((v, j) => v + recurrent[j]);
    ({ h, c } = lstmStep([0, 1, 2, 3].map((gate) => a.slice(gate * M, (gate + 1) * M)), c));
    const found = stroke(net, h, S);
    canvas = canvas.map((v, k) => v + found.added[k]);
    return { ink: canvas.map(logistic), ...found };
  });
}

/** The square that the bells of a stroke share out: [top, left, height, width], a pixel's middle being at its half. */
export function windowBox({ rows, columns }) {
  const ends = (middles) => {
    const stride = middles[1] - middles[0];
    return [middles[0] - stride / 2 + 0.5, middles.length * stride];
  };
  const [[top, height], [left, width]] = [ends(rows), ends(columns)];
  return [top, left, height, width];
}
