"""What there is to read, to predict and to solve in each chapter: what a reader's progress is counted against.

Every chapter leaves a file when its page is written, and the build joins them into `_outline/course.json`. What a live
figure asks inside itself it says in web/words, and it is read from there. The scripts that count are in
rnnkit/show/web/progress; what a reader has done is kept in the browser alone.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

FOLDER = "_outline"
JOINED = "course.json"
NOT_READ = ("Exercises", "Further reading")  # as in tools/minutes.py; a test compares
HEADINGS = ["h2", "h3", "h4"]
WORDS = Path(__file__).resolve().parents[3] / "rnnkit/show/web/words"
# A question in a file of words is a string in double quotes called `question` or `QUESTION`.
ASKED = re.compile(r'\bquestion\s*[:=]\s*("(?:[^"\\]|\\.)*")', re.IGNORECASE)


def outline_of(soup, pagename):
    """The outline of a chapter's page; None for a page without a chapter's number.

    soup: the page's body. Returns dict: page, number and title; core and further, the ids of the sections that have
    something of their own to read; predictions and quiz, the words of the questions by the id of their figure; live, the
    view of every other figure by its id.
    """
    title = soup.select_one("h1:has(.section-number)")
    if title is None:
        return None
    found = {
        "page": pagename,
        "number": int(title.select_one(".section-number").get_text().split(".")[0]),
        "title": text_of(title),
    }
    found |= {"core": [], "further": [], "predictions": {}, "quiz": {}, "live": {}}
    sections(title.parent, "core", found)
    for figure in soup.select("figure[data-module]"):
        if figure["data-module"] != "quiz":
            found["live"][figure["id"]] = figure["data-module"]
            continue
        state = json.loads(figure.find("script", type="application/json").string)
        kind = "quiz" if state["kind"] == "quiz" else "predictions"
        questions = [item["question"] for item in state["questions"]]
        found[kind][figure["id"]] = questions
    return found


def sections(parent, track, found):
    """Put the sections below one into their track; what stands under `Further:` is further too."""
    for section in parent.find_all("section", recursive=False):
        heading = section.find(HEADINGS, recursive=False)
        name = text_of(heading)
        if name in NOT_READ:
            continue
        own = "further" if name.startswith("Further:") else track
        inner = section.find_all("section", recursive=False)
        if len(section.find_all(True, recursive=False)) > 1 + len(inner):
            found[own].append(section["id"])
        sections(section, own, found)


def text_of(heading):
    """A heading's words, without the sign of its link."""
    words = "".join(
        part
        for part in heading.find_all(string=True)
        if part.find_parent(class_="headerlink") is None
    )
    return " ".join(words.split())


def asked_in(view, words=WORDS):
    """The predictions that a view asks for, in the order of its file of words; a view without one asks for none."""
    path = Path(words, f"{view}.js")
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return [json.loads(question) for question in ASKED.findall(text)]


def with_live(chapter):
    """The outline of a chapter with the predictions of its live figures among the others."""
    live = {name: asked_in(view) for name, view in chapter["live"].items()}
    asked = {name: questions for name, questions in live.items() if questions}
    rest = {name: value for name, value in chapter.items() if name != "live"}
    return rest | {"predictions": chapter["predictions"] | asked}


def note(soup, outdir, pagename):
    """Leave the outline of a chapter's page in a file of its own."""
    found = outline_of(soup, pagename)
    if found is not None:
        path = Path(outdir, FOLDER, f"{pagename}.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def join(app, error):
    """Join the outlines of the chapters that the course has now, in their order."""
    folder = Path(app.outdir, FOLDER)
    if error or app.builder.format != "html":
        return
    files = (folder / f"{name}.json" for name in app.env.found_docs)
    found = [
        with_live(json.loads(path.read_text(encoding="utf-8")))
        for path in files
        if path.is_file()
    ]
    found.sort(key=lambda chapter: chapter["number"])
    folder.mkdir(exist_ok=True)
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    (folder / JOINED).write_text(text, encoding="utf-8")


class ProgressDirective(SphinxDirective):
    """The place where a page shows how far its reader is; progress/table.js fills it."""

    def run(self):
        words = "It is counted once the page comes from a server and its scripts run."
        html = f'<div class="rk-progress"><p>{words}</p></div>'
        return [nodes.raw("", html, format="html")]


def setup(app):
    app.add_directive("progress", ProgressDirective)
    app.connect("build-finished", join)
