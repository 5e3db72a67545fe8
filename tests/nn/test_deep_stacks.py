"""Stacks of many layers: plain, residual, highway."""

import pytest
import torch

from rnnkit.nn import deep_stacks


def examples():
    """Which of the first three numbers is the largest: something that can be learnt."""
    x = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    return x, x[:, :3].argmax(dim=1)


@pytest.mark.trains
def test_deep_stacks():
    x, y = examples()
    h = torch.randn(2, 4, 16, generator=torch.Generator().manual_seed(1))
    for kind in deep_stacks.KINDS:
        stack = deep_stacks.DeepStack(kind, (6, 16, 3), depth=4, seeds=range(2), gain=2)
        assert len(stack.layers(x.expand(2, *x.shape))) == 5
        assert deep_stacks.gradient_by_depth(stack, x, y).shape == (5, 2)
        a = torch.relu(h @ stack.W[0] + stack.b[0])
        if kind == "highway":
            t = torch.sigmoid(h @ stack.W_t[0] + stack.b_t[0])
            right = (1 - t) * h + t * a
        else:
            right = a if kind == "plain" else h + a
        torch.testing.assert_close(stack.layer(0, h), right)
        losses = deep_stacks.train(stack, x, y, steps=100, lr=1e-2, batch_size=20)
        # Over 48 seeds of each kind, and with and without AVX, less than 0.27 of it is left.
        assert (losses[-5:].mean(axis=0) < 0.6 * losses[:5].mean(axis=0)).all()
        assert deep_stacks.accuracy(stack, x, y).shape == (2,)


@pytest.mark.trains
def test_a_stack_becomes_what_it_becomes_alone():
    # In double precision: Adam turns a last digit of a small gradient into a step.
    x, y = examples()
    pair = deep_stacks.DeepStack("residual", (6, 8, 3), depth=3, seeds=(0, 1))
    alone = deep_stacks.DeepStack("residual", (6, 8, 3), depth=3, seeds=(1,))
    for stack in (pair, alone):
        deep_stacks.train(stack.double(), x.double(), y, steps=10)
    torch.testing.assert_close(pair.W_out[1:], alone.W_out)


def test_deep_stack_names_an_unknown_kind():
    with pytest.raises(ValueError, match="kind: expected one of"):
        deep_stacks.DeepStack("dense", (6, 8, 3))
