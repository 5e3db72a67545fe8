"""The self-checks of chapter 10 against right programs and plausible wrong ones."""

import numpy as np

from rnnkit.functional import softmax
from rnnkit.nn.translation.decoding import length_penalty

from .judging import judge
from .slices import take

CHAPTER = "10_seq2seq"


def test_check_loss():
    space = take(CHAPTER, "check_loss", "mean_loss", "mean_loss_solution")
    judge(
        space["check_loss"],
        right=[
            space["mean_loss_solution"],
            lambda losses, real: losses[real].mean(),
            lambda losses, real: np.average(losses, weights=real),
        ],
        wrong={
            "the stub": (space["mean_loss"], "filled up places count"),
            "divided by all": (lambda l, r: (l * r).mean(), "divisor"),
            "the sum": (lambda l, r: (l * r).sum(), "That is the sum"),
            "a mean of means": (
                lambda l, r: ((l * r).sum(1) / r.sum(1)).mean(),
                "mean of means",
            ),
            "by the targets": (
                lambda l, r: (l * r).sum() / len(l),
                "number of targets",
            ),
            "the padding": (lambda l, r: l[~r].mean(), "filled up places. real"),
            "one each": (lambda l, r: (l * r).sum(1) / r.sum(1), ""),
            "the largest": (lambda l, r: l.max(), "Not yet"),
            "nothing returned": (lambda l, r: None, "does not fit"),
        },
    )


def test_check_weights():
    space = take(CHAPTER, "check_weights", "masked_weights", "masked_weights_solution")

    def shifted(scores, mask):
        largest = np.where(mask, scores, -np.inf).max(axis=1, keepdims=True)
        e = np.exp(np.minimum(scores - largest, 0)) * mask
        return e / e.sum(axis=1, keepdims=True)

    def divided(scores, mask):
        w = softmax(scores) * mask
        return w / w.sum(axis=1, keepdims=True)

    def turned(scores, mask):
        e = np.exp(scores - scores.max()) * ~mask
        return e / e.sum(axis=1, keepdims=True)

    def plain(scores, mask):
        e = np.exp(scores) * mask
        return e / e.sum(axis=1, keepdims=True)

    def times_mask(scores, mask):
        top = np.where(mask, scores, -np.inf).max(axis=1, keepdims=True)
        e = np.exp(scores - top) * mask
        return e / e.sum(axis=1, keepdims=True)

    def first_places(scores, mask):
        w = np.zeros_like(scores)
        for b, n in enumerate(mask.sum(axis=1)):
            w[b, :n] = softmax(scores[b, :n])
        return w

    def one_stretch(scores, mask):
        w = np.zeros_like(scores)
        for b, row in enumerate(mask):
            places = slice(row.argmax(), len(row) - row[::-1].argmax())
            w[b, places] = softmax(scores[b, places])
        return w

    def row_by_row(scores, mask):
        w = np.zeros_like(scores)
        for b, row in enumerate(mask):
            w[b, row] = softmax(scores[b, row])
        return w

    judge(
        space["check_weights"],
        right=[space["masked_weights_solution"], shifted, row_by_row],
        wrong={
            "the stub": (space["masked_weights"], "no longer sum to one"),
            "no mask": (lambda s, m: softmax(s), "not used"),
            "turned round": (turned, "turned round"),
            "scores times mask": (lambda s, m: softmax(s * m), "some weight"),
            "a score of 0": (lambda s, m: softmax(np.where(m, s, 0)), "some weight"),
            "a score of -1": (lambda s, m: softmax(np.where(m, s, -1)), "some weight"),
            "the first places": (first_places, "the second and the fourth"),
            "one stretch": (one_stretch, "the second and the fourth"),
            "next to nothing outside": (
                lambda s, m: np.maximum(softmax(np.where(m, s, -np.inf)), 1e-12),
                "some weight",
            ),
            "divided afterwards": (divided, "not finite"),
            "infinity times the mask": (times_mask, "before the exponential"),
            "the infinity without its sign": (
                lambda s, m: softmax(np.where(m, s, np.inf)),
                "infinity less infinity",
            ),
            "no largest taken away": (plain, "not finite"),
            "the batch's largest taken away": (
                lambda s, m: plain(s - s[m].max(), m),
                "each row's largest",
            ),
            "0 times infinity": (
                lambda s, m: softmax(s - np.inf * ~m),
                "Choose with np.where",
            ),
            "along the batch": (
                lambda s, m: softmax(np.where(m, s, -np.inf).T).T,
                "",
            ),
            "nothing returned": (lambda s, m: None, "shape"),
        },
    )


def test_check_scaled():
    space = take(CHAPTER, "check_scaled", "scaled_backward", "scaled_backward_solution")

    def gradients(to_query=1.0, to_keys=1.0, mean=False):
        def backward(dscores, query, keys):
            root = np.sqrt(keys.shape[-1])
            dquery = np.einsum("bs,bsk->bk", dscores, keys) * to_query / root
            if mean:
                dquery = dquery / keys.shape[1]
            return dquery, to_keys * dscores[..., None] * query[:, None] / root

        return backward

    def unscaled(dscores, query, keys):
        root = np.sqrt(keys.shape[-1])
        dquery, dkeys = gradients()(dscores, query, keys)
        return dquery, dkeys * root

    def twice(dscores, query, keys):
        root = np.sqrt(keys.shape[-1])
        dquery, dkeys = gradients()(dscores, query, keys)
        return dquery / root, dkeys

    judge(
        space["check_scaled"],
        right=[
            space["scaled_backward_solution"],
            gradients(),
            lambda d, q, k: list(gradients()(d, q, k)),
        ],
        wrong={
            "the stub": (space["scaled_backward"], "dquery lacks the factor"),
            "keys unscaled": (unscaled, "dkeys lacks the factor"),
            "query scaled twice": (twice, "dquery has the factor 1 / sqrt(K) twice"),
            "a mean over the places": (gradients(mean=True), "not a mean"),
            "no keys": (gradients(to_keys=0.0), "all zeros"),
            "query's sign": (gradients(to_query=-1.0), "dquery has the wrong sign"),
            "keys' sign": (gradients(to_keys=-1.0), "dkeys has the wrong sign"),
            "one array": (lambda d, q, k: gradients()(d, q, k)[0], "two arrays"),
            "exchanged": (lambda d, q, k: gradients()(d, q, k)[::-1], "shape"),
            "one gradient per place": (
                lambda d, q, k: (d[..., None] * k, d[..., None] * q[:, None]),
                "shape",
            ),
            "nothing returned": (lambda d, q, k: None, "two arrays"),
        },
    )


def test_check_points():
    space = take(CHAPTER, "check_points", "points_at", "points_at_solution")
    judge(
        space["check_points"],
        right=[
            space["points_at_solution"],
            lambda w, a, b: np.isin(w.argmax(1), np.arange(a, b)).mean(),
        ],
        wrong={
            "the stub": (space["points_at"], "share of the weight"),
            "the end inside": (
                lambda w, a, b: np.mean((a <= w.argmax(1)) & (w.argmax(1) <= b)),
                "`end` itself is outside",
            ),
            "the start outside": (
                lambda w, a, b: np.mean((a < w.argmax(1)) & (w.argmax(1) < b)),
                "",
            ),
            "a count": (
                lambda w, a, b: np.sum((a <= w.argmax(1)) & (w.argmax(1) < b)),
                "a count",
            ),
            "more than a half": (
                lambda w, a, b: np.mean(w[:, a:b].sum(1) > 0.5),
                "a half",
            ),
            "chance": (lambda w, a, b: (b - a) / w.shape[1], "chance"),
            "the share outside": (
                lambda w, a, b: 1 - w[:, a:b].sum() / len(w),
                "Not yet",
            ),
            "the smallest weight": (
                lambda w, a, b: np.mean((a <= w.argmin(1)) & (w.argmin(1) < b)),
                "Not yet",
            ),
            "more than an even share": (
                lambda w, a, b: np.mean(w[:, a:b].sum(1) > 1 / w.shape[1]),
                "Not yet",
            ),
            "along the target": (
                lambda w, a, b: np.mean((a <= w.argmax(0)) & (w.argmax(0) < b)),
                "",
            ),
            "nothing returned": (lambda w, a, b: None, "does not fit"),
        },
    )


def by(score):
    """An answer to "Which candidate wins" with this score."""
    return lambda candidates, alpha: int(
        np.argmax([score(p, n, alpha) for p, n in candidates])
    )


def test_check_winner():
    space = take(CHAPTER, "check_winner", "winner", "winner_solution")
    judge(
        space["check_winner"],
        right=[
            space["winner_solution"],
            by(lambda p, n, a: p * ((5 + n) / 6) ** -a),
        ],
        wrong={
            "the stub": (space["winner"], "length is not used"),
            "the length of the pair": (
                lambda c, a: int(
                    np.argmax([p / length_penalty(len((p, n)), a) for p, n in c])
                ),
                "length is not used",
            ),
            "the power of T alone": (
                by(lambda p, n, a: p / ((5 + n**a) / 6)),
                "whole fraction",
            ),
            "the power of T and of 6": (
                by(lambda p, n, a: p / ((5 + n**a) / 6**a)),
                "whole fraction",
            ),
            "the power of each term": (
                by(lambda p, n, a: p / (5**a + n**a)),
                "Not yet",
            ),
            "a price for length": (by(lambda p, n, a: p - a * n), "Not yet"),
            "by the length": (by(lambda p, n, a: p / n**a), "length itself"),
            "the mean": (by(lambda p, n, a: p / n), "whatever alpha"),
            "one more for the end": (
                by(lambda p, n, a: p / length_penalty(n + 1, a)),
                "as it is given counts",
            ),
            "multiplied": (
                by(lambda p, n, a: p * length_penalty(n, a)),
                "Multiplied",
            ),
            "the probability": (
                by(lambda p, n, a: np.exp(p) / length_penalty(n, a)),
                "Divide the log-probability",
            ),
            "less the penalty's logarithm": (
                by(lambda p, n, a: p - a * np.log((5 + n) / 6)),
                "Divide the log-probability",
            ),
            "less the penalty": (
                by(lambda p, n, a: p - length_penalty(n, a)),
                "Subtracted",
            ),
            "alpha as a whole number": (
                by(lambda p, n, a: p / length_penalty(n, int(a))),
                "Of [(-4.0, 4), (-4.5, 8)] with alpha = 0.6",
            ),
            "always 0.6": (by(lambda p, n, a: p / length_penalty(n, 0.6)), "Not yet"),
            "a bonus for length": (by(lambda p, n, a: p + a * n), "Not yet"),
            "the lowest": (
                by(lambda p, n, a: -p / length_penalty(n, a)),
                "lowest score",
            ),
            "4 for 5": (by(lambda p, n, a: p / ((4 + n) / 6) ** a), "Not yet"),
            "6 for 5": (by(lambda p, n, a: p / ((6 + n) / 6) ** a), "it is 5 + T"),
            "the longest": (by(lambda p, n, a: n), "the longest"),
            "counted from 1": (
                lambda c, a: space["winner_solution"](c, a) + 1,
                "counted from 0",
            ),
            "a score": (lambda c, a: max(p for p, _ in c), "not its score"),
            "a candidate": (lambda c, a: max(c), "not its score"),
            "nothing returned": (lambda c, a: None, "counted from 0"),
        },
    )
