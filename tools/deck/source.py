"""Real source for a slide: found by name in the package or by a piece of code in a chapter, cut and highlighted."""

import ast

from course.inks import InkFormatter
from pygments import highlight
from pygments.lexers import PythonLexer

from rnnkit.show.source import without_docstrings

from . import ROOT


def named(name, docstring=False):
    """The source of `rnnkit.cells.rnn_step_forward`, read and not imported. Raises ValueError if there is none."""
    parts = name.split(".")
    for n in range(len(parts) - 1, 0, -1):
        path = ROOT.joinpath(*parts[:n]).with_suffix(".py")
        if path.is_file() and parts[0] == "rnnkit":
            text = defined(path.read_text(encoding="utf-8"), parts[n:])
            if text is not None:
                return text if docstring else without_docstrings(text)
    raise ValueError(
        f"source {name!r}: expected the name of a function or class in rnnkit, found none"
    )


def defined(text, names):
    """The text of a definition, and of one inside it if there are several names; None if it is not there."""
    node = ast.parse(text)
    for name in names:
        inside = [
            n for n in getattr(node, "body", []) if getattr(n, "name", "") == name
        ]
        if not inside:
            return None
        node = inside[0]
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return excerpt(text, first - 1, node.end_lineno - 1)


def excerpt(text, start, end):
    """The lines with these numbers, from 0, without the indentation that all their code has.

    What a string holds over several lines may stand further left, and says nothing about the code.
    """
    held = inside_strings(text)
    lines = dict(enumerate(text.split("\n")[start : end + 1], start))
    code = [line for n, line in lines.items() if n not in held and line.strip()]
    margin = min(map(indentation, code or lines.values()))
    return "\n".join(line.removeprefix(" " * margin) for line in lines.values())


def indentation(line):
    return len(line) - len(line.lstrip())


def inside_strings(text):
    """The numbers, from 0, of the lines that begin inside a string."""
    try:
        nodes = ast.walk(ast.parse(text))
    except SyntaxError:  # a cell may hold what only a notebook runs
        return set()
    strings = [n for n in nodes if isinstance(n, ast.Constant | ast.JoinedStr)]
    return {k for node in strings for k in range(node.lineno, node.end_lineno)}


def cut(text, first="", last=""):
    """The lines from the first that holds `first` to the next that holds `last`; all where these are empty.

    Raises ValueError if there are no such lines.
    """
    text = text.strip("\n")
    lines = text.split("\n")
    start = line_with(lines, first, 0) if first else 0
    end = line_with(lines, last, start) if last else len(lines) - 1
    return excerpt(text, start, end).strip("\n")


def line_with(lines, piece, start):
    """The number of the first line from `start` on that holds a piece of code."""
    for number in range(start, len(lines)):
        if piece in lines[number]:
            return number
    raise ValueError(f"code: expected a line with {piece!r}, found none")


def coloured(text, marked=()):
    """The code as HTML. marked: pieces of code; the lines that hold one stand out."""
    lines = text.split("\n")
    for piece in marked:
        line_with(lines, piece, 0)
    numbers = [n for n, line in enumerate(lines, 1) if any(p in line for p in marked)]
    formatter = InkFormatter(hl_lines=numbers, wrapcode=True)
    return highlight(text, PythonLexer(), formatter)
