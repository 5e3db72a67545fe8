// Captions: which are true of a scene, and on what the glances behind their words lie.
import { relations, under } from "../kit/scene.js";
import { article, NUMBERS, plural } from "./language.js";

/** Every true caption of a scene's things. */
export function captions(things, sprites) {
  const number = (name) => things.filter((thing) => thing.name === name).length;
  const phrase = (name) => (number(name) > 1 ? `${NUMBERS[number(name)]} ${plural(name)}` : article(name));
  return relations(things, sprites).map(([a, relation, b]) => `${phrase(a)} ${relation} ${phrase(b)}`).sort();
}

/** The one of some captions that agrees with a text in the most places. */
export function nearest(text, all) {
  const words = text.split(" ");
  const agreeing = (caption) => caption.split(" ").filter((word, i) => word === words[i]).length;
  return all.reduce((best, one) => (agreeing(one) > agreeing(best) ? one : best));
}

/** The kind that a word names, or null. names: of all kinds. */
export const nounOf = (word, names) => names.find((name) => word === name || word === plural(name)) ?? null;

/** How much of a glance lies on each kind of the scene, and on the ground: [[name or null, share], ...]. */
export function shared(weights, things, sprites) {
  const share = new Map([...things.map((thing) => [thing.name, 0]), [null, 0]]);
  weights.forEach((w, r) => { const on = under(r, things, sprites); share.set(on, share.get(on) + w); });
  return [...share];
}

const RELATIONS = ["left", "right", "above", "below"];

/** On what the first glance before the relation lies most: [place of the relation, kind or null for the ground, share]. */
export function firstGlance(said, words, things, sprites) {
  const place = Math.max(0, said.findIndex(({ id }) => RELATIONS.includes(words[id])));
  return [place, ...shared(said[place].glances[0], things, sprites).reduce((best, one) => (one[1] > best[1] ? one : best))];
}
