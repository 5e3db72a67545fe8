"""The self-checks of chapter 6: right programs pass, plausible wrong ones hear what is wrong."""

import numpy as np
import torch

from .judging import judge
from .slices import take

CHAPTER = "06_gradient_flow"


def test_bound():
    space = take(CHAPTER, "check_bound", "vanishing_bound", "vanishing_bound_solution")
    norm, radius = np.linalg.norm, space["radius"]

    def factor_by_factor(W, k, slope):
        bound = 1.0
        for _ in range(k):
            bound *= slope * norm(W.T, 2)
        return bound

    judge(
        space["check_bound"],
        [space["vanishing_bound_solution"], factor_by_factor],
        {
            "the stub": (space["vanishing_bound"], "eigenvalue"),
            "eigenvalue": (lambda W, k, s: (s * radius(W)) ** k, "eigenvalue"),
            "no slope": (lambda W, k, s: norm(W, 2) ** k, "slope is missing"),
            "slope once": (lambda W, k, s: s * norm(W, 2) ** k, "product once"),
            "Frobenius": (lambda W, k, s: (s * norm(W)) ** k, "Frobenius"),
            "norm of the power": (
                lambda W, k, s: s**k * norm(np.linalg.matrix_power(W, k), 2),
                "differ from unit",
            ),
            "k times": (lambda W, k, s: k * s * norm(W, 2), "a power"),
            "the sigmoid only": (lambda W, k, s: (0.25 * norm(W, 2)) ** k, "argument"),
            "one step too few": (lambda W, k, s: (s * norm(W, 2)) ** (k - 1), ""),
            "largest row sum": (lambda W, k, s: (s * norm(W, np.inf)) ** k, ""),
            "smallest value": (lambda W, k, s: (s * norm(W, -2)) ** k, ""),
            "for six units only": (
                lambda W, k, s: (s * norm(W, 2)) ** k if len(W) == 6 else 1.0,
                "H = 4",
            ),
            "nothing": (lambda W, k, s: None, ""),
        },
    )


def test_bias():
    space = take(CHAPTER, "check_bias", "gate_bias", "gate_bias_solution")
    log = np.log
    judge(
        space["check_bias"],
        [
            space["gate_bias_solution"],
            lambda lag, share: -log(share ** (-1 / lag) - 1),
            lambda lag, share: torch.logit(torch.tensor(share) ** (1 / lag)).numpy(),
        ],
        {
            "the stub": (space["gate_bias"], "rule of thumb"),
            "the gate": (lambda lag, share: share ** (1 / lag), "value f"),
            "one step": (lambda lag, share: log(share / (1 - share)), "single step"),
            "sign": (lambda lag, share: log(share ** (-1 / lag) - 1), "sign"),
            "for long lags": (
                lambda lag, share: log(lag) - log(log(1 / share)),
                "approximation",
            ),
            "log of the gate": (lambda lag, share: log(share) / lag, "arrives"),
            "no log": (
                lambda lag, share: 1 / (share ** (-1 / lag) - 1),
                "arrives; wanted was 0.5",
            ),
            "power, not root": (
                lambda lag, share: log(share**lag / (1 - share**lag)),
                "arrives",
            ),
            "a closer approximation": (
                lambda lag, share: log(lag / log(1 / share) - 0.5),
                "0.0999975 arrives; wanted was 0.1",
            ),
            "a constant": (lambda lag, share: 4.0, "arrives"),
            "no bias": (lambda lag, share: 0.0, "After 60 steps"),
            "share for half": (lambda lag, share: -log(0.5 ** (-1 / lag) - 1), "0.9"),
        },
    )


def test_clip():
    space = take(CHAPTER, "check_clip", "clip_grads", "clip_grads_solution")
    good = space["clip_grads_solution"]

    def whole(grads):
        return np.sqrt(sum(np.sum(g * g) for g in grads))

    def in_place(grads, threshold):
        norm = whole(grads)
        if norm > threshold:
            for g in grads:
                g *= threshold / norm
        return grads

    def no_root(grads, threshold):
        square = whole(grads) ** 2
        return [g * (threshold / square if square > threshold else 1) for g in grads]

    def no_root_in_the_factor(grads, threshold):
        norm = whole(grads)
        return [g * (threshold / norm**2 if norm > threshold else 1) for g in grads]

    def sum_of_norms(grads, threshold):
        norm = sum(np.linalg.norm(g) for g in grads)
        return [g * min(1, threshold / norm) for g in grads]

    def root_mean_square(grads, threshold):
        norm = whole(grads) / np.sqrt(sum(g.size for g in grads))
        return [g * min(1, threshold / norm) for g in grads]

    def first_norm(grads, threshold):
        return [g * min(1, threshold / np.linalg.norm(grads[0])) for g in grads]

    judge(
        space["check_clip"],
        [good, in_place],
        {
            "the stub": (space["clip_grads"], "squared"),
            "no root": (no_root, "squared"),
            "a share of the threshold each": (
                lambda grads, t: [good([g], t / len(grads) ** 0.5)[0] for g in grads],
                "all arrays together",
            ),
            "sum of absolute values": (
                lambda grads, t: [
                    g * min(1, t / sum(np.abs(g).sum() for g in grads)) for g in grads
                ],
                "not squared",
            ),
            "no root in the factor": (no_root_in_the_factor, "Where is the root"),
            "one by one": (
                lambda grads, t: [good([g], t)[0] for g in grads],
                "one by one",
            ),
            "by value": (
                lambda grads, t: [np.clip(g, -t, t) for g in grads],
                "by value",
            ),
            "nothing clipped": (lambda grads, t: grads, "comes back as it was"),
            "always scaled": (
                lambda grads, t: [g * t / whole(grads) for g in grads],
                "stay as it is",
            ),
            "divides by the norm of zeros": (
                lambda grads, t: [
                    g / whole(grads) * min(whole(grads), t) for g in grads
                ],
                "zero is to stay zero",
            ),
            "sum of norms": (sum_of_norms, "do not add"),
            "root mean square": (root_mean_square, "comes out with norm"),
            "threshold 2 for all": (lambda grads, t: good(grads, 2.0), ""),
            "the first array only": (
                lambda grads, t: [good(grads, t)[0], *grads[1:]],
                "direction",
            ),
            "one vector": (
                lambda grads, t: good([np.concatenate([g.ravel() for g in grads])], t),
                "shapes",
            ),
            "two arrays only": (lambda grads, t: good(grads[:2], t), "shapes"),
            "the first array's norm": (first_norm, "comes out with norm 2.0"),
            "returns nothing": (lambda grads, t: None, "does not fit"),
        },
    )


def test_relu():
    space = take(CHAPTER, "check_relu", "relu_jacobians", "relu_jacobians_solution")

    def loops(h, W):
        B, T, H = h.shape
        J = np.zeros((B, T, H, H))
        for b, t, j in np.argwhere(h > 0):
            J[b, t, j] = W[:, j]
        return J

    def first_sequence(h, W):
        return np.broadcast_to((h[:1] > 0)[..., None] * W.T, (*h.shape, h.shape[2]))

    def last_step(h, W):
        return np.broadcast_to((h[:, -1:] > 0)[..., None] * W.T, (*h.shape, h.shape[2]))

    judge(
        space["check_relu"],
        [space["relu_jacobians_solution"], loops],
        {
            "the stub": (space["relu_jacobians"], "tanh"),
            "h as the slope": (lambda h, W: h[..., None] * W.T, "not h"),
            "never off": (lambda h, W: (h >= 0)[..., None] * W.T, "No unit is off"),
            "not transposed": (lambda h, W: (h > 0)[..., None] * W, "transposed"),
            "on the columns": (
                lambda h, W: (h > 0)[:, :, None] * W.T,
                "on the columns",
            ),
            "all transposed": (lambda h, W: (h > 0)[:, :, None] * W, "as a whole"),
            "the first sequence": (first_sequence, "3 of 6"),
            "the last step": (last_step, "2 of 6"),
            "one matrix": (lambda h, W: (h[0, 0] > 0)[:, None] * W.T, "shape"),
            "slopes only": (lambda h, W: (h > 0).astype(float), "shape"),
            "sign": (lambda h, W: np.sign(-h)[..., None] * W.T, "0 of 6"),
            "rows and columns": (
                lambda h, W: (h > 0)[..., None] * W.T * (h > 0)[:, :, None],
                "0 of 6 matrices.",
            ),
        },
    )


def test_transient():
    space = take(CHAPTER, "check_transient", "transient", "transient_solution")
    line = space["line"]
    judge(
        space["check_transient"],
        [space["transient_solution"], lambda: line(3, 0.9, 10).T.tolist()],
        {
            "the stub": (space["transient"], "normal"),
            "an orthogonal one": (lambda: 0.9 * np.eye(3)[[1, 2, 0]], "normal"),
            "too quiet": (lambda: line(3, 0.9, 1), "reach"),
            "keeps half": (lambda: line(3, 0.5, 10), "reach"),
            "two in line": (
                lambda: np.array([[0.9, 10, 0], [0, 0.9, 0], [0, 0, 0.9]]),
                "reach",
            ),
            "outside": (lambda: line(3, 1.1, 10), "outside"),
            "on the circle": (lambda: line(3, 1.0, 10), "outside"),
            "too large": (lambda: line(3, 0.9, 30), "size 30"),
            "four units": (lambda: line(4, 0.9, 10), "shape"),
            "not finite": (lambda: np.full((3, 3), np.nan), "does not fit"),
        },
    )


def test_frobenius():
    space = take(CHAPTER, "check_frobenius", "frobenius", "frobenius_solution")
    forward, backward = space["rnn_forward"], space["rnn_backward"]
    products, jacobians = space["products"], space["rnn_jacobians"]
    good = space["frobenius_solution"]

    def rows(x, W_xh, W_hh, b_h, n, r, step=-1, draw=None, everywhere=False):
        """The rows v P that an estimate rests on, (n, H)."""
        H = len(W_hh)
        _, cache = forward(np.repeat(x, n, axis=0), np.zeros((n, H)), W_xh, W_hh, b_h)
        dh = np.zeros((n, x.shape[1], H))
        if everywhere:
            dh = r.normal(size=dh.shape)
        else:
            dh[:, step] = r.normal(size=(n, H)) if draw is None else draw(r, n, H)
        return backward(dh, cache)[1]

    def root_mean(v):
        return np.sqrt((v**2).sum(axis=1).mean())

    def directions(r, n, H):
        v = r.normal(size=(n, H))
        return v / np.linalg.norm(v, axis=1, keepdims=True)

    def product(x, W_xh, W_hh, b_h):
        return products(
            jacobians(forward(x, np.zeros((1, len(W_hh))), W_xh, W_hh, b_h)[1])
        )[0, -1]

    judge(
        space["check_frobenius"],
        [
            good,
            lambda *a: root_mean(
                rows(*a, draw=lambda r, n, H: r.choice([-1, 1], (n, H)))
            ),
        ],
        {
            "the stub": (space["frobenius"], "last step only"),
            "rows at every step": (
                lambda *a: root_mean(rows(*a, everywhere=True)),
                "last step only",
            ),
            "mean of lengths": (
                lambda *a: np.linalg.norm(rows(*a), axis=1).mean(),
                "mean square",
            ),
            "median": (
                lambda *a: np.sqrt(np.median((rows(*a) ** 2).sum(axis=1))),
                "median",
            ),
            "no root": (lambda *a: good(*a) ** 2, "root at the end"),
            "divided by n - 1": (
                lambda *a: np.sqrt((rows(*a) ** 2).sum() / (a[4] - 1)),
                "",
            ),
            "divided by n + 1": (
                lambda *a: np.sqrt((rows(*a) ** 2).sum() / (a[4] + 1)),
                "few rows",
            ),
            "a variance": (lambda *a: np.sqrt(rows(*a).var(axis=0).sum()), "few rows"),
            "a sample's variance": (
                lambda *a: np.sqrt(rows(*a).var(axis=0, ddof=1).sum()),
                "",
            ),
            "no division": (lambda *a: np.sqrt((rows(*a) ** 2).sum()), "not their sum"),
            "mean of all": (
                lambda *a: np.sqrt((rows(*a) ** 2).mean()),
                "sum within each",
            ),
            "rows of length 1": (
                lambda *a: root_mean(rows(*a, draw=directions)),
                "not v the length 1",
            ),
            "spectral norm": (
                lambda x, W_xh, W_hh, b_h, n, r: np.linalg.norm(
                    product(x, W_xh, W_hh, b_h), 2
                ),
                "spectral",
            ),
            "no random rows": (
                lambda x, W_xh, W_hh, b_h, n, r: np.linalg.norm(
                    product(x, W_xh, W_hh, b_h)
                ),
                "random rows",
            ),
            "the first step": (lambda *a: root_mean(rows(*a, step=0)), "Off by"),
            "a generator of its own": (
                lambda *a: good(*a[:-1], np.random.default_rng()),
                "from r, the generator",
            ),
            "a fixed seed": (
                lambda *a: good(*a[:-1], np.random.default_rng(0)),
                "random rows",
            ),
            "rows of mean one half": (
                lambda *a: root_mean(rows(*a, draw=lambda r, n, H: r.random((n, H)))),
                "Off by",
            ),
            "no bias": (
                lambda x, W_xh, W_hh, b_h, n, r: good(x, W_xh, W_hh, 0 * b_h, n, r),
                "Off by",
            ),
            "5000 rows whatever n is": (
                lambda x, W_xh, W_hh, b_h, n, r: good(x, W_xh, W_hh, b_h, 5000, r),
                "As many rows as n says",
            ),
            "one row": (
                lambda x, W_xh, W_hh, b_h, n, r: good(x, W_xh, W_hh, b_h, 1, r),
                "",
            ),
        },
    )
