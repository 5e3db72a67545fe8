"""Translators of every kind, small."""

import itertools

import torch

from rnnkit.nn.translation.attention import ATTENTIONS
from rnnkit.nn.translation.translator import READERS, Translator

LETTERS = "abc"
SIZES = {"embedding_size": 4, "hidden_size": 5, "attention_size": 6}
KINDS = list(itertools.product(ATTENTIONS, READERS))


def make(attention="additive", readers="both", **more):
    torch.manual_seed(0)
    start = "last" if attention == "none" else "zeros"
    more = SIZES | {"start": start} | more
    return Translator(LETTERS, attention, readers, **more).eval()
