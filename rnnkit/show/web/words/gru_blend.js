// What the explorable of chapter 8 says, and how it writes numbers.
import { minus, power } from "../kit/numbers.js";

export const fixed = (v) => (Number.isInteger(v) ? minus(String(v)) : minus(v.toFixed(3)).replace(/^−(0\.0+)$/, "$1"));
const factor = (v) => (v < 0 && fixed(v)[0] === "−" ? `(${fixed(v)})` : fixed(v));

/** A number of any size, with two digits: 0.12, or 3.4·10⁻⁷. */
export function written(v) {
  if (v === 0 || (v >= 0.001 && v < 1000)) return v === 0 ? "0" : String(Number(v.toPrecision(2)));
  const [digits, exponent] = v.toExponential(1).split("e");
  return `${digits}·${power(10, Number(exponent))}`;
}

/** The state of one unit written out, the blend in either convention of z: pairs of a formula and its numbers. */
export function equations({ x_n, h_n, r, z, n, hPrev, h }, j, flipped) {
  const [stay, go] = [`${factor(z[j])}·${factor(hPrev[j])}`, `${factor(1 - z[j])}·${factor(n[j])}`];
  const blended = flipped ? ["h = (1 − z)·h_prev + z·n", `${stay} + ${go}`] : ["h = (1 − z)·n + z·h_prev", `${go} + ${stay}`];
  return [
    ["n = tanh(x_n + r·h_n)", `= tanh(${fixed(x_n[j])} + ${factor(r[j])}·${factor(h_n[j])}) = ${fixed(n[j])}`],
    [blended[0], `= ${blended[1]} = ${fixed(h[j])}`],
  ];
}

export const QUESTION = "Predict. Set `z` = 0 and `r` = 1 at every step. How large is the largest difference between the states of this GRU and of the vanilla RNN with the same candidate weights?";

/** What to notice at this setting. */
export function hint({ blendZ, blendR, keep, T }) {
  const k = T - 1;
  if (blendZ === 1 && blendR === 1) return "The two maps of `h` agree to the last bit, and so does the memory. Now pull `z → 0` back to the left: memory returns.";
  if (blendZ === 1) return "Nothing is copied from step to step. The past acts through the candidate alone, as in the RNN, and where `r` is below 1 that way is weaker: the curve can fall below the RNN's.";
  if (blendZ > 0) return `No \`z\` is above ${(1 - blendZ).toFixed(2)} now. A number copied ${k} times keeps at most ${power((1 - blendZ).toFixed(2), k)} = ${written((1 - blendZ) ** k)} of itself.`;
  if (keep >= 2) return "`z` moves towards 1: units keep more and write less. The last inputs count for less than before.";
  if (keep <= -2) return "`z` moves towards 0: units write more and keep less. The last inputs count for more than before, the first for less.";
  if (blendR === 1) return "`r` = 1: the candidate sees all of the old state. Compare what this does to the memory with a small step of `z → 0`.";
  return "A row that stays near 1 in `z` keeps its colour in `h`. The RNN has no such rows: each step writes every unit anew.";
}
