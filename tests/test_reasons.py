"""The LSTM without one of its reasons, the Jacobian of what a cell carries, and stacks of fifty layers."""

import numpy as np
import pytest
import torch

from rnnkit.data import tasks
from rnnkit.jacobian import lstm_jacobians, products, rnn_jacobians
from rnnkit.nn import deep
from rnnkit.nn.population import Population
from rnnkit.nn.reasons import (
    WITHOUT,
    carried_jacobians,
    make_identity,
    make_orthogonal,
)
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


def test_latest_asks_for_the_last_symbol_shown():
    x, targets, mask = tasks.latest(np.random.default_rng(0), 200, T=12, symbols=3)
    tokens = x.argmax(-1)
    for row, answer in zip(tokens, targets[:, -1], strict=True):
        assert row[row < 3][-1] == answer
    assert (tokens[:, 0] < 3).all()
    assert mask.sum(axis=1).tolist() == [1] * 200
    assert mask[:, -1].all()


def test_deep_stacks():
    x, y = torch.randn(40, 6), torch.arange(40) % 3
    h = torch.randn(2, 4, 8)
    for kind in deep.KINDS:
        stack = deep.DeepStack(kind, (6, 8, 3), depth=4, seeds=range(2))
        assert len(stack.layers(x.expand(2, *x.shape))) == 5
        assert deep.gradient_by_depth(stack, x, y).shape == (5, 2)
        a = torch.relu(h @ stack.W[0] + stack.b[0])
        if kind == "highway":
            t = torch.sigmoid(h @ stack.W_t[0] + stack.b_t[0])
            right = (1 - t) * h + t * a
        else:
            right = a if kind == "plain" else h + a
        torch.testing.assert_close(stack.layer(0, h), right)
        losses = deep.train(stack, x, y, steps=30, lr=1e-2, batch_size=20)
        assert (losses[-5:].mean(axis=0) < losses[:5].mean(axis=0)).all()
        assert deep.accuracy(stack, x, y).shape == (2,)


def test_a_stack_becomes_what_it_becomes_alone():
    x, y = torch.randn(40, 6), torch.arange(40) % 3
    pair = deep.DeepStack("residual", (6, 8, 3), depth=3, seeds=(0, 1))
    alone = deep.DeepStack("residual", (6, 8, 3), depth=3, seeds=(1,))
    for stack in (pair, alone):
        deep.train(stack, x, y, steps=10)
    torch.testing.assert_close(pair.W_out[1:], alone.W_out)


def test_deep_stack_names_an_unknown_kind():
    with pytest.raises(ValueError, match="kind: expected one of"):
        deep.DeepStack("dense", (6, 8, 3))
