"""Slides of a chapter, from one Markdown file: `chapter` finds what a slide shows, `writing` reads, `page` writes.

`directives` sets what a slide has beyond Markdown, `source` cuts code, `printing` makes the PDF.
`python tools/slides.py` runs them.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What the site's extension knows of chapters and formulas, and the tools that read a chapter's prose.
for _folder in (ROOT / "book" / "_ext", ROOT / "tools"):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))
