"""What holds for all tests: one thread each, files spread over the cores, chapters run once, seconds by group.

nbval makes a test of every cell of a chapter. `SameBytes`, a last test behind them, puts what the cells gave
together again and compares it with the file, so that one execution serves both.
"""

import os
import re
import sys
from collections import defaultdict
from pathlib import Path

# Before numpy: two workers with two threads each would wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import nbformat
import pytest
from nbval.plugin import IPyNbCell, coalesce_streams
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tools"))
import notebooks as tool  # noqa: E402

FIRST = ("notebooks", "tests/site")  # what takes longest starts first
LIMITS = {"04": 90, "05": 90}  # seconds on two cores of the usual kind; 60 for others


class SameBytes(pytest.Item):
    """What the chapter's cells have just given is the committed file, but for where prints stand among pictures.

    Digits that come out of training differ between processors, and so do the pictures of them. Where only
    those differ, the chapter is executed a second time and has to give the same bytes as the first.
    """

    def runtest(self):
        path = self.parent.path
        first = as_checked(self.executed(path))
        if first != as_checked(nbformat.read(path, as_version=4)):
            second, _ = tool.execute(path)
            assert as_checked(second) == first

    def executed(self, path):
        """The chapter with the outputs that nbval has kept, normalised."""
        cells = [
            item
            for item in self.session.items
            if isinstance(item, IPyNbCell) and item.parent is self.parent
        ]
        notebook = nbformat.read(path, as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        if len(cells) != len(code) or any(item.test_outputs is None for item in cells):
            pytest.fail("needs every cell of the chapter to have run", pytrace=False)
        for number, (cell, item) in enumerate(zip(code, cells, strict=True), 1):
            cell.execution_count = number
            cell.outputs = [kept(output, number) for output in item.test_outputs]
        return tool.normalise(notebook)

    def reportinfo(self):
        return self.path, None, f"{self.parent.path.name}: the same bytes"


def as_checked(notebook):
    """A notebook's text as nbval leaves it, which joins all that a cell prints where the first of it stands."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = coalesce_streams(cell.outputs)
    return nbformat.writes(notebook)


def kept(output, number):
    """An output as a notebook stores it: the kernel does not count cells that nbval runs."""
    output = nbformat.from_dict(output)
    if output.output_type == "execute_result":
        output.execution_count = number
    return output


class ByFile(LoadScopeScheduling):
    """Hands whole files to the workers; of the site's test file, all that looks at one page."""

    def _split_scope(self, nodeid):
        file, _, test = nodeid.partition("::")
        page = re.search(r"[\w/]+\.html", test)
        return f"{file} {page[0]}" if page else file


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Add the comparison behind each chapter's cells, and let what takes longest start first."""
    last = {
        item.parent: k for k, item in enumerate(items) if isinstance(item, IPyNbCell)
    }
    for chapter, k in reversed(last.items()):
        items.insert(k + 1, SameBytes.from_parent(chapter, name="same bytes"))
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


def group(nodeid):
    """Where a test stands in the table of seconds: its chapter, or its folder."""
    file, _, test = nodeid.partition("::")
    if file.startswith("tests/site/test_explorable"):
        return "tests/site, explorables"
    if test == "same bytes":
        return "notebooks, a second time"
    return file if file.startswith("notebooks/") else file.rpartition("/")[0] or file


def pytest_terminal_summary(terminalreporter):
    """A table of seconds by group; beside a chapter, what it may take on two cores."""
    seconds, tests = defaultdict(float), defaultdict(set)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[group(report.nodeid)] += report.duration
                tests[group(report.nodeid)].add(report.nodeid)
    if len(seconds) < 2:
        return
    terminalreporter.section("seconds by group")
    for name in sorted(seconds, key=seconds.get, reverse=True):
        number = Path(name).name[:2] if name.endswith(".ipynb") else ""
        limit = f" of {LIMITS.get(number, 60)}" if number else ""
        line = f"{seconds[name]:7.0f}{limit:6}  {len(tests[name]):5} tests  {name}"
        terminalreporter.write_line(line)
    total = f"{sum(seconds.values()):7.0f}        on {os.cpu_count()} cores in all"
    terminalreporter.write_line(total)
