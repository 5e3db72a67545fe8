"""Papers: what is chosen, what is written, and what the command refuses."""

import re

import pytest
from bs4 import BeautifulSoup

from rnnkit.cli import main
from rnnkit.exam import QUESTIONS, find
from rnnkit.exam.paper import choose, exam, fills, marking
from rnnkit.exam.printed import to_html


@pytest.mark.parametrize("seed", range(5))
def test_a_paper_has_the_points_asked_for_from_the_chapters_that_were_taught(seed):
    questions = choose([1, 2, 3, 4], 60, seed)
    assert sum(q.draw(seed).points for q in questions) == 60
    assert all(set(q.chapters) <= {1, 2, 3, 4} for q in questions)
    assert {q.chapters[0] for q in questions} == {1, 2, 3, 4}
    assert {q.level for q in questions} == {1, 2, 3}
    assert len(set(questions)) == len(questions)
    assert choose([1, 2, 3, 4], 60, seed) == questions


def test_every_question_can_be_chosen_and_printed():
    everything = sum(q.draw(1).points for q in QUESTIONS)
    chapters = {c for q in QUESTIONS for c in q.chapters}
    assert set(choose(chapters, everything, 1)) == set(QUESTIONS)
    for write in (exam, marking):
        page = BeautifulSoup(to_html(write(QUESTIONS, 1, "A", "All")), "html.parser")
        assert len(page.select("section")) == len(QUESTIONS)
        assert not page.select("merror, script, link, img")
        for formula in page.select("math"):
            formula.decompose()
        assert "$" not in page.get_text()
        assert "\\" not in page.get_text()


def test_points_that_no_questions_make_are_refused():
    with pytest.raises(
        ValueError,
        match=r"^points: expected a sum of the questions' points, \d+ to \d+ .*, got 1$",
    ):
        choose([1], 1, 1)
    with pytest.raises(ValueError, match=r"got 9999$"):
        choose([1], 9999, 1)
    with pytest.raises(
        ValueError, match=r"^chapters: expected some with questions .*, got \[77\]$"
    ):
        choose([77], 60, 1)
    assert fills([3, 5], 8)
    assert not fills([3, 5], 7)


def test_the_exam_gives_nothing_away_and_the_marking_scheme_all():
    questions = [find("06-snippet"), find("03-shares")]
    paper, scheme = (write(questions, 5, "B", "Test") for write in (exam, marking))
    for question in questions:
        drawn = question.draw(5, "B")
        assert drawn.text in paper
        assert drawn.answer not in paper
        assert drawn.text in scheme
        assert drawn.answer in scheme
        assert all(what in scheme for _, what in drawn.marks)
    assert "seed" not in paper


def run(capsys, *arguments):
    try:
        code = main(["exam", *map(str, arguments)])
    except SystemExit as end:
        code = end.code
    return code, *capsys.readouterr()


def test_the_command_writes_both_versions_and_says_so(tmp_path, capsys):
    folder = tmp_path / "new" / "exam"
    code, printed, errors = run(capsys, "--seed", 9, "--points", 30, "--out", folder)
    assert (code, errors) == (0, "")
    assert re.search(r"\d+ questions, 30 points, versions A and B with seed 9", printed)
    names = {f"{kind}-{v}.html" for kind in ("exam", "marking") for v in "AB"}
    assert {path.name for path in folder.iterdir()} == names
    a, b = ((folder / f"exam-{v}.html").read_text("utf-8") for v in "AB")
    headings = [re.findall(r"<h2>(.*)</h2>", page) for page in (a, b)]
    assert headings[0] == headings[1]
    assert a.replace("Version A", "Version B") != b
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run(capsys, "--seed", 9, "--points", 30, "--out", folder)[0] == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_markdown_and_named_questions(tmp_path, capsys):
    code, *_ = run(
        capsys,
        "--seed",
        1,
        "--question",
        "07-one-step",
        "--format",
        "md",
        "--out",
        tmp_path,
    )
    assert code == 0
    assert find("07-one-step").draw(1, "A").text in (tmp_path / "exam-A.md").read_text(
        "utf-8"
    )


def test_the_list_names_every_question(capsys):
    code, printed, _ = run(capsys, "--list")
    assert code == 0
    assert [line.split()[0] for line in printed.splitlines()] == [
        q.id for q in QUESTIONS
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--seed", "abc"],
            "argument --seed: expected a whole number from 0, got 'abc'",
        ),
        (["--seed", "-3"], "argument --seed: expected a whole number from 0, got '-3'"),
        (
            ["--seed", "1.5"],
            "argument --seed: expected a whole number from 0, got '1.5'",
        ),
        ([], "--seed: expected a whole number from 0, got none"),
        (
            ["--seed", "1", "--chapters", "4-1"],
            "expected numbers and ranges such as 1-4,7, got '4-1'",
        ),
        (
            ["--seed", "1", "--chapters", "one"],
            "expected numbers and ranges such as 1-4,7, got 'one'",
        ),
        (
            ["--seed", "1", "--question", "x"],
            "question: expected an id such as '01-shapes', got 'x'",
        ),
        (
            ["--seed", "1", "--points", "2"],
            "points: expected a sum of the questions' points",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(
    arguments, message, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    code, printed, errors = run(capsys, *arguments)
    assert (code, printed) == (2, "")
    assert errors.startswith("rnnkit: error: ")
    assert errors.count("\n") == 1
    assert message in errors
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_folders_place_is_refused(tmp_path, capsys):
    place = tmp_path / "exam"
    place.write_text("mine", encoding="utf-8")
    code, _, errors = run(capsys, "--seed", 1, "--points", 30, "--out", place)
    assert code == 2
    assert f"--out: expected a folder, got the file {place}" in errors
    assert place.read_text(encoding="utf-8") == "mine"


def test_a_formula_that_cannot_be_set_is_named():
    with pytest.raises(ValueError, match=r"^formula: expected TeX, got "):
        to_html("# T\n\n$\\nosuchcommand{x}$\n")
