// What a reader has read, predicted and solved: kept in the browser, under one name, and nowhere else.
//
//   {kind: "rnn-course-progress", version: 1, pages: {"notebooks/02_vanilla_rnn": {
//      read: ["the-cell", ...],                                     ids of sections
//      answers: {"rk-quiz-02-vanilla-rnn": {"Which ...?": {chosen: "about 5", right: true, tries: 2}},
//                "rk-predict-memory": {"After how many ...?": {guess: 5, right: true, tries: 1}},
//                "rk-rnn-cell": {"... Which letter will it expect next?": {chosen: "o", right: true, tries: 1}}}}}}
//
// An answer stands under the words of its question, as they are written before a live figure fills in what it asks about:
// a question that is rewritten is a new one.

const KEY = "rnn-course-progress";
const VERSION = 1;
export const LARGEST = 1_000_000; // characters of a file; all of the course makes some 30 000
/** Told to the window when what is kept has changed here. The browser's own "storage" tells of other tabs. */
export const CHANGED = "rk-progress";

const nothing = () => ({ kind: KEY, version: VERSION, pages: {} });
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";

/** The page as the build calls it, "notebooks/02_vanilla_rnn"; null where the page does not say what site it is in. */
export function pageName(address = location.href, root = document.documentElement.dataset.content_root) {
  if (root === undefined) return null;
  const site = new URL(root, document.baseURI).pathname;
  const path = new URL(address, document.baseURI).pathname;
  if (!path.startsWith(site)) return null;
  return decodeURIComponent(path.slice(site.length)).replace(/\.html$/, "") || "index";
}

function fail(where, expected, got) {
  const shown = got === undefined ? "nothing" : JSON.stringify(got).slice(0, 40);
  throw new Error(`${where}: expected ${expected}, got ${shown}`);
}

function checkAnswer(answer, where) {
  if (!isObject(answer)) fail(where, "an answer", answer);
  if (typeof answer.right !== "boolean") fail(`${where}: right`, "true or false", answer.right);
  if (!Number.isInteger(answer.tries) || answer.tries < 1) fail(`${where}: tries`, "a whole number from 1", answer.tries);
  if (!isText(answer.chosen) && !Number.isFinite(answer.guess)) fail(where, "what was chosen or guessed", answer);
}

function checkPage(page, where) {
  if (!isObject(page)) fail(where, "what was read and answered", page);
  const { read = [], answers = {} } = page;
  if (!Array.isArray(read) || !read.every(isText)) fail(`${where}: read`, "a list of sections", read);
  if (!isObject(answers)) fail(`${where}: answers`, "answers by figure", answers);
  for (const [figure, given] of Object.entries(answers)) {
    if (!isObject(given)) fail(`${where}: ${figure}`, "answers by question", given);
    for (const [question, answer] of Object.entries(given)) checkAnswer(answer, `${where}: ${question}`);
  }
}

/** What a text holds, or an Error that says in a sentence why it is nothing that this course has kept. */
export function parsed(text) {
  if (text.length > LARGEST) throw new Error(`expected at most ${LARGEST} characters, got ${text.length}`);
  let found;
  try { found = JSON.parse(text); } catch { fail("the file", "progress that this page has exported", text); }
  if (!isObject(found) || found.kind !== KEY) fail("kind", `"${KEY}"`, found?.kind);
  if (found.version !== VERSION) fail("version", VERSION, found.version);
  if (!isObject(found.pages)) fail("pages", "what was read and answered, by page", found.pages);
  for (const [name, page] of Object.entries(found.pages)) checkPage(page, name);
  return found;
}

/** What is kept; nothing if there is nothing, or something that this course cannot read. */
export function kept() {
  try { return parsed(localStorage.getItem(KEY)); } catch { return nothing(); }
}

/** Keep this; false where the browser keeps nothing. */
function keep(progress) {
  try { localStorage.setItem(KEY, JSON.stringify(progress)); } catch { return false; }
  dispatchEvent(new Event(CHANGED));
  return true;
}

const pageOf = (progress, name) => ({ read: [], answers: {}, ...progress.pages[name] });
const withPage = (progress, name, page) => ({ ...progress, pages: { ...progress.pages, [name]: page } });

/** Note that sections of a page have been read. */
export function keepRead(name, sections) {
  const progress = kept(); // again at every change: another tab may have written
  const page = pageOf(progress, name);
  return keep(withPage(progress, name, { ...page, read: [...new Set([...page.read, ...sections])] }));
}

/** The answers given in a figure of a page, by question. */
export const answersIn = (name, figure) => pageOf(kept(), name).answers[figure] ?? {};

/** Note all answers given in a figure; those there were before are forgotten. */
export function keepAnswers(name, figure, answers) {
  const progress = kept();
  const page = pageOf(progress, name);
  return keep(withPage(progress, name, { ...page, answers: { ...page.answers, [figure]: answers } }));
}

/** Forget everything. */
export function clear() {
  try { localStorage.removeItem(KEY); } catch { /* nothing was kept */ }
  dispatchEvent(new Event(CHANGED));
}

const mapped = (one, other, join) =>
  Object.fromEntries([...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => [key, join(one[key], other[key])]));
const either = (join) => (a, b) => (a && b ? join(a, b) : a ?? b);

/** Two readers' progress, or one reader's on two machines, as one. Of two answers to a question the right one stays. */
export function merged(one, other) {
  const better = either((a, b) => (b.right && !a.right ? b : a));
  const join = (a = {}, b = {}) => ({
    read: [...new Set([...(a.read ?? []), ...(b.read ?? [])])],
    answers: mapped(a.answers ?? {}, b.answers ?? {}, either((x, y) => mapped(x, y, better))),
  });
  return { ...nothing(), pages: mapped(one.pages, other.pages, join) };
}

/** Take in what another browser has exported; an Error, and nothing changed, if it is none of this course's. */
export const takeIn = (text) => keep(merged(kept(), parsed(text)));
