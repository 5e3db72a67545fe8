// Notes what is read: a section, once its end has stood in the window for two seconds.
import { kept, keepRead } from "./kept.js";

const LOOK = 1000; // milliseconds between two looks
const LOOKS = 2; // looks in a row that must find the end of a section in the window
const BAR = 60; // pixels that the page's bar covers

/** The last thing of a section that is seen before its subsections. */
function endOf(section) {
  const own = [];
  for (const child of section.children) {
    if (child.localName === "section") break;
    if (child.offsetHeight > 0) own.push(child);
  }
  return own.at(-1);
}

function inWindow(section) {
  const bottom = endOf(section)?.getBoundingClientRect().bottom;
  return bottom > BAR && bottom <= innerHeight;
}

/** Watch a chapter's sections until all are read. */
export function watch({ page, core, further }) {
  const read = new Set(kept().pages[page]?.read);
  const waiting = new Map(); // an unread section -> how many looks have found its end
  for (const id of [...core, ...further]) {
    const section = document.getElementById(id);
    if (section && !read.has(id)) waiting.set(section, 0);
  }
  const timer = setInterval(() => {
    if (document.visibilityState !== "visible") return;
    const done = [];
    for (const [section, looks] of waiting) {
      waiting.set(section, inWindow(section) ? looks + 1 : 0);
      if (waiting.get(section) >= LOOKS) done.push(section);
    }
    if (done.length) keepRead(page, done.map((section) => section.id));
    done.forEach((section) => waiting.delete(section));
    if (waiting.size === 0) clearInterval(timer);
  }, LOOK);
}
