// Progress on a page of the site: what is read is noted, the side bar and the landing page show it.
import { styleOf } from "../kit/styles.js";
import { CHANGED, pageName } from "./kept.js";
import { mark } from "./marks.js";
import { watch } from "./reader.js";
import { table } from "./table.js";

const OUTLINE = "../../_outline/course.json"; // what each chapter has; book/_ext/course/outline.py writes it

async function start() {
  const answer = await fetch(new URL(OUTLINE, import.meta.url));
  if (!answer.ok) throw new Error(`${answer.status} for ${answer.url}`);
  const outline = await answer.json();
  await styleOf("progress");
  const chapter = outline.find(({ page }) => page === pageName());
  if (chapter) watch(chapter);
  const place = document.querySelector(".rk-progress");
  const draws = [() => mark(outline), ...(place ? [table(place, outline)] : [])];
  const draw = () => draws.forEach((one) => one());
  mark(outline);
  for (const event of [CHANGED, "storage"]) addEventListener(event, draw);
  document.documentElement.dataset.progress = ""; // tests wait for this
}

start();
