"""The state *reading* of a page: the code of its cells waits behind one line each, which opens it.

The folds are built open and without their line, so that a page without scripts shows everything. The switch is in
book/_static/course.js; the state is set in the head, before the first paint.
"""

import re

LONGEST = 60
DEFINED = re.compile(r"^(?:async )?(?:def|class) \w+.*", re.MULTILINE)
PASSED_OVER = re.compile(r"\s*(?:#|import |from |[\"'\])}])")


def telling_line(code):
    """The line that says most about a cell: its first definition, or else its first line that does something."""
    defined = DEFINED.search(code)
    lines = [line for line in code.splitlines() if line.strip()]
    acting = (line for line in lines if not PASSED_OVER.match(line))
    line = defined[0] if defined else next(acting, lines[0] if lines else "")
    line = line.strip()
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def fold_code(soup):
    """Put the code of every cell that is not folded already into an open fold with a line of its own."""
    for box in soup.select("div.cell > div.cell_input"):
        code = box.get_text().strip("\n")
        count = code.count("\n") + 1
        fold = soup.new_tag("details", attrs={"class": "rk-code", "open": ""})
        line = soup.new_tag("summary")
        line.append(f"Code, {count} line{'s' * (count > 1)}: ")
        name = soup.new_tag("code")
        name.string = telling_line(code)
        line.append(name)
        box.wrap(fold)
        fold.insert(0, line)


def mark_page(app, pagename, templatename, context, doctree):
    """Tell the header whether the page has code to fold."""
    context["has_cells"] = "cell_input" in context.get("body", "")


def setup(app):
    app.connect("html-page-context", mark_page)
