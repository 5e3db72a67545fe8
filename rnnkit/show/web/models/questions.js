// Questions about a scene and their true answers: the grammar of rnnkit.scenes.questions.
import { boxOf, kindsOf, relations } from "../kit/scene.js";
import { article, NUMBERS, plural } from "./language.js";

const KNOWN = NUMBERS.slice(0, 4); // the numbers that are answers
const RELATIONS = ["left of", "right of", "above", "below"];
const OPPOSITE = { "left of": "right of", "right of": "left of", above: "below", below: "above" };
const CATEGORIES = ["animal", "food", "vehicle"];
const COUNTED = ["animal", "vehicle"]; // categories with a plural

// A question needs exactly one of what it calls "the ...": the reason why it cannot be asked, or undefined.
function notOne(seen, ...nouns) {
  const bad = nouns.find((noun) => seen.count(noun) !== 1);
  return bad && [seen.count(bad) ? `There is more than one ${bad}.` : `There is no ${bad}.`];
}

/** The five forms: what fills their gaps, their words, and what is true; see `facts`. `truth` returns the answer, or
 *  [the reason why the question is not asked]. */
export const FORMS = {
  existence: { menu: "is there a …", gaps: ["noun"], words: (a) => `is there ${article(a)}`,
    truth: (seen, a) => (seen.count(a) ? "yes" : "no") },
  counting: { menu: "how many … are there", gaps: ["countable"], words: (a) => `how many ${plural(a)} are there`,
    truth: (seen, a) => KNOWN[seen.count(a)] ?? ["The models know no number above three."] },
  kind: { menu: "what … is there", gaps: ["category"], words: (a) => `what ${a} is there`,
    truth(seen, a) {
      const found = seen.kinds.filter((kind) => seen.isA(kind, a));
      return found.length === 1 ? found[0] : [`There is ${found.length ? "more than one kind" : "no kind"} of ${a}.`];
    } },
  what: { menu: "what is … the …", gaps: ["relation", "noun"], words: (r, b) => `what is ${r} the ${b}`,
    truth(seen, r, b) {
      const near = seen.kinds.filter((a) => a !== b && seen.slightly(a, r, b));
      if (notOne(seen, b)) return notOne(seen, b);
      if (near.length === 1 && seen.clearly(near[0], r, b)) return near[0];
      return [near.length > 1 ? `More than one kind is ${r} the ${b}.` : `Nothing is clearly ${r} the ${b}.`];
    } },
  relation: { menu: "is the … … the …", gaps: ["noun", "relation", "noun"], words: (a, r, b) => `is the ${a} ${r} the ${b}`,
    truth(seen, a, r, b) {
      if (a === b) return ["It needs two different kinds."];
      if (notOne(seen, a, b)) return notOne(seen, a, b);
      if (seen.clearly(a, r, b)) return "yes";
      return seen.clearly(a, OPPOSITE[r], b) ? "no" : ["Less than 8 pixels lie between the centres: too close to call."];
    } },
};

/** What may fill a gap. categories: kind -> category. */
export const fillers = (gap, categories) => ({
  noun: Object.keys(categories), category: CATEGORIES, countable: [...Object.keys(categories), ...COUNTED], relation: RELATIONS,
})[gap];

/** The words of a question { form, fill }, and back: no two questions have the same words. */
export const wordsOf = ({ form, fill }) => FORMS[form].words(...fill);
export function parse(words, categories) {
  for (const [form, { gaps }] of Object.entries(FORMS)) {
    const fills = gaps.reduce((found, gap) => found.flatMap((fill) => fillers(gap, categories).map((one) => [...fill, one])), [[]]);
    const fill = fills.find((one) => FORMS[form].words(...one) === words);
    if (fill) return { form, fill };
  }
  throw new Error(`question: expected one of the grammar, got ${words}`);
}

/** What can be said of a scene: count(noun or category), kinds, isA(kind, category), clearly(a, relation, b) for all
 *  drawings of both, by 8 pixels, and slightly(a, relation, b) for any drawing of a, be it by half a pixel. */
function facts(things, sprites, categories) {
  const clear = relations(things, sprites).map((fact) => fact.join(" "));
  const centres = (noun, axis) => things.filter(({ name }) => name === noun).map((thing) => boxOf(thing, sprites)).map((box) => box[axis] + box[axis + 2]);
  return {
    kinds: kindsOf(things),
    count: (noun) => things.filter(({ name }) => name === noun || categories[name] === noun).length,
    isA: (kind, category) => categories[kind] === category,
    clearly: (a, relation, b) => clear.includes(`${a} ${relation} ${b}`),
    slightly(a, relation, b) {
      const side = RELATIONS.indexOf(relation);
      const sign = side % 2 ? -1 : 1;
      const [ours, theirs] = [a, b].map((noun) => centres(noun, Math.floor(side / 2)));
      return ours.some((p) => theirs.some((q) => sign * (q - p) > 0));
    },
  };
}

/** What is true of a scene: the answer, or [the reason why the question is not asked]. */
export const truth = ({ form, fill }, things, sprites, categories) => FORMS[form].truth(facts(things, sprites, categories), ...fill);

/** The scene in which the first two things have changed places. */
export function swapped(scene) {
  const [a, b, ...others] = scene.things;
  return { ...scene, things: [{ ...a, x: b.x, y: b.y }, { ...b, x: a.x, y: a.y }, ...others] };
}

/** What fills the gaps of a form at first: the kinds of the scene, in order. */
export function firstFill(form, things, categories) {
  const kinds = kindsOf(things);
  return FORMS[form].gaps.map((gap) => {
    if (gap === "relation") return RELATIONS[0];
    if (gap === "category") return CATEGORIES.find((one) => kinds.some((kind) => categories[kind] === one)) ?? CATEGORIES[0];
    return kinds.shift() ?? things[0].name;
  });
}
