// A scene: { ground: [r, g, b], things: [{ name, size, x, y }] }; size is the longer side and x, y the centre, in pixels.
// Where its things lie, how it is painted and what is true of it: plain functions, the same arithmetic as rnnkit.show.scene.

export const SIDE = 64; // pixels of a picture's side
export const GRID = 8; // regions along it, and pixels along a region
const MARGIN = 8; // pixels between two centres before one is left of, or above, the other

// ---- painting

// For each of `to` cells laid over `from` pixels: which pixels it covers, and how much of the cell each makes up.
function shares(from, to) {
  const side = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [low, high] = [i * side, (i + 1) * side];
    const covered = [];
    for (let k = Math.floor(low); k < Math.min(from, Math.ceil(high)); k += 1) covered.push([k, (Math.min(high, k + 1) - Math.max(low, k)) / side]);
    return covered;
  });
}

/** A drawing whose longer side is `size` pixels: every new pixel is the mean of what it covers. */
function shrink(sprite, size) {
  if (sprite.shrunk.has(size)) return sprite.shrunk.get(size);
  const scale = size / Math.max(sprite.width, sprite.height);
  const [width, height] = [sprite.width, sprite.height].map((side) => Math.max(1, Math.floor(side * scale + 0.5)));
  const plane = new Float64Array(width * height * 4);
  const columns = shares(sprite.width, width);
  shares(sprite.height, height).forEach((rows, y) => columns.forEach((parts, x) => {
    for (const [j, high] of rows) {
      for (const [i, wide] of parts) {
        for (let c = 0; c < 4; c += 1) plane[4 * (y * width + x) + c] += high * wide * sprite.plane[4 * (j * sprite.width + i) + c];
      }
    }
  }));
  sprite.shrunk.set(size, { width, height, plane });
  return sprite.shrunk.get(size);
}

/** Where a thing lies: left, top, right, bottom in pixels, the last two outside it; always inside the picture. */
export function boxOf({ name, size, x, y }, sprites) {
  const { width, height } = shrink(sprites[name], size);
  const [left, top] = [[x, width], [y, height]].map(([at, side]) => Math.max(0, Math.min(SIDE - side, Math.floor(at - side / 2 + 0.5))));
  return [left, top, left + width, top + height];
}

/** Paint a scene: its pixels (SIDE, SIDE, 3), row by row, from 0 to 255. */
export function paint({ ground, things }, sprites) {
  const pixels = new Uint8ClampedArray(SIDE * SIDE * 3);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = ground[i % 3];
  for (const thing of things) {
    const { width, height, plane } = shrink(sprites[thing.name], thing.size);
    const [left, top] = boxOf(thing, sprites);
    for (let k = 0; k < width * height; k += 1) {
      const at = 3 * ((top + Math.floor(k / width)) * SIDE + left + (k % width));
      for (let c = 0; c < 3; c += 1) pixels[at + c] = Math.floor(plane[4 * k + c] + pixels[at + c] * (1 - plane[4 * k + 3]) + 0.5);
    }
  }
  return pixels;
}

// ---- what is true of a scene: the rules of rnnkit.scenes.layouts

/** The kind of the topmost thing whose box holds the centre of a region, or null for the ground: things are painted in order. */
export function under(region, things, sprites) {
  const [x, y] = [region % GRID, Math.floor(region / GRID)].map((at) => GRID * (at + 0.5));
  const inside = ([left, top, right, bottom]) => left <= x && x < right && top <= y && y < bottom;
  return things.findLast((thing) => inside(boxOf(thing, sprites)))?.name ?? null;
}

/** The kinds of a scene, each once, in order. */
export const kindsOf = (things) => [...new Set(things.map(({ name }) => name))];

/** All that is true of two kinds: [subject, relation, object]. It holds between kinds if it holds between all their drawings. */
export function relations(things, sprites) {
  const centres = {}; // name -> twice the centres, as [x, y]
  for (const thing of things) {
    const [left, top, right, bottom] = boxOf(thing, sprites);
    (centres[thing.name] ??= []).push([left + right, top + bottom]);
  }
  const found = [];
  for (const a of Object.keys(centres)) {
    for (const b of Object.keys(centres)) {
      [["left of", "right of"], ["above", "below"]].forEach(([before, after], axis) => {
        const [p, q] = [a, b].map((name) => centres[name].map((centre) => centre[axis]));
        if (a !== b && Math.min(...q) - Math.max(...p) >= 2 * MARGIN) found.push([a, before, b]);
        if (a !== b && Math.min(...p) - Math.max(...q) >= 2 * MARGIN) found.push([a, after, b]);
      });
    }
  }
  return found;
}

/** The kinds of a scene that training never showed together, as pairs. apart: groups of names that never meet. */
export function strangers(things, apart) {
  const names = kindsOf(things);
  return names.flatMap((a, i) => names.slice(i + 1).filter((b) => apart.some((group) => group.includes(a) && group.includes(b))).map((b) => [a, b]));
}
