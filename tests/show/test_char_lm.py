"""The character model in the page."""

import numpy as np
import pytest

from rnnkit.show import explorable, packing
from rnnkit.show.char_lm import CharLMExplorable, quantise
from rnnkit.show.explorable import decode_array, to_json

from .samples import LETTERS, lstm_weights


def live_model(rng, **changes):
    given = {
        "weights": lstm_weights(rng),
        "vocabulary": LETTERS,
        "prefix": "KING RICHAR",
        "sample": "KING RICHARD:\nA CAR\n" * 8,
        "cells": [{"cell": 3, "name": "line", "note": "Blue."}],
    }
    return CharLMExplorable(id="char-lm", alt="A text", **{**given, **changes})


def test_the_page_gets_what_quantise_returns(rng):
    weights = lstm_weights(rng)
    rounded = quantise(weights)
    assert list(rounded) == list(weights)
    packed = live_model(rng, weights=weights).state()["weights"]
    for name, array in rounded.items():
        np.testing.assert_array_equal(array, decode_array(packed[name]))
        largest = np.abs(weights[name]).max(axis=-1, keepdims=True)
        bound = largest * (0.501 / 127 if array.ndim == 2 else 1e-7)
        assert (np.abs(array - weights[name]) <= bound).all()


def test_the_live_model_fits_and_has_a_small_picture(rng):
    vocabulary = "".join(map(chr, range(32, 100)))  # 68 characters
    weights = lstm_weights(rng, V=68, D=64, H=224)
    given = {"vocabulary": vocabulary, "prefix": "A", "sample": "SO IT IS. " * 40}
    figure = live_model(rng, weights=weights, **given)
    assert len(to_json(figure.state()["weights"])) <= packing.MAX_WEIGHTS
    assert len(figure._picture()) < explorable.MAX_PICTURE
    assert figure.cell == 3
    with pytest.raises(ValueError, match=r"weights: expected at most 400000 bytes"):
        live_model(rng, weights=lstm_weights(rng, V=68, D=64, H=240), **given)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {}}, "weights: expected a one-layer LSTM's embedding.weight"),
        ({"vocabulary": LETTERS + "x"}, r"embedding.weight: expected \(V, D\) = \(13,"),
        ({"prefix": ""}, "prefix: expected characters of the vocabulary, got no text"),
        ({"sample": "A zoo"}, "sample: expected .* got 'o' 'z'"),
        (
            {"cells": [{"cell": 7, "name": "a", "note": "b"}]},
            "cells: expected units from 0 to 6, got 7",
        ),
        ({"cells": [{"cell": 1}]}, "cells: expected the keys cell, name and note"),
    ],
)
def test_the_live_model_refuses(rng, changes, message):
    with pytest.raises(ValueError, match=message):
        live_model(rng, **changes)
