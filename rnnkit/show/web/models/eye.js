// The network's eye: strided convolutions, and layers in torch's layout, W of shape (outputs, inputs).
import { SIDE } from "../kit/scene.js";
import { decodeArray } from "./arrays.js";

/** W x + b for a vector x. W: { shape, data } of decodeArray; b: the same, or none. */
export function linear(x, W, b) {
  const [outputs, inputs] = W.shape;
  const y = new Float64Array(outputs);
  for (let o = 0, w = 0; o < outputs; o += 1) {
    let sum = b ? b.data[o] : 0;
    for (let i = 0; i < inputs; i += 1, w += 1) sum += x[i] * W.data[w];
    y[o] = sum;
  }
  return y;
}

/** A convolution of kernel 4, stride 2, padding 1, laid out for speed: data (outputs, kernel row, kernel column, inputs).
 *  W packed as (outputs, inputs * 16), as in torch; b packed as (outputs). */
export function unpackConvolution(W, b) {
  const { shape: [outputs, columns], data } = decodeArray(W);
  const inputs = columns / 16;
  const turned = new Float32Array(data.length);
  for (let o = 0; o < outputs; o += 1) {
    for (let i = 0; i < inputs; i += 1) {
      for (let k = 0; k < 16; k += 1) turned[(o * 16 + k) * inputs + i] = data[(o * inputs + i) * 16 + k];
    }
  }
  return { outputs, inputs, data: turned, bias: decodeArray(b).data };
}

// max(0, convolution) of a square picture (side, side, inputs): (side / 2, side / 2, outputs).
function convolve(picture, side, { outputs, inputs, data, bias }) {
  const wide = side + 2; // with a border of zeros
  const padded = new Float32Array(wide * wide * inputs);
  for (let r = 0; r < side; r += 1) padded.set(picture.subarray(r * side * inputs, (r + 1) * side * inputs), ((r + 1) * wide + 1) * inputs);
  const half = side / 2;
  const row = 4 * inputs;
  const patch = new Float32Array(4 * row);
  const result = new Float32Array(half * half * outputs);
  for (let place = 0; place < half * half; place += 1) {
    const corner = (2 * Math.floor(place / half) * wide + 2 * (place % half)) * inputs;
    for (let k = 0; k < 4; k += 1) patch.set(padded.subarray(corner + k * wide * inputs, corner + k * wide * inputs + row), k * row);
    for (let o = 0, w = 0; o < outputs; o += 1) {
      let sum = bias[o];
      for (let i = 0; i < patch.length; i += 1, w += 1) sum += patch[i] * data[w];
      result[place * outputs + o] = Math.max(0, sum);
    }
  }
  return result;
}

/** Look at a picture (SIDE, SIDE, 3): what the eye makes of its regions, (GRID * GRID, C), row by row. */
export function encode(pixels, layers) {
  let [picture, side] = [Float32Array.from(pixels, (v) => v / 255), SIDE];
  for (const layer of layers) {
    picture = convolve(picture, side, layer);
    side /= 2;
  }
  return picture;
}
