"""The exercises of a chapter: where they stand, the chapter without their solutions, and with these put into the stubs."""

import ast
import builtins
import copy
import re
from typing import NamedTuple

# A directive that opens or closes a solution, and one that opens an exercise, in a markdown cell.
MARK = re.compile(r"(?ms)^(:{3,})\{solution-(start|end)\}[^\n]*\n.*?^\1 *(?:\n|\Z)")
EXERCISE = re.compile(r"(?m)^:{3,}\{exercise\} ?(.*)\n:label: *(\S+)")


class Exercise(NamedTuple):
    """One exercise.

    label, title: of its directive; cell: id of the code cell with stub and self-check; check, stub: their names;
    solution: its code; answer: the expression in it that the self-check accepts.
    """

    label: str
    title: str
    cell: str
    check: str
    stub: str
    solution: str
    answer: str


def parts(notebook):
    """(cell, text, label, title, whether it is of a solution), in order; a markdown cell is cut where solutions are."""
    label, title, inside = None, None, False
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            yield cell, cell.source, label, title, inside
            continue
        at = 0
        for mark in [*MARK.finditer(cell.source), None]:
            text = cell.source[at : mark.start() if mark else None]
            for found in EXERCISE.finditer(text):
                title, label = found.groups()
            if text.strip():
                yield cell, text, label, title, inside
            if mark:
                if inside == (mark[2] == "start"):
                    raise ValueError(f"{label}: a solution inside another, or none")
                inside, at = not inside, mark.end()
    if inside:
        raise ValueError(f"{label}: its solution does not end")


def exercises_of(notebook):
    """The exercises of a chapter in order. Raises ValueError for one without stub, self-check or solution."""
    found = {}
    for cell, text, label, title, inside in parts(notebook):
        if label is None:
            continue
        about = found.setdefault(label, {"title": title, "solution": []})
        if cell.cell_type == "code" and inside:
            about["solution"].append(text)
        elif cell.cell_type == "code" and "cell" not in about:
            about["cell"] = cell.id
            about["check"], about["stub"] = checked(text, last=True) or ("", "")
    return [complete(label, about) for label, about in found.items()]


def complete(label, about):
    """The Exercise that these parts make."""
    if not about.get("check"):
        raise ValueError(
            f"{label}: expected a code cell that ends with print(check_NAME(stub))"
        )
    about["solution"] = "\n\n\n".join(about["solution"])
    accepted = checked(about["solution"], check=about["check"])
    if not accepted:
        raise ValueError(
            f"{label}: expected a solution that calls {about['check']}(ANSWER)"
        )
    return Exercise(label=label, answer=accepted[1], **about)


def checked(source, check=None, last=False):
    """(self-check, what is handed to it) of the first call of a self-check in the code, or in its last statement."""
    statements = ast.parse(source).body
    for statement in statements[-1:] if last else statements:
        for node in ast.walk(statement):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id == check or (
                check is None and node.func.id.startswith("check_")
            ):
                return node.func.id, ast.unparse(node.args[0])
    return None


def stub_end(source, exercise):
    """The last line, from 1, of the stub in the cell of an exercise; ValueError if it is not there."""
    for statement in ast.parse(source).body:
        bound = names(ast.unparse(statement))[0]
        is_stub = getattr(statement, "name", None) == exercise.stub
        if is_stub or (isinstance(statement, ast.Assign) and exercise.stub in bound):
            return statement.end_lineno
    raise ValueError(f"{exercise.label}: expected the stub {exercise.stub} in its cell")


def without_solutions(notebook):
    """The chapter without its solutions; what rests on a solution rests on the reader's own answer.

    Returns a new notebook. Raises ValueError if a cell that stays uses another name that only a solution binds.
    """
    answers = {e.answer: e.stub for e in exercises_of(notebook)}
    kept, solutions = [], []
    for cell, text, _, _, inside in parts(notebook):
        if inside:
            if cell.cell_type == "code":
                solutions.append(text)
        elif kept and kept[-1].id == cell.id:  # the rest of a cell that was cut
            kept[-1].source += "\n\n" + text.strip("\n")
        else:
            kept.append(copy.deepcopy(cell))
            kept[-1].source = text.strip("\n")
    code = [cell for cell in kept if cell.cell_type == "code"]
    bound = set(dir(builtins)).union(*(names(cell.source)[0] for cell in code))
    lost = set().union(*(names(source)[0] for source in solutions)) - bound
    for cell in code:
        for name in sorted(names(cell.source)[1] & lost):
            if name not in answers:
                raise ValueError(
                    f"{name}: a solution binds it, and a cell that stays uses it:\n"
                    f"{cell.source}"
                )
            cell.source = re.sub(rf"\b{name}\b", answers[name], cell.source)
    new = copy.copy(notebook)
    new.cells = kept
    return new


def names(source):
    """Names that code binds, anywhere in it, and names that it reads."""
    binds, reads = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (reads if isinstance(node.ctx, ast.Load) else binds).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            binds.add(node.name)
        elif isinstance(node, ast.arg):
            binds.add(node.arg)
        elif isinstance(node, ast.alias):
            binds.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            binds.add(node.name)
    return binds, reads


def with_answers(notebook, exercises):
    """A student notebook as a reader hands it in who knows the solutions: their code stands behind the stubs.

    exercises: of the chapter that it was made from. Returns a new notebook. Raises ValueError if a cell is missing.
    """
    new = copy.deepcopy(notebook)
    cells = {cell.id: cell for cell in new.cells}
    for exercise in exercises:
        if exercise.cell not in cells:
            raise ValueError(f"{exercise.label}: its cell is not in the notebook")
        cell = cells[exercise.cell]
        cell.source = answered(cell.source, exercise)
    return new


def answered(source, exercise):
    """The cell of an exercise with the solution's code before the self-check is asked."""
    *stub, asking = ast.parse(source).body
    code = resting(exercise.answer, exercise)
    told = "\n".join(code)
    # A solution that starts from the stub needs it as it was.
    if exercise.stub not in names(told)[1]:
        code.append(f"{exercise.stub} = {exercise.answer}")
    question = ast.unparse(asking).replace(
        f"{exercise.check}({exercise.stub})", f"{exercise.check}({exercise.answer})"
    )
    head = "\n".join(source.split("\n")[: asking.lineno - 1]) if stub else ""
    return "\n\n".join([head.rstrip(), *code, question])


def resting(expression, exercise):
    """The statements of a solution, in order, that an expression in it rests on."""
    before = []
    for statement in ast.parse(exercise.solution).body:
        if checked(ast.unparse(statement), exercise.check):
            break
        before.append(ast.unparse(statement))
    wanted, kept = names(expression)[1], []
    for statement in reversed(before):
        binds, reads = names(statement)
        if binds & wanted:
            kept.insert(0, statement)
            wanted |= reads
    return kept
