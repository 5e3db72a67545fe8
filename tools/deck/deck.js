// Starts the slides; brings an explorable to life when its slide is shown; T changes between light and dark.
// A classic script: a page opened as a file may load no module from another file.
(() => {
  const ROOM = 8; // pixels between an explorable and the edge of its place
  const LARGEST = 1.9, SMALLEST = 0.7, STEP = 0.05; // how many times its own size an explorable gets
  const SHARES = [1, 0.9, 0.8, 0.7, 0.6], NARROWEST = 480; // of the width; below so many of its own pixels it folds up
  const query = new URLSearchParams(location.search);
  const still = query.has("print-pdf") || query.has("receiver"); // paper and the speaker's view keep the pictures

  // ---- light and dark

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = (theme) => { document.documentElement.dataset.theme = theme; };
  const asked = query.get("theme");
  show(["light", "dark"].includes(asked) ? asked : dark.matches && !query.has("print-pdf") ? "dark" : "light");
  dark.addEventListener("change", () => { if (!asked) show(dark.matches ? "dark" : "light"); });
  const otherTheme = () => show(document.documentElement.dataset.theme === "dark" ? "light" : "dark");

  // ---- explorables

  const loaded = new Map();

  /** The module of this name, from its text in the page. */
  function moduleOf(name) {
    if (!loaded.has(name)) {
      const text = JSON.parse(document.querySelector(`[data-module-text="${name}"]`).textContent);
      const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
      loaded.set(name, import(address));
    }
    return loaded.get(name);
  }

  /** How large and how wide an explorable may be, the largest first: [times its own size, share of the width]. */
  function* sizes(width) {
    for (let size = LARGEST; size >= SMALLEST; size -= STEP) {
      for (const share of SHARES) if ((share * width) / size >= NARROWEST) yield [size, share];
    }
  }

  /** Let it be as large as its place allows, narrower where that keeps it lower. */
  async function fit(place, stage) {
    const [width, height] = [place.clientWidth, place.clientHeight - ROOM];
    const fits = () => stage.getBoundingClientRect().height / Reveal.getScale() <= height;
    for (const [size, share] of sizes(width)) {
      stage.style.zoom = size;
      stage.style.width = `${(share * width) / size}px`;
      // Some draw only when they have been told their size: what fits now has to fit when they have.
      if (fits() && (await drawn(), fits())) return;
    }
  }

  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)));

  /** What grows later, as after an answer, gets smaller until it fits again; nothing gets larger under a hand. */
  function keepFitting(place, stage) {
    let busy = false; // fitting changes the size itself
    const grown = new ResizeObserver(async () => {
      if (busy || place.scrollHeight <= place.clientHeight) return;
      busy = true;
      await fit(place, stage);
      await drawn();
      busy = false;
    });
    grown.observe(stage);
  }

  /** Keys that go to what has the focus must not turn the page as well; those of a remote control do. */
  function keepKeys(place) {
    place.addEventListener("keydown", (event) => {
      const leaves = ["PageUp", "PageDown", "Escape"].includes(event.key);
      if (leaves) document.activeElement.blur();
      if (!leaves || event.key === "Escape") event.stopPropagation();
    });
  }

  async function mount(place) {
    if (place.dataset.mounted) return;
    place.dataset.mounted = "begun";
    const stage = Object.assign(document.createElement("div"), { className: "rk-live-stage" });
    try {
      const [{ makeModel }, view] = await Promise.all(["model", place.dataset.view].map(moduleOf));
      const state = { caption: "", given: {}, ...JSON.parse(place.querySelector("script").textContent) };
      place.append(stage);
      await view.default.render({ model: makeModel(state, () => {}), el: stage });
      place.querySelector("img").remove();
      await document.fonts.ready;
      await fit(place, stage);
      keepFitting(place, stage);
      keepKeys(place);
      place.dataset.mounted = "true";
    } catch (error) {
      stage.remove();
      place.dataset.mounted = "error";
      console.error(`explorable ${place.id}:`, error);
    }
  }

  const live = ({ currentSlide }) => { if (!still) currentSlide.querySelectorAll(".explorable").forEach(mount); };

  // ---- start

  Reveal.on("ready", live);
  Reveal.on("slidechanged", live);
  Reveal.initialize({
    width: 1280, height: 720, margin: 0, minScale: 0.1, maxScale: 4, center: false, hash: true, transition: "none",
    backgroundTransition: "none", slideNumber: "c/t", pdfSeparateFragments: false, pdfMaxPagesPerSlide: 1,
    controlsTutorial: false, scrollActivationWidth: null,
    totalTime: 60 * Number(document.documentElement.dataset.minutes), plugins: [RevealNotes, RevealZoom],
  }).then(() => Reveal.addKeyBinding({ keyCode: 84, key: "T", description: "Light or dark" }, otherTheme));
})();
