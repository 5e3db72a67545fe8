"""Scores on cases that can be counted by hand."""

import numpy as np
import pytest

from rnnkit.nn.translation.scoring import errors_by_position, exact_match, pointing

SPANS = {"year": (0, 4), "month": (5, 6), "day": (7, 8)}  # of "1987 3 5"


def test_exact_match():
    assert exact_match(["ab", "b", "c"], ["ab", "a", "cc"]) == 1 / 3


def test_errors_by_position():
    found = errors_by_position(["ab", "a", "abc", ""], ["ab"] * 4)
    assert found.tolist() == [0.25, 0.5]
    with pytest.raises(ValueError, match="wanted: expected texts of one length"):
        errors_by_position(["a", "b"], ["a", "bc"])


def test_pointing():
    looks_at = [0, 1, 2, 4, 4, 6, 5, 4, 7, 7, 0]  # the last year digit and a zero miss
    weights = np.eye(8)[looks_at]
    found = pointing([weights], [SPANS], ["1987 3 5"])
    assert found["year"]["hit"].tolist() == [[True, True, True, False]]
    assert found["month"]["hit"].tolist() == [[False, True]]
    assert found["day"]["hit"].tolist() == [[True, True]]
    assert found["month"]["shown"].tolist() == [[False, True]]
    assert found["year"]["shown"].all()
    assert found["year"]["chance"] == 0.5
    assert found["day"]["chance"] == 1 / 8
