"""Chapters are numbered by their files: notebooks/06_gradient_flow is chapter 6, whichever are written before it.

Sphinx counts the pages of the table of contents and would call it chapter 5 while there is no chapter 5.
"""

import re

from docutils import nodes


def chapter_number(docname):
    """Return 6 for "notebooks/06_gradient_flow", None for a page that is no chapter."""
    match = re.match(r"notebooks/(\d\d)_", docname)
    return int(match[1]) if match else None


def renumber(app, env):
    """Put the file's number in front of every section's and figure's number; say which pages changed."""
    changed = []
    for docname in env.found_docs:
        chapter = chapter_number(docname)
        if chapter is None or docname not in env.toc_secnumbers:
            continue
        sections = env.toc_secnumbers[docname]
        changed += [docname for n in [sections.get("")] if n and n[0] != chapter]
        for anchor, number in sections.items():
            sections[anchor] = number and (chapter, *number[1:])
        for figures in env.toc_fignumbers.get(docname, {}).values():
            for anchor, number in figures.items():
                figures[anchor] = (chapter, *number[1:]) if number[1:] else number
        entries = [env.titles[docname], *env.tocs[docname].findall(nodes.reference)]
        for entry in entries:
            if entry.get("secnumber"):
                entry["secnumber"] = (chapter, *entry["secnumber"][1:])
    return changed


def setup(app):
    # After the collectors of Sphinx and sphinx_external_toc, which have priority 500.
    app.connect("env-get-updated", renumber, priority=900)
