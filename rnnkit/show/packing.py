"""A trained model's weights on their way into a page: rounded to eight bits, and limited in size."""

from collections.abc import Iterable

import numpy as np

from rnnkit.show.explorable import decode_array, encode_array, to_json

MAX_WEIGHTS = 400_000  # bytes of base64: the chapter's page has to load on a phone


def pack(weights: dict, exact: Iterable[str] = ()) -> dict:
    """Pack a dict of arrays for the page: matrices as int8 with a scale for every row, vectors as float32.

    A convolution (outputs, inputs, kernel, kernel) becomes a matrix with one row for every output.
    exact: names of matrices that are not rounded.
    """
    return {
        name: encode_array(array)
        if np.ndim(array) < 2 or name in exact
        else encode_array(np.reshape(array, (len(array), -1)), "int8", by_row=True)
        for name, array in weights.items()
    }


def unpack(packed: dict) -> dict[str, np.ndarray]:
    """Turn packed weights into arrays again; the convolutions conv1, conv2 and conv3 get their four axes back."""
    weights = {name: decode_array(array) for name, array in packed.items()}
    for name in ("conv1", "conv2", "conv3"):  # packed as (outputs, inputs * 16)
        if name in weights:
            weights[name] = weights[name].reshape(len(weights[name]), -1, 4, 4)
    return weights


def quantise(weights: dict, exact: Iterable[str] = ()) -> dict:
    """Return the weights as the page will have them: every matrix rounded to 255 levels per row.

    weights: dict from names to arrays. exact: names of matrices that are not rounded. Load the result into a
    model to measure what the rounding costs.
    Returns a dict with the same names and shapes, float32: bit for bit what the page computes with.
    """
    return {
        name: decode_array(packed).reshape(np.shape(weights[name]))
        for name, packed in pack(weights, exact).items()
    }


def check_size(packed: dict, limit: int = MAX_WEIGHTS) -> None:
    """Raise ValueError if packed weights, as they stand in the page, take more than `limit` bytes."""
    size = len(to_json(packed))
    if size > limit:
        raise ValueError(
            f"weights: expected at most {limit} bytes when packed, got {size}"
        )
