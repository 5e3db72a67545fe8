// Ask a question of a picture: three models, which differ in how the question meets the picture, answer side by side.
import { button, decodeArray, html, live, rich, select, softmax, svg } from "./kit.js";
import { boxOf, encode, GRID, linear, loadSprites, makeEditor, relations, SCENE_STYLE, SIDE, strangers, unpackConvolution } from "./scene.js";

// ---- the models: those of rnnkit.nn.vqa, weights by the same names ----------------------------------------------

const sigmoid = (v) => 1 / (1 + Math.exp(-v));
const relu = (x) => x.map((v) => Math.max(0, v));
const joined = (...parts) => Float64Array.from(parts.flatMap((part) => [...part]));
const affine = (net, name, x) => linear(x, net[`${name}.weight`], net[`${name}.bias`]);

/** The packed weights of one model: name -> { shape, data }. */
export const unpack = (packed) => Object.fromEntries(Object.entries(packed).map(([name, array]) => [name, decodeArray(array)]));

/** A question's vector: the state of an LSTM (gates i, f, g, o, as torch packs them) after its last word. */
export function readQuestion(net, ids) {
  const [table, W_ih, W_hh, b_ih, b_hh] = ["embedding.weight", "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0"].map((name) => net[`question.${name}`]);
  const [D, H] = [table.shape[1], W_hh.shape[1]];
  let [h, c] = [new Float64Array(H), new Float64Array(H)];
  for (const id of ids) {
    const fromWord = linear(table.data.subarray(id * D, (id + 1) * D), W_ih, b_ih);
    const fromState = linear(h, W_hh, b_hh);
    const gate = (k, j) => fromWord[k * H + j] + fromState[k * H + j];
    c = c.map((v, j) => sigmoid(gate(1, j)) * v + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)));
    h = c.map((v, j) => sigmoid(gate(3, j)) * Math.tanh(v));
  }
  return h;
}

const MODELS = ["concatenation", "multiplication", "attention"];

// How the question's vector and the picture's become one; attention changes where the picture's comes from.
const multiply = (q, v) => q.map((_, i) => q[i] * v[i]);
const FUSE = { concatenation: (q, v) => relu(q.map((_, i) => q[i] + v[i])), multiplication: multiply, attention: multiply };

/** Where each region lies: x and y from -1 to 1, and waves of them; as `coordinates` of rnnkit.nn.attention. */
export function coordinates() {
  const line = (i) => (2 * i) / (GRID - 1) - 1;
  return Array.from({ length: GRID * GRID }, (_, r) => {
    const xy = [line(r % GRID), line(Math.floor(r / GRID))];
    const waves = [0.5, 1, 2].flatMap((f) => [Math.sin, Math.cos].flatMap((wave) => xy.map((v) => wave(f * Math.PI * v))));
    return [...xy.map((v) => 2 * v), ...waves];
  });
}

// The picture as one vector: every region narrowed to a few numbers, all of them side by side.
const whole = (net, regions) => ({ picture: joined(...regions.map((x) => relu(affine(net, "narrow", x)))), glances: [] });

// What the question looks at: each glance weighs the regions; what it saw refines the question of the next.
function glimpse(net, regions, question) {
  const where = coordinates();
  const placed = regions.map((x, r) => joined(relu(affine(net, "what", x)), where[r]));
  const [keys, values] = ["key", "value"].map((name) => placed.map((x) => affine(net, name, x)));
  const [contexts, glances] = [[], []];
  for (let g = 0; net[`looks.${g}.query.weight`]; g += 1) {
    const query = affine(net, `looks.${g}.query`, joined(question, ...contexts));
    const weights = softmax(keys.map((key) => key.reduce((sum, k, i) => sum + k * query[i], 0) / Math.sqrt(query.length)));
    contexts.push(values[0].map((_, i) => weights.reduce((sum, w, r) => sum + w * values[r][i], 0)));
    glances.push(weights);
  }
  return { picture: joined(...contexts), glances };
}

/** Ask one model: the scores of the answers (A,), and where it looked: one array of weights (R,) for each glance.
 *  regions: R arrays of C numbers, from `see`. ids: the question's words. */
export function answer(name, net, regions, ids) {
  const question = readQuestion(net, ids);
  const standard = regions.map((x) => x.map((v, i) => (v - net.mean.data[i]) / net.deviation.data[i]));
  const { picture, glances } = name === "attention" ? glimpse(net, standard, question) : whole(net, standard);
  const fused = FUSE[name](affine(net, "W_q", question), affine(net, "W_v", picture));
  return { scores: affine(net, "answer", relu(affine(net, "hidden", fused))), glances };
}

/** The eye: three convolutions. */
export const unpackEye = (packed) => [1, 2, 3].map((i) => unpackConvolution(packed[`conv${i}`], packed[`conv${i}_b`]));

/** What the eye makes of a picture (SIDE, SIDE, 3): GRID * GRID regions of C numbers. */
export function see(pixels, eye) {
  const flat = encode(pixels, eye);
  const C = flat.length / (GRID * GRID);
  return Array.from({ length: GRID * GRID }, (_, r) => flat.subarray(r * C, (r + 1) * C));
}

// ---- the questions and their true answers: the grammar of rnnkit.scenes.questions ---------------------------------

const NUMBERS = ["zero", "one", "two", "three"];
const RELATIONS = ["left of", "right of", "above", "below"];
const OPPOSITE = { "left of": "right of", "right of": "left of", above: "below", below: "above" };
const CATEGORIES = ["animal", "food", "vehicle"];
const COUNTED = ["animal", "vehicle"]; // categories with a plural
const plural = (noun) => noun + (noun.endsWith("s") ? "es" : "s");
const article = (noun) => `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
const capital = (text) => text[0].toUpperCase() + text.slice(1);
const different = (things) => [...new Set(things.map(({ name }) => name))];

// A question needs exactly one of what it calls "the ...": the reason why it cannot be asked, or undefined.
function notOne(seen, ...nouns) {
  const bad = nouns.find((noun) => seen.count(noun) !== 1);
  return bad && [seen.count(bad) ? `There is more than one ${bad}.` : `There is no ${bad}.`];
}

/** The five forms: what fills their gaps, their words, and what is true; see `facts`. `truth` returns the answer, or
 *  [the reason why the question is not asked]. */
export const FORMS = {
  existence: { menu: "is there a …", gaps: ["noun"], words: (a) => `is there ${article(a)}`,
    truth: (seen, a) => (seen.count(a) ? "yes" : "no") },
  counting: { menu: "how many … are there", gaps: ["countable"], words: (a) => `how many ${plural(a)} are there`,
    truth: (seen, a) => NUMBERS[seen.count(a)] ?? ["The models know no number above three."] },
  kind: { menu: "what … is there", gaps: ["category"], words: (a) => `what ${a} is there`,
    truth(seen, a) {
      const found = seen.kinds.filter((kind) => seen.isA(kind, a));
      return found.length === 1 ? found[0] : [`There is ${found.length ? "more than one kind" : "no kind"} of ${a}.`];
    } },
  what: { menu: "what is … the …", gaps: ["relation", "noun"], words: (r, b) => `what is ${r} the ${b}`,
    truth(seen, r, b) {
      const near = seen.kinds.filter((a) => a !== b && seen.slightly(a, r, b));
      if (notOne(seen, b)) return notOne(seen, b);
      if (near.length === 1 && seen.clearly(near[0], r, b)) return near[0];
      return [near.length > 1 ? `More than one kind is ${r} the ${b}.` : `Nothing is clearly ${r} the ${b}.`];
    } },
  relation: { menu: "is the … … the …", gaps: ["noun", "relation", "noun"], words: (a, r, b) => `is the ${a} ${r} the ${b}`,
    truth(seen, a, r, b) {
      if (a === b) return ["It needs two different kinds."];
      if (notOne(seen, a, b)) return notOne(seen, a, b);
      if (seen.clearly(a, r, b)) return "yes";
      return seen.clearly(a, OPPOSITE[r], b) ? "no" : ["Less than 8 pixels lie between the centres: too close to call."];
    } },
};

/** What may fill a gap. categories: kind -> category. */
export const fillers = (gap, categories) => ({
  noun: Object.keys(categories), category: CATEGORIES, countable: [...Object.keys(categories), ...COUNTED], relation: RELATIONS,
})[gap];

/** The words of a question { form, fill }, and back: no two questions have the same words. */
export const wordsOf = ({ form, fill }) => FORMS[form].words(...fill);
export function parse(words, categories) {
  for (const [form, { gaps }] of Object.entries(FORMS)) {
    const fills = gaps.reduce((found, gap) => found.flatMap((fill) => fillers(gap, categories).map((one) => [...fill, one])), [[]]);
    const fill = fills.find((one) => FORMS[form].words(...one) === words);
    if (fill) return { form, fill };
  }
  throw new Error(`question: expected one of the grammar, got ${words}`);
}

/** What can be said of a scene: count(noun or category), kinds, isA(kind, category), clearly(a, relation, b) for all
 *  drawings of both, by 8 pixels, and slightly(a, relation, b) for any drawing of a, be it by half a pixel. */
function facts(things, sprites, categories) {
  const clear = relations(things, sprites).map((fact) => fact.join(" "));
  const centres = (noun, axis) => things.filter(({ name }) => name === noun).map((thing) => boxOf(thing, sprites)).map((box) => box[axis] + box[axis + 2]);
  return {
    kinds: different(things),
    count: (noun) => things.filter(({ name }) => name === noun || categories[name] === noun).length,
    isA: (kind, category) => categories[kind] === category,
    clearly: (a, relation, b) => clear.includes(`${a} ${relation} ${b}`),
    slightly(a, relation, b) {
      const side = RELATIONS.indexOf(relation);
      const sign = side % 2 ? -1 : 1;
      const [ours, theirs] = [a, b].map((noun) => centres(noun, Math.floor(side / 2)));
      return ours.some((p) => theirs.some((q) => sign * (q - p) > 0));
    },
  };
}

/** What is true of a scene: the answer, or [the reason why the question is not asked]. */
export const truth = ({ form, fill }, things, sprites, categories) => FORMS[form].truth(facts(things, sprites, categories), ...fill);

/** The scene in which the first two things have changed places. */
export function swapped(scene) {
  const [a, b, ...others] = scene.things;
  return { ...scene, things: [{ ...a, x: b.x, y: b.y }, { ...b, x: a.x, y: a.y }, ...others] };
}

/** The name of the thing whose box holds the centre of a region, or undefined. */
export function under(region, things, sprites) {
  const [x, y] = [region % GRID, Math.floor(region / GRID)].map((at) => GRID * (at + 0.5));
  const inside = ([left, top, right, bottom]) => left <= x && x < right && top <= y && y < bottom;
  return things.find((thing) => inside(boxOf(thing, sprites)))?.name;
}

// ---- the figure ---------------------------------------------------------------------------------------------------

const BARS = 5;
const MOST = 4; // drawings in a scene, as in the training scenes
const HYPHENS = { concatenation: "concat\u00adenation", multiplication: "multi\u00adplication", attention: "attention" }; // where a phone may break them
const COUNTS = ["none", "one", "two", "all three"];
const TRY = {
  existence: "Try: choose the thing, then another drawing from the palette. Who goes on seeing what has gone?",
  counting: "Try: press Add, then Remove. Whose number follows?",
  kind: "Try: put another drawing in its place. Who calls it by its new name?",
  what: "Try: let two things change places. Whose answer changes with them?",
  relation: "Try: drag one thing past the other. Whose answer turns, and where?",
};

const STYLE = `
.rk-vqa-box { container-type: inline-size; font-size: 0.84rem; }
.rk-vqa { display: grid; grid-template-columns: 240px minmax(0, 1fr); gap: 8px 16px; align-items: start; }
.rk-vqa p { margin: 0; line-height: 1.45; }
.rk-vqa > .rk-ask { display: flex; flex-wrap: wrap; align-items: center; align-self: center; gap: 6px 8px; min-height: 3em; }
.rk-vqa.rk-open > .rk-ask { grid-column: 1 / -1; order: -1; }
.rk-vqa .rk-ask > p { flex: 1 1 100%; }
.rk-vqa .rk-row { margin: 0; gap: 4px 8px; flex-wrap: nowrap; }
.rk-vqa .rk-field { flex: 1 1 0; min-width: 0; margin: 0; }
.rk-vqa .rk-field > label { font-size: max(0.72rem, 12px); line-height: 1.3; }
.rk-vqa .rk-field > select { width: 100%; min-width: 0; padding: 0 2px; font-size: 16px; }
.rk-vqa > :is(.rk-shown, .rk-talk) { display: flex; flex-direction: column; gap: 8px; min-width: 0; }
.rk-vqa .rk-told > b:first-child { font-size: 1.1em; }
.rk-vqa .rk-models { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 6px; }
.rk-vqa .rk-model { min-width: 0; padding: 6px 8px; background: var(--rk-paper); border: 1px solid var(--rk-line); border-radius: 6px; }
.rk-vqa .rk-model > b { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 4px; margin-bottom: 2px; font-size: max(0.72rem, 12px); line-height: 1.4; }
.rk-vqa .rk-verdict.rk-yes { color: var(--rk-green); }
.rk-vqa .rk-verdict.rk-no { color: var(--rk-red); }
.rk-vqa .rk-answer { position: relative; display: flex; justify-content: space-between; gap: 4px; height: 18px; padding: 0 4px; font-size: 12px; line-height: 18px; font-variant-numeric: tabular-nums; }
.rk-vqa .rk-answer > i { position: absolute; inset: 1px auto 1px 0; background: color-mix(in srgb, var(--rk-blue) 30%, transparent); border-inline-start: 1px solid var(--rk-blue); border-radius: 0 3px 3px 0; }
.rk-vqa .rk-answer > span { z-index: 1; } /* the word lies on its bar */
.rk-vqa .rk-answer.rk-true { font-weight: 700; }
.rk-vqa .rk-answer.rk-true > i { background: color-mix(in srgb, var(--rk-green) 34%, transparent); border-color: var(--rk-green); }
.rk-vqa .rk-looks { display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: flex-start; }
.rk-vqa .rk-looks > figure { flex: 0 0 112px; min-width: 0; margin: 0; }
.rk-vqa .rk-looks > div:last-child { flex: 1 1 140px; display: grid; gap: 4px; }
.rk-vqa .rk-looks figcaption { margin: 2px 0 0; font-size: 12px; line-height: 1.3; }
.rk-vqa .rk-small { color: var(--rk-muted); font-size: max(0.74rem, 12px); }
.rk-vqa .rk-small i { display: inline-block; width: 9px; height: 9px; background: #b86e00; border-radius: 50%; }
.rk-vqa .rk-foot { grid-column: 1 / -1; }
.rk-vqa .rk-tools > .rk-buttons > button { padding: 0 2px; font-size: 0.8rem; }
.rk-vqa .rk-spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.rk-vqa > [hidden] { display: none; }
@container (max-width: 559px) {
  .rk-vqa { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 6px 8px; font-size: max(0.78rem, 12.5px); }
  .rk-vqa > .rk-shown, .rk-vqa > .rk-talk:not([hidden]) { display: contents; }
  .rk-vqa > :is(.rk-shown, .rk-talk, .rk-ask, div) > :not(.rk-field, button), .rk-vqa > .rk-ask { grid-column: 1 / -1; }
  .rk-vqa .rk-field > label { white-space: nowrap; }
  .rk-vqa > .rk-shown > .rk-scene { width: 180px; margin: 0 auto; order: 1; }
  .rk-vqa .rk-menus { order: 1; }
  .rk-vqa .rk-menus label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .rk-vqa .rk-told { order: 2; min-height: 2.9em; }
  .rk-vqa .rk-models { order: 2; gap: 4px; }
  .rk-vqa .rk-looks { order: 3; flex-wrap: wrap; gap: 4px 8px; }
  .rk-vqa .rk-looks > div:last-child { display: contents; }
  .rk-vqa .rk-looks p { flex: 1 1 100%; }
  .rk-vqa .rk-edit { order: 4; }
  .rk-vqa .rk-foot { order: 5; }
  .rk-vqa .rk-looks > figure { flex: 1 1 0; max-width: 92px; }
  .rk-vqa .rk-looks .rk-key { order: -1; }
  .rk-vqa .rk-looks p:empty, .rk-vqa .rk-key > span { display: none; }
  .rk-vqa .rk-model { padding: 4px; }
  .rk-vqa .rk-model > b { line-height: 1.2; }
  .rk-vqa .rk-model > b > span:first-child { min-height: 2.4em; }
  .rk-vqa .rk-looks figcaption { white-space: nowrap; letter-spacing: -0.03em; }
  .rk-vqa .rk-tools > .rk-palette { grid-template-rows: 44px; }
}
`;

const best = (p) => p.indexOf(Math.max(...p));
const short = (v) => (v > 0.995 ? "1.0" : v < 0.005 ? "0" : v.toFixed(2).slice(1));

// One model's answers: its name, whether it is right, and the likeliest answers as bars.
function makePanel(name, answers) {
  const verdict = html("span", { class: "rk-verdict" });
  const lines = Array.from({ length: BARS }, () => {
    const [word, bar, value] = [html("span"), html("i"), html("span")];
    return { node: html("div", { class: "rk-answer" }, bar, word, value), word, bar, value };
  });
  const node = html("div", { class: "rk-model", role: "group", "aria-label": `Answers by ${name}` }, html("b", {}, html("span", {}, HYPHENS[name]), verdict), lines.map((line) => line.node));
  function update(p, right) {
    const order = [...p.keys()].sort((a, b) => p[b] - p[a]);
    lines.forEach((line, rank) => {
      const id = order[rank];
      line.node.hidden = id === undefined;
      if (id === undefined) return;
      line.word.textContent = answers[id];
      line.bar.style.width = `${100 * p[id]}%`;
      line.value.textContent = short(p[id]);
      line.node.classList.toggle("rk-true", answers[id] === right);
    });
    const good = answers[order[0]] === right;
    verdict.textContent = typeof right !== "string" ? "" : good ? "✓ right" : "✗ wrong";
    verdict.className = `rk-verdict ${good ? "rk-yes" : "rk-no"}`;
  }
  return { node, update };
}

// A small copy of the picture with one glance laid over it: dark where the model does not look.
function makeGlance(order) {
  const screen = html("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  const square = (r, attributes) => svg("rect", { x: GRID * (r % GRID), y: GRID * Math.floor(r / GRID), width: GRID, height: GRID, ...attributes });
  const squares = Array.from({ length: GRID * GRID }, (_, r) => square(r, {}));
  const frames = ["rk-around", "rk-strongest"].map((kind) => square(0, { class: kind, rx: 0.6 }));
  const view = svg("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img" }, svg("g", { class: "rk-shade" }, squares), frames);
  const said = html("figcaption");
  const node = html("figure", {}, html("div", { class: "rk-scene" }, screen, view), said);
  function update(pixels, weights, name) {
    const image = new ImageData(SIDE, SIDE);
    for (let i = 0; i < SIDE * SIDE; i += 1) image.data.set([pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2], 255], 4 * i);
    screen.getContext("2d").putImageData(image, 0, 0);
    const top = best(weights);
    squares.forEach((one, r) => one.setAttribute("fill-opacity", (0.62 * (1 - Math.sqrt(weights[r] / weights[top]))).toFixed(3)));
    for (const frame of frames) for (const axis of ["x", "y"]) frame.setAttribute(axis, squares[top].getAttribute(axis));
    said.textContent = `${order}: ${name ?? "ground"}`;
    view.setAttribute("aria-label", `Attention's glance, ${said.textContent}`);
  }
  return { node, update };
}

export default {
  async render({ model, el }) {
    const sprites = await loadSprites(model.get("sprites"));
    const [categories, words, answers, apart, scenes, questions] = ["categories", "words", "answers", "apart", "scenes", "questions"].map((name) => model.get(name));
    const eye = unpackEye(model.get("encoder"));
    const models = MODELS.map((name) => ({ name, net: unpack(model.get("models")[name]), panel: makePanel(name, answers) }));
    let [question, answered, frame] = [parse(model.get("question"), categories), false, 0];
    const keep = (name, value) => { model.set(name, value); model.save_changes(); };

    // ---- asking
    /** What all models say of a picture: { right, said: [{ name, p, glances, word, good }] }. */
    function solve(pixels, things) {
      const right = truth(question, things, sprites, categories);
      const [regions, ids] = [see(pixels, eye), wordsOf(question).split(" ").map((word) => words.indexOf(word))];
      return { right, said: models.map(({ name, net }) => {
        const { scores, glances } = answer(name, net, regions, ids);
        const p = softmax([...scores]);
        return { name, p, glances, word: answers[best(p)], good: answers[best(p)] === right };
      }) };
    }
    const told = html("p", { class: "rk-told" });
    const note = html("p", { class: "rk-small" });
    const hint = html("p", { class: "rk-small" });
    const spoken = live({ class: "rk-spoken" });
    const glances = ["1st", "2nd", "3rd"].map(makeGlance);
    function update(settled) {
      const { things } = editor.scene();
      const { right, said } = solve(editor.pixels(), things);
      models.forEach(({ panel }, i) => panel.update(said[i].p, right));
      const looked = said.flatMap((one) => one.glances);
      glances.forEach(({ node, update: show }, g) => {
        node.hidden = !looked[g];
        if (looked[g]) show(editor.pixels(), looked[g], under(best(looked[g]), things, sprites));
      });
      const known = typeof right === "string";
      told.replaceChildren(html("b", {}, `${capital(wordsOf(question))}? `), ...(known ? ["True answer: ", html("b", {}, right), "."] : [`Not a question of the course: ${right[0].toLowerCase()} The models answer all the same.`]));
      const pair = strangers(things, apart)[0];
      note.textContent = pair ? `No training scene showed ${article(pair[0])} together with ${article(pair[1])}.` : "";
      hint.textContent = TRY[question.form];
      if (settled && answered) spoken.textContent = `${told.textContent} ${said.map((one) => `${one.name}: ${one.word}${known ? (one.good ? ", right" : ", wrong") : ""}`).join(". ")}.`;
    }
    const later = (settled) => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => update(settled)); // once per frame, however often a drawing moves
    };

    // ---- the scene and the question
    const editor = makeEditor({ sprites, scene: model.get("scene"), most: MOST, apart, onChange: (scene, settled) => {
      if (settled) keep("scene", scene);
      later(settled);
    } });
    const menus = html("div", { class: "rk-row rk-menus" });
    const setQuestion = (next) => { question = next; keep("question", wordsOf(question)); };
    const form = select({ label: "question", value: question.form, options: Object.entries(FORMS).map(([name, { menu }]) => [name, menu]), onChange: (name) => {
      setQuestion({ form: name, fill: firstFill(name, editor.scene().things, categories) });
      refill();
      later(true);
    } });
    function refill() { // a menu for every gap
      form.set(question.form);
      menus.replaceChildren(...FORMS[question.form].gaps.map((gap, i) => select({ label: gap === "countable" ? "noun" : gap, value: question.fill[i], options: fillers(gap, categories), onChange: (value) => {
        setQuestion({ ...question, fill: question.fill.map((old, k) => (k === i ? value : old)) });
        later(true);
      } })));
    }
    const pick = select({ label: "scene", value: "0", options: scenes.map(({ things }, i) => [String(i), `${i + 1}: ${different(things).join(", ")}`]), onChange: (v) => {
      setQuestion(parse(questions[Number(v)], categories));
      refill();
      editor.set(scenes[Number(v)]);
      keep("scene", editor.scene());
      if (answered) later(true);
      else predict();
    } });

    // ---- the prediction: two things change places, and every model is asked again
    const quiz = html("div", { class: "rk-ask" });
    function predict() {
      const [a, b] = editor.scene().things;
      quiz.replaceChildren(html("p", {}, rich(`Predict. Three models, concatenation, multiplication and attention, are asked \`${wordsOf(question)}\`. Then the ${a.name} and the ${b.name} change places, and they are asked again. How many of the three are right both times?`)),
        ...COUNTS.map((guess, n) => button(guess, () => reveal(n), { "aria-label": `I predict ${guess}` })));
    }
    function reveal(guess) {
      const [before, after] = [editor.scene(), swapped(editor.scene())].map((scene) => {
        editor.set(scene);
        return solve(editor.pixels(), editor.scene().things);
      });
      const both = before.said.filter((one, i) => one.good && after.said[i].good).length;
      const mark = ({ word, good }) => `${word} ${good ? "✓" : "✗"}`;
      quiz.replaceChildren(html("p", { role: "status" }, html("b", {}, guess === both ? "Right: " : "Not this time: "), `${COUNTS[both]}. `,
        before.said.flatMap((one, i) => [html("b", {}, capital(one.name)), `: ${mark(one)}, then ${mark(after.said[i])}${i < 2 ? "; " : ". "}`]), "Now drag the drawings, ask more."));
      answered = true;
      talk.hidden = tools.hidden = false;
      page.classList.add("rk-open");
      keep("scene", editor.scene());
      update(true);
      form.input.focus({ preventScroll: true }); // the button that had the focus is gone
    }

    const tools = html("div", { class: "rk-edit", hidden: true }, editor.tools);
    const looks = html("div", { class: "rk-looks" }, glances.map(({ node }) => node), html("div", {}, html("p", { class: "rk-small rk-key" }, "Glances of attention: bright is seen. ", html("span", {}, "Framed: the brightest region. The other two get the whole picture as one vector.")), hint, note));
    const talk = html("div", { class: "rk-talk", hidden: true }, form, menus, told, html("div", { class: "rk-models" }, models.map(({ panel }) => panel.node)), looks);
    const foot = html("p", { class: "rk-small rk-foot" }, apart.length ? [html("i"), " a pair unseen in training. "] : "", "Drawings: OpenMoji, CC BY-SA 4.0.");
    const page = html("div", { class: "rk-vqa" }, html("div", { class: "rk-shown" }, pick, editor.stage, tools), quiz, talk, foot, spoken);
    el.append(html("style", {}, SCENE_STYLE + STYLE), html("div", { class: "rk-vqa-box" }, page));
    for (const name of ["scene", "question"]) {
      model.on(`change:${name}`, () => {
        const same = name === "scene" ? JSON.stringify(model.get(name)) === JSON.stringify(editor.scene()) : model.get(name) === wordsOf(question);
        if (same) return; // our own change
        if (name === "scene") editor.set(model.get(name));
        else question = parse(model.get(name), categories);
        refill();
        later(true);
      });
    }
    refill();
    predict();
    return () => cancelAnimationFrame(frame);
  },
};

/** What fills the gaps of a form at first: the kinds of the scene, in order. */
export function firstFill(form, things, categories) {
  const kinds = different(things);
  return FORMS[form].gaps.map((gap) => {
    if (gap === "relation") return RELATIONS[0];
    if (gap === "category") return CATEGORIES.find((one) => kinds.some((kind) => categories[kind] === one)) ?? CATEGORIES[0];
    return kinds.shift() ?? things[0].name;
  });
}
