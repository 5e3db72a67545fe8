"""Made-up tasks with a known answer: each needs a memory of a known kind and length.

A task is a function of a random generator and a batch size; the rest are its settings, which
``functools.partial`` fixes. It returns a Batch. No two batches are the same, so there is no
training set to learn by heart.
"""

from typing import NamedTuple

import numpy as np

from rnnkit.functional import one_hot

COUNTING_ALPHABET = "^ab$"
TAGS_ALPHABET = "<>/abcde"


class Batch(NamedTuple):
    """What a network reads and what it should say.

    x: inputs, (B, T, D), float32.
    targets: (B, T), integers where a class is asked for, floats where a number is.
    mask: (B, T) of bool, True where an answer is asked for.
    """

    x: np.ndarray
    targets: np.ndarray
    mask: np.ndarray


def adding(rng, batch_size, T=50):
    """Add the two marked numbers of a sequence; the answer is asked for at the last step.

    Each step brings a number from 0 to 1 and a marker, which is 1 at two steps, one in each
    half, and 0 elsewhere. Who always answers 1 has a mean squared error of 1/6.

    Source: Hochreiter and Schmidhuber (1997), experiment 4, with the markers placed as in
    Arjovsky et al. (2016).
    """
    check("T", T, 2)
    numbers, markers = rng.random((batch_size, T)), np.zeros((batch_size, T))
    rows, half = np.arange(batch_size), T // 2
    markers[rows, rng.integers(0, half, batch_size)] = 1
    markers[rows, rng.integers(half, T, batch_size)] = 1
    x = np.stack([numbers, markers], axis=-1).astype(np.float32)
    targets = np.zeros((batch_size, T), np.float32)
    targets[:, -1] = (numbers * markers).sum(axis=1)
    return Batch(x, targets, last_step(batch_size, T))


def recall(rng, batch_size, lag=20, symbols=4):
    """Say at the end which symbol came first, ``lag`` steps ago; chance is 1 / symbols.

    The first of T = lag + 1 steps shows one of the symbols; the others show distractors,
    which are as many and look different. D is 2 * symbols.
    """
    check("lag", lag, 1)
    check("symbols", symbols, 2)
    T = lag + 1
    tokens = rng.integers(symbols, 2 * symbols, (batch_size, T))
    tokens[:, 0] = rng.integers(0, symbols, batch_size)
    targets = np.broadcast_to(tokens[:, :1], (batch_size, T))
    x = one_hot(tokens, 2 * symbols, np.float32)
    return Batch(x, targets.copy(), last_step(batch_size, T))


def latest(rng, batch_size, T=50, symbols=4, rate=0.1):
    """Say at the end which symbol came last, however long ago; chance is 1 / symbols.

    As `recall`, but after the first step a symbol comes again with probability ``rate`` in place
    of a distractor: what is held must be given up for what is new.
    """
    check("T", T, 1)
    check("symbols", symbols, 2)
    tokens = rng.integers(symbols, 2 * symbols, (batch_size, T))
    shown = rng.random((batch_size, T)) < rate
    shown[:, 0] = True
    tokens = np.where(shown, rng.integers(0, symbols, (batch_size, T)), tokens)
    last = np.where(shown, np.arange(T), 0).max(axis=1)
    answer = tokens[np.arange(batch_size), last]
    targets = np.broadcast_to(answer[:, None], (batch_size, T))
    x = one_hot(tokens, 2 * symbols, np.float32)
    return Batch(x, targets.copy(), last_step(batch_size, T))


def counting(rng, batch_size, n_max=10, n_min=1, determined=False):
    """Predict the next symbol of ``^ a...a b...b $`` with as many b as a.

    n is drawn for each string from n_min to n_max. The alphabet is COUNTING_ALPHABET.
    determined: ask only where the past leaves one answer: after ``^``, and from the first b on.

    Source: Gers and Schmidhuber (2001).
    """
    check("n_min", n_min, 1)
    check("n_max", n_max, n_min)
    n = rng.integers(n_min, n_max + 1, batch_size)[:, None]
    t = np.arange(2 * n_max + 2)  # the longest string has 2 n + 2 symbols
    tokens = np.select([t == 0, t <= n, t <= 2 * n], [0, 1, 2], default=3)  # (B, T + 1)
    asked = t[:-1] <= 2 * n
    if determined:
        asked &= (t[:-1] == 0) | (t[:-1] > n)
    return next_symbol(tokens, asked, len(COUNTING_ALPHABET))


def tags(rng, batch_size, T=60, depth=4, determined=False):
    """Predict the next character of nested tags, such as ``<ab><cd></cd></ab>``.

    A tag's name has two of five letters. The alphabet is TAGS_ALPHABET.
    depth: how many tags may be open at once.
    determined: ask only for the letters of closing tags; the opening tag tells them.

    Source: after the XML task of Jozefowicz et al. (2015).
    """
    check("T", T, 1)
    check("depth", depth, 1)
    tokens = np.empty((batch_size, T + 1), np.int64)
    asked = np.ones((batch_size, T), bool)
    for b in range(batch_size):
        text, closing = nested(rng, T + 1, depth)
        tokens[b] = [TAGS_ALPHABET.index(symbol) for symbol in text]
        if determined:
            asked[b] = closing[1:]  # what is asked for at step t is symbol t + 1
    return next_symbol(tokens, asked, len(TAGS_ALPHABET))


def nested(rng, length, depth):
    """One text of nested tags, and for each character whether it is a closing tag's letter."""
    pairs = rng.integers(3, len(TAGS_ALPHABET), (length // 4 + 1, 2))
    coins = rng.random(length // 4 + 1) < 0.5
    names = iter(TAGS_ALPHABET[i] + TAGS_ALPHABET[j] for i, j in pairs.tolist())
    text, closing, unclosed = "", [], []
    for opens in coins.tolist():  # a tag has four characters at least
        if not unclosed or (opens and len(unclosed) < depth):
            unclosed.append(next(names))
            text += f"<{unclosed[-1]}>"
            closing += [False] * 4
        else:
            text += f"</{unclosed.pop()}>"
            closing += [False, False, True, True, False]
    return text[:length], closing[:length]


def next_symbol(tokens, asked, size):
    """Inputs are all symbols but the last, (B, T + 1) of them; targets all but the first."""
    return Batch(one_hot(tokens[:, :-1], size, np.float32), tokens[:, 1:], asked)


def last_step(batch_size, T):
    """Return a mask that is True at the last step only."""
    mask = np.zeros((batch_size, T), bool)
    mask[:, -1] = True
    return mask


def check(name, value, smallest):
    """Check a setting that is a whole number."""
    if value < smallest:
        raise ValueError(f"{name}: expected {smallest} or more, got {value}")
