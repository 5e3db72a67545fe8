"""Short clips of a moving square with a label for every frame, which no single frame can tell."""

import numpy as np

# Label, name, and the step (rows down, columns to the right) that leads to the frame.
LABELS = ("resting", "left", "right", "up", "down")
STEPS = np.array([(0, 0), (0, -1), (0, 1), (-1, 0), (1, 0)])
SQUARE = 3  # pixels


def generate_clips(n, T, size=8, seed=0, change=0.3):
    """Make clips of a 3x3 square that moves one pixel a frame and now and then changes its mind.

    n: clips; T: frames per clip; size: pixels per side, at least 4; seed: int; change: the probability
    that the next move is drawn anew from the five. A square that leaves on one side returns on the
    opposite one, so every position is equally likely under every move: one frame tells nothing about it.
    Returns frames (n, T, size, size) float32, 0 or 1, and labels (n, T) int64, indices of `LABELS`: the
    move that led to the frame. The first frame of a clip is labelled resting.
    Raises ValueError for n or T below 1, size below 4, change outside 0 to 1.
    """
    for name, value, least in [("n", n, 1), ("T", T, 1), ("size", size, SQUARE + 1)]:
        if value < least:
            raise ValueError(f"{name}: expected at least {least}, got {value}")
    if not 0 <= change <= 1:
        raise ValueError(f"change: expected 0 to 1, got {change}")
    rng = np.random.default_rng(seed)
    labels = _moves(n, T, change, rng)
    start = rng.integers(size, size=(n, 1, 2))
    corners = (start + np.cumsum(STEPS[labels], axis=1)) % size  # (n, T, 2)
    return _draw(corners, size), labels


def _moves(n, T, change, rng):
    """Draw labels (n, T): each frame keeps the move before it, or with probability change draws a new one."""
    drawn = rng.integers(len(LABELS), size=(n, T))
    renew = rng.random((n, T)) < change
    renew[:, :2] = True  # there is no move before these to keep
    drawn[:, 0] = LABELS.index("resting")
    latest = np.maximum.accumulate(np.where(renew, np.arange(T), 0), axis=1)
    return np.take_along_axis(drawn, latest, axis=1)


def _draw(corners, size):
    """Draw a square at each top-left corner (n, T, 2), around the edges where it must."""
    pixels = np.arange(size)
    # How far each row and each column lies after the corner, counted around the edge.
    inside = (pixels - corners[..., None]) % size < SQUARE  # (n, T, 2, size)
    return (inside[..., 0, :, None] & inside[..., 1, None, :]).astype(np.float32)
