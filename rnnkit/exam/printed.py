"""A Markdown paper as one HTML file that prints on A4 and asks nothing of the network; formulas become MathML."""

import html
import re
from pathlib import Path

STYLE = (Path(__file__).parent / "paper.css").read_text(encoding="utf-8")
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
{style}</style>
<body>
{body}</body>
</html>
"""


def to_html(markdown):
    """The paper as an HTML page.

    Raises:
        ModuleNotFoundError: the extra ``exam`` is not installed.
        ValueError: a formula that cannot be set.
    """
    from markdown_it import MarkdownIt
    from math_core import LatexError, LatexToMathML
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    convert = LatexToMathML(fancy_error=False).convert_with_local_state

    def formula(tex, options):
        try:
            return convert(tex, displaystyle=options["display_mode"])
        except LatexError as error:
            raise ValueError(f"formula: expected TeX, got {tex!r}: {error}") from error

    reader = MarkdownIt("commonmark").enable("table")
    reader.use(dollarmath_plugin, renderer=formula, double_inline=True)
    body = reader.render(markdown)
    # A full stop stays with the formula before it.
    body = re.sub(
        r"(<math>(?:(?!</math>).)*</math>[.,;:)?]+)", r"<span>\1</span>", body
    )
    # A question with its text and all its parts is one section, kept together on a page where it fits.
    first, *sections = re.split(r"(?=<h2>)", body)
    body = first + "".join(f"<section>\n{part}</section>\n" for part in sections)
    title = re.match(r"# (.*)", markdown)[1]
    return PAGE.format(title=html.escape(title), style=STYLE, body=body)
