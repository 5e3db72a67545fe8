"""The parts of the page for instructors that follow from the chapters, the exam bank and what was measured.

Every directive writes MyST and lets it be parsed, so that a chapter that is added appears by itself.
"""

import json
import re
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from .chapter_facts import facts_of, question_at

PAGE = "book/instructors"
BELIEFS = "book/misconceptions.yml"
COSTS = "book/per_student.json"
CLASS = 200  # students, for the table of costs


class Teaching(SphinxDirective):
    """What all of them share: the chapters of the book, and parsing."""

    def chapters(self):
        """(docname, facts) of every chapter in the contents, in order."""
        found = []
        for name in sorted(self.env.found_docs):
            if name.startswith("notebooks/"):
                path = Path(self.env.doc2path(name))
                self.env.note_dependency(str(path))
                try:
                    found.append((name, facts_of(path)))
                except ValueError as error:
                    raise self.error(str(error)) from error
        return found

    def read(self, name):
        """The text of a file of the repository."""
        path = Path(self.env.srcdir, name)
        self.env.note_dependency(str(path))
        return path.read_text(encoding="utf-8")

    def parsed(self, lines):
        """Docutils nodes of lines of MyST."""
        return self.parse_text_to_nodes("\n".join(lines) + "\n")

    def folded(self, summary, lines):
        """The same behind a line that opens it."""
        head = f'<details class="rk-teach"><summary>{summary}</summary>'
        return [
            nodes.raw("", head, format="html"),
            *self.parsed(lines),
            nodes.raw("", "</details>", format="html"),
        ]


def link(name, facts):
    """A chapter's number and title, linked."""
    return f"{facts.number}. {{doc}}`{facts.title} <../{name}>`"


def plain(text):
    """A text of a quiz, which is never read as markup, as Markdown: code in backticks stays, the rest is escaped."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([\\<>*_$\[\]|{}])", r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [part.replace("|", "\\|") for part in parts[1::2]]
    return " ".join("`".join(parts).split())


def table(head, rows):
    """Lines of a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(map(str, line)) + " |" for line in lines]


class Chapters(Teaching):
    """Minutes, seconds, votes and exercises of each chapter."""

    def run(self):
        rows = [
            [link(name, f), f.core, f.all, f.seconds, f.predictions, f.exercises]
            for name, f in self.chapters()
        ]
        rows.append(
            ["together", *(sum(column) for column in list(zip(*rows, strict=True))[1:])]
        )
        head = ["chapter", "core, min", "all, min", "runs, s", "votes", "exercises"]
        return self.parsed(table(head, rows))


class Goals(Teaching):
    """The goals of each chapter, as its header states them, and the sections of its core."""

    def run(self):
        lines = []
        for name, f in self.chapters():
            lines += [f"**{link(name, f)}.** You can", ""]
            lines += [f"- {goal}" for goal in f.goals]
            lines += [f"- (further) {goal}" for goal in f.further_goals]
            lines += ["", f"*Core:* {' · '.join(f.sections)}", ""]
        return self.parsed(lines)


class Plan(Teaching):
    """A plan, a week a line: ``1, 2 = what the session does``; ``each = ...`` gives every chapter left a week."""

    has_content = True

    def run(self):
        left = {f.number: (name, f) for name, f in self.chapters()}
        rows, planned = [], []
        for line in self.content:
            which, _, session = line.partition("=")
            try:
                weeks = self.weeks(which.strip(), left)
            except (KeyError, ValueError) as error:
                raise self.error(f"plan: no chapters {error} for {line!r}") from error
            for week in weeks:
                planned += week
                rows.append(self.row(len(rows) + 1, week, session.strip()))
        head = ["week", "chapters", "session"]
        core, all_ = (
            sum(x) for x in zip(*((f.core, f.all) for _, f in planned), strict=True)
        )
        rows.append(["", f"together {core} + {all_ - core} min", ""])
        lines = table(head, rows)
        if left:
            lines += [
                "",
                "Left out: "
                + "; ".join(link(*chapter) for chapter in left.values())
                + ".",
            ]
        return self.parsed(lines)

    def weeks(self, which, left):
        """Take the chapters of one line out of those left: a list of weeks."""
        if which == "each":
            weeks = [[chapter] for chapter in left.values()]
            left.clear()
            return weeks
        return [[left.pop(int(number)) for number in which.split(",")]]

    def row(self, number, week, session):
        core = sum(f.core for _, f in week)
        further = sum(f.all for _, f in week) - core
        names = "<br>".join(link(*chapter) for chapter in week)
        return [number, f"{names}<br>{core} + {further} min", session]


class Misconceptions(Teaching):
    """What students believe, chapter by chapter, with the question that shows it."""

    def run(self):
        beliefs = yaml.safe_load(self.read(BELIEFS))
        result = []
        for name, f in self.chapters():
            stem = Path(name).name
            rows = []
            for where, belief in beliefs.get(stem, {}).items():
                try:
                    asked, place, answer = question_at(self.env.srcdir, stem, where)
                except (ValueError, OSError) as error:
                    raise self.error(str(error)) from error
                rows.append([plain(belief), f"{plain(asked)} ({place})", plain(answer)])
            if rows:
                lines = table(
                    ["belief", "the question that shows it", "what to answer"], rows
                )
                result += self.folded(
                    f"{f.number}. {f.title}: {len(rows)} beliefs", lines
                )
        return result


class Questions(Teaching):
    """The exam bank as a table."""

    def run(self):
        from rnnkit.exam import QUESTIONS

        rows = [
            [
                f"`{q.id}`",
                q.title,
                q.level,
                q.draw(0).points,
                ", ".join(map(str, q.chapters)),
            ]
            for q in QUESTIONS
        ]
        head = ["id", "question", "level", "points", "needs chapters"]
        points = sum(row[3] for row in rows)
        return self.folded(
            f"The {len(rows)} questions, {points} points", table(head, rows)
        )


class Sample(Teaching):
    """One question as it is printed: ``{teaching-sample} ID SEED``."""

    required_arguments = 2

    def run(self):
        from rnnkit.exam import find

        identifier, seed = self.arguments
        drawn = find(identifier).draw(int(seed))
        marks = [f"- {points}: {what}" for points, what in drawn.marks]
        lines = [
            drawn.text,
            "",
            "**Model answer.**",
            "",
            drawn.answer,
            "",
            "**Points.**",
            "",
            *marks,
        ]
        quote = [f"> {line}".rstrip() for line in "\n".join(lines).split("\n")]
        return self.parsed(quote)


class Costs(Teaching):
    """Memory and processor time for each student, from the stored measurement."""

    def run(self):
        measured = json.loads(self.read(COSTS))["chapters"]
        titles = {Path(name).name: link(name, f) for name, f in self.chapters()}
        rows = []
        for stem, m in measured.items():
            memory = m["kernel_mb"] + m["server_mb"]
            cells = [f"{m[key]:,} MB" for key in ("kernel_mb", "server_mb")]
            cells += [f"{memory * CLASS / 1024:,.0f} GB", f"{m['processor_seconds']} s"]
            rows.append(
                [
                    titles.get(stem, stem),
                    *cells,
                    f"{m['processor_seconds'] * CLASS / 3600:.1f} h",
                ]
            )
        head = [
            "chapter",
            "kernel, at most",
            "server",
            f"{CLASS} at once",
            "processor",
            f"for {CLASS}",
        ]
        machines = sorted({m["machine"] for m in measured.values()})
        return self.parsed(
            [*table(head, rows), "", f"Measured on: {'; '.join(machines)}."]
        )


def outdated(app, env, added, changed, removed):
    """A chapter that comes or goes changes the page, though none of its files did."""
    moved = any(name.startswith("notebooks/") for name in added | removed)
    return [PAGE] if moved and PAGE in env.found_docs else []


def setup(app):
    app.connect("env-get-outdated", outdated)
    directives = {
        "chapters": Chapters,
        "goals": Goals,
        "plan": Plan,
        "misconceptions": Misconceptions,
        "questions": Questions,
        "sample": Sample,
        "costs": Costs,
    }
    for name, directive in directives.items():
        app.add_directive(f"teaching-{name}", directive)
