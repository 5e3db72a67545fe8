"""Show the real source of a function, so that a chapter and the package cannot drift apart."""

import ast
import inspect
import textwrap


class Source:
    """Python source that a notebook displays as a Markdown code block."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_markdown_(self) -> str:
        # A fence longer than any run of backticks in the source cannot be closed by it.
        fence = "```"
        while fence in self.text:
            fence += "`"
        return f"{fence}python\n{self.text}\n{fence}"

    def __repr__(self) -> str:
        return self.text


def show_source(*objects: object, docstring: bool = True) -> Source:
    """Show the source of functions, classes or modules as one highlighted block.

    objects: what to show, in this order. docstring: False leaves the docstrings out.
    Returns an object that a notebook renders; put the call on the last line of a cell.
    Raises ValueError for anything without Python source (builtins, plain values).
    """
    if not objects:
        raise ValueError(
            "objects: expected at least one function, class or module, got none"
        )
    texts = [_source(obj) for obj in objects]
    if not docstring:
        texts = [without_docstrings(text) for text in texts]
    return Source("\n\n\n".join(texts))


def _source(obj):
    try:
        return textwrap.dedent(inspect.getsource(obj)).strip()
    except (TypeError, OSError) as error:
        name = getattr(obj, "__name__", None) or repr(obj)
        raise ValueError(
            f"objects: expected a function, class or module written in Python, got {name}: {error}"
        ) from error


def without_docstrings(text: str) -> str:
    """Return Python source without its docstrings."""
    # By line number, because ast.unparse would lose every comment.
    lines: list = text.split("\n")
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, nodes)
            and ast.get_docstring(node) is not None
            and len(node.body) > 1
        ):
            doc = node.body[0]
            for number in range(doc.lineno - 1, doc.end_lineno or doc.lineno):
                lines[number] = None
    return "\n".join(line for line in lines if line is not None).strip()
