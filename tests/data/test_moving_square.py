"""Clips of a square that moves as labelled."""

import numpy as np
import pytest

from rnnkit.data import moving_square


def test_clips_move_as_labelled():
    frames, labels = moving_square.generate_clips(200, 12, size=8, seed=5)
    assert frames.shape == (200, 12, 8, 8)
    assert frames.dtype == np.float32
    assert labels.shape == (200, 12)
    assert (frames.sum(axis=(2, 3)) == 9).all()
    assert (labels[:, 0] == 0).all()
    for frame, before, label in zip(
        frames[:, 1:], frames[:, :-1], labels[:, 1:], strict=True
    ):
        for t, move in enumerate(label):
            assert np.array_equal(
                np.roll(before[t], moving_square.STEPS[move], axis=(0, 1)), frame[t]
            )
    assert moving_square.LABELS[1] == "left"
    assert moving_square.STEPS[1].tolist() == [0, -1]


def test_clips_are_repeatable_and_use_every_move_equally():
    frames, labels = moving_square.generate_clips(2000, 10)
    assert np.array_equal(frames, moving_square.generate_clips(2000, 10)[0])
    assert not np.array_equal(frames, moving_square.generate_clips(2000, 10, seed=1)[0])
    shares = np.bincount(labels[:, 1:].ravel()) / labels[:, 1:].size
    assert np.allclose(shares, 0.2, atol=0.02)
    assert np.mean(labels[:, 2:] != labels[:, 1:-1]) == pytest.approx(
        0.3 * 0.8, abs=0.02
    )


def test_one_frame_says_nothing_about_its_move():
    # Every move must find the square at every position equally often.
    frames, labels = moving_square.generate_clips(4000, 10, size=4)
    corner = frames[:, 1:, 0, 0]
    for move in range(5):
        assert corner[labels[:, 1:] == move].mean() == pytest.approx(9 / 16, abs=0.02)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0, "T": 3}, "n: expected at least 1, got 0"),
        ({"n": 1, "T": 0}, "T: expected at least 1, got 0"),
        ({"n": 1, "T": 3, "size": 3}, "size: expected at least 4, got 3"),
        ({"n": 1, "T": 3, "change": 1.5}, "change: expected 0 to 1, got 1.5"),
    ],
)
def test_clips_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        moving_square.generate_clips(**arguments)
