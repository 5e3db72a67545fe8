"""Parameters from and to torch: both compute the same with them."""

import numpy as np
import pytest
import torch

from rnnkit.convert import from_torch, to_torch
from rnnkit.gradcheck import relative_error

from .recurrent import FORWARD, B, D, H, T


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
        h = FORWARD[cell](h, *zeros, **params)[0]
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
