"""Shape checks: one clear sentence instead of a broadcast that goes wrong silently."""

import numpy as np


def check_shape(name, array, dims, sizes):
    """Check one argument's shape and learn the sizes that it brings.

    Arguments:
        name: the argument's name, as the caller knows it.
        array: what came.
        dims: its axes, one letter each, separated by blanks: "B T D".
        sizes: dict from letter to size. Letters that are already there must agree;
            new ones are added.

    Raises:
        ValueError: naming the argument, what was expected and what came, as in
            ``W_hh: expected (H, H) = (64, 64), got (64, 32)``.
    """
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{name}: expected a numpy array, got {type(array).__name__}")
    letters = dims.split()
    seen = dict(sizes)  # a letter that comes twice must agree with itself
    agrees = array.ndim == len(letters) and all(
        seen.setdefault(letter, came) == came
        for letter, came in zip(letters, array.shape, strict=True)
    )
    if not agrees:
        known = [sizes.get(letter, letter) for letter in letters]
        symbols = ", ".join(letters) + ("," if len(letters) == 1 else "")
        numbers = ", ".join(map(str, known)) + ("," if len(known) == 1 else "")
        expected = (
            f"({symbols})" if symbols == numbers else f"({symbols}) = ({numbers})"
        )
        raise ValueError(f"{name}: expected {expected}, got {array.shape}")
    sizes.update(zip(letters, array.shape, strict=True))


def check_mask(mask, sizes):
    """Check a mask: boolean, (B, T). ``None`` stands for "every step is real"."""
    if mask is None:
        return
    check_shape("mask", mask, "B T", sizes)
    if mask.dtype != np.bool_:
        raise ValueError(f"mask: expected dtype bool, got {mask.dtype}")


def check_sequence(x, h0, mask, check_weights, *weights):
    """Check a sequence, its initial state, its mask and a cell's weights, once a call."""
    sizes = {}
    check_shape("x", x, "B T D", sizes)
    if sizes["T"] == 0:
        raise ValueError(f"x: expected at least one step, got {x.shape}")
    check_shape("h0", h0, "B H", sizes)
    check_weights(*weights, sizes)
    check_mask(mask, sizes)


def check_backward(chunk, shape, **gradients):
    """Check what a backward pass receives; shape is the states' (B, T, H)."""
    for name, gradient in gradients.items():
        check_shape(name, gradient, "B T H", dict(zip("BTH", shape, strict=True)))
    if chunk is not None and (chunk < 1 or chunk != int(chunk)):
        raise ValueError(f"chunk: expected None or a whole number from 1, got {chunk}")
