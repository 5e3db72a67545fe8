// The site's own script: colour mode, code or none, drawers, search box, current section, scrolling blocks for the
// keyboard, print, and the start of the live figures and of the reader's progress.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
const store = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window */ } };

function applyMode(mode) {
  const theme = mode === "auto" ? (dark.matches ? "dark" : "light") : mode;
  root.dataset.mode = mode;
  root.dataset.theme = theme;
  const button = document.querySelector(".rk-mode");
  button?.setAttribute("aria-label", `Colours: ${mode === "auto" ? "as on this device" : mode}. Change`);
}

function setUpMode() {
  const button = document.querySelector(".rk-mode");
  const current = () => root.dataset.mode || "auto";
  applyMode(stored("mode") || "auto");
  dark.addEventListener("change", () => applyMode(current()));
  button?.addEventListener("click", () => {
    const order = dark.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
    const next = order[(order.indexOf(current()) + 1) % order.length];
    store("mode", next);
    applyMode(next);
  });
}

// Calls `put`, which brings something to its place in the window, again whenever the page changes its height: what is
// laid out or comes to life must not carry it away. It ends after a moment, or when the reader moves.
let release = () => {};
function hold(put) {
  release();
  const observer = new ResizeObserver(put);
  observer.observe(document.querySelector(".bd-article"));
  const timer = setTimeout(() => release(), 3000);
  root.style.overflowAnchor = "none"; // the browser's own way to hold a place would come in between
  release = () => {
    observer.disconnect();
    clearTimeout(timer);
    root.style.overflowAnchor = "";
    release = () => {};
  };
  put();
}

function releaseWhenTheReaderMoves() {
  for (const move of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(move, () => release(), { passive: true });
}

// A function that puts what the reader sees where it is now: the first block that begins in the upper half of the
// window, or, where one block fills that, its beginning.
function placeInText() {
  const tops = [...document.querySelectorAll(".bd-article section > :not(section)")]
    .map((block) => [block, block.getBoundingClientRect()]).filter(([, box]) => box.height > 0 && box.bottom > 70);
  const [block, box] = tops.find(([, { top }]) => top >= 60 && top < innerHeight / 2) ?? tops[0] ?? [];
  const top = Math.max(70, box?.top);
  return () => { if (block) scrollBy({ top: block.getBoundingClientRect().top - top, behavior: "instant" }); };
}

// Code is folded in the state "reading" and open in "everything"; one cell may be opened by itself. Until the folds
// follow, the styles hide what is to be folded.
function setUpReading() {
  const button = document.querySelector(".rk-reading");
  const folds = document.querySelectorAll("details.rk-code");
  const apply = () => {
    const reading = root.dataset.code === "reading";
    for (const fold of folds) fold.open = !reading;
    button?.setAttribute("aria-checked", String(reading));
    root.dataset.folded = "";
  };
  button?.addEventListener("click", () => {
    const stay = placeInText();
    root.dataset.code = root.dataset.code === "reading" ? "everything" : "reading";
    store("code", root.dataset.code);
    apply();
    if (scrollY > 0) hold(stay);
  });
  apply();
}

function setUpDrawer(buttonSelector, boxId, panelSelector) {
  const button = document.querySelector(buttonSelector);
  const box = document.getElementById(boxId);
  const panel = document.querySelector(panelSelector);
  if (!button || !box || !panel) return;
  const show = (open) => {
    box.checked = open;
    button.setAttribute("aria-expanded", String(open));
    if (open) setTimeout(() => panel.querySelector("a")?.focus(), 100);
    else button.focus();
  };
  button.addEventListener("click", () => show(!box.checked));
  box.addEventListener("change", () => button.setAttribute("aria-expanded", String(box.checked)));
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") show(false); });
  panel.addEventListener("click", (event) => {
    if (event.target.closest("a[href^='#']")) { box.checked = false; button.setAttribute("aria-expanded", "false"); }
  });
}

function setUpSearch() {
  const wrapper = document.querySelector(".search-button__wrapper");
  const button = document.querySelector(".rk-search");
  const field = wrapper?.querySelector("input[type=search]");
  if (!field) return;
  const show = (open) => {
    wrapper.classList.toggle("show", open);
    if (open) { field.focus(); field.select(); } else button?.focus();
  };
  button?.addEventListener("click", () => show(true));
  wrapper.querySelector(".search-button__overlay")?.addEventListener("click", () => show(false));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && wrapper.classList.contains("show")) show(false);
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      show(!wrapper.classList.contains("show"));
    }
  });
}

function followSections() {
  const links = new Map();
  for (const link of document.querySelectorAll(".bd-toc-nav a[href^='#']")) {
    const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (section) links.set(section, link);
  }
  const visible = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) visible[isIntersecting ? "add" : "delete"](target);
    const current = [...links.keys()].filter((section) => visible.has(section)).at(-1);
    for (const [section, link] of links) link.classList.toggle("active", section === current);
  }, { rootMargin: "-10% 0px -70% 0px" });
  for (const section of links.keys()) observer.observe(section);
}

function holdAimOfJumps() {
  const jump = () => {
    const aim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (aim?.matches(".cell")) aim.querySelectorAll("details").forEach((fold) => { fold.open = true; });
    if (aim) hold(() => aim.scrollIntoView());
  };
  addEventListener("hashchange", jump);
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") jump(); // a page seen before keeps its place
}

const SCROLLERS = {
  ".bd-article pre": "Code or output, scrolls sideways",
  ".bd-article .math-scroll": "Formula, scrolls sideways",
  ".bd-article .pst-scrollable-table-container": "Table, scrolls sideways",
  ".bd-article .cell_output > .output": "Output, scrolls sideways",
};

// A block that scrolls takes the focus, says what it is and shows that there is more; one that fits does none of this.
function markScroller(block, label, scrolls) {
  block.classList.toggle("rk-scrolls", scrolls);
  if (scrolls) {
    block.tabIndex = 0;
    block.setAttribute("role", "group");
    block.setAttribute("aria-label", label);
  } else {
    for (const name of ["tabindex", "role", "aria-label"]) block.removeAttribute(name);
  }
}

const overflows = (block) => block.scrollWidth > block.clientWidth + 1 || block.scrollHeight > block.clientHeight + 1;

// The observer tells of blocks that are laid out; those far from the window are measured when the browser is idle,
// because the Tab key must find them. All are measured before the first is marked: a mark costs a layout.
function watchScrollers() {
  const labels = new Map();
  const measure = (block) => [block, overflows(block)];
  const mark = ([block, scrolls]) => markScroller(block, labels.get(block), scrolls);
  const observer = new ResizeObserver((entries) => entries.map(({ target }) => measure(target)).forEach(mark));
  for (const [selector, label] of Object.entries(SCROLLERS)) {
    for (const block of document.querySelectorAll(selector)) {
      labels.set(block, label);
      observer.observe(block);
    }
  }
  const waiting = [...labels.keys()];
  const next = (deadline) => {
    const measured = [];
    while (waiting.length && deadline.timeRemaining() > 5) measured.push(measure(waiting.shift()));
    measured.forEach(mark);
    if (waiting.length) whenIdle(next);
    else root.dataset.measured = ""; // the audit waits for this
  };
  whenIdle(next);
}

// Paper has no folds to open; only who reads without code prints without it. Pictures must not wait to be scrolled to.
function openForPrint() {
  document.querySelector(".rk-print")?.addEventListener("click", () => print());
  const folds = () => document.querySelectorAll(".bd-article details:not([open], .rk-code, .rk-check)");
  addEventListener("beforeprint", () => {
    folds().forEach((fold) => { fold.open = true; fold.dataset.forPrint = ""; });
    document.querySelectorAll("img[loading=lazy]").forEach((picture) => { picture.loading = "eager"; });
  });
  addEventListener("afterprint", () => document.querySelectorAll("details[data-for-print]").forEach((fold) => {
    fold.open = false;
    delete fold.dataset.forPrint;
  }));
}

// What is not needed to read comes when something can be read, or when nothing else is to be done.
const whenIdle = window.requestIdleCallback ?? ((call) => setTimeout(() => call({ timeRemaining: () => 10 }), 200));
const afterPaint = (call) => requestAnimationFrame(() => setTimeout(call));

// The scripts of others: copy buttons, and marks on what was searched for.
function loadOthers({ src, dataset }) {
  for (const name of (dataset.late ?? "").split(" ").filter(Boolean)) {
    const script = document.createElement("script");
    document.head.append(Object.assign(script, { src: new URL(name, src).href, async: false })); // in their order
  }
}

// Browsers load no module from a file, and no weights: say so once under each figure instead of failing.
function startFigures() {
  const figures = document.querySelectorAll(".rk-explorable");
  if (figures.length === 0) return;
  if (location.protocol !== "file:") afterPaint(() => import("../_explorables/kit/mount.js"));
  else figures.forEach((figure) => figure.querySelector("figcaption").before(stillNote()));
}

// From a file no module is loaded, and what one would keep there belongs to no site.
function startProgress() {
  if (location.protocol !== "file:") whenIdle(() => import("../_explorables/progress/start.js"));
}

function stillNote() {
  const note = document.createElement("p");
  const command = document.createElement("code");
  command.textContent = "make serve";
  note.className = "rk-still";
  note.append("This page was opened as a file, and browsers run no live figures from files. ", command, " shows them.");
  return note;
}

setUpMode();
setUpReading();
setUpDrawer(".rk-menu", "pst-primary-sidebar-checkbox", ".bd-sidebar-primary");
setUpDrawer(".rk-contents", "pst-secondary-sidebar-checkbox", ".bd-sidebar-secondary");
setUpSearch();
startFigures();
releaseWhenTheReaderMoves();
holdAimOfJumps();
watchScrollers();
openForPrint();
const own = document.currentScript;
afterPaint(() => loadOthers(own));
afterPaint(startProgress);

// Comforts for browsers that can tell what is in the window: the bar names the page once its own title is out of sight.
const title = document.querySelector(".bd-article h1");
if ("IntersectionObserver" in window) followSections();
if (title && "IntersectionObserver" in window) {
  new IntersectionObserver(([entry]) => root.classList.toggle("rk-past-title", !entry.isIntersecting))
    .observe(title);
}

