// What is wrong on the slides of a deck, each shown with all its steps and, where it has one, its live figure.
async () => {
  const SMALLEST = 28, SMALLEST_LIVE = 14.9, CONTRAST = 7, SLACK = 2;
  const OWN = ".explorable, .picture"; // live figures have a size of their own; pictures are no text
  const SMALL = "msub, msup, msubsup, munder, mover, munderover, mfrac, mroot, mtable"; // indices and stacked parts are smaller
  const problems = [];
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const known = new Map();

  /** A colour of CSS, however written, as red, green, blue (0 to 255) and opacity (0 to 1). */
  function rgba(text) {
    if (!known.has(text)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = text;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(text, [r, g, b, a / 255]);
    }
    return known.get(text);
  }

  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];

  function ground(element) {
    if (!element) return [255, 255, 255, 1];
    const own = rgba(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  }

  function luminance(colour) {
    const [r, g, b] = colour.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(element) {
    const behind = ground(element);
    const [a, b] = [over(rgba(getComputedStyle(element).color), behind), behind].map(luminance);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  /** The elements of a slide that hold text themselves. */
  const withText = (slide) => [...slide.querySelectorAll("*")].filter((e) => !e.closest(OWN)
    && !e.closest("script") && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()));

  /** The size of the smallest words that are seen in a live figure, drawings apart: their ticks may be smaller. */
  function smallest(live) {
    const words = [...live.querySelectorAll(".rk-live-stage *")].filter((e) => !e.closest("svg") && e.getBoundingClientRect().width > 2
      && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()));
    return Math.min(...words.map((e) => parseFloat(getComputedStyle(e).fontSize) * e.currentCSSZoom));
  }

  function look(slide, say) {
    for (const element of withText(slide)) {
      const size = parseFloat(getComputedStyle(element).fontSize);
      const shown = element.textContent.trim().slice(0, 30);
      if (size < SMALLEST - 0.05 && !element.parentElement.closest(SMALL)) say(`${size} px: ${shown}`);
      const ratio = contrast(element);
      if (ratio < CONTRAST) say(`contrast ${ratio.toFixed(1)}: ${shown}`);
    }
  }

  function measure(slide, say) {
    const body = slide.querySelector(".body");
    const room = body.getBoundingClientRect();
    const shown = [...body.querySelectorAll("*")].filter((e) => !e.closest(".explorable") && !e.parentElement.closest("math"));
    for (const element of [slide.querySelector("h1, h2"), ...shown]) {
      const box = element.getBoundingClientRect();
      const low = element.closest(".body") ? room.top : 0;
      if (box.top < low - SLACK || box.bottom > room.bottom + SLACK || box.left < room.left - SLACK || box.right > room.right + SLACK) {
        say(`outside: <${element.localName}> ${element.textContent.trim().slice(0, 30)}`);
      }
    }
    for (const live of body.querySelectorAll(".explorable")) {
      if (live.dataset.mounted !== "true") say(`explorable ${live.dataset.mounted}`);
      if (live.scrollHeight > live.clientHeight + SLACK) say("explorable: has to be scrolled at its start");
      const size = smallest(live);
      if (!(size >= SMALLEST_LIVE)) say(`explorable: words of ${size.toFixed(1)} px`);
    }
  }

  const mounted = (slide) => [...slide.querySelectorAll(".explorable")].every((e) => ["true", "error"].includes(e.dataset.mounted));
  const moment = () => new Promise((done) => setTimeout(done, 20));

  await document.fonts.ready;
  const root = document.documentElement;
  for (let number = 0; number < Reveal.getTotalSlides(); number += 1) {
    Reveal.slide(number);
    while (Reveal.availableFragments().next) Reveal.nextFragment();
    const slide = Reveal.getCurrentSlide();
    const say = (what) => problems.push(`slide ${number + 1}: ${what}`);
    for (let tries = 0; tries < 500 && !mounted(slide); tries += 1) await moment();
    slide.getBoundingClientRect(); // lays the slide out, which asks for the fonts that it is the first to need
    await document.fonts.ready;
    measure(slide, say);
  }
  // All at once: a change of theme makes the browser compute every style again.
  for (const theme of ["light", "dark"]) {
    root.dataset.theme = theme;
    [...document.querySelectorAll(".slide")].forEach((slide, number) => {
      look(slide, (what) => problems.push(`slide ${number + 1}, ${theme}: ${what}`));
    });
  }
  return problems;
}
