"""Targets of many lengths: dates from one language to another, and a language pack from English to French."""

import numpy as np
import torch
from sacrebleu.metrics import BLEU, CHRF
from sklearn.feature_extraction.text import TfidfVectorizer

from experiments.harness import collect, rounded
from rnnkit.data.dates import LANGUAGES, alphabet, make_dates, write
from rnnkit.data.language_pack import load_pairs, split
from rnnkit.nn.training import Training, fit
from rnnkit.nn.translation.decoding import beam_search, translate
from rnnkit.nn.translation.pairs import PairSet, decode_targets, encode_sources
from rnnkit.nn.translation.scoring import exact_match
from rnnkit.nn.translation.translator import Translator

TARGETS = {
    "en": "MMMM d, y",
    "fr": "d MMMM y",
    "de": "d. MMMM y",
    "ko": "y년 M월 d일",
    "zh": "y年M月d日",
}
DIRECTIONS = [(a, b) for a in LANGUAGES for b in LANGUAGES if a != b]
NEVER = [("ko", "fr"), ("de", "zh")]  # directions that no model is trained on


def date_pairs(rng, count, part, directions):
    """Dates in one language and in another: the source begins with the code of the language that is asked for."""
    sources, targets = [], []
    while len(sources) < count:
        a, b = directions[rng.integers(len(directions))]
        (example,) = make_dates(rng, 1, part, (a,))
        day = np.datetime64(example.iso).item()
        sources.append(f"{b} {example.text}")
        targets.append(write(day, b, TARGETS[b])[0])
    return sources, targets


def train(sources, targets, letters, seed, steps, lr, batch_size=32, **sizes):
    torch.manual_seed(seed)
    model = Translator(letters, **sizes)
    data = PairSet(sources, targets, letters, batch_size, seed)
    fit(Training(model, data, steps=steps, lr=lr), bar=False)
    return model.eval()


def by_beam(model, texts, width, alpha, longest):
    """The texts that beam search writes."""
    found = []
    for text in texts:
        (source,), _ = encode_sources([text], model.alphabet)
        tokens, _ = beam_search(model, source, width, alpha, longest)
        found += decode_targets(tokens[None], model.alphabet)
    return found


def languages(known, steps=1200, count=20_000, tests=100, seeds=(0, 1, 2)):
    """One model for all directions but two: exact match on unseen dates by direction."""
    trained_on = [d for d in DIRECTIONS if d not in NEVER]

    def measure(seed):
        rng = np.random.default_rng(seed)
        pairs = date_pairs(rng, count, "train", trained_on)
        model = train(*pairs, alphabet(), seed, steps, 8e-3, hidden_size=96)
        exact = {}
        for direction in DIRECTIONS:
            rng = np.random.default_rng(10**6)
            sources, targets = date_pairs(rng, tests, "test", [direction])
            written, _ = translate(model, sources, longest=24)
            exact[" to ".join(direction)] = exact_match(written, targets)
        return {"seed": seed, "exact": rounded(exact)}

    settings = {"steps": steps, "never": [" to ".join(d) for d in NEVER]}
    return collect(known, "languages", settings, [{"seed": s} for s in seeds], measure)


DECODERS = [("greedy", 1, 0.0), *(("beam", 5, alpha) for alpha in (0.0, 1.0, 2.0))]


def pack(known, steps=1000, hidden_size=96, tests=None, seeds=(0,)):
    """English to French from two thousand pairs: greedy and beam search beside the nearest neighbour."""
    parts = split(load_pairs())
    learnt, asked = parts["train"], parts["test"][:tests]
    letters = "".join(
        sorted({c for part in parts.values() for p in part for c in "".join(p)})
    )
    english, french = zip(*asked, strict=True)

    def measure(seed):
        model = train(
            *zip(*learnt, strict=True),
            letters,
            seed,
            steps,
            6e-3,
            attention="multiplicative",
            hidden_size=hidden_size,
        )
        found = {}
        for name, width, alpha in DECODERS:
            if name == "greedy":
                written, _ = translate(model, english, longest=81)
            else:
                written = by_beam(model, english, width, alpha, 81)
            found[f"{name}, {alpha}" if width > 1 else name] = scores(written, french)
        seen, _ = translate(model, [e for e, _ in learnt[:300]], longest=81)
        found["training pairs"] = scores(seen, [f for _, f in learnt[:300]])
        written, _ = translate(model, english[:6], longest=81)
        examples = list(zip(english[:6], written, french[:6], strict=True))
        return {"seed": seed, "scores": rounded(found), "examples": examples}

    settings = {
        "steps": steps,
        "hidden_size": hidden_size,
        "train": len(learnt),
        "test": len(asked),
    }
    settings["nearest neighbour"] = rounded(scores(nearest(learnt, english), french))
    settings["copy"] = rounded(scores(english, french))
    return collect(known, "pack", settings, [{"seed": s} for s in seeds], measure)


def nearest(pairs, texts):
    """The French of the English text with the most character trigrams in common, weighted by how rare they are."""
    english, french = zip(*pairs, strict=True)
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3))
    known = grams.fit_transform(english)
    best = (grams.transform(texts) @ known.T).toarray().argmax(axis=1)
    return [french[i] for i in best]


def scores(written, wanted):
    """chrF and BLEU from 0 to 100, share of exact matches, and characters written for each wanted one."""
    written, wanted = list(written), list(wanted)
    return {
        "chrf": CHRF().corpus_score(written, [wanted]).score,
        "bleu": BLEU().corpus_score(written, [wanted]).score,
        "exact": exact_match(written, wanted),
        "length": sum(map(len, written)) / sum(map(len, wanted)),
    }
