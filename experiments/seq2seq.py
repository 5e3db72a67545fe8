"""Sequence to sequence: the runs of chapter 10 that take longer than a chapter may.

python -m experiments.seq2seq            all parts that the report lacks, in this order:
python -m experiments.seq2seq length     digit strings: exact match by length, without and with attention
python -m experiments.seq2seq longer     the same with one vector, read both ways, after four times the steps
python -m experiments.seq2seq exposure   errors by position, given the truth and its own, and a control; scheduled sampling
python -m experiments.seq2seq dates      dates to ISO with each attention: unseen dates, unseen formats, pointing
python -m experiments.seq2seq languages  dates from one language to another, and a direction never trained
python -m experiments.seq2seq pack       a language pack, English to French: greedy, beam search, nearest neighbour
python -m experiments.seq2seq ship       the model of the page: rnnkit/nn/shipped/dates.safetensors
"""

from itertools import product

import numpy as np
import torch

from experiments.harness import Experiment, collect, main, rounded, versions
from experiments.seq2seq_digits import exposure, length, longer
from experiments.seq2seq_texts import languages, pack
from rnnkit.data.dates import LANGUAGES, alphabet, make_dates
from rnnkit.nn.training import Training, fit
from rnnkit.nn.translation.decoding import translate
from rnnkit.nn.translation.files import SHIPPED, save_translators
from rnnkit.nn.translation.pairs import PairSet
from rnnkit.nn.translation.scoring import exact_match, pointing
from rnnkit.nn.translation.translator import Translator

SEEDS = (0, 1, 2, 3, 4)
# name: the settings of a Translator; a model with attention learns of the source in no other way.
MODELS = {
    "none": {"attention": "none", "start": "last"},
    "additive": {"attention": "additive", "start": "zeros"},
    "multiplicative": {"attention": "multiplicative", "start": "zeros"},
    "additive, last": {"attention": "additive", "start": "last"},
}


def date_model(seed, steps, count=20_000, batch_size=32, lr=8e-3, **settings):
    """Train a model to write dates as ISO."""
    examples = make_dates(np.random.default_rng(seed), count)
    torch.manual_seed(seed)
    model = Translator(alphabet(), **settings)
    texts, targets = [e.text for e in examples], [e.iso for e in examples]
    data = PairSet(texts, targets, model.alphabet, batch_size, seed)
    fit(Training(model, data, steps=steps, lr=lr), bar=False)
    return model.eval()


def judge(model, formats, tests):
    """Exact match on unseen dates, by language, and where attention points, over all of them."""
    exact, looked, asked = {}, [], []
    for language in LANGUAGES:
        rng = np.random.default_rng(10**6)
        some = make_dates(rng, tests, "test", (language,), formats)
        written, weights = translate(model, [e.text for e in some])
        exact[language] = exact_match(written, [e.iso for e in some])
        looked, asked = looked + weights, asked + some
    if looked[0] is None:
        return {"exact": exact}
    found = pointing(looked, [e.spans for e in asked], [e.text for e in asked])
    return {"exact": exact, "pointing": {f: shares(p) for f, p in found.items()}}


def shares(found):
    """Of one field: hits of all digits, of those that the source shows, of each digit, and chance."""
    hit, shown = found["hit"], found["shown"]
    return {
        "all": float(hit.mean()),
        "shown": float(hit[shown].mean()),
        "zeros": float(hit[~shown].mean()) if (~shown).any() else None,
        "digits": hit.mean(axis=0).tolist(),
        "chance": found["chance"],
    }


def dates(known, steps=700, tests=400, count=20_000, models=MODELS, seeds=SEEDS):
    """Dates to ISO without attention and with each kind."""

    def measure(model, seed):
        trained = date_model(seed, steps, count, **MODELS[model])
        found = {kind: judge(trained, kind, tests) for kind in ("known", "unseen")}
        return {"model": model, "seed": seed, **rounded(found)}

    wanted = [{"model": name, "seed": s} for s, name in product(seeds, models)]
    return collect(known, "dates", {"steps": steps, "tests": tests}, wanted, measure)


def ship(steps=1200, tests=400, shipped=SHIPPED, **sizes):
    """Train the model of the page and write it, with what it reaches."""
    model = date_model(0, steps, **MODELS["additive"], **sizes)
    about = {
        "command": "python -m experiments.seq2seq ship",
        "steps": steps,
        "versions": versions(),
        **{kind: rounded(judge(model, kind, tests)) for kind in ("known", "unseen")},
    }
    save_translators(shipped, {"additive": model}, about)


EXPERIMENT = Experiment(
    "seq2seq",
    parts={
        "length": length,
        "longer": longer,
        "exposure": exposure,
        "dates": dates,
        "languages": languages,
        "pack": pack,
    },
    ships={"ship": ship},
)

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
