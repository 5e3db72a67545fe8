// A translator of dates: two GRUs read, a third writes, additive attention between them. Twin of rnnkit.show.translating.
import { argmax, decodeArray, joined, logistic, softmax } from "./arrays.js";

const [START, END, LONGEST] = [1, 2, 12]; // two tokens; characters that it writes, then it is stopped
export const FIRST = 3; // the number of the alphabet's first character

/** The packed parameters: name -> { shape, data }. */
export const unpack = (packed) => Object.fromEntries(Object.entries(packed).map(([name, array]) => [name, decodeArray(array)]));

// x @ W.T for a matrix (B, A), row by row; and x @ W for one of shape (A, B).
const times = (x, { shape: [B, A], data }) => Float64Array.from({ length: B }, (_, b) => {
  let sum = 0;
  for (let a = 0; a < A; a += 1) sum += x[a] * data[b * A + a];
  return sum;
});
const timesRows = (x, { shape: [A, B], data }) => Float64Array.from({ length: B }, (_, b) => {
  let sum = 0;
  for (let a = 0; a < A; a += 1) sum += x[a] * data[a * B + b];
  return sum;
});
const plus = (x, { data }) => x.map((v, j) => v + data[j]);

/** The embedding of a number. */
const embed = ({ shape: [, E], data }, id) => data.subarray(id * E, (id + 1) * E);

/** One step of the GRU `name`; the gates are packed r, z, n. */
function step(net, name, x, before) {
  const part = (kind, of) => plus(times(of, net[`${name}.weight_${kind}_l0`]), net[`${name}.bias_${kind}_l0`]);
  const [a, b, H] = [part("ih", x), part("hh", before), before.length];
  return before.map((v, j) => {
    const [r, z] = [logistic(a[j] + b[j]), logistic(a[H + j] + b[H + j])];
    return (1 - z) * Math.tanh(a[2 * H + j] + r * b[2 * H + j]) + z * v;
  });
}

const nothing = (net) => new Float64Array(net["decoder.weight_hh_l0"].shape[1]);

function states(net, name, ids) {
  let h = nothing(net);
  return ids.map((id) => (h = step(net, name, embed(net["embedding.weight"], id), h)));
}

/** The keys, S of 2H numbers: the states of a reader from each end at every character. */
function read(net, ids) {
  const back = states(net, "back", [...ids].reverse()).reverse();
  return states(net, "ahead", ids).map((h, s) => joined(h, back[s]));
}

/** Read, then write the likeliest character each time: { tokens (T), p (T), weights (T) of (S) }. */
export function translate(net, ids) {
  const keys = read(net, ids);
  const asked = keys.map((key) => timesRows(key, net["attention.W_k"]));
  const { data: v } = net["attention.v"];
  const found = { tokens: [], p: [], weights: [] };
  let [h, token] = [nothing(net), START];
  while (token !== END && found.tokens.length < LONGEST) {
    h = step(net, "decoder", embed(net["embedding.weight"], token), h);
    const query = timesRows(h, net["attention.W_q"]);
    const weights = softmax(asked.map((key) => key.reduce((sum, k, a) => sum + Math.tanh(query[a] + k) * v[a], 0)));
    const context = keys[0].map((_, k) => keys.reduce((sum, key, s) => sum + weights[s] * key[k], 0));
    const mixed = plus(times(joined(h, context), net["mix.weight"]), net["mix.bias"]).map(Math.tanh);
    const p = softmax(plus(times(mixed, net["output.weight"]), net["output.bias"]));
    token = argmax(p);
    found.tokens.push(token);
    found.p.push(p[token]);
    found.weights.push(weights);
  }
  return found;
}

/** How many characters two texts (arrays) begin with together, and how many of the rest they end with. */
export function common(a, b) {
  const most = Math.min(a.length, b.length);
  let [left, right] = [0, 0];
  while (left < most && a[left] === b[left]) left += 1;
  while (right < most - left && a.at(-1 - right) === b.at(-1 - right)) right += 1;
  return [left, right];
}

/** How much of its weight each row has moved since a text was edited, from 0 to 1; null for a row that is new, and for all where the texts share less than half. */
export function moved(before, after, text, edited) {
  const [left, right] = common(text, edited);
  const alien = 2 * (left + right) < Math.max(text.length, edited.length);
  const pooled = (row) => {
    const end = row.length - right;
    return [...row.slice(0, left), row.slice(left, end).reduce((a, b) => a + b, 0), ...row.slice(end)];
  };
  return after.map((row, t) => {
    if (t >= before.length || alien) return null;
    const old = pooled(before[t]);
    return pooled(row).reduce((sum, w, k) => sum + Math.abs(w - old[k]), 0) / 2;
  });
}

/** Whether a text is an ISO date of the calendar: "real", "none" (31 February), or "shapeless". */
export function judged(iso) {
  if (!/^\d{4}-\d\d-\d\d$/.test(iso)) return "shapeless";
  const [year, month, day] = iso.split("-").map(Number);
  const days = [31, (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return year > 0 && day >= 1 && day <= (days[month - 1] ?? 0) ? "real" : "none";
}
