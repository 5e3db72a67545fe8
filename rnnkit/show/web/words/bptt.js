// What the explorable of chapter 3 says.

export const shown = (letter) => ({ " ": "␣", "\n": "↵" })[letter] ?? letter;
export const digits = (v) => (v < 0.005 ? "0" : v < 9.95 ? v.toFixed(v < 1 ? 2 : 1).replace(/^0\./, ".") : v.toFixed(0));

export const QUESTION = "Predict. Only the last loss counts, and the gradient is cut into chunks of 4 steps, counted from the left. How many of the 10 steps get a share of the gradient of `W_hh`?";

/** What to notice now. */
export function hint({ chunk, T, counted, scale }) {
  if (scale >= 1.3) return "With a larger `W_hh` the flow does not die on its way back: steps far from the loss have as large a share as the last ones, and a cut takes it away.";
  if (scale <= 0.6) return "With a small `W_hh` little flows further than two or three steps: a cut takes almost nothing away.";
  if (chunk >= T) return "One chunk holds the whole text: nothing is cut, and the cosine is 1.";
  if (counted >= 0 && counted % chunk === 0) return "This loss stands at the first step of its chunk. It can blame that step alone.";
  if (counted >= 0) return "Every step before the last cut gets nothing. Move the chunk length and watch the pale bars fill.";
  return "All losses count: every chunk has its own lesson, so no step is without a share. But the long paths are still missing.";
}
