"""The course as a PDF: one chapter and the first pages are printed; the whole course is put together, not printed."""

import io
import re

import chromium
import fonts
import on_paper
import one_page
import paper_fonts
import pdf
import printing
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from pypdf import PdfReader
from pypdf.generic import Destination

CHAPTER = "09_deep_bidirectional"
BASE = "https://course.test/"
A4 = (595, 842)  # points


# ---- printed


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pdf")


@pytest.fixture(scope="module")
def reader(site_dir, browser, folder):
    """The chapter and the first pages as they come out of the printer."""
    file = folder / "course.pdf"
    file.write_bytes(pdf.make(site_dir, (CHAPTER,), BASE, browser))
    return PdfReader(file)


@pytest.fixture(scope="module")
def texts(reader):
    return [page.extract_text() for page in reader.pages]


@pytest.fixture(scope="module")
def soup(site_dir, folder):
    """What was printed, as HTML."""
    text, _ = pdf.document(site_dir, folder, (CHAPTER,), BASE)
    return BeautifulSoup(text, "html.parser")


def flat(outline):
    """The bookmarks without their levels."""
    for item in outline:
        yield from flat(item) if isinstance(item, list) else [item]


def squeezed(text):
    return re.sub(r"\s+", "", text)


@pytest.mark.browser
def test_every_page_is_a4_with_its_number(reader, texts):
    for page in reader.pages:
        assert tuple(map(round, page.mediabox[2:])) == A4
    assert texts[0].startswith("Recurrent Neural Networks\nDerived and Checked")
    assert pdf.edition()[0] in texts[0]
    assert BASE in texts[0]
    for number, text in enumerate(texts[1:], 2):
        assert text.split("\n")[0].endswith(f" {number}"), text[:80]
        assert len(text) > 150, f"page {number} is all but empty"
    assert texts[-1].startswith("9 Deep and bidirectional networks ")


@pytest.mark.browser
def test_contents_and_bookmarks_name_the_pages_of_the_headings(reader, texts, soup):
    lines = soup.select(".rk-line")
    marks = list(flat(reader.outline))
    parts = {part.get_text() for part in soup.select(".rk-part")}
    assert [m.title for m in marks if m.title not in parts] == [
        line.span.get_text() for line in lines
    ]
    contents = squeezed(texts[1])
    for mark in marks:
        number = reader.get_destination_page_number(mark) + 1
        heading = mark.title.removeprefix("9 ")
        if mark.title not in parts:
            assert squeezed(heading) in squeezed(texts[number - 1])
            assert f"{squeezed(mark.title)}{number}" in contents


@pytest.mark.browser
def test_links_lead_to_a_page_or_to_the_web(reader, soup):
    targets, addresses = set(), set()
    for page in reader.pages:
        for annotation in page.get("/Annots", []):
            link = annotation.get_object()
            if "/Dest" in link:
                targets.add(link["/Dest"])
            else:
                addresses.add(link["/A"]["/URI"])
    places = reader.named_destinations
    assert all(isinstance(places[target], Destination) for target in targets)
    wanted = {a["href"][1:] for a in soup.select('a[href^="#"]')}
    assert {target.removeprefix("/") for target in targets} == wanted
    for kind in ("--ex-", "-solution-", "-answer"):
        assert any(kind in one for one in wanted), kind
    assert all(address.startswith(("https://", "http://")) for address in addresses)
    terms = f"{BASE}book/glossary.html#term-"
    assert any(address.startswith(terms) for address in addresses)
    assert f"{BASE}notebooks/{CHAPTER}.html#rk-two-readers" in addresses


@pytest.mark.browser
def test_every_figure_is_there_with_its_words(reader, site_dir):
    described = []

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if node.get("/S") == "/Figure" and node.get("/Alt"):
                described.append(node["/Alt"])
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"])
    wanted = []
    for page in ("book/index", f"notebooks/{CHAPTER}"):
        built = one_page.read(site_dir, page, "").article
        wanted += [picture["alt"] for picture in built.select("img")]
    assert len(wanted) >= 4
    assert sorted(alt for alt in described if alt in wanted) == sorted(wanted)


@pytest.mark.browser
def test_formulas_are_set_and_scripts_are_gone(texts):
    whole = "\n".join(texts)
    for raw in (
        r"\frac",
        r"\mathbf",
        r"\text{",
        r"\overrightarrow",
        "$$",
        '"questions":',
    ):
        assert raw not in whole
    assert "Show the source" not in whole
    assert "def reaches(" in whole
    assert "def check_" not in whole
    assert "Live on the website" in whole


@pytest.mark.browser
def test_answers_stand_at_the_end(texts, soup):
    end = soup.select_one(f'[id="{CHAPTER}--answers"]')
    assert not end.find_next_sibling()
    assert len(end.select(".solution")) == len(soup.select("div.exercise")) >= 5
    asked = soup.select(".rk-ask")
    assert len(asked) >= 3
    for question in asked:
        assert end.find(id=f"{question['id']}-answer").find("strong")
    assert f"{end.select('.solution')[-1].p.get_text()[:20]}" in "\n".join(texts[-4:])


@pytest.mark.browser
def test_what_is_too_wide_is_refused_and_the_same_is_printed_twice(browser, tmp_path):
    file = tmp_path / "wide.html"
    file.write_text(
        '<p id="here">a</p><pre style="width: 900px">b</pre>', encoding="utf-8"
    )
    with pytest.raises(ValueError, match="wider than the column, got pre in"):
        printing.printed(file, browser)
    file.write_text(
        '<a href="#t" data-page-of="t"></a><h1 id="t">Title</h1>', encoding="utf-8"
    )
    entries = [one_page.Entry("t", 1, "Title")]
    twice = [
        printing.finished(printing.printed(file, browser), entries, {}, None)
        for _ in range(2)
    ]
    assert twice[0] == twice[1]


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["p", "pre", "code"])
def test_korean_and_chinese_are_printed_as_letters(browser, site_dir, tmp_path, kind):
    """A letter that no font of the document draws comes out as a box, and is lost to whoever searches or copies."""
    file = tmp_path / "letters.html"
    text = pdf.DOCUMENT.format(
        title="Letters",
        site=site_dir.resolve().as_uri(),
        own=(fonts.ROOT / "tools" / "pdf.css").as_uri(),
        fonts=paper_fonts.faces(tmp_path),
        heads="",
        body=f"<article class='bd-article'><{kind}>1987년 3월 5일 星期</{kind}></article>",
    )
    file.write_text(text, encoding="utf-8")
    printed = PdfReader(io.BytesIO(printing.printed(file, browser)))
    assert set("년월일星期") <= set(printed.pages[0].extract_text())


# ---- put together


def test_the_whole_course_hangs_together(site_dir, folder):
    """All pages are there, no link is lost, every exercise has its solution: `document` refuses what has not."""
    text, entries = pdf.document(site_dir, folder)
    assert [e.words for e in entries if e.level == 0] == [
        "Chapters",
        "Teaching",
        "Reference",
    ]
    chapters = [e.words for e in entries if re.match(r"\d+ ", e.words)]
    assert [int(words.split()[0]) for words in chapters] == list(range(1, 13))
    assert sum(e.words == on_paper.LAST for e in entries) == 12
    assert "<script" not in text
    assert "<details" not in text
    known = TTFont(fonts.TARGET / "cjk.woff2").getBestCmap()
    lost = set(map(ord, fonts.CJK.findall(text))) - set(known)
    assert not lost, f"{''.join(map(chr, lost))}: run tools/fonts.py --cjk"


def page_of(body, name="notebooks/02_vanilla_rnn"):
    article = BeautifulSoup(f"<article>{body}</article>", "html.parser").article
    return one_page.Page(name, "", article)


def test_links_between_pages_become_links_in_the_document(tmp_path):
    links = ["../book/data.html#a", "#b", "../book/glossary.html#c", "https://d.test"]
    body = "".join(f'<a href="{link}">word</a> ' for link in links)
    pages = [page_of(body + '<i id="b"></i>'), page_of('<i id="a"></i>', "book/data")]
    one_page.join(pages, tmp_path)
    got = [a["href"] for a in pages[0].article.select("a")]
    assert got == ["#data--a", "#02_vanilla_rnn--b", "https://d.test"]
    assert one_page.dangling(pages) == []
    pages = [page_of(body)]
    one_page.join(pages, tmp_path, BASE)
    got = [a["href"] for a in pages[0].article.select("a")]
    assert got[0] == f"{BASE}book/data.html#a"
    assert one_page.dangling(pages) == ["#02_vanilla_rnn--b"]


def test_an_answer_gives_the_letter_and_all_feedback():
    options = [
        {"text": "one", "correct": False, "feedback": "No, `x`."},
        {"text": "two", "correct": True, "feedback": "Yes."},
    ]
    said = on_paper.answer({"question": "Which?", "options": options})
    assert said == "<strong>(b)</strong> Yes. <em>Not (a):</em> No, <code>x</code>."
    number = {"answer": 0.5, "unit": "nats", "feedback": "Half."}
    assert on_paper.answer(number) == "<strong>0.5 nats.</strong> Half."


def test_what_is_no_page_and_what_is_not_built_is_named(tmp_path):
    with pytest.raises(ValueError, match="part of a page's name, got 'nonsense'"):
        one_page.listed(["nonsense"])
    with pytest.raises(ValueError, match=r"index\.html: expected a built page"):
        pdf.document(tmp_path, tmp_path)


def test_without_a_chromium_one_sentence_says_so(monkeypatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SystemExit, match="No Chromium found; set CHROMIUM to its path"):
        chromium.needed()
