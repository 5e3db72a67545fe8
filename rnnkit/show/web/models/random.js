// Random numbers that are the same for the same seed. Twin of rnnkit.show.glimpsing.

/** Numbers from 0 to 1, the same for the same seed (Tommy Ettinger's mulberry32). */
export function mulberry32(seed) {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** n numbers from a standard normal (Box and Muller, 1958). */
export function normals(seed, n) {
  const random = mulberry32(seed);
  const pair = () => {
    const [u, v] = [random(), random()];
    const far = Math.sqrt(-2 * Math.log(1 - u));
    return [far * Math.cos(2 * Math.PI * v), far * Math.sin(2 * Math.PI * v)];
  };
  return Array.from({ length: Math.ceil(n / 2) }, pair).flat().slice(0, n);
}
