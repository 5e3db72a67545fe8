// The quiz at the end of a chapter, and the prediction that comes before a result.
import { answersOf } from "../kit/answers.js";
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

/** A question with options. `once`: the first answer counts and closes the question. onAnswer gets {chosen, right, tries}.
 *  given: such an answer from another day. */
function choice({ question, options, number = "" }, { label, once = false, next = "", given, onAnswer }) {
  const name = `rk-choice-${(document.rkChoices = (document.rkChoices ?? 0) + 1)}`;
  const feedback = html("div", { class: "rk-feedback", "aria-live": "polite" });
  const radios = options.map((_, i) => html("input", { type: "radio", name, value: i }));
  let tries = 0;
  const close = (option) => {
    const verdict = option.correct ? "Right. " : once ? "Not this one. " : "Not yet. ";
    show(feedback, option.correct, [verdict + option.feedback, once && next]);
    const done = once || option.correct;
    [check, ...radios].forEach((control) => { control.disabled = done; });
  };
  const check = button(label, () => {
    const option = options[radios.findIndex((radio) => radio.checked)];
    if (!option) return show(feedback, false, ["Choose an answer first."]);
    tries += 1;
    close(option);
    onAnswer({ chosen: option.text, right: option.correct, tries });
  }, { class: "rk-primary" });
  if (given) {
    const before = options.findIndex(({ text }) => text === given.chosen);
    tries = given.tries;
    radios[before].checked = true;
    close(options[before]);
  }
  radios.forEach((radio) => radio.addEventListener("keydown", (event) => { if (event.key === "Enter") check.click(); }));
  const labels = options.map((option, i) => html("label", { class: "rk-option" }, radios[i], html("span", {}, rich(option.text))));
  return html("fieldset", { class: "rk-question" }, html("legend", {}, number, rich(question)), labels, check, feedback);
}

/** A number to guess, with a slider if the range is known. given, onAnswer: as above, with {guess, right, tries}. */
function number({ question, answer, tolerance, unit, minimum, maximum, step, feedback: text }, { next, given, onAnswer }) {
  const feedback = html("div", { class: "rk-feedback", "aria-live": "polite" });
  const withUnit = (v) => (unit ? `${v} ${unit}` : `${v}`).replace("-", "−");
  const ranged = minimum != null && maximum != null;
  let guess = ranged ? Number((minimum + Math.round((maximum - minimum) / 2 / step) * step).toPrecision(12)) : NaN;
  const onInput = (v) => { guess = v; };
  const field = ranged
    ? slider({ label: "Your guess", min: minimum, max: maximum, step, value: guess, format: withUnit, onInput })
    : stepper({ label: unit ? `Your guess (${unit})` : "Your guess", step, onInput });
  const close = () => {
    const verdict = judge(guess, answer, tolerance);
    const lead = { right: "Close enough.", high: "Too high.", low: "Too low." }[verdict];
    show(feedback, verdict === "right", [`${lead} You said ${withUnit(guess)}, it is ${withUnit(answer)}. ${text}`, next]);
    [commit, ...field.querySelectorAll("input, button")].forEach((control) => { control.disabled = true; });
    return verdict === "right";
  };
  const commit = button("Commit", () => {
    if (Number.isNaN(guess)) return show(feedback, false, ["Enter a number first."]);
    onAnswer({ guess, right: close(), tries: 1 });
  }, { class: "rk-primary" });
  if (Number.isFinite(given?.guess)) {
    guess = given.guess;
    field.set(guess);
    close();
  }
  field.input.addEventListener("keydown", (event) => { if (event.key === "Enter") commit.click(); });
  return html("fieldset", { class: "rk-question" }, html("legend", {}, rich(question)), field, commit, feedback);
}

/** The answers to these questions, without those that chose an option which is no more. */
function answersTo(questions, model) {
  const answers = answersOf(model);
  for (const { question, options } of questions) {
    const chosen = answers.given[question]?.chosen;
    if (options && !options.some(({ text }) => text === chosen)) delete answers.given[question];
  }
  return answers;
}

function quiz(questions, { given, keep, forget }, el) {
  const score = live({ class: "rk-score" });
  const again = button("Start again", () => {
    forget();
    draw();
    el.querySelector("input").focus(); // the button that had the focus is gone
  });
  const show = () => {
    const solved = questions.map(({ question }) => given[question]).filter((answer) => answer?.right);
    const first = solved.filter(({ tries }) => tries === 1).length;
    const tries = solved.length ? `, ${first} at the first try` : "";
    score.textContent = `${solved.length} of ${questions.length} solved${tries}.`;
    if (solved.length) el.append(again);
    else again.remove();
  };
  function draw() {
    const fields = questions.map((item, i) => {
      const onAnswer = (answer) => {
        keep(item.question, answer);
        show();
      };
      return choice({ ...item, number: `${i + 1}. ` }, { label: "Check", given: given[item.question], onAnswer });
    });
    el.replaceChildren(html("p", { class: "rk-kicker" }, "Quiz"), ...fields, score);
    show();
  }
  draw();
}

export default {
  render({ model, el }) {
    const questions = model.get("questions");
    const answers = answersTo(questions, model);
    if (model.get("kind") === "quiz") return quiz(questions, answers, el);
    const [item] = questions;
    const next = model.get("next");
    const kept = { next, given: answers.given[item.question], onAnswer: (answer) => answers.keep(item.question, answer) };
    el.append(
      html("p", { class: "rk-kicker" }, "Predict, then run"),
      "options" in item ? choice(item, { label: "Commit", once: true, ...kept }) : number(item, kept),
    );
  },
};
