"""The numpy twin of the models that answer questions."""

import numpy as np

from rnnkit.show.vqa_model import answer, coordinates, see

from .samples import vqa_weights


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
