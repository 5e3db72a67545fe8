// Three models that answer questions about a picture: those of rnnkit.nn.vqa, weights by the same names.
import { GRID } from "../kit/scene.js";
import { decodeArray, dot, joined, relu, softmax } from "./arrays.js";
import { lstmStep } from "./cells.js";
import { encode, linear, unpackConvolution } from "./eye.js";

const affine = (net, name, x) => linear(x, net[`${name}.weight`], net[`${name}.bias`]);

/** The packed weights of one model: name -> { shape, data }. */
export const unpack = (packed) => Object.fromEntries(Object.entries(packed).map(([name, array]) => [name, decodeArray(array)]));

/** A question's vector: the state of an LSTM (gates i, f, g, o, as torch packs them) after its last word. */
function readQuestion(net, ids) {
  const [table, W_ih, W_hh, b_ih, b_hh] = ["embedding.weight", "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0"].map((name) => net[`question.${name}`]);
  const [D, H] = [table.shape[1], W_hh.shape[1]];
  let [h, c] = [new Float64Array(H), new Float64Array(H)];
  for (const id of ids) {
    const fromWord = linear(table.data.subarray(id * D, (id + 1) * D), W_ih, b_ih);
    const fromState = linear(h, W_hh, b_hh);
    const both = fromWord.map((v, j) => v + fromState[j]);
    const [i, f, g, o] = [0, 1, 2, 3].map((gate) => both.subarray(gate * H, (gate + 1) * H));
    ({ h, c } = lstmStep([i, f, o, g], c));
  }
  return h;
}

export const MODELS = ["concatenation", "multiplication", "attention"];

// How the question's vector and the picture's become one; attention changes where the picture's comes from.
const multiply = (q, v) => q.map((_, i) => q[i] * v[i]);
const FUSE = { concatenation: (q, v) => relu(q.map((_, i) => q[i] + v[i])), multiplication: multiply, attention: multiply };

/** Where each region lies: x and y from -1 to 1, and waves of them; as `coordinates` of rnnkit.nn.attention. */
function coordinates() {
  const line = (i) => (2 * i) / (GRID - 1) - 1;
  return Array.from({ length: GRID * GRID }, (_, r) => {
    const xy = [line(r % GRID), line(Math.floor(r / GRID))];
    const waves = [0.5, 1, 2].flatMap((f) => [Math.sin, Math.cos].flatMap((wave) => xy.map((v) => wave(f * Math.PI * v))));
    return [...xy.map((v) => 2 * v), ...waves];
  });
}

// The picture as one vector: every region narrowed to a few numbers, all of them side by side.
const whole = (net, regions) => ({ picture: joined(...regions.map((x) => relu(affine(net, "narrow", x)))), glances: [] });

// What the question looks at: each glance weighs the regions; what it saw refines the question of the next.
function glimpse(net, regions, question) {
  const where = coordinates();
  const placed = regions.map((x, r) => joined(relu(affine(net, "what", x)), where[r]));
  const [keys, values] = ["key", "value"].map((name) => placed.map((x) => affine(net, name, x)));
  const [contexts, glances] = [[], []];
  for (let g = 0; net[`looks.${g}.query.weight`]; g += 1) {
    const query = affine(net, `looks.${g}.query`, joined(question, ...contexts));
    const weights = softmax(keys.map((key) => dot(key, query) / Math.sqrt(query.length)));
    contexts.push(values[0].map((_, i) => weights.reduce((sum, w, r) => sum + w * values[r][i], 0)));
    glances.push(weights);
  }
  return { picture: joined(...contexts), glances };
}

/** Ask one model: the scores of the answers (A,), and where it looked: one array of weights (R,) for each glance.
 *  regions: R arrays of C numbers, from `see`. ids: the question's words. */
export function answer(name, net, regions, ids) {
  const question = readQuestion(net, ids);
  const standard = regions.map((x) => x.map((v, i) => (v - net.mean.data[i]) / net.deviation.data[i]));
  const { picture, glances } = name === "attention" ? glimpse(net, standard, question) : whole(net, standard);
  const fused = FUSE[name](affine(net, "W_q", question), affine(net, "W_v", picture));
  return { scores: affine(net, "answer", relu(affine(net, "hidden", fused))), glances };
}

/** The eye: three convolutions. */
export const unpackEye = (packed) => [1, 2, 3].map((i) => unpackConvolution(packed[`conv${i}`], packed[`conv${i}_b`]));

/** What the eye makes of a picture (SIDE, SIDE, 3): GRID * GRID regions of C numbers. */
export function see(pixels, eye) {
  const flat = encode(pixels, eye);
  const C = flat.length / (GRID * GRID);
  return Array.from({ length: GRID * GRID }, (_, r) => flat.subarray(r * C, (r + 1) * C));
}
