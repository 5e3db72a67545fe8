// What the explorable of chapter 2 says, and how it writes numbers.

export const fixed = (v, digits = 2) => v.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
const bracket = (v, digits = 2) => (v < 0 ? `(${fixed(v, digits)})` : fixed(v, digits));

/** The pre-activation of one unit written out, and the same terms as numbers. */
export function writtenOut({ x, hPrev, a, h }, letter, unit, { W_xh, W_hh, b_h }) {
  const input = W_xh[x.indexOf(1)][unit];
  const terms = [input, ...hPrev.map((v, i) => v * W_hh[i][unit]), b_h[unit]];
  const products = hPrev.map((v, i) => `${bracket(v)}·${bracket(W_hh[i][unit], 1)}`);
  const parts = [bracket(input, 1), ...products, bracket(b_h[unit], 1)];
  return { terms, parts, letter, a: a[unit], h: h[unit] };
}

export const QUESTION = "It has read `h, e, l` and expects `l`. Here comes that second `l`: same input, same weights. Which letter will it expect next?";
export const FOUR = "The network knows four letters: h, e, l, o.";

const TWICE = /(.).*\1/; // a letter that comes again
const TRY = "select `unit 1 → unit 2` in `W_hh` and take it to 0. Which letter goes wrong?";

/** What to notice now, by the name of the preset and the word that is read. */
export function hint(preset, word) {
  const again = word.match(TWICE)?.[1];
  return {
    hello: word === "hello" ? `One weight makes the difference: ${TRY}` : `Chosen for \`hello\`. Type it, ${TRY}`,
    amnesia: `\`W_hh\` = 0: no column knows the one before it. ${again ? `Compare the columns of \`${again}\`.` : "The same letter always makes the same column."}`,
    echo: `\`W_hh\` = identity: each unit receives its own last value again.${/e[lo]+$/.test(word) ? " Watch how slowly unit 0 forgets the `e`." : ""}`,
    random: "Nobody chose these weights. Change the first letter: how far to the right do you see the colours change?",
    edited: `Your own weights. Can you make another word come right, \`${word === "hole" ? "hello" : "hole"}\` for instance?`,
  }[preset];
}
