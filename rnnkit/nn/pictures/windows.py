"""Where a network looks at a picture: a square of pixels, or a grid of Gaussian windows with a gradient."""

from typing import NamedTuple

import torch
from torch.nn.functional import avg_pool2d, pad


class Retina:
    """A picture prepared for glimpses: squares of g x g numbers around one place, the first sharp, the next coarser.

    At scale k a number is the mean of 2^k x 2^k pixels, so that g x g of them show a square of side 2^k g around the
    same middle: sharp in the centre, blurred around it, as in an eye. Beyond the picture's edge all is 0.

    Arguments: x: pictures, (M, S, S); g: numbers on a glimpse's side; scales: squares in a glimpse.

    Source: Mnih et al. (2014), section 3.1.
    """

    def __init__(self, x, g, scales=1):
        self.g, self.size, self.squares = g, x.shape[-1], []
        for k in range(scales):
            block = 2**k
            before = (g * (block - 1) + 1) // 2  # this square starts earlier by so much
            wide = pad(x, (before,) * 4)
            means = avg_pool2d(wide[:, None], block, 1)[:, 0]
            reach = block * (g - 1) + 1
            # Every square that there is, (M, rows, columns, g, g): a view, nothing is copied.
            every = means.unfold(1, reach, 1).unfold(2, reach, 1)
            self.squares.append(every[..., ::block, ::block])

    def glimpse(self, place):
        """Look at a place, (M, 2) from -1, the upper left, to 1: numbers (M, scales * g * g)."""
        free = self.size - self.g  # so many pixels has the sharp square to move in
        row, column = ((place + 1) / 2 * free).round().long().clamp(0, free).T
        picture = torch.arange(len(place))
        seen = [every[picture, row, column].flatten(1) for every in self.squares]
        return torch.cat(seen, dim=1)


class Window(NamedTuple):
    """N x N Gaussian windows on pictures: rows and columns (..., N, S), each row a filter that sums to 1; and gain."""

    rows: torch.Tensor
    columns: torch.Tensor
    gain: torch.Tensor


def window(parameters, N, size):
    """Lay N x N Gaussian windows on a picture, as `rnnkit.gaussian_windows.window_forward` does.

    Arguments: parameters: (..., 5): row and column of the middle, log variance, log stride, log gain.
    """
    row, column, log_variance, log_stride, log_gain = parameters.unbind(-1)
    stride = (size - 1) / (N - 1) * torch.exp(log_stride)
    offsets = torch.arange(N) - (N - 1) / 2
    pixels = torch.arange(size, dtype=parameters.dtype)

    def filters(centre):
        middle = (size - 1) / 2 * (centre + 1)
        means = middle[..., None] + offsets * stride[..., None]  # (..., N)
        squares = (pixels - means[..., None]) ** 2  # (..., N, S)
        scores = -squares / (2 * torch.exp(log_variance)[..., None, None])
        return torch.softmax(scores, dim=-1)

    return Window(filters(row), filters(column), torch.exp(log_gain))


def read(window, x):
    """Look through the windows: pictures (..., S, S) -> (..., N, N)."""
    return window.gain[..., None, None] * (
        window.rows @ x @ window.columns.transpose(-1, -2)
    )


def write(window, w):
    """Paint through the windows: strokes (..., N, N) -> (..., S, S)."""
    painted = window.rows.transpose(-1, -2) @ w @ window.columns
    return painted / window.gain[..., None, None]
