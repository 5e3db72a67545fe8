"""Stacks and both directions: against torch.nn, against finite differences, with padding, with bad input."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnkit.convert import to_torch
from rnnkit.gradcheck import check_gradients, numerical_gradient, relative_error
from rnnkit.sequence import (
    LAYER,
    bidirectional_backward,
    bidirectional_forward,
    gru_forward,
    reverse,
    stack_backward,
    stack_forward,
)

from .recurrent import B, D, H, T, arguments, ragged_mask

CELLS = pytest.mark.parametrize("cell", list(LAYER))
TORCH = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


def draw_layers(cell, rng, count, inputs=D, hidden=H, **sizes):
    """Layers whose lowest reads D numbers."""
    layers = []
    for _ in range(count):
        layer = arguments(cell, rng, D=inputs, H=hidden, **sizes)
        del layer["x"]
        layers.append(layer)
        inputs = hidden
    return layers


def flat(x, layers):
    """All arrays by one name each."""
    return {"x": x} | {
        f"{n} {k}": a for k, p in enumerate(layers) for n, a in p.items()
    }


def torch_twin(cell, layers, suffixes, **options):
    """torch.nn's module with these weights, in double precision, and its initial states as leaves."""
    twin = TORCH[cell](D, H, batch_first=True, **options).double()
    with torch.no_grad():
        for layer, suffix in zip(layers, suffixes, strict=True):
            for name, array in to_torch(cell, layer).items():
                getattr(twin, name.removesuffix("_l0") + suffix).copy_(
                    torch.from_numpy(array)
                )
    starts = [
        torch.tensor(np.stack([p[n] for p in layers]), requires_grad=True)
        for n in ("h0", "c0")
        if n in layers[0]
    ]
    return twin, starts


@CELLS
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_stack_equals_torch(cell, count):
    rng = np.random.default_rng(count)
    x, dh = rng.normal(size=(B, T, D)), rng.normal(size=(B, T, H))
    layers = draw_layers(cell, rng, count)
    h, cache = stack_forward(x, layers, cell)
    dx, dlayers = stack_backward(dh, cache)
    suffixes = [f"_l{k}" for k in range(count)]
    twin, starts = torch_twin(cell, layers, suffixes, num_layers=count)
    x_leaf = torch.tensor(x, requires_grad=True)
    expected, _ = twin(x_leaf, tuple(starts) if len(starts) > 1 else starts[0])
    assert relative_error(h, expected.detach().numpy()) < 1e-12
    expected.backward(torch.tensor(dh))
    assert relative_error(dx, x_leaf.grad.numpy()) < 1e-10
    for k, mine in enumerate(dlayers):
        assert list(mine) == list(LAYER[cell])
        assert relative_error(mine["h0"], starts[0].grad[k].numpy()) < 1e-10
        for name, ours in to_torch(cell, mine).items():
            if (
                name != "bias_hh_l0"
            ):  # to_torch leaves it empty where one bias is enough
                theirs = getattr(twin, name.replace("l0", f"l{k}")).grad.numpy()
                assert relative_error(ours, theirs) < 1e-10


@CELLS
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 3), padded=st.booleans())
def test_stack_equals_finite_differences(cell, seed, count, padded):
    rng = np.random.default_rng(seed)
    x, dh = rng.normal(size=(2, 3, 2)), rng.normal(size=(2, 3, 3))
    mask = np.array([[True] * 3, [True, False, False]]) if padded else None
    layers = draw_layers(cell, rng, count, 2, 3, B=2)
    dx, dlayers = stack_backward(dh, stack_forward(x, layers, cell, mask)[1])

    def loss():
        return float((stack_forward(x, layers, cell, mask)[0] * dh).sum())

    ours = flat(dx, dlayers)
    for name, array in flat(x, layers).items():  # absolute: some gradients are tiny
        assert np.abs(numerical_gradient(loss, array) - ours[name]).max() < 1e-8, name


@CELLS
@pytest.mark.parametrize("mask", [None, ragged_mask()], ids=["all", "end"])
def test_both_to_eight_digits(cell, mask, rng):
    x = rng.normal(size=(B, T, D))
    stack = draw_layers(cell, rng, 3)
    dh = rng.normal(size=(B, T, H))
    dx, dstack = stack_backward(dh, stack_forward(x, stack, cell, mask)[1])
    errors = check_gradients(
        lambda: float((stack_forward(x, stack, cell, mask)[0] * dh).sum()),
        flat(x, stack),
        flat(dx, dstack),
    )
    assert max(errors.values()) < 1e-8, errors
    two = [draw_layers(cell, rng, 1)[0] for _ in range(2)]
    dh = rng.normal(size=(B, T, 2 * H))
    dx, *dtwo = bidirectional_backward(
        dh, bidirectional_forward(x, *two, cell, mask)[1]
    )
    errors = check_gradients(
        lambda: float((bidirectional_forward(x, *two, cell, mask)[0] * dh).sum()),
        flat(x, two),
        flat(dx, dtwo),
    )
    assert max(errors.values()) < 1e-8, errors


@CELLS
def test_bidirectional_equals_torch_on_packed_sequences(cell):
    rng = np.random.default_rng(6)
    lengths = [5, 3, 1]
    mask = ragged_mask(lengths)
    x, dh = rng.normal(size=(B, T, D)), rng.normal(size=(B, T, 2 * H))
    dh[~mask] = 0  # torch gives no states there
    layers = [draw_layers(cell, rng, 1)[0] for _ in range(2)]
    h, cache = bidirectional_forward(x, *layers, cell, mask)
    dx, *dlayers = bidirectional_backward(dh, cache)
    twin, starts = torch_twin(cell, layers, ["_l0", "_l0_reverse"], bidirectional=True)
    x_leaf = torch.tensor(x, requires_grad=True)
    packed = pack_padded_sequence(x_leaf, lengths, batch_first=True)
    out, _ = twin(packed, tuple(starts) if len(starts) > 1 else starts[0])
    expected, _ = pad_packed_sequence(out, batch_first=True)
    assert np.abs(h - expected.detach().numpy())[mask].max() < 1e-12
    expected.backward(torch.tensor(dh))
    assert relative_error(dx, x_leaf.grad.numpy()) < 1e-10
    for k in range(2):
        assert relative_error(dlayers[k]["h0"], starts[0].grad[k].numpy()) < 1e-10


def test_reverse():
    x = np.arange(10).reshape(2, 5)[..., None]
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], bool)
    assert reverse(x)[:, :, 0].tolist() == [[4, 3, 2, 1, 0], [9, 8, 7, 6, 5]]
    assert reverse(x, mask)[:, :, 0].tolist() == [[4, 3, 2, 1, 0], [7, 6, 5, 8, 9]]
    assert (reverse(reverse(x, mask), mask) == x).all()
    assert (reverse(x[..., 0], mask) == reverse(x, mask)[..., 0]).all()


def test_padding_changes_nothing(rng):
    """The states at real steps are those of the sequence alone, in both directions."""
    layers = [draw_layers("gru", rng, 1)[0] for _ in range(2)]
    x = rng.normal(size=(B, T, D))
    mask = ragged_mask((5, 3, 2))
    h, _ = bidirectional_forward(x, *layers, "gru", mask)
    for b, length in enumerate((5, 3, 2)):
        one = [p | {"h0": p["h0"][b : b + 1]} for p in layers]
        alone, _ = bidirectional_forward(x[b : b + 1, :length], *one, "gru")
        assert np.allclose(h[b, :length], alone[0], atol=1e-14)
    # What goes wrong without care: the reader from the right begins in the padding.
    wrong, _ = gru_forward(x[:, ::-1], **layers[1])
    assert not np.allclose(wrong[:, ::-1][1, :3], h[1, :3, H:], atol=1e-2)


def test_every_layer_is_reached(rng):
    layers = draw_layers("lstm", rng, 4)
    _, cache = stack_forward(rng.normal(size=(B, T, D)), layers, "lstm")
    _, dlayers = stack_backward(np.ones((B, T, H)), cache)
    assert all(np.abs(d[name]).min() > 0 for d in dlayers for name in ("h0", "c0"))


def test_bad_input(rng):
    x = rng.normal(size=(B, T, D))
    layers = draw_layers("rnn", rng, 2)
    with pytest.raises(ValueError, match=r"cell: expected one of .*, got 'mgu'"):
        stack_forward(x, layers, "mgu")
    with pytest.raises(ValueError, match="layers: expected at least one, got none"):
        stack_forward(x, [])
    with pytest.raises(ValueError, match=r"layers: expected dicts of \('h0', 'c0', "):
        stack_forward(x, layers, "lstm")
    with pytest.raises(ValueError, match=r"W_xh: expected \(D, H\) = \(6, 6\), got"):
        stack_forward(x, [layers[0], layers[0]])
    _, cache = stack_forward(x, layers)
    with pytest.raises(ValueError, match=r"dh: expected .* got \(3, 4, 6\)"):
        stack_backward(np.ones((B, T - 1, H)), cache)
    two = [layers[0], draw_layers("rnn", rng, 1)[0]]
    with pytest.raises(
        ValueError, match="mask: expected no padding before a real step"
    ):
        bidirectional_forward(x, *two, mask=~ragged_mask((2, 4, 1)))
    with pytest.raises(ValueError, match=r"mask: expected \(B, T\) = \(3, 5\), got"):
        bidirectional_forward(x, *two, mask=np.ones((3, 4), bool))
    with pytest.raises(ValueError, match="mask: expected dtype bool, got float64"):
        bidirectional_forward(x, *two, mask=np.ones((3, 5)))
    _, cache = bidirectional_forward(x, *two)
    with pytest.raises(ValueError, match=r"dh: expected \(B, T, 2H\) = \(3, 5, 12\)"):
        bidirectional_backward(np.ones((B, T, H)), cache)
