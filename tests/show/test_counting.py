"""The language a^n b^n, and where the counter leaves it."""

import numpy as np

from rnnkit.show import counting


def test_the_language_and_where_the_counter_leaves_it():
    assert counting.legal_next("aabb", "^ab$") == ["a", "ab", "ab", "b", "$"]
    assert counting.legal_next("abb", "#ab") == ["a", "ab", "#", ""]
    assert counting.legal_next("ba", "^ab$") == ["a", "", ""]
    p = np.eye(4)[[1, 2, 3, 2]]  # expects a, b, $, b
    assert counting.wrong_steps(p, "aab", "^ab$").tolist() == [
        False,
        False,
        True,
        False,
    ]
    by_hand = counting.check_weights(counting.HAND_MADE, "^ab$")
    breaks = [counting.first_failure(by_hand, "^ab$", s) for s in (-2, 0, 2, 4)]
    assert breaks == [6, 15, 38, None]
