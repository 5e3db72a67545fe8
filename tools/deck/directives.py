"""What a slide has beyond Markdown: `:::{name} argument`, lines `:option: value`, a body, and `:::`."""

import html
import re
import shlex

from course.claims import plain
from questions import lettered, right, unit

from . import source

OPTION = re.compile(r":([a-z]+):(?: +(.*))?$")


class Block:
    """One directive as it is written."""

    def __init__(self, info, content):
        match = re.fullmatch(r"\{([a-z]+)\} *(.*)", info.strip())
        if match is None:
            raise ValueError(f"expected `:::{{name}} argument`, got {':::' + info!r}")
        self.name, self.argument = match[1], match[2].strip()
        self.options, lines = {}, content.split("\n")
        while lines and (option := OPTION.match(lines[0])):
            self.options[option[1]] = (option[2] or "").strip()
            lines.pop(0)
        self.body = "\n".join(lines).strip()

    def check(self, *known):
        """Raise ValueError for an option that the directive does not have."""
        for option in set(self.options) - set(known):
            expected = ", ".join(known) or "none"
            raise ValueError(
                f"{self.name}: expected the options {expected}; got {option!r}"
            )

    def place(self):
        """The argument as what `Chapter.figure` takes: a name, or `cell "code"`."""
        if self.argument.startswith("cell "):
            return {"code": shlex.split(self.argument)[1]}
        return {"name": self.argument}


def figure(block, chapter, render):
    """A stored figure, with its alt text, and a caption if there is a body."""
    block.check("width")
    found = chapter.figure(**block.place())
    width = block.options.get("width", "100%")
    if not re.fullmatch(r"\d+%", width):
        raise ValueError(f"figure: expected a width such as 80%, got {width!r}")
    kept = f' class="{found.classes}"' if found.classes else ""
    picture = (
        f'<img{kept} src="{found.address}" alt="{html.escape(found.alt)}" '
        f'style="max-width: {width}">'
    )
    caption = f"<figcaption>{render(block.body)}</figcaption>" if block.body else ""
    return f'<figure class="picture">{picture}{caption}</figure>\n'


def explorable(block, chapter, render):
    """A live figure, which deck.js brings to life when its slide is shown; until then its picture."""
    block.check()
    live = chapter.explorable(block.argument)
    return (
        f'<div class="explorable" id="{live.id}" data-view="{live.view}">'
        f'<script type="application/json">{live.state}</script>'
        f'<img src="{live.picture.address}" alt="{html.escape(live.picture.alt)}"></div>\n'
    )


def vote(block, chapter, render):
    """A prediction of the chapter; the next step shows what is right, with the body or the chapter's own words."""
    block.check()
    _, asked = chapter.vote(block.argument)
    said, why = right(asked)
    items = "".join(
        f"<li{' class=right' if letter == said else ''}>"
        f"{render.inline(plain(option['text']))}</li>"
        for letter, option in lettered(asked)
    )
    if items:
        choice, said = f'<ol class="options">{items}</ol>', said.upper()
    else:
        choice = f'<p class="write">Write down a number{unit(asked, " ({})")}.</p>'
    told = render(block.body or plain(why))
    return (
        f'<div class="vote"><p class="question">{render.inline(plain(asked["question"]))}</p>{choice}'
        f'<div class="fragment answer"><p class="said">{render.inline(said)}</p>'
        f'<div class="why">{told}</div></div></div>\n'
    )


def package_source(block, chapter, render):
    """Source of the package: lines `:from:` a piece of code `:to:` another; `:docstring:` keeps it."""
    block.check("from", "to", "docstring", "mark")
    return code_of(block, source.named(block.argument, "docstring" in block.options))


def code(block, chapter, render):
    """A piece of a chapter's cell."""
    block.check("from", "to", "mark")
    return code_of(block, chapter.cell(block.argument).source)


def code_of(block, text):
    text = source.cut(text, block.options.get("from", ""), block.options.get("to", ""))
    marked = [p.strip() for p in block.options.get("mark", "").split("|") if p.strip()]
    return source.coloured(text, marked)


def columns(block, chapter, render):
    """Columns beside each other, parted by lines `***`; the argument has their shares, `60 40`."""
    block.check()
    parts = render.parts(block.body)
    shares = block.argument.split() or ["1"] * len(parts)
    if len(shares) != len(parts) or not all(share.isdigit() for share in shares):
        raise ValueError(
            f"columns: expected {len(parts)} whole numbers, one a column, got {block.argument!r}"
        )
    widths = " ".join(f"minmax(0, {share}fr)" for share in shares)
    inner = "".join(f'<div class="column">{part}</div>' for part in parts)
    return (
        f'<div class="columns" style="grid-template-columns: {widths}">{inner}</div>\n'
    )


DIRECTIVES = {
    "figure": figure,
    "explorable": explorable,
    "vote": vote,
    "source": package_source,
    "code": code,
    "columns": columns,
}
