"""Digit strings to be copied: what one vector holds by length, and what reading one's own outputs costs."""

from functools import partial
from itertools import product

import numpy as np
import torch

from experiments.harness import collect, rounded
from rnnkit.nn.training import Training, fit
from rnnkit.nn.translation.decoding import greedy, translate
from rnnkit.nn.translation.pairs import (
    PairSet,
    decode_targets,
    encode_sources,
    encode_targets,
)
from rnnkit.nn.translation.scheduled_sampling import ScheduledPairs
from rnnkit.nn.translation.scoring import errors_by_position, exact_match
from rnnkit.nn.translation.translator import END, PAD, START, Translator

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
    part="length",
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
    return collect(known, part, settings, wanted, measure)


def longer(known, steps=4000, models=("both",), **sizes):
    """The same after four times the steps: is it the vector that ends the copying, or the training?"""
    return length(known, steps, models=models, part="longer", **sizes)


@torch.no_grad()
def written_alone(model, source, mask, length):
    """What the model writes when it reads its own characters, integers (N, length), PAD behind an END."""
    own, _ = greedy(model, source, mask, length)
    return torch.nn.functional.pad(own, (0, length - own.shape[1]), value=PAD)


@torch.no_grad()
def errors(model, source, mask, target, own):
    """Share of wrong characters at the first positions of N targets (N, T + 1): given the true ones before, and its own.

    own: what it has written alone, (N, length). Returns two lists of `length`; a target that has ended is not counted.
    """
    length = own.shape[1]
    true = target[:, 1 : length + 1]
    forced = model(source, mask, target)[0][:, :length].argmax(dim=-1)
    real = true != PAD
    return [
        (((a != true) & real).sum(dim=0) / real.sum(dim=0).clamp(min=1)).tolist()
        for a in (forced, own)
    ]


@torch.no_grad()
def drawn_targets(model, source, mask, length, temperature, seed=0):
    """A target for each source, drawn from the model itself at a temperature: integers (N, length + 1), START first."""
    rng = torch.Generator().manual_seed(seed)
    state, memory = model.encode(source, mask)
    drawn = [torch.full((len(source), 1), START)]
    ended = torch.zeros(len(source), 1, dtype=torch.bool)
    for _ in range(length):
        logits, state, _ = model.decode(drawn[-1], state, memory)
        p = torch.softmax(logits[:, -1] / temperature, dim=-1)
        character = torch.multinomial(p, 1, generator=rng)
        drawn.append(character.masked_fill(ended, PAD))
        ended = ended | (character == END)
    return torch.cat(drawn, dim=1)


def without_bias(model, source, mask, own, forced, halvings=8):
    """The control: errors where the truth is drawn from the model, so that its choice is the likeliest after any prefix.

    That holds at every temperature, which is searched by halving until these targets are as hard as the true ones:
    given what stood before, a share `forced` is wrong.
    """
    low, high = 0.0, 2.0
    for _ in range(halvings):
        temperature = (low + high) / 2
        target = drawn_targets(model, source, mask, own.shape[1], temperature)
        found = errors(model, source, mask, target, own)
        harder = np.mean(found[0]) > forced
        low, high = (low, temperature) if harder else (temperature, high)
    return {"temperature": temperature, "forced": found[0], "own": found[1]}


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
    """Errors by position, given the true digits so far and given its own; scheduled sampling at equal steps.

    Of each network also the control, on four strings drawn for every source.
    """
    texts = digit_strings(np.random.default_rng(10**6), tests, length, length)

    def measure(share, seed):
        pairs = partial(ScheduledPairs, steps=steps, most=share) if share else PairSet
        model = copier(seed, steps, longest, pairs, count=count, **MODELS["both"])
        source, mask = encode_sources(texts, DIGITS)
        target = encode_targets(texts, DIGITS)
        written = written_alone(model, source, mask, length + 4)
        alone = written[:, :length]
        forced, own = errors(model, source, mask, target, alone)
        many = [part.repeat(4, 1) for part in (source, mask, alone)]
        found = {
            "forced": forced,
            "own": own,
            "exact": exact_match(decode_targets(written, DIGITS), texts),
            "drawn": without_bias(model, *many, np.mean(forced)),
        }
        return {"share": share, "seed": seed, **rounded(found)}

    settings = {"steps": steps, "longest": longest, "length": length}
    wanted = [{"share": share, "seed": s} for s, share in product(seeds, shares)]
    return collect(known, "exposure", settings, wanted, measure)
