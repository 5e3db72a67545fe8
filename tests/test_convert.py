"""Parameters from and to torch and Keras: both compute the same with them."""

import re

import numpy as np
import pytest
import torch

from rnnkit import sequence
from rnnkit.convert import from_keras, from_torch, to_keras, to_torch
from rnnkit.gradcheck import relative_error

from .recurrent import GATES, B, D, H, T


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_converters_agree_with_torch_modules(cell):
    torch.manual_seed(0)
    module = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](
        D, H, num_layers=2, batch_first=True, dtype=torch.float64
    )
    x = np.random.default_rng(8).standard_normal((B, T, D))
    h = x
    zeros = [np.zeros((B, H))] * (2 if cell == "lstm" else 1)
    state_dict = {}
    for layer in range(2):
        params = from_torch(cell, module.state_dict(), layer)
        h = getattr(sequence, f"{cell}_forward")(h, *zeros, **params)[0]
        state_dict |= to_torch(cell, params, layer)
    assert relative_error(h, module(torch.tensor(x))[0].detach().numpy()) < 1e-12
    other = type(module)(D, H, num_layers=2, batch_first=True, dtype=torch.float64)
    other.load_state_dict({n: torch.tensor(v) for n, v in state_dict.items()})
    difference = other(torch.tensor(x))[0] - module(torch.tensor(x))[0]
    assert difference.abs().max() < 1e-14
    again = from_torch(cell, state_dict, 1)
    assert all((again[n] == params[n]).all() for n in params)


def test_converters_name_what_is_wrong():
    with pytest.raises(ValueError, match="cell: expected one of"):
        from_torch("elman", torch.nn.RNN(2, 3).state_dict())
    with pytest.raises(ValueError, match="weight_ih_l1: expected among"):
        from_torch("rnn", torch.nn.RNN(2, 3).state_dict(), layer=1)
    with pytest.raises(ValueError, match="gru: expected 3 blocks"):
        from_torch("gru", torch.nn.LSTM(2, 4).state_dict())


def keras_weights(cell, rng):
    """What ``get_weights()`` of a layer with H units returns, in shape; no number is zero."""
    wide = GATES[cell] * H
    bias = (2, wide) if cell == "gru" else (wide,)
    return [0.5 * rng.standard_normal(s) for s in [(D, wide), (H, wide), bias]]


def keras_layer(cell, x, kernel, recurrent_kernel, bias):
    """Keras' equations, gate by gate under its names, from a state of zeros.

    As in keras/src/layers/rnn/simple_rnn.py, gru.py (with reset_after) and lstm.py.
    """

    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    def block(k):
        at = slice(k * H, (k + 1) * H)
        return kernel[:, at], recurrent_kernel[:, at], bias[..., at]

    h = c = np.zeros((len(x), H))
    outputs = []
    for t in range(x.shape[1]):
        inputs = x[:, t]
        if cell == "rnn":
            h = np.tanh(inputs @ kernel + bias + h @ recurrent_kernel)
        elif cell == "lstm":
            x_i, x_f, x_c, x_o = (inputs @ block(k)[0] + block(k)[2] for k in range(4))
            h_i, h_f, h_c, h_o = (h @ block(k)[1] for k in range(4))
            c = sigmoid(x_f + h_f) * c + sigmoid(x_i + h_i) * np.tanh(x_c + h_c)
            h = sigmoid(x_o + h_o) * np.tanh(c)
        else:
            x_z, x_r, x_h = (inputs @ block(k)[0] + block(k)[2][0] for k in range(3))
            h_z, h_r, h_h = (h @ block(k)[1] + block(k)[2][1] for k in range(3))
            z = sigmoid(x_z + h_z)
            hh = np.tanh(x_h + sigmoid(x_r + h_r) * h_h)
            h = z * h + (1 - z) * hh
        outputs.append(h)
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_parameters_from_keras_compute_what_its_equations_say(cell):
    rng = np.random.default_rng(9)
    weights, x = keras_weights(cell, rng), rng.standard_normal((B, T, D))
    kept = [w.copy() for w in weights]
    params = from_keras(cell, weights)
    zeros = [np.zeros((B, H))] * (2 if cell == "lstm" else 1)
    h = getattr(sequence, f"{cell}_forward")(x, *zeros, **params)[0]
    assert relative_error(h, keras_layer(cell, x, *weights)) < 1e-12
    for param in params.values():
        param += 1  # a copy: Keras' arrays stay as they are
    assert all((w == k).all() for w, k in zip(weights, kept, strict=True))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_to_keras_undoes_from_keras(cell, dtype):
    weights = [w.astype(dtype) for w in keras_weights(cell, np.random.default_rng(10))]
    params = from_keras(cell, weights)
    back = to_keras(cell, params)
    for array, was in zip(back, weights, strict=True):
        assert array.dtype == dtype
        assert (array == was).all()
    again = from_keras(cell, back)
    assert list(again) == list(params)
    assert all((again[n] == params[n]).all() for n in params)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_torch_and_keras_agree_by_way_of_ours(cell):
    torch.manual_seed(1)
    module = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](
        D, H, batch_first=True, dtype=torch.float64
    )
    x = np.random.default_rng(11).standard_normal((B, T, D))
    weights = to_keras(cell, from_torch(cell, module.state_dict()))
    theirs = module(torch.tensor(x))[0].detach().numpy()
    assert relative_error(keras_layer(cell, x, *weights), theirs) < 1e-12


def zeros(*shapes):
    return [np.zeros(shape) for shape in shapes]


@pytest.mark.parametrize(
    ("cell", "weights", "message"),
    [
        ("elman", [], "cell: expected one of ['rnn', 'gru', 'lstm'], got 'elman'"),
        ("lstm", zeros((2, 12), (3, 12)), "weights: expected three arrays"),
        (
            "lstm",
            zeros((2, 12), (3, 9), (12,)),
            "recurrent_kernel: expected (H, 4H) = (3, 12), got (3, 9)",
        ),
        (
            "lstm",
            zeros((2, 12), (36,), (12,)),
            "recurrent_kernel: expected (H, 4H), got (36,)",
        ),
        (
            "lstm",
            zeros((2, 9), (3, 12), (12,)),
            "kernel: expected (D, 4H) = (D, 12), got (2, 9)",
        ),
        (
            "lstm",
            zeros((2, 12), (3, 12), (2, 12)),
            "bias: expected (4H,) = (12,), got (2, 12)",
        ),
        (
            "rnn",
            zeros((2, 3), (3, 4), (3,)),
            "recurrent_kernel: expected (H, H) = (3, 3), got (3, 4)",
        ),
        (
            "gru",
            zeros((2, 9), (3, 9), (18,)),
            "bias: expected (2, 3H) = (2, 9), got (18,)",
        ),
        (
            "gru",
            zeros((2, 9), (3, 9), (9,)),
            "bias: expected (2, 3H) = (2, 9), got (9,): this GRU has reset_after=False and "
            "multiplies the state by r before the product",
        ),
    ],
)
def test_from_keras_names_what_is_wrong(cell, weights, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        from_keras(cell, weights)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"W_hh": np.zeros((3, 12))}, "W_hh: expected (H, 3H) = (3, 9), got (3, 12)"),
        ({"W_xh": np.zeros((2, 12))}, "W_xh: expected (D, 3H) = (D, 9), got (2, 12)"),
        ({"b_x": np.zeros(12)}, "b_x: expected (3H,) = (9,), got (12,)"),
        ({"b_h": np.zeros((1, 9))}, "b_h: expected (3H,) = (9,), got (1, 9)"),
    ],
)
def test_to_keras_names_what_is_wrong(change, message):
    names, shapes = ("W_xh", "W_hh", "b_x", "b_h"), ((2, 9), (3, 9), (9,), (9,))
    params = dict(zip(names, zeros(*shapes), strict=True))
    with pytest.raises(ValueError, match=re.escape(message)):
        to_keras("gru", params | change)
    for name in names:
        rest = {n: params[n] for n in names if n != name}
        with pytest.raises(ValueError, match=f"{name}: expected among the parameters"):
            to_keras("gru", rest)
    with pytest.raises(ValueError, match="cell: expected one of"):
        to_keras("elman", params)
