// A small LSTM reads a^n b^n: what it computes, what may follow, where it goes wrong. The same as rnnkit.show.counting.
import { affine, argmax, softmax } from "./arrays.js";
import { lstmStep } from "./cells.js";

// ---- the model: gates packed i, f, o, g, one-hot input

/** The same model with a number added to the forget gate's bias of every cell: the second of the four blocks. */
export function shifted(net, by) {
  const H = net.W_hh.length;
  return { ...net, b_h: net.b_h.map((v, j) => (Math.floor(j / H) === 1 ? v + by : v)) };
}

/** One step from { h, c }: the gates, the new c and h, and p, the probabilities of the symbol that follows. */
export function step({ W_xh, W_hh, b_h, W_hy, b_y }, { h, c }, id) {
  const H = W_hh.length;
  const a = W_xh[id].map((v, j) => v + b_h[j]); // a one-hot x picks a row of W_xh
  for (let k = 0; k < H; k += 1) for (let j = 0; j < 4 * H; j += 1) a[j] += h[k] * W_hh[k][j];
  const now = lstmStep([0, 1, 2, 3].map((gate) => a.slice(gate * H, (gate + 1) * H)), c);
  return { ...now, p: softmax(affine(now.h, W_hy, b_y)) };
}

/** The state before the first symbol: zeros. */
export const start = ({ W_hh }) => ({ h: W_hh.map(() => 0), c: W_hh.map(() => 0) });

/** Read ids from the zero state: one entry per step, as `step` returns it. */
export function read(net, ids) {
  let state = start(net);
  return ids.map((id) => { state = step(net, state, id); return state; });
}

// ---- the language: a^n b^n, n at least 1

/** The numbers of what the model reads: the start symbol, then the text. */
export const encode = (text, alphabet) => [...(alphabet[0] + text)].map((symbol) => [...alphabet].indexOf(symbol));

/** After the start and after every letter: the symbols that may follow in some a^n b^n; "" once there is none. */
export function legalNext(text, alphabet) {
  const [first, a, b, end = first] = alphabet;
  let [As, Bs, lost] = [0, 0, false];
  return [a, ...[...text].map((letter) => {
    lost ||= letter === a ? Bs > 0 : Bs >= As;
    if (letter === a) As += 1;
    else Bs += 1;
    if (lost) return "";
    return Bs === 0 ? a + b : Bs < As ? b : end;
  })];
}

const isWrong = (p, answers, alphabet) => answers !== "" && !answers.includes([...alphabet][argmax(p)]);

/** The steps at which the most probable symbol cannot follow, though another can. */
export function wrongSteps(steps, text, alphabet) {
  return legalNext(text, alphabet).map((answers, t) => isWrong(steps[t].p, answers, alphabet));
}

/** For n from 1 to limit: is every step of a^n b^n right? The a's are read once for all n. */
export function survey(net, alphabet, limit) {
  const [first, a, b, end = first] = alphabet;
  let state = step(net, start(net), 0);
  let good = !isWrong(state.p, a, alphabet);
  return Array.from({ length: limit }, (_, index) => {
    state = step(net, state, 1);
    good &&= !isWrong(state.p, a + b, alphabet);
    let [right, after] = [good, state];
    for (let k = index; right && k >= 0; k -= 1) {
      after = step(net, after, 2);
      right = !isWrong(after.p, k ? b : end, alphabet);
    }
    return right;
  });
}

/** The smallest n up to limit at which some step of a^n b^n is wrong; null if there is none. */
export function firstFailure(net, alphabet, limit = 40) {
  const index = survey(net, alphabet, limit).indexOf(false);
  return index < 0 ? null : index + 1;
}

/** The changes of the forget bias from -4 to 4 in tenths. */
export const SHIFTS = Array.from({ length: 81 }, (_, k) => (k - 40) / 10);

/** For every change of the forget bias: is the text read without a mistake? */
export const tolerance = (net, text, alphabet) => SHIFTS.map((by) => !wrongSteps(read(shifted(net, by), encode(text, alphabet)), text, alphabet).includes(true));

/** The largest run of true around an index, as [from, to]; null if it is false there. */
export function runAround(flags, index) {
  if (!flags[index]) return null;
  let [from, to] = [index, index];
  while (flags[from - 1]) from -= 1;
  while (flags[to + 1]) to += 1;
  return [from, to];
}

/** The number of a's that a text begins with, and of the b's that follow; plain: nothing else comes. */
export function counts(text, alphabet) {
  const letters = [...text];
  const n = letters.findIndex((letter) => letter !== alphabet[1]);
  const As = n < 0 ? letters.length : n;
  const rest = letters.slice(As).findIndex((letter) => letter !== alphabet[2]);
  const Bs = rest < 0 ? letters.length - As : rest;
  return { As, Bs, plain: As + Bs === letters.length };
}
