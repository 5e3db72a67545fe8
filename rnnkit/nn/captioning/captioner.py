"""What all captioners share: a recurrent network that writes; the models differ in how it is shown the picture.

The picture comes as regions (B, R, C), the encoder's vectors. All models share one interface: `start` takes
the regions in, `forward` scores the next word after each word given, all steps at once in training
(teacher forcing) or one at a time in decoding.
"""

from typing import Any, ClassVar

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rnnkit.nn.config import NAMES, SIZE, SQUARE, check_config

START, END = 0, 1  # the indices of these two in every vocabulary
IGNORE = -100  # the target behind a caption's end: cross_entropy leaves it out


class Captioner(nn.Module):
    """What all captioners share: words, the LSTM that reads them, and the loss.

    Arguments:
        words: the vocabulary, strings; <START> and <END> are put before them.
        regions, channels: R and C of the pictures' regions; R is a square number.
        embedding_size: D, the length of a word's vector.
        hidden_size: H, units of the LSTM.
        more: a model's own settings, by its rules.

    Raises:
        ValueError: a setting does not follow the rules.
    """

    rules: ClassVar = {
        "words": NAMES,
        "regions": SQUARE,
        "channels": SIZE,
        "embedding_size": SIZE,
        "hidden_size": SIZE,
    }
    rnn: nn.Module
    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(
        self,
        words: list[str],
        regions: int = 64,
        channels: int = 64,
        embedding_size: int = 64,
        hidden_size: int = 128,
        **more: Any,
    ) -> None:
        super().__init__()
        settings = {
            "words": list(words),
            "regions": regions,
            "channels": channels,
            "embedding_size": embedding_size,
            "hidden_size": hidden_size,
        }
        # What builds this model again: checkpoints store it.
        self.config = check_config(settings | more, self.rules)
        self.words = ["<START>", "<END>", *words]
        self.embedding = nn.Embedding(len(self.words), embedding_size)
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))

    def standardise(self, regions: torch.Tensor) -> None:
        """Learn each channel's mean and deviation from the training pictures' regions (N, R, C)."""
        self.mean.copy_(regions.mean(dim=(0, 1)))
        self.deviation.copy_(regions.std(dim=(0, 1)).clamp(min=1e-3))

    def start(self, regions):
        """Take pictures in: regions (B, R, C) -> the state before the first word.

        The state is a tuple of tensors with B first: h and c, (B, H) each, and what the model keeps
        of the picture.

        Raises ValueError unless the regions have the shape that the model was built for.
        """
        expected = (self.config["regions"], self.config["channels"])
        if regions.ndim != 3 or regions.shape[1:] != expected:
            raise ValueError(
                f"regions: expected (B, R, C) = (B, {expected[0]}, {expected[1]}), "
                f"got {tuple(regions.shape)}"
            )
        picture = self.see((regions - self.mean) / self.deviation)
        zeros = regions.new_zeros(len(regions), self.config["hidden_size"])
        return zeros, zeros, *picture

    def forward(self, words, state):
        """Score the word after each of these.

        words: integers (B, T), the first one <START>. state: from `start`, or from an earlier call.
        Returns logits (B, T, V), the state after the last word, and Glances; None where a model has none.
        """
        x = self.embedding(words)  # (B, T, D)
        h, c, *picture = state
        states, (h, c) = self.rnn(self.join(x, words, *picture), (h[None], c[None]))
        logits, glances = self.choose(states, x, *picture)
        return logits, (h[0], c[0], *picture), glances

    def see(self, regions):
        """Standardised regions (B, R, C) -> a tuple: what the model keeps of the picture."""
        raise NotImplementedError

    def join(self, x, words, *picture):
        """Word vectors x (B, T, D) -> what the LSTM reads, (B, T, ...)."""
        return x

    def choose(self, states, x, *picture):
        """States (B, T, H) and word vectors x (B, T, D) -> logits (B, T, V), and Glances or None."""
        raise NotImplementedError

    def loss(self, regions, captions):
        """Mean cross-entropy of a word, nats. captions: integers (B, T + 1), <START> ... <END>, IGNORE."""
        words, targets = captions[:, :-1].clamp(min=0), captions[:, 1:]
        logits, _, _ = self(words, self.start(regions))
        return cross_entropy(logits.flatten(0, 1), targets.flatten())


class Output(nn.Sequential):
    """One hidden layer, then a score for every word: (..., size) -> (..., V)."""

    def __init__(self, size: int, hidden: int, vocab_size: int) -> None:
        super().__init__(
            nn.Linear(size, hidden), nn.ReLU(), nn.Linear(hidden, vocab_size)
        )
