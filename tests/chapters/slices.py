"""A chapter's self-checks outside their chapter: a function is taken out of the notebook with all that it needs.

Only the statements that a name rests on are run, not the trainings around them.
"""

import ast
import builtins
import functools
import symtable
from pathlib import Path

import nbformat

IN_PLACE = {"append", "extend", "insert", "add", "update", "setdefault", "sort"}
FILLS = {"at", "copyto", "fill_diagonal", "put", "shuffle"}  # `np.add.at(a, i, 1)`
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def take(chapter, *names):
    """The objects with these names at the end of a chapter, and all names that they rest on.

    chapter: the notebook's name, "03_bptt". Returns the namespace, a dict. Raises KeyError for a name that the chapter
    never binds. Every call runs the statements anew: what a wrong program breaks stays broken in its own copy only.
    """
    statements = statements_of(chapter)
    wanted = slice_of(statements, names)
    space = {"__name__": f"chapter {chapter}"}
    module = ast.Module([statements[i].node for i in sorted(wanted)], type_ignores=[])
    exec(compile(module, chapter, "exec"), space)
    return space


class Statement:
    """One top-level statement: the names that it binds or changes, and those that it reads now or when called."""

    def __init__(self, node):
        self.node = node
        self.defines = isinstance(node, ast.FunctionDef | ast.ClassDef)
        self.binds = set(bound(node))
        self.changes = set(changed(node)) - self.binds
        self.reads = global_reads(node)


def global_reads(node):
    """Names of the chapter that a statement reads, now or when it is called: no local names of functions."""
    table = symtable.symtable(ast.unparse(node), "statement", "exec")
    # Since Python 3.12 the names of a comprehension stand in the table of what it is part of.
    outside = {n.id for n in outside_functions(node) if isinstance(n, ast.Name)}
    own = {n.id for n in targets_of_comprehensions(node)} - outside
    names, tables = set(), [table]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        top = table.get_type() == "module"
        names |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced()
            and (symbol.get_name() not in own if top else symbol.is_global())
        }
    return names


def targets_of_comprehensions(node):
    """The names that comprehensions and generators inside this node bind for themselves."""
    for n in ast.walk(node):
        if isinstance(n, ast.comprehension):
            yield from (m for m in ast.walk(n.target) if isinstance(m, ast.Name))


@functools.cache
def statements_of(chapter):
    """All top-level statements of a chapter, in order."""
    nb = nbformat.read(NOTEBOOKS / f"{chapter}.ipynb", as_version=4)
    cells = [cell.source for cell in nb.cells if cell.cell_type == "code"]
    return [Statement(node) for cell in cells for node in ast.parse(cell).body]


def slice_of(statements, names):
    """Indices of the statements that the names rest on."""
    wanted, seen = set(), set()
    end = len(statements)
    waiting = [(name, end) for name in names]
    while waiting:
        name, before = waiting.pop()
        if (name, before) in seen:
            continue
        seen.add((name, before))
        i = last_to_touch(statements, name, before)
        if i is None:
            if not hasattr(builtins, name):
                raise KeyError(f"{name} is not a name of this chapter")
            continue
        wanted.add(i)
        statement = statements[i]
        if name in statement.changes:  # an earlier statement has made it
            waiting.append((name, i))
        # A function reads its global names when it is called, so as they are at the end.
        when = end if statement.defines else i
        waiting += [(read, when) for read in statement.reads]
    return wanted


def last_to_touch(statements, name, before):
    """The last statement before this index that binds or changes the name, or None."""
    for i in reversed(range(before)):
        if name in statements[i].binds or name in statements[i].changes:
            return i
    return None


def bound(node):
    """Names that a top-level statement gives a value to."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield (alias.asname or alias.name).split(".")[0]
    elif not isinstance(node, ast.Expr | ast.Assert | ast.AugAssign):
        for n in outside_functions(node):
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store):
                yield n.id


def changed(node):
    """Names whose objects a top-level statement changes in place: `a += b`, `a[i] = b`, `a.b(c)`."""
    for n in outside_functions(node):
        if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name):
            yield n.target.id
        elif isinstance(n, ast.Subscript | ast.Attribute) and isinstance(
            n.ctx, ast.Store
        ):
            yield from (m.id for m in ast.walk(n.value) if isinstance(m, ast.Name))
        elif isinstance(n, ast.Expr) and isinstance(n.value, ast.Call):
            f = n.value.func
            method = f.attr if isinstance(f, ast.Attribute) else ""
            owner = f.value if method in IN_PLACE else None
            if method in FILLS and n.value.args:
                owner = n.value.args[0]
            if isinstance(owner, ast.Name):
                yield owner.id


def outside_functions(node):
    """All nodes below this one, without the bodies of functions and comprehensions' own names."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(
            child,
            ast.FunctionDef
            | ast.Lambda
            | ast.ListComp
            | ast.DictComp
            | ast.SetComp
            | ast.GeneratorExp,
        ):
            yield from outside_functions(child)
