"""Captioning models: a recurrent network that writes, and ways of showing it the picture.

The picture comes as regions (B, R, C), the encoder's vectors. All models share one interface: `start` takes
the regions in, `forward` scores the next word after each word given, all steps at once in training
(teacher forcing) or one at a time in decoding.
"""

import torch
from torch import nn
from torch.nn.functional import cross_entropy, relu

START, END = 0, 1  # the indices of these two in every vocabulary
IGNORE = -100  # the target behind a caption's end: cross_entropy leaves it out


class Captioner(nn.Module):
    """What all captioners share: words, the LSTM that reads them, and the loss.

    Arguments:
        words: the vocabulary, strings; <START> and <END> are put before them.
        regions, channels: R and C of the pictures' regions; R is a square number.
        embedding_size: D, the length of a word's vector.
        hidden_size: H, units of the LSTM.

    Raises:
        ValueError: words repeat, or a size is below 1.
    """

    rnn: nn.Module
    mean: torch.Tensor
    deviation: torch.Tensor
    where: torch.Tensor  # of the regions: captioners with attention have it

    def __init__(
        self,
        words: list[str],
        regions: int = 64,
        channels: int = 64,
        embedding_size: int = 64,
        hidden_size: int = 128,
    ) -> None:
        super().__init__()
        self.config: dict = {  # what builds this model again: checkpoints store it
            "words": list(words),
            "regions": regions,
            "channels": channels,
            "embedding_size": embedding_size,
            "hidden_size": hidden_size,
        }
        check_config(self.config)
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


class VectorCaptioner(Captioner):
    """The whole picture as one vector v, joined to the first word or to every word.

    The LSTM reads [x; v], so its gates are W_xh x + W_hh h + W_vh v; where v is left out, it reads [x; 0].

    Arguments: every: v at every step, or at <START> alone; vector_size: the length of v; narrow: numbers
    that each region may contribute to it.

    Source: Vinyals et al. (2015) and Karpathy and Fei-Fei (2015), who both show the picture at the first
    step alone and report that every step was worse.
    """

    def __init__(
        self,
        words: list[str],
        every: bool = True,
        vector_size: int = 128,
        narrow: int = 8,
        **sizes: int,
    ) -> None:
        super().__init__(words, **sizes)
        self.config |= {"every": every, "vector_size": vector_size, "narrow": narrow}
        self.vector = ImageVector(self.config)
        D, H = self.config["embedding_size"], self.config["hidden_size"]
        self.rnn = nn.LSTM(D + vector_size, H, batch_first=True)
        self.output = Output(H, H, len(self.words))

    def see(self, regions):
        return (self.vector(regions),)

    def join(self, x, words, v):
        v = v[:, None].expand(-1, words.shape[1], -1)  # (B, T, vector_size)
        if not self.config["every"]:
            v = v * (words == START)[..., None]
        return torch.cat([x, v], dim=-1)

    def choose(self, states, x, v):
        return self.output(states), None


class MultimodalCaptioner(Captioner):
    """m-RNN: the LSTM reads words alone; a layer after it joins word, state and picture.

    m = 1.7159 tanh(2/3 (x W_xm + h W_hm + v W_vm)), and the next word is chosen from m.
    Mao et al. have a simple recurrent layer where this has an LSTM, as the other models here.

    Source: Mao et al. (2015), equations (1) to (3).
    """

    def __init__(self, words, vector_size=128, narrow=8, multimodal_size=256, **sizes):
        super().__init__(words, **sizes)
        self.config |= {"vector_size": vector_size, "narrow": narrow}
        self.config |= {"multimodal_size": multimodal_size}
        self.vector = ImageVector(self.config)
        D, H = self.config["embedding_size"], self.config["hidden_size"]
        self.rnn = nn.LSTM(D, H, batch_first=True)
        self.from_word = nn.Linear(D, multimodal_size)
        self.from_state = nn.Linear(H, multimodal_size, bias=False)
        self.from_image = nn.Linear(vector_size, multimodal_size, bias=False)
        self.output = nn.Linear(multimodal_size, len(self.words))

    def see(self, regions):
        return (self.vector(regions),)

    def choose(self, states, x, v):
        a = self.from_word(x) + self.from_state(states) + self.from_image(v)[:, None]
        return self.output(1.7159 * torch.tanh(2 / 3 * a)), None


class ImageVector(nn.Module):
    """Regions (B, R, C) -> one vector (B, vector_size).

    Each region is narrowed to a few numbers, then all are laid side by side: a mean over the regions
    would forget where things are.
    """

    def __init__(self, config: dict) -> None:
        super().__init__()
        self.narrow = nn.Linear(config["channels"], config["narrow"])
        flat = config["regions"] * config["narrow"]
        self.wide = nn.Linear(flat, config["vector_size"])

    def forward(self, regions):
        return torch.tanh(self.wide(relu(self.narrow(regions)).flatten(1)))


class Output(nn.Sequential):
    """One hidden layer, then a score for every word: (..., size) -> (..., V)."""

    def __init__(self, size: int, hidden: int, vocab_size: int) -> None:
        super().__init__(
            nn.Linear(size, hidden), nn.ReLU(), nn.Linear(hidden, vocab_size)
        )


def check_config(config: dict) -> None:
    """Raise ValueError unless a captioner can be built from these arguments."""
    for name in ("regions", "channels", "embedding_size", "hidden_size"):
        size = config[name]
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError(f"{name}: expected a whole number from 1, got {size!r}")
    if round(config["regions"] ** 0.5) ** 2 != config["regions"]:
        raise ValueError(
            f"regions: expected a square number, got {config['regions']!r}"
        )
    words = config["words"]
    if not words or len(set(words)) < len(words):
        raise ValueError(
            f"words: expected different words, at least one, got {words!r}"
        )
