"""Mathematics as MathML, made while the site is built, so that a page needs no script to show it."""

import re
from functools import lru_cache

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)
TOKEN = re.compile(
    r"\\begin\{(?P<begin>[^}]*)\}|\\end\{(?P<end>[^}]*)\}|(?P<stop>\\\\)|\\.|(?P<tab>&)",
    re.DOTALL,
)
ENVIRONMENT = re.compile(
    r"\\(begin|end)\{(equation|align|gather|multline|split|aligned|gathered)\*?\}"
)
# What closes a phrase, and so may not begin a line.
CLOSING = re.compile(r"[,.;:?!)\]’”]+")
# Sphinx numbers the equations, so the environments that would number them become the ones that do not.
UNNUMBERED = {
    "align": "aligned",
    "split": "aligned",
    "gather": "gathered",
    "multline": "gathered",
}


@lru_cache(maxsize=2)
def converter(**macros):
    """The converter of all formulas. macros: name -> TeX, beyond what the site knows."""
    return LatexToMathML(
        fancy_error=False, allow_unreliable_rendering=True, macros=macros
    )


def is_aligned(tex):
    """Whether the formula has line or column breaks outside every environment."""
    depth = 0
    for token in TOKEN.finditer(tex):
        depth += bool(token["begin"]) - bool(token["end"])
        if depth == 0 and (token["stop"] or token["tab"]):
            return True
    return False


def without_numbers(tex):
    """Replace numbering environments by their plain forms."""

    def plain(match):
        name = match[2]
        return (
            ""
            if name == "equation"
            else rf"\{match[1]}{{{UNNUMBERED.get(name, name)}}}"
        )

    return ENVIRONMENT.sub(plain, tex).strip()


def display_tex(tex):
    """What to hand to the converter for a display formula: lines given without an environment are aligned."""
    tex = without_numbers(tex)
    return rf"\begin{{aligned}}{tex}\end{{aligned}}" if is_aligned(tex) else tex


def mathml_of(tex, display, **macros):
    """MathML of a formula. display: whether it stands by itself; macros: as of `converter`.

    Raises ValueError for what the converter does not know.
    """
    try:
        return converter(**macros).convert_with_local_state(
            display_tex(tex) if display else tex, displaystyle=display
        )
    except LatexError as error:
        raise ValueError(f"formula: expected TeX, got {tex!r}: {error}") from error


def to_mathml(tex, node, display):
    """MathML of a formula; a warning and the source in its place where the converter does not know it."""
    try:
        return mathml_of(tex, display)
    except ValueError as error:
        logger.warning(
            "%s",
            error,
            location=node,
            type="course",
            subtype="math",
        )
        return f"<code>{nodes.Text(tex).astext().replace('&', '&amp;').replace('<', '&lt;')}</code>"


def take_in_closings(app, doctree, docname):
    """Give each formula of a line the marks that close it: a browser may break the line between the two."""
    for formula in doctree.findall(nodes.math):
        after = formula.next_node(descend=False, siblings=True)
        if isinstance(after, nodes.Text) and (marks := CLOSING.match(after)):
            formula["closing"] = marks[0]
            formula.parent.replace(after, nodes.Text(after[marks.end() :]))


def visit_inline(translator, node):
    closing = node.get("closing")
    if closing:
        translator.body.append('<span class="rk-closed">')
    translator.body.append(translator.starttag(node, "span", "", CLASS="math"))
    translator.body.append(to_mathml(node.astext(), node, display=False) + "</span>")
    if closing:
        translator.body.append(f"{translator.encode(closing)}</span>")
    raise nodes.SkipNode


def visit_display(translator, node):
    translator.body.append(translator.starttag(node, "div", CLASS="math math-display"))
    translator.body.append('<div class="math-scroll">')
    translator.body.append(to_mathml(node.astext(), node, display=True) + "</div>")
    if node.get("number"):
        translator.body.append(
            f'<span class="eqno">({get_node_equation_number(translator, node)})'
        )
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.connect("doctree-resolved", take_in_closings)
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
