"""The self-checks of chapter 12 against right programs and plausible wrong ones."""

import numpy as np

from .judging import judge
from .slices import take

CHAPTER = "12_glimpses_draw"


def test_check_crop():
    space = take(CHAPTER, "check_crop", "crop", "crop_solution")

    def framed(picture, row, column, side):
        wide = np.zeros([n + 2 * 30 for n in picture.shape])
        wide[30:-30, 30:-30] = picture
        return wide[30 + row : 30 + row + side, 30 + column : 30 + column + side]

    def pixel_by_pixel(picture, row, column, side):
        S, out = len(picture), np.zeros((side, side))
        for i in range(side):
            for j in range(side):
                if 0 <= row + i < S and 0 <= column + j < S:
                    out[i, j] = picture[row + i, column + j]
        return out

    def turned(picture, row, column, side):
        return framed(picture, column, row, side)

    def repeated(picture, row, column, side):
        wide = np.pad(picture, 30, mode="edge")
        return wide[30 + row : 30 + row + side, 30 + column : 30 + column + side]

    def wrapped(picture, row, column, side):
        rows = np.arange(row, row + side) % len(picture)
        return picture[np.ix_(rows, np.arange(column, column + side) % len(picture))]

    def clipped(picture, row, column, side):
        row, column = max(row, 0), max(column, 0)
        return framed(picture, row, column, side)

    def spoiled(picture, row, column, side):
        out = framed(picture, row, column, side)
        picture[:] = 0
        return out

    def moved(picture, row, column, side):
        return framed(picture, row + 1, column, side)

    judge(
        space["check_crop"],
        right=[space["crop_solution"], framed, pixel_by_pixel],
        wrong={
            "the stub": (space["crop"], "Expected 4 x 4"),
            "turned": (turned, "exchanged"),
            "the edge repeated": (repeated, "there should be 0"),
            "wrapped round": (wrapped, "there should be 0"),
            "the corner clipped": (clipped, ""),
            "the picture spoiled": (spoiled, "was changed"),
            "a row too low": (moved, "other pixels"),
            "transposed": (lambda *a: framed(*a).T, "exchanged"),
            "nothing": (lambda *a: None, ""),
        },
    )


def test_check_eye():
    space = take(CHAPTER, "check_eye", "eye_gradient", "eye_gradient_solution")

    def by_loop(places, middle, spread, rewards, baselines):
        out = np.zeros(2)
        for place, R, b in zip(places, rewards, baselines, strict=True):
            out += (R - b) * (place - middle) / spread**2
        return out / len(places)

    judge(
        space["check_eye"],
        right=[
            space["eye_gradient_solution"],
            by_loop,
            lambda p, m, s, R, b: ((R - b) @ (p - m)) / s**2 / len(p),
        ],
        wrong={
            "the stub": (space["eye_gradient"], "baseline is not used, and"),
            "no baseline": (
                lambda p, m, s, R, b: ((p - m) * R[:, None]).mean(0) / s**2,
                "baseline is not used.",
            ),
            "not divided": (
                lambda p, m, s, R, b: ((p - m) * (R - b)[:, None]).mean(0),
                "spread ** 2",
            ),
            "divided by the spread": (
                lambda p, m, s, R, b: ((p - m) * (R - b)[:, None]).mean(0) / s,
                "its square",
            ),
            "away": (
                lambda p, m, s, R, b: ((m - p) * (R - b)[:, None]).mean(0) / s**2,
                "sign is turned",
            ),
            "the sum": (
                lambda p, m, s, R, b: ((p - m) * (R - b)[:, None]).sum(0) / s**2,
                "sum over the draws",
            ),
            "added": (
                lambda p, m, s, R, b: ((p - m) * (R + b)[:, None]).mean(0) / s**2,
                "Take it away",
            ),
            "one mean for all": (
                lambda p, m, s, R, b: (
                    ((p - m) * (R - b.mean())[:, None]).mean(0) / s**2
                ),
                "Not yet",
            ),
            "means multiplied": (
                lambda p, m, s, R, b: (p - m).mean(0) * (R - b).mean() / s**2,
                "Not yet",
            ),
            "half": (
                lambda p, m, s, R, b: ((p - m) * (R - b)[:, None]).mean(0) / (2 * s**2),
                "exponent",
            ),
            "the mean reward": (
                lambda p, m, s, R, b: (
                    ((p - m) * (R - R.mean())[:, None]).mean(0) / s**2
                ),
                "that are given",
            ),
            "one for each draw": (
                lambda p, m, s, R, b: (p - m) * (R - b)[:, None] / s**2,
                "Expected the shape",
            ),
        },
    )


def test_check_cost():
    space = take(CHAPTER, "check_cost", "code_cost", "code_cost_solution")

    def cost(sum_of, axis=1, scale=0.5):
        return lambda m, ls: scale * sum_of(m, ls).sum(axis=axis)

    def terms(m, ls):
        return m**2 + np.exp(2 * ls) - 2 * ls - 1

    judge(
        space["check_cost"],
        right=[
            space["code_cost_solution"],
            cost(lambda m, ls: m**2 + np.exp(ls) ** 2 - np.log(np.exp(ls) ** 2) - 1),
            lambda m, ls: [t.sum() / 2 for t in terms(m, ls)],
        ],
        wrong={
            "the stub": (space["code_cost"], "log s is not s, and"),
            "log s for s": (
                cost(lambda m, ls: m**2 + ls**2 - 2 * ls - 1),
                "log s is not s, whose",
            ),
            "no logarithm": (
                cost(lambda m, ls: m**2 + np.exp(2 * ls) - 1),
                "is missing",
            ),
            "no half": (cost(terms, scale=1), "1/2 is missing"),
            "the mean": (lambda m, ls: terms(m, ls).mean(1) / 2, "costs add up"),
            "over pictures": (cost(terms, axis=0), "Summed over the pictures"),
            "one number": (cost(terms, axis=None), "for all pictures"),
            "the sign": (cost(terms, scale=-0.5), "never below 0"),
            "s for s squared": (
                cost(lambda m, ls: m**2 + np.exp(ls) - 2 * ls - 1),
                "exp(2 log s)",
            ),
            "log s for its square": (
                cost(lambda m, ls: m**2 + np.exp(2 * ls) - ls - 1),
                "2 log s",
            ),
            "log of the variance": (
                cost(lambda m, ls: m**2 + np.exp(ls) - ls - 1),
                "log s, not",
            ),
            "no 1": (cost(lambda m, ls: m**2 + np.exp(2 * ls) - 2 * ls), "The 1"),
            "no mean": (
                cost(lambda m, ls: np.exp(2 * ls) - 2 * ls - 1),
                "mean is missing",
            ),
            "mean not squared": (
                cost(lambda m, ls: m + np.exp(2 * ls) - 2 * ls - 1),
                "squared",
            ),
            "plus the log": (
                cost(lambda m, ls: m**2 + np.exp(2 * ls) + 2 * ls - 1),
                "other sign",
            ),
        },
    )


def test_check_bells():
    space = take(CHAPTER, "check_bells", "bells", "bells_solution")

    def bells(centre, stride, sigma, N, S, shift=0.5, square=2, two=2, axis=1):
        means = centre + (np.arange(N) - N / 2 + shift) * stride
        s = -((np.arange(S) - means[:, None]) ** 2) / (two * sigma**square)
        e = np.exp(s - s.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    def careless(centre, stride, sigma, N, S):
        means = centre + (np.arange(N) - (N - 1) / 2) * stride
        e = np.exp(-((np.arange(S) - means[:, None]) ** 2) / (2 * sigma**2))
        return e / e.sum(axis=1, keepdims=True)

    def guarded(centre, stride, sigma, N, S):
        e = not_divided(centre, stride, sigma, N, S)
        return e / (e.sum(axis=1, keepdims=True) + 1e-8)

    def one_maximum(centre, stride, sigma, N, S):
        means = centre + (np.arange(N) - (N - 1) / 2) * stride
        s = -((np.arange(S) - means[:, None]) ** 2) / (2 * sigma**2)
        e = np.exp(s - s.max())
        return e / e.sum(axis=1, keepdims=True)

    def not_divided(centre, stride, sigma, N, S):
        means = centre + (np.arange(N) - (N - 1) / 2) * stride
        return np.exp(-((np.arange(S) - means[:, None]) ** 2) / (2 * sigma**2))

    def one_by_one(centre, stride, sigma, N, S):
        rows = []
        for i in range(N):
            mean = centre + (i - (N - 1) / 2) * stride
            s = np.array([-((a - mean) ** 2) / (2 * sigma**2) for a in range(S)])
            e = np.exp(s - s.max())
            rows.append(e / e.sum())
        return np.array(rows)

    judge(
        space["check_bells"],
        right=[space["bells_solution"], bells, one_by_one],
        wrong={
            "the stub": (space["bells"], "start at the centre, and"),
            "from the centre": (
                lambda c, d, s, N, S: bells(c + (N - 1) / 2 * d, d, s, N, S),
                "should be in their middle",
            ),
            "N / 2": (lambda *a: bells(*a, shift=0), "(N - 1) / 2"),
            "not divided": (not_divided, "do not sum to one"),
            "over the bells": (lambda *a: bells(*a, axis=0), "over the bells"),
            "sigma": (lambda *a: bells(*a, square=1), "to be squared"),
            "no 2": (lambda *a: bells(*a, two=1), "The 2"),
            "overflow": (careless, "largest score of each bell"),
            "a guard": (guarded, "largest score of each bell"),
            "one maximum for all": (one_maximum, "largest score of each bell"),
            "transposed": (lambda *a: bells(*a).T, "Expected the shape"),
            "the sign": (lambda *a: bells(*a, two=-2), "Not yet"),
        },
    )


def test_check_stroke():
    space = take(CHAPTER, "check_stroke", "stroke_backward", "stroke_backward_solution")
    solution = space["stroke_backward_solution"]

    def by_canvas(dc, w, rows, columns, gain):
        c = rows.T @ w @ columns / gain
        return rows @ dc @ columns.T / gain, -(dc * c).sum() / gain

    def changed(dw=lambda dw, g: dw, dgain=lambda d, g: d):
        def program(dc, w, rows, columns, gain):
            a, b = solution(dc, w, rows, columns, gain)
            return dw(a, gain), dgain(b, gain)

        return program

    judge(
        space["check_stroke"],
        right=[solution, by_canvas, lambda *a: list(solution(*a))],
        wrong={
            "the stub": (space["stroke_backward"], "lacks the division"),
            "multiplied": (changed(lambda d, g: d * g**2), "multiplied by the gain"),
            "transposed": (changed(lambda d, g: d.T), ""),
            "exchanged": (
                lambda dc, w, r, c, g: (c @ dc @ r.T / g, solution(dc, w, r, c, g)[1]),
                "exchanged",
            ),
            "dw's sign": (changed(lambda d, g: -d), "wrong sign"),
            "no dgain": (changed(dgain=lambda d, g: 0.0), "divides every pixel"),
            "dgain's sign": (changed(dgain=lambda d, g: -d), "larger gain"),
            "dgain times the gain": (
                changed(dgain=lambda d, g: d * g),
                "slope of 1 / gain",
            ),
            "dgain of a product": (
                lambda dc, w, r, c, g: (r @ dc @ c.T / g, (dc * (r.T @ w @ c)).sum()),
                "dgain",
            ),
            "one value": (lambda *a: solution(*a)[0], "Return dw and dgain"),
        },
    )
