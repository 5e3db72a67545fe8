// Brings the explorables of a published page to life: the same modules as in JupyterLab, without a kernel.

/** What a module needs of anywidget's model: get, set, on, off, save_changes, and change events. */
function makeModel(state) {
  const listeners = new Map();
  const emit = (event) => [...(listeners.get(event) ?? [])].forEach((listener) => listener());
  return {
    get: (name) => state[name],
    set(name, value) {
      if (state[name] === value) return;
      state[name] = value;
      emit(`change:${name}`);
      emit("change");
    },
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    },
    off(event, listener) {
      listeners.set(event, (listeners.get(event) ?? []).filter((l) => listener && l !== listener));
    },
    save_changes() {}, // nobody to tell: the page has no kernel
  };
}

async function mount(figure) {
  const picture = figure.querySelector(":scope > img, :scope > ol");
  const stage = document.createElement("div");
  stage.className = "rk-stage";
  try {
    const state = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const module = await import(new URL(`./${figure.dataset.module}.js`, import.meta.url));
    // The stage is at least as tall as the picture, so the text below does not move up.
    stage.style.minHeight = `${picture.offsetHeight}px`;
    picture.hidden = true;
    picture.after(stage);
    await module.default.render({ model: makeModel(state), el: stage });
    picture.remove();
    figure.dataset.mounted = "true";
  } catch (error) {
    stage.remove();
    picture.hidden = false;
    figure.dataset.mounted = "error";
    console.error(`explorable ${figure.id}:`, error);
  }
}

const mountAll = () => document.querySelectorAll(".rk-explorable").forEach(mount);
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mountAll);
else mountAll();
