// Arithmetic on plain arrays: vectors are [..], matrices are rows; row vectors as in the chapters.

/** x @ W for a vector x of length A and a matrix W of shape (A, B). */
export const vecmat = (x, W) => W[0].map((_, j) => x.reduce((sum, xi, i) => sum + xi * W[i][j], 0));

/** x @ W + b. */
export const affine = (x, W, b) => vecmat(x, W).map((v, j) => v + b[j]);

/** W, its rows as columns. */
export const transposed = (W) => W[0].map((_, j) => W.map((line) => line[j]));

/** The sum of the products of two vectors' numbers. */
export const dot = (a, b) => a.reduce((sum, v, k) => sum + v * b[k], 0);

/** The place of the largest number, the first of several. */
export const argmax = (values) => values.indexOf(Math.max(...values));

/** All places, that of the largest number first. */
export const ranked = (values) => [...values.keys()].sort((a, b) => values[b] - values[a]);

export const logistic = (v) => 1 / (1 + Math.exp(-v));
export const sigmoid = (x) => x.map(logistic);
export const tanh = (x) => x.map(Math.tanh);
export const relu = (x) => x.map((v) => Math.max(0, v));

/** Several vectors as one. */
export const joined = (...parts) => Float64Array.from(parts.flatMap((part) => [...part]));

/** Probabilities from logits; subtracting the maximum keeps exp from overflowing. */
export function softmax(x, temperature = 1) {
  const top = Math.max(...x);
  const e = x.map((v) => Math.exp((v - top) / temperature));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

/** Unpack what `encode_array` of rnnkit.show.explorable packed: { shape, data: Float32Array }, row by row. */
export function decodeArray({ dtype, shape, scale = 1, data }) {
  const bytes = Uint8Array.from(atob(data), (ch) => ch.charCodeAt(0));
  if (dtype === "float32") return { shape, data: new Float32Array(bytes.buffer) };
  const byRow = typeof scale === "object" && decodeArray(scale).data;
  return { shape, data: Float32Array.from(new Int8Array(bytes.buffer), (v, i) => v * (byRow ? byRow[Math.floor(i / shape.at(-1))] : scale)) };
}

/** The packed parameters of a small model as plain arrays: matrices as rows, biases as vectors. */
export function unpackRows(weights) {
  return Object.fromEntries(Object.entries(weights).map(([name, packed]) => {
    const { shape, data } = decodeArray(packed);
    const width = shape.at(-1);
    const rows = Array.from({ length: data.length / width }, (_, r) => [...data.slice(r * width, (r + 1) * width)]);
    return [name, shape.length === 1 ? rows[0] : rows];
  }));
}
