"""Watch a chapter's asserts from inside its kernel: which failed, and what the compared numbers were.

tools/portable.py loads this before the first cell. Every `assert` at the top level of a cell is rewritten so that
it records both sides of each comparison and does not stop the chapter: one run finds all that fails.
"""

import ast
import json
import operator
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
from files import put

OPERATORS = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def extent(value):
    """Lowest and highest number in a value, or None where it holds none."""
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    with suppress(TypeError, ValueError):
        numbers = np.asarray(value, dtype=float)
        if numbers.size and np.isfinite(numbers).all():
            return [float(numbers.min()), float(numbers.max())]
    return None


class Record:
    """What the asserts of one run compared: {assert: {comparison: (left, right)}}, and which failed."""

    def __init__(self):
        self.compared, self.failed, self.cell = {}, [], -1

    def compare(self, where, comparison, sides, signs):
        """Evaluate a chain of comparisons as Python would, and note the extent of its sides."""
        met = self.compared.setdefault(where, {}).setdefault(comparison, [])
        for k, side in enumerate(sides):
            found = extent(side)
            if len(met) == k:
                met.append(found)
            elif found and met[k]:
                met[k] = [min(met[k][0], found[0]), max(met[k][1], found[1])]
        result = True
        for sign, left, right in zip(signs, sides, sides[1:], strict=False):
            result = OPERATORS[getattr(ast, sign)](left, right)
            if len(signs) > 1 and not result:
                break
        return result

    def check(self, where, test):
        """Note an assert that does not hold, or cannot be evaluated."""
        self.compared.setdefault(where, {})
        try:
            holds = bool(test())
        except Exception as error:
            holds, where = False, f"{where}: {type(error).__name__}: {error}"
        if not holds:
            self.failed.append(where)


RECORD = Record()


class Watch(ast.NodeTransformer):
    """Rewrites the asserts of a cell, but none inside a function: those belong to its callers."""

    def visit_Module(self, node):
        RECORD.cell += 1
        return self.generic_visit(node)

    def visit_FunctionDef(self, node):
        return node

    visit_Lambda = visit_ClassDef = visit_FunctionDef

    def visit_Assert(self, node):
        where = f"cell {RECORD.cell}: {ast.unparse(node.test)}"
        test = Compare(where).visit(node.test)
        call = ast.parse("__RECORD__.check(0, lambda: 0)", mode="eval").body
        call.args[0] = ast.Constant(where)
        call.args[1].body = test
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(call), node))


class Compare(ast.NodeTransformer):
    """Rewrites the comparisons of one assert."""

    def __init__(self, where):
        self.where = where

    def visit_Compare(self, node):
        if not all(type(sign) in OPERATORS for sign in node.ops):
            return node
        comparison = ast.unparse(node)
        sides = ast.List([node.left, *node.comparators], ast.Load())
        call = ast.parse("__RECORD__.compare(0, 0, 0, 0)", mode="eval").body
        signs = [ast.Constant(type(sign).__name__) for sign in node.ops]
        call.args = [
            ast.Constant(self.where),
            ast.Constant(comparison),
            sides,
            ast.List(signs, ast.Load()),
        ]
        return ast.copy_location(call, node)


def shift_seeds(offset):
    """Draw everything anew: add the offset to each seed that torch, numpy and random are given from now on."""
    import random

    import torch

    fresh, seeded = np.random.default_rng, torch.manual_seed

    class Generator(torch.Generator):
        def manual_seed(self, seed):
            return super().manual_seed(seed + offset)

    class Random(random.Random):
        def seed(self, a=None, version=2):
            super().seed(a + offset if isinstance(a, int) else a, version)

    np.random.default_rng = lambda seed=None: fresh(
        seed + offset if isinstance(seed, int | np.integer) else seed
    )
    torch.manual_seed = lambda seed: seeded(seed + offset)
    torch.Generator, random.Random = Generator, Random


def start(shell, path):
    """Watch all cells that this shell runs from now on, and write what they compared to `path` after each."""
    shell.user_ns["__RECORD__"] = RECORD
    if offset := int(os.environ.get("PORTABLE_SEED", "0")):
        shift_seeds(offset)
    shell.ast_transformers.append(Watch())
    shell.events.register("post_run_cell", lambda _: save(Path(path)))


def save(path):
    """Write the record as JSON, whole or not at all."""
    found = {"failed": RECORD.failed, "compared": RECORD.compared}
    put(path, json.dumps(found, indent=1).encode())
