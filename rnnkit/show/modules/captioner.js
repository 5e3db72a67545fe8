// A captioning model that glances at the picture before every word: the reader arranges a scene, the model describes it and shows where it looks.
import { button, decodeArray, html, onKeys, reducedMotion, sigmoid, softmax } from "./kit.js";
import { boxOf, encode, GRID, linear, loadSprites, makeEditor, relations, SCENE_STYLE, strangers, unpackConvolution } from "./scene.js";

// ---- the model: the same arithmetic as rnnkit.show.caption_model ------------------------------------------------

export const [START, END, LONGEST] = [0, 1, 10];

/** The packed parameters. Matrices W_ab are packed as (outputs, inputs), for `linear`. */
export function unpack(packed) {
  const net = Object.fromEntries(Object.entries(packed).filter(([name]) => !name.startsWith("conv")).map(([name, array]) => [name, decodeArray(array)]));
  net.glances = Object.keys(packed).filter((name) => name.startsWith("W_look")).length;
  const P = net.where.shape[1];
  net.places = Array.from({ length: GRID * GRID }, (_, r) => net.where.data.subarray(r * P, (r + 1) * P)); // of every region
  net.layers = [1, 2, 3].map((i) => unpackConvolution(packed[`conv${i}`], packed[`conv${i}_b`]));
  return net;
}

const layer = (net, name, x) => linear(x, net[`W_${name}`], net[`b_${name}`]);
const relu = (x) => x.map((v) => Math.max(0, v));
const dot = (a, b) => a.reduce((sum, v, k) => sum + v * b[k], 0);
const mean = (weights, vectors) => vectors[0].map((_, k) => vectors.reduce((sum, vector, r) => sum + weights[r] * vector[k], 0));
// The way back through a layer: from the slope of its outputs to that of its inputs.
function back({ shape: [outputs, inputs], data }, slope) {
  const sum = new Float64Array(inputs);
  for (let o = 0, w = 0; o < outputs; o += 1) for (let i = 0; i < inputs; i += 1, w += 1) sum[i] += slope[o] * data[w];
  return sum;
}
const joined = (a, b) => Float64Array.from([...a, ...b]);

/** Look at a picture (64, 64, 3): the key and the value of every region, R vectors each. */
export function see(net, pixels) {
  const regions = encode(pixels, net.layers);
  const C = regions.length / (GRID * GRID);
  const seen = Array.from({ length: GRID * GRID }, (_, r) =>
    joined(relu(layer(net, "what", regions.subarray(r * C, (r + 1) * C))), net.places[r]));
  return { keys: seen.map((x) => layer(net, "key", x)), values: seen.map((x) => layer(net, "value", x)) };
}

/** Read one word and score the next: { logits, hidden, glances, h, c }. The LSTM's gates are packed i, f, o, g. */
export function step(net, { keys, values }, { h, c }, word) {
  const [H, D] = [net.W_hh.shape[1], net.embedding.shape[1]];
  const fromWord = linear(net.embedding.data.subarray(word * D, (word + 1) * D), net.W_xh, net.b_h);
  const a = linear(h, net.W_hh, { data: fromWord });
  const [i, f, o] = [0, 1, 2].map((k) => sigmoid(a.subarray(k * H, (k + 1) * H)));
  const c_now = c.map((v, j) => f[j] * v + i[j] * Math.tanh(a[3 * H + j]));
  const h_now = c_now.map((v, j) => o[j] * Math.tanh(v));
  let known = h_now;
  const glances = Array.from({ length: net.glances }, (_, g) => {
    const query = layer(net, `look${g + 1}`, known);
    const weights = softmax(keys.map((key) => dot(key, query) / Math.sqrt(query.length)));
    known = joined(known, mean(weights, values));
    return weights;
  });
  const { logits, hidden } = score(net, values, h_now, glances);
  return { logits, hidden, glances, h: h_now, c: c_now };
}

// The next word's scores: from the state, from where all glances fell, and from what the last one showed.
function score(net, values, h, glances) {
  const known = [h, ...glances.map((weights) => mean(weights, net.places)), mean(glances.at(-1), values)].reduce(joined);
  const hidden = relu(layer(net, "hidden", known));
  return { logits: layer(net, "output", hidden), hidden };
}

/** Which regions speak for a word: d log p(word) / d score of the last glance, (R). Positive where looking a little
 *  more would make the word likelier. logits, hidden, glances: of the step before it. */
export function evidence(net, { values }, { logits, hidden, glances }, word) {
  const d_logits = softmax(logits).map((p, v) => Number(v === word) - p);
  const d_hidden = back(net.W_output, d_logits).map((d, k) => (hidden[k] > 0 ? d : 0));
  const d_known = back(net.W_hidden, d_hidden);
  const [A, P, last] = [values[0].length, net.places[0].length, glances.at(-1)];
  const [d_place, d_context] = [d_known.slice(-A - P, -A), d_known.slice(-A)];
  const d_weights = values.map((value, r) => dot(value, d_context) + dot(net.places[r], d_place));
  const middle = dot(last, d_weights);
  return d_weights.map((d, r) => last[r] * (d - middle));
}

/** Describe a picture, always taking the likeliest word: [{ id, p, glances, evidence }], END last unless LONGEST words came without it. */
export function describe(net, pixels) {
  const picture = see(net, pixels);
  const zeros = () => new Float64Array(net.W_hh.shape[1]);
  let state = { h: zeros(), c: zeros() };
  const said = [];
  while (said.length < LONGEST && said.at(-1)?.id !== END) {
    state = step(net, picture, state, said.at(-1)?.id ?? START);
    const p = softmax(state.logits);
    const id = p.indexOf(Math.max(...p));
    said.push({ id, p, glances: state.glances, evidence: evidence(net, picture, state, id) });
  }
  return said;
}

// ---- what is true: the grammar of rnnkit.scenes.captions ----------------------------------------------------------

const NUMBERS = ["zero", "one", "two", "three", "four"];
const plural = (noun) => noun + (noun.endsWith("s") ? "es" : "s");

/** Every true caption of a scene's things. */
export function captions(things, sprites) {
  const number = (name) => things.filter((thing) => thing.name === name).length;
  const phrase = (name) => (number(name) > 1 ? `${NUMBERS[number(name)]} ${plural(name)}` : `${"aeiou".includes(name[0]) ? "an" : "a"} ${name}`);
  return relations(things, sprites).map(([a, relation, b]) => `${phrase(a)} ${relation} ${phrase(b)}`).sort();
}

/** The one of some captions that agrees with a text in the most places. */
export function nearest(text, all) {
  const words = text.split(" ");
  const agreeing = (caption) => caption.split(" ").filter((word, i) => word === words[i]).length;
  return all.reduce((best, one) => (agreeing(one) > agreeing(best) ? one : best));
}

/** The kind that a word names, or null. names: of all kinds. */
export const nounOf = (word, names) => names.find((name) => word === name || word === plural(name)) ?? null;

/** What the centre of a region lies on: a kind's name, or null for the ground. */
export function under(region, things, sprites) {
  const [x, y] = [(region % GRID) * GRID + GRID / 2, Math.floor(region / GRID) * GRID + GRID / 2];
  const hit = things.findLast((thing) => {
    const [left, top, right, bottom] = boxOf(thing, sprites);
    return left <= x && x < right && top <= y && y < bottom;
  });
  return hit?.name ?? null;
}

/** How much of a glance lies on each kind of the scene, and on the ground: [[name or null, share], ...]. */
export function shared(weights, things, sprites) {
  const share = new Map([...things.map((thing) => [thing.name, 0]), [null, 0]]);
  weights.forEach((w, r) => { const on = under(r, things, sprites); share.set(on, share.get(on) + w); });
  return [...share];
}

const strongest = (weights) => weights.indexOf(Math.max(...weights));

const RELATIONS = ["left", "right", "above", "below"];

/** On what the first glance before the relation lies most: [place of the relation, kind or null for the ground, share]. */
export function firstGlance(said, words, things, sprites) {
  const place = Math.max(0, said.findIndex(({ id }) => RELATIONS.includes(words[id])));
  return [place, ...shared(said[place].glances[0], things, sprites).reduce((best, one) => (one[1] > best[1] ? one : best))];
}

// ---- the figure ---------------------------------------------------------------------------------------------------

const BARS = 5;
const TIMES = { 1: "once", 2: "twice" };
const PACE = 1100; // milliseconds per word when it plays
const called = (kind) => (kind === null ? "the ground" : `the ${kind}`);
const percent = (p) => `${Math.round(100 * p)}\u00a0%`;

const STYLE = `${SCENE_STYLE}
.rk-cap-box { container-type: inline-size; font-size: 0.84rem; }
.rk-cap { display: grid; grid-template-columns: minmax(0, 264px) minmax(0, 1fr); gap: 8px 16px; }
.rk-cap > :is(.rk-ask, .rk-words, .rk-foot) { grid-column: 1 / -1; }
.rk-cap p { margin: 0; line-height: 1.4; }
.rk-cap .rk-ask { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; min-height: 4.2em; }
.rk-cap .rk-ask > p { flex: 1 1 18em; }
.rk-cap :is(.rk-go, .rk-tools)[inert] { opacity: 0.4; }
.rk-cap .rk-hold { visibility: hidden; }
.rk-cap .rk-half { display: flex; flex-direction: column; gap: 7px; min-width: 0; }
.rk-cap .rk-words { position: relative; display: flex; gap: 3px; padding: 3px; overflow-x: auto; }
.rk-explorable .rk-words > button { flex: 0 0 auto; display: flex; flex-direction: column; align-items: center; gap: 2px; min-width: 48px; padding: 3px 6px; font-size: 0.9rem; line-height: 1.25; }
.rk-explorable .rk-words > button:disabled { opacity: 1; }
.rk-cap .rk-words canvas { width: 40px; height: 40px; image-rendering: pixelated; border-radius: 3px; background: #10141a; }
.rk-cap .rk-go { display: flex; gap: 4px; }
.rk-cap .rk-go > button { flex: 1 1 auto; min-width: 44px; padding: 0 0.4em; }
.rk-cap .rk-bars { display: grid; grid-template-columns: minmax(4.6em, max-content) minmax(0, 1fr) 3em; gap: 0 8px; align-items: center; line-height: 1.3; font-variant-numeric: tabular-nums; }
.rk-cap .rk-bars > b { font-weight: 500; }
.rk-cap .rk-bars > .rk-kind { grid-column: 1 / -1; margin-bottom: 2px; color: var(--rk-muted); font-size: max(0.74rem, 12px); }
.rk-cap .rk-bars i { display: block; height: 0.75em; min-width: 1px; background: var(--rk-blue); border-radius: 0 3px 3px 0; }
.rk-cap .rk-bars > .rk-value { font-weight: 400; font-size: inherit; text-align: right; }
.rk-cap .rk-look { min-height: 4.2em; }
.rk-cap .rk-verdict { min-height: 2.8em; padding-inline-start: 8px; border-inline-start: 3px solid var(--rk-line); }
.rk-cap .rk-verdict.rk-true { border-color: var(--rk-green); }
.rk-cap .rk-verdict.rk-false { border-color: var(--rk-orange); }
.rk-cap .rk-tools { --rk-rows: 4; }
.rk-cap .rk-foot { color: var(--rk-muted); font-size: max(0.74rem, 12px); }
.rk-cap .rk-foot i { display: inline-block; width: 9px; height: 9px; border-radius: 50%; background: #b86e00; }
.rk-cap .rk-said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@container (max-width: 559px) {
  .rk-cap { grid-template-columns: minmax(0, 1fr); gap: 6px; }
  .rk-cap .rk-half { display: contents; }
  .rk-cap .rk-scene { max-width: 200px; margin: 0 auto; }
  .rk-cap :is(.rk-step, .rk-kind) { display: none; } /* the words themselves can be tapped */
  .rk-cap .rk-tools { --rk-rows: 1; }
  .rk-cap :is(.rk-bars, .rk-tools) { order: 1; }
  .rk-cap .rk-foot { order: 2; }
}
`;

// What is laid over the picture: a glance, or behind the last of them the evidence for the word, its positive part.
function mapOf({ glances, evidence: e }, which) {
  if (which < glances.length) return glances[which];
  const total = e.reduce((sum, v) => sum + Math.max(0, v), 0) || 1;
  return e.map((v) => Math.max(0, v) / total);
}

// One button per word, with the look behind it as a small picture. onChoose(place).
function makeWords(onChoose) {
  const node = html("div", { class: "rk-words", role: "group", "aria-label": "The caption: choose a word" });
  const go = (by) => (event) => {
    const all = [...node.children];
    const to = Math.max(0, Math.min(all.length - 1, all.indexOf(event.target) + by));
    onChoose(to);
    all[to].focus();
  };
  onKeys(node, { ArrowRight: go(1), ArrowLeft: go(-1), Home: go(-Infinity), End: go(Infinity) });
  /** at: the chosen place; which: the glance to show; null for both before the prediction. */
  function update(said, words, at, which) {
    while (node.children.length > said.length) node.lastChild.remove();
    while (node.children.length < said.length) {
      const place = node.children.length;
      const one = button("", () => onChoose(place));
      one.append(html("canvas", { width: GRID, height: GRID, "aria-hidden": "true" }), html("span"));
      node.append(one);
    }
    if (at === null) node.setAttribute("tabindex", 0); // on narrow screens it scrolls, and no word can have the focus yet
    else node.removeAttribute("tabindex");
    said.forEach((step_said, place) => {
      const { id } = step_said;
      const one = node.children[place];
      const word = id === END ? "(end)" : words[id];
      if (one.lastElementChild.textContent !== word) one.lastElementChild.textContent = word;
      one.setAttribute("tabindex", place === (at ?? 0) ? 0 : -1);
      one.disabled = at === null;
      if (at === null) return;
      one.setAttribute("aria-pressed", place === at);
      const map = mapOf(step_said, which);
      const top = Math.max(...map);
      const image = new ImageData(GRID, GRID);
      map.forEach((w, r) => image.data.set([255, 210, 63, Math.round(255 * Math.sqrt(w / top))], 4 * r));
      one.firstElementChild.getContext("2d").putImageData(image, 0, 0);
      if (place === at) node.scrollLeft = one.offsetLeft - (node.clientWidth - one.offsetWidth) / 2; // on narrow screens
    });
  }
  return { node, update };
}

function makeBars() {
  const lines = Array.from({ length: BARS }, () => ({ word: html("b"), bar: html("i"), value: html("span", { class: "rk-value" }) }));
  const node = html("div", { class: "rk-bars", role: "group", "aria-label": "The five likeliest words" }, html("span", { class: "rk-kind" }, "likeliest words at this place"), lines.flatMap(({ word, bar, value }) => [word, html("span", {}, bar), value]));
  const update = (p, words) => {
    const best = [...p.keys()].sort((a, b) => p[b] - p[a]);
    lines.forEach(({ word, bar, value }, rank) => {
      const id = best[rank];
      word.textContent = id === END ? "(end)" : words[id];
      bar.style.width = `${100 * p[id]}%`;
      value.textContent = percent(p[id]);
    });
  };
  return { node, update };
}

export default {
  async render({ model, el }) {
    const sprites = await loadSprites(model.get("sprites"));
    const [net, words, scenes, apart] = [unpack(model.get("weights")), model.get("words"), model.get("scenes"), model.get("apart")];
    const names = Object.keys(sprites);
    let [said, at, which, answered, timer, frame] = [[], 0, net.glances - 1, false, 0, 0];

    const keep = (scene) => { model.set("scene", scene); model.save_changes(); };
    const editor = makeEditor({ sprites, scene: model.get("scene"), apart, onChange: (scene, settled) => {
      stop();
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => { // once per frame, however often the drawing moves
        read();
        if (!settled) return;
        keep(scene);
        tell(verdict.textContent);
      });
    } });
    const spoken = html("p", { class: "rk-said", "aria-live": "polite" });
    const tell = (text) => { spoken.textContent = text; };

    // ---- the caption and one of its words
    const onMove = (place) => { stop(); show(place, true); };
    const chips = makeWords(onMove);
    const bars = makeBars();
    const [where, verdict] = [html("p", { class: "rk-look" }), html("p", { class: "rk-verdict" })];
    const glanceButtons = Array.from({ length: net.glances + 1 }, (_, g) => button(g < net.glances ? `glance ${g + 1}` : "evidence", () => { which = g; show(at, true); }));
    const [back, next] = [button("‹", () => onMove(at - 1), { "aria-label": "Previous word", class: "rk-step" }), button("›", () => onMove(at + 1), { "aria-label": "Next word", class: "rk-step" })];
    const play = button("Play", () => (timer ? stop() : start()));
    function stop() {
      clearInterval(timer);
      timer = 0;
      play.textContent = "Play";
    }
    function start() {
      show(at >= said.length - 1 ? 0 : at);
      play.textContent = "Pause";
      timer = setInterval(() => {
        if (at >= said.length - 1 || !el.isConnected) stop();
        else show(at + 1);
      }, reducedMotion() ? 2 * PACE : PACE);
    }
    function show(place, aloud = false) {
      at = Math.max(0, Math.min(said.length - 1, place));
      if (!answered) return;
      const { id, p } = said[at];
      const map = mapOf(said[at], which);
      const { things } = editor.scene();
      chips.update(said, words, at, which);
      bars.update(p, words);
      editor.showMap(map);
      glanceButtons.forEach((one, g) => one.setAttribute("aria-pressed", g === which));
      for (const [one, useless] of [[back, at === 0], [next, at === said.length - 1]]) {
        if (useless && document.activeElement === one) chips.node.children[at].focus(); // a disabled button would lose it
        one.disabled = useless;
      }
      const on = under(strongest(map), things, sprites);
      const noun = id === END ? null : nounOf(words[id], names);
      const parts = shared(map, things, sprites).map(([name, share]) => `${name ?? "ground"} ${percent(share)}`).join(", ");
      const judged = noun === null ? "" : on === noun ? " There lies what the word names." : " What the word names lies elsewhere.";
      where.replaceChildren(html("b", {}, id === END ? "(end)" : `“${words[id]}”`), which < net.glances ? `: glance ${which + 1} is strongest on ${called(on)} (outlined).` : `: looking more at ${called(on)}, where outlined, would make it likelier the most.`, `${judged} In all: ${parts}.`);
      if (aloud) tell(where.textContent);
    }
    function read() {
      said = describe(net, editor.pixels());
      const { things } = editor.scene();
      const text = said.filter(({ id }) => id !== END).map(({ id }) => words[id]).join(" ");
      const truths = captions(things, sprites);
      const right = truths.includes(text);
      const met = strangers(things, apart).map(([a, b]) => `${a} and ${b}`);
      verdict.className = `rk-verdict rk-${right}`;
      verdict.replaceChildren(html("b", {}, right ? "True. " : "False. "),
        right ? "" : truths.length ? `True would be “${nearest(text, truths)}”. ` : "Nothing is true here: no two kinds are 8 pixels apart. ",
        met.length ? `In training, ${met.join("; ")} never met.` : "");
      if (answered) show(at);
      else question();
    }

    // ---- the prediction: a relation names nothing; where does the model look before it?
    const ask = html("div", { class: "rk-ask" });
    function question() {
      const { things } = editor.scene();
      const [place] = firstGlance(said, words, things, sprites);
      const word = words[said[place].id];
      const kinds = [...new Set(things.map(({ name }) => name)), null];
      ask.replaceChildren(html("p", {}, html("b", {}, "Predict. "), `Before each of these words the model glances at the picture ${TIMES[net.glances] ?? `${net.glances} times`}. “${word}” names no thing: on what does the first glance before it fall?`),
        html("div", { class: "rk-go" }, kinds.map((kind) => button(called(kind), () => answer(kind), { "aria-label": `I predict ${called(kind)}` }))));
      chips.update(said, words, null, null);
    }
    function answer(guess) {
      const [place, kind, share] = firstGlance(said, words, editor.scene().things, sprites);
      const named = said.slice(0, place).some(({ id }) => kind !== null && nounOf(words[id], names) === kind);
      ask.replaceChildren(html("p", { role: "status" }, html("b", {}, guess === kind ? "Right: " : "Not this time: "),
        `${percent(share)} of it lies on ${called(kind)}. `,
        kind === null ? "" : named ? "It starts from what it has named. " : "That is not named yet: to say how two things stand, it first chooses the other one. ",
        "Look at the other words; then drag a drawing past another."));
      [answered, which] = [true, 0];
      for (const part of waiting) part.inert = false;
      for (const part of [where, bars.node]) part.classList.remove("rk-hold");
      show(place);
      chips.node.children[at].focus({ preventScroll: true }); // the button that had the focus is gone
    }

    let number = 0;
    const another = button("Next scene", () => {
      stop();
      number = (number + 1) % scenes.length;
      at = 0;
      editor.set(scenes[number]);
      keep(editor.scene());
      read();
      tell(verdict.textContent);
    });
    const [go, glances] = [html("div", { class: "rk-go" }, back, play, next, another), html("div", { class: "rk-go", role: "group", "aria-label": "What is laid over the scene" }, glanceButtons)];
    const foot = html("p", { class: "rk-foot" }, apart.length ? [html("i"), " never with another kind here in training. "] : "", "Drawings: OpenMoji, CC BY-SA 4.0.");
    const waiting = [go, glances, editor.tools]; // until the reader has committed to a guess
    for (const part of waiting) part.inert = true;
    for (const part of [where, bars.node]) part.classList.add("rk-hold");
    el.append(html("style", {}, STYLE), html("div", { class: "rk-cap-box" }, html("div", { class: "rk-cap" }, ask, chips.node,
      html("div", { class: "rk-half" }, editor.stage, go, bars.node), html("div", { class: "rk-half" }, verdict, glances, where, editor.tools), foot, spoken)));
    model.on("change:scene", () => {
      if (JSON.stringify(model.get("scene")) === JSON.stringify(editor.scene())) return; // our own change
      editor.set(model.get("scene"));
      read();
    });
    read();
    return () => { stop(); cancelAnimationFrame(frame); };
  },
};
