"""Models that answer questions, small, and two pictures with two questions each."""

from collections import namedtuple

import torch

from rnnkit.nn.vqa.answerer import FUSIONS
from rnnkit.nn.vqa.attention import Attention
from rnnkit.nn.vqa.clip import ClipAttention
from rnnkit.nn.vqa.fusion import Fusion

WORDS, SAID = ["is", "a", "cat", "dog"], ["no", "yes", "two"]
SMALL = {"regions": 4, "channels": 3, "hidden_size": 5, "fused_size": 6}
Asked = namedtuple("Asked", "form words answer")


def small(kind, **options):
    torch.manual_seed(0)
    return kind(WORDS, SAID, **SMALL, **options)


def some_regions(*shape):
    return torch.randn(*shape, 4, 3, generator=torch.Generator().manual_seed(1))


MODELS = {
    **{name: lambda name=name: small(Fusion, fusion=name) for name in FUSIONS},
    "attention": lambda: small(Attention, attention_size=7),
    "clip": lambda: small(ClipAttention, attention_size=7),
    "side by side": lambda: small(
        ClipAttention, attention_size=7, over_time="side by side"
    ),
}
CLIPS = ("clip", "side by side")
WORDS_OF_TWO = torch.tensor([[[1, 2, 3], [1, 4, 0]], [[2, 0, 0], [3, 3, 1]]])


def two_pictures(name):
    return some_regions(2, 5) if name in CLIPS else some_regions(2)


ASKED = [
    (1, Asked("existence", "is a cat", "yes")),
    (0, Asked("existence", "is a dog", "no")),
    (1, Asked("counting", "a a a", "two")),
]
