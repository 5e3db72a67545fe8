"""Layers in torch: the same numbers as rnnkit.sequence, what residual, dropout and both directions change, and sizes."""

import numpy as np
import pytest
import torch

from rnnkit import sequence
from rnnkit.convert import from_torch
from rnnkit.nn.layers import CharacterReader, Layers, count, equal_hidden_size


def as_layer(cell, rnn, B, suffix=""):
    """The parameters of one torch layer as rnnkit.sequence takes them, from zero states."""
    state = {
        n.removesuffix("_reverse"): p.detach().numpy()
        for n, p in rnn.named_parameters()
        if n.endswith("_reverse") == bool(suffix)
    }
    zeros = np.zeros((B, rnn.hidden_size))
    starts = {"h0": zeros} | ({"c0": zeros} if cell == "lstm" else {})
    return starts | from_torch(cell, state)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_stack_is_the_stack_of_rnnkit(cell):
    torch.manual_seed(0)
    stack = Layers(cell, 4, 5, num_layers=3).double()
    x = torch.randn(2, 6, 4, dtype=torch.float64)
    states, ends = stack(x)
    layers = [as_layer(cell, rnn, 2) for rnn in stack.layers]
    expected, _ = sequence.stack_forward(x.numpy(), layers, cell)
    assert np.allclose(states[-1].detach().numpy(), expected, atol=1e-12)
    assert len(states) == len(ends) == 3


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_both_directions_are_those_of_rnnkit(cell):
    torch.manual_seed(0)
    both = Layers(cell, 4, 5, both=True).double()
    x = torch.randn(2, 6, 4, dtype=torch.float64)
    layers = [as_layer(cell, both.layers[0], 2, way) for way in ("", "_reverse")]
    expected, _ = sequence.bidirectional_forward(x.numpy(), *layers, cell)
    assert np.allclose(both(x)[0][-1].detach().numpy(), expected, atol=1e-12)


def test_residual_adds_what_was_read():
    torch.manual_seed(0)
    stack = Layers("gru", 4, 5, num_layers=3, residual=True)
    states, _ = stack(torch.randn(2, 6, 4))
    alone, _ = stack.layers[2](states[1])
    assert torch.allclose(states[2], states[1] + alone)


def test_dropout_falls_between_layers_and_only_while_training():
    torch.manual_seed(0)
    x = torch.randn(2, 6, 4)
    stack = Layers("gru", 4, 5, num_layers=2, dropout=0.5)
    assert torch.equal(stack(x)[0][0], stack(x)[0][0])  # the lowest reads all
    assert not torch.equal(stack(x)[0][1], stack(x)[0][1])
    stack.eval()
    assert torch.equal(stack(x)[0][1], stack(x)[0][1])


def test_a_text_may_be_read_in_parts():
    torch.manual_seed(0)
    reader = CharacterReader(7, 7, 5, cell="lstm", num_layers=2)
    tokens = torch.randint(0, 7, (3, 8))
    whole, _, _ = reader(tokens)
    first, _, ends = reader(tokens[:, :5])
    rest, _, _ = reader(tokens[:, 5:], ends)
    assert torch.allclose(whole, torch.cat([first, rest], dim=1), atol=1e-6)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("both", [False, True])
def test_count_is_the_number_of_parameters(cell, both):
    options = {"cell": cell, "num_layers": 3, "both": both}
    reader = CharacterReader(11, 3, 6, **options)
    parameters = sum(p.numel() for p in reader.parameters())
    assert count(11, 3, 6, **options) == parameters
    sizes = {"vocab_size": 11, "output_size": 3}
    assert equal_hidden_size(parameters, **sizes, **options) == 6
