"""Small pictures whose content is known exactly: OpenMoji drawings pasted onto a plain ground.

A scene holds two to four drawings of two to four kinds, each with its own place, size and rotation, and
the box of every drawing is kept. So "does the model look at the right place?" has a true answer. What may
be said of a scene is in `rnnkit.scenes.captions`, what may be asked in `rnnkit.scenes.questions`.

Drawings: OpenMoji, https://openmoji.org, licence CC BY-SA 4.0.
"""

import random
from collections import Counter
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

import numpy as np

from rnnkit.scenes.drawings import (
    KINDS,
    NAMES,
    check_word,
    choose_box,
    choose_drawing,
    paint_ground,
    paste,
    sprite,
    usable,
)

SIZES = (18, 20, 22, 24)  # pixels: the longer side of a drawing before it is turned
ANGLES = (-20, -10, 0, 10, 20)  # degrees
RELATIONS = ("left of", "right of", "above", "below")
PATTERNS = ("ab", "aab", "abc")  # "aab": two drawings of one kind, one of another
OVERLAP = 2  # pixels by which two boxes may run into each other
MARGIN = 8  # pixels between two centres before one is left of, or above, the other
PLACINGS, REDRAWS = 2000, 100  # tries to place some drawings; tries with others


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

    n: how many. seed: int. names: the kinds to choose from, some of NAMES. patterns: which drawings are of
    one kind, up to four: "aabc" shows two of one kind and one each of two others.
    pairs: "seen" never shows two kinds together that are held out, "held-out" always does.
    drawings: "seen", or "held-out" for the unseen drawing of every kind that has one (and no other kind).
    size: pixels per side, at least 48.
    Returns Scenes. In each, at least one relation holds between its kinds, see `relations`.
    Raises ValueError for an argument outside these, and where names cannot fill a pattern.
    """
    check_arguments(n, drawings, size, least=48)
    names = usable(names, drawings)
    check_patterns(patterns, names, pairs)
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
    Raises ValueError for an argument outside these.
    """
    check_arguments(n, drawings, size, least=32)
    chosen = usable(names, drawings)
    rng = random.Random(seed)
    images, labels = np.empty((n, size, size, 3), np.uint8), np.empty(n, np.int64)
    for i in range(n):
        name = chosen[rng.randrange(len(chosen))]
        labels[i] = list(names).index(name)
        paint_ground(rng, images[i])
        drawing = choose_drawing(rng, name, drawings)
        colour_alpha = sprite(drawing, rng.choice(SIZES), rng.choice(ANGLES))
        paste(colour_alpha, choose_box(rng, colour_alpha, size), images[i])
    return images, labels


def compose(things, ground=(240, 240, 240), size=64):
    """Paint a scene that somebody has arranged.

    things: list of (name or drawing, x, y, longer side, angle): the centre and the side in pixels, the angle in
    degrees; a name stands for its kind's first drawing. What would stick out is moved inside.
    ground: red, green, blue, 0 to 255. size: pixels per side.
    Returns Scenes with this one scene. Raises ValueError for what is neither a kind nor one of its drawings.
    """
    image = np.empty((1, size, size, 3), np.uint8)
    image[:] = ground
    placed = []
    for what, x, y, longer, angle in things:
        name, drawing = identify(what)
        colour_alpha = sprite(drawing, longer, angle)
        height, width = colour_alpha[1].shape[:2]
        left = min(max(int(x - width / 2 + 0.5), 0), size - width)
        top = min(max(int(y - height / 2 + 0.5), 0), size - height)
        placed.append(Thing(name, drawing, (left, top, left + width, top + height)))
        paste(colour_alpha, placed[-1].box, image[0])
    return Scenes(image, (tuple(placed),))


def identify(what):
    """The kind and the drawing that a name or a drawing stands for."""
    for name, (_, seen, held_out) in KINDS.items():
        if what == name:
            return name, seen[0]
        if len(what) == 1 and what in seen + held_out:
            return name, what
    raise ValueError(f"things: expected a kind or one of its drawings, got {what!r}")


def check_arguments(n, drawings, size, least):
    """Raise ValueError unless n and size are large enough and drawings is a known word."""
    for argument, value, low in [("n", n, 1), ("size", size, least)]:
        if value < low:
            raise ValueError(f"{argument}: expected at least {low}, got {value}")
    check_word("drawings", drawings)


def check_patterns(patterns, names, pairs):
    """Raise ValueError unless every pattern is one, and names has the kinds to fill it."""
    check_word("pairs", pairs)
    if not patterns:
        raise ValueError("patterns: expected at least one, got none")
    threes = Counter(NAMES.index(a) // 3 for a in names)
    most = max(threes.values()) if pairs == "held-out" else len(threes)
    for pattern in patterns:
        kinds = "".join(sorted(set(pattern)))
        if kinds not in ("ab", "abc", "abcd") or len(pattern) > 4:
            raise ValueError(
                "patterns: expected a sequence of words of up to four letters, such as "
                f"'aab', with at least an a and a b, got {pattern!r} in {patterns!r}"
            )
        if len(kinds) > most:
            raise ValueError(
                f"names: expected {len(kinds)} kinds that may meet for the pattern "
                f"{pattern!r} and {pairs} pairs, got {most}"
            )


def choose_kinds(rng, names, n, pairs):
    """Draw n different kinds: any two of them are held-out pairs, or none are."""
    while True:
        kinds = rng.sample(names, n)
        held = {is_held_out(a, b) for i, a in enumerate(kinds) for b in kinds[:i]}
        if held == {pairs == "held-out"}:
            return kinds


def place(rng, names, drawings, image):
    """Paint one thing of each name into image (size, size, 3), in place; returns the things."""
    for _ in range(REDRAWS):
        looks = [choose_drawing(rng, name, drawings) for name in names]
        sprites = [sprite(d, rng.choice(SIZES), rng.choice(ANGLES)) for d in looks]
        things = arrange(rng, names, looks, sprites, len(image))
        if things:
            paint_ground(rng, image)
            for thing, s in zip(things, sprites, strict=True):
                paste(s, thing.box, image)
            return things
    raise ValueError(
        f"size: expected room for {len(names)} drawings, got {len(image)} pixels"
    )


def arrange(rng, names, looks, sprites, size):
    """Try places until the things are not crowded and a relation holds: the things, or None."""
    for _ in range(PLACINGS):
        boxes = [choose_box(rng, s, size) for s in sprites]
        things = tuple(map(Thing, names, looks, boxes))
        if not crowded(things) and relations(things):
            return things
    return None


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
