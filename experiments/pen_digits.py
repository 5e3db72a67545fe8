"""Digits written with a pen: lines through a few points that are moved at random, counted into pixels as the data were.

The digits of the data were written by 43 people in boxes, and made to fill 8 x 8 pixels. Visitors of the page write
as they like: a 1 with a foot, an open 4, a 6 as wide as the board. These forms, varied, show the reader more of them.
"""

from itertools import pairwise

import numpy as np

from rnnkit.data.digits import SIDE, Digits

FINE = 4  # the finer grid's pixels on the side of a pixel
# Of each digit some forms; a form is one or more lines, a line is points (x, y) from 0 to 10, y downwards.
FORMS = {
    0: [
        ["5,0 1,2 0,5 1,8 5,10 9,8 10,5 9,2 5,0"],
        ["7,0 2,1 1,6 3,10 7,9 9,4 6,0 4,1"],
    ],
    1: [
        ["5,0 5,5 5,10"],
        ["2,3 6,0 5.5,10"],
        ["3,2 5,0 5,10", "1,10 9,10"],
        ["7,0 4,10"],
        ["1,4 6,0 6,10", "3,10 9,10"],
    ],
    2: [
        ["1,2 4,0 8,1 8,4 4,7 1,10 1,10 9,10"],
        ["0,3 3,0 8,1 9,3 1,9 3,8 6,10 10,9"],
        ["1,1 6,0 9,3 5,7 0,10 0,10 10,10"],
    ],
    3: [
        ["1,1 5,0 9,2 8,4 4,5 4,5 9,6 9,8 5,10 1,9"],
        ["1,0 1,0 9,0 9,0 5,4 5,4 9,6 8,9 4,10 0,9"],
        ["2,0 8,1 7,4 3,5 8,6 8,9 1,10"],
    ],
    4: [
        ["7,0 7,0 0,7 0,7 10,7", "7,3 7,10"],
        ["1,0 1,5 1,5 9,5", "8,0 8,10"],
        ["2,0 0,6 0,6 9,6", "7,1 6,10"],
        ["6,10 6,10 7,0 7,0 1,6 1,6 10,6"],
    ],
    5: [
        ["9,0 9,0 2,0 2,0 1,4 1,4 6,4 9,6 8,9 4,10 0,9"],
        ["2,0 1,5 7,4 9,7 6,10 1,10", "2,0 9,0"],
        ["8,0 3,1 2,4 7,5 8,8 5,10 1,9"],
    ],
    6: [
        ["8,0 3,2 1,6 2,9 6,10 9,8 7,5 2,6"],
        ["6,0 2,4 1,8 5,10 9,8 6,5 1,7"],
        ["9,1 5,0 1,4 0,8 4,10 9,9 9,6 5,5 1,7"],
    ],
    7: [
        ["1,0 1,0 9,0 9,0 4,10"],
        ["0,0 0,0 9,0 9,0 5,5 4,10", "2,5 8,5"],
        ["1,2 1,0 1,0 9,0 9,0 6,4 5,10"],
    ],
    8: [
        ["5,5 1,3 3,0 7,0 9,3 5,5 1,8 4,10 7,10 9,8 5,5"],
        ["9,1 4,0 1,2 4,5 9,7 7,10 2,10 1,7 6,4 9,1"],
    ],
    9: [
        ["9,2 5,0 1,2 3,5 7,5 9,2 9,2 8,10"],
        ["8,3 4,0 1,3 4,5 8,3 9,1 9,7 6,10 2,9"],
        ["9,1 3,1 2,4 7,5 9,1 9,1 7,5 4,10"],
    ],
}


def write_digits(rng, n):
    """Write n digits; what is drawn follows from rng. Returns Digits."""
    y = rng.integers(10, size=n)
    x = np.stack([write_digit(rng, digit) for digit in y])
    return Digits(x, y.astype(np.int64))


def write_digit(rng, digit):
    """One digit, somewhere on the board, (SIDE, SIDE) of ink in 16ths."""
    forms = FORMS[digit]
    lines = [parsed(line) for line in forms[rng.integers(len(forms))]]
    high = rng.uniform(4.8, 7.4)
    wide = high * (rng.uniform(0.15, 0.9) if digit == 1 else rng.uniform(0.55, 1.05))
    wide = min(wide, 7.4)
    size = np.array([wide, high])
    free = SIDE - size
    corner = free / 2 + (free / 2 - 0.3) * rng.uniform(-1, 1, 2)
    lean = rng.uniform(-0.2, 0.2)
    thick = rng.uniform(1.5, 2.8)
    fine = np.zeros((SIDE * FINE, SIDE * FINE), bool)
    for line in lines:
        points = line + rng.normal(0, 0.05, line.shape)
        if rng.random() < 0.7:
            points = rounded_off(rounded_off(points))
        points[:, 0] += lean * (0.5 - points[:, 1])
        draw_line(fine, (corner + points * size) * FINE - 0.5, thick)
    ink = fine.reshape(SIDE, FINE, SIDE, FINE).sum((1, 3)) / FINE**2
    if rng.random() < 0.3:  # with keys: a pixel is black or white
        ink = ink > rng.uniform(0.2, 0.5)
    return ink.astype(np.float32)


def parsed(line):
    """A line's points, (n, 2), from 0 to 1."""
    return np.array([point.split(",") for point in line.split()], float) / 10


def rounded_off(points):
    """Cut every corner of a line, but keep its ends (Chaikin, 1974)."""
    a, b = points[:-1], points[1:]
    cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], 1).reshape(-1, 2)
    return np.concatenate([points[:1], cut[1:-1], points[-1:]])


def draw_line(fine, points, radius):
    """Blacken what lies within a radius of a line through points (n, 2), x and y, in pixels of the fine grid."""
    at = np.stack(np.indices(fine.shape)[::-1], -1)  # (rows, columns, 2): x, y
    for a, b in pairwise(points):
        along = b - a
        length = along @ along
        share = (
            ((at - a) @ along / length).clip(0, 1) if length else np.zeros(fine.shape)
        )
        fine |= (
            np.hypot(*np.moveaxis(at - a - share[..., None] * along, -1, 0)) <= radius
        )
