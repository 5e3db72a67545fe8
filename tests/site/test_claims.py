"""The index of claims and predictions: which cell guards what, and that the page's links lead to those cells."""

import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book" / "_ext"), str(ROOT / "tools")]

from course import cells, claims, generated, guards  # noqa: E402

from rnnkit.show.quiz import Predict  # noqa: E402

CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
chapters = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
SURE = [  # claims whose cell was looked up by hand: how they begin, and what stands in the cell
    ("02_vanilla_rnn", "Shared weights make", 'assert found["shared"].mean()'),
    ("03_bptt", "The full gradient keeps", "assert 570 < full < 580"),
    ("03_bptt", "Numpy alone takes", "assert text_loss < 2.0"),
    ("05_captioning", "A classifier of single", "assert eye_points > 0.96"),
    ("05_captioning", "At the second noun", "assert 0.1 < chance_here"),
    ("06_gradient_flow", "Clipping by norm", "def clip_as_in_the_notes"),
    ("06_gradient_flow", "Of 400 random", "assert vanishes[small].all()"),
    ("07_lstm", "On the plays trained", "assert better[0.006] == 24"),
    ("07_lstm", "In 500 updates", 'assert deep_runs["plain", 50]'),
    ("10_seq2seq", "With one vector", 'share["both"][:, at[16]].max()'),
    ("10_seq2seq", "Pointing and being", "assert (points_well & ~is_right)"),
    ("11_vqa", "One vector per picture", "assert middle[kind] + width[kind]"),
]


@cache
def given():
    return guards.named(ROOT)


def of_chapter(path):
    return claims.claims_of(path, given().get(path.stem, {}))


def stream(text):
    return nbformat.v4.new_output("stream", text=text)


@pytest.fixture
def chapter(tmp_path):
    """chapter(summary, *cells): a notebook with code cells (code, printed) or Predict, and that summary; its path."""

    def chapter(summary, *parts):
        made = [nbformat.v4.new_markdown_cell("# Title")]
        for part in parts:
            if isinstance(part, Predict):
                data = {"text/html": part._repr_mimebundle_()[0]["text/html"]}
                output = nbformat.v4.new_output("display_data", data=data)
                made.append(nbformat.v4.new_code_cell("Predict()", outputs=[output]))
            elif isinstance(part, tuple):
                code, printed = part
                made.append(nbformat.v4.new_code_cell(code, outputs=[stream(printed)]))
            else:
                made.append(nbformat.v4.new_markdown_cell(part))
        made.append(
            nbformat.v4.new_markdown_cell(f"## What you have seen\n\n{summary}\n")
        )
        path = tmp_path / "21_made.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=made), path)
        return path

    return chapter


def conditions(path, named=None):
    return [
        [guard.condition for guard in claim.guards]
        for claim in claims.claims_of(path, named or {})[0]
    ]


# ---- which cell


def test_a_claim_is_guarded_by_the_cell_that_prints_its_numbers(chapter):
    path = chapter(
        "- A loss of 1.93.\n- Right in 0.85 of\n  the cases.",
        ("assert a < 2", "1.93"),
        ("print(a)", "1.93 0.85"),
        ("assert b > 0.8", "0.847"),
    )
    assert conditions(path) == [["a < 2"], ["b > 0.8"]]


def test_words_decide_between_cells_that_print_the_same_number(chapter):
    path = chapter(
        "- The translator is right in 0.85.",
        ("assert captioner > 0.8", "0.85"),
        ("assert translator > 0.8", "0.85"),
    )
    assert conditions(path) == [["translator > 0.8"]]


def test_a_second_cell_is_named_for_the_numbers_that_the_first_lacks(chapter):
    path = chapter(
        "- From 4.13 to 1.93, where pairs reach 2.53.",
        ("assert a", "4.13 1.93"),
        ("assert b", "2.53"),
        ("assert c", "1.93"),
    )
    assert conditions(path) == [["a", "b"]]


def test_a_claim_without_a_telling_number_names_no_cell(chapter):
    path = chapter(
        "- It holds.\n- In 3 of 4 cases.\n- After 100 steps.",
        *((f"assert a{k}", "3 4 100") for k in range(4)),
    )
    assert conditions(path) == [[], [], []]


def test_exercises_guard_nothing(chapter):
    path = chapter("- It is 0.85.", "## Exercises", ("assert a", "0.85"))
    assert conditions(path) == [[]]


def test_a_prediction_is_guarded_by_the_first_cell_after_it_that_asserts(chapter):
    options = [("none", False, "No."), ("`all` of it", True, "Yes.")]
    number = {"answer": 0.5, "tolerance": 0.1, "unit": "s", "feedback": "A half."}
    path = chapter(
        "- It holds.",
        ("assert before", ""),
        Predict(id="predict-a", question="How many?", options=options),
        ("print(1)", "1"),
        Predict(id="predict-b", question="Which?", **number),
        ("assert after", ""),
    )
    _, found = claims.claims_of(path, {})
    assert [(c.text, c.answer, c.guards[0].condition) for c in found] == [
        ("How many?", "`all` of it", "after"),
        ("Which?", "0.5 ± 0.1 s", "after"),
    ]


def test_the_condition_shown_is_the_one_that_is_named_or_nearest(chapter):
    path = chapter(
        "- The median is 0.85.",
        (
            "assert highest > 1\nassert median > 0.8  # to 0.9\nassert lowest < 0",
            "0.85",
        ),
    )
    assert conditions(path) == [["median > 0.8"]]
    named = {"The median": ["assert lowest <"]}
    assert conditions(path, named) == [["lowest < 0"]]


def test_what_is_named_and_not_there_is_refused(chapter):
    path = chapter("- It holds.", ("assert a", "0.85"), ("print(b)", "1"))
    with pytest.raises(ValueError, match="no claim that begins with 'It fails'"):
        conditions(path, {"It fails": ["assert a"]})
    with pytest.raises(ValueError, match="found 0"):
        conditions(path, {"It holds": ["assert c"]})
    with pytest.raises(ValueError, match="no assert in the cell"):
        conditions(path, {"It holds": ["print(b)"]})


@pytest.mark.parametrize(("stem", "begins", "code"), SURE)
def test_numbers_find_the_cell_that_was_looked_up_by_hand(stem, begins, code):
    path = ROOT / "notebooks" / f"{stem}.ipynb"
    (text,) = (text for text in claims.summary_of(path) if text.startswith(begins))
    (found,) = guards.by_numbers(text, guards.candidates(path))
    assert code in found.source


@chapters
def test_most_claims_and_all_predictions_have_a_guard(path):
    found, predictions = of_chapter(path)
    assert len(found) >= 4
    if (
        path.stem in given()
    ):  # a new chapter is in the index before book/guards.yml knows it
        assert sum(bool(c.guards) for c in found) >= 0.8 * len(found)
    assert len(predictions) >= 3
    assert all(c.guards for c in predictions)


# ---- the page


def test_a_condition_of_bars_and_angles_stands_in_a_table(chapter):
    path = chapter("- It is 0.85 | or so.", ("assert (a | b) < 2", "0.85"))
    text = claims.section(path, {})
    row = next(line for line in text.splitlines() if "0.85" in line)
    assert row.startswith("| It is 0.85 \\| or so. |")
    assert "`(a \\| b) < 2`</a>" in row
    assert f'href="../notebooks/21_made.html#cell-{cells.cells_of(path)[1].id}"' in row


def test_a_question_is_plain_text():
    assert claims.plain("Is `W_hh` * 2 < $3?") == r"Is `W_hh` \* 2 \< \$3?"


@chapters
def test_the_page_has_every_claim_and_leads_to_its_cell(site_dir, path):
    soup = parsed(site_dir / "book" / "claims.html")
    number = f"Chapter {int(path.stem[:2])}:"
    (heading,) = (h2 for h2 in soup("h2") if h2.get_text().startswith(number))
    rows = heading.find_parent("section").select("tbody tr")
    found, predictions = of_chapter(path)
    assert len(rows) == len(found) + len(predictions)
    page = parsed(site_dir / "notebooks" / f"{path.stem}.html")
    for row, claim in zip(rows, found + predictions, strict=True):
        links = row.select("td:last-child a")
        assert len(links) == len(claim.guards), claim.text
        for link, guard in zip(links, claim.guards, strict=True):
            cell = page.find(id=link["href"].partition("#")[2])
            assert "cell" in cell["class"]
            shown = cell.select_one(".cell_input")
            if shown:  # the page may show what came out and not the code
                assert "assert" in shown.get_text()
            assert link.get_text().startswith(guard.condition[:40])


@cache
def parsed(file):
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def test_a_fence_that_cannot_be_filled_stops_the_build(tmp_path, monkeypatch):
    def refuse(root):
        raise ValueError("book/guards.yml: what is wrong")

    monkeypatch.setitem(generated.MAKERS, "claims", refuse)
    app = type("App", (), {"srcdir": tmp_path})
    with pytest.raises(
        generated.ExtensionError, match=r"book/claims: .* what is wrong"
    ):
        generated.fill_in(app, "book/claims", ["a\n\n```{claims}\n```\n"])
    source = ["```{note}\n```\n"]
    generated.fill_in(app, "book/claims", source)
    assert source == ["```{note}\n```\n"]


# ---- links to cells


def test_a_cell_is_found_by_code_that_stands_in_no_other(chapter):
    path = chapter("- It holds.", ("a = 1", ""), ("a = 2\nb = 1", ""))
    assert cells.find(path, "b = 1").source == "a = 2\nb = 1"
    with pytest.raises(ValueError, match="of 21_made with 'a =', found 2"):
        cells.find(path, "a =")
    with pytest.raises(ValueError, match="no notebook 99_none"):
        cells.find(path.with_stem("99_none"), "a")
