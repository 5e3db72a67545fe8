// What the explorable of chapter 12 says.
import { percent } from "../kit/numbers.js";
import { argmax, ranked } from "../models/arrays.js";

const NAMES = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const named = (n) => NAMES[n] ?? String(n);
export const called = (digit) => `${digit === 8 ? "an" : "a"} ${digit}`;
const looks = (n) => `${named(n)} ${n === 1 ? "look" : "looks"}`;

export const QUESTION = "Predict. The network looks at this {digit} {times}, each time at {side} × {side} pixels; where, it chooses itself. After how many looks is its belief right, and stays right?";
export const times = (count) => (count === 1 ? "once" : `${named(count)} times`);
/** The guesses, and which of them is right. until: looks, or null. */
export const guesses = (count) => [...Array.from({ length: count }, (_, k) => looks(k + 1)), `not with ${named(count)}`];
export const rightGuess = (until, count) => (until ?? count + 1) - 1;
export const answer = (found, until) => `It believes in ${found.map(({ p }) => `${argmax(p)} (${percent(p[argmax(p)])})`).join(", then ")}. ${until === null ? "These looks are not enough." : `From look ${until} on it is right.`} Where it looks next depends on what it has seen.`;

const best = (p) => ranked(p).filter((k, place) => place === 0 || (place < 3 && p[k] >= 0.1)).map((k) => `${k} with ${percent(p[k])}`).join(", ");
const square = ([row, column], side) => `rows ${row + 1} to ${row + side}, columns ${column + 1} to ${column + side}`;

export const before = (corner, side, p) => `The frame is on ${square(corner, side)}. A look there would make it ${best(p)}.`;
export const after = (n, corner, side, p, isOwn) => `Look ${n}, at ${square(corner, side)}${isOwn ? ", its own choice" : ""}: ${best(p)}.`;
export const full = (most) => `${named(most)[0].toUpperCase()}${named(most).slice(1)} looks: start again to look elsewhere.`;

/** What is said of the belief: right, the digit that it is, or null for one that the visitor drew. */
export function verdict(p, right) {
  const digit = argmax(p);
  if (right === null) return `It reads your drawing as ${called(digit)}.`;
  return digit === right ? "That is right." : `It is ${called(right)}.`;
}

export const SEEN = "what it has seen";
export const STAGE = { look: "The digit. Arrow keys move the frame, Enter looks.", draw: "Your drawing. Arrow keys move the pen, Space makes a pixel black or white." };
export const LOOKING = "Move the frame: the marks show what the belief would become. Click, tap or press Enter to look.";
export const DRAWING = "Draw one digit, as high as the board, with mouse or finger; or with the arrow keys and Space.";
export const EMPTY = "Nothing is drawn yet.";
export const HINT = "The same place tells much of one digit and little of another: look at the middle of the 0, then of the 6. Look where nothing is, and see that this is news too. Then draw a digit that is hard: a 7 with a bar, a 1 with a foot, a 9 that could be a 4.";

export const stepName = (t, steps) => (t === 0 ? "blank" : `${t} of ${steps}`);
export function painted(t, steps, { spread, rows }, p) {
  const side = (Math.abs(rows.at(-1) - rows[0]) + Math.abs(rows[1] - rows[0])).toFixed(1);
  return `Stroke ${t} of ${steps}: the window is ${side} pixels wide, its bells have a spread of ${spread.toFixed(1)}. The reader, with its own looks, takes the canvas for ${best(p)}.`;
}
export const BLANK = "The blank canvas is learned: a trace of the mean digit. Nothing has been decided yet.";
export const ADDED = "what the stroke adds";
export const painting = (numbers) => `Every stroke comes from ${named(numbers)} random numbers. Nobody tells the painter which digit to paint: watch when it is decided, and what is rubbed out again. The frame is the window of a stroke, a point the middle of a bell.`;
