"""Cut the site's fonts down to the characters it uses.

    python tools/fonts.py FOLDER_OF_THE_TEXT_FONT
    python tools/fonts.py --cjk NotoSerifCJK-Regular.ttc

The text font is STIX Two Text (npm: @fontsource-variable/stix-two-text, unpacked; give its `files` folder), the
mathematical one STIX Two Math (pip: ziamath), the icons come with the theme. Also needs fonttools and brotli. The
Chinese and Korean terms are drawn with readers' own fonts on the site and with a font of the course in the PDF, which
has just the characters that are written somewhere (Debian: fonts-noto-cjk).
The results are committed in book/_static/fonts.
"""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, save_font

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "book" / "_static" / "fonts"
CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
SIMPLIFIED = 2  # the number of the font in Noto's collection that draws Chinese as the glossary writes it
TEXT = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2028),
    0x2032,
    0x20AC,
    0x2190,
    0x2192,
    0x2212,
]
MATH = [
    *range(0x20, 0x7F),
    *map(ord, "¬±·×÷ˆˇ˘˙˚˜¯´`¨ħıȷ"),
    *range(0x300, 0x33A),  # combining accents; 332 is the bar that stretches
    *range(0x391, 0x3AA),  # Greek
    *range(0x3B1, 0x3CA),
    *map(ord, "ϑϕϖϱϵ"),
    *map(ord, "–—‖‘’“”†‡•…′″‴⁄⁡⁢⁣⁤"),
    *map(ord, "ℂℕℙℚℝℤℒℓℱℋℐℰℬℛℳℎℏℜℑ℘"),
    *map(ord, "←↑→↓↔↦↩↪⇐⇑⇒⇓⇔⟵⟶⟷⟸⟹⟺⟼"),
    *map(ord, "∀∂∃∅∆∇∈∉∋∏∐∑−∓∕∖∗∘∙√∝∞∠∣∤∥∧∨∩∪∫∬∭∮∴∵∶∷∼≀≃≅≈≍≐≔≜≝≟≠≡≢≤≥≪≫≺≻⊂⊃⊆⊇⊕⊖⊗⊘⊙⊢⊤⊥⋀⋁⋂⋃⋄⋅⋆⋈⋮⋯⋰⋱"),
    *map(ord, "⌈⌉⌊⌋⎰⎱⏜⏝⏞⏟⏠⏡⎴⎵⟦⟧⟨⟩⟮⟯⨀⨁⨂⩽⩾"),
    *range(0x1D400, 0x1D434),  # bold
    *range(0x1D434, 0x1D468),  # italic
    *range(0x1D468, 0x1D49C),  # bold italic
    *range(0x1D49C, 0x1D4B6),  # script capitals
    *range(0x1D538, 0x1D552),  # blackboard bold capitals
    *range(0x1D6A4, 0x1D6A6),
    *range(0x1D6E2, 0x1D71C),  # Greek italic
    0x1D7CE, 0x1D7CF, 0x1D7D9,  # bold 0, bold 1, blackboard bold 1
]  # fmt: skip
# What nearly every formula of the course is written with lies in a file of its own, so that the rest waits until a page
# needs it; course.css divides them by unicode-range, which `python tools/fonts.py --ranges` prints.
OFTEN = [
    *range(0x20, 0x7F),
    *map(ord, "¬±·×÷ˆ˙˜¯ħı"),
    *range(0x391, 0x3AA),
    *range(0x3B1, 0x3CA),
    *map(ord, "–‖‘’…′″‴⁡⁢⁣⁤ℋℎℓℒℝ𝔼"),
    *map(ord, "←→⇒∂∇∈∏∑−∗∘√∝∞∣∥∫≈≔≠≤≥≪≫⊙⊤⋅⋮⋯⏞⏟⟨⟩⌈⌉⌊⌋"),
    *range(0x1D434, 0x1D468),
    *range(0x1D6E2, 0x1D71C),
    0x302,
    0x303,
    0x304,
    0x305,
    0x332,
]
ICONS = {
    "bars": 0xF0C9,
    "list": 0xF03A,
    "magnifying-glass": 0xF002,
    "sun": 0xF185,
    "moon": 0xF186,
    "circle-half-stroke": 0xF042,
    "angle-left": 0xF104,
    "angle-right": 0xF105,
    "chevron-down": 0xF078,
    "book-open": 0xF518,
}


def cut(source, target, characters, features=("kern", "liga"), number=-1):
    """Write the part of a font that draws the given characters, as woff2. number: which, in a file with several."""
    options = Options(flavor="woff2", hinting=False, layout_features=list(features))
    options.font_number = number
    font = load_font(str(source), options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    save_font(font, str(target), options)
    print(f"{target.name:20s} {target.stat().st_size / 1024:6.1f} KiB")


def ranges(characters):
    """The characters as CSS's unicode-range."""
    runs = []
    for code in sorted(set(characters)):
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return ", ".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in runs)


def far_eastern():
    """The Chinese and Korean characters in the prose and the chapters."""
    sources = [*ROOT.glob("book/*.md"), *ROOT.glob("notebooks/*.ipynb")]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    return sorted(set(map(ord, CJK.findall(text))))


def package_folder(name):
    return Path(find_spec(name).origin).parent


def main(text_folder):
    TARGET.mkdir(parents=True, exist_ok=True)
    theme = (
        package_folder("pydata_sphinx_theme")
        / "theme"
        / "pydata_sphinx_theme"
        / "static"
        / "vendor"
    )
    text = Path(text_folder)
    cut(text / "stix-two-text-latin-wght-normal.woff2", TARGET / "text.woff2", TEXT)
    cut(
        text / "stix-two-text-latin-wght-italic.woff2",
        TARGET / "text-italic.woff2",
        TEXT,
    )
    math = package_folder("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf"
    rest = set(MATH) - set(OFTEN)
    cut(math, TARGET / "math.woff2", OFTEN, features=("ssty", "dtls"))
    cut(math, TARGET / "math-rest.woff2", rest, features=("ssty", "dtls"))
    icons = next(theme.glob("fontawesome/*/webfonts/fa-solid-900.woff2"))
    cut(icons, TARGET / "icons.woff2", ICONS.values())


if __name__ == "__main__":
    if sys.argv[1:] == ["--ranges"]:
        print(ranges(OFTEN), ranges(set(MATH) - set(OFTEN)), sep="\n\n")
    elif sys.argv[1:2] == ["--cjk"]:
        cut(sys.argv[2], TARGET / "cjk.woff2", far_eastern(), (), SIMPLIFIED)
    else:
        main(sys.argv[1])
