// The landing page: how far the reader is, chapter by chapter, to be exported, taken in and cleared.
import { button } from "../kit/controls.js";
import { html, live, row } from "../kit/dom.js";
import { begun, counted, next, summed } from "./counts.js";
import { clear, kept, LARGEST, takeIn } from "./kept.js";

const EMPTY = "Nothing is kept yet. Read on, and what you have read, predicted and solved is counted here.";
const HEADS = ["Chapter", "Core", "Further", "Predicted", "Solved"];

/** Fill the place that the page keeps for it. Returns a function that draws it anew. */
export function table(place, outline) {
  const shown = html("div", {});
  const told = live();
  const clearing = clearButton(told);
  const exporting = button("Export", () => save(told));
  place.replaceChildren(shown, row(exporting, importButton(told), clearing), told);
  const draw = () => {
    const progress = kept();
    const counts = outline.map((chapter) => counted(chapter, progress));
    const some = counts.some(begun);
    shown.replaceChildren(...(some ? [summary(outline, counts, progress), chapterTable(outline, counts)] : [html("p", {}, EMPTY)]));
    exporting.hidden = clearing.hidden = !some;
  };
  draw();
  return draw;
}

const href = ({ page }, id = "") => new URL(`${page}.html${id && `#${id}`}`, new URL(document.documentElement.dataset.content_root, document.baseURI)).href;

const many = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;

function summary(outline, counts, progress) {
  const { core, predicted, solved, held, first } = summed(counts);
  const said = [
    `You have read ${core[0]} of ${many(core[1], "section")} of the core. `,
    predicted[0] ? `You have made ${many(predicted[0], "prediction")}, and ${held} held. ` : "",
    solved[0] ? `You have solved ${many(solved[0], "quiz question")}, ${first} at the first try. ` : "",
  ];
  const place = next(outline, progress);
  const goOn = place ? ["Go on with ", html("a", { href: href(...place) }, place[0].title), "."] : [];
  return html("p", {}, said, goOn);
}

function chapterTable(outline, counts) {
  const cell = ([n, of]) => html("td", { class: of && n === of ? "rk-all" : "" }, of ? `${n}/${of}` : "");
  const rows = outline.map((chapter, i) => {
    const { core, further, predicted, solved } = counts[i];
    const name = html("th", { scope: "row" }, html("a", { href: href(chapter) }, chapter.title));
    return html("tr", {}, name, [core, further, predicted, solved].map(cell));
  });
  const heads = HEADS.map((head) => html("th", { scope: "col" }, head));
  return html("table", { class: "table" }, html("thead", {}, html("tr", {}, heads)), html("tbody", {}, rows));
}

function save(told) {
  const day = new Date().toISOString().slice(0, 10);
  const file = new Blob([`${JSON.stringify(kept(), null, 1)}\n`], { type: "application/json" });
  const link = html("a", { href: URL.createObjectURL(file), download: `rnn-course-progress-${day}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  told.textContent = `Exported as ${link.download}. Import it in another browser to go on there.`;
}

function importButton(told) {
  const input = html("input", { type: "file", accept: ".json,application/json", hidden: true, "aria-label": "A file that this page has exported" });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = ""; // the same file may be chosen again
    if (!file) return;
    try {
      if (file.size > 4 * LARGEST) throw new Error(`expected at most ${4 * LARGEST} bytes, got ${file.size}`);
      const able = takeIn(await file.text());
      told.textContent = able ? `${file.name} is added to what was here.` : "This browser keeps nothing, so nothing was added.";
    } catch (error) {
      told.textContent = `${file.name} was not taken in, and nothing has changed. ${error.message}.`;
    }
  });
  return html("span", {}, button("Import", () => input.click()), input);
}

// Two presses: the second says what it does, and waits for it until the focus leaves.
function clearButton(told) {
  const label = (text, armed) => { node.textContent = text; node.dataset.armed = armed; };
  const node = button("Clear", () => {
    if (node.dataset.armed !== "yes") return label("Forget everything?", "yes");
    label("Clear", "no");
    clear();
    told.textContent = "Cleared: nothing is kept any more.";
  });
  node.addEventListener("blur", () => label("Clear", "no"));
  return node;
}
