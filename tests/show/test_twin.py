"""The numpy twin of the models in the page: against torch, against the package's cells, against what must be so."""

import numpy as np
import pytest

from rnnkit.functional import one_hot
from rnnkit.sequence import lstm_forward
from rnnkit.show import counting
from rnnkit.show.twin import (
    answer,
    coordinates,
    read_characters,
    read_counter,
    see,
)

from .samples import LETTERS, count_weights, lstm_weights, vqa_weights


def test_the_character_model_reads_as_torch_does(rng):
    torch = pytest.importorskip("torch")
    from rnnkit.nn.text.char_lm import CharLM

    weights = lstm_weights(rng)
    model = CharLM(len(LETTERS), embedding_size=5, hidden_size=7).double()
    model.load_state_dict({k: torch.tensor(v) for k, v in weights.items()})
    ids = [LETTERS.index(letter) for letter in "KING RICHARD:\n"]
    logits, h, c = read_characters(weights, ids)
    with torch.no_grad():
        want, (h_last, c_last) = model(torch.tensor([ids]))
    np.testing.assert_allclose(logits, want[0], atol=1e-12)
    np.testing.assert_allclose(h[-1], h_last[0, 0], atol=1e-12)
    np.testing.assert_allclose(c[-1], c_last[0, 0], atol=1e-12)


def test_the_counting_lstm_is_the_lstm_of_the_package():
    weights = count_weights()
    ids = counting.encode("aabab", "^ab$")
    watched = read_counter(weights, ids)
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
    for name, array in read_counter(moved, ids).items():
        np.testing.assert_allclose(read_counter(weights, ids, 2)[name], array)


def test_a_glance_is_a_mean_and_the_fusions_differ(rng):
    """With one key for all regions, a glance is even; the same weights fused otherwise answer otherwise."""
    eye, models = vqa_weights(rng)
    regions = see(rng.integers(0, 256, (64, 64, 3)), eye)
    assert regions.shape == (64, 4)
    assert coordinates().shape == (64, 14)
    blind = models["attention"]
    blind["key.weight"] = np.zeros((8, 21))
    _, glances = answer("attention", blind, regions, [1, 2, 3, 4])
    np.testing.assert_allclose(glances, 1 / 64)
    same = models["multiplication"]
    one, _ = answer("multiplication", same, regions, [1, 2, 3, 4])
    other, _ = answer("concatenation", same, regions, [1, 2, 3, 4])
    assert np.abs(one - other).max() > 1e-3
