// What the explorable of chapter 6 says.
import { STEPS } from "../models/gradient_flow.js";
import { power } from "../kit/numbers.js";

/** A factor, given its logarithm to base 10, with two digits: ×0.0031, ×48, ×2·10⁻⁷. */
export function times(log) {
  if (log === -Infinity) return "×0";
  if (log > -3 && log < 4) return `×${Number((10 ** log).toPrecision(2))}`;
  const exponent = Math.floor(log + 0.0212); // 9.53 is already written as 1 of the next decade
  return `×${Math.max(1, Math.round(10 ** (log - exponent)))}·${power(10, exponent)}`;
}

/** What to notice now. */
export function hint({ rho, sigma, strength, linear, driven, slope }) {
  if (strength > 0) {
    const gain = `Every step also multiplies by tanh′ = 1 − h² of each unit, here ${slope.toFixed(2)} on average`;
    if (rho > 1) return `${gain}: the linear network explodes in the end, and here the gradient ${driven[STEPS] < -2 ? "vanishes" : "is held back"}.`;
    return `${gain}. At radius 1 an orthogonal matrix alone keeps every length; the input takes it away.`;
  }
  const top = Math.max(...linear);
  const [first, late, atOne] = [linear.indexOf(top), linear.slice(STEPS / 2), Math.abs(rho - 1) < 0.005];
  if (sigma - rho < 0.005 * rho) {
    if (atOne) return "`σ₁ = ρ = 1`: at rest a gradient can keep its length for ever. Now raise the input.";
    return "`σ₁ = ρ`, as for every normal matrix: the curves are one, and the eigenvalues tell everything.";
  }
  if (atOne && Math.max(...late) - Math.min(...late) < 0.02) return `With \`ρ = 1\` a gradient neither grows nor dies in the end. It keeps what the first steps gave it: ${times(linear[STEPS])}.`;
  if (rho > 0.995) return "`σ₁ > 1` is necessary for a gradient to explode, not sufficient: bring `ρ` below 1 and it dies in the end.";
  if (sigma < 1) return "`σ₁ < 1` is sufficient for vanishing: no step can enlarge any gradient.";
  if (first > 1) return `Every eigenvalue lies inside the circle, yet a gradient can grow: at most, after ${first} steps, to ${times(top)}. In the end it falls by the factor \`ρ\` a step.`;
  return "Every eigenvalue lies inside the circle. The first step may still enlarge a gradient: that is what `σ₁ > 1` says.";
}

export const QUESTION = "Predict. The dots are the eigenvalues of `W_hh`; the largest has the absolute value ρ = {rho}. Dotted: ρᵏ. A gradient goes {steps} steps back through the linear network. Its norm is multiplied by at most …";

/** The answer to the prediction: 0 if rho^k says it all, 1 if it is more but less than 1, 2 if it is more than 1. */
export const verdict = (log, k, rho) => (log < k * Math.log10(rho) + 1e-3 ? 0 : log < 0 ? 1 : 2);

export const NOTES = {
  chain: "Each unit feeds the next",
  identity: "Each unit feeds only itself",
  orthogonal: "A rotation or reflection",
  random: "Independent Gaussian weights",
};
