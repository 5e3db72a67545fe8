"""The self-checks of chapter 4 pass right programs, and turn plausible wrong ones away with a diagnosis that fits."""

from fractions import Fraction

import numpy as np

from .judging import judge
from .slices import take

CHAPTER = "04_char_lm"


def test_joint_perplexity():
    space = take(CHAPTER, "check_joint", "joint_perplexity_solution")

    def nats(P, N):
        return np.log(P) @ N / N.sum()

    judge(
        space["check_joint"],
        [
            space["joint_perplexity_solution"],
            lambda P, N: np.prod(P ** (N / N.sum())),
            lambda P, N: 2 ** (np.log2(P) @ N / N.sum()),
        ],
        {
            "the mean": (lambda P, N: P.mean(), "That is the mean of the perplexities"),
            "the weighted mean": (lambda P, N: P @ N / N.sum(), "Weighted"),
            "no weights": (
                lambda P, N: np.exp(np.log(P).mean()),
                "a longer text has more",
            ),
            "nats": (nats, "loss per character"),
            "bits": (lambda P, N: nats(P, N) / np.log(2), "loss per character"),
            "2 to the nats": (lambda P, N: 2 ** nats(P, N), "Two bases"),
            "e to the bits": (
                lambda P, N: np.exp(np.log2(P) @ N / N.sum()),
                "Two bases",
            ),
            "the harmonic mean": (lambda P, N: N.sum() / (N / P).sum(), "total price"),
            "the answer to the first case": (lambda P, N: 2 * 4**0.25, "total price"),
            "two texts only": (
                lambda P, N: (P[0] ** N[0] * P[1] ** N[1]) ** (1 / (N[0] + N[1])),
                "",
            ),
            "not divided": (lambda P, N: np.exp(np.log(P) @ N), "total price"),
            "one value a text": (lambda P, N: P ** (N / N.sum()), "one number"),
        },
    )


def kept(p, order, number):
    """The first so many of an order, scaled."""
    mask = np.isin(np.arange(len(p)), order[:number])
    return np.where(mask, p, 0) / p[mask].sum()


def number_of(p, order, threshold):
    """How many of an order reach the threshold."""
    return int((np.cumsum(p[order]) - p[order] < threshold).sum())


def test_top_p():
    space = take(CHAPTER, "check_top_p", "top_p", "top_p_solution")
    right = space["top_p_solution"]

    def by_search(p, threshold):
        order = np.argsort(-p)
        sums = np.cumsum(p[order])
        return kept(p, order, 1 + np.searchsorted(sums[:-1], threshold))

    def one_more(p, threshold):
        order = np.argsort(-p)
        return kept(p, order, int((np.cumsum(p[order]) <= threshold).sum()) + 1)

    def rising(p, threshold):
        order = np.argsort(p)
        return kept(p, order, number_of(p, order, threshold))

    def unscaled(p, threshold):
        return np.where(right(p, threshold) > 0, p, 0)

    def level(p, threshold):
        order = np.argsort(-p)
        least = p[order[number_of(p, order, threshold) - 1]]
        return np.where(p >= least, p, 0) / p[p >= least].sum()

    def first_that_reaches(p, threshold):
        order = np.argsort(-p)
        reached = np.cumsum(p[order]) >= threshold
        return kept(p, order, int(np.argmax(reached)) + 1)

    def mask_misplaced(p, threshold):
        order = np.argsort(-p)
        mask = np.arange(len(p)) < number_of(p, order, threshold)
        misplaced = np.where(mask[order], p, 0)
        return misplaced / misplaced.sum()

    def by_loop(p, threshold):
        order, kept, total = np.argsort(-p), np.zeros_like(p), 0.0
        while total < threshold:
            place = order[(kept > 0).sum()]
            kept[place] = p[place]
            total += p[place]
        return kept / total

    def tail(p, threshold):
        order = np.argsort(-p)
        mask = np.zeros(len(p), bool)
        mask[order[np.cumsum(p[order]) >= threshold]] = True
        return np.where(mask, p, 0) / p[mask].sum()

    def soft(p, threshold):
        e = np.where(right(p, threshold) > 0, np.exp(p), 0)
        return e / e.sum()

    judge(
        space["check_top_p"],
        [right, by_search],
        {
            "the stub": (space["top_p"], "crosses the threshold"),
            "not scaled": (unscaled, "scale it to 1"),
            "scaled to the threshold": (
                lambda p, t: right(p, t) * t,
                "scale it to 1",
            ),
            "sorted": (lambda p, t: -np.sort(-right(p, t)), "in the wrong places"),
            "put back by the wrong permutation": (
                lambda p, t: -np.sort(-right(p, t))[np.argsort(-p)],
                "in the wrong places",
            ),
            "the mask put back by the wrong permutation": (
                mask_misplaced,
                "and only they",
            ),
            "a loop that runs off the end": (by_loop, "where rounding leaves"),
            "from the smallest up": (rising, "sort from the largest down"),
            "always two": (lambda p, t: kept(p, np.argsort(-p), 2), "stay alone"),
            "one more at a tie": (one_more, "so they are enough"),
            "a fixed level": (
                lambda p, t: kept(p, np.argsort(-p), max(1, int((p >= 0.2).sum()))),
                "not a level",
            ),
            "never more than two": (
                lambda p, t: kept(
                    p, np.argsort(-p), min(2, number_of(p, np.argsort(-p), t))
                ),
                "Differs from next_distribution",
            ),
            "all as probable as the last kept": (level, "not a level"),
            "one where rounding falls short of 1": (first_that_reaches, "rounding"),
            "a softmax of what is kept": (soft, "old proportions"),
            "the tail kept": (tail, "keep those before the threshold"),
            "nothing cut": (lambda p, t: p, "only they"),
            "only what was kept": (lambda p, t: right(p, t)[right(p, t) > 0], "shape"),
        },
    )


def test_typical():
    space = take(CHAPTER, "check_typical", "typical", "typical_solution")
    right = space["typical_solution"]

    def by(measure, more=0):
        def program(p, threshold):
            order = np.argsort(measure(p), kind="stable")
            return kept(p, order, number_of(p, order, threshold) + more)

        return program

    def entropy(p):
        return -(p * np.log(p)).sum()

    def distance(p):
        return np.abs(-np.log(p) - entropy(p))

    def surprise(p):
        with np.errstate(divide="ignore"):
            return -np.log(p)

    def off(p):
        return np.abs(surprise(p) - entropy(p[p > 0]))

    def tiny(p):
        return -np.log(p + 1e-12)

    def misplaced(places):
        def program(p, threshold):
            order = np.argsort(off(p), kind="stable")
            return right(p, threshold)[order][places(order)]

        return program

    def one_more(p, threshold):
        order = np.argsort(off(p), kind="stable")
        return kept(p, order, int((np.cumsum(p[order]) <= threshold).sum()) + 1)

    def level(p, threshold):
        order = np.argsort(off(p), kind="stable")
        mask = off(p) <= off(p)[order[number_of(p, order, threshold) - 1]]
        return np.where(mask, p, 0) / p[mask].sum()

    def nan_for_zero(p, threshold):
        with np.errstate(divide="ignore", invalid="ignore"):
            return by(distance)(p, threshold)

    judge(
        space["check_typical"],
        [right],
        {
            "top-p": (space["typical"], "As top-p"),
            "with its sign": (
                by(lambda p: -np.log(p) - entropy(p)),
                "without its sign",
            ),
            "the entropy with the wrong sign": (
                by(lambda p: np.abs(-np.log(p) + entropy(p))),
                "As top-p",
            ),
            "the entropy in bits": (
                by(lambda p: np.abs(-np.log(p) - entropy(p) / np.log(2))),
                "in bits",
            ),
            "the surprise in bits": (
                by(lambda p: np.abs(-np.log2(p) - entropy(p))),
                "both terms positive and in nats",
            ),
            "the surprise with the wrong sign": (
                by(lambda p: np.abs(np.log(p) - entropy(p))),
                "both terms positive",
            ),
            "sorted": (misplaced(lambda order: np.arange(len(order))), "wrong places"),
            "put back by the wrong permutation": (
                misplaced(lambda order: order),
                "wrong places",
            ),
            "distance from ln V": (
                by(lambda p: np.abs(surprise(p) - np.log(len(p)))),
                "should stay",
            ),
            "distance from the median": (
                by(lambda p: np.abs(surprise(p) - np.median(surprise(p)))),
                "should stay",
            ),
            "distance from the plain mean": (
                by(lambda p: np.abs(tiny(p) - tiny(p).mean())),
                "should stay",
            ),
            "largest first": (by(lambda p: -distance(p)), "smallest distance first"),
            "without the one that crosses": (by(distance, -1), "crosses"),
            "not scaled": (lambda p, t: np.where(right(p, t) > 0, p, 0), "scale it"),
            "one more at a tie": (one_more, "these should stay"),
            "all as typical as the last kept": (level, "not a level"),
            "a NaN for a zero": (nan_for_zero, "probability 0"),
            "squared distance of probabilities": (
                by(lambda p: (p - np.exp(-entropy(p))) ** 2),
                "",
            ),
            "always four": (
                lambda p, t: kept(p, np.argsort(distance(p + 1e-12)), 4),
                "",
            ),
        },
    )


def test_mixed_loss():
    space = take(CHAPTER, "check_mixed", "mixed_loss", "mixed_loss_solution")
    right = space["mixed_loss_solution"]

    def mix(log_p, log_q, share):
        return share * np.exp(log_p) + (1 - share) * np.exp(log_q)

    judge(
        space["check_mixed"],
        [right, lambda p, q, s: -np.mean(np.log(mix(p, q, s)))],
        {
            "the stub": (space["mixed_loss"], "product of the two models"),
            "swapped": (lambda p, q, s: right(p, q, 1 - s), "share belongs to p"),
            "no sign": (lambda p, q, s: -right(p, q, s), "The sign"),
            "the logarithm of the mean": (
                lambda p, q, s: -np.log(mix(p, q, s).mean()),
                "logarithm of the mean",
            ),
            "the sum": (lambda p, q, s: len(p) * right(p, q, s), "the sum"),
            "bits": (lambda p, q, s: right(p, q, s) / np.log(2), "in bits"),
            "shares that sum to more than 1": (
                lambda p, q, s: -np.log(s * np.exp(p) + np.exp(q)).mean(),
                "shares should sum to 1",
            ),
            "one loss a character": (
                lambda p, q, s: -np.log(mix(p, q, s)),
                "one number",
            ),
            "the logarithms taken for probabilities": (
                lambda p, q, s: -np.log(np.abs(s * p + (1 - s) * q)).mean(),
                "",
            ),
            "the better of the two": (lambda p, q, s: -np.maximum(p, q).mean(), ""),
        },
    )


def test_decode():
    space = take(CHAPTER, "check_decode", "decode", "decode_solution")
    right = space["decode_solution"]

    def variant(number_of=None, ask=lambda letters: letters, ends=False, deeper=True):
        """The right program with one mistake."""

        def program(code, model, length):
            number = Fraction(int("0" + code, 2), 2 ** len(code))
            number = number_of(code) if number_of else number
            letters = []
            while len(letters) < length:
                p = [type(number)(float(share)) for share in model(ask(letters))]
                letter, start = 0, type(number)(0)
                while letter < 2 and (
                    number > start + p[letter] if ends else number >= start + p[letter]
                ):
                    start += p[letter]
                    letter += 1
                number = (number - start) / (p[letter] if deeper else 1)
                letters.append(letter)
            return letters

        return program

    judge(
        space["check_decode"],
        [right, variant()],
        {
            "the stub": (space["decode"], "again and again"),
            "the model is asked about nothing": (
                variant(ask=lambda letters: []),
                "all the letters so far",
            ),
            "the model gets the last letter only": (
                variant(ask=lambda letters: letters[-1:]),
                "all the letters so far",
            ),
            "the model gets all but the last": (
                variant(ask=lambda letters: letters[:-1]),
                "all the letters so far",
            ),
            "the piece is not stretched": (variant(deeper=False), "go into its piece"),
            "a piece owns its end": (variant(ends=True), "owns its start"),
            "bits from the wrong end": (
                variant(
                    lambda code: Fraction(int("0" + code[::-1], 2), 2 ** len(code))
                ),
                "which number",
            ),
            "one place off": (
                variant(
                    lambda code: Fraction(int("0" + code, 2), 2 ** (len(code) + 1))
                ),
                "which number",
            ),
            "in floating point": (
                variant(lambda code: int("0" + code, 2) / 2 ** len(code)),
                "Use Fraction",
            ),
            "one letter short": (
                lambda code, model, length: right(code, model, length)[:-1],
                "letters, got",
            ),
        },
    )


def test_probe():
    space = take(CHAPTER, "check_probe", "probe", "probe_solution")
    right = space["probe_solution"]

    def ridge(x, y, x_other, size=1e-3, centre=None, mean=None, back=None):
        centre = x.mean(axis=0) if centre is None else centre
        mean = y.mean() if mean is None else mean
        X = x - centre
        w = np.linalg.solve(
            X.T @ X + size * len(X) * np.eye(X.shape[1]), X.T @ (y - mean)
        )
        return (mean if back is None else back) + (x_other - centre) @ w

    def with_ones(x, y, x_other):
        X, X_other = (np.c_[a, np.ones(len(a))] for a in (x, x_other))
        return X_other @ np.linalg.lstsq(X, y, rcond=None)[0]

    def ridge_on_ones(x, y, x_other, size=0.4):
        X, X_other = (np.c_[a, np.ones(len(a))] for a in (x, x_other))
        matrix = X.T @ X + size * np.eye(X.shape[1])
        return X_other @ np.linalg.solve(matrix, X.T @ y)

    def ridge_everywhere(x, y, x_other):
        X, y_mean = x - x.mean(axis=0), y.mean()
        w = np.linalg.solve(X.T @ X + 1e-3 * len(X), X.T @ (y - y_mean))
        return y_mean + (x_other - x.mean(axis=0)) @ w

    def inverted(x, y, x_other):
        if np.array_equal(x[:, 0], x[:, 1]):  # rounding decides whether inv notices
            raise np.linalg.LinAlgError("Singular matrix")
        return ridge(x, y, x_other, size=0.0)

    def centred_by_itself(x, y, x_other):
        return right(x, y, x_other - x_other.mean(axis=0) + x.mean(axis=0))

    judge(
        space["check_probe"],
        [right, ridge, with_ones],
        {
            "one cell": (space["probe"], "are all columns used"),
            "no intercept": (
                lambda x, y, o: ridge(x, y, o, centre=0 * x[0], mean=0.0),
                "intercept",
            ),
            "the mean of y is left out": (
                lambda x, y, o: ridge(x, y, o, back=0.0),
                "add the mean of y",
            ),
            "a ridge on the intercept too": (ridge_on_ones, "out of the ridge"),
            "a ridge of 1 on the intercept too": (
                lambda x, y, o: ridge_on_ones(x, y, o, size=1),
                "out of the ridge",
            ),
            "a ridge of 4 on the intercept too": (
                lambda x, y, o: ridge_on_ones(x, y, o, size=4),
                "out of the ridge",
            ),
            "centred by its own mean": (centred_by_itself, "depends on the other rows"),
            "no ridge": (lambda x, y, o: ridge(x, y, o, size=0.0), "say the same"),
            "a matrix without an inverse": (inverted, "on the diagonal"),
            "x taken for square": (lambda x, y, o: np.linalg.solve(x, y), "square"),
            "a ridge on every entry": (ridge_everywhere, "add the ridge"),
            "a ridge of 10": (
                lambda x, y, o: ridge(x, y, o, size=10.0),
                "like y, and the ridge small",
            ),
            "the mean of y everywhere": (
                lambda x, y, o: np.full(len(o), y.mean()),
                "are all columns used",
            ),
            "values at x": (lambda x, y, o: right(x, y, x), "one value per row"),
            "the first columns": (
                lambda x, y, o: right(x[:, :2], y, o[:, :2]),
                "are all columns used",
            ),
            "the weights": (
                lambda x, y, o: np.linalg.lstsq(x, y, rcond=None)[0],
                "one value per row",
            ),
        },
    )
