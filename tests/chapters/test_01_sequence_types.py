"""The self-checks of chapter 1: right programs pass, plausible wrong ones get the right diagnosis."""

from itertools import combinations, pairwise

import numpy as np
import torch

from .judging import judge
from .slices import take

CHAPTER = "01_sequence_types"


def test_check_shapes():
    space = take(CHAPTER, "check_shapes", "solution")
    right = space["solution"]
    photo, tags, heart, translation, house = right
    wrong = {
        "nothing filled in": (dict.fromkeys(right), "still open: describe"),
        "one left open": (right | {house: None}, "still open: estimate"),
        "all words at once": (right | {translation: "aligned"}, "may hang on the last"),
        "tags after the sentence": (right | {tags: "delayed"}, "when the word is read"),
        "two features as a sequence": (right | {house: "many-to-one"}, "no order"),
        "a verdict at each beat": (right | {heart: "aligned"}, "one verdict"),
        "a sentence as one answer": (right | {photo: "one-to-one"}, "until END"),
        "a name of no shape": (right | {tags: "many-to-many"}, "none of the five"),
        "a list": (list(right.values()), "raised AttributeError"),
    }
    judge(space["check_shapes"], [right], wrong)


def test_check_visible():
    space = take(CHAPTER, "check_visible", "visible_solution")
    right = space["visible_solution"]

    def by_cases(shape, T, t):
        steps = frozenset(range(1, t + 1))
        if shape == "one-to-many":
            return frozenset([1])
        return steps & set(range(1, (T + 1) // 2 + 1)) if shape == "delayed" else steps

    def reading(shape, T):
        return {"one-to-many": 1, "delayed": (T + 1) // 2}.get(shape, T)

    wrong = {
        "all steps": (lambda shape, T, t: set(range(1, T + 1)), "no arrow leads"),
        "all that read, future too": (
            lambda shape, T, t: set(range(1, reading(shape, T) + 1)),
            "no arrow leads",
        ),
        "the future while reading": (
            lambda shape, T, t: (
                set(range(1, 1 + (reading(shape, T) if shape == "delayed" else t)))
                if shape != "one-to-many"
                else {1}
            ),
            "no arrow leads",
        ),
        "not its own input": (
            lambda shape, T, t: right(shape, T, t) - {t},
            "own input too",
        ),
        "many-to-one without its own input": (
            lambda shape, T, t: (
                set(range(1, t)) if shape == "many-to-one" else right(shape, T, t)
            ),
            "own input too",
        ),
        "delayed without its own input": (
            lambda shape, T, t: (
                set(range(1, min(t, (T + 1) // 2)))
                if shape == "delayed"
                else right(shape, T, t)
            ),
            "own input too",
        ),
        "only its own input": (
            lambda shape, T, t: {min(t, reading(shape, T))},
            "an earlier input is missing",
        ),
        "all up to t, whether read or not": (
            lambda shape, T, t: set(range(1, t + 1)),
            "read from outside",
        ),
        "END not read": (
            lambda shape, T, t: (
                right(shape, T, t) - {(T + 1) // 2 if shape == "delayed" else 0}
            ),
            "",
        ),
        "nothing where no score counts": (
            lambda shape, T, t: (
                set() if shape == "many-to-one" and t < T else right(shape, T, t)
            ),
            "whether they count or not",
        ),
        "nothing where nothing is read, once": (
            lambda shape, T, t: (
                set() if shape == "one-to-many" and t > 1 else right(shape, T, t)
            ),
            "an earlier input is missing: [1]",
        ),
        "nothing where nothing is read, delayed": (
            lambda shape, T, t: (
                set()
                if shape == "delayed" and t > reading(shape, T)
                else right(shape, T, t)
            ),
            "an earlier input is missing: [1, 2, 3]",
        ),
        "half of even length": (
            lambda shape, T, t: (
                set(range(1, min(t, T // 2 + 2) + 1))
                if shape == "delayed"
                else right(shape, T, t)
            ),
            "only the first 3 of its steps",
        ),
        "a half written for seven": (
            lambda shape, T, t: (
                set(range(1, min(t, 4) + 1))
                if shape == "delayed"
                else right(shape, T, t)
            ),
            "",
        ),
        "counted from 0": (
            lambda shape, T, t: {s - 1 for s in right(shape, T, t)},
            "counted from 1",
        ),
        "a list": (lambda shape, T, t: sorted(right(shape, T, t)), "expected a set"),
        "one-to-many forgotten": (
            lambda shape, T, t: right("aligned" if "one" in shape else shape, T, t),
            "only the first 1",
        ),
    }
    judge(space["check_visible"], [right, by_cases], wrong)


def test_check_last():
    space = take(CHAPTER, "check_last", "last_real_solution")

    def along(h, n):
        return np.take_along_axis(h, n[:, None, None] - 1, axis=1)[:, 0]

    def loop(h, n):
        return np.stack([states[length - 1] for states, length in zip(h, n)])  # noqa: B905

    def rows(h):
        return np.arange(len(h))

    wrong = {
        "the last column": (lambda h, n: h[:, -1], "last column"),
        "the last column, row by row": (lambda h, n: h[rows(h), -1], "last column"),
        "one too late": (lambda h, n: h[rows(h), n], "one step too late"),
        "one too early": (lambda h, n: h[rows(h), n - 2], "one step too early"),
        "indices not paired": (lambda h, n: h[:, n - 1], "pair the two"),
        "the first axis": (lambda h, n: h[n], "raised IndexError"),
        "the longest for all": (lambda h, n: h[:, n.max() - 1], "not the last real"),
        "sorted lengths": (lambda h, n: h[rows(h), np.sort(n) - 1], "not the last"),
        "sorted sequences": (lambda h, n: along(h, n)[np.argsort(n)], "order"),
        "the mean": (lambda h, n: h.mean(axis=1), "not the last real"),
        "written for three": (lambda h, n: h[[0, 1, 2], n - 1], "raised IndexError"),
        "as column": (lambda h, n: along(h, n)[:, None], "expected shape"),
        "nothing": (lambda h, n: None, "expected shape"),
    }
    judge(space["check_last"], [space["last_real_solution"], along, loop], wrong)


def test_check_pairs():
    space = take(CHAPTER, "check_pairs", "pairs_solution")

    def as_lists(words):
        return [[words[i], words[i + 1]] for i in range(len(words) - 1)]

    def zipped(words):
        return pairwise(words)

    wrong = {
        "the whole review": (lambda w: [tuple(w)], "every pair is two words"),
        "the words": (lambda w: w, "every pair is two words"),
        "joined to one string": (
            lambda w: [f"{a} {b}" for a, b in pairwise(w)],
            "every pair is two words",
        ),
        "turned": (lambda w: [(b, a) for a, b in pairwise(w)], "do not turn"),
        "sorted": (lambda w: [tuple(sorted(q)) for q in pairwise(w)], "or sort"),
        "a set": (lambda w: set(pairwise(w)), "listed twice"),
        "without overlap": (
            lambda w: list(zip(w[::2], w[1::2], strict=False)),
            "stands in two pairs",
        ),
        "around the end": (
            lambda w: list(zip(w, w[1:] + w[:1], strict=True)),
            "expected",
        ),
        "one word between": (lambda w: list(zip(w, w[2:], strict=False)), "expected"),
        "any two words": (lambda w: list(combinations(w, 2)), "expected"),
        "the place of a word looked up": (
            lambda w: [(a, w[w.index(a) + 1]) for a in w[:-1]],
            "expected",
        ),
        "without the commas": (
            lambda w: list(pairwise(a for a in w if a.isalpha())),
            "expected",
        ),
        "one forgotten": (lambda w: list(pairwise(w))[:-1], "expected"),
        "a single word with itself": (
            lambda w: list(pairwise(w)) or [(w[0], w[0])],
            "expected []",
        ),
        "nothing": (lambda w: None, "raised TypeError"),
    }
    judge(
        space["check_pairs"],
        [space["pairs_solution"], as_lists, zipped, pairwise],
        wrong,
    )


def test_check_delay():
    space = take(CHAPTER, "check_delay", "delayed_by_solution")
    right = space["delayed_by_solution"]

    def padded(targets, counts, d):
        T = targets.shape[1]
        pad = torch.nn.functional.pad
        return pad(targets, (d, 0))[:, :T], pad(counts, (d, 0))[:, :T]

    def no_wrap(targets, counts, d):
        return targets.roll(d, 1), counts & (torch.arange(counts.shape[1]) >= d)

    def all_count(targets, counts, d):
        late = torch.arange(counts.shape[1]) >= d
        return targets.roll(d, 1), late.expand(counts.shape)

    def one_too_few(targets, counts, d):
        targets, counts = right(targets, counts, d)
        counts[:, d] = False
        return targets, counts

    wrong = {
        "the first label never counts": (one_too_few, "count where their label did"),
        "unchanged": (lambda t, c, d: (t, c), "should stand at step t + 1"),
        "to the left": (lambda t, c, d: (t.roll(-d, 1), c.roll(-d, 1)), "to the left"),
        "among the clips": (lambda t, c, d: (t.roll(d, 0), c.roll(d, 0)), "d = 1"),
        "counts wrap around": (
            lambda t, c, d: (t.roll(d, 1), c.roll(d, 1)),
            "must not count",
        ),
        "counts not shifted": (no_wrap, "count where their label did"),
        "all later steps count": (all_count, "count where their label did"),
        "one step, whatever d": (lambda t, c, d: right(t, c, 1), "d = 2"),
        "never more than one": (lambda t, c, d: right(t, c, min(d, 1)), "d = 2"),
        "longer": (
            lambda t, c, d: [torch.nn.functional.pad(a, (d, 0)) for a in (t, c)],
            "keep their shape",
        ),
        "cut off": (lambda t, c, d: (t[:, :-d], c[:, :-d]), "keep their shape"),
        "counts as numbers": (
            lambda t, c, d: (right(t, c, d)[0], right(t, c, d)[1].long()),
            "truth values",
        ),
        "targets as floats": (
            lambda t, c, d: (right(t, c, d)[0].float(), right(t, c, d)[1]),
            "whole numbers",
        ),
        "arrays": (
            lambda t, c, d: [a.numpy() for a in right(t, c, d)],
            "torch tensors",
        ),
        "counts first": (lambda t, c, d: right(t, c, d)[::-1], "truth values"),
        "targets only": (lambda t, c, d: right(t, c, d)[0], "raised"),
    }
    judge(space["check_delay"], [right, padded], wrong)


def test_check_k():
    space = take(CHAPTER, "check_k")
    wrong = {
        "nothing": (None, "still open"),
        "without the half": (44, "half of the guesses"),
        "without the half, rounded down": (43, "half of the guesses"),
        "rounded down": (37, "round up"),
        "not rounded": (37.1, "whole steps"),
        "one too many": (39, "so does 38"),
        "a command of each kind with 0.1 / 2": (77, "on and off together"),
        "the one of the figure": (16, "reaches only 0.907"),
        "in words": ("thirty-eight", "raised ValueError"),
    }
    judge(space["check_k"], [38, 38.0, np.int64(38)], wrong)


def test_check_counts():
    space = take(CHAPTER, "check_counts")
    right = [
        torch.ones_like,
        lambda counts: counts | True,
        lambda counts: torch.ones(counts.shape, dtype=torch.bool),
        lambda counts: counts.fill_(True),
    ]
    wrong = {
        "unchanged": (lambda counts: counts, "only the last step"),
        "numbers": (lambda counts: torch.ones(counts.shape), "truth values"),
        "all but the last": (torch.logical_not, "every step should count"),
        "from the end on": (lambda c: c.cumsum(1).bool(), "every step should count"),
        "up to the end": (
            lambda c: c.flip(1).cumsum(1).flip(1).bool(),
            "every step should count",
        ),
        "the fourth step too": (
            lambda c: c | (torch.arange(c.shape[1]) == 0),
            "every step should count",
        ),
        "written for one size": (
            lambda c: torch.ones(2, 3, dtype=torch.bool),
            "expected shape (3, 2)",
        ),
        "one row": (lambda c: torch.ones(c.shape[1]).bool(), "expected shape"),
        "nothing": (lambda c: None, "torch tensor"),
    }
    judge(space["check_counts"], right, wrong)
