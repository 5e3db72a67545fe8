// The quiz at the end of a chapter, and the prediction that comes before a result.
import { button, slider, stepper } from "../kit/controls.js";
import { html, live, rich } from "../kit/dom.js";

/** Judge a guess: "right" within the tolerance, else "high" or "low". */
function judge(guess, answer, tolerance) {
  // A hair of slack: |0.35 - 0.3| is not quite 0.05 in binary.
  if (Math.abs(guess - answer) <= tolerance + 1e-9) return "right";
  return guess > answer ? "high" : "low";
}

const paragraphs = (texts) => texts.filter(Boolean).map((text) => html("p", {}, rich(text)));

function show(feedback, right, texts) {
  feedback.className = `rk-feedback ${right ? "rk-right" : "rk-wrong"}`;
  feedback.replaceChildren(...paragraphs(texts));
}

/** A question with options. `once`: the first answer counts and closes the question. onAnswer gets (right, first try). */
function choice({ question, options }, { label, once = false, next = "", onAnswer = () => {} }) {
  const name = `rk-choice-${(document.rkChoices = (document.rkChoices ?? 0) + 1)}`;
  const feedback = html("div", { class: "rk-feedback", "aria-live": "polite" });
  const radios = options.map((_, i) => html("input", { type: "radio", name, value: i }));
  let tries = 0;
  const check = button(label, () => {
    const option = options[radios.findIndex((radio) => radio.checked)];
    if (!option) return show(feedback, false, ["Choose an answer first."]);
    tries += 1;
    const verdict = option.correct ? "Right. " : once ? "Not this one. " : "Not yet. ";
    show(feedback, option.correct, [verdict + option.feedback, once && next]);
    const done = once || option.correct;
    [check, ...radios].forEach((control) => { control.disabled = done; });
    onAnswer(option.correct, tries === 1);
  }, { class: "rk-primary" });
  radios.forEach((radio) => radio.addEventListener("keydown", (event) => { if (event.key === "Enter") check.click(); }));
  const labels = options.map((option, i) => html("label", { class: "rk-option" }, radios[i], html("span", {}, rich(option.text))));
  return html("fieldset", { class: "rk-question" }, html("legend", {}, rich(question)), labels, check, feedback);
}

/** A number to guess, with a slider if the range is known. */
function number({ question, answer, tolerance, unit, minimum, maximum, step, feedback: text }, next) {
  const feedback = html("div", { class: "rk-feedback", "aria-live": "polite" });
  const withUnit = (v) => (unit ? `${v} ${unit}` : `${v}`).replace("-", "−");
  const ranged = minimum != null && maximum != null;
  let guess = ranged ? Number((minimum + Math.round((maximum - minimum) / 2 / step) * step).toPrecision(12)) : NaN;
  const onInput = (v) => { guess = v; };
  const field = ranged
    ? slider({ label: "Your guess", min: minimum, max: maximum, step, value: guess, format: withUnit, onInput })
    : stepper({ label: unit ? `Your guess (${unit})` : "Your guess", step, onInput });
  const commit = button("Commit", () => {
    if (Number.isNaN(guess)) return show(feedback, false, ["Enter a number first."]);
    const verdict = judge(guess, answer, tolerance);
    const lead = { right: "Close enough.", high: "Too high.", low: "Too low." }[verdict];
    show(feedback, verdict === "right", [`${lead} You said ${withUnit(guess)}, it is ${withUnit(answer)}. ${text}`, next]);
    [commit, ...field.querySelectorAll("input, button")].forEach((control) => { control.disabled = true; });
  }, { class: "rk-primary" });
  field.input.addEventListener("keydown", (event) => { if (event.key === "Enter") commit.click(); });
  return html("fieldset", { class: "rk-question" }, html("legend", {}, rich(question)), field, commit, feedback);
}

function quiz(questions, el) {
  const solved = new Set();
  let first = 0;
  const score = live({ class: "rk-score" });
  const show = () => {
    const tries = solved.size ? `, ${first} at the first try` : "";
    score.textContent = `${solved.size} of ${questions.length} solved${tries}.`;
  };
  const fields = questions.map((question, i) => {
    const onAnswer = (right, firstTry) => {
      if (!right) return;
      solved.add(i);
      first += firstTry;
      show();
    };
    return choice({ ...question, question: `${i + 1}. ${question.question}` }, { label: "Check", onAnswer });
  });
  show();
  el.append(html("p", { class: "rk-kicker" }, "Quiz"), ...fields, score);
}

export default {
  render({ model, el }) {
    const questions = model.get("questions");
    if (model.get("kind") === "quiz") return quiz(questions, el);
    const next = model.get("next");
    const [question] = questions;
    const options = { label: "Commit", once: true, next };
    el.append(
      html("p", { class: "rk-kicker" }, "Predict, then run"),
      "options" in question ? choice(question, options) : number(question, next),
    );
  },
};
