"""Reading and painting through a grid of Gaussian windows, forward and backward.

Five numbers lay N x N windows on a picture of S x S pixels. A window is a bell over the pixels: what is read
through it is a weighted mean of them, and a number written through it becomes a soft spot. Rows and columns
are treated alike, so that a grid needs two filters, (N, S) each, and no loop.

Pictures are (B, S, S), what is read or written (B, N, N), filters (B, N, S).
"""

import numpy as np

from rnnkit.checks import check_shape
from rnnkit.functional import softmax


def filters_forward(centre, log_stride, log_variance, N, size):
    """N bells over S pixels in a row, evenly spaced around a centre.

    Arguments:
        centre: (B,), from -1, the first pixel, to 1, the last.
        log_stride: (B,); 0 spreads the N bells over all pixels.
        log_variance: (B,), of each bell, in pixels squared.
        N: bells, at least 2. size: S, pixels.

    Returns:
        filters, (B, N, S), each row sums to 1, and the cache for ``filters_backward``.

    Raises:
        ValueError: a shape does not fit, or fewer than two bells.

    Source: Gregor et al. (2015), section 3.2; with the softmax for their division by the sum.
    """
    sizes: dict = {}
    check_shape("centre", centre, "B", sizes)
    check_shape("log_stride", log_stride, "B", sizes)
    check_shape("log_variance", log_variance, "B", sizes)
    if N < 2:
        raise ValueError(f"N: expected at least 2, got {N}")
    stride = (size - 1) / (N - 1) * np.exp(log_stride)
    offsets = np.arange(N) - (N - 1) / 2
    means = (size - 1) / 2 * (centre[:, None] + 1) + offsets * stride[:, None]  # (B, N)
    away = np.arange(size) - means[..., None]  # (B, N, S)
    variance = np.exp(log_variance)[:, None, None]
    scores = -(away**2) / (2 * variance)
    filters = softmax(scores)
    return filters, (filters, scores, away, variance, offsets, stride)


def filters_backward(dfilters, cache):
    """Gradients of the bells.

    Arguments:
        dfilters: gradient of the loss with respect to the filters, (B, N, S).
        cache: from ``filters_forward``.

    Returns:
        dcentre, dlog_stride, dlog_variance, (B,) each.

    Raises:
        ValueError: dfilters has not the filters' shape.
    """
    filters, scores, away, variance, offsets, stride = cache
    B, N, S = filters.shape
    check_shape("dfilters", dfilters, "B N S", {"B": B, "N": N, "S": S})
    mean = (filters * dfilters).sum(axis=-1, keepdims=True)
    dscores = filters * (dfilters - mean)  # through the softmax
    dmeans = (dscores * away / variance).sum(axis=-1)  # (B, N)
    dcentre = (S - 1) / 2 * dmeans.sum(axis=1)
    dlog_stride = stride * (offsets * dmeans).sum(axis=1)
    dlog_variance = -(dscores * scores).sum(axis=(1, 2))
    return dcentre, dlog_stride, dlog_variance


def read_forward(x, rows, columns, gain):
    """What is seen through the windows: gain * rows x columns^T.

    Arguments:
        x: pictures, (B, S, S).
        rows, columns: filters, (B, N, S) each.
        gain: (B,).

    Returns:
        what was read, (B, N, N), and the cache for ``read_backward``.

    Raises:
        ValueError: a shape does not fit.

    Source: Gregor et al. (2015), equation 27.
    """
    check_picture(rows, columns, gain, x=x)
    seen = rows @ x @ columns.transpose(0, 2, 1)
    return gain[:, None, None] * seen, (x, rows, columns, gain, seen)


def read_backward(dread, cache):
    """Gradients of reading: dread (B, N, N) -> dx, drows, dcolumns, dgain, each like its argument."""
    x, rows, columns, gain, seen = cache
    check_picture(rows, columns, gain, dread=dread)
    dgain = (dread * seen).sum(axis=(1, 2))
    dseen = gain[:, None, None] * dread
    dx = rows.transpose(0, 2, 1) @ dseen @ columns
    drows = dseen @ columns @ x.transpose(0, 2, 1)
    dcolumns = dseen.transpose(0, 2, 1) @ rows @ x
    return dx, drows, dcolumns, dgain


def write_forward(w, rows, columns, gain):
    """What is painted through the windows: rows^T w columns / gain.

    Arguments:
        w: what to write, (B, N, N).
        rows, columns: filters, (B, N, S) each.
        gain: (B,), not 0.

    Returns:
        what to add to the canvas, (B, S, S), and the cache for ``write_backward``.

    Raises:
        ValueError: a shape does not fit.

    Source: Gregor et al. (2015), equation 29.
    """
    check_picture(rows, columns, gain, w=w)
    painted = rows.transpose(0, 2, 1) @ w @ columns / gain[:, None, None]
    return painted, (w, rows, columns, gain, painted)


def write_backward(dwrite, cache):
    """Gradients of painting: dwrite (B, S, S) -> dw, drows, dcolumns, dgain, each like its argument."""
    w, rows, columns, gain, painted = cache
    check_picture(rows, columns, gain, dwrite=dwrite)
    dgain = -(dwrite * painted).sum(axis=(1, 2)) / gain
    dpainted = dwrite / gain[:, None, None]
    dw = rows @ dpainted @ columns.transpose(0, 2, 1)
    drows = w @ columns @ dpainted.transpose(0, 2, 1)
    dcolumns = w.transpose(0, 2, 1) @ rows @ dpainted
    return dw, drows, dcolumns, dgain


def check_picture(rows, columns, gain, **array):
    """Raise ValueError where filters, gain and one array, a picture or what is read, do not fit together."""
    sizes: dict = {}
    check_shape("rows", rows, "B N S", sizes)
    check_shape("columns", columns, "B N S", sizes)
    check_shape("gain", gain, "B", sizes)
    for name, value in array.items():
        dims = "B S S" if name in ("x", "dwrite") else "B N N"
        check_shape(name, value, dims, sizes)
