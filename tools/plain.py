"""Chapters as plain notebooks: what MyST says with directives and roles, said in Markdown that every notebook shows.

The page knows numbers for equations, figures and exercises, titles of other chapters and the papers that are cited.
A notebook that leaves the site takes these along as text.
"""

import re
from functools import cached_property
from pathlib import Path

import nbformat
from pybtex.database import parse_file
from pybtex.plugin import find_plugin
from pybtex.richtext import Text
from sections import ROOT, chapters

FENCE = re.compile(r"(:{3,})\{([\w:-]+)\} ?(.*)")
OPTION = re.compile(r":([\w-]+): *(.*)")
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
EQUATION = re.compile(r"(?s)\$\$((?:(?!\$\$).)+)\$\$ *\(([\w-]+)\)")
LINK = re.compile(r"\[([^\]]*)\]\((\d\d_\w+)\.ipynb\)")
CODE = re.compile(r"(?ms)^(```.*?^```[^\n]*$)")
WITH_TITLE = re.compile(r"(?s)(.*?) *<(.+)>")


def blocks(text):
    """A markdown cell in pieces: (name, argument, options, body) of a directive, ("", "", {}, text) of what is between."""
    lines, between, code = text.split("\n"), [], False
    while lines:
        line = lines.pop(0)
        code ^= line.startswith("```")
        start = None if code else FENCE.fullmatch(line)
        if not start:
            between.append(line)
            continue
        if between:
            yield "", "", {}, "\n".join(between)
            between = []
        if start[1] not in lines:
            raise ValueError(f"{line}: expected a line {start[1]} that closes it")
        end = lines.index(start[1])
        inside, lines = lines[:end], lines[end + 1 :]
        options = {}
        while inside and (option := OPTION.fullmatch(inside[0])):
            options[option[1]] = option[2]
            inside.pop(0)
        yield start[2], start[3], options, "\n".join(inside).strip("\n")
    if between:
        yield "", "", {}, "\n".join(between)


def figure_of(cell):
    """What a cell says of the figure that it draws, a dict; empty for one that has no caption."""
    return cell.metadata.get("mystnb", {}).get("figure", {})


class Labels:
    """What can be referred to in the chapters, with the numbers that it has on the site, and the papers cited.

    paths: the chapters, all of them, since one refers to the others.
    """

    def __init__(self, paths=None, bibliography=ROOT / "book" / "references.bib"):
        self.numbers, self.titles, self.bibliography = {}, {}, bibliography
        for path in map(Path, chapters() if paths is None else paths):
            self._read(path)

    def _read(self, path):
        chapter, counts = int(path.stem[:2]), {"eq": 0, "fig": 0, "ex": 0}

        def count(kind, label):
            counts[kind] += 1
            self.numbers[kind, label] = f"{chapter}.{counts[kind]}"

        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                if figure_of(cell):
                    count("fig", figure_of(cell).get("name", cell.id))
                continue
            title = re.search(r"(?m)^# +(.+)", cell.source)
            if title:
                self.titles.setdefault(path.stem, title[1].strip())
            for name, _, options, _ in blocks(cell.source):
                if name == "exercise":
                    count("ex", options["label"])
            for equation in EQUATION.finditer(CODE.sub("", cell.source)):
                count("eq", equation[2])

    def number(self, kind, label):
        """The number of an equation ("eq"), a figure ("fig") or an exercise ("ex"), a string such as "7.3"."""
        if (kind, label) not in self.numbers:
            raise ValueError(f"{label}: no chapter has an {kind} with this label")
        return self.numbers[kind, label]

    @cached_property
    def papers(self):
        return parse_file(str(self.bibliography), bib_format="bibtex").entries

    def cited(self, key):
        """Who wrote a paper and when: ("Elman", "1990")."""
        if key not in self.papers:
            raise ValueError(f"{key}: not in {self.bibliography.name}")
        paper = self.papers[key]
        people = paper.persons.get("author") or paper.persons.get("editor") or []
        names = [
            str(Text.from_latex(" ".join(person.prelast_names + person.last_names)))
            for person in people
        ]
        if len(names) > 2:
            who = f"{names[0]} et al."
        else:
            who = " and ".join(names) or paper.fields["title"]
        return who, paper.fields["year"]

    def references(self, keys):
        """The papers with these keys as a list in Markdown, in alphabetical order."""
        style = find_plugin("pybtex.style.formatting", "plain")(
            sorting_style="author_year_title"
        )
        backend = find_plugin("pybtex.backends", "markdown")()
        entries = style.format_entries(style.sort([self.papers[k] for k in set(keys)]))
        told = [
            " ".join(
                re.sub(r"\\([^\w\s*_`$])", r"\1", entry.text.render(backend)).split()
            )
            for entry in entries
        ]
        return "\n".join(f"- {text}" for text in told)


class Plain:
    """Turns the markdown of one chapter into Markdown without MyST, and remembers what it cites.

    labels: the Labels of the course; site: where the pages are published, "" if that is not known.
    """

    def __init__(self, labels, site=""):
        self.labels, self.site, self.keys = labels, site.rstrip("/"), set()

    def __call__(self, text):
        """The text of a cell in plain Markdown. Raises ValueError for a directive or role that has no translation."""
        parts = [self._block(*block) for block in blocks(text)]
        return re.sub(r"\n{3,}", "\n\n", "\n\n".join(filter(None, parts))).strip("\n")

    def _block(self, name, argument, options, body):
        if not name:
            return self.inline(body).strip("\n")
        if name == "exercise":
            number = self.labels.number("ex", options["label"])
            return f"### Exercise {number}: {argument}\n\n{self.inline(body)}"
        if name == "solution-start":
            return f"#### Solution to exercise {self.labels.number('ex', argument)}"
        if name == "solution-end":
            return ""
        if name.startswith("prf:"):
            title = name.removeprefix("prf:").capitalize()
            title += f" ({self.inline(argument)})" if argument else ""
            return f"**{title}.** {self(body)}"
        if name in ("admonition", "note", "tip", "important", "warning"):
            title = self.inline(argument or name.capitalize())
            return f"---\n\n**{title}**\n\n{self(body)}\n\n---"
        raise ValueError(f"{{{name}}}: a directive that a plain notebook cannot show")

    def inline(self, text):
        """Running text with its roles, numbered equations and links to chapters told in Markdown; code stays."""
        parts = CODE.split(text)
        parts[::2] = map(self._prose, parts[::2])
        return "".join(parts)

    def _prose(self, text):
        text = EQUATION.sub(self._equation, text)
        text = LINK.sub(self._link, text)
        return ROLE.sub(self._role, text)

    def _equation(self, match):
        body, number = match[1].rstrip(), self.labels.number("eq", match[2])
        end = "\n" if match[1].startswith("\n") else ""
        return f"$${body}{end or ' '}\\tag{{{number}}}{end}$$"

    def _link(self, match):
        text, stem = match[1], match[2]
        if stem not in self.labels.titles:
            raise ValueError(f"{stem}.ipynb: a link to no chapter")
        text = text or f"*{self.labels.titles[stem]}* (chapter {int(stem[:2])})"
        return f"[{text}]({self.site}/notebooks/{stem}.html)" if self.site else text

    def _role(self, match):
        role, content = match[1], " ".join(match[2].split())
        if role == "eq":
            return f"({self.labels.number('eq', content)})"
        if role == "numref":
            return f"Fig. {self.labels.number('fig', content)}"
        if role == "term":
            titled = WITH_TITLE.fullmatch(content)
            return titled[1] if titled else content
        if role in ("cite:p", "cite:t"):
            keys = [key.strip() for key in content.split(",")]
            self.keys.update(keys)
            told = [self.labels.cited(key) for key in keys]
            if role == "cite:p":
                return "(" + "; ".join(f"{who}, {year}" for who, year in told) + ")"
            return ", ".join(f"{who} ({year})" for who, year in told)
        raise ValueError(f"{match[0]}: a role that a plain notebook cannot show")
