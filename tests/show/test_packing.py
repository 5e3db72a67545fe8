"""Weights packed for the page."""

import numpy as np
import pytest

from rnnkit.show import packing
from rnnkit.show.explorable import decode_array

from .samples import caption_weights


def test_convolutions_travel_as_rows(rng):
    weights = caption_weights(rng)
    packed = packing.pack(weights, exact=("where",))
    assert packed["conv2"]["shape"] == [8, 128]
    np.testing.assert_array_equal(
        decode_array(packed["where"]), weights["where"].astype(np.float32)
    )
    rounded = packing.quantise(weights, exact=("where",))
    for name, array in rounded.items():
        assert array.shape == weights[name].shape
    with pytest.raises(ValueError, match="weights: expected at most 99 bytes"):
        packing.check_size(packed, 99)
