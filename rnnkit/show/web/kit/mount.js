// Brings the explorables of a published page to life: the same modules as in JupyterLab, without a kernel.
// Each waits for the reader to come near; until then its static picture stands there, and nothing of it is loaded.
import { answersIn, keepAnswers, pageName } from "../progress/kept.js";
import { makeModel } from "./model.js";
import { styleOf } from "./styles.js";

const NEAR = "100% 0px"; // one window's height above and below

/** What the figure starts from: in the page, or, where that is large, in a file beside it. */
async function stateOf(figure) {
  const script = figure.querySelector('script[type="application/json"]');
  if (script) return JSON.parse(script.textContent);
  const answer = await fetch(new URL(figure.dataset.state, document.baseURI));
  if (!answer.ok) throw new Error(`${answer.status} for ${answer.url}`);
  return answer.json();
}

/** The model of a figure, with the answers that the reader has given in it before. They are kept with the page that the
 *  figure is of; where another page shows it, it says which. */
function modelOf(figure, state) {
  const here = pageName();
  if (here === null) return makeModel(state, () => {});
  const page = figure.dataset.page ?? here;
  let given = answersIn(page, figure.id);
  function save(now) {
    if (now.given === given) return; // a slider was moved
    given = now.given;
    keepAnswers(page, figure.id, given);
  }
  return makeModel({ ...state, given }, save);
}

const begun = new Set(); // a figure may be in the window, near it and tabbed to at the same time

async function mount(figure) {
  if (begun.has(figure)) return;
  begun.add(figure);
  const picture = figure.querySelector(":scope > img, :scope > ol");
  const stage = document.createElement("div");
  stage.className = "rk-stage";
  try {
    const view = figure.dataset.module;
    const [module, state] = await Promise.all([import(new URL(`../views/${view}.js`, import.meta.url)), stateOf(figure), styleOf(view)]);
    // The stage is at least as tall as the picture, so the text below does not move up.
    stage.style.minHeight = `${picture.offsetHeight}px`;
    picture.hidden = true;
    picture.after(stage);
    await module.default.render({ model: modelOf(figure, state), el: stage });
    picture.remove();
    figure.dataset.mounted = "true";
  } catch (error) {
    stage.remove();
    picture.hidden = false;
    figure.dataset.mounted = "error";
    console.error(`explorable ${figure.id}:`, error);
  }
}

function mountWithin(margin, figures) {
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      mount(target);
    }
  }, { rootMargin: margin });
  figures.forEach((figure) => observer.observe(figure));
}

/** What is in the window mounts at once; what is near it as soon as the reader moves, so that opening a page is light. */
function mountWhenNear(figures) {
  mountWithin("0px", figures);
  addEventListener("scroll", () => mountWithin(NEAR, figures), { once: true, passive: true });
}

/** Who goes by keyboard must not step over a figure that is still a picture: the first Tab brings all of them. */
function mountAllAtFirstTab(figures) {
  const onTab = ({ key }) => {
    if (key !== "Tab") return;
    removeEventListener("keydown", onTab);
    figures.forEach(mount);
  };
  addEventListener("keydown", onTab);
}

function start() {
  const figures = [...document.querySelectorAll(".rk-explorable")];
  // Tests look at whole pages, and a browser that cannot tell what is near shows all.
  if (window.rkWhole || !("IntersectionObserver" in window)) return figures.forEach(mount);
  mountWhenNear(figures);
  mountAllAtFirstTab(figures);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
