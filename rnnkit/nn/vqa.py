"""Visual question answering: a question and a picture's regions in, a score for every answer out.

A recurrent network reads the question; a frozen encoder (`rnnkit.nn.vision`) has turned the picture into
regions. Each of the two becomes a vector of F numbers; they are fused, and a hidden layer and a score for
every answer follow (Antol et al., 2015). The models differ in where the picture's vector comes from:

    Fusion         the whole picture, every region in its place
    Attention      the regions that the question looks at, glance by glance
    ClipAttention  the same in every frame of a clip; a GRU reads the frames, or they are laid side by side

All of them are asked Q questions about each picture at once: words are integers (B, Q, T), 0 stands behind
the end of a question.
"""

from typing import Any

import torch
from torch import nn

from rnnkit.nn.attention import SoftAttention, coordinates, stacked_attention

PAD = 0  # the index of "no word" in every vocabulary

# q (B, Q, F) from the question, v (B, Q, F) or (B, 1, F) from the picture. The last two are blind, or deaf.
FUSIONS = {
    # W [q; v] = W_q q + W_v v: the product with a concatenation is a sum of two products.
    "concatenation": lambda q, v: torch.relu(q + v),
    # Every output of it is one product of two sums: a bilinear form of rank 1.
    "multiplication": lambda q, v: q * v,
    "question": lambda q, v: torch.relu(q),
    "image": lambda q, v: torch.relu(v).expand_as(q),
}


class QuestionEncoder(nn.Module):
    """An LSTM over the words; the question's vector is its state h after the last word."""

    def __init__(self, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True)

    def forward(self, words):
        """words (B, Q, T) -> vectors (B, Q, H)."""
        B, Q, T = words.shape
        words = words.flatten(0, 1)
        h, _ = self.lstm(self.embedding(words))  # (B * Q, T, H)
        last = (words != PAD).sum(dim=1) - 1
        return h[torch.arange(B * Q), last].view(B, Q, -1)


class Fusion(nn.Module):
    """The whole picture as one vector, fused with the question's.

    Each region is narrowed to a few numbers, then all are laid side by side: a mean over the regions would
    forget where things are.

    Arguments:
        words, answers: the vocabularies, strings; <PAD> is put before the words.
        fusion: a name in FUSIONS. All of them have the same parameters.
        regions, channels: R and C of the encoder's output; R is a square number.
        embedding_size, hidden_size: D and H of the LSTM.
        narrow: numbers that each region may keep.
        fused_size: F.

    Raises:
        ValueError: an unknown fusion, words or answers that repeat, or a size below 1.

    Source: multiplication: Antol et al. (2015) and Lu et al. (2015), who put tanh before the product; as a
    bilinear form of low rank, without tanh before it: Kim et al. (2017).
    """

    mean: torch.Tensor
    deviation: torch.Tensor
    where: torch.Tensor  # of the regions: models with attention have it

    def __init__(
        self,
        words: list[str],
        answers: list[str],
        fusion: str = "multiplication",
        regions: int = 64,
        channels: int = 64,
        embedding_size: int = 32,
        hidden_size: int = 64,
        narrow: int = 6,
        fused_size: int = 96,
    ) -> None:
        super().__init__()
        self.config: dict = {  # what builds this model again: checkpoints store it
            "words": list(words),
            "answers": list(answers),
            "fusion": fusion,
            "regions": regions,
            "channels": channels,
            "embedding_size": embedding_size,
            "hidden_size": hidden_size,
            "narrow": narrow,
            "fused_size": fused_size,
        }
        check_config(self.config)
        self.fuse = FUSIONS[fusion]
        self.words, self.answers = ["<PAD>", *words], list(answers)
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))
        self.question = QuestionEncoder(len(self.words), embedding_size, hidden_size)
        vector_size = self.build_eye()
        self.W_q = nn.Linear(hidden_size, fused_size)
        self.W_v = nn.Linear(vector_size, fused_size)
        self.hidden = nn.Linear(fused_size, fused_size)
        self.answer = nn.Linear(fused_size, len(self.answers))

    def build_eye(self) -> int:
        """Make the layers that `see` uses; returns the length of its vector."""
        self.narrow = nn.Linear(self.config["channels"], self.config["narrow"])
        return self.config["regions"] * self.config["narrow"]

    def standardise(self, regions: torch.Tensor) -> None:
        """Learn each channel's mean and deviation from the training pictures' regions (..., C)."""
        flat = regions.flatten(0, -2)
        self.mean.copy_(flat.mean(dim=0))
        self.deviation.copy_(flat.std(dim=0).clamp(min=1e-3))

    def forward(self, regions, words):
        """Answer Q questions about each picture.

        regions (B, R, C); words (B, Q, T).
        Returns scores of the answers (B, Q, A), and where G glances looked, (B, Q, G, R), or None.
        Raises ValueError unless the regions have the shape that the model was built for.
        """
        self.check(regions, words)
        question = self.question(words)  # (B, Q, H)
        vector, glances = self.see((regions - self.mean) / self.deviation, question)
        fused = self.fuse(self.W_q(question), self.W_v(vector))  # (B, Q, F)
        return self.answer(torch.relu(self.hidden(fused))), glances

    def see(self, regions, question):
        """Standardised regions and the question's vector -> the picture's vector, and glances or None."""
        narrow = torch.relu(self.narrow(regions))  # (B, R, narrow)
        return narrow.flatten(1)[:, None], None  # the same for all questions

    def check(self, regions: torch.Tensor, words: torch.Tensor) -> None:
        """Raise ValueError unless regions are (B, R, C) and words (B, Q, T)."""
        R, C = self.config["regions"], self.config["channels"]
        if regions.ndim != 3 or regions.shape[1:] != (R, C):
            raise ValueError(
                f"regions: expected (B, R, C) = (B, {R}, {C}), got {tuple(regions.shape)}"
            )
        check_words(words, regions)


class Attention(Fusion):
    """The question looks at the regions; what it saw helps it to look again.

    A glance asks with all that is known so far, and returns a mean of the regions' values, weighted by how
    well their keys agree (`SoftAttention`). A region's key and value tell what is there, and where.

    Arguments: glances: G, how many; attention_size: the length S of keys and values; the rest as `Fusion`.

    Source: stacked attention networks, Yang et al. (2016); they add up what the glances saw, and use no
    product. Here the question multiplies it, as in Kim et al. (2017).
    """

    def __init__(
        self,
        words: list[str],
        answers: list[str],
        glances: int = 2,
        attention_size: int = 64,
        **options: Any,
    ) -> None:
        check_sizes({"glances": glances, "attention_size": attention_size})
        self.glances, self.attention_size = glances, attention_size
        super().__init__(words, answers, **options)
        self.config |= {"glances": glances, "attention_size": attention_size}
        del self.config["narrow"]  # no region is narrowed here

    def build_eye(self):
        G, S, H = self.glances, self.attention_size, self.config["hidden_size"]
        side = round(self.config["regions"] ** 0.5)
        self.register_buffer("where", coordinates(side), persistent=False)
        self.what = nn.Linear(self.config["channels"], S)
        self.key = nn.Linear(S + self.where.shape[1], S)
        self.value = nn.Linear(S + self.where.shape[1], S)
        self.looks = nn.ModuleList(SoftAttention(H + g * S, S) for g in range(G))
        return G * S

    def see(self, regions, question):
        where = self.where.expand(len(regions), -1, -1)
        seen = torch.cat([torch.relu(self.what(regions)), where], dim=-1)
        keys, values = self.key(seen), self.value(seen)  # (B, R, S)
        contexts, glances = stacked_attention(self.looks, question, keys, values)
        return torch.cat(contexts, dim=-1), glances.weights  # (B, Q, G * S)


class SideBySide(nn.Module):
    """Takes the place of an RNN over N frames: its one "state" is all frames' vectors, one after the other."""

    def forward(self, x):
        """x (B, N, V) -> (B, 1, N * V), and no state."""
        return x.flatten(1)[:, None], None


class ClipAttention(Attention):
    """A question about a clip: glances in every frame, then what they saw is joined in order.

    No frame knows of another: only the join can tell before from after. A GRU's last state is the clip's
    vector, or all frames' vectors one after the other.
    Regions are (B, N, R, C) for N frames, and glances (B, Q, N, G, R).

    Arguments: frames: N. over_time: "gru", or "side by side" for what was seen in all frames in one vector:
    a move is the last place minus the first, which one product finds and a GRU has to learn to keep.
    """

    def __init__(
        self,
        words: list[str],
        answers: list[str],
        frames: int = 5,
        over_time: str = "gru",
        **options: Any,
    ) -> None:
        check_sizes({"frames": frames})
        if over_time not in ("gru", "side by side"):
            raise ValueError(
                f"over_time: expected 'gru' or 'side by side', got {over_time!r}"
            )
        self.frames, self.over_time = frames, over_time
        super().__init__(words, answers, **options)
        self.config |= {"frames": frames, "over_time": over_time}

    def build_eye(self) -> int:
        H, size = self.config["hidden_size"], super().build_eye()
        if self.over_time == "side by side":
            self.rnn: nn.Module = SideBySide()
            return self.frames * size
        self.rnn = nn.GRU(size, H, batch_first=True)
        return H

    def inherit(self, attention: Attention) -> None:
        """Start from an Attention that knows pictures: how to read, and to look; only time is new."""
        own, learnt = self.state_dict(), attention.state_dict()
        fits = {name: t for name, t in learnt.items() if t.shape == own[name].shape}
        self.load_state_dict(own | fits)

    def see(self, regions, question):
        B, N, R, _ = regions.shape
        Q, G = question.shape[1], self.glances
        # The same questions are asked of every frame.
        asked = question.repeat_interleave(N, dim=0)  # (B * N, Q, H)
        vector, weights = super().see(regions.flatten(0, 1), asked)  # (B * N, Q, ...)
        frames = vector.view(B, N, Q, -1).transpose(1, 2)  # (B, Q, N, G * S)
        h, _ = self.rnn(frames.flatten(0, 1))
        return h[:, -1].view(B, Q, -1), weights.view(B, N, Q, G, R).transpose(1, 2)

    def check(self, regions: torch.Tensor, words: torch.Tensor) -> None:
        """Raise ValueError unless regions are (B, N, R, C) and words (B, Q, T)."""
        N, R, C = self.frames, self.config["regions"], self.config["channels"]
        if regions.ndim != 4 or regions.shape[1:] != (N, R, C):
            raise ValueError(
                f"regions: expected (B, N, R, C) = (B, {N}, {R}, {C}), "
                f"got {tuple(regions.shape)}"
            )
        check_words(words, regions)


def check_words(words: torch.Tensor, regions: torch.Tensor) -> None:
    """Raise ValueError unless words are (B, Q, T) for as many pictures as there are regions of."""
    if words.ndim != 3 or len(words) != len(regions):
        raise ValueError(
            f"words: expected (B, Q, T) with B = {len(regions)}, got {tuple(words.shape)}"
        )


def check_config(config: dict) -> None:
    """Raise ValueError unless a model can be built from these arguments."""
    if config["fusion"] not in FUSIONS:
        raise ValueError(
            f"fusion: expected one of {list(FUSIONS)}, got {config['fusion']!r}"
        )
    for name in ("words", "answers"):
        if not config[name] or len(set(config[name])) < len(config[name]):
            raise ValueError(
                f"{name}: expected different strings, at least one, got {config[name]!r}"
            )
    texts = ("words", "answers", "fusion")
    check_sizes({name: size for name, size in config.items() if name not in texts})
    if round(config["regions"] ** 0.5) ** 2 != config["regions"]:
        raise ValueError(f"regions: expected a square number, got {config['regions']}")


def check_sizes(sizes: dict) -> None:
    """Raise ValueError unless all of these, name -> size, are whole numbers from 1."""
    for name, size in sizes.items():
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError(f"{name}: expected a whole number from 1, got {size!r}")
