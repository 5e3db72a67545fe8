"""The small functions that every network needs, each with its backward pass.

A ``*_forward`` function returns its result and a ``cache``: exactly what the
``*_backward`` function needs to turn the gradient of the result into the
gradients of the arguments.
"""

import numpy as np

from rnnkit.checks import check_mask, check_shape


def sigmoid(x, out=None):
    """Logistic function 1 / (1 + exp(-x)), element by element.

    Written with tanh, which cannot overflow: sigmoid(x) = (1 + tanh(x / 2)) / 2.
    out: where to write the result, as for numpy's own functions; x itself may be given.
    """
    out = np.multiply(x, 0.5, out=out)
    np.tanh(out, out=out)
    out += 1
    out *= 0.5
    return out


def log_softmax(x):
    """Logarithm of the softmax over the last axis, same shape as x."""
    # Subtracting the maximum changes nothing on paper and keeps exp from overflowing.
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax(x):
    """Softmax over the last axis: positive numbers that sum to 1, same shape as x."""
    return np.exp(log_softmax(x))


def one_hot(index, size, dtype=np.float64):
    """One-hot vectors: index (...) of integers below ``size`` -> (..., size).

    Raises:
        ValueError: an index is not an integer, negative, or ``size`` and above.
    """
    index = np.asarray(index)
    _check_index("index", index, size)
    return np.eye(size, dtype=dtype)[index]


def affine_forward(x, W, b):
    """Affine map on the last axis: x (..., D), W (D, M), b (M,) -> (..., M), cache."""
    sizes = {}
    check_shape("W", W, "D M", sizes)
    check_shape("b", b, "M", sizes)
    if x.shape[-1] != sizes["D"]:
        raise ValueError(f"x: expected (..., D) = (..., {sizes['D']}), got {x.shape}")
    return x @ W + b, (x, W)


def affine_backward(dy, cache):
    """Gradients of the affine map: dy (..., M) -> dx (..., D), dW (D, M), db (M,)."""
    x, W = cache
    D, M = W.shape
    # Every position in the leading axes used the same W and b: their gradients add up.
    dW = x.reshape(-1, D).T @ dy.reshape(-1, M)
    db = dy.reshape(-1, M).sum(axis=0)
    return dy @ W.T, dW, db


def embedding_forward(index, W):
    """Rows of a table: index (B, T) of integers below V, W (V, D) -> (B, T, D), cache.

    The same as ``one_hot(index, V) @ W``, without building the one-hot vectors.
    """
    check_shape("W", W, "V D", {})
    _check_index("index", index, len(W))
    return W[index], (index, W)


def embedding_backward(dy, cache):
    """Gradient of the table: dy (B, T, D) -> dW (V, D). An index has no gradient."""
    index, W = cache
    dW = np.zeros_like(W)
    np.add.at(dW, index, dy)  # a row that was used twice receives both gradients
    return dW


def cross_entropy_forward(logits, targets, mask=None):
    """Mean cross entropy of the right classes, in nats.

    Arguments:
        logits: (B, T, V), the scores before the softmax.
        targets: (B, T), integers below V.
        mask: (B, T) of bool or None; only the steps where it is True count.

    Returns:
        loss, a float, and the cache.

    Raises:
        ValueError: shapes that do not fit, targets out of range, a mask without True.
    """
    sizes = {}
    check_shape("logits", logits, "B T V", sizes)
    check_shape("targets", targets, "B T", sizes)
    check_mask(mask, sizes)
    _check_index("targets", targets, sizes["V"])
    if mask is None:
        mask = np.ones(targets.shape, bool)
    if not mask.any():
        raise ValueError("mask: expected at least one True, got none")
    log_p = log_softmax(logits)
    weights = mask.astype(log_p.dtype) / mask.sum(dtype=log_p.dtype)
    picked = np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]  # (B, T)
    loss = -(weights * picked).sum()
    return float(loss), (log_p, targets, weights)


def cross_entropy_backward(cache):
    """Gradient of the loss: -> dlogits (B, T, V), softmax minus one-hot, weighted."""
    log_p, targets, weights = cache
    dlogits = np.exp(log_p)
    B, T = np.indices(targets.shape)
    dlogits[B, T, targets] -= 1
    return dlogits * weights[..., None]


def _check_index(name, index, size):
    if not np.issubdtype(index.dtype, np.integer):
        raise ValueError(f"{name}: expected integers, got {index.dtype}")
    if index.size and (index.min() < 0 or index.max() >= size):
        raise ValueError(
            f"{name}: expected values from 0 to {size - 1}, got {index.min()} to {index.max()}"
        )
