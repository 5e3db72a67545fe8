// Ask a question of a picture: three models, which differ in how the question meets the picture, answer side by side.
import { select } from "../kit/controls.js";
import { html, live } from "../kit/dom.js";
import { makeEditor } from "../kit/editor.js";
import { predict } from "../kit/predict.js";
import { kindsOf, strangers, under } from "../kit/scene.js";
import { loadSprites } from "../kit/sprites.js";
import { argmax, softmax } from "../models/arrays.js";
import { article, capital } from "../models/language.js";
import { fillers, firstFill, FORMS, parse, swapped, truth, wordsOf } from "../models/questions.js";
import { answer, MODELS, see, unpack, unpackEye } from "../models/vqa.js";
import { COUNTS, QUESTION, TRY } from "../words/vqa.js";
import { makeGlance, makePanel } from "./vqa_panels.js";

const MOST = 4; // drawings in a scene, as in the training scenes

// ---- what does not change; keep(name, value) changes the state

async function fixedParts(model) {
  const [categories, words, answers, apart, scenes, questions] = ["categories", "words", "answers", "apart", "scenes", "questions"].map((name) => model.get(name));
  return {
    model, sprites: await loadSprites(model.get("sprites")), categories, words, answers, apart, scenes, questions, eye: unpackEye(model.get("encoder")),
    models: MODELS.map((name) => ({ name, net: unpack(model.get("models")[name]), panel: makePanel(name, answers) })),
    keep(name, value) { model.set(name, value); model.save_changes(); },
  };
}

/** What all models say of a picture: { right, said: [{ name, p, glances, word, good }] }. */
function solve({ sprites, categories, words, answers, eye, models }, question, pixels, things) {
  const right = truth(question, things, sprites, categories);
  const [regions, ids] = [see(pixels, eye), wordsOf(question).split(" ").map((word) => words.indexOf(word))];
  return { right, said: models.map(({ name, net }) => {
    const { scores, glances } = answer(name, net, regions, ids);
    const p = softmax([...scores]);
    return { name, p, glances, word: answers[argmax(p)], good: answers[argmax(p)] === right };
  }) };
}

// ---- the question: its form, and a menu for every gap

/** ask: { question }, what is asked; onChange(): another question. Returns { form, menus, set(question), refill() }. */
function makeMenus({ keep, categories }, ask, things, onChange) {
  const menus = html("div", { class: "rk-row rk-menus" });
  const form = select({ label: "question", value: ask.question.form, options: Object.entries(FORMS).map(([name, { menu }]) => [name, menu]), onChange: (name) => {
    set({ form: name, fill: firstFill(name, things(), categories) });
    onChange();
  } });
  function keepQuestion(question) {
    ask.question = question;
    keep("question", wordsOf(question));
  }
  const makeMenu = (gap, i) => select({ label: gap === "countable" ? "noun" : gap, value: ask.question.fill[i], options: fillers(gap, categories), onChange: (value) => {
    keepQuestion({ ...ask.question, fill: ask.question.fill.map((old, k) => (k === i ? value : old)) });
    onChange();
  } });
  function refill() {
    form.set(ask.question.form);
    menus.replaceChildren(...FORMS[ask.question.form].gaps.map(makeMenu));
  }
  function set(question) {
    keepQuestion(question);
    refill();
  }
  return { form, menus, set, refill };
}

// ---- the answers, and where attention looks

/** update(question, editor, aloud): aloud: it is read out too. */
function makeAnswers(parts) {
  const { models, sprites, apart } = parts;
  const told = html("p", { class: "rk-told" });
  const [note, hint] = [html("p", { class: "rk-small" }), html("p", { class: "rk-small" })];
  const spoken = live({ class: "rk-spoken" });
  const glances = ["1st", "2nd", "3rd"].map(makeGlance);
  function update(question, editor, aloud) {
    const { things } = editor.scene();
    const { right, said } = solve(parts, question, editor.pixels(), things);
    models.forEach(({ panel }, i) => panel.update(said[i].p, right));
    const looked = said.flatMap((one) => one.glances);
    glances.forEach(({ node, update: show }, g) => {
      node.hidden = !looked[g];
      if (looked[g]) show(editor.pixels(), looked[g], under(argmax(looked[g]), things, sprites));
    });
    const known = typeof right === "string";
    told.replaceChildren(html("b", {}, `${capital(wordsOf(question))}? `), ...(known ? ["True answer: ", html("b", {}, right), "."] : [`Not a question of the course: ${right[0].toLowerCase()} The models answer all the same.`]));
    const pair = strangers(things, apart)[0];
    note.textContent = pair ? `No training scene showed ${article(pair[0])} together with ${article(pair[1])}.` : "";
    hint.textContent = TRY[question.form];
    const judged = ({ name, word, good }) => `${name}: ${word}${known ? (good ? ", right" : ", wrong") : ""}`;
    if (aloud) spoken.textContent = `${told.textContent} ${said.map(judged).join(". ")}.`;
  }
  const key = html("p", { class: "rk-small rk-key" }, "Glances of attention: bright is seen. ", html("span", {}, "Framed: the brightest region. The other two get the whole picture as one vector."));
  const looks = html("div", { class: "rk-looks" }, glances.map(({ node }) => node), html("div", {}, key, hint, note));
  return { told, looks, spoken, update };
}

// ---- the prediction: two things change places, and every model is asked again

function askFirst(parts, asked, editor, reveal, goOn) {
  const solved = (scene) => {
    editor.set(scene);
    return solve(parts, asked.question, editor.pixels(), editor.scene().things);
  };
  function outcome() {
    const scene = editor.scene();
    const [after, before] = [swapped(scene), scene].map(solved); // the scene stands again as it did
    return { right: before.said.filter((one, i) => one.good && after.said[i].good).length, before, after };
  }
  const quiz = predict({ model: parts.model, question: QUESTION, outcome, goOn, answer(guess, { right, before, after }) {
    const mark = ({ word, good }) => `${word} ${good ? "✓" : "✗"}`;
    reveal();
    return [html("b", {}, guess === COUNTS[right] ? "Right: " : "Not this time: "), `${COUNTS[right]}. `,
      ...before.said.flatMap((one, i) => [html("b", {}, capital(one.name)), `: ${mark(one)}, then ${mark(after.said[i])}${i < 2 ? "; " : ". "}`]), "Now drag the drawings, ask more."];
  } });
  function update() {
    const [a, b] = editor.scene().things;
    quiz.ask(COUNTS, { question: wordsOf(asked.question), first: a.name, second: b.name });
  }
  return { node: quiz, update };
}

export default {
  async render({ model, el }) {
    const parts = await fixedParts(model);
    const { sprites, categories, apart, scenes, questions, keep, models } = parts;
    const asked = { question: parse(model.get("question"), categories) };
    let [answered, frame] = [false, 0];
    const answers = makeAnswers(parts);
    const later = (settled) => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => answers.update(asked.question, editor, settled && answered)); // once per frame, however often a drawing moves
    };
    const editor = makeEditor({ sprites, scene: model.get("scene"), most: MOST, apart, onChange: (scene, settled) => {
      if (settled) keep("scene", scene);
      later(settled);
    } });
    const { form, menus, set, refill } = makeMenus(parts, asked, () => editor.scene().things, () => later(true));
    const pick = select({ label: "scene", value: "0", options: scenes.map(({ things }, i) => [String(i), `${i + 1}: ${kindsOf(things).join(", ")}`]), onChange: (v) => {
      set(parse(questions[Number(v)], categories));
      editor.set(scenes[Number(v)]);
      keep("scene", editor.scene());
      if (answered) later(true);
      else quiz.update();
    } });
    const quiz = askFirst(parts, asked, editor, () => {
      answered = true;
      talk.hidden = tools.hidden = false;
      page.classList.add("rk-open");
      answers.update(asked.question, editor, false);
    }, () => {
      editor.set(swapped(editor.scene()));
      keep("scene", editor.scene());
      answers.update(asked.question, editor, true);
      form.input.focus({ preventScroll: true });
    });
    const tools = html("div", { class: "rk-edit", hidden: true }, editor.tools);
    const talk = html("div", { class: "rk-talk", hidden: true }, form, menus, answers.told, html("div", { class: "rk-models" }, models.map(({ panel }) => panel.node)), answers.looks);
    const foot = html("p", { class: "rk-small rk-foot" }, apart.length ? [html("i"), " a pair unseen in training. "] : "", "Drawings: OpenMoji, CC BY-SA 4.0.");
    const page = html("div", { class: "rk-vqa" }, html("div", { class: "rk-shown" }, pick, editor.stage, tools), quiz.node, talk, foot, answers.spoken);
    el.append(html("div", { class: "rk-vqa-box" }, page));
    const follow = (name, now, show) => model.on(`change:${name}`, () => {
      if (JSON.stringify(model.get(name)) === JSON.stringify(now())) return; // our own change
      show(model.get(name));
      refill();
      later(true);
    });
    follow("scene", editor.scene, editor.set);
    follow("question", () => wordsOf(asked.question), (words) => { asked.question = parse(words, categories); });
    refill();
    quiz.update();
    return () => cancelAnimationFrame(frame);
  },
};
