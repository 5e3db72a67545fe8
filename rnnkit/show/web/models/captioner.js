// A captioner with soft attention, some glances at every word: the same arithmetic as in rnnkit.show.twin.
import { GRID } from "../kit/scene.js";
import { argmax, decodeArray, dot, joined, relu, softmax } from "./arrays.js";
import { lstmStep } from "./cells.js";
import { encode, linear, unpackConvolution } from "./eye.js";

const START = 0;
export const END = 1;
const LONGEST = 10; // words, then the model is stopped

/** The packed parameters. Matrices W_ab are packed as (outputs, inputs), for `linear`. */
export function unpack(packed) {
  const net = Object.fromEntries(Object.entries(packed).filter(([name]) => !name.startsWith("conv")).map(([name, array]) => [name, decodeArray(array)]));
  net.glances = Object.keys(packed).filter((name) => name.startsWith("W_look")).length;
  const P = net.where.shape[1];
  net.places = Array.from({ length: GRID * GRID }, (_, r) => net.where.data.subarray(r * P, (r + 1) * P)); // of every region
  net.layers = [1, 2, 3].map((i) => unpackConvolution(packed[`conv${i}`], packed[`conv${i}_b`]));
  return net;
}

const layer = (net, name, x) => linear(x, net[`W_${name}`], net[`b_${name}`]);
const mean = (weights, vectors) => vectors[0].map((_, k) => vectors.reduce((sum, vector, r) => sum + weights[r] * vector[k], 0));
// The way back through a layer: from the slope of its outputs to that of its inputs.
function back({ shape: [outputs, inputs], data }, slope) {
  const sum = new Float64Array(inputs);
  for (let o = 0, w = 0; o < outputs; o += 1) for (let i = 0; i < inputs; i += 1, w += 1) sum[i] += slope[o] * data[w];
  return sum;
}

/** Look at a picture (64, 64, 3): the key and the value of every region, R vectors each. */
export function see(net, pixels) {
  const regions = encode(pixels, net.layers);
  const C = regions.length / (GRID * GRID);
  const seen = Array.from({ length: GRID * GRID }, (_, r) =>
    joined(relu(layer(net, "what", regions.subarray(r * C, (r + 1) * C))), net.places[r]));
  return { keys: seen.map((x) => layer(net, "key", x)), values: seen.map((x) => layer(net, "value", x)) };
}

/** Read one word and score the next: { logits, hidden, glances, h, c }. The LSTM's gates are packed i, f, o, g. */
export function step(net, { keys, values }, { h, c }, word) {
  const [H, D] = [net.W_hh.shape[1], net.embedding.shape[1]];
  const fromWord = linear(net.embedding.data.subarray(word * D, (word + 1) * D), net.W_xh, net.b_h);
  const a = linear(h, net.W_hh, { data: fromWord });
  const now = lstmStep([0, 1, 2, 3].map((gate) => a.subarray(gate * H, (gate + 1) * H)), c);
  let known = now.h;
  const glances = Array.from({ length: net.glances }, (_, g) => {
    const query = layer(net, `look${g + 1}`, known);
    const weights = softmax(keys.map((key) => dot(key, query) / Math.sqrt(query.length)));
    known = joined(known, mean(weights, values));
    return weights;
  });
  const { logits, hidden } = score(net, values, now.h, glances);
  return { logits, hidden, glances, h: now.h, c: now.c };
}

// The next word's scores: from the state, from where all glances fell, and from what the last one showed.
function score(net, values, h, glances) {
  const known = [h, ...glances.map((weights) => mean(weights, net.places)), mean(glances.at(-1), values)].reduce((a, b) => joined(a, b));
  const hidden = relu(layer(net, "hidden", known));
  return { logits: layer(net, "output", hidden), hidden };
}

/** Which regions speak for a word: d log p(word) / d score of the last glance, (R). Positive where looking a little
 *  more would make the word likelier. logits, hidden, glances: of the step before it. */
export function evidence(net, { values }, { logits, hidden, glances }, word) {
  const d_logits = softmax(logits).map((p, v) => Number(v === word) - p);
  const d_hidden = back(net.W_output, d_logits).map((d, k) => (hidden[k] > 0 ? d : 0));
  const d_known = back(net.W_hidden, d_hidden);
  const [A, P, last] = [values[0].length, net.places[0].length, glances.at(-1)];
  const [d_place, d_context] = [d_known.slice(-A - P, -A), d_known.slice(-A)];
  const d_weights = values.map((value, r) => dot(value, d_context) + dot(net.places[r], d_place));
  const middle = dot(last, d_weights);
  return d_weights.map((d, r) => last[r] * (d - middle));
}

/** Describe a picture, always taking the likeliest word: [{ id, p, glances, evidence }], END last unless LONGEST words came without it. */
export function describe(net, pixels) {
  const picture = see(net, pixels);
  const zeros = () => new Float64Array(net.W_hh.shape[1]);
  let state = { h: zeros(), c: zeros() };
  const said = [];
  while (said.length < LONGEST && said.at(-1)?.id !== END) {
    state = step(net, picture, state, said.at(-1)?.id ?? START);
    const p = softmax(state.logits);
    const id = argmax(p);
    said.push({ id, p, glances: state.glances, evidence: evidence(net, picture, state, id) });
  }
  return said;
}
