"""The character model in the page."""

import numpy as np
import pytest

from rnnkit.show import char_lm, explorable, packing
from rnnkit.show.char_lm import CharLMExplorable, quantise
from rnnkit.show.explorable import decode_array, to_json

LETTERS = "\n KINGRCHAD:"


def lstm_weights(rng, V=12, D=5, H=7):
    shapes = {
        "embedding.weight": (V, D),
        "rnn.weight_ih_l0": (4 * H, D),
        "rnn.weight_hh_l0": (4 * H, H),
        "rnn.bias_ih_l0": (4 * H,),
        "rnn.bias_hh_l0": (4 * H,),
        "output.weight": (V, H),
        "output.bias": (V,),
    }
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def live_model(rng, **changes):
    given = {
        "weights": lstm_weights(rng),
        "vocabulary": LETTERS,
        "prefix": "KING RICHAR",
        "sample": "KING RICHARD:\nA CAR\n" * 8,
        "cells": [{"cell": 3, "name": "line", "note": "Blue."}],
    }
    return CharLMExplorable(id="char-lm", alt="A text", **{**given, **changes})


def test_the_live_model_reads_as_torch_does(rng):
    torch = pytest.importorskip("torch")
    from rnnkit.nn.text.char_lm import CharLM

    weights = lstm_weights(rng)
    model = CharLM(len(LETTERS), embedding_size=5, hidden_size=7).double()
    model.load_state_dict({k: torch.tensor(v) for k, v in weights.items()})
    ids = [LETTERS.index(letter) for letter in "KING RICHARD:\n"]
    logits, h, c = char_lm.read(weights, ids)
    with torch.no_grad():
        want, (h_last, c_last) = model(torch.tensor([ids]))
    np.testing.assert_allclose(logits, want[0], atol=1e-12)
    np.testing.assert_allclose(h[-1], h_last[0, 0], atol=1e-12)
    np.testing.assert_allclose(c[-1], c_last[0, 0], atol=1e-12)


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
