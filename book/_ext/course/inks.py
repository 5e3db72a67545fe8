"""Highlighted code with an element only where the page has a colour for it.

Most of what Pygments marks (names, punctuation, operators, blanks) looks like plain text here, and a chapter has
ten thousand of these marks. The inks themselves are in book/_static/course.css.
"""

from functools import cache

from pygments.formatters import HtmlFormatter
from pygments.token import (
    Comment,
    Error,
    Generic,
    Keyword,
    Literal,
    Name,
    Operator,
    Punctuation,
    String,
    Text,
    Token,
)

# What is coloured alike carries one class, so that neighbours share an element. The first family counts.
FAMILIES = (
    (String.Doc, Comment),
    (Generic.Output, Comment),
    (Comment, Comment),
    (String, String),
    (Literal, Literal.Number),
    (Keyword, Keyword),
    (Operator.Word, Keyword),
    (Name.Function, Name.Function),
    (Name.Class, Name.Function),
    (Name.Decorator, Name.Function),
    (Name.Tag, Name.Function),
    (Name.Exception, Error),
    (Generic.Error, Error),
    (Error, Error),
    (Name, Token),
    (Punctuation, Token),
    (Operator, Token),
    (Generic, Token),
    (Text, Token),
)


@cache
def ink(kind):
    """The token type whose colour this one has; Token, which gets no element, for what looks like plain text."""
    return next((colour for family, colour in FAMILIES if kind in family), kind)


class InkFormatter(HtmlFormatter):
    """Sphinx's formatter, which sees inks in place of token types."""

    def format_unencoded(self, tokensource, outfile):
        inked = ((ink(kind), text) for kind, text in tokensource)
        super().format_unencoded(inked, outfile)


def use_inks(app):
    """Highlight with inks, whichever style the theme has chosen."""
    if app.builder.format == "html":
        app.builder.highlighter.formatter = InkFormatter


def setup(app):
    app.connect("builder-inited", use_inks)
