// What the explorable of chapter 4 says.

export const SHOWN = { " ": "␣", "\n": "↵" };
export const inField = (text) => text.replaceAll("\n", "↵"); // a line of text cannot hold a new line
export const NAMES = { " ": "space", "\n": "new line" };
export const signed = (v) => `${v < 0 ? "−" : "+"}${Math.abs(v).toFixed(2)}`;

export const QUESTION = "Predict. The model writes 400 characters at temperature 1, then 400 at 0.2. How many different words has the second text?";

/** What to notice at this setting. own, drawn: the probability of the tallest bar by the model itself, and as it is drawn
 *  from; kept: how many characters can be drawn. */
export function hint({ temperature, topP }, { own, drawn, kept }) {
  const tallest = `the tallest bar has ${drawn.toFixed(2)} instead of ${own.toFixed(2)}`;
  if (temperature === 0) return "Greedy takes the tallest bar every time. Write a page of it: often the text ends up in a circle.";
  if (topP < 1) return `Top-p cuts the tail: ${kept > 1 ? `the ${kept} likeliest characters share` : "the likeliest character takes"} what the others had. Pale: the model's own p.`;
  if (temperature <= 0.5) return `Low temperature: ${tallest}. Pale: the model's own p.`;
  if (temperature >= 1.4) return `High temperature: ${tallest}, and odd letters have a chance. Pale: the model's own p.`;
  return "Choose a bar to append it. Inside a word the model is mostly surer than where one begins.";
}
