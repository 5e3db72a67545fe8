"""Handwritten digits of 8 x 8 pixels, alone or lost on a canvas with scraps of other digits.

The digits come with scikit-learn: 1,797 of them, 43 writers (Alpaydin and Kaynak, 1998).
"""

from typing import NamedTuple

import numpy as np

SIDE = 8  # pixels
HELD_OUT = 500
SCRAP = 4  # pixels, the side of a scrap


class Digits(NamedTuple):
    """Digits: x (n, 8, 8) float32, ink from 0 to 1, and y (n,) int64, which digit each is."""

    x: np.ndarray
    y: np.ndarray


class Canvases(NamedTuple):
    """Digits on canvases: x (n, S, S), y (n,), and each digit's upper left corner, (n, 2): row, column."""

    x: np.ndarray
    y: np.ndarray
    corner: np.ndarray


def load_digits() -> tuple[Digits, Digits]:
    """Return the digits to learn from and 500 that are held out; the order is shuffled, always in the same way."""
    from sklearn import datasets  # slow to import, and only needed here

    x, y = datasets.load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x = (x[order] / 16).astype(np.float32).reshape(-1, SIDE, SIDE)
    y = y[order].astype(np.int64)
    cut = len(x) - HELD_OUT
    return Digits(x[:cut], y[:cut]), Digits(x[cut:], y[cut:])


def ink(x: np.ndarray) -> np.ndarray:
    """Make pixels black or white: 1 where there is more than 5 of 16 parts of ink, else 0."""
    return (x > 5 / 16).astype(np.float32)


def draw_digits(rng: np.random.Generator, n: int, digits: Digits) -> Digits:
    """Draw n of some digits, with replacement."""
    chosen = rng.integers(len(digits.y), size=n)
    return Digits(digits.x[chosen], digits.y[chosen])


def draw_canvases(
    rng: np.random.Generator, n: int, digits: Digits, size: int = 20, scraps: int = 4
) -> Canvases:
    """Put one digit anywhere on each of n empty canvases, on top of scraps cut from other digits.

    Arguments:
        rng: what is drawn follows from it.
        n: canvases.
        digits: those to choose from; the scraps, 4 x 4 pixels, are cut from them, too.
        size: S, pixels on a canvas's side; scraps: how many, anywhere.

    Raises:
        ValueError: a canvas smaller than a digit, or a negative number of scraps.
    """
    if size < SIDE:
        raise ValueError(f"size: expected at least {SIDE}, got {size}")
    if scraps < 0:
        raise ValueError(f"scraps: expected 0 or more, got {scraps}")
    x = np.zeros((n, size, size), np.float32)
    for _ in range(scraps):
        cut_at = rng.integers(SIDE - SCRAP + 1, size=(n, 2))
        scrap = patches(draw_digits(rng, n, digits).x, cut_at, SCRAP)
        paste(x, scrap, rng.integers(size - SCRAP + 1, size=(n, 2)))
    chosen = draw_digits(rng, n, digits)
    corner = rng.integers(size - SIDE + 1, size=(n, 2))
    paste(x, chosen.x, corner)
    return Canvases(x, chosen.y, corner)


def patches(x, corner, side):
    """Cut a square out of each picture: x (n, S, S), corner (n, 2) -> (n, side, side)."""
    return x[places(corner, side)]


def paste(x, patch, corner):
    """Put a patch (n, side, side) into each picture x (n, S, S), in place, over what was there."""
    x[places(corner, patch.shape[-1])] = patch


def places(corner, side):
    """Return indices of the pixels of a square in each picture."""
    steps = np.arange(side)
    rows = corner[:, :1] + steps  # (n, side)
    columns = corner[:, 1:] + steps
    return np.arange(len(corner))[:, None, None], rows[:, :, None], columns[:, None, :]
