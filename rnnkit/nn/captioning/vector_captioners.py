"""Captioners to which the whole picture is one vector, read by the LSTM or joined behind it."""

import torch
from torch import nn
from torch.nn.functional import relu

from rnnkit.nn.captioning.captioner import START, Captioner, Output
from rnnkit.nn.config import FLAG, SIZE


class VectorCaptioner(Captioner):
    """The whole picture as one vector v, joined to the first word or to every word.

    The LSTM reads [x; v], so its gates are W_xh x + W_hh h + W_vh v; where v is left out, it reads [x; 0].

    Arguments: every: v at every step, or at <START> alone; vector_size: the length of v; narrow: numbers
    that each region may contribute to it.

    Source: Vinyals et al. (2015) and Karpathy and Fei-Fei (2015), who both show the picture at the first
    step alone and report that every step was worse.
    """

    rules = Captioner.rules | {"every": FLAG, "vector_size": SIZE, "narrow": SIZE}

    def __init__(
        self,
        words: list[str],
        every: bool = True,
        vector_size: int = 128,
        narrow: int = 8,
        **sizes: int,
    ) -> None:
        own = {"every": every, "vector_size": vector_size, "narrow": narrow}
        super().__init__(words, **own, **sizes)
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

    rules = Captioner.rules | dict.fromkeys(
        ("vector_size", "narrow", "multimodal_size"), SIZE
    )

    def __init__(self, words, vector_size=128, narrow=8, multimodal_size=256, **sizes):
        own = {"vector_size": vector_size, "narrow": narrow}
        super().__init__(words, **own, multimodal_size=multimodal_size, **sizes)
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
