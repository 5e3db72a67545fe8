// A trained character model, a one-layer LSTM in torch's layout, written for speed: no arrays are made on the way.
import { decodeArray, logistic, ranked } from "./arrays.js";

/** The packed parameters, laid out for speed: unit j's four gates (i, f, g, o) stand side by side.
 *  table (V, H, 4): what a character adds to the gates, its embedding times the input weights, with both biases.
 *  recurrent (H, H, 4): to unit j, from unit k. output (V, H), bias (V). */
export function unpack(weights) {
  const [E, W_ih, W_hh, b_ih, b_hh, output, bias] = ["embedding.weight", "rnn.weight_ih_l0", "rnn.weight_hh_l0",
    "rnn.bias_ih_l0", "rnn.bias_hh_l0", "output.weight", "output.bias"].map((name) => decodeArray(weights[name]));
  const [[V, D], H] = [E.shape, W_hh.shape[1]];
  const table = new Float64Array(V * 4 * H);
  const recurrent = new Float32Array(4 * H * H);
  for (let gate = 0; gate < 4; gate += 1) {
    for (let j = 0; j < H; j += 1) {
      const from = gate * H + j; // torch packs all of i, then all of f, g, o
      for (let k = 0; k < H; k += 1) recurrent[4 * (j * H + k) + gate] = W_hh.data[from * H + k];
      for (let id = 0; id < V; id += 1) {
        let sum = b_ih.data[from] + b_hh.data[from];
        for (let d = 0; d < D; d += 1) sum += E.data[id * D + d] * W_ih.data[from * D + d];
        table[4 * (id * H + j) + gate] = sum;
      }
    }
  }
  return { V, H, table, recurrent, output: output.data, bias: bias.data };
}

/** The state before the first character: zeros. */
export const start = ({ H }) => ({ h: new Float64Array(H), c: new Float64Array(H), next: new Float64Array(H) });

/** Read one character: changes the state in place and returns the scores of what may follow, (V,). */
export function step({ V, H, table, recurrent, output, bias }, state, id) {
  const { h, c, next } = state;
  for (let j = 0, w = 0, t = 4 * id * H; j < H; j += 1, t += 4) {
    let [i, f, g, o] = [table[t], table[t + 1], table[t + 2], table[t + 3]];
    for (let k = 0; k < H; k += 1, w += 4) {
      const x = h[k];
      i += x * recurrent[w];
      f += x * recurrent[w + 1];
      g += x * recurrent[w + 2];
      o += x * recurrent[w + 3];
    }
    c[j] = logistic(f) * c[j] + logistic(i) * Math.tanh(g);
    next[j] = logistic(o) * Math.tanh(c[j]);
  }
  [state.h, state.next] = [next, h];
  const logits = new Float64Array(V);
  for (let v = 0, w = 0; v < V; v += 1) {
    let sum = bias[v];
    for (let k = 0; k < H; k += 1, w += 1) sum += next[k] * output[w];
    logits[v] = sum;
  }
  return logits;
}

/** The distribution that the next character is drawn from. temperature 0: the most probable one (greedy).
 *  topP: only the smallest set whose probability reaches it; the others get exactly 0. */
export function nextDistribution(logits, { temperature = 1, topP = 1 } = {}) {
  const top = Math.max(...logits);
  if (temperature === 0) return logits.map((_, v) => Number(v === logits.indexOf(top)));
  const p = logits.map((v) => Math.exp((v - top) / temperature));
  const total = p.reduce((a, b) => a + b, 0);
  for (let v = 0; v < p.length; v += 1) p[v] /= total;
  if (topP >= 1) return p;
  let before = 0; // the probability of those that rank above
  let kept = 0;
  for (const v of ranked(p)) {
    if (before < topP) kept += p[v];
    before += p[v];
    if (before - p[v] >= topP) p[v] = 0;
  }
  return p.map((v) => v / kept);
}

/** -ln p of one character by the model itself, at temperature 1, in nats. */
export function surprise(logits, id) {
  const top = Math.max(...logits);
  return Math.log(logits.reduce((sum, v) => sum + Math.exp(v - top), 0)) + top - logits[id];
}

/** The first character at which the sum of the probabilities exceeds u. */
export function draw(p, u) {
  let left = u;
  let last = 0;
  for (let v = 0; v < p.length; v += 1) {
    if (p[v] === 0) continue;
    last = v;
    left -= p[v];
    if (left < 0) return v;
  }
  return last; // rounding left a crumb
}

/** Someone who reads a text character by character and can write on. `entries` keeps for each character its id,
 *  tanh(c) of every cell after it, and its surprise (NaN for the first, which nothing foretold). */
export function makeReader(net) {
  let state = start(net);
  const reader = {
    logits: null,
    entries: [],
    reset() { Object.assign(reader, { logits: null, entries: [] }); state = start(net); },
    add(id) {
      const nats = reader.logits ? surprise(reader.logits, id) : NaN;
      reader.logits = step(net, state, id);
      reader.entries.push({ id, nats, cells: Float32Array.from(state.c, Math.tanh) });
      return reader.entries.at(-1);
    },
    read(ids) { return ids.map((id) => reader.add(id)); },
    write(random, options) { return reader.add(draw(nextDistribution(reader.logits, options), random())); },
  };
  return reader;
}

/** How many of a text's words differ from all before them, and how many there are. */
export function distinctWords(text) {
  const words = text.toLowerCase().match(/[a-z']+/g) ?? [];
  return [new Set(words).size, words.length];
}
