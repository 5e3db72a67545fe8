"""The question looks at the regions; what it saw helps it to look again."""

from typing import Any

import torch
from torch import nn

from rnnkit.nn.attention import Sight, SoftAttention, stacked_attention
from rnnkit.nn.config import SIZE
from rnnkit.nn.vqa.answerer import Answerer


class Gaze(nn.Module):
    """An eye that looks where the question sends it, glance by glance.

    A glance asks with all that is known so far, and returns a mean of the regions' values, weighted by how
    well their keys agree (`SoftAttention`).

    Arguments: regions, channels: R and C; question_size: H; glances: G; size: the length S of keys and values.
    """

    def __init__(self, regions, channels, question_size, glances, size):
        super().__init__()
        self.axes = {"R": regions, "C": channels}
        self.sight = Sight(regions, channels, size)
        known = [question_size + g * size for g in range(glances)]
        self.looks = nn.ModuleList(SoftAttention(length, size) for length in known)
        self.size = glances * size

    def forward(self, regions, question):
        """regions (B, R, C), question (B, Q, H) -> (B, Q, G * S), and glances (B, Q, G, R)."""
        keys, values = self.sight(regions)  # (B, R, S)
        contexts, glances = stacked_attention(self.looks, question, keys, values)
        return torch.cat(contexts, dim=-1), glances.weights


class Attention(Answerer):
    """A question about a picture, which it looks at in several glances.

    Arguments: glances: G, how many; attention_size: the length S of keys and values; the rest as `Answerer`.

    Source: stacked attention networks, Yang et al. (2016); they add up what the glances saw, and use no
    product. Here the question multiplies it, as in Kim et al. (2017).
    """

    rules = Answerer.rules | {"glances": SIZE, "attention_size": SIZE}

    def __init__(
        self,
        words: list[str],
        answers: list[str],
        glances: int = 2,
        attention_size: int = 64,
        **options: Any,
    ) -> None:
        own: dict = {"glances": glances, "attention_size": attention_size}
        super().__init__(words, answers, **own, **options)

    def make_eye(self):
        return gaze(self.config)


def gaze(config: dict) -> Gaze:
    """The Gaze of a model with this config."""
    sizes = ("regions", "channels", "hidden_size", "glances", "attention_size")
    return Gaze(*(config[name] for name in sizes))
