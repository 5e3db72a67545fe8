// The side bar: a ring beside each chapter that fills as it is done. A chapter that nobody has begun has none.
import { html } from "../kit/dom.js";
import { begun, counted, said, share } from "./counts.js";
import { kept, pageName } from "./kept.js";

/** Draw the rings anew. */
export function mark(outline) {
  const progress = kept();
  const chapters = new Map(outline.map((chapter) => [chapter.page, chapter]));
  for (const link of document.querySelectorAll(".bd-links a[href]")) {
    const chapter = chapters.get(pageName(link.href));
    if (!chapter) continue;
    link.querySelector(".rk-mark")?.remove();
    const counts = counted(chapter, progress);
    if (begun(counts)) link.append(ring(counts));
  }
}

function ring(counts) {
  const label = said(counts);
  const done = share(counts) === 1;
  const attributes = { class: `rk-mark${done ? " rk-mark-done" : ""}`, role: "img", "aria-label": label, title: label };
  return html("span", { ...attributes, style: `--rk-share: ${Math.round(100 * share(counts))}%` }, done ? "✓" : "");
}
