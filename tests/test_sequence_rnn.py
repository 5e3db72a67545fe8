"""The vanilla RNN over time, against torch and against finite differences: outputs and all gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnkit.cells import rnn_step_forward
from rnnkit.gradcheck import check_gradients, relative_error
from rnnkit.sequence import rnn_backward, rnn_forward

from . import recurrent
from .recurrent import B, D, H, T, assert_same, ragged_mask

NAMES = recurrent.NAMES["rnn"]


def arguments(rng, *sizes, **options):
    return recurrent.arguments("rnn", rng, *sizes, **options)


def ours(a, dh, mask=None, chunk=None):
    (h,), cache = recurrent.forward("rnn", a, mask)
    return h, recurrent.backward("rnn", [dh], cache, chunk)


def torch_gradients(a, dh, mask=None, chunk=None):
    (h,), gradients = recurrent.torch_gradients("rnn", a, [dh], mask, chunk)
    return h, gradients


@pytest.mark.parametrize("chunk", [None, 1, 2, 3, 5, 9])
@pytest.mark.parametrize(
    "mask",
    [None, ragged_mask(), ~ragged_mask((2, 4, 1))],
    ids=["full", "right", "left"],
)
def test_outputs_and_all_gradients_equal_torch(rng, mask, chunk):
    a, dh = arguments(rng), rng.standard_normal((B, T, H))
    h, grads = ours(a, dh, mask, chunk)
    h_torch, grads_torch = torch_gradients(a, dh, mask, chunk)
    assert relative_error(h, h_torch) < 1e-12
    assert_same(grads, grads_torch, 1e-12)


def test_outputs_and_all_gradients_equal_torch_nn(rng):
    a, dh = arguments(rng), rng.standard_normal((B, T, H))
    module = torch.nn.RNN(D, H, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        module.weight_ih_l0.copy_(torch.tensor(a["W_xh"].T))
        module.weight_hh_l0.copy_(torch.tensor(a["W_hh"].T))
        module.bias_ih_l0.copy_(torch.tensor(a["b_h"]))
        module.bias_hh_l0.zero_()
    x, h0 = (torch.tensor(a[n], requires_grad=True) for n in ("x", "h0"))
    states, _ = module(x, h0[None])
    states.backward(torch.tensor(dh))
    h, grads = ours(a, dh)
    assert relative_error(h, states.detach().numpy()) < 1e-12
    theirs = {
        "x": x.grad,
        "h0": h0.grad,
        "W_xh": module.weight_ih_l0.grad.T,
        "W_hh": module.weight_hh_l0.grad.T,
        "b_h": module.bias_ih_l0.grad,
    }
    assert_same(grads, {n: g.numpy() for n, g in theirs.items()}, 1e-12)


@pytest.mark.parametrize("mask", [None, ragged_mask()], ids=["full", "masked"])
def test_gradients_equal_finite_differences(rng, mask):
    a, weights = arguments(rng), rng.standard_normal((B, T, H))

    def loss():  # a non-linear loss at every step
        return float((weights * rnn_forward(**a, mask=mask)[0] ** 2).sum())

    h, cache = rnn_forward(**a, mask=mask)
    grads = dict(zip(NAMES, rnn_backward(2 * weights * h, cache), strict=True))
    errors = check_gradients(loss, a, grads)
    assert max(errors.values()) < 1e-8, errors


def test_truncation_is_chunk_by_chunk_with_carried_state(rng):
    a, dh = arguments(rng), rng.standard_normal((B, T, H))
    weights = [a[n] for n in NAMES[2:]]
    total, h_prev = {n: 0 for n in NAMES[2:]}, a["h0"]
    for start in range(0, T, 2):
        chunk = slice(start, start + 2)
        h, cache = rnn_forward(a["x"][:, chunk], h_prev, *weights)
        h_prev = h[:, -1]
        grads = rnn_backward(dh[:, chunk], cache)[2:]
        for n, g in zip(NAMES[2:], grads, strict=True):
            total[n] = total[n] + g
    _, grads = ours(a, dh, chunk=2)
    assert_same({n: grads[n] for n in total}, total, 1e-12)
    _, full = ours(a, dh)
    assert (
        relative_error(full["W_hh"], grads["W_hh"]) > 1e-3
    )  # the cut does change the gradient


def test_padding_changes_nothing(rng):
    a, lengths = arguments(rng), (5, 3, 1)
    padded, _ = rnn_forward(**a, mask=ragged_mask(lengths))
    for i, length in enumerate(lengths):
        alone, _ = rnn_forward(
            a["x"][i : i + 1, :length], a["h0"][i : i + 1], *[a[n] for n in NAMES[2:]]
        )
        np.testing.assert_allclose(padded[i, -1], alone[0, -1], rtol=0, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(rng, dtype):
    a = arguments(rng, dtype=dtype)
    h, grads = ours(a, np.ones((B, T, H), dtype), mask=ragged_mask())
    assert h.dtype == dtype
    assert {g.dtype for g in grads.values()} == {np.dtype(dtype)}


def test_arguments_are_left_alone(rng):
    a, dh = arguments(rng), rng.standard_normal((B, T, H))
    before, dh_before = {n: v.copy() for n, v in a.items()}, dh.copy()
    ours(a, dh, mask=ragged_mask(), chunk=2)
    assert all(np.array_equal(a[n], before[n]) for n in a)
    assert np.array_equal(dh, dh_before)


def test_backward_twice_gives_the_same(rng):
    a, dh = arguments(rng), rng.standard_normal((B, T, H))
    _, cache = rnn_forward(**a)
    for first, second in zip(
        rnn_backward(dh, cache), rnn_backward(dh, cache), strict=True
    ):
        assert np.array_equal(first, second)


sizes = st.integers(1, 6)


@settings(max_examples=40, deadline=None)
@given(B=sizes, T=sizes, D=sizes, H=sizes, seed=st.integers(0, 1000))
def test_gradients_for_any_shape(B, T, D, H, seed):
    rng = np.random.default_rng(seed)
    a, dh = arguments(rng, B, T, D, H), rng.standard_normal((B, T, H))
    assert_same(ours(a, dh)[1], torch_gradients(a, dh)[1], 1e-10)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(NAMES), axis=st.integers(0, 2), extra=st.integers(1, 3))
def test_any_wrong_shape_is_named(name, axis, extra):
    a = arguments(np.random.default_rng(0))
    shape = list(a[name].shape)
    shape[axis % len(shape)] += extra
    if name == "x" and axis == 1:
        return  # another T is not an error
    a[name] = np.zeros(shape)
    # The size that differs is learnt from x and h0, which come first; a wrong x or h0 shows in what follows.
    to_blame = {
        "x": {0: "h0", 2: "W_xh"}.get(axis),
        "h0": {0: "h0", 1: "W_xh"}[axis % 2],
    }.get(name, name)
    with pytest.raises(ValueError, match=rf"^{to_blame}: expected \(.*\), got \("):
        rnn_forward(**a)


def test_error_has_symbols_numbers_and_what_came(rng):
    a = arguments(rng, D=4, H=64)
    a["W_hh"] = np.zeros((64, 32))
    message = r"^W_hh: expected \(H, H\) = \(64, 64\), got \(64, 32\)$"
    with pytest.raises(ValueError, match=message):
        rnn_forward(**a)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": [[1.0]]}, r"x: expected a numpy array, got list"),
        ({"x": np.zeros((3, 4))}, r"x: expected \(B, T, D\), got \(3, 4\)"),
        ({"x": np.zeros((3, 0, 4))}, r"x: expected at least one step"),
        ({"b_h": np.zeros(5)}, r"b_h: expected \(H,\) = \(6,\), got \(5,\)"),
        (
            {"mask": np.ones((3, 4), bool)},
            r"mask: expected \(B, T\) = \(3, 5\), got \(3, 4\)",
        ),
        ({"mask": np.ones((3, 5))}, r"mask: expected dtype bool, got float64"),
    ],
)
def test_bad_input_to_forward(rng, change, message):
    with pytest.raises(ValueError, match=message):
        rnn_forward(**arguments(rng) | change)


def test_bad_input_to_backward_and_step(rng):
    a = arguments(rng)
    _, cache = rnn_forward(**a)
    with pytest.raises(
        ValueError, match=r"dh: expected \(B, T, H\) = \(3, 5, 6\), got \(3, 6\)"
    ):
        rnn_backward(np.zeros((3, 6)), cache)
    for chunk in (0, -1, 2.5):
        told = f"chunk: expected None or a whole number from 1, got {chunk}"
        with pytest.raises(ValueError, match=told):
            rnn_backward(np.zeros((3, 5, 6)), cache, chunk=chunk)
    with pytest.raises(ValueError, match=r"x: expected \(B, D\), got \(3, 5, 4\)"):
        rnn_step_forward(*a.values())
