"""What all models of questions share: a question and a picture's regions in, a score for every answer out.

A recurrent network reads the question; a frozen encoder (`rnnkit.nn.encoder`) has turned the picture into
regions, and the model's eye turns those into one vector. Each of the two becomes a vector of F numbers; they are
fused, and a hidden layer and a score for every answer follow (Antol et al., 2015). The models differ in the eye:

    Fusion         the whole picture, every region in its place
    Attention      the regions that the question looks at, glance by glance
    ClipAttention  the same in every frame of a clip; a GRU reads the frames, or they are laid side by side

All of them are asked Q questions about each picture at once: words are integers (B, Q, T), 0 stands behind
the end of a question.
"""

from typing import Any, ClassVar

import torch
from torch import nn

from rnnkit.nn.config import NAMES, SIZE, SQUARE, check_config, one_of

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


class Answerer(nn.Module):
    """Reads a question, sees a picture, fuses the two and scores every answer.

    Arguments:
        words, answers: the vocabularies, strings; <PAD> is put before the words.
        fusion: a name in FUSIONS. All of them have the same parameters.
        regions, channels: R and C of the encoder's output; R is a square number.
        embedding_size, hidden_size: D and H of the LSTM.
        fused_size: F.
        of_the_eye: settings of the model's eye, by its rules.

    Raises:
        ValueError: a setting does not follow the rules.

    Source: multiplication: Antol et al. (2015) and Lu et al. (2015), who put tanh before the product; as a
    bilinear form of low rank, without tanh before it: Kim et al. (2017).
    """

    rules: ClassVar = {
        "words": NAMES,
        "answers": NAMES,
        "fusion": one_of(*FUSIONS),
        "regions": SQUARE,
        "channels": SIZE,
        "embedding_size": SIZE,
        "hidden_size": SIZE,
        "fused_size": SIZE,
    }
    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(
        self,
        words: list[str],
        answers: list[str],
        fusion: str = "multiplication",
        regions: int = 64,
        channels: int = 64,
        embedding_size: int = 32,
        hidden_size: int = 64,
        fused_size: int = 96,
        **of_the_eye: Any,
    ) -> None:
        super().__init__()
        settings = {
            "words": list(words),
            "answers": list(answers),
            "fusion": fusion,
            "regions": regions,
            "channels": channels,
            "embedding_size": embedding_size,
            "hidden_size": hidden_size,
            "fused_size": fused_size,
        }
        # What builds this model again: checkpoints store it.
        self.config = check_config(settings | of_the_eye, self.rules)
        self.fuse = FUSIONS[fusion]
        self.words, self.answers = ["<PAD>", *words], list(answers)
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))
        self.question = QuestionEncoder(len(self.words), embedding_size, hidden_size)
        self.eye: Any = self.make_eye()
        self.W_q = nn.Linear(hidden_size, fused_size)
        self.W_v = nn.Linear(self.eye.size, fused_size)
        self.hidden = nn.Linear(fused_size, fused_size)
        self.answer = nn.Linear(fused_size, len(self.answers))

    def make_eye(self):
        """A module that sees: regions, standardised, and questions (B, Q, H) -> a vector, and glances or None.

        The vector is (B, Q, size), or (B, 1, size) where it is the same for all questions. `size` is an attribute
        of the eye; so is `axes`, what regions it takes: a dict from the letters behind B to their sizes.
        """
        raise NotImplementedError

    def standardise(self, regions: torch.Tensor) -> None:
        """Learn each channel's mean and deviation from the training pictures' regions (..., C)."""
        flat = regions.flatten(0, -2)
        self.mean.copy_(flat.mean(dim=0))
        self.deviation.copy_(flat.std(dim=0).clamp(min=1e-3))

    def forward(self, regions, words):
        """Answer Q questions about each picture.

        regions (B, R, C), or (B, N, R, C) for clips of N frames; words (B, Q, T).
        Returns scores of the answers (B, Q, A), and where G glances looked, (B, Q, G, R), for clips
        (B, Q, N, G, R); None where a model has none.
        Raises ValueError unless the regions have the shape that the model was built for.
        """
        self.check(regions, words)
        question = self.question(words)  # (B, Q, H)
        vector, glances = self.eye((regions - self.mean) / self.deviation, question)
        fused = self.fuse(self.W_q(question), self.W_v(vector))  # (B, Q, F)
        return self.answer(torch.relu(self.hidden(fused))), glances

    def check(self, regions: torch.Tensor, words: torch.Tensor) -> None:
        """Raise ValueError unless regions are what the eye takes, and words (B, Q, T) for as many pictures."""
        axes = self.eye.axes
        if regions.shape[1:] != tuple(axes.values()):
            letters, sizes = ", ".join(axes), ", ".join(map(str, axes.values()))
            raise ValueError(
                f"regions: expected (B, {letters}) = (B, {sizes}), got {tuple(regions.shape)}"
            )
        if words.ndim != 3 or len(words) != len(regions):
            raise ValueError(
                f"words: expected (B, Q, T) with B = {len(regions)}, got {tuple(words.shape)}"
            )
