"""Gaussian windows: values on paper, gradients against finite differences and torch, bad input."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnkit import gaussian_windows as g
from rnnkit.gradcheck import numerical_gradient, relative_error
from rnnkit.nn.pictures import windows

NAMES = ("centre", "log_stride", "log_variance")


def draw(rng, B):
    return {name: rng.normal(scale=0.5, size=B) for name in NAMES}


def test_bells_on_paper():
    """Two bells over three pixels, at the first and the last: weights 1, e^-1/2 and e^-2, divided by their sum."""
    filters, _ = g.filters_forward(np.zeros(1), np.zeros(1), np.zeros(1), N=2, size=3)
    weights = np.exp([0, -0.5, -2])
    assert np.allclose(
        filters[0], [weights / weights.sum(), weights[::-1] / weights.sum()]
    )


def test_the_centre_goes_from_the_first_pixel_to_the_last():
    narrow = np.full(2, -8.0)
    filters, _ = g.filters_forward(
        np.array([-1.0, 1.0]), np.full(2, -5.0), narrow, N=2, size=9
    )
    assert filters[0, :, 0].min() > 0.999
    assert filters[1, :, 8].min() > 0.999


def test_reading_and_writing_through_windows_of_one_pixel_each():
    """Windows that stand on the pixels themselves copy the picture, and gain multiplies what is read."""
    x = np.random.default_rng(0).normal(size=(1, 4, 4))
    exact = np.eye(4)[None]
    assert np.allclose(g.read_forward(x, exact, exact, np.array([2.0]))[0], 2 * x)
    assert np.allclose(g.write_forward(x, exact, exact, np.array([2.0]))[0], x / 2)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    B=st.integers(1, 3),
    N=st.integers(2, 4),
    S=st.integers(2, 7),
)
def test_filters_backward(seed, B, N, S):
    rng = np.random.default_rng(seed)
    a, dfilters = draw(rng, B), rng.normal(size=(B, N, S))
    filters, cache = g.filters_forward(**a, N=N, size=S)
    assert np.allclose(filters.sum(-1), 1)
    ours = dict(zip(NAMES, g.filters_backward(dfilters, cache), strict=True))
    for name, array in a.items():
        numeric = numerical_gradient(
            lambda: float((g.filters_forward(**a, N=N, size=S)[0] * dfilters).sum()),
            array,
        )
        # Compared by size: where a bell is saturated its slope is nearly nothing.
        assert np.abs(ours[name] - numeric).max() < 1e-7, name


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    B=st.integers(1, 3),
    N=st.integers(2, 4),
    S=st.integers(2, 6),
)
def test_the_whole_window_against_torch(seed, B, N, S):
    """Five numbers, a picture and what to write; the gradients of a read and a write, torch's and ours."""
    rng = np.random.default_rng(seed)
    five = torch.tensor(rng.normal(scale=0.5, size=(B, 5)), requires_grad=True)
    x = torch.tensor(rng.normal(size=(B, S, S)), requires_grad=True)
    w = torch.tensor(rng.normal(size=(B, N, N)), requires_grad=True)
    dread, dwrite = rng.normal(size=(B, N, N)), rng.normal(size=(B, S, S))
    grid = windows.window(five, N, S)
    read, written = windows.read(grid, x), windows.write(grid, w)
    (
        (read * torch.tensor(dread)).sum() + (written * torch.tensor(dwrite)).sum()
    ).backward()

    row, column, log_variance, log_stride, log_gain = five.detach().numpy().T
    rows, rows_cache = g.filters_forward(row, log_stride, log_variance, N, S)
    columns, columns_cache = g.filters_forward(column, log_stride, log_variance, N, S)
    gain = np.exp(log_gain)
    ours_read, read_cache = g.read_forward(x.detach().numpy(), rows, columns, gain)
    ours_written, write_cache = g.write_forward(w.detach().numpy(), rows, columns, gain)
    assert np.allclose(ours_read, read.detach(), atol=1e-12)
    assert np.allclose(ours_written, written.detach(), atol=1e-12)
    dx, *from_read = g.read_backward(dread, read_cache)
    dw, *from_write = g.write_backward(dwrite, write_cache)
    drows, dcolumns, dgain = (a + b for a, b in zip(from_read, from_write, strict=True))
    of_rows, of_columns = (
        g.filters_backward(drows, rows_cache),
        g.filters_backward(dcolumns, columns_cache),
    )
    dfive = np.stack(
        [
            of_rows[0],
            of_columns[0],
            of_rows[2] + of_columns[2],
            of_rows[1] + of_columns[1],
            dgain * gain,
        ],
        1,
    )
    for ours, theirs in ((dx, x), (dw, w), (dfive, five)):
        assert np.abs(ours - theirs.grad.numpy()).max() < 1e-8


@pytest.mark.parametrize("kind", ["read", "write"])
def test_read_and_write_backward_against_finite_differences(kind):
    rng = np.random.default_rng(0)
    B, N, S = 2, 3, 5
    shape, out = ((B, S, S), (B, N, N)) if kind == "read" else ((B, N, N), (B, S, S))
    a = [rng.normal(size=s) for s in (shape, (B, N, S), (B, N, S))] + [
        rng.uniform(0.5, 2, size=B)
    ]
    dout = rng.normal(size=out)
    forward, backward = getattr(g, f"{kind}_forward"), getattr(g, f"{kind}_backward")
    for ours, array in zip(backward(dout, forward(*a)[1]), a, strict=True):
        numeric = numerical_gradient(
            lambda: float((forward(*a)[0] * dout).sum()), array
        )
        assert relative_error(ours, numeric) < 1e-8


def test_bad_input_names_the_argument():
    ones = np.ones(2)
    with pytest.raises(ValueError, match="N: expected at least 2, got 1"):
        g.filters_forward(ones, ones, ones, N=1, size=4)
    with pytest.raises(ValueError, match="log_stride"):
        g.filters_forward(ones, np.ones(3), ones, N=2, size=4)
    filters, cache = g.filters_forward(ones, ones, ones, N=2, size=4)
    with pytest.raises(ValueError, match="dfilters"):
        g.filters_backward(np.ones((2, 2, 5)), cache)
    with pytest.raises(ValueError, match="x: expected"):
        g.read_forward(np.ones((2, 5, 5)), filters, filters, ones)
    with pytest.raises(ValueError, match="w: expected"):
        g.write_forward(np.ones((2, 3, 3)), filters, filters, ones)
