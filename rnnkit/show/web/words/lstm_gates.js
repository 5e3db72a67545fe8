// What the explorable of chapter 7 says, and how it writes numbers.
import { minus, power } from "../kit/numbers.js";
import { argmax } from "../models/arrays.js";
import { counts, legalNext, runAround, SHIFTS, wrongSteps } from "../models/lstm_gates.js";

export const signed = (v) => (v === 0 ? "0" : minus(`${v > 0 ? "+" : ""}${v.toFixed(1)}`));
export const short = (v) => minus(Math.abs(v) < 0.005 ? "0" : Math.abs(v) > 0.995 ? v.toFixed(0) : v.toFixed(2).replace("0.", "."));
const three = (v) => minus(Math.abs(v) < 0.0005 ? "0.000" : v.toFixed(3));
const bracketed = (v) => (v < -0.0005 ? `(${three(v)})` : three(v));

/** A text, in powers if it is long. */
function name(text, alphabet) {
  const { As, Bs, plain } = counts(text, alphabet);
  if (!plain || text.length < 7) return text;
  return [[alphabet[1], As], [alphabet[2], Bs]].filter(([, n]) => n).map(([letter, n]) => power(letter, n)).join("");
}

/** Is the text read right? In one sentence. */
export function verdict(steps, text, alphabet) {
  const legal = legalNext(text, alphabet);
  const t = wrongSteps(steps, text, alphabet).indexOf(true);
  if (t >= 0) {
    const said = argmax(steps[t].p);
    const { As, Bs } = counts([...text].slice(0, t).join(""), alphabet);
    const where = t === 0 ? "the start" : Bs ? `${Bs} of ${As} b's`.replace("b", alphabet[2]) : power(alphabet[1], As);
    return `Wrong at step ${t + 1}: after ${where} it expects ${[...alphabet][said]} (p\u00a0=\u00a0${steps[t].p[said].toFixed(2)}), but ${[...legal[t]].join(" or ")} must follow.`;
  }
  const lost = legal.indexOf("");
  if (lost >= 0) return `Right as long as an answer exists: from step ${lost + 1} on, nothing can complete the string.`;
  const [first, a, , end = first] = alphabet;
  if (legal.at(-1) === end) return `Right at all ${steps.length} steps: it expects ${end} at the end and not before.`;
  return legal.at(-1).includes(a) ? "Right so far." : `Right so far: ${counts(text, alphabet).As - counts(text, alphabet).Bs} ${alphabet[2]} must still come.`;
}

/** What to notice now. */
export function hint({ shift, steps, text, alphabet }) {
  const legal = legalNext(text, alphabet);
  if (shift < 0) return "Each step keeps only the part `f` of the count: how far has `c` left the dashed line?";
  if (shift > 0) return "On the whole `f` is closer to 1. Has the count become better, or did it need the old `f`?";
  if (legal.includes("")) return "Does `c` still hold the count where no answer is right?";
  if (legal.at(-1).includes(alphabet[2])) return `The string may go on: does \`c\` hold how many ${alphabet[2]}'s can come?`;
  if (wrongSteps(steps, text, alphabet).includes(true)) return "`c` is not where it should be when the b's run out. Compare with a smaller n, step by step.";
  return "Blue under a slider: read right. Move `n`, then the bias: how small a change breaks it, if any?";
}

/** A step written out, line by line. */
export function stepLines(t, steps, { text, alphabet, cell }) {
  const [i, f, o, g, c, h] = [..."ifogch"].map((gate) => steps[t][gate][cell]);
  const before = t > 0 ? steps[t - 1].c[cell] : 0;
  return [
    `Step ${t + 1} of ${steps.length}, x = ${[...(alphabet[0] + text)][t]}, cell ${cell}`,
    "c = f · c_prev + i · g",
    `= ${three(f)} × ${bracketed(before)} + ${three(i)} × ${bracketed(g)} = ${three(c)}`,
    `h = o · tanh(c) = ${three(o)} × ${bracketed(Math.tanh(c))} = ${three(h)}`,
    `next: ${[...alphabet].map((symbol, k) => `${symbol} ${steps[t].p[k].toFixed(3)}`).join(", ")}`,
  ];
}

/** How far it counts. good: of every n from 1, is it right? kept: of every change in SHIFTS, is the text read right? */
export function reach({ good, kept }, { shift, text, alphabet }) {
  const fails = good.indexOf(false) + 1;
  const upTo = fails === 0 ? `right for every n up to ${good.length}` : fails === 1 ? "wrong from n = 1 on" : `right up to n = ${fails - 1}`;
  const range = runAround(kept, SHIFTS.indexOf(0));
  const ends = range && range.map((k) => (k % 80 ? signed(SHIFTS[k]) : `${signed(SHIFTS[k])} at least`));
  const span = range && (range[1] - range[0] === 80 ? "every change here" : `a change from ${ends[0]} to ${ends[1]}`);
  const survives = span ? `${name(text, alphabet)} stands ${span}.` : kept.includes(true) ? "The bar under the bias shows what would mend it." : "";
  return `With ${shift ? "this forget bias" : "the bias as it is"}, ${upTo}. ${survives}`;
}

export const QUESTION = "Predict. {story} It reads aⁿbⁿ and says at each step what may follow. At which n does it first say something wrong?";

/** The prediction: what the question is about, the guesses, and what is said for the n of the first failure, or null up to `limit`. */
export function prediction(trainedTo, limit) {
  const base = trainedTo || 10;
  const bounds = [base, Math.round(1.5 * base), 3 * base];
  const guesses = [`at most ${bounds[0]}`, `${bounds[0] + 1} to ${bounds[1]}`, `${bounds[1] + 1} to ${bounds[2]}`, `above ${bounds[2]}, or never`];
  const story = trainedTo ? `This LSTM was trained on strings with n up to ${trainedTo}.` : "The weights of this LSTM were set by hand; `f` of the cell that counts is a little below 1.";
  const right = (n) => bounds.filter((bound) => (n ?? Infinity) > bound).length;
  function why(n) {
    const task = n > 3 ? `Now take n = ${Math.floor(n / 2)}: how little forget bias is needed to break it?` : "Now move the forget bias.";
    return n ? `It first fails at n = ${n}, the string below: nothing ties c to whole numbers, and errors add up. ${task}` : `It reads every n up to ${limit} right. ${task}`;
  }
  return { story, guesses, right, why };
}
