// Numbers as readers see them.

/** A text with minus signs in place of hyphens. */
export const minus = (text) => text.replaceAll("-", "−");

const RAISED = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((digit, i) => [i, digit])) };

/** A base, raised to a whole number: power(10, -3) is 10⁻³. */
export const power = (base, exponent) => `${base}${[...String(exponent)].map((digit) => RAISED[digit]).join("")}`;

/** A probability in hundredths. */
export const percent = (p) => `${Math.round(100 * p)}\u00a0%`;

/** A probability in the room of three characters: .07, 1.0. Below `least`, and at zero, it is 0. */
export const short = (p, least = 0.005) => (p < least || p === 0 ? "0" : p > 0.995 ? "1.0" : p.toFixed(2).slice(1));
