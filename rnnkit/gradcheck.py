"""Numerical gradients: the independent witness for every derivation."""

import numpy as np


def numerical_gradient(f, x, eps=1e-5):
    """Gradient of a scalar function by central differences.

    Arguments:
        f: function of no arguments that returns a float and reads ``x``.
        x: float64 array of any shape. Its entries are changed one at a time, in place,
            and restored.
        eps: half the distance of the two points. The error is of order eps**2 from the
            curvature and of order 1e-16 / eps from rounding; 1e-5 keeps both near 1e-10.

    Returns:
        df/dx, with x's shape.

    Raises:
        ValueError: x is not float64; in float32 the difference would drown in rounding.
    """
    if x.dtype != np.float64:
        raise ValueError(f"x: expected float64, got {x.dtype}")
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        value = x[index]
        try:
            x[index] = value + eps
            above = f()
            x[index] = value - eps
            below = f()
        finally:
            x[index] = value
        gradient[index] = (above - below) / (2 * eps)
    return gradient


def relative_error(a, b):
    """Largest difference of two arrays, relative to their largest entry.

    In a formula: max|a - b| / max(max|a|, max|b|), where each max is over all entries.

    The scale is the whole array's. An entry that is zero but for rounding then does not
    count as wrong by 100 %. Two arrays of zeros agree: 0. Where an entry is not a finite
    number, nothing agrees: infinity.

    Raises:
        ValueError: the shapes differ.
    """
    if a.shape != b.shape:
        raise ValueError(f"b: expected the shape of a, {a.shape}, got {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")  # a comparison with NaN is false: it would pass every bound
    scale = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))
    return float(np.abs(a - b).max(initial=0) / scale) if scale > 0 else 0.0


def check_gradients(f, arguments, gradients, eps=1e-5):
    """Compare hand-derived gradients with numerical ones, argument by argument.

    Arguments:
        f: function of no arguments that returns the loss, a float, from ``arguments``.
        arguments: dict from name to float64 array; f reads these very arrays.
        gradients: dict from the same names to the gradients to be checked.

    Returns:
        dict from name to relative error.

    Raises:
        ValueError: the names differ, or a gradient has not its argument's shape.
    """
    if set(arguments) != set(gradients):
        raise ValueError(
            f"gradients: expected the names {sorted(arguments)}, got {sorted(gradients)}"
        )
    for name, x in arguments.items():
        if gradients[name].shape != x.shape:
            raise ValueError(
                f"d{name}: expected {x.shape}, got {gradients[name].shape}"
            )
    return {
        name: relative_error(gradients[name], numerical_gradient(f, x, eps))
        for name, x in arguments.items()
    }
