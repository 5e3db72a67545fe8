"""Clips of scenes: one thing moves, and no single frame tells where to."""

from itertools import pairwise

import numpy as np
import pytest

from rnnkit.scenes.clips import SPEED, STEPS, generate_clip_scenes


def test_one_thing_moves_straight_and_the_others_rest(clips):
    for things, mover, direction in zip(
        clips.things, clips.movers, clips.directions, strict=True
    ):
        dx, dy = STEPS[direction]
        for before, after in pairwise(things):
            for a, b in zip(before, after, strict=True):
                moved = (b.box[0] - a.box[0], b.box[1] - a.box[1])
                speed = SPEED if a.name == mover else 0
                assert moved == (speed * dx, speed * dy)
                assert min(b.box) >= 0
                assert max(b.box) <= 64


def spread(clips, frames):
    """direction -> shares of the nine parts of the picture in which the mover is."""
    table = {direction: np.zeros((3, 3)) for direction in STEPS}
    for things, direction in zip(clips.things, clips.directions, strict=True):
        for t in frames:
            left, top, right, bottom = things[t][-1].box
            x, y = (left + right) / 2, (top + bottom) / 2
            table[direction][
                int(np.digitize(x, (26, 38))), np.digitize(y, (26, 38))
            ] += 1
    return np.array([part / part.sum() for part in table.values()])


def test_no_single_frame_tells_the_direction(clips):
    for frames in ([2], range(5)):  # the middle one; any, if its number is not known
        shares = spread(clips, frames)
        assert np.ptp(shares, axis=0).max() < 0.07
    assert np.ptp(spread(clips, [0]), axis=0).max() > 0.1  # its number gives it away


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"frames": 2}, "frames: expected 3 to 6, got 2"),
        ({"size": 60}, "size: expected at least 64, got 60"),
        ({"n": 0}, "n: expected at least 1, got 0"),
        ({"names": ("cat", "dog")}, "names: expected 3 kinds that may meet"),
    ],
)
def test_bad_arguments_of_clips(arguments, message):
    with pytest.raises(ValueError, match=message):
        generate_clip_scenes(**{"n": 2} | arguments)
