"""Recurrent layers on top of each other, in one direction or both, and a reader of characters made of them."""

import torch
from torch import nn

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Layers(nn.Module):
    """A stack of recurrent layers: each reads the states of the one below.

    Arguments:
        cell: "rnn", "gru" or "lstm".
        input_size: D; hidden_size: H of every layer.
        num_layers: how many.
        both: each layer has a second half that reads from the right; its states have length 2H.
        residual: from the second layer on, a layer's states are *added* to what it read.
        dropout: probability of dropping each number that a layer reads from the one below, while training.

    Source: Graves (2013); both directions: Schuster and Paliwal (1997); residual: Wu et al. (2016), section 3.1;
    dropout between layers: Zaremba et al. (2014).
    """

    def __init__(
        self,
        cell,
        input_size,
        hidden_size,
        num_layers=1,
        both=False,
        residual=False,
        dropout=0.0,
    ):
        super().__init__()
        self.hidden_size, self.residual = hidden_size, residual
        self.state_size = hidden_size * (2 if both else 1)
        sizes = [input_size] + [self.state_size] * (num_layers - 1)
        self.layers = nn.ModuleList(
            CELLS[cell](size, hidden_size, batch_first=True, bidirectional=both)
            for size in sizes
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, starts=None):
        """Read x, (B, T, D), from `starts`, the last states of an earlier call, or from zeros.

        Returns the states of every layer, a list of (B, T, state_size) from the lowest up, and the last states.
        """
        h, states, ends = x, [], []
        for k, layer in enumerate(self.layers):
            below = h
            h, end = layer(self.dropout(h) if k else h, starts and starts[k])
            if self.residual and k:
                h = below + h
            states.append(h)
            ends.append(end)
        return states, ends


class CharacterReader(nn.Module):
    """Reads characters and answers at each one: an embedding, `Layers`, one score for each answer.

    Arguments: vocab_size: V; output_size: how many answers; embedding_size; options: of `Layers`.
    """

    def __init__(
        self, vocab_size, output_size, hidden_size, embedding_size=32, **options
    ):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.layers = Layers(
            input_size=embedding_size, hidden_size=hidden_size, **options
        )
        self.output = nn.Linear(self.layers.state_size, output_size)

    def forward(self, tokens, starts=None):
        """tokens (B, T) -> logits (B, T, output_size), the states of every layer, and the last states."""
        states, ends = self.layers(self.embedding(tokens), starts)
        return self.output(states[-1]), states, ends


def equal_hidden_size(parameters, **options):
    """The hidden size that brings a `CharacterReader` with these options closest to a number of parameters."""
    sizes = range(4, 513)
    return min(sizes, key=lambda H: abs(count(hidden_size=H, **options) - parameters))


def count(
    vocab_size,
    output_size,
    hidden_size,
    cell,
    embedding_size=32,
    num_layers=1,
    both=False,
    **options,
):
    """The number of parameters of such a `CharacterReader`."""
    G, H, directions = {"rnn": 1, "lstm": 4, "gru": 3}[cell], hidden_size, 1 + both
    total = vocab_size * embedding_size + (directions * H + 1) * output_size
    for k in range(num_layers):
        inputs = directions * H if k else embedding_size
        total += directions * G * H * (inputs + H + 2)
    return total


def reverse(x, mask):
    """Every sequence's real steps from the last to the first; the padding stays behind them: (B, S, ...)."""
    steps = torch.arange(mask.shape[1], device=mask.device)
    place = torch.where(mask, mask.sum(dim=1, keepdim=True) - 1 - steps, steps)
    return x.gather(1, place[..., None].expand_as(x))
