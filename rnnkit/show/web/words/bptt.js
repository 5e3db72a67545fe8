// What the explorable of chapter 3 says.

export const shown = (letter) => ({ " ": "␣", "\n": "↵" })[letter] ?? letter;
export const digits = (v) => (v < 0.005 ? "0" : v < 9.95 ? v.toFixed(v < 1 ? 2 : 1).replace(/^0\./, ".") : v.toFixed(0));

export const QUESTION = "Predict. Only the last loss counts, and the gradient is cut into chunks of 4 steps, counted from the left. How many of the 10 steps get a share of the gradient of `W_hh`?";

/** What to notice now. counted: the step whose loss counts, from 0, or -1 for all. missing: length of what the cuts take,
 *  over that of the full gradient; most: the step with the largest share of the full gradient, from 0. */
export function hint({ chunk, T, counted, missing, most }) {
  if (counted === 0 || T === 1) return "At step 1 `W_hh` multiplies `h₀ = 0`: this loss says nothing about it. A later one does.";
  if (chunk >= T) return "One chunk holds the whole text: nothing is cut, and the cosine is 1.";
  const first = counted - (counted % chunk); // of the loss's own chunk
  if (counted > 0 && first <= 1) return `Nothing of this loss is lost: ${first ? "only step 1 stands before its chunk, and has no share, since \`h₀ = 0\`" : "no cut lies before it"}.`;
  const lost = `What the cuts take has ${missing < 0.15 ? "only " : ""}${missing.toFixed(2)} of the full gradient's length`;
  if (counted < 0) return `All losses count: every chunk has its own lesson, and only step 1 has no share, where \`W_hh\` multiplies \`h₀ = 0\`. But every path across a cut is missing. ${lost}.`;
  const seen = counted === first ? "This loss stands at the first step of its chunk: it can blame that step alone." : `Steps 1 to ${first} stand before this loss's chunk: they get nothing.`;
  return `${seen} ${lost}${most < first ? `; the largest share, that of step ${most + 1}, goes with it` : ""}.`;
}
