"""Character models small enough to be computed by hand, and how to compare their weights."""

import torch

from rnnkit.nn.text.char_lm import CharLM, save_charlm
from rnnkit.nn.text.vocabulary import Vocabulary

CELLS = ("rnn", "gru", "lstm")


def tiny(cell="lstm", vocab_size=5, scale=1.0, **options):
    """A small model in double precision; scale: how far from indifferent it is."""
    torch.manual_seed(3)
    model = CharLM(vocab_size, cell, 4, 6, **options).double().eval()
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(scale)
    return model


def some_tokens(n, vocab_size=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(vocab_size, (n,), generator=generator)


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def saved_model(path, **options):
    model = CharLM(
        **({"vocab_size": 3, "embedding_size": 2, "hidden_size": 2} | options)
    )
    save_charlm(path, model, Vocabulary("\nαb"), {"results": {"loss": 1.5}})
    return model
