"""The fonts of the printed course: the same on every machine, and of a kind that a PDF can hold as a font.

The site's text font varies in weight, and Chromium writes the letters of such a font as drawings; so the weights in use
become fonts of their own. Code, and the rare sign that the text's font has not, take the fonts that matplotlib brings.
"""

from pathlib import Path

import matplotlib
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from sections import ROOT

SITE = ROOT / "book" / "_static" / "fonts"
WEIGHTS = (400, 600, 700)
TEXT = {"normal": "text.woff2", "italic": "text-italic.woff2"}
OTHERS = (  # family, style, weight, file of matplotlib's
    ("Course Mono", "normal", 400, "DejaVuSansMono.ttf"),
    ("Course Mono", "italic", 400, "DejaVuSansMono-Oblique.ttf"),
    ("Course Mono", "normal", 700, "DejaVuSansMono-Bold.ttf"),
    ("Course Sans", "normal", 400, "DejaVuSans.ttf"),
)


def faces(folder):
    """CSS that declares the fonts Course Text, Course Mono, Course Sans and Course CJK; some files go to the folder."""
    found = [
        face("Course Text", style, weight, weighed(file, weight, folder))
        for style, file in TEXT.items()
        for weight in WEIGHTS
    ]
    theirs = Path(matplotlib.get_data_path(), "fonts", "ttf")
    found += [face(*about, theirs / file) for *about, file in OTHERS]
    found.append(face("Course CJK", "normal", 400, SITE / "cjk.woff2"))
    return "\n".join(found)


def face(family, style, weight, file):
    return (
        f'@font-face {{ font-family: "{family}"; font-style: {style}; '
        f"font-weight: {weight}; src: url({Path(file).as_uri()}); }}"
    )


def weighed(file, weight, folder):
    """Write one weight of a font that varies, and return its path."""
    font = TTFont(SITE / file, recalcTimestamp=False)
    instantiateVariableFont(font, {"wght": weight}, inplace=True)
    font.flavor = None
    path = Path(folder, f"{Path(file).stem}-{weight}.ttf")
    font.save(path)
    return path
