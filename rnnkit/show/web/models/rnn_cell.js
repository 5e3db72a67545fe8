// A vanilla RNN with three units reads a word: its states, its answers, and the arithmetic of one unit.
import { softmax, vecmat } from "./arrays.js";
import { rnnStep } from "./cells.js";

export const LETTERS = [..."helo"];

/** Read a word from the zero state: one { x, hPrev, a, h, p } per letter; p are the next letter's probabilities. */
export function readWord(word, weights) {
  let h = weights.b_h.map(() => 0);
  return [...word].map((letter) => {
    const x = LETTERS.map((l) => Number(l === letter));
    const step = { x, hPrev: h, ...rnnStep(x, h, weights) };
    h = step.h;
    return { ...step, p: softmax(vecmat(h, weights.W_hy)) };
  });
}

/** The likeliest next letter; null if there is no single one. */
export function answer(p) {
  const top = Math.max(...p);
  return p.filter((v) => top - v < 1e-9).length > 1 ? null : LETTERS[p.indexOf(top)];
}

/** How many next letters are right, out of how many. */
export function score(word, steps) {
  const right = steps.slice(0, -1).filter(({ p }, t) => answer(p) === word[t + 1]).length;
  return [right, Math.max(0, word.length - 1)];
}
