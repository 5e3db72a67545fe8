"""The LSTM that counts, and the language that it reads."""

import numpy as np

from rnnkit.functional import one_hot
from rnnkit.sequence import lstm_forward
from rnnkit.show import counting

from .samples import count_weights


def test_the_counting_lstm_is_the_lstm_of_the_package():
    weights = count_weights()
    ids = counting.encode("aabab", "^ab$")
    watched = counting.read(weights, ids)
    zeros = np.zeros((1, 3))
    h, c, _ = lstm_forward(
        one_hot(ids[None], 4),
        zeros,
        zeros,
        *(weights[k] for k in ("W_xh", "W_hh", "b_h")),
    )
    np.testing.assert_allclose(watched["h"], h[0], atol=1e-12)
    np.testing.assert_allclose(watched["c"], c[0], atol=1e-12)
    moved = {**weights, "b_h": weights["b_h"] + np.repeat([0, 2, 0, 0], 3)}
    for name, array in counting.read(moved, ids).items():
        np.testing.assert_allclose(counting.read(weights, ids, 2)[name], array)


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
