"""Surnames by language, for classifying and generating words letter by letter."""

import json
import unicodedata

import numpy as np

from rnnkit.data.archive import read

# Each language and the lists it is read from. All are in Latin script and look different from one another.
LANGUAGES = {
    "Czech": ["cs"],
    "Dutch": ["nl"],
    "English": ["en"],
    "Finnish": ["fi"],
    "French": ["fr"],
    "German": ["de", "de-at"],
    "Hungarian": ["hu"],
    "Italian": ["it"],
    "Polish": ["pl"],
    "Spanish": ["es", "es-mx"],
}
HEADER = "name"  # a column title that slipped into one of the lists


def load_names(languages=tuple(LANGUAGES), limit=1000, seed=0):
    """Return surnames and the language of each; a name found in two of the languages is left out.

    languages: keys of `LANGUAGES`; limit: the most names kept per language, drawn at random with seed.
    Returns names, a list of N lower-case str of letters, sorted within each language, and labels (N,) int64,
    which count the languages in the order given.
    Raises ValueError for an unknown or repeated language or a limit below 1, ArchiveError when the names
    cannot be had.
    Source: the package mimesis 22.2.0 (MIT). Its lists follow countries, so they hold immigrants' names too.
    """
    languages = list(languages)
    if (
        not languages
        or len(set(languages)) < len(languages)
        or not set(languages) <= set(LANGUAGES)
    ):
        raise ValueError(
            f"languages: expected different ones out of {list(LANGUAGES)}, got {languages}"
        )
    if limit < 1:
        raise ValueError(f"limit: expected at least 1, got {limit}")
    rng = np.random.default_rng(seed)
    found = [_surnames(language) for language in languages]
    names, labels = [], []
    for label, here in enumerate(found):
        elsewhere = set().union(*found[:label], *found[label + 1 :])
        own = np.array(sorted(here - elsewhere))
        kept = sorted(rng.permutation(own)[:limit].tolist())
        names += kept
        labels += [label] * len(kept)
    return names, np.array(labels, dtype=np.int64)


def split(labels, test_fraction=0.2, seed=0):
    """Split examples into training and test, with the same share of every class in both.

    labels: (N,) int, the class of each example; test_fraction: share of each class kept for testing.
    Returns the indices of the training and of the test examples, each sorted.
    Raises ValueError for labels that are not (N,) or a fraction outside 0 to 1.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError(f"labels: expected (N,) with N > 0, got {labels.shape}")
    if not 0 < test_fraction < 1:
        raise ValueError(
            f"test_fraction: expected between 0 and 1, got {test_fraction}"
        )
    rng = np.random.default_rng(seed)
    test = np.zeros(labels.size, dtype=bool)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        test[members[: round(test_fraction * members.size)]] = True
    return np.flatnonzero(~test), np.flatnonzero(test)


def _surnames(language):
    """Return one language's surnames as a set: lower case, one word of at least three letters."""
    names = set()
    for code in LANGUAGES[language]:
        surnames = json.loads(read("mimesis", f"mimesis/datasets/{code}/person.json"))[
            "surnames"
        ]
        # Where men and women bear different forms, the list is a dict of two.
        lists = surnames.values() if isinstance(surnames, dict) else [surnames]
        names.update(
            unicodedata.normalize("NFC", name).lower()
            for names_ in lists
            for name in names_
        )
    return {
        name for name in names if name.isalpha() and len(name) >= 3 and name != HEADER
    }
