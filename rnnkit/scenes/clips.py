"""Short clips of scenes in which one drawing moves: questions that no single picture answers.

One drawing moves in a straight line, the others rest. A clip played backwards is as likely as the clip, and the
places a drawing may have do not depend on the direction of its move. So a frame whose number in the clip
is not known tells nothing about the direction, and of an odd number of frames the middle one never does.
"""

import random
from dataclasses import dataclass

import numpy as np

from rnnkit.scenes.drawings import (
    NAMES,
    choose_box,
    choose_drawing,
    paint_ground,
    paste,
    sprite,
    usable,
)
from rnnkit.scenes.layouts import (
    ANGLES,
    SIZES,
    Thing,
    check_arguments,
    check_patterns,
    choose_kinds,
    crowded,
)

DIRECTIONS = ("left", "right", "up", "down")
STEPS = dict(zip(DIRECTIONS, [(-1, 0), (1, 0), (0, -1), (0, 1)], strict=True))  # x, y
SPEED = 4  # pixels a frame


@dataclass(frozen=True)
class Clips:
    """Clips (N, T, size, size, 3) of uint8; for each, what happens in it.

    things: for each clip and each of its frames the tuple of `Thing`s, in the same order throughout.
    movers: the name of what moves in each clip. directions: one of `STEPS` for each clip.
    """

    images: np.ndarray
    things: tuple
    movers: tuple
    directions: tuple

    def __len__(self):
        return len(self.images)


def generate_clip_scenes(
    n, seed=0, frames=5, names=NAMES, pairs="seen", drawings="seen", size=64
):
    """Make clips of two or three different things, one of which moves SPEED pixels a frame.

    n: how many. seed: int. frames: 3 to 6. names, pairs, drawings, size: as in
    `rnnkit.scenes.layouts.generate_scenes`, but size is at least 64. What rests does not overlap; what moves
    passes in front of it.
    Returns `Clips`. Raises ValueError for an argument outside these.
    """
    check_arguments(n, drawings, size, least=64)
    if not 3 <= frames <= 6:
        raise ValueError(f"frames: expected 3 to 6, got {frames}")
    names = usable(names, drawings)
    check_patterns(("ab", "abc"), names, pairs)
    rng = random.Random(seed)
    images = np.empty((n, frames, size, size, 3), np.uint8)
    clips = [film(rng, names, pairs, drawings, image) for image in images]
    return Clips(images, *zip(*clips, strict=True))


def film(rng, names, pairs, drawings, images):
    """Paint one clip into images (T, size, size, 3), in place.

    Returns the things of every frame, the name of the one that moves, and its direction.
    """
    T, size = images.shape[:2]
    kinds = choose_kinds(rng, names, rng.choice((2, 3)), pairs)
    looks = [choose_drawing(rng, name, drawings) for name in kinds]
    sprites = [sprite(d, rng.choice(SIZES), rng.choice(ANGLES)) for d in looks]
    direction = rng.choice(tuple(STEPS))
    path = choose_path(rng, sprites[-1], direction, T, size)
    rest = choose_rest(rng, kinds[:-1], looks, sprites, size)
    things = [(*rest, Thing(kinds[-1], looks[-1], box)) for box in path]
    paint_ground(rng, images[0])
    images[1:] = images[0]
    for image, now in zip(images, things, strict=True):
        for thing, s in zip(now, sprites, strict=True):
            paste(s, thing.box, image)
    return tuple(things), kinds[-1], direction


def choose_rest(rng, names, looks, sprites, size):
    """Draw places for the things that rest, at most two, until they do not run into each other."""
    while True:
        boxes = [choose_box(rng, s, size) for s in sprites[: len(names)]]
        things = tuple(map(Thing, names, looks, boxes))
        if not crowded(things):
            return things


def choose_path(rng, sprite, direction, T, size):
    """Draw the boxes of a thing that moves in T frames.

    A move to the right covers T different places from left to right. Whatever the direction, one is drawn
    from T x T places around a centre: along the direction the frames take them in turn, across it any one
    is kept. So each frame alone, its number unknown, has any of these places, whatever the direction.
    """
    height, width = sprite[1].shape[:2]
    reach = SPEED * (T - 1)
    left, top = (rng.randint(0, size - side - reach) for side in (width, height))
    across = SPEED * rng.randrange(T)
    boxes = []
    for t in range(T):
        dx, dy = (
            across if step == 0 else SPEED * (t if step > 0 else T - 1 - t)
            for step in STEPS[direction]
        )
        x, y = left + dx, top + dy
        boxes.append((x, y, x + width, y + height))
    return boxes
