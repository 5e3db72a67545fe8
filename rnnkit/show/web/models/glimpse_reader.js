// A GRU that looks at a picture through a small square, again and again. Twin of rnnkit.show.glimpsing.
import { affine, argmax, relu, softmax, tanh, unpackRows } from "./arrays.js";
import { gru } from "./gru_blend.js";

/** The packed parameters of one part, "reader" or "painter", as plain arrays, by their names without it. */
export const unpackPart = (packed, part) => unpackRows(Object.fromEntries(Object.entries(packed)
  .filter(([name]) => name.startsWith(`${part}.`)).map(([name, array]) => [name.slice(part.length + 1), array])));

/** The side of a square of n numbers. */
export const sideOf = (n) => Math.round(Math.sqrt(n));

/** The state before the first look. */
export const nothing = (net) => net.b_e.map(() => 0);

// Halves go to the even side, as in numpy.
const rounded = (v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));

/** The upper left pixel [row, column] of a square with so many free pixels, from its place, -1 to 1; and the place of a corner. */
export const cornerAt = (place, free) => place.map((v) => rounded(((Math.max(-1, Math.min(1, v)) + 1) / 2) * free));
export const placeOf = (corner, free) => corner.map((v) => (free ? (2 * v) / free - 1 : 0));

/** Look at a picture, S * S numbers of ink from 0 to 1, at a place: { h, p (10), place, corner }. */
export function look(net, picture, place, before) {
  const [g, S] = [sideOf(net.W_what.length), sideOf(picture.length)];
  const here = place.map((v) => Math.max(-1, Math.min(1, v)));
  const corner = cornerAt(here, S - g);
  const pixels = Array.from({ length: g * g }, (_, k) => picture[(corner[0] + Math.floor(k / g)) * S + corner[1] + (k % g)]);
  const where = affine(here, net.W_where, net.b_e);
  const e = relu(affine(pixels, net.W_what, where));
  const { h } = gru.step(e, before, net);
  return { h, p: softmax(affine(h, net.W_hy, net.b_y)), place: here, corner };
}

/** Where the network looks next; first at the picture's middle. */
export const choose = (net, h, isFirst) => (isFirst ? [0, 0] : tanh(affine(h, net.W_hl, net.b_l)));

/** The network's own looks, `count` of them. */
export function readPicture(net, picture, count) {
  const looks = [];
  for (let h = nothing(net); looks.length < count; h = looks.at(-1).h) looks.push(look(net, picture, choose(net, h, !looks.length), h));
  return looks;
}

/** Looks at some places, one after the other. */
export function readAt(net, picture, places) {
  let h = nothing(net);
  return places.map((place) => {
    const found = look(net, picture, place, h);
    h = found.h;
    return found;
  });
}

/** After how many looks the likeliest digit is the right one and stays it; null: it is not. */
export function looksUntilRight(looks, answer) {
  const lastWrong = looks.findLastIndex(({ p }) => argmax(p) !== answer);
  return lastWrong === looks.length - 1 ? null : lastWrong + 2;
}
