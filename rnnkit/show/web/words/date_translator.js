// What the explorable of chapter 10 says.
import { percent } from "../kit/numbers.js";

export const shown = (letter) => (letter === " " ? "␣" : letter);
export const END_SHOWN = "■";

export const QUESTION = "Predict. The decoder reads “{text}”, has written “{written}”, and writes {letter} next. Where does it look most?";

/** shares: [[what, share]], the largest first. */
export function answer(shares, letter, text) {
  const weights = `The weights: ${shares.map(([what, share]) => `${what}, ${percent(share)}`).join("; ")}. `;
  const why = "Attention says where to look, not what to write: at every place the two readers know what stands on both sides of it.";
  return weights + (text.includes(letter) ? why : `The text has no ${letter} to copy. ${why}`);
}

const named = (text, s) => (text[s] === " " ? (s + 1 < text.length ? `the blank before ${text[s + 1]}` : "the last blank") : text[s]);

/** What is read out of one row. text: its characters; written: one, "■" for the end; old, shift: what stood there before an edit, and how much of the weight has moved, or nothing. */
export function readout(t, written, p, weights, text, old, shift) {
  const best = [...weights.keys()].sort((a, b) => weights[b] - weights[a]);
  const places = best.filter((s, k) => k === 0 || (k < 3 && weights[s] >= 0.1)).map((s) => `${named(text, s)} (${percent(weights[s])})`);
  const what = written === END_SHOWN ? "It ends here" : `Character ${t + 1}, ${written}`;
  const since = old === undefined || shift === null ? "" : ` Before: ${old === END_SHOWN ? "the end" : old}; since then ${percent(shift)} of the weight has moved.`;
  return `${what}: probability ${percent(p)}. It looks at ${places.join(", ")}.${since}`;
}

export const LEGEND = "A row for each written character, a column for each character of the text: the stronger its colour, the more weight. % is the probability of what was written.";

/** What has changed since the reading before. differ, elsewhere: numbers of rows; null where rows cannot be compared. */
export function compared(text, iso, differ, elsewhere) {
  const rows = (n, one, many) => (n === 1 ? `1 ${one}` : `${n || "no"} ${many}`);
  const moved = elsewhere === null ? "too little of the text is left to compare where the rows look." : `↔ ${rows(elsewhere, "row looks", "rows look")} elsewhere: a fifth of the weight or more has moved.`;
  return `Before: “${text}” became ${iso}. Now ≠ ${rows(differ, "character differs", "characters differ")}; ${moved}`;
}

/** What is said of the whole: known, the date of a text that is in the list, or undefined; kind, as of judged(). */
export function verdict(iso, known, kind) {
  if (known) return iso === known ? "That is the date." : `Wrong: the date is ${known}.`;
  if (kind === "shapeless") return "That is no date. The network always writes what is likeliest; % tells how sure it is.";
  if (kind === "none") return `There is no ${iso}. The network copies what it reads: nobody told it what the calendar holds.`;
  return "";
}

export const leftOut = (letters) => `Left out: ${letters.join(" ")}. No date of the training had ${letters.length === 1 ? "this character" : "these characters"}.`;
export const EMPTY = "One character at least: the text before stays.";

export const HINT = "The same date in another language: the rows point elsewhere, the ISO date stays. Watch the month, which is copied from digits in Korean and in Chinese, and read off a few letters in the others. Then edit: make the 7 a 17, cut a digit of the year, type 31 February 1963. The last of the list is a format that training never showed. A strong colour says where the weight lies, not why the character was written.";
