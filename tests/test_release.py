"""A release agrees with itself, and what does not is named in a sentence: on a copy of what a release looks at."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tools")]

import cards  # noqa: E402
import changelog  # noqa: E402
import release  # noqa: E402
from files import page_names  # noqa: E402

VERSION, DAY = "9.1.0", "2031-05-06"
LOOKED_AT = (
    "CHANGELOG.md CITATION.cff _toc.yml pyproject.toml rnnkit/__init__.py "
    "tools/colab.py binder/postBuild binder/runtime.txt .devcontainer/Dockerfile "
    ".devcontainer/devcontainer.json .github/workflows/publish.yml"
).split()
PAGE = """<html><head><meta property="og:image" content="../_static/{card}"></head><body>
<h1>{title}</h1>
<p class="rk-take"><a href="{take}/a.zip">Student notebook</a></p><h2>{version}, {day}</h2>
<footer><p class="version"><a>Version {version}</a></p></footer></body></html>"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def course(tmp_path):
    """A folder with all that a release looks at, in agreement; its site is in `site`."""
    for name in LOOKED_AT:
        write(tmp_path / name, (ROOT / name).read_text(encoding="utf-8"))
    changes = tmp_path / "CHANGELOG.md"
    if "## Unreleased" not in changes.read_text(encoding="utf-8"):
        text = changes.read_text(encoding="utf-8")
        write(changes, text.replace("\n## ", "\n## Unreleased\n\nAll.\n\n## ", 1))
    for name, text in release.stamped(tmp_path, VERSION, DAY).items():
        write(tmp_path / name, text)
    pages = all_pages(tmp_path)
    for name in [*pages, "404"]:
        card = f"cards/{Path(name).name}.png" if "notebooks/" in name else "card.png"
        take = "../../take" if name.startswith(changelog.FOLDER) else "../take"
        page = PAGE.format(
            card=card, version=VERSION, day=DAY, title=Path(name).name, take=take
        )
        write(tmp_path / "site" / f"{name}.html", page)
        if "notebooks/" in name:
            write(tmp_path / f"{name}.ipynb", "")
    write(tmp_path / "site/take/a.zip", "")
    chapters = [{"page": name} for name in pages if "notebooks/" in name]
    write(tmp_path / "site/_outline/course.json", json.dumps(chapters))
    return tmp_path


def all_pages(root):
    """The names of the pages that the site has: those of the book and one for each release."""
    return [*page_names(root), *(entry.page for entry in changelog.released(root))]


def found(root, drawn=()):
    return list(release.disagreements(root, root / "site", drawn))


def test_what_agrees_is_a_release(course):
    assert found(course) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("CHANGELOG.md", f"## {VERSION}", "## Unreleased\n\nMore.\n\n## 9.1.0", 'expected a version in place of "Unreleased", under which changes stand'),
        ("CHANGELOG.md", f"## {VERSION}, {DAY}", "## 9.1.0", 'expected "## Unreleased", at the top, or a heading such as "## 1.2.0, 2027-01-31", got "## 9.1.0"'),
        ("CHANGELOG.md", DAY, "2031-02-30", 'got "## 9.1.0, 2031-02-30"'),
        ("CHANGELOG.md", f"## {VERSION}", "## 9.2.0", "expected 9.1.0 as the newest, as in rnnkit/__init__.py, got 9.2.0"),
        ("CHANGELOG.md", f"## {VERSION}, {DAY}\n", f"## {VERSION}, {DAY}\n## 9.0.0, 2031-01-01\n", "expected a sentence on what 9.1.0 changed, got nothing"),
        ("CHANGELOG.md", "## 0.1.0", "## 10.0.0", 'expected the newest first, got "9.1.0, 2031-05-06" before "10.0.0'),
        ("CHANGELOG.md", "## 0.1.0, 2026", "## 0.1.0, 2046", "expected the newest first"),
        ("CITATION.cff", f"version: {VERSION}", "version: 9.0.0", "CITATION.cff: version: expected 9.1.0, as in rnnkit/__init__.py, got 9.0.0"),
        ("CITATION.cff", DAY, "2031-05-07", "CITATION.cff: date-released: expected 2031-05-06, as in CHANGELOG.md, got 2031-05-07"),
        ("CITATION.cff", f"version: {VERSION}\n", "", "CITATION.cff: version: expected 9.1.0, as in rnnkit/__init__.py, got None"),
        ("pyproject.toml", 'name = "rnnkit"', 'name = "rnnkit"\nversion = "9.1.0"', "pyproject.toml: expected no version"),
        ("binder/postBuild", "-c constraints.txt", "", 'binder/postBuild: expected "-c constraints.txt"'),
        ("tools/colab.py", "/constraints.txt", "", 'tools/colab.py: expected "/constraints.txt"'),
        (".devcontainer/devcontainer.json", "make data", "pip install .", '.devcontainer/devcontainer.json: expected "make data"'),
        ("binder/runtime.txt", "3.11", "3.12", "expected one Python for all environments, got 3.12 in binder/runtime.txt, 3.11 in"),
        ("_toc.yml", "      - file: notebooks/03_bptt\n", "", "_toc.yml: expected notebooks/03_bptt.ipynb, which is a chapter, got no such page"),
        ("_toc.yml", "notebooks/03_bptt", "notebooks/03_bptt_x", "_toc.yml: expected pages that are there, got notebooks/03_bptt_x.ipynb"),
        ("site/notebooks/03_bptt.html", f"Version {VERSION}", "Version 9.0.0", "notebooks/03_bptt.html: expected Version 9.1.0 at its foot, got Version 9.0.0"),
        ("site/notebooks/03_bptt.html", "cards/03_bptt.png", "card.png", "notebooks/03_bptt.html: expected its own card, cards/03_bptt.png, got ../_static/card.png"),
        ("site/notebooks/03_bptt.html", "a.zip", "b.zip", "notebooks/03_bptt.html: expected a file behind Student notebook, got none at ../take/b.zip"),
        ("site/book/changelog.html", f"<h2>{VERSION}", "<h2>9.0.0", "book/changelog.html: expected 9.1.0 first, got 9.0.0, 2031-05-06"),
        (f"site/book/releases/{VERSION}.html", f"<h1>{VERSION}", "<h1>9.0.0", f"book/releases/{VERSION}.html: expected 9.1.0 in its title, got 9.0.0"),
        ("site/_outline/course.json", "notebooks/03_bptt", "notebooks/03", "_outline/course.json: expected notebooks/01_sequence_types"),
    ],
)  # fmt: skip
def test_a_disagreement_is_named(course, name, old, new, sentence):
    text = (course / name).read_text(encoding="utf-8")
    assert old in text
    write(course / name, text.replace(old, new, 1))
    assert any(sentence in one for one in found(course)), found(course)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("CITATION.cff", "CITATION.cff: expected a file, got nothing"),
        ("binder/runtime.txt", "binder/runtime.txt: expected a file, got nothing"),
        ("site/404.html", "expected 404.html, got no such page; `make book` builds it"),
        ("site/_outline/course.json", "_outline/course.json: expected a file"),
        (f"site/book/releases/{VERSION}.html", f"expected book/releases/{VERSION}.html, got no such page; `make book` builds it"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(course, name, sentence):
    (course / name).unlink()
    assert any(sentence in one for one in found(course)), found(course)


@pytest.mark.parametrize(
    "text", ["", '__version__ = "1.2"\n', '__version__ = "01.2.0"\n']
)
def test_a_version_that_is_none_stops_everything(course, text):
    write(course / "rnnkit/__init__.py", text)
    with pytest.raises(
        ValueError, match=r'expected one line such as __version__ = "1\.2\.0"'
    ):
        found(course)


def test_a_site_map_has_the_pages_and_no_others(course):
    pages = all_pages(course)
    urls = "".join(f"<loc>https://a.b/c/{page}.html</loc>" for page in pages)
    write(course / "site/sitemap.xml", urls)
    assert found(course) == []
    write(course / "site/sitemap.xml", urls.replace("index.html", "idle.html"))
    assert (
        "of which ['https://a.b/c/book/idle.html'] are not among them"
        in found(course)[0]
    )


def test_history_is_asked(course):
    def git(*words):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(
            ["git", *who, *words], cwd=course, check=True, capture_output=True
        )

    git("init")
    assert "expected everything committed, got changes in" in found(course)[0]
    git("add", "-A")
    git("commit", "-m", "a")
    git("tag", f"v{VERSION}")
    assert found(course) == []
    git("commit", "--allow-empty", "-m", "b")
    assert found(course) == [
        f"expected a version that is not released yet, got {VERSION}, whose tag v{VERSION} is another commit"
    ]


# ---- what the changelog says of each release

ENTRIES = """# Changelog

What changed.

## Unreleased

### Added

- A page.

## 1.1.0, 2030-01-02

- Mended.

## 1.0.0, 2029-12-31

- All.
"""


def test_every_release_has_a_page():
    pages = [entry.page for entry in changelog.releases_of(ENTRIES)]
    folder = changelog.FOLDER
    assert pages == [f"{folder}/unreleased", f"{folder}/1.1.0", f"{folder}/1.0.0"]
    empty = ENTRIES.replace("### Added\n\n- A page.\n", "")
    assert changelog.releases_of(empty)[0].heading == "1.1.0, 2030-01-02"
    assert changelog.releases_of("# Changelog\n") == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("1.1.0, 2030-01-02", "1.1, 2030-01-02", 'got "## 1.1, 2030-01-02"'),
        ("1.1.0, 2030-01-02", "1.1.0", 'got "## 1.1.0"'),
        ("1.1.0, 2030-01-02", "1.1.0, 2 January 2030", 'got "## 1.1.0, 2 January 2030"'),
        ("1.1.0, 2030-01-02", "1.1.0, 2030-02-30", 'got "## 1.1.0, 2030-02-30"'),
        ("1.1.0, 2030-01-02", "Unreleased", 'expected "## Unreleased", at the top, or a heading such as "## 1.2.0, 2027-01-31", got "## Unreleased"'),
        ("Unreleased", "Coming", 'got "## Coming"'),
        ("1.0.0", "1.1.0", 'expected each version once, got "## 1.1.0, 2029-12-31" again'),
    ],
)  # fmt: skip
def test_a_heading_that_is_none_is_named(old, new, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        changelog.releases_of(ENTRIES.replace(old, new, 1))


# ---- making one


@pytest.mark.parametrize(
    ("version", "day", "message"),
    [
        ("2", DAY, "--as: expected a version such as 1.2.0, got 2"),
        ("v10.0.0", DAY, "got v10.0.0"),
        (VERSION, DAY, f"expected a version after {VERSION}, got {VERSION}"),
        (
            "10.0.0",
            "tomorrow",
            "--on: expected a date such as 2027-01-31, got tomorrow",
        ),
        ("10.0.0", DAY, 'expected changes under "## Unreleased", got none'),
    ],
)
def test_what_is_no_new_release_is_refused(course, version, day, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        release.stamped(course, version, day)


# ---- the repository as it stands


def test_the_repository_agrees_between_releases():
    """All but what only a release needs: nothing unreleased, fresh cards, the built site, a clean history."""
    checks = (
        release.in_changelog,
        release.in_citation,
        release.in_package,
        release.in_environments,
        release.in_contents,
    )
    said = [one for check in checks for one in check(ROOT)]
    assert [one for one in said if "in place of" not in one] == []


def test_a_card_knows_what_it_was_drawn_from(tmp_path):
    heading = nbformat.v4.new_markdown_cell("# A `title` & more {x}")
    path = tmp_path / "07_title.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[heading]), path)
    card = cards.chapter_card(path)._replace(path=tmp_path / "07_title.png")
    assert "Chapter 7</p><h1>A title &amp; more {x}</h1>" in card.page
    assert list(release.in_cards([card])) == [
        "expected cards drawn from the chapters as they are, got 07_title.png; `python tools/cards.py` draws them"
    ]
    shutil.copy(ROOT / "book" / "_static" / "live-figure.png", tmp_path / "shot.png")
    cards.save(card, (tmp_path / "shot.png").read_bytes())
    assert card.is_fresh()
    assert not card._replace(page=card.page + " ").is_fresh()


def test_a_chapter_without_a_heading_has_no_card(tmp_path):
    path = tmp_path / "07_title.ipynb"
    cell = nbformat.v4.new_markdown_cell("No heading")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    with pytest.raises(
        ValueError,
        match=r"07_title\.ipynb: expected a first cell that begins with a heading",
    ):
        cards.chapter_card(path)
