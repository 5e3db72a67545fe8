// What the explorable of chapter 5 says.
import { percent } from "../kit/numbers.js";
import { strangers } from "../kit/scene.js";
import { captions, nearest, nounOf, shared } from "../models/captions.js";
import { END } from "../models/captioner.js";

const TIMES = { 1: "once", 2: "twice" };

export const called = (kind) => (kind === null ? "the ground" : `the ${kind}`);
export const wordOf = (id, words) => (id === END ? "(end)" : words[id]);

/** Whether a caption is true of a scene: { right, lead, rest }. */
export function verdict(text, things, sprites, apart) {
  const truths = captions(things, sprites);
  const right = truths.includes(text);
  const met = strangers(things, apart).map(([a, b]) => `${a} and ${b}`);
  const truth = right ? "" : truths.length ? `True would be “${nearest(text, truths)}”. ` : "Nothing is true here: no two kinds are 8 pixels apart. ";
  return { right, lead: right ? "True. " : "False. ", rest: [truth, met.length ? `In training, ${met.join("; ")} never met.` : ""] };
}

/** On what a map of weights lies: { lead, rest }. glance: its number, or null for the evidence. on: the kind it is strongest on. */
export function where(word, map, { glance, on, names, things, sprites }) {
  const noun = word === "(end)" ? null : nounOf(word, names);
  const parts = shared(map, things, sprites).map(([name, share]) => `${name ?? "ground"} ${percent(share)}`).join(", ");
  const judged = noun === null ? "" : on === noun ? " There lies what the word names." : " What the word names lies elsewhere.";
  const falls = glance === null ? `: looking more at ${called(on)}, where outlined, would make it likelier the most.` : `: glance ${glance} is strongest on ${called(on)} (outlined).`;
  return { lead: word === "(end)" ? word : `“${word}”`, rest: [falls, `${judged} In all: ${parts}.`] };
}

/** The prediction: a relation names nothing; where does the model look before it? */
export const QUESTION = "Predict. Before each of these words the model glances at the picture {times}. “{word}” names no thing: on what does the first glance before it fall?";
export const times = (glances) => TIMES[glances] ?? `${glances} times`;

/** What is said to a guess. before: whether the caption has named the kind before the relation, or does so after; null: it never does. */
export const answer = (kind, share, before) => [`${percent(share)} of it lies on ${called(kind)}. `,
  before === null ? "" : before ? "It starts from what it has named. " : "That is not named yet: to say how two things stand, it first chooses the other one. ",
  "Look at the other words; then drag a drawing past another."];
