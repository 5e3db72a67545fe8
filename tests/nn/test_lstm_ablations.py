"""The LSTM without one of its reasons, and the Jacobian of what a cell carries."""

import numpy as np
import pytest
import torch

from rnnkit.data import tasks
from rnnkit.jacobian import lstm_jacobians, products, rnn_jacobians
from rnnkit.nn.lstm_ablations import (
    WITHOUT,
    carried_jacobians,
    make_identity,
    make_orthogonal,
)
from rnnkit.nn.side_by_side import Population
from rnnkit.sequence import lstm_forward, rnn_forward

SEQUENCE = tasks.recall(np.random.default_rng(0), 1, lag=20).x[0]


def population(cell, **settings):
    return Population(cell, 8, 5, 4, seeds=range(3), **settings)


# Forward differentiation loads a part of torch that was written with its old compiler.
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")
def test_carried_jacobians_are_those_of_the_numpy_cells():
    start = np.zeros((1, 5))
    for cell, forget_bias in (("rnn", 0.0), ("lstm", 1.0)):
        nets = population(cell, forget_bias=forget_bias)
        found = carried_jacobians(nets, SEQUENCE)
        for k in range(3):
            p = {n: nets.network(k)[n].astype(float) for n in ("W_xh", "W_hh", "b_h")}
            x = SEQUENCE[None].astype(float)
            if cell == "rnn":
                right = products(rnn_jacobians(rnn_forward(x, start, **p)[-1]))
            else:
                cache = lstm_forward(x, start, start, **p)[-1]
                right = products(lstm_jacobians(cache))[..., 5:, 5:]
            np.testing.assert_allclose(found[k], right[0], atol=1e-5)


@pytest.mark.parametrize("name", WITHOUT)
def test_what_is_taken_away_is_one_line(name):
    """With that line made harmless, every variant is the LSTM again."""
    nets, lstm = population(WITHOUT[name]), population("lstm")
    x = torch.from_numpy(SEQUENCE).expand(3, 1, *SEQUENCE.shape)
    with torch.no_grad():
        for p_name, p in lstm.p.items():
            p.copy_(nets.p[p_name])
        if name == "matrix_path":
            make_identity(nets)
        h, c = nets.states(x)
        h_lstm, c_lstm = lstm.states(x)
    same = torch.allclose(c, c_lstm, atol=1e-6)
    assert same == (name in ("lstm", "matrix_path"))
    # After one step from an empty cell, no variant but the one with tanh has done anything else.
    first = torch.tanh(c_lstm[:, :, 0]) if name == "tanh_path" else c_lstm[:, :, 0]
    torch.testing.assert_close(c[:, :, 0], first)


def test_make_orthogonal():
    nets = population(WITHOUT["matrix_path"])
    make_orthogonal(nets)
    W = nets.p["W_cc"].detach()
    torch.testing.assert_close(W @ W.mT, torch.eye(5).expand(3, 5, 5))
