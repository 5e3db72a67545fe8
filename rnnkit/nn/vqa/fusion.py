"""The whole picture as one vector, made before the question is known."""

from typing import Any

import torch
from torch import nn

from rnnkit.nn.config import SIZE
from rnnkit.nn.vqa.answerer import Answerer


class WholePicture(nn.Module):
    """An eye that narrows each region to a few numbers and lays all of them side by side.

    A mean over the regions would forget where things are.

    Arguments: regions, channels: R and C; narrow: numbers that each region may keep.
    """

    def __init__(self, regions, channels, narrow):
        super().__init__()
        self.axes = {"R": regions, "C": channels}
        self.narrow = nn.Linear(channels, narrow)
        self.size = regions * narrow

    def forward(self, regions, question):
        """regions (B, R, C) -> (B, 1, size), and no glances."""
        narrow = torch.relu(self.narrow(regions))  # (B, R, narrow)
        return narrow.flatten(1)[:, None], None  # the same for all questions


class Fusion(Answerer):
    """The whole picture's vector, fused with the question's.

    Arguments: narrow: numbers that each region may keep; the rest as `Answerer`.
    """

    rules = Answerer.rules | {"narrow": SIZE}

    def __init__(
        self,
        words: list[str],
        answers: list[str],
        fusion: str = "multiplication",
        narrow: int = 6,
        **options: Any,
    ) -> None:
        super().__init__(words, answers, fusion, narrow=narrow, **options)

    def make_eye(self):
        config = self.config
        return WholePicture(config["regions"], config["channels"], config["narrow"])
