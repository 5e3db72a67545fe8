"""Digit strings to be copied: what one vector holds by length, and what reading one's own outputs costs."""

from functools import partial
from itertools import product

import numpy as np
import torch

from experiments.harness import collect, rounded
from rnnkit.nn.training import Training, fit
from rnnkit.nn.translation.decoding import translate
from rnnkit.nn.translation.pairs import PairSet, encode_sources, encode_targets
from rnnkit.nn.translation.scheduled_sampling import ScheduledPairs
from rnnkit.nn.translation.scoring import errors_by_position, exact_match
from rnnkit.nn.translation.translator import Translator

DIGITS = "0123456789"
SEEDS = (0, 1, 2, 3, 4)
# name: the settings of a Translator. The backward reader is the forward one on the reversed source.
MODELS = {
    "forward": {"attention": "none", "readers": "forward", "start": "last"},
    "reversed": {"attention": "none", "readers": "backward", "start": "last"},
    "both": {"attention": "none", "readers": "both", "start": "last"},
    "attention": {"attention": "additive", "readers": "both", "start": "zeros"},
}


def digit_strings(rng, count, least, most):
    """Draw strings of digits whose lengths are drawn from `least` to `most`."""
    lengths = rng.integers(least, most + 1, count)
    return ["".join(map(str, rng.integers(0, 10, n))) for n in lengths]


def copier(seed, steps, longest, pairs=PairSet, lr=6e-3, count=20_000, **settings):
    """Train a model to copy digit strings of 2 to `longest`."""
    texts = digit_strings(np.random.default_rng(seed), count, 2, longest)
    torch.manual_seed(seed)
    model = Translator(DIGITS, **settings)
    data = pairs(texts, texts, DIGITS, seed=seed)
    fit(Training(model, data, steps=steps, lr=lr), bar=False)
    return model.eval()


def length(
    known,
    steps=1000,
    longest=16,
    lengths=(2, 4, 6, 8, 10, 12, 14, 16, 18, 20),
    tests=300,
    count=20_000,
    models=MODELS,
    seeds=SEEDS,
):
    """Exact match and right digits by length: one vector, read three ways, and attention."""

    def measure(model, seed):
        trained = copier(seed, steps, longest, count=count, **MODELS[model])
        exact, digits = [], []
        for n in lengths:
            texts = digit_strings(np.random.default_rng(10**6 + n), tests, n, n)
            written, _ = translate(trained, texts, longest=n + 4)
            exact.append(exact_match(written, texts))
            digits.append(1 - float(errors_by_position(written, texts).mean()))
        found = {"exact": exact, "digits": digits}
        return {"model": model, "seed": seed, **rounded(found)}

    settings = {"steps": steps, "longest": longest, "lengths": list(lengths)}
    wanted = [{"model": name, "seed": s} for s, name in product(seeds, models)]
    return collect(known, "length", settings, wanted, measure)


def exposure(
    known,
    steps=1000,
    longest=12,
    length=10,
    tests=1000,
    count=20_000,
    shares=(0.0, 0.5),
    seeds=SEEDS,
):
    """Errors by position, given the true digits so far and given its own; scheduled sampling at equal steps."""
    texts = digit_strings(np.random.default_rng(10**6), tests, length, length)

    def measure(share, seed):
        pairs = partial(ScheduledPairs, steps=steps, most=share) if share else PairSet
        model = copier(seed, steps, longest, pairs, count=count, **MODELS["both"])
        target = encode_targets(texts, DIGITS)
        with torch.no_grad():
            logits, _ = model(*encode_sources(texts, DIGITS), target)
        forced = (logits.argmax(dim=-1) != target[:, 1:]).float().mean(dim=0)
        written, _ = translate(model, texts, longest=length + 4)
        found = {
            "forced": forced[:length].tolist(),
            "own": errors_by_position(written, texts).tolist(),
            "exact": exact_match(written, texts),
        }
        return {"share": share, "seed": seed, **rounded(found)}

    settings = {"steps": steps, "longest": longest, "length": length}
    wanted = [{"share": share, "seed": s} for s, share in product(seeds, shares)]
    return collect(known, "exposure", settings, wanted, measure)
