// Guess before you look: a question with one button for each guess, and in its place what is said afterwards.
import { button } from "./controls.js";
import { html } from "./dom.js";

/** answer(guess, place): called once a guess is chosen; it shows what was hidden, puts the focus where the reader goes on
 *  (the button that had it is gone), and returns what is said in place of the question: strings and nodes, or nothing.
 *  name(guess): what a screen reader calls the button. look: attributes of the buttons. group: whether they stand in a box.
 *  Returns an element with .ask(question, guesses), question being strings and nodes, and .say(content, attributes). */
export function predict({ answer, name = (guess) => `I predict ${guess}`, look = {}, group = false, kind = "" }) {
  const node = html("div", { class: `rk-ask${kind && ` ${kind}`}` });
  const choose = (guess, place) => {
    const said = answer(guess, place);
    if (said) say(said);
  };
  const say = (content, attributes = { role: "status" }) => node.replaceChildren(html("p", attributes, content));
  function ask(question, guesses) {
    const buttons = guesses.map((guess, place) => button(guess, () => choose(guess, place), { ...look, "aria-label": name(guess) }));
    node.replaceChildren(html("p", {}, question), ...(group ? [html("div", { class: "rk-go" }, buttons)] : buttons));
  }
  return Object.assign(node, { ask, say });
}
