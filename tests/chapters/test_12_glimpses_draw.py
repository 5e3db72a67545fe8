"""The self-checks of chapter 12 against right programs and plausible wrong ones."""

import numpy as np
from scipy.optimize import minimize_scalar

from .judging import judge
from .slices import take

CHAPTER = "12_glimpses_draw"


def marked(corners, S, g):
    """Mean of a mask on which these squares are marked, cut off at the edge."""
    mask = np.zeros((S, S))
    for row, column in np.asarray(corners).astype(int):
        mask[row : row + g, column : column + g] = 1
    return mask.mean()


def test_check_seen():
    space = take(CHAPTER, "check_seen", "share_seen", "share_seen_solution")

    def corners(places, S, g):
        return np.rint((places + 1) / 2 * (S - g)).astype(int)

    def by_set(places, S, g):
        pixels = {
            (row + i, column + j)
            for row, column in corners(places, S, g)
            for i in range(g)
            for j in range(g)
        }
        return len(pixels) / S**2

    def by_half(places, S, g):
        free = S - g
        return marked(
            [[int((p + 1) / 2 * free + 0.5) for p in q] for q in places], S, g
        )

    def pixel_by_pixel(places, S, g):
        at = corners(places, S, g)[:, None, None]
        grid = np.stack(np.meshgrid(range(S), range(S), indexing="ij"), axis=-1)
        return ((grid >= at) & (grid < at + g)).all(axis=-1).any(axis=0).mean()

    def lines(places, S, g):
        seen = np.zeros((2, S))
        for place in corners(places, S, g):
            for line, at in zip(seen, place, strict=True):
                line[at : at + g] = 1
        return np.outer(*seen).mean()

    def box(places, S, g):
        at = corners(places, S, g)
        return np.prod(np.ptp(at, axis=0) + g) / S**2

    judge(
        space["check_seen"],
        right=[space["share_seen_solution"], by_set, by_half, pixel_by_pixel],
        wrong={
            "the stub": (space["share_seen"], "counted twice"),
            "the same place only": (
                lambda p, S, g: len({*map(tuple, corners(p, S, g))}) * g**2 / S**2,
                "other looks overlap",
            ),
            "a number of pixels": (lambda p, S, g: by_set(p, S, g) * S**2, "Divide"),
            "what was not seen": (lambda p, S, g: 1 - by_set(p, S, g), "not seen"),
            "rows and columns apart": (lines, "of another"),
            "down": (
                lambda p, S, g: marked((p + 1) / 2 * (S - g), S, g),
                "not down",
            ),
            "the place as a pixel": (
                lambda p, S, g: marked(p, S, g),
                "from -1 to 1",
            ),
            "the place as a pixel, rounded": (
                lambda p, S, g: marked(np.rint(p), S, g),
                "from -1 to 1",
            ),
            "around the place": (
                lambda p, S, g: marked((corners(p, S, g) - g // 2).clip(0), S, g),
                "not its middle",
            ),
            "up to S": (
                lambda p, S, g: marked(np.rint((p + 1) / 2 * S), S, g),
                "not to S:",
            ),
            "up to S - 1": (
                lambda p, S, g: marked(np.rint((p + 1) / 2 * (S - 1)), S, g),
                "not to S - 1",
            ),
            "the box around all": (box, "Not yet"),
            "a mask": (lambda p, S, g: np.ones((S, S)), "got the shape"),
            "nothing": (lambda p, S, g: None, ""),
        },
    )


def test_check_aim():
    space = take(CHAPTER, "check_aim", "aim", "aim_solution")

    def right_centre(row, N, S):
        return (2 * row + N - S) / (S - 1)

    def right_stride(row, N, S):
        return np.log(N - 1) - np.log(S - 1)

    def centred(centre):
        return lambda *case: (centre(*case), right_stride(*case))

    def spaced(stride):
        return lambda *case: (right_centre(*case), stride(*case))

    judge(
        space["check_aim"],
        right=[
            space["aim_solution"],
            centred(right_centre),
            lambda *case: np.array([right_centre(*case), right_stride(*case)]),
        ],
        wrong={
            "the stub": (space["aim"], "Yours is at the first bell"),
            "the last bell": (
                centred(lambda row, N, S: 2 * (row + N - 1) / (S - 1) - 1),
                "Yours is at the last bell",
            ),
            "half a bell too far": (
                centred(lambda row, N, S: 2 * (row + N / 2) / (S - 1) - 1),
                "N - 1 distances",
            ),
            "half a distance rounded down": (
                centred(lambda row, N, S: 2 * (row + (N - 1) // 2) / (S - 1) - 1),
                "between two pixels",
            ),
            "half a distance rounded up": (
                centred(lambda row, N, S: 2 * (row + N // 2) / (S - 1) - 1),
                "between two pixels",
            ),
            "the picture's middle": (
                centred(lambda *case: 0.0),
                "middle of the picture",
            ),
            "nothing changed": (lambda *case: (0.0, 0.0), "middle of the picture"),
            "exchanged": (
                lambda *case: (right_stride(*case), right_centre(*case)),
                "centre is not right",
            ),
            "in pixels": (centred(lambda row, N, S: row + (N - 1) / 2), "in pixels"),
            "from 0": (
                centred(lambda row, N, S: (row + (N - 1) / 2) / (S - 1)),
                "not from 0 to 1",
            ),
            "S steps": (
                centred(lambda row, N, S: 2 * (row + (N - 1) / 2) / S - 1),
                "S - 1 steps",
            ),
            "the other end": (
                centred(lambda *case: -right_centre(*case)),
                "other end",
            ),
            "a glimpse's place": (
                centred(lambda row, N, S: 2 * row / (S - N) - 1),
                "sharp glimpse",
            ),
            "another centre": (centred(lambda *case: 0.123), "centre is not right"),
            "spread over all": (spaced(lambda *case: 0.0), "over all pixels"),
            "no logarithm": (
                spaced(lambda row, N, S: (N - 1) / (S - 1)),
                "its logarithm",
            ),
            "turned round": (
                spaced(lambda row, N, S: np.log((S - 1) / (N - 1))),
                "turned round",
            ),
            "one pixel": (spaced(lambda *case: 1.0), "wants a logarithm"),
            "a logarithm to 2": (
                spaced(lambda *case: right_stride(*case) / np.log(2)),
                "log_stride is not right",
            ),
            "bells counted": (spaced(lambda row, N, S: np.log(N / S)), "distances"),
            "of the whole": (spaced(lambda row, N, S: -np.log(S - 1)), "multiple of"),
            "another stride": (
                spaced(lambda *case: -0.123),
                "log_stride is not right",
            ),
            "one value": (right_centre, "Return two numbers"),
        },
    )


def test_check_prior():
    space = take(CHAPTER, "check_prior", "best_r", "best_r_solution")

    def squares(m, ls):
        return m**2 + np.exp(2 * ls)

    def searched(m, ls):
        def cost(log_r):
            return (log_r + squares(m, ls) / (2 * np.exp(2 * log_r))).mean()

        return np.exp(minimize_scalar(cost).x)

    def on_a_grid(m, ls):
        tried = np.linspace(0.05, 5, 500)
        return min(
            tried, key=lambda r: (np.log(r) + squares(m, ls) / (2 * r**2)).mean()
        )

    def turned_round(m, ls):
        def cost(log_r):
            ratio = (np.exp(2 * log_r) + m**2) / (2 * np.exp(2 * ls))
            return (ratio - log_r).mean()

        return np.exp(minimize_scalar(cost).x)

    judge(
        space["check_prior"],
        right=[
            space["best_r_solution"],
            searched,
            lambda m, ls: np.hypot(*(np.sqrt((a**2).mean()) for a in (m, np.exp(ls)))),
        ],
        wrong={
            "the stub": (space["best_r"], "s squared is missing"),
            "the means alone": (
                lambda m, ls: np.sqrt((m**2).mean()),
                "s squared is missing",
            ),
            "r squared": (lambda m, ls: squares(m, ls).mean(), "That is r squared"),
            "log r": (lambda m, ls: np.log(squares(m, ls).mean()) / 2, "log r"),
            "the mean spread": (lambda m, ls: np.exp(ls).mean(), "means are missing"),
            "the spread alone": (
                lambda m, ls: np.sqrt(np.exp(2 * ls).mean()),
                "means are missing",
            ),
            "the mean of the roots": (
                lambda m, ls: np.sqrt(squares(m, ls)).mean(),
                "mean of the deviations",
            ),
            "around the mean": (
                lambda m, ls: np.sqrt(m.var() + np.exp(2 * ls).mean()),
                "p stands around 0",
            ),
            "s for s squared": (
                lambda m, ls: np.sqrt((m**2 + np.exp(ls)).mean()),
                "to be squared",
            ),
            "log s for s": (
                lambda m, ls: np.sqrt((m**2 + ls**2).mean()),
                "log s, not s",
            ),
            "the sum over the code": (
                lambda m, ls: np.sqrt(squares(m, ls).sum(1).mean()),
                "not the sum",
            ),
            "the sum": (lambda m, ls: np.sqrt(squares(m, ls).sum()), "not their sum"),
            "turned round": (turned_round, "divergence is turned round"),
            "the standard normal": (lambda m, ls: 1.0, "standard normal"),
            "one for each number": (
                lambda m, ls: np.sqrt(squares(m, ls).mean(0)),
                "One r for all",
            ),
            "below 0": (lambda m, ls: -1.0, "above 0"),
            "the largest": (lambda m, ls: np.exp(ls).max() + 3, "than with the best r"),
            "a coarse search": (on_a_grid, "than with the best r"),
            "a mean of the roots of each code": (
                lambda m, ls: np.sqrt(squares(m, ls).mean(1)).mean(),
                "than with the best r",
            ),
            "the mean spread squared": (
                lambda m, ls: np.hypot(np.sqrt((m**2).mean()), np.exp(ls).mean()),
                "than with the best r",
            ),
        },
    )


def test_check_spread():
    space = take(CHAPTER, "check_spread", "spread_slope", "spread_slope_solution")

    def slope(score, weight=lambda R, b: R - b, scale=lambda s: 1):
        """The mean of weight times score; score: a function of the distance and s."""

        def program(places, middle, s, R, b):
            d = np.linalg.norm(places - middle, axis=1)
            return (weight(R, b) * score(d, s)).mean() * scale(s)

        return program

    def right(d, s):
        return (d / s) ** 2 - 2

    def by_difference(places, middle, s, R, b):
        """The slope of log p itself, by a small step in log s on either side."""

        def log_p(s):
            return -((places - middle) ** 2 / (2 * s**2) + np.log(s)).sum(axis=1)

        step = 1e-4
        return (
            (R - b) * (log_p(s * np.exp(step)) - log_p(s * np.exp(-step)))
        ).mean() / (2 * step)

    def by_direction(p, m, s, R, b):
        return ((((p - m) / s) ** 2 - 1) * (R - b)[:, None]).mean(0)

    judge(
        space["check_spread"],
        right=[
            space["spread_slope_solution"],
            slope(right),
            by_difference,
            lambda *a: by_direction(*a).sum(),
        ],
        wrong={
            "the stub": (space["spread_slope"], "depends on s."),
            "one direction": (slope(lambda d, s: (d / s) ** 2 - 1), "two directions"),
            "plus 2": (slope(lambda d, s: (d / s) ** 2 + 2), "not + log s"),
            "in s": (slope(right, scale=lambda s: 1 / s), "slope in s;"),
            "in s squared": (
                slope(right, scale=lambda s: 1 / (2 * s**2)),
                "slope in s squared;",
            ),
            "in log s squared": (
                slope(lambda d, s: d**2 / (2 * s**2) - 1),
                "log of s squared",
            ),
            "times s": (slope(right, scale=lambda s: s), "once too often"),
            "the mean of directions": (
                lambda *a: by_direction(*a).mean(),
                "mean over the directions",
            ),
            "every draw with every other": (
                lambda p, m, s, R, b: (
                    (R - b)[:, None] * (((p - m) / s) ** 2 - 1).sum(1)
                ).mean(),
                "for each draw",
            ),
            "the exponent's 2": (
                slope(lambda d, s: (d / s) ** 2 / 2 - 2),
                "when 1 / s squared is derived",
            ),
            "the exponent's sign": (
                slope(lambda d, s: -((d / s) ** 2) - 2),
                "that is +",
            ),
            "s not squared": (slope(lambda d, s: d**2 / s - 2), "s is to be squared"),
            "no s": (slope(lambda d, s: d**2 - 2), "measured in s"),
            "distance not squared": (
                slope(lambda d, s: d / s - 2),
                "distance is to be squared",
            ),
            "no baseline": (slope(right, lambda R, b: R), "baseline is not used."),
            "neither": (
                slope(lambda d, s: (d / s) ** 2, lambda R, b: R),
                "baseline is not used, and",
            ),
            "added": (slope(right, lambda R, b: R + b), "Take it away"),
            "one mean for all": (
                slope(right, lambda R, b: R - b.mean()),
                "baseline of its own",
            ),
            "the mean reward": (
                slope(right, lambda R, b: R - R.mean()),
                "that are given",
            ),
            "means multiplied": (
                slope(right, lambda R, b: (R - b).mean()),
                "for each draw",
            ),
            "the sum": (
                lambda p, m, s, R, b: slope(right)(p, m, s, R, b) * len(p),
                "sum over the draws",
            ),
            "the sign": (slope(right, lambda R, b: b - R), "sign is turned"),
            "two numbers": (by_direction, "One s serves both"),
            "one for each draw": (
                lambda p, m, s, R, b: (R - b) * (((p - m) / s) ** 2 - 1).sum(1),
                "got the shape",
            ),
            "for the middle": (
                lambda p, m, s, R, b: ((p - m).sum(1) * (R - b)).mean() / s**2,
                "Not yet",
            ),
        },
    )


def test_check_repair():
    space = take(CHAPTER, "check_repair", "repair", "repair_solution")
    inv = np.linalg.inv

    def blur(w, rows, columns):
        return rows @ (rows.T @ w @ columns) @ columns.T

    def as_one_system(w, rows, columns):
        mixed = np.kron(rows @ rows.T, columns @ columns.T)
        return np.linalg.solve(mixed, w.ravel()).reshape(w.shape)

    def step_by_step(w, rows, columns, steps=1000):
        out = w
        for _ in range(steps):
            out = out + w - blur(out, rows, columns)
        return out

    def thinnest_canvas(w, rows, columns):
        return np.linalg.pinv(rows) @ w @ np.linalg.pinv(columns).T

    judge(
        space["check_repair"],
        right=[
            space["repair_solution"],
            as_one_system,
            step_by_step,
            lambda w, r, c: inv(r @ r.T) @ w @ inv(c @ c.T),
        ],
        wrong={
            "the stub": (space["repair"], "Nothing is repaired"),
            "multiplied": (blur, "not solved"),
            "exchanged": (
                lambda w, r, c: inv(c @ c.T) @ w @ inv(r @ r.T),
                "exchanged",
            ),
            "rows alone": (lambda w, r, c: inv(r @ r.T) @ w, "columns not"),
            "columns alone": (lambda w, r, c: w @ inv(c @ c.T), "rows not"),
            "transposed": (
                lambda w, r, c: as_one_system(w, r, c).T,
                "transposed",
            ),
            "one correction": (
                lambda w, r, c: 2 * w - blur(w, r, c),
                "Its own blur remains",
            ),
            "entry by entry": (
                lambda w, r, c: w / (r @ r.T) / (c @ c.T),
                "neighbours are mixed",
            ),
            "by what is lost": (
                lambda w, r, c: w * (w / blur(w, r, c)),
                "neighbours are mixed",
            ),
            "columns not turned": (
                lambda w, r, c: np.linalg.solve(c @ c.T, inv(r @ r.T) @ w),
                "differs from w",
            ),
            "a few corrections": (
                lambda *a: step_by_step(*a, steps=200),
                "differs from w",
            ),
            "the canvas": (thinnest_canvas, "That is a canvas"),
            "louder": (lambda w, r, c: 3 * w, "differs from w"),
            "nothing": (lambda w, r, c: None, ""),
        },
    )
