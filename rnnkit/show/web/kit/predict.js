// Guess before you look: a question with one button for each guess, and in its place what is said afterwards.
import { answersOf } from "./answers.js";
import { button } from "./controls.js";
import { html, rich } from "./dom.js";

/** A question with what it asks about, in place of the names in braces. */
export const filled = (question, about = {}) => question.replace(/\{(\w+)\}/g, (_, name) => about[name]);

/** question: as it stands in words/, with names in braces where it depends on the state. The answer is kept under it.
 *  outcome(): {right, ...}, the place of the right guess, and what else `answer` needs. It shows nothing yet.
 *  answer(guess, found): shows what was hidden, and returns what is said in place of the question: strings and nodes, or nothing.
 *  goOn(): after a press alone, not where the answer is from another day: puts the focus where the reader goes on (the
 *  button that had it is gone) and sets in motion what moves.
 *  name(guess): what a screen reader calls the button. look: attributes of the buttons. group: whether they stand in a box.
 *  Returns an element with .ask(guesses, about), about as in `filled`, and .say(content, attributes). */
export function predict({ model, question, outcome, answer, goOn = () => {}, name = (guess) => `I predict ${guess}`, look = {}, group = false, kind = "" }) {
  const node = html("div", { class: `rk-ask${kind && ` ${kind}`}` });
  const answers = answersOf(model);
  let isFirst = true;
  const say = (content, attributes = { role: "status" }) => node.replaceChildren(html("p", attributes, content));
  function show(guess, found, attributes) {
    const said = answer(guess, found);
    if (said) say(said, attributes);
  }
  function choose(guess, place) {
    const found = outcome();
    if (!answers.given[question]) answers.keep(question, { chosen: guess, right: place === found.right, tries: 1 });
    show(guess, found);
    goOn();
  }
  // Where the figure stands otherwise than on the day of the answer, what came out then may be wrong now: it asks again.
  function recall(guesses) {
    const given = answers.given[question];
    const place = guesses.indexOf(given?.chosen);
    if (place < 0) return;
    const found = outcome();
    if (given.right === (place === found.right)) show(guesses[place], found, {}); // nobody is interrupted by it
  }
  function ask(guesses, about) {
    const buttons = guesses.map((guess, place) => button(guess, () => choose(guess, place), { ...look, "aria-label": name(guess) }));
    node.replaceChildren(html("p", {}, rich(filled(question, about))), ...(group ? [html("div", { class: "rk-go" }, buttons)] : buttons));
    if (isFirst) queueMicrotask(() => recall(guesses)); // once the whole view stands
    isFirst = false;
  }
  return Object.assign(node, { ask, say });
}
