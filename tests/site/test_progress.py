"""A reader's progress: kept in the browser, shown in the side bar and on the landing page, exported, taken in, cleared."""

import json
import re
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from rnnkit.show import quiz
from rnnkit.show.bundle import WEB

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book" / "_ext"), str(ROOT / "tools")]

import minutes  # noqa: E402
from course import outline  # noqa: E402
from sections import chapters, pieces  # noqa: E402

pytestmark = pytest.mark.browser
HOME, CHAPTER = "book/index.html", "notebooks/02_vanilla_rnn.html"
PAGE = CHAPTER.removesuffix(".html")
KEY = "rnn-course-progress"
SECTION = "the-initial-state"
READY = "html[data-progress]"


def progress(**pages):
    return {"kind": KEY, "version": 1, "pages": {PAGE: pages} if pages else {}}


def keep(what):
    """A script that a page finds this kept in its browser by, unless something is."""
    text = json.dumps(what if isinstance(what, str) else json.dumps(what))
    return f"localStorage['{KEY}'] ??= {text}"


def right(**more):
    return {"chosen": "a", "right": True, "tries": 1, **more}


# ---- counting, without a page


def count(call, code, *given):
    return call("progress/kept progress/counts", code, *given)


ENTRY = {
    "page": PAGE,
    "title": "2. A",
    "core": ["a", "b"],
    "further": ["c"],
    "predictions": {"p": ["P?"], "q": ["Q?"]},
    "quiz": {"z": ["X?", "Y?"]},
}


def test_only_what_a_chapter_has_is_counted(call):
    answers = {
        "p": {"P?": {"guess": 1.5, "right": False, "tries": 1}},
        "z": {"X?": right(tries=2), "Gone?": right(), "Y?": right(right=False)},
    }
    kept = progress(read=["a", "c", "gone"], answers=answers)
    counts = count(call, "(_, a, b) => _.counted(a, b)", ENTRY, kept)
    assert counts == {
        "core": [1, 2],
        "further": [1, 1],
        "predicted": [1, 2],
        "solved": [1, 2],
        "held": 0,
        "first": 0,
    }
    assert count(call, "(_, a) => _.share(a)", counts) == 0.5
    assert count(call, "(_, a) => _.said(a)", counts) == (
        "1 of 2 sections of the core read, 1 of 1 further sections read, "
        "1 of 2 predictions made, 1 of 2 quiz questions solved"
    )
    assert count(call, "(_, a) => _.summed([a, a])", counts)["core"] == [2, 4]


@pytest.mark.parametrize(
    ("read", "place"),
    [([], "a"), (["a"], "b"), (["b"], "d"), (["d"], "a"), (["a", "b", "d"], None)],
)
def test_the_next_section_follows_the_last_one_read(call, read, place):
    outline = [ENTRY, {**ENTRY, "page": "notebooks/03", "core": ["d"]}]
    pages = {
        PAGE: {"read": [name for name in read if name != "d"]},
        "notebooks/03": {"read": [name for name in read if name == "d"]},
    }
    found = count(
        call, "(_, a, b) => _.next(a, b)", outline, {**progress(), "pages": pages}
    )
    assert (found and found[1]) == place


def test_two_browsers_progress_becomes_one(call):
    one = progress(read=["a"], answers={"z": {"X?": right(right=False), "Y?": right()}})
    other = progress(
        read=["b", "a"], answers={"z": {"X?": right(tries=3), "Y?": right(tries=9)}}
    )
    merged = count(call, "(_, a, b) => _.merged(a, b)", one, other)
    page = merged["pages"][PAGE]
    assert page["read"] == ["a", "b"]
    assert [page["answers"]["z"][name]["tries"] for name in ("X?", "Y?")] == [3, 1]
    assert count(call, "(_, a, b) => _.merged(a, b)", progress(), other) == other


def test_a_widget_is_told_what_was_answered(call):
    """In a notebook the same view hands the answers to Python, by way of the widget's model."""
    code = """(_, question) => {
      const given = { kind: "predict", questions: [question], next: "", given: {} }, el = document.createElement("div");
      let saved = 0;
      const model = { get: (name) => given[name], set: (name, value) => { given[name] = value; }, save_changes: () => { saved += 1; } };
      _.default.render({ model, el });
      el.querySelector("input").checked = true;
      el.querySelector("button").click();
      return [given.given, saved];
    }"""
    options = [{"text": "a", "correct": True, "feedback": "Yes."}]
    question = {"question": "X?", "options": options}
    assert call("views/quiz", code, question) == [{"X?": right()}, 1]


ASK = """async (_, given) => {
  const shown = [];
  const state = { given };
  let saved = 0;
  const model = { get: (name) => state[name], set: (name, value) => { state[name] = value; }, save_changes: () => { saved += 1; } };
  const node = _.predict({ model, question: "How many `{what}`?", outcome: () => ({ right: 1 }), goOn: () => shown.push("goes on"),
    answer: (guess) => { shown.push(guess); return [`It is two, not ${guess}.`]; } });
  node.ask(["one", "two"], { what: "steps" });
  const asked = node.querySelector("p").textContent;
  await null;
  node.querySelector("button")?.click();
  return [asked, node.textContent, shown, state.given, saved];
}"""
ASKED = "How many `{what}`?"


def guess(chosen, right):
    return {ASKED: {"chosen": chosen, "right": right, "tries": 1}}


@pytest.mark.parametrize(
    ("given", "shown", "kept", "saved"),
    [
        ({}, ["one", "goes on"], guess("one", False), 1),
        (guess("two", True), ["two"], guess("two", True), 0),
        (guess("one", False), ["one"], guess("one", False), 0),
        # An answer that would be another one now, or is none: asked again, and the first one stays.
        (guess("two", False), ["one", "goes on"], guess("two", False), 0),
        (guess("three", False), ["one", "goes on"], guess("three", False), 0),
    ],
)
def test_a_figure_keeps_the_first_answer_and_recalls_it(
    call, given, shown, kept, saved
):
    asked, said, *rest = call("kit/predict", ASK, given)
    assert asked == "How many steps?"
    assert said == f"It is two, not {shown[0]}."
    assert rest == [shown, kept, saved]


WRONG = [
    ("", 'the file: expected progress that this page has exported, got ""'),
    ("[1]", 'kind: expected "rnn-course-progress", got nothing'),
    ('{"kind": "x"}', 'kind: expected "rnn-course-progress", got "x"'),
    ({**progress(), "version": 2}, "version: expected 1, got 2"),
    ({**progress(), "pages": []}, "pages: expected what was read and answered"),
    (progress(read="a"), f'{PAGE}: read: expected a list of sections, got "a"'),
    (progress(answers={"z": 1}), f"{PAGE}: z: expected answers by question, got 1"),
    (
        progress(answers={"z": {"X?": right(right="yes")}}),
        f'{PAGE}: X?: right: expected true or false, got "yes"',
    ),
    (
        progress(answers={"z": {"X?": right(tries=0)}}),
        f"{PAGE}: X?: tries: expected a whole number from 1, got 0",
    ),
    (
        progress(answers={"z": {"X?": {"right": True, "tries": 1}}}),
        f"{PAGE}: X?: expected what was chosen or guessed",
    ),
    ("x" * 1_000_001, "expected at most 1000000 characters, got 1000001"),
]


@pytest.mark.parametrize(("given", "sentence"), WRONG, ids=range(len(WRONG)))
def test_what_is_no_progress_is_named(call, given, sentence):
    text = given if isinstance(given, str) else json.dumps(given)
    code = "(_, a) => { try { _.parsed(a); } catch (error) { return error.message; } }"
    assert count(call, code, text).startswith(sentence)


# ---- what the build says there is


@pytest.fixture(scope="module")
def built(site_dir):
    text = (site_dir / "_outline/course.json").read_text(encoding="utf-8")
    return json.loads(text)


def test_the_outline_has_what_the_clock_counts(built):
    """The sections of each track are those of tools/minutes.py, which has the rule."""
    assert [entry["page"] for entry in built] == [
        f"notebooks/{path.stem}" for path in chapters()
    ]
    for entry, path in zip(built, chapters(), strict=True):
        cells = nbformat.read(path, as_version=4).cells
        places = [place for _, place in minutes.placed(cells)]
        parts = [*pieces(cells), (None, 1, "")]
        tracks = {"core": 0, "further": 0, "not read": 0}
        for place, (part, depth, _), (_, after, _) in zip(
            places, parts, parts[1:], strict=False
        ):
            # A heading with nothing but subsections below has nothing of its own to read.
            own = len(part.source.strip().splitlines()) > 1 or after == 0
            tracks[place] += depth > 1 and own
        assert len(entry["core"]) == tracks["core"], path
        assert len(entry["further"]) == tracks["further"], path
    assert minutes.NOT_READ == outline.NOT_READ


def test_the_outline_has_every_question(built):
    for entry in built:
        name = entry["page"].removeprefix("notebooks/")
        text = (quiz.QUIZZES / f"{name}.json").read_text(encoding="utf-8")
        (asked,) = entry["quiz"].values()
        assert asked == [item["question"] for item in json.loads(text)]
        assert len(entry["predictions"]) >= 4


def test_the_questions_of_a_live_figure_are_read_where_they_stand(tmp_path):
    words = """// What the figure says; "question" asks nothing.
export const QUESTION = "How large is `W_hh`, \\"{name}\\"?";
export const SHAPES = {
  one: { name: "one", question: "Which?", right: 1 },
};
export const question = (n) => `of ${n}`;
"""
    (tmp_path / "a.js").write_text(words, encoding="utf-8")
    asked = ['How large is `W_hh`, "{name}"?', "Which?"]
    assert outline.asked_in("a", tmp_path) == asked
    assert outline.asked_in("b", tmp_path) == []


def test_every_view_that_asks_has_its_question_among_its_words():
    kit = re.compile(r'from "../kit/(predict|answers)\.js"')
    views = (WEB / "views").glob("*.js")
    asking = [path.stem for path in views if kit.search(path.read_text("utf-8"))]
    assert len(asking) >= 13
    assert [view for view in asking if not outline.asked_in(view)] == ["quiz"]


def test_sections_go_to_their_track():
    html = """<section><h1><span class="section-number">2. </span>A<a class="headerlink">#</a></h1>
    <section id="a"><h2>A</h2><p>x</p><section id="b"><h3>Further: b</h3><p>x</p>
    <section id="c"><h4>C</h4><p>x</p></section></section></section>
    <section id="d"><h2>D</h2><section id="e"><h3>E</h3><p>x</p></section></section>
    <section id="f"><h2>Exercises</h2><section id="g"><h3>G</h3><p>x</p></section></section></section>
    <figure id="z" data-module="quiz"><script type="application/json">{"kind": "quiz", "questions": [{"question": "X?"}]}</script></figure>
    <figure id="p" data-module="quiz"><script type="application/json">{"kind": "predict", "questions": [{"question": "P?"}]}</script></figure>
    <figure id="v" data-module="vqa"></figure><figure id="s" data-module="silent"></figure>"""
    found = outline.outline_of(BeautifulSoup(html, "html.parser"), PAGE)
    assert found.pop("live") == {"v": "vqa", "s": "silent"}
    live = outline.with_live({**found, "live": {"v": "vqa", "s": "silent"}})
    assert live["predictions"] == {"p": ["P?"], "v": outline.asked_in("vqa")}
    assert found == {
        "page": PAGE,
        "number": 2,
        "title": "2. A",
        "core": ["a", "e"],
        "further": ["b", "c"],
        "predictions": {"p": ["P?"]},
        "quiz": {"z": ["X?"]},
    }
    assert outline.outline_of(BeautifulSoup("<h1>A</h1>", "html.parser"), "a") is None


# ---- pages


@pytest.fixture
def browse(browser, site_url):
    """browse(path, before="", **options): a page in a browser of its own; what it says stands in `page.said`."""
    contexts = []

    def browse(path, before="", width=1280, ready=READY, **options):
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        context.add_init_script(before)
        return browse.more(context, path, ready)

    def more(context, path, ready=READY):
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(f"{error} {error.stack}"))
        page.goto(path if "://" in path else f"{site_url}/{path}")
        page.wait_for_selector(ready, state="attached")
        return page

    browse.more = more
    yield browse
    for context in contexts:
        context.close()


def kept(page):
    return json.loads(page.evaluate(f"localStorage['{KEY}'] ?? 'null'"))


def ring(page):
    link = page.locator(".bd-links a", has_text="The vanilla RNN")
    return link.locator(".rk-mark").get_attribute("aria-label")


def test_a_section_is_read_when_its_end_has_stood_in_the_window(browse):
    page = browse(CHAPTER, before="window.rkWhole = true")
    page.wait_for_load_state("networkidle")
    assert page.locator(".rk-mark").count() == 0
    page.clock.install()
    page.reload()
    page.wait_for_selector(READY, state="attached")
    end = f"document.querySelector('#{SECTION} > :last-child')"
    page.evaluate(f"{end}.scrollIntoView({{ block: 'center' }})")
    page.clock.run_for(1100)
    assert SECTION not in ((kept(page) or progress(read=[]))["pages"][PAGE]["read"])
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.clock.run_for(1100)
    page.evaluate(f"{end}.scrollIntoView({{ block: 'center' }})")
    page.clock.run_for(1100)
    assert SECTION not in ((kept(page) or progress(read=[]))["pages"][PAGE]["read"])
    page.clock.run_for(1100)
    read = kept(page)["pages"][PAGE]["read"]
    assert SECTION in read
    assert "the-cell" not in read
    assert f"{len(read)} of 13 sections of the core read" in ring(page)
    assert page.said == []


def answer(page, figure, option, label):
    field = page.locator(f"#{figure} fieldset").first
    field.get_by_label(option, exact=True).check()
    field.get_by_role("button", name=label).click()


def test_quiz_and_prediction_are_as_the_reader_left_them(browse, built):
    (entry,) = (entry for entry in built if entry["page"] == PAGE)
    (figure,) = entry["quiz"]
    page = browse(CHAPTER, before="window.rkWhole = true")
    ready = f"#{figure}[data-mounted=true]"
    page.wait_for_selector(ready)
    (first, *_) = json.loads(
        (quiz.QUIZZES / "02_vanilla_rnn.json").read_text(encoding="utf-8")
    )
    texts = {item["correct"]: item["text"] for item in first["options"]}
    answer(page, figure, texts[False], "Check")
    answer(page, figure, texts[True], "Check")
    prediction = next(iter(entry["predictions"]))
    box = page.locator(f"#{prediction}")
    box.wait_for()
    if box.locator("input[type=radio]").count():
        box.locator("input[type=radio]").first.check()
    box.get_by_role("button", name="Commit").click()
    said = box.locator(".rk-feedback").inner_text()
    assert "1 of 5 predictions made, 1 of 6 quiz questions solved" in ring(page)

    page.reload()
    page.wait_for_selector(ready)
    page.wait_for_selector(f"#{prediction}[data-mounted=true]")
    score = page.locator(f"#{figure} .rk-score")
    assert score.inner_text() == "1 of 6 solved, 0 at the first try."
    assert box.locator(".rk-feedback").inner_text() == said
    assert box.get_by_role("button", name="Commit").is_disabled()
    page.locator(f"#{figure}").get_by_role("button", name="Start again").click()
    assert score.inner_text() == "0 of 6 solved."
    assert kept(page)["pages"][PAGE]["answers"][figure] == {}
    assert page.said == []


# ---- predictions of the live figures


def live_figure(entry):
    """(id, questions) of the one figure of a chapter that asks inside itself."""
    ((figure, asked),) = (
        (name, questions)
        for name, questions in entry["predictions"].items()
        if not name.startswith("rk-predict-")
    )
    return figure, asked


def show(page, figure):
    """Bring a figure to life as a reader does, and nothing else; returns it."""
    page.locator(f"#{figure}").scroll_into_view_if_needed()
    page.wait_for_selector(f"#{figure}[data-mounted=true]")
    return page.locator(f"#{figure}")


def predict_all(box):
    """Choose the first guess of every question that a figure asks."""
    tabs = box.locator("[data-shape]")
    for tab in tabs.all():
        tab.click()
        box.locator("[data-guess]").first.click()
    if tabs.count() == 0:
        box.locator(".rk-ask button").first.click()


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_what_is_predicted_in_a_live_figure_counts(browse, built, path):
    (entry,) = (e for e in built if e["page"] == f"notebooks/{path.stem}")
    figure, asked = live_figure(entry)
    address = f"{entry['page']}.html"
    page = browse(address)
    box = show(page, figure)
    predict_all(box)
    answers = kept(page)["pages"][entry["page"]]["answers"]
    assert list(answers) == [figure]
    assert list(answers[figure]) == asked
    said = box.locator(".rk-ask, .rk-feedback").inner_text()

    page.reload()
    page.wait_for_selector(READY, state="attached")
    link = page.locator(".bd-links .current.active > a .rk-mark")
    of = sum(map(len, entry["predictions"].values()))
    label = f"{len(asked)} of {of} predictions made"
    assert label in link.get_attribute("aria-label")
    box = show(page, figure)
    if len(asked) > 1:  # the last tab was open
        box.locator("[data-shape]").last.click()
    else:
        assert page.evaluate("document.activeElement === document.body")
    assert box.locator(".rk-ask, .rk-feedback").inner_text() == said
    assert box.locator(".rk-ask button, [data-guess]:enabled").count() == 0
    page.evaluate("localStorage.clear()")
    page.reload()
    box = show(page, figure)
    assert box.locator(".rk-ask button, [data-guess]:enabled").count() > 0
    assert page.said == []


def test_moving_a_slider_writes_nothing(browse):
    page = browse("notebooks/03_bptt.html")
    box = show(page, "rk-bptt")
    predict_all(box)
    page.evaluate(
        "window.told = 0; addEventListener('rk-progress', () => { told += 1; })"
    )
    box.get_by_label("chunk length").press("ArrowLeft")
    assert page.evaluate("told") == 0


def test_the_figure_of_the_first_page_counts_for_its_chapter(browse, built):
    (entry,) = (entry for entry in built if entry["page"] == PAGE)
    figure, (asked,) = live_figure(entry)
    before, (question,) = next(iter(entry["predictions"].items()))
    # An export from before the figures counted: it has answers to the text's predictions alone.
    older = progress(read=["the-cell"], answers={before: {question: right()}})
    page = browse(HOME, before=keep(older))
    row = page.get_by_role("row", name="2. The vanilla RNN").get_by_role("cell")
    assert row.all_inner_texts() == ["1/13", "0/4", "1/5", "0/6"]
    box = show(page, figure)
    box.get_by_role("button", name="I predict o").click()
    assert row.all_inner_texts() == ["1/13", "0/4", "2/5", "0/6"]
    assert "2 of 5 predictions made" in ring(page)
    assert "You have made 2 predictions, and 2 held." in (
        page.locator(".rk-progress").inner_text()
    )
    answer = {"chosen": "o", "right": True, "tries": 1}
    assert kept(page)["pages"][PAGE]["answers"][figure] == {asked: answer}
    assert list(kept(page)["pages"]) == [PAGE]

    other = browse.more(page.context, CHAPTER)
    box = show(other, figure)
    assert box.locator(".rk-ask button").count() == 0
    assert box.locator(".rk-ask").inner_text().startswith("Yes: o.")
    clear = page.locator(".rk-progress button").last
    clear.click()
    clear.click()
    assert kept(other) is None
    other.reload()
    assert show(other, figure).locator(".rk-ask button").count() == 2
    assert page.said == other.said == []


# ---- what is no more, what is no progress


def test_an_answer_to_a_question_that_has_changed_is_forgotten(browse, built):
    (entry,) = (entry for entry in built if entry["page"] == PAGE)
    ((figure, questions),) = entry["quiz"].items()
    answers = {figure: {questions[0]: right(chosen="no such option")}}
    before = keep(progress(answers=answers)) + "; window.rkWhole = true"
    page = browse(CHAPTER, before=before)
    page.wait_for_selector(f"#{figure}[data-mounted=true]")
    assert page.locator(f"#{figure} .rk-score").inner_text() == "0 of 6 solved."
    assert page.said == []


def test_the_landing_page_tells_how_far_the_reader_is(browse, violations):
    page = browse(HOME)
    place = page.locator(".rk-progress")
    assert place.locator("p").first.inner_text().startswith("Nothing is kept yet.")
    assert page.get_by_role("button", name="Export").is_hidden()
    other = browse.more(page.context, CHAPTER)
    other.evaluate(keep(progress(read=["the-same-letter-two-right-answers"])))
    page.wait_for_selector(".rk-progress table")  # the other tab has told
    assert "1 of 13 sections of the core read" in ring(page)
    assert "You have read 1 of" in place.inner_text()
    row = place.get_by_role("row", name="2. The vanilla RNN").get_by_role("cell")
    assert row.all_inner_texts() == ["1/13", "0/4", "0/5", "0/6"]
    place.locator("p a").click()
    page.wait_for_url("**/02_vanilla_rnn.html#one-function-again-and-again")
    page.go_back()
    page.wait_for_selector(".rk-progress table")
    for theme in ("light", "dark"):
        page.evaluate(
            "(theme) => { document.documentElement.dataset.theme = theme; }", theme
        )
        assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    table = "[...document.querySelectorAll('.rk-progress, .rk-progress table')].map((box) => box.getBoundingClientRect().right)"
    room, wide = page.evaluate(table)
    assert wide <= room
    assert page.said == []


def test_export_and_import_carry_it_to_another_browser(browse, tmp_path):
    what = progress(read=["the-cell"], answers={"z": {"X?": right()}})
    page = browse(HOME, before=keep(what))
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert json.loads(file.read_text(encoding="utf-8")) == what

    page = browse(HOME, before=keep(progress(read=["by-hand"])))
    page.locator(".rk-progress input[type=file]").set_input_files(file)
    told = page.locator(".rk-progress > .rk-live")
    page.wait_for_function(
        "document.querySelector('.rk-progress > .rk-live').textContent"
    )
    assert told.inner_text() == f"{file.name} is added to what was here."
    assert kept(page)["pages"][PAGE] == {
        "read": ["by-hand", "the-cell"],
        "answers": what["pages"][PAGE]["answers"],
    }
    (tmp_path / "cat.json").write_text("meow", encoding="utf-8")
    page.locator(".rk-progress input[type=file]").set_input_files(tmp_path / "cat.json")
    page.wait_for_function(
        "document.querySelector('.rk-progress > .rk-live').textContent.startsWith('cat')"
    )
    assert told.inner_text() == (
        "cat.json was not taken in, and nothing has changed. "
        'the file: expected progress that this page has exported, got "meow".'
    )
    assert kept(page)["pages"][PAGE]["read"] == ["by-hand", "the-cell"]
    assert page.said == []


def test_clearing_asks_once(browse):
    page = browse(HOME, before=keep(progress(read=["the-cell"])))
    clear = page.locator(".rk-progress button").last
    clear.click()
    assert clear.inner_text() == "Forget everything?"
    page.get_by_role("button", name="Export").focus()
    assert clear.inner_text() == "Clear"
    assert kept(page)["pages"][PAGE]["read"] == ["the-cell"]
    clear.press("Enter")
    clear.press("Enter")
    assert kept(page) is None
    assert page.locator(".rk-mark").count() == 0
    assert (
        "Cleared: nothing is kept any more."
        in page.locator(".rk-progress").inner_text()
    )
    assert page.said == []


def test_what_cannot_be_read_counts_as_nothing(browse):
    page = browse(HOME, before=keep('{"kind": 1'))
    assert "Nothing is kept yet." in page.locator(".rk-progress").inner_text()
    assert page.said == []


def test_a_browser_that_keeps_nothing_shows_the_page_all_the_same(browse, tmp_path):
    before = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    page = browse(HOME, before=before)
    (tmp_path / "a.json").write_text(json.dumps(progress(read=["a"])), encoding="utf-8")
    page.locator(".rk-progress input[type=file]").set_input_files(tmp_path / "a.json")
    page.wait_for_function(
        "document.querySelector('.rk-progress > .rk-live').textContent"
    )
    assert "so nothing was added" in page.locator(".rk-progress").inner_text()
    # Sphinx's own script for marks of what was searched does not expect this.
    assert [said for said in page.said if "sphinx_highlight" not in said] == []


def test_a_page_from_a_file_counts_nothing_and_says_so(browse, site_dir):
    page = browse((site_dir.resolve() / HOME).as_uri(), ready="html[data-measured]")
    assert (
        "once the page comes from a server" in page.locator(".rk-progress").inner_text()
    )
    assert page.said == []
