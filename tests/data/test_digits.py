"""Digits alone and on canvases: the split, the same bytes from the same seed, where things lie, bad input."""

import numpy as np
import pytest

from rnnkit.data import digits
from rnnkit.data.digits import draw_canvases, draw_digits, ink, load_digits


@pytest.fixture(scope="module")
def sets():
    return load_digits()


def test_no_digit_is_in_both_sets(sets):
    learned, held_out = sets
    assert (len(learned.y), len(held_out.y)) == (1297, 500)
    assert learned.x.shape[1:] == (8, 8)
    assert 0 <= learned.x.min() < learned.x.max() == 1
    rows = [x.tobytes() for s in sets for x in s.x]
    assert len(set(rows)) > 1790  # a few digits of the data are alike to the last pixel
    assert np.bincount(held_out.y, minlength=10).min() > 30


def test_ink_is_black_or_white():
    assert ink(np.array([0, 5, 6, 16]) / 16).tolist() == [0, 0, 1, 1]


def test_the_digit_lies_on_top_at_its_corner(sets):
    learned, _ = sets
    known = {x.tobytes() for x in learned.x}
    canvases = draw_canvases(np.random.default_rng(0), 50, learned, size=20, scraps=6)
    for x, (row, column) in zip(canvases.x, canvases.corner, strict=True):
        cut = np.ascontiguousarray(x[row : row + 8, column : column + 8])
        assert cut.tobytes() in known
    assert canvases.corner.min() == 0
    assert canvases.corner.max() == 12


def test_without_scraps_all_else_is_empty(sets):
    canvases = draw_canvases(np.random.default_rng(0), 20, sets[0], size=11, scraps=0)
    for x, (row, column) in zip(canvases.x, canvases.corner, strict=True):
        inside = x[row : row + 8, column : column + 8].sum()
        assert x.sum() == pytest.approx(inside)


def test_one_seed_gives_the_same_bytes(sets):
    once, again = (
        draw_canvases(np.random.default_rng(3), 5, sets[0]) for _ in range(2)
    )
    assert once.x.tobytes() == again.x.tobytes()
    drawn = draw_digits(np.random.default_rng(3), 5, sets[0])
    assert drawn.x.shape == (5, 8, 8)


def test_bad_input(sets):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="size: expected at least 8, got 7"):
        draw_canvases(rng, 1, sets[0], size=7)
    with pytest.raises(ValueError, match="scraps: expected 0 or more, got -1"):
        draw_canvases(rng, 1, sets[0], scraps=-1)


def test_patches_and_paste_undo_each_other():
    x = np.arange(2 * 36.0).reshape(2, 6, 6)
    corner = np.array([[1, 2], [0, 3]])
    cut = digits.patches(x, corner, 3)
    assert cut[0, 0, 0] == x[0, 1, 2]
    empty = np.zeros_like(x)
    digits.paste(empty, cut, corner)
    assert np.array_equal(digits.patches(empty, corner, 3), cut)
    assert empty.sum() == cut.sum()
