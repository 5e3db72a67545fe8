"""Captioners of every kind, small."""

import torch

from rnnkit.nn.captioning.attention_captioner import AttentionCaptioner
from rnnkit.nn.captioning.hard_attention_captioner import HardCaptioner
from rnnkit.nn.captioning.vector_captioners import MultimodalCaptioner, VectorCaptioner

WORDS = ["a", "b", "c", "d"]
SIZES = {"regions": 16, "channels": 5, "embedding_size": 6, "hidden_size": 8}
# Each takes other sizes, if they are given.
MODELS = {
    "first": lambda **w: VectorCaptioner(WORDS, every=False, **SIZES | w),
    "every": lambda **w: VectorCaptioner(WORDS, **SIZES | w),
    "m-rnn": lambda **w: MultimodalCaptioner(WORDS, **SIZES | w),
    "soft": lambda **w: AttentionCaptioner(WORDS, **SIZES | {"attention_size": 7} | w),
    "straight-through": lambda **w: HardCaptioner(
        WORDS, "straight-through", **SIZES | w
    ),
    "reinforce": lambda **w: HardCaptioner(WORDS, **SIZES | w),
}
ATTENTION = ["soft", "straight-through", "reinforce"]


def make(name):
    torch.manual_seed(0)
    return MODELS[name]().eval()
