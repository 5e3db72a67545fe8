// What the explorable of chapter 4 says.

export const SHOWN = { " ": "␣", "\n": "↵" };
export const inField = (text) => text.replaceAll("\n", "↵"); // a line of text cannot hold a new line
export const NAMES = { " ": "space", "\n": "new line" };
export const signed = (v) => `${v < 0 ? "−" : "+"}${Math.abs(v).toFixed(2)}`;

export const QUESTION = "Predict. The model writes 400 characters at temperature 1, then 400 at 0.2. How many different words has the second text?";

/** What to notice at this setting. */
export function hint({ temperature, topP }) {
  if (temperature === 0) return "Greedy takes the tallest bar every time. Write a page of it: often the text ends up in a circle.";
  if (topP < 1) return "Top-p cuts the tail: small bars fall to 0, the others share what they had. Pale: the model's own p.";
  if (temperature <= 0.5) return "Low temperature: the tallest bar takes nearly all, and words come again. Pale: the model's own p.";
  if (temperature >= 1.4) return "High temperature: the bars level out, one odd letter leads to the next. Pale: the model's own p.";
  return "Choose a bar to append it. Inside a word the model is sure; where a word begins, it is not.";
}
