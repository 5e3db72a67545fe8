"""Slides: what a deck may not lack, what is found in a chapter, and what is refused, with the file and the slide named."""

import functools
import re
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools")]
from deck import chapter as chapter_module  # noqa: E402
from deck import directives, page, source, writing  # noqa: E402

import slides  # noqa: E402

DECKS = sorted((ROOT / "slides").glob("*.md"))
MOST_WORDS = 50  # beside heading, code, votes, tables and formulas
PICTURE = re.compile(r'src="data:[^"]*"')
NO_SENTENCE = re.compile(
    r'(?s)<(math|pre|table)\b.*?</\1>|<div class="(vote|explorable)".*'
)
LOOP = '''\
def say(words):
    for word in words:
        if word:
            text = f"""
{word}
  !"""
            print(text)
        print()
'''
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"></svg>'
QUESTION = (
    '<figure class="rk-explorable" id="rk-predict-size" data-module="quiz">'
    '<script type="application/json">{"kind": "predict", "questions": [{"question": "How `large`?", '
    '"options": [{"text": "small", "correct": false, "feedback": "No."}, '
    '{"text": "large", "correct": true, "feedback": "Yes, `1`."}]}]}</script></figure>'
)
NUMBER = (
    '<figure class="rk-explorable" id="rk-predict-loss" data-module="quiz">'
    '<script type="application/json">{"kind": "predict", "questions": [{"question": "Which loss?", '
    '"answer": 1.39, "tolerance": 0.05, "unit": "nats", "feedback": "ln 4."}]}</script></figure>'
)
LIVE = (
    '<figure class="rk-explorable" id="rk-cell" data-module="rnn_cell"><script type="application/json">'
    '{"word": "hello"}</script><img alt="A &amp; B" src="data:image/png;base64,AA=="><figcaption></figcaption></figure>'
)
NOTES = ":::{notes} 1.5\nSay it.\n:::\n"
HEAD = "---\nminutes: 3\n---\nWhy?\n\n" + NOTES + "---\n## A claim\n\n"

every_deck = pytest.mark.parametrize("path", DECKS, ids=lambda p: p.stem)


@functools.cache
def read(path):
    return writing.read(path)


def made_of(cell, **data):
    """A code cell that shows these forms, or prints a text."""
    forms = {kind.replace("_", "/"): text for kind, text in data.items()}
    cell.outputs = [new_output("display_data", data=forms)]
    return cell


@pytest.fixture
def deck_of(tmp_path, monkeypatch):
    """deck_of(body): the deck of a made-up chapter whose second slide has this body."""
    printing = new_code_cell("print(loss)  # of 300 updates")
    text = "loss 1.25\nseeds [1. 0.5 0.25]\nshares 0.5 0.25\nday 1977. 2. 26.\nlast 2\nlog p -1.5\n"
    printing.outputs = [new_output("stream", name="stdout", text=text)]
    twice = new_code_cell("print(again)")
    twice.outputs = [new_output("stream", name="stdout", text="loss 1.75\n")]
    figure = made_of(new_code_cell("draw()"), **{"image_svg+xml": SVG})
    figure.metadata["mystnb"] = {
        "figure": {"name": "fig-a"},
        "image": {"alt": 'A "line"', "classes": "no-invert"},
    }
    silent = made_of(new_code_cell("draw_silent()"), **{"image_svg+xml": SVG})
    cells = [
        new_markdown_cell("# Made <up>\n"),
        new_code_cell("def f(x):\n    y = 2 * x\n    return y\n\n\nz = f(3)"),
        new_code_cell(LOOP),
        printing,
        twice,
        figure,
        silent,
        made_of(new_code_cell("ask()"), text_html=QUESTION),
        new_markdown_cell("## Further: more"),
        made_of(new_code_cell("ask_more()"), text_html=NUMBER),
        made_of(new_code_cell("live()"), text_html=LIVE),
    ]
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "slides").mkdir()
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "09_made.ipynb")
    monkeypatch.setattr(chapter_module, "ROOT", tmp_path)

    def deck_of(body, text=None):
        path = tmp_path / "slides" / "09_made.md"
        path.write_text(text or HEAD + body + "\n\n" + NOTES, encoding="utf-8")
        return writing.read(path)

    return deck_of


@pytest.fixture
def slide_of(deck_of):
    """slide_of(body): the HTML of that slide's body, parsed."""
    return lambda body: BeautifulSoup(deck_of(body).slides[1].body, "html.parser")


# ---- the decks


@every_deck
def test_a_deck_is_one_lecture(path):
    deck = read(path)
    assert 25 <= len(deck.slides) <= 40
    assert 45 <= deck.minutes <= 60
    assert sum(slide.minutes for slide in deck.slides) == deck.minutes
    assert all(len(slide.notes.split()) >= 5 for slide in deck.slides)


@every_deck
def test_every_slide_makes_a_claim_of_its_own(path):
    claims = [slide.claim for slide in read(path).slides]
    assert len(set(claims)) == len(claims)
    assert all(len(claim.split()) >= 4 for claim in claims[1:])


@every_deck
def test_a_slide_has_few_words(path):
    for slide in read(path).slides:
        text = re.sub(r"<[^>]+>", " ", NO_SENTENCE.sub(" ", slide.body))
        assert len(text.split()) <= MOST_WORDS, slide.claim


@every_deck
def test_the_class_votes_on_every_prediction_of_the_core(path):
    deck = read(path)
    asked = set()
    for markdown in deck.written:
        for line in markdown.split("\n"):
            if line.lstrip(":").startswith("{vote}"):
                asked.add(deck.chapter.vote(line.partition("}")[2].strip())[0])
    assert asked
    assert asked >= set(deck.chapter.core_predictions())


@every_deck
def test_a_deck_has_a_live_figure_and_asks_nothing_of_the_network(path):
    deck = read(path)
    html = page.html_of(deck)
    found = BeautifulSoup(PICTURE.sub('src="data:"', html), "html.parser")
    live = found.select(".explorable[data-view]")
    assert live
    for figure in live:
        assert found.select(f'[data-module-text="{figure["data-view"]}"]')
    addresses = [e.get("src") or e.get("href") for e in found.select("[src], [href]")]
    outside = [a for a in addresses if not a.startswith(("data:", f"{page.SHARED}/"))]
    assert outside == []
    assert html.count("url(http") == 0
    assert (html == page.html_of(writing.read(path))) is True  # the same bytes


def test_the_shared_files_ask_nothing_of_the_network(tmp_path):
    page.write_shared(tmp_path)
    names = {file.name for file in (tmp_path / page.SHARED).iterdir()}
    assert names == {*page.REVEAL.values(), "deck.css", "deck.js"}
    style = (tmp_path / page.SHARED / "deck.css").read_text(encoding="utf-8")
    assert "--rk-ink" in style
    assert style.count("url(data:font/woff2;base64,") >= 4
    assert style.count("url(") == style.count("url(data:")


# ---- what is found


def test_numbers_come_from_what_is_printed(slide_of):
    text = r'Seeds {{ "seeds \[(.*)\]" }} and {{ cell "of 300" "^loss ([\d.]+)" }}, $x = {{ "last (\d)" }}$.'
    slide = slide_of(text)
    assert "Seeds 1, 0.5, 0.25 and 1.25, " in slide.get_text()
    assert slide.find("mn").get_text() == "2"


def test_an_array_is_written_with_commas_and_a_date_is_no_array(slide_of):
    slide = slide_of('{{ "shares (.*)" }}; {{ "day (.*)" }}; {{ "seeds (.*)" }}')
    assert slide.get_text().strip() == "0.5, 0.25; 1977. 2. 26.; [1. 0.5 0.25]"


def test_a_negative_number_has_a_minus_sign_in_a_sentence(slide_of):
    number = '{{ "log p (.*)" }}'
    slide = slide_of(f"It is {number}, **{number}** or ({number}), see 9-12, a-1.")
    assert slide.get_text().strip() == "It is −1.5, −1.5 or (−1.5), see 9-12, a-1."
    kept = slide_of(f"| a |\n|---|\n| {number} |\n\n`{number}`\n\n```\n{number}\n```")
    assert kept.td.get_text() == "-1.5"
    assert [code.get_text().strip() for code in kept.select("code")] == ["-1.5"] * 2
    assert "−1.5" in slide_of(f":::{{vote}} predict-size\n{number}\n:::").get_text()


def test_a_typed_number_is_one_that_the_chapter_prints_or_sets(slide_of):
    assert slide_of("After 300 updates 1.25, by Elman (1990), in 7 steps.").p


def test_a_slide_comes_in_steps(slide_of):
    slide = slide_of("one\n\n+++\n\ntwo\n\n+++\n\n[three]{.fragment} end")
    assert [f.get_text().split()[0] for f in slide.select("div.fragment")] == [
        "two",
        "three",
    ]
    assert slide.select_one("span.fragment").get_text() == "three"


def test_a_figure_brings_its_alt_text_and_may_have_a_caption(slide_of):
    image = slide_of(":::{figure} fig-a\n:width: 60%\nA *caption*.\n:::")
    assert image.img["alt"] == 'A "line"'
    assert image.img["src"].startswith("data:image/svg+xml;base64,")
    assert image.figcaption.em.get_text() == "caption"
    assert image.img["class"] == ["no-invert"]  # its colours hold in the dark, too
    assert slide_of(':::{figure} cell "draw()"\n:::').img["alt"] == 'A "line"'


def test_a_vote_shows_its_answer_in_the_next_step(slide_of):
    vote = slide_of(":::{vote} predict-size\n:::")
    assert [li.get_text() for li in vote.select("li")] == ["small", "large"]
    assert vote.select_one("li.right").get_text() == "large"
    assert vote.select_one(".fragment .said").get_text() == "B"
    assert vote.select_one(".fragment .why code").get_text() == "1"
    told = slide_of(':::{vote} How\nIt is {{ "last (\\d)" }}.\n:::')
    assert told.select_one(".why").get_text().strip() == "It is 2."
    number = slide_of(":::{vote} predict-loss\n:::")
    assert number.select_one(".said").get_text() == "1.39"
    assert "nats" in number.select_one(".write").get_text()


def test_only_the_core_has_to_be_voted_on(deck_of):
    assert deck_of("x").chapter.core_predictions() == ["predict-size"]


def test_an_explorable_brings_state_picture_and_modules(deck_of):
    deck = deck_of(":::{explorable} rk-cell\n:::")
    found = BeautifulSoup(page.html_of(deck), "html.parser")
    figure = found.select_one("#rk-cell")
    assert figure.script.string == '{"word": "hello"}'
    assert figure.img["alt"] == "A & B"
    assert {s["data-module-text"] for s in found.select("[data-module-text]")} == {
        "model",
        "rnn_cell",
    }


def test_code_is_cut_by_what_stands_in_it(slide_of):
    code = slide_of(":::{code} def f\n:from: y =\n:to: return\n:mark: 2 *\n:::")
    assert code.pre.get_text().strip() == "y = 2 * x\nreturn y"
    assert code.select_one(".hll").get_text().strip() == "y = 2 * x"
    shown = slide_of(":::{source} rnnkit.cells.rnn_step_forward\n:::").pre.get_text()
    assert shown.startswith("def rnn_step_forward(")
    assert '"""' not in shown
    assert '"""' in source.named("rnnkit.cells.rnn_step_forward", docstring=True)


def test_an_excerpt_keeps_the_indentation_within_it_and_no_other(slide_of):
    def cut(first, last):
        block = f":::{{code}} def say\n:from: {first}\n:to: {last}\n:::"
        return slide_of(block).pre.get_text().rstrip("\n")

    assert cut("if word", "print(text)") == (
        'if word:\n    text = f"""\n{word}\n  !"""\n    print(text)'
    )
    assert cut("print(text)", "print()") == "    print(text)\nprint()"


def test_columns_stand_beside_each_other(slide_of):
    columns = slide_of("::::{columns} 60 40\n:::{figure} fig-a\n:::\n***\nwords\n::::")
    assert [bool(c.img) for c in columns.select(".column")] == [True, False]
    assert "minmax(0, 60fr) minmax(0, 40fr)" in columns.div["style"]


def test_the_new_term_of_a_formula_is_marked(slide_of):
    assert slide_of(r"$$a + \new{b}$$").select_one("math .new").get_text() == "b"


def test_a_picture_file_is_put_into_the_page(deck_of, tmp_path):
    (tmp_path / "slides" / "a.svg").write_text(SVG, encoding="utf-8")
    body = deck_of("![what it shows](a.svg)").slides[1].body
    assert 'src="data:image/svg+xml;base64,' in body
    assert 'alt="what it shows"' in body


def test_the_title_is_the_chapters_and_names_the_pdf_if_there_is_one(deck_of):
    deck = deck_of("x")
    first = BeautifulSoup(page.html_of(deck), "html.parser").section
    assert first.h1.get_text() == "Made <up>"
    assert "Why?" in first.get_text()
    assert first["data-timing"] == "90"
    assert first.a is None
    linked = BeautifulSoup(page.html_of(deck, pdf=True), "html.parser").section
    assert linked.a["href"] == "09_made.pdf"


# ---- what is refused

REFUSED = {
    "nothing": (r'{{ "nothing ([\d.]+)" }}', "expected one value.*found 0"),
    "two": (r'{{ "^loss ([\d.]+)" }}', r"found 2: 1\.25, 1\.75"),
    "no group": ('{{ "loss" }}', "expected one group"),
    "bad pattern": ('{{ "((" }}', "pattern"),
    "bad reference": ("{{ loss }}", "expected {{"),
    "no cell": ('{{ cell "nowhere" "(1)" }}', "expected one code cell"),
    "typed": ("It is 3.75 now.", r"3\.75 is typed"),
    "figure": (":::{figure} fig-b\n:::", "expected one of fig-a; found 0"),
    "no alt": (':::{figure} cell "draw_silent"\n:::', "no alt text"),
    "no picture": (':::{figure} cell "def f"\n:::', "expected one picture, found 0"),
    "width": (":::{figure} fig-a\n:width: 3cm\n:::", "expected a width"),
    "vote": (
        ":::{vote} predict-x\n:::",
        "expected one of predict-size, predict-loss; found 0",
    ),
    "votes": (":::{vote} o\n:::", "found 2"),
    "explorable": (":::{explorable} rk-x\n:::", "not among the outputs"),
    "source": (":::{source} rnnkit.cells.nothing\n:::", "found none"),
    "line": (":::{code} def f\n:from: nowhere\n:::", "line with 'nowhere'"),
    "mark": (":::{code} def f\n:mark: nowhere\n:::", "line with 'nowhere'"),
    "option": (":::{vote} predict-size\n:width: 1\n:::", "got 'width'"),
    "directive": (":::{image} a\n:::", "got {image}"),
    "no name": (":::vote\n:::", "expected `:::{name}"),
    "columns": ("::::{columns} 1 2 3\na\n***\nb\n::::", "expected 2 whole numbers"),
    "formula": (r"$\frac{$", "expected TeX"),
    "image": ("![x](nowhere.png)", "there is no file nowhere.png"),
    "second heading": ("### Another", "expected one heading"),
    "second notes": (NOTES, "found 2"),
    "no break": ("---\n\nx", "expected one `:::{notes} MINUTES`, found 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_said_with_file_and_slide(deck_of, case):
    body, said = REFUSED[case]
    with pytest.raises(
        ValueError, match=rf"(?s)^09_made\.md, slide 2 \(A claim\): .*{said}"
    ):
        deck_of(body)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## A claim\n", "expected the lines"),
        (HEAD.replace("## A claim", "words") + NOTES, "expected `## a claim` first"),
        (HEAD + NOTES.replace("1.5", "1.2"), "expected minutes in halves"),
        (HEAD + NOTES.replace("Say it.", ""), "expected what to say"),
    ],
)
def test_a_deck_that_is_no_deck_is_refused(deck_of, text, said):
    with pytest.raises(ValueError, match=said):
        deck_of("", text)


def test_a_deck_without_a_chapter_is_refused(deck_of, tmp_path):
    (tmp_path / "slides" / "10_none.md").write_text(HEAD, encoding="utf-8")
    with pytest.raises(ValueError, match=r"10_none\.md: .* found no 10_none\.ipynb"):
        writing.read(tmp_path / "slides" / "10_none.md")


# ---- the command


def test_all_is_written_or_nothing(deck_of, tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "SOURCES", tmp_path / "slides")
    deck_of("x")
    target = tmp_path / "built"
    target.mkdir()
    for stale in ("08_gone.html", "08_gone.pdf", "09_made.pdf"):
        (target / stale).write_text("old", encoding="utf-8")
    assert slides.build([], target) == [target / "09_made.html"]
    assert sorted(p.name for p in target.iterdir()) == ["09_made.html", "reveal"]
    before = (target / "09_made.html").read_bytes()
    (tmp_path / "slides" / "09_made.md").write_text("wrong", encoding="utf-8")
    with pytest.raises(ValueError, match="expected the lines"):
        slides.build([], target)
    assert (target / "09_made.html").read_bytes() == before
    with pytest.raises(SystemExit, match=r"got 77; there are 09_made"):
        slides.build(["77"], target)


def test_without_reveal_js_nothing_is_written(deck_of, tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "SOURCES", tmp_path / "slides")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    deck_of("x")
    with pytest.raises(ValueError, match="expected the package sphinx-revealjs"):
        slides.build([], tmp_path / "built")
    assert not (tmp_path / "built").exists()


def test_without_a_chromium_nothing_is_printed(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(SystemExit, match="No Chromium found"):
        slides.main(["--pdf"])


def test_what_a_chapter_prints_can_be_searched(deck_of, tmp_path, monkeypatch, capsys):
    deck_of("x")
    monkeypatch.setattr(slides, "ROOT", tmp_path)
    slides.main(["--printed", "09", "seeds"])
    said = capsys.readouterr().out
    assert "---- print(loss)" in said
    assert "again" not in said


def test_every_directive_is_told_to_contributors():
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in (*directives.DIRECTIVES, "notes"):
        assert f"`{name}`" in told, name
