// What the explorable of chapter 9 says.
export const NAMES = { forward: "left to right", backward: "right to left", both: "both" };
export const called = (letter) => (letter === " " ? "space" : letter);
export const shown = (letter) => (letter === " " ? "␣" : letter);
const bits = (v) => `${v.toFixed(2)} bits`;

export const QUESTION = "Predict. One character is covered: “{word}”. Who knows best what stands there?";
export const GUESSES = ["the reader from the left", "the reader from the right", "only both together"];

/** Which guess is right: one reader that needs less than a bit, the better one, or both. */
export const rightGuess = ({ forward, backward }) => (Math.min(forward, backward) >= 1 ? 2 : forward < backward ? 0 : 1);

export const answer = ({ forward, backward, both }) => `From the left it costs ${bits(forward)}, from the right ${bits(backward)}, with both ${bits(both)}. Who has read the rest of a word knows its beginning; who has read its beginning knows the end.`;

/** What is read out at one place. */
export function readout(place, letter, found) {
  if (found.forward === null) return `Character ${place + 1} is covered. Each reader says below what may stand there.`;
  return `Character ${place + 1}, ${called(letter)}: left to right ${bits(found.forward)}, right to left ${bits(found.backward)}, both ${bits(found.both)}.`;
}

export const HINT = "Of ordinary English the two readers need about as many bits in all, but at other places: the first letters of words surprise the one, the last letters the other. The third row cannot be added up to the cost of the text: every character helps to guess its neighbours, and is guessed with their help.";
