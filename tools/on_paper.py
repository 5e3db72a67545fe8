"""What a page becomes on paper: figures for explorables, nothing folded, solutions and answers at the chapter's end."""

import json
import re
from pathlib import Path

from bs4 import BeautifulSoup
from questions import lettered, right, unit

from rnnkit.show.explorable import rich

QUIZ = "quiz"  # the module of quizzes and predictions
NUMBERED = re.compile(r"Exercise [\d.]*\d")
LONG = 12  # lines of code that stay together
LAST = "Solutions and answers"

ON_PAPER = """<section id="on-paper"><h2>On paper</h2>
<p>This is the website in print. A live figure stands here as a picture, with a word on where it lives. Left out are
imports, code that draws figures, and the self-checks of the exercises: the notebooks have them. Solutions to the
exercises, and answers to predictions and quiz, close each chapter. Page numbers count from the title page, as your
viewer counts.</p></section>"""


def prepare(pages, site, base=""):
    """Turn all pages, in place, into what is printed. base: the site's address, or "" if it has none.

    Comes before `one_page.join`, since it reads what the scripts of a page were given.
    """
    introduce(pages[0].article)
    for page in pages:
        keep_stubs(page.article)
        unfold(page.article)
        mark_long(page.article)
        asked = ask_all(page, site)
        show_pictures(page, base)
        end_with_answers(page, asked)


def parsed(markup):
    """The elements and texts of some HTML."""
    return list(BeautifulSoup(markup, "html.parser").contents)


def new(markup):
    """The first element of some HTML."""
    return parsed(markup)[0].extract()


def introduce(article):
    """The site's first page follows the title page here, and its progress is kept by a browser."""
    article.h1.string = "About this course"
    for box in article.select(".rk-progress"):
        box.find_parent("section").decompose()
    article.section.append(new(ON_PAPER))


# ---- folds


def unfold(article):
    """Show what waits behind a fold, but no code that the site hides: it draws figures, or imports."""
    for fold in article.select("details.hide.above-input"):
        fold.decompose()
    for fold in article.select("details.hide, details.rk-code"):
        fold.summary.decompose()
        fold.unwrap()
    for fold in article.select("details"):
        fold.name, fold.summary.name = "div", "p"
    for cell in article.select("div.cell"):
        if not cell.get_text(strip=True) and not cell.find("img"):
            cell["class"].append("rk-empty")  # links may lead to it


def keep_stubs(article):
    """Of an exercise's cell only the stub is printed: nobody runs a self-check on paper."""
    for check in article.select("details.rk-check"):
        cell = check.find_parent("div", class_="cell")
        for part in (check, *cell.select(".cell_output")):
            part.decompose()


def mark_long(article):
    """Long code may go on over the next page; the rest stays whole."""
    for code in article.select("pre"):
        if code.get_text().count("\n") > LONG:
            code["class"] = [*code.get("class", []), "rk-long"]


# ---- explorables


def show_pictures(page, base):
    """Explorables as figures: the static picture, the caption, and where they can be played with."""
    for figure in page.article.select("figure.rk-explorable"):
        where = f"{page.name}.html#{figure['id']}"
        live = (
            f'<a href="{base}{where}">Live on the website.</a>' if base else place(page)
        )
        said = new(f'<span class="rk-live">{live}</span>')
        figure.figcaption.extend([" ", said])
        for name in ("data-module", "data-state", "data-page"):
            figure.attrs.pop(name, None)


def place(page):
    """Where a reader of the website finds the figure."""
    if page.is_chapter:
        return f"Live in chapter {int(page.slug[:2])} on the website."
    return "Live on the website’s first page."


# ---- questions


def ask_all(page, site):
    """Print the questions of a page where they stand; returns (kind, HTML of the answers) of each quiz or prediction.

    Predictions are counted in their chapter, as exercises are.
    """
    found, predictions = [], 0
    for figure in page.article.select(f'figure.rk-explorable[data-module="{QUIZ}"]'):
        state = state_of(figure, page, site)
        predictions += state["kind"] != QUIZ
        number = (
            f"{int(page.slug[:2])}.{predictions}" if page.is_chapter else predictions
        )
        title = "Quiz" if state["kind"] == QUIZ else f"Prediction {number}"
        found.append((state["kind"], answers(state["questions"], title, figure["id"])))
        figure.replace_with(printed(state, title, figure["id"]))
    return found


def state_of(figure, page, site):
    """What an explorable starts from: in the page, or in a file beside it."""
    script = figure.find("script", type="application/json")
    if script is not None:
        return json.loads(script.string)
    beside = Path(site, page.name).parent / figure["data-state"]
    return json.loads(beside.read_text(encoding="utf-8"))


def printed(state, title, identifier):
    """The questions of a quiz or a prediction, with a link to the answers."""
    asked = state["questions"]
    if state["kind"] == QUIZ:
        items = "".join(f"<li>{question(q)}</li>" for q in asked)
        body = f'<ol class="rk-questions">{items}</ol>'
    else:
        body = question(asked[0])
    return new(
        f'<aside class="rk-ask rk-{state["kind"]}" id="{identifier}">'
        f'<p class="rk-ask-title">{title}{see("answer", f"{identifier}-answer")}</p>'
        f"{body}</aside>"
    )


def see(word, identifier):
    """A link with the page that it leads to, whose number the printing puts in."""
    page = f'<span data-page-of="{identifier}">000</span>'
    return f'<a class="rk-see" href="#{identifier}">{word} on page {page}</a>'


def question(asked):
    """One question with its options, lettered."""
    options = "".join(f"<li>{rich(o['text'])}</li>" for _, o in lettered(asked))
    listed = f'<ol class="rk-options">{options}</ol>' if options else ""
    return f"<p>{rich(asked['question'])}{unit(asked, ' ({})')}</p>{listed}"


def answers(asked, title, identifier):
    """The answers of one quiz or prediction as HTML: a paragraph each, or a list."""
    if title == "Quiz":
        items = "".join(f"<li>{answer(q)}</li>" for q in asked)
        return f'<ol class="rk-questions" id="{identifier}-answer">{items}</ol>'
    return (
        f'<p id="{identifier}-answer"><a href="#{identifier}"><strong>{title}.</strong></a> '
        f"{answer(asked[0])}</p>"
    )


def answer(asked):
    """The right answer and why, then what is wrong with the others."""
    said, why = right(asked)
    if not lettered(asked):
        return f"<strong>{said}{unit(asked)}.</strong> {rich(why)}"
    wrong = [
        f"<em>Not ({letter}):</em> {rich(option['feedback'])}"
        for letter, option in lettered(asked)
        if not option["correct"]
    ]
    return " ".join([f"<strong>({said})</strong> {rich(why)}", *wrong])


# ---- the end of a chapter


def end_with_answers(page, asked):
    """Gather solutions, and answers to predictions and quiz, in a last section of the page."""
    solutions = [solution.extract() for solution in page.article.select("div.solution")]
    if not solutions and not asked:
        return
    end = new(f'<section id="answers" class="rk-answers"><h2>{LAST}</h2></section>')
    exercises = {
        head.get_text(strip=True): head.find_parent("div")
        for head in page.article.select("div.exercise .caption-number")
    }
    for solution in solutions:
        tie(solution, exercises)
        end.append(solution)
    for kind, heading in (("predict", "Predictions"), (QUIZ, "Quiz")):
        found = [new(markup) for of, markup in asked if of == kind]
        if found:
            end.append(new(f"<h3>{heading}</h3>"))
            end.extend(found)
    page.article.section.append(end)


def tie(solution, exercises):
    """Link a solution and its exercise. exercises: by number; ValueError if the number in the title is not there."""
    title = solution.select_one(".admonition-title")
    number = NUMBERED.search(title.get_text())
    if number is None or number[0] not in exercises:
        raise ValueError(f"expected an exercise for {title.get_text()!r}, got none")
    exercise = exercises[number[0]]
    back = new(f'<a href="#{exercise["id"]}"></a>')
    back.extend(list(title.contents))
    title.append(back)
    link = new(see("solution", solution["id"]))
    exercise.select_one(".admonition-title").append(link)
