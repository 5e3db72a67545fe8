// Colours. CSS does the mixing, so every colour follows the theme without redrawing.

/** colour("blue"): a named colour of the theme (ink, muted, paper, panel, line, accent, blue, orange, ...). */
export const colour = (name) => `var(--rk-${name})`;

const mix = (name, share) => `color-mix(in srgb, var(--rk-${name}) ${(100 * share).toFixed(1)}%, transparent)`;
const clip = (v) => Math.min(1, Math.max(0, v));

/** 0 is the ground, `limit` the full colour. The heat colours stay light enough for ink to be read on them. */
export const sequential = (v, limit = 1, name = "heat-neg") => mix(name, clip(v / limit));

/** Negative blue, zero the ground, positive red. */
export const diverging = (v, limit = 1) => mix(v < 0 ? "heat-neg" : "heat-pos", clip(Math.abs(v) / limit));
