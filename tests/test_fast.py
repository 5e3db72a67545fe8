"""The fast functions do what the plain ones do: same arguments, same results, same errors."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnkit import fast, sequence
from rnnkit.arrangements import MOVES, forward_and_backward

from .recurrent import (
    GATES,
    NAMES,
    B,
    H,
    T,
    arguments,
    backward,
    draw_gradients,
    forward,
    ragged_mask,
)

CELLS = pytest.mark.parametrize("cell", list(GATES))


def run(home, cell, a, d, mask, chunk):
    """States and gradients by name, as the functions of this module compute them."""
    states, cache = forward(cell, a, mask, home)
    found = dict(zip(["h", "c"], states, strict=False))
    return found | backward(cell, d, cache, chunk, home)


@CELLS
@settings(max_examples=80, deadline=None)
@given(
    sizes=st.tuples(
        st.integers(1, 4), st.integers(1, 7), st.integers(0, 5), st.integers(1, 6)
    ),
    padded=st.sampled_from(["none", "end", "start", "anywhere"]),
    chunk=st.none() | st.integers(1, 8),
    dtype=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 10**6),
)
def test_fast_equals_plain(cell, sizes, padded, chunk, dtype, seed):
    rng = np.random.default_rng(seed)
    B, T, D, H = sizes
    a = arguments(cell, rng, B, T, D, H, dtype)
    d = [ds.astype(dtype) for ds in draw_gradients(cell, rng, (B, T, H))]
    mask = draw_mask(padded, rng, B, T)
    plain = run(sequence, cell, a, d, mask, chunk)
    quick = run(fast, cell, a, d, mask, chunk)
    assert {n: v.dtype for n, v in quick.items()} == dict.fromkeys(plain, dtype)
    assert {n: v.shape for n, v in quick.items()} == {
        n: v.shape for n, v in plain.items()
    }
    bound = 1e-4 if dtype == np.float32 else 1e-12
    some = {n: v for n, v in plain.items() if v.size}  # D may be 0
    assert_close(some, {n: quick[n] for n in some}, bound)


def draw_mask(padded, rng, B, T):
    """Rows of steps that are real, at least one each; None where all are."""
    if padded == "none":
        return None
    if padded == "anywhere":
        mask = rng.random((B, T)) < 0.6
        mask[:, rng.integers(T)] = True
        return mask
    mask = np.arange(T) < rng.integers(1, T + 1, (B, 1))
    return mask if padded == "end" else mask[:, ::-1]


def assert_close(plain, quick, bound):
    """Equal to within the bound, relative to each array's own size."""
    for name, array in plain.items():
        error = np.abs(quick[name] - array).max()
        assert error <= bound * max(1, np.abs(array).max()), (name, error)


def test_all_names_and_signatures_agree():
    for cell in GATES:
        for name in (f"{cell}_forward", f"{cell}_backward"):
            plain, quick = getattr(sequence, name), getattr(fast, name)
            assert inspect.signature(plain) == inspect.signature(quick)


@CELLS
def test_arguments_and_cache_are_left_alone(cell):
    rng = np.random.default_rng(5)
    a, d = arguments(cell, rng), draw_gradients(cell, rng)
    before = {n: v.copy() for n, v in a.items()}
    d_before = [ds.copy() for ds in d]
    _, cache = forward(cell, a, ragged_mask(), fast)
    once = backward(cell, d, cache, 2, fast)
    again = backward(cell, d, cache, 2, fast)
    for n in a:
        assert (a[n] == before[n]).all()
        assert (once[n] == again[n]).all()
    for ds, was in zip(d, d_before, strict=True):
        assert (ds == was).all()


@CELLS
@pytest.mark.parametrize("home", [sequence, fast], ids=["plain", "fast"])
def test_both_name_what_does_not_fit(cell, home):
    rng = np.random.default_rng(7)
    a, d = arguments(cell, rng), draw_gradients(cell, rng)
    for name in NAMES[cell]:
        with pytest.raises(ValueError, match=r"^\w+: expected \(.*\), got \("):
            forward(cell, a | {name: a[name][..., :-1]}, None, home)
    with pytest.raises(ValueError, match="x: expected at least one step"):
        forward(cell, a | {"x": a["x"][:, :0]}, None, home)
    with pytest.raises(ValueError, match="mask: expected dtype bool, got float64"):
        forward(cell, a, np.ones((B, T)), home)
    _, cache = forward(cell, a, None, home)
    with pytest.raises(ValueError, match=r"dh: expected .* got \(3, 4, 6\)"):
        backward(cell, [ds[:, :-1] for ds in d], cache, None, home)
    with pytest.raises(ValueError, match="chunk: expected None or a whole number"):
        backward(cell, d, cache, 0, home)


def test_a_cell_that_is_not_asked_for_may_be_left_out():
    rng = np.random.default_rng(3)
    a, dh = arguments("lstm", rng), rng.standard_normal((B, T, H))
    cache = fast.lstm_forward(**a)[-1]
    with_zero = fast.lstm_backward(dh, cache, dc=np.zeros_like(dh))
    for one, two in zip(fast.lstm_backward(dh, cache), with_zero, strict=True):
        assert (one == two).all()


@pytest.mark.parametrize("outside", [outside for _, outside in MOVES])
def test_each_move_out_of_the_loops_keeps_the_gradients(outside):
    rng = np.random.default_rng(8)
    a, (dh,) = arguments("rnn", rng), draw_gradients("rnn", rng)
    _, cache = forward("rnn", a)
    found = forward_and_backward(**a, dh=dh, outside=outside)
    mine = dict(zip(NAMES["rnn"], found, strict=True))
    assert_close(backward("rnn", [dh], cache), mine, 1e-12)
