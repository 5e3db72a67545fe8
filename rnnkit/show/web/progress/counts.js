// How far a reader is in a chapter: what is kept, counted against what the chapter has now.

const answered = (figures, answers) =>
  Object.entries(figures).flatMap(([id, questions]) => questions.map((question) => answers[id]?.[question]));
const part = (list, holds) => [list.filter(holds).length, list.length];

/** chapter: one entry of the build's outline, {page, title, core, further, predictions, quiz}. progress: as `kept` gives it.
 *  Returns pairs [so many, of so many]: core, further, predicted, solved; first and held count in the last two. */
export function counted(chapter, progress) {
  const { read = [], answers = {} } = progress.pages[chapter.page] ?? {};
  const predictions = answered(chapter.predictions, answers);
  const quiz = answered(chapter.quiz, answers);
  return {
    core: part(chapter.core, (id) => read.includes(id)),
    further: part(chapter.further, (id) => read.includes(id)),
    predicted: part(predictions, Boolean),
    solved: part(quiz, (answer) => answer?.right),
    held: predictions.filter((answer) => answer?.right).length,
    first: quiz.filter((answer) => answer?.right && answer.tries === 1).length,
  };
}

/** The counts of all chapters, added up. */
export function summed(all) {
  const pair = (name) => all.reduce(([n, of], counts) => [n + counts[name][0], of + counts[name][1]], [0, 0]);
  const number = (name) => all.reduce((sum, counts) => sum + counts[name], 0);
  const pairs = ["core", "further", "predicted", "solved"].map((name) => [name, pair(name)]);
  return { ...Object.fromEntries(pairs), held: number("held"), first: number("first") };
}

/** How much of a chapter is done, 0 to 1; what is further is not needed for that. */
export function share({ core, predicted, solved }) {
  const [n, of] = [0, 1].map((i) => core[i] + predicted[i] + solved[i]);
  return of ? n / of : 0;
}

/** Whether anything at all has been done, further sections too. */
export const begun = (counts) => share(counts) > 0 || counts.further[0] > 0;

/** The counts in a sentence, without its full stop. */
export function said({ core, further, predicted, solved }) {
  const parts = [
    [core, "sections of the core read"],
    [further, "further sections read"],
    [predicted, "predictions made"],
    [solved, "quiz questions solved"],
  ];
  return parts.filter(([[, of]]) => of).map(([[n, of], what]) => `${n} of ${of} ${what}`).join(", ");
}

/** Where to go on: [chapter, id] of the first section of a core that follows the last one read, or null. */
export function next(outline, progress) {
  const places = outline.flatMap((chapter) => {
    const read = progress.pages[chapter.page]?.read ?? [];
    return chapter.core.map((id) => ({ chapter, id, read: read.includes(id) }));
  });
  const last = places.findLastIndex(({ read }) => read);
  const found = places.slice(last + 1)[0] ?? places.find(({ read }) => !read);
  return found ? [found.chapter, found.id] : null;
}
