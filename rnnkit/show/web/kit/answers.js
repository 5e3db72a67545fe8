// What a reader has answered in a figure, each answer under the words of its question.

/** The answers that a model holds, {chosen or guess, right, tries} by question; `keep` adds one, `forget` drops all.
 *  A page keeps them in the browser, a notebook tells Python. */
export function answersOf(model) {
  const given = { ...model.get("given") };
  const save = () => {
    model.set("given", { ...given });
    model.save_changes();
  };
  function keep(question, answer) {
    given[question] = answer;
    save();
  }
  function forget() {
    for (const question of Object.keys(given)) delete given[question];
    save();
  }
  return { given, keep, forget };
}
