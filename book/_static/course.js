// The site's own script: colour mode, drawers, search box, current section, and scrolling blocks for the keyboard.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
const store = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window */ } };

function applyMode(mode) {
  const theme = mode === "auto" ? (dark.matches ? "dark" : "light") : mode;
  root.dataset.mode = mode;
  root.dataset.theme = theme;
  const button = document.querySelector(".rk-mode");
  if (button) button.setAttribute("aria-label", `Colours: ${mode === "auto" ? "as on this device" : mode}. Change`);
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

const SCROLLERS = {
  ".bd-article pre": "Code or output, scrolls sideways",
  ".bd-article .math-scroll": "Formula, scrolls sideways",
  ".bd-article .pst-scrollable-table-container": "Table, scrolls sideways",
  ".bd-article .cell_output > .output": "Output, scrolls sideways",
};

// A block that scrolls takes the focus, says what it is and shows that there is more; one that fits does none of this.
function markScroller(block, label) {
  const scrolls = block.scrollWidth > block.clientWidth + 1 || block.scrollHeight > block.clientHeight + 1;
  block.classList.toggle("rk-scrolls", scrolls && getComputedStyle(block).overflowX !== "visible");
  if (scrolls) {
    block.tabIndex = 0;
    block.setAttribute("role", "group");
    block.setAttribute("aria-label", label);
  } else {
    for (const name of ["tabindex", "role", "aria-label"]) block.removeAttribute(name);
  }
}

function watchScrollers() {
  for (const [selector, label] of Object.entries(SCROLLERS)) {
    const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => markScroller(target, label)));
    document.querySelectorAll(selector).forEach((block) => observer.observe(block));
  }
}

function openForPrint() {
  const folds = () => document.querySelectorAll(".bd-article details:not([open])");
  addEventListener("beforeprint", () => folds().forEach((fold) => { fold.open = true; fold.dataset.forPrint = ""; }));
  addEventListener("afterprint", () => document.querySelectorAll("details[data-for-print]").forEach((fold) => {
    fold.open = false;
    delete fold.dataset.forPrint;
  }));
}

setUpMode();
setUpDrawer(".rk-menu", "pst-primary-sidebar-checkbox", ".bd-sidebar-primary");
setUpDrawer(".rk-contents", "pst-secondary-sidebar-checkbox", ".bd-sidebar-secondary");
setUpSearch();
followSections();
watchScrollers();
openForPrint();

// The bar names the page once its own title is out of sight.
const title = document.querySelector(".bd-article h1");
if (title) {
  new IntersectionObserver(([entry]) => root.classList.toggle("rk-past-title", !entry.isIntersecting))
    .observe(title);
}

