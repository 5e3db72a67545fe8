"""A deck's Markdown, slides/NN_name.md, read into slides. CONTRIBUTING.md, section Slides, says how it is written."""

import html
import mimetypes
import re
from pathlib import Path
from typing import NamedTuple

import prose_numbers
from course.mathml import mathml_of
from markdown_it import MarkdownIt
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin

from . import source
from .chapter import Chapter, data_address, printed
from .directives import DIRECTIVES, Block

FRONT = re.compile(r"\A---\nminutes: (\d+)\n---\n")
BREAK = re.compile(r"(?m)^---[ \t]*\n")
QUOTED = r'"((?:[^"\\]|\\.)*)"'
REFERENCE = re.compile(rf"\{{\{{\s*(?:cell\s+{QUOTED}\s+)?{QUOTED}\s*\}}\}}")
YEAR = re.compile(r"(1[89]|20)\d\d")
HYPHEN = re.compile(r"(?<![\w.)\]-])-(?=\.?\d)")  # before a number, behind no word
# \new{...} in a formula is the term that this step adds; the page's own style shows it.
MACROS = {"new": r"\textcolor{red}{#1}"}
MARKED, NEW = 'style="color:#FF0000;"', 'class="new"'


class Slide(NamedTuple):
    """A claim, what shows it, what is said, all in HTML, and the minutes that it takes."""

    claim: str
    body: str
    notes: str
    minutes: float


class Deck(NamedTuple):
    """A chapter's slides; the first is the title. written: their Markdown, a text each."""

    chapter: Chapter
    minutes: int
    slides: list
    written: list


def read(path):
    """The deck of a file. Raises ValueError that names the file, the slide and what is wrong."""
    path, place = Path(path), Path(path).name
    try:
        chapter, text = Chapter(path.stem), path.read_text(encoding="utf-8")
        front = FRONT.match(text)
        if not front:
            raise ValueError(
                f"expected the lines `---`, `minutes: 45`, `---` first, got {text[:20]!r}"
            )
        slides, written = [], BREAK.split(text[front.end() :])
        render, known = Renderer(chapter, path.parent), known_numbers(chapter)
        for number, markdown in enumerate(written, 1):
            place = f"{path.name}, slide {number} ({first_line(markdown)})"
            check_numbers(markdown, known)
            slides.append(render.slide(markdown, title=number == 1))
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error
    return Deck(chapter, int(front[1]), slides, written)


def first_line(markdown):
    return markdown.strip().split("\n")[0].lstrip("# ")[:60]


# ---- numbers


def known_numbers(chapter):
    """All numbers that the chapter prints or sets."""
    texts = [text for cell in chapter.code_cells() for text in printed(cell)]
    texts += [cell.source for cell in chapter.code_cells()]
    return prose_numbers.values("\n".join(texts))


def check_numbers(markdown, known):
    """Raise ValueError for a typed number that the chapter neither prints nor sets; years and small counts pass."""
    for written, around in prose_numbers.numbers(REFERENCE.sub(" ", markdown)):
        if not prose_numbers.answered(written, known) and not YEAR.fullmatch(written):
            raise ValueError(
                f'{written} is typed and no cell prints it ("{around}"): write {{{{ "pattern" }}}}'
            )


def with_numbers(markdown, chapter):
    """The text with what its references find."""

    def found(match):
        code, pattern = (part and part.replace(r"\"", '"') for part in match.groups())
        return chapter.number_like(pattern, code)

    text = REFERENCE.sub(found, markdown)
    if "{{" in re.sub(r"\$[^$]*\$", "", text):
        left = text[text.index("{{") :][:40]
        raise ValueError(f'expected {{{{ "pattern" }}}}, got {left!r}')
    return text


# ---- Markdown


def formula(tex, options):
    """MathML of a formula."""
    return mathml_of(tex, options["display_mode"], **MACROS).replace(MARKED, NEW)


def minus(state):
    """A rule of Markdown: in sentences a hyphen before a number is a minus sign. Tables and code keep what is printed."""
    in_table = False
    for token in state.tokens:
        if token.type in ("table_open", "table_close"):
            in_table = token.type == "table_open"
        if token.type == "inline" and not in_table:
            for part in token.children:
                if part.type == "text":
                    part.content = HYPHEN.sub("\N{MINUS SIGN}", part.content)


class Renderer:
    """Makes HTML of Markdown: `render(text)` of blocks, `render.inline(text)` of a line."""

    def __init__(self, chapter, folder):
        self.chapter, self.folder, self.notes = chapter, folder, []
        options = {"html": False, "typographer": True, "highlight": self.highlighted}
        self.md = (
            MarkdownIt("commonmark", options)
            .enable(["table", "smartquotes"])
            .disable("lheading")
            .use(dollarmath_plugin, renderer=formula, double_inline=True)
            .use(colon_fence_plugin)
            .use(myst_block_plugin)
            .use(attrs_plugin, spans=True)
        )
        self.md.core.ruler.push("minus", minus)
        self.md.renderer.rules |= {"colon_fence": self.directive, "image": self.image}

    def __call__(self, markdown):
        return self.steps(self.md.parse(markdown))

    def inline(self, markdown):
        return self.md.renderInline(markdown)

    def parts(self, markdown):
        """The HTML of what stands between the lines `***`."""
        return [self.steps(p) for p in parted(self.md.parse(markdown), "hr")]

    def steps(self, tokens):
        """The HTML of tokens; what follows a line `+++` comes with the next step."""
        first, *later = parted(tokens, "myst_block_break")
        made = self.blocks(first)
        return made + "".join(
            f'<div class="fragment">\n{self.blocks(part)}</div>\n' for part in later
        )

    def blocks(self, tokens):
        return self.md.renderer.render(tokens, self.md.options, {})

    def slide(self, markdown, title=False):
        """One slide. title: it is the first, whose claim is the chapter's title."""
        self.notes = []
        tokens = self.md.parse(with_numbers(markdown, self.chapter))
        claim = html.escape(self.chapter.title)
        if not title:
            claim, tokens = self.claim_of(tokens)
        if any(token.type == "heading_open" for token in tokens):
            raise ValueError(
                "expected one heading, got another; a slide makes one claim"
            )
        body = self.steps(tokens)
        if len(self.notes) != 1:
            raise ValueError(
                f"expected one `:::{{notes}} MINUTES`, found {len(self.notes)}"
            )
        return Slide(claim, body, *self.notes[0])

    def claim_of(self, tokens):
        """(the claim in HTML, the tokens after it)."""
        if not tokens or tokens[0].type != "heading_open" or tokens[0].tag != "h2":
            raise ValueError("expected `## a claim` first")
        return self.blocks(tokens[1:2]), tokens[3:]

    def directive(self, tokens, index, options, env):
        block = Block(tokens[index].info, tokens[index].content)
        if block.name == "notes":
            self.notes.append((self(block.body), minutes_of(block)))
            return ""
        if block.name not in DIRECTIVES:
            expected = ", ".join([*DIRECTIVES, "notes"])
            raise ValueError(
                f"expected a directive of {expected}; got {{{block.name}}}"
            )
        return DIRECTIVES[block.name](block, self.chapter, self)

    def image(self, tokens, index, options, env):
        """A picture file, by its path from the deck's folder, put into the page."""
        path = self.folder / str(tokens[index].attrs["src"])
        if not path.is_file():
            raise ValueError(f"image: there is no file {tokens[index].attrs['src']}")
        kind = mimetypes.guess_type(path.name)[0]
        address = data_address(kind, path.read_bytes())
        return f'<img src="{address}" alt="{html.escape(tokens[index].content)}">'

    @staticmethod
    def highlighted(text, language, attrs):
        return source.coloured(text.rstrip("\n")) if language == "python" else ""


def parted(tokens, kind):
    """The tokens between those of a kind that stand in nothing else."""
    parts = [[]]
    for token in tokens:
        if token.type == kind and token.level == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def minutes_of(block):
    """The minutes that notes ask for."""
    block.check()
    if not re.fullmatch(r"\d+(\.5)?", block.argument) or not float(block.argument):
        raise ValueError(
            f"notes: expected minutes in halves, as 1.5, got {block.argument!r}"
        )
    if not block.body:
        raise ValueError("notes: expected what to say, got nothing")
    return float(block.argument)
