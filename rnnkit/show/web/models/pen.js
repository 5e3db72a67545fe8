// A pen on a grid four times as fine as the pixels. A pixel's ink is the number of its 16 that are black: so the data were counted.

export const FINE = 4;
const RADIUS = 2.2; // of the pen, in pixels of the fine grid

/** An empty fine grid for S x S pixels. */
export const empty = (S) => new Uint8Array((S * FINE) ** 2);

/** Draw a line, [row, column] to [row, column] in pixels, into the fine grid. */
export function draw(fine, from, to) {
  const width = Math.sqrt(fine.length);
  const [[r1, c1], [r2, c2]] = [from, to].map((point) => point.map((v) => v * FINE - 0.5));
  const [dr, dc] = [r2 - r1, c2 - c1];
  const long = dr * dr + dc * dc;
  for (let k = 0; k < fine.length; k += 1) {
    const [r, c] = [Math.floor(k / width) - r1, (k % width) - c1];
    const along = long ? Math.max(0, Math.min(1, (r * dr + c * dc) / long)) : 0;
    if (Math.hypot(r - along * dr, c - along * dc) <= RADIUS) fine[k] = 1;
  }
}

/** Make one pixel [row, column] black, or white if it holds any ink. */
export function toggle(fine, [row, column]) {
  const width = Math.sqrt(fine.length);
  const inside = Array.from({ length: FINE * FINE }, (_, k) => (row * FINE + Math.floor(k / FINE)) * width + column * FINE + (k % FINE));
  const ink = inside.some((k) => fine[k]) ? 0 : 1;
  for (const k of inside) fine[k] = ink;
}

/** The ink of every pixel in 16ths. */
export function count(fine) {
  const width = Math.sqrt(fine.length);
  const S = width / FINE;
  const ink = Array.from({ length: S * S }, () => 0);
  fine.forEach((v, k) => { ink[Math.floor(k / width / FINE) * S + Math.floor((k % width) / FINE)] += v; });
  return ink;
}

/** A fine grid with so much ink in each pixel, where nothing else is known of it: its 16 fill from the first on. */
export function fineOf(ink) {
  const S = Math.round(Math.sqrt(ink.length));
  const fine = empty(S);
  ink.forEach((n, pixel) => {
    for (let k = 0; k < n; k += 1) fine[(Math.floor(pixel / S) * FINE + Math.floor(k / FINE)) * S * FINE + (pixel % S) * FINE + (k % FINE)] = 1;
  });
  return fine;
}
