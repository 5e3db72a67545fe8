"""The self-checks of chapter 3 against right programs and plausible wrong ones."""

import copy

import numpy as np

from rnnkit.sequence import rnn_backward, rnn_forward

from .judging import judge
from .slices import take

CHAPTER = "03_bptt"


def test_check_shares():
    space = take(CHAPTER, "check_shares", "step_shares", "step_shares_solution")

    def by_loop(h_prev, da):
        return np.stack([h_prev[:, t].T @ da[:, t] for t in range(da.shape[1])])

    judge(
        space["check_shares"],
        [
            space["step_shares_solution"],
            by_loop,
            lambda h, a: h.transpose(1, 2, 0) @ a.swapaxes(0, 1),
        ],
        {
            "stub, summed over the steps": (space["step_shares"], "Keep t"),
            "one share per example": (
                lambda h, a: h.swapaxes(1, 2) @ a,
                "one per step",
            ),
            "transposed": (lambda h, a: np.einsum("bti,btj->tji", h, a), "Transposed"),
            "mean over the batch": (
                lambda h, a: np.einsum("bti,btj->tij", h, a) / len(h),
                "not means",
            ),
            "a list": (lambda h, a: list(by_loop(h, a)), "one array"),
            "entry by entry": (lambda h, a: (h * a).sum(axis=0), "Expected shape"),
            "last axis is t": (
                lambda h, a: np.einsum("bti,btj->ijt", h, a),
                "Expected shape",
            ),
            "last step first": (lambda h, a: by_loop(h, a)[::-1], "order"),
            "first example only": (
                lambda h, a: np.einsum("ti,tj->tij", h[0], a[0]),
                "the numbers are not",
            ),
            "six steps, written into the code": (
                lambda h, a: np.stack([h[:, t].T @ a[:, t] for t in range(6)]),
                "does not fit",
            ),
            "shares added up": (
                lambda h, a: by_loop(h, a).cumsum(axis=0),
                "the numbers are not",
            ),
            "nothing returned": (lambda h, a: None, "one array"),
        },
    )


def step_backward(slope, way_back=None, read="h_prev"):
    """A backward pass of one step whose slope, dh_prev and factor of dW_hh are given."""

    def backward(dh, cache):
        x, h_prev, h, W_xh, W_hh = cache
        da = slope(dh, h, h_prev)
        dh_prev = da @ W_hh.T if way_back is None else way_back(da, W_hh, dh)
        factor = h if read == "h" else h_prev
        return da @ W_xh.T, dh_prev, x.T @ da, factor.T @ da, da.sum(axis=0)

    return backward


def in_place(slope):
    def backward(dh, cache):
        dh *= slope(cache)
        x, h_prev, _, W_xh, W_hh = cache
        return dh @ W_xh.T, dh @ W_hh.T, x.T @ dh, h_prev.T @ dh, dh.sum(axis=0)

    return backward


def test_check_relu():
    space = take(
        CHAPTER, "check_relu", "relu_step_backward", "relu_step_backward_solution"
    )
    right = space["relu_step_backward_solution"]

    def active(dh, h, h_prev):
        return dh * (h > 0)

    def from_a_without_bias(dh, cache):
        x, h_prev, _, W_xh, W_hh = cache
        a = x @ W_xh + h_prev @ W_hh
        return step_backward(lambda dh, h, h_prev: dh * (a > 0))(dh, cache)

    def slope_into_h(dh, cache):
        x, h_prev, h, W_xh, W_hh = cache
        h[h > 0] = 1
        da = dh * h
        return da @ W_xh.T, da @ W_hh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)

    def mean_for_the_bias(dh, cache):
        *rest, _ = right(dh, cache)
        return *rest, (dh * (cache[2] > 0)).mean(axis=0)

    def other_order(dh, cache):
        dx, dh_prev, dW_xh, dW_hh, db_h = right(dh, cache)
        return dW_xh, dW_hh, db_h, dx, dh_prev

    def bias_from_dh(dh, cache):
        *rest, _ = right(dh, cache)
        return *rest, dh.sum(axis=0)

    def parameters_from_dh(dh, cache):
        x, h_prev, *_ = cache
        dx, dh_prev, *_ = right(dh, cache)
        return dx, dh_prev, x.T @ dh, h_prev.T @ dh, dh.sum(axis=0)

    judge(
        space["check_relu"],
        [
            right,
            step_backward(lambda dh, h, h_prev: np.where(h > 0, dh, 0)),
            step_backward(lambda dh, h, h_prev: dh * np.sign(h)),
        ],
        {
            "stub, the slope of tanh": (space["relu_step_backward"], "slope of tanh"),
            "h >= 0, which is always so": (
                step_backward(lambda dh, h, h_prev: dh * (h >= 0)),
                "nothing passes",
            ),
            "no slope": (step_backward(lambda dh, h, h_prev: dh), "nothing passes"),
            "times h": (step_backward(lambda dh, h, h_prev: dh * h), "multiply by h"),
            "relu of dh": (
                step_backward(lambda dh, h, h_prev: np.maximum(0, dh)),
                "sign of dh",
            ),
            "relu of dh, and of a": (
                step_backward(lambda dh, h, h_prev: np.maximum(0, dh) * (h > 0)),
                "All five",
            ),
            "inactive units": (
                step_backward(lambda dh, h, h_prev: dh * (h <= 0)),
                "wrong way round",
            ),
            "slope of the state before": (
                step_backward(lambda dh, h, h_prev: dh * (h_prev > 0)),
                "All five",
            ),
            "dh forgotten": (
                step_backward(lambda dh, h, h_prev: 1.0 * (h > 0)),
                "All five",
            ),
            "the bias left out of a": (from_a_without_bias, "All five"),
            "not transposed": (
                step_backward(active, lambda da, W, dh: da @ W),
                "wrong: dh_prev.",
            ),
            "h for h_prev": (step_backward(active, read="h"), "wrong: dW_hh."),
            "mean for the bias": (mean_for_the_bias, "wrong: db_h."),
            "the bias from dh": (bias_from_dh, "right, but wrong: db_h."),
            "the parameters from dh": (
                parameters_from_dh,
                "right, but wrong: dW_xh, dW_hh, db_h.",
            ),
            "another order": (other_order, "does not fit"),
            "dh changed": (in_place(lambda cache: cache[2] > 0), "dh was changed"),
            "the slope written into h": (slope_into_h, "the cache was changed"),
            "nothing returned": (lambda dh, cache: None, "does not fit"),
        },
    )


def test_check_shortcut():
    space = take(
        CHAPTER, "check_shortcut", "shortcut_backward", "shortcut_backward_solution"
    )

    def inner(dh, h, h_prev):
        return dh * (1 - (h - h_prev) ** 2)

    def both(da, W, dh):
        return da @ W.T + dh

    def mean_for_the_bias(dh, cache):
        *rest, db_h = space["shortcut_backward_solution"](dh, cache)
        return *rest, db_h / len(dh)

    def mean_for_all_parameters(dh, cache):
        dx, dh_prev, *parts = space["shortcut_backward_solution"](dh, cache)
        return dx, dh_prev, *(part / len(dh) for part in parts)

    def from_a(dh, h, h_prev):
        tanh = h - h_prev
        return dh * (1 - tanh * tanh)

    def tanh_into_h(dh, h, h_prev):
        h -= h_prev
        return dh * (1 - h**2)

    judge(
        space["check_shortcut"],
        [space["shortcut_backward_solution"], step_backward(from_a, both)],
        {
            "stub": (space["shortcut_backward"], "no longer that"),
            "slope from h": (
                step_backward(lambda dh, h, h_prev: dh * (1 - h**2), both),
                "no longer that",
            ),
            "slope from h_prev": (
                step_backward(lambda dh, h, h_prev: dh * (1 - h_prev**2), both),
                "h_prev is not the output",
            ),
            "the shortcut missing": (step_backward(inner), "one is missing"),
            "the shortcut alone": (
                step_backward(inner, lambda da, W, dh: dh),
                "through the tanh is missing",
            ),
            "da along the shortcut": (
                step_backward(inner, lambda da, W, dh: da @ W.T + da),
                "along the shortcut",
            ),
            "subtracted": (
                step_backward(inner, lambda da, W, dh: da @ W.T - dh),
                "along the shortcut",
            ),
            "dh through the matrix": (
                step_backward(inner, lambda da, W, dh: (da + dh) @ W.T),
                "along the shortcut",
            ),
            "not transposed": (
                step_backward(inner, lambda da, W, dh: da @ W + dh),
                "Only dh_prev",
            ),
            "shortcut in da": (
                step_backward(lambda dh, h, h_prev: inner(dh, h, h_prev) + dh),
                "around the tanh",
            ),
            "added instead of taken away": (
                step_backward(lambda dh, h, h_prev: dh * (1 - (h + h_prev) ** 2), both),
                "so da is",
            ),
            "h for h_prev": (step_backward(inner, both, read="h"), "wrong: dW_hh."),
            "mean for the bias": (mean_for_the_bias, "da is right, but wrong: db_h."),
            "means for all parameters": (
                mean_for_all_parameters,
                "da is right, but wrong: dW_xh, dW_hh, db_h.",
            ),
            "the tanh written into h": (
                step_backward(tanh_into_h, both),
                "the cache was changed",
            ),
            "nothing returned": (lambda dh, cache: None, "does not fit"),
        },
    )


def test_check_initial():
    space = take(
        CHAPTER, "check_initial", "initial_gradient", "initial_gradient_solution"
    )
    judge(
        space["check_initial"],
        [
            space["initial_gradient_solution"],
            lambda dh0: np.ones(len(dh0)) @ dh0,
            sum,
        ],
        {
            "stub, the mean": (space["initial_gradient"], "already a mean"),
            "the first example": (lambda dh0: dh0[0], "one example"),
            "the last example": (lambda dh0: dh0[-1], "one example"),
            "as it is": (lambda dh0: dh0, "Expected shape"),
            "over the units": (lambda dh0: dh0.sum(axis=1), "Expected shape"),
            "over everything": (lambda dh0: dh0.sum(), "Expected shape"),
            "a row": (lambda dh0: dh0.sum(axis=0, keepdims=True), "Expected shape"),
            "three examples, written into the code": (
                lambda dh0: dh0[:3].sum(axis=0) if len(dh0) > 3 else dh0.sum(axis=0),
                "Wrong for B = 6",
            ),
            "three times the mean": (
                lambda dh0: 3 * dh0.mean(axis=0),
                "Wrong for B = 1",
            ),
            "the largest": (lambda dh0: dh0.max(axis=0), "Wrong for B"),
            "nothing returned": (lambda dh0: None, "Expected shape"),
        },
    )


def test_check_chunked():
    space = take(
        CHAPTER,
        "check_chunked",
        "chunked_gradient",
        "chunked_gradient_solution",
        "forward",
        "backward",
        "small",
        "targets",
    )
    forward, backward, small = (space[k] for k in ("forward", "backward", "small"))
    x, h0, targets, T = (space[k] for k in ("x", "h0", "targets", "T"))

    def chunked(weight, begin=lambda state: state, starts=None, last=-1):
        """Chunk by chunk, each with the weight that its length, the size and the number of chunks give."""

        def gradient(size):
            total, state = 0.0, h0
            firsts = range(0, T, size) if starts is None else starts(size)
            for start in firsts:
                steps = slice(start, start + size)
                _, h, _, caches = forward(small, x[:, steps], targets[:, steps], state)
                part = backward(caches)[0]["W_hh"]
                total = total + part * weight(h.shape[1], size, len(firsts))
                state = begin(h[:, last])
            return total

        return gradient

    def share(n, size, chunks):
        return n / T

    judge(
        space["check_chunked"],
        [
            space["chunked_gradient_solution"],
            chunked(share),
            lambda size: backward(forward(small, x, targets, h0)[-1], size)[0]["W_hh"],
        ],
        {
            "stub, the mean of means": (space["chunked_gradient"], "short chunk"),
            "the sum of means": (chunked(lambda n, size, chunks: 1), "plain sum"),
            "the full gradient": (
                lambda size: backward(forward(small, x, targets, h0)[-1])[0]["W_hh"],
                "across the cut",
            ),
            "all chunks as long as the first": (
                chunked(lambda n, size, chunks: size / T),
                "its weight is smaller",
            ),
            "the sum over the steps": (chunked(lambda n, size, chunks: n), "mean over"),
            "the rest left out": (
                chunked(share, starts=lambda size: range(0, T - size + 1, size)),
                "are missing",
            ),
            "from h0 again": (chunked(share, lambda state: h0), "not carried"),
            "from zeros again": (chunked(share, lambda state: 0 * h0), "not carried"),
            "the state after the chunk's first step": (
                chunked(share, last=0),
                "from which state",
            ),
            "4 and 2, written into the code": (
                chunked(lambda n, size, chunks: (4 if n == 4 else 2) / T),
                "Size 5",
            ),
            "weight by the chunk before": (
                chunked(lambda n, size, chunks: (T - n) / T),
                "How many of the 6 steps",
            ),
            "divided by the size": (
                chunked(lambda n, size, chunks: n / size),
                "How many of the 6 steps",
            ),
            "nothing returned": (lambda size: None, "does not fit"),
        },
    )


def test_check_checkpointed():
    space = take(CHAPTER, "check_checkpointed", "checkpointed", "checkpointed_solution")

    def segments(
        enter="last",
        keep=True,
        begin="found",
        whose="sum",
        size_of=lambda size: size,
        first="last dh_next",
        in_place=False,
        hold=False,
        again=False,
        view=False,
    ):
        """Checkpointing in the chapter's way, with one mistake."""

        def program(dh, x, h0, W_xh, W_hh, b_h, size, run):
            size = size_of(size)
            W = W_xh, W_hh, b_h
            starts, states, held = list(range(0, x.shape[1], size)), [h0], []
            for start in starts[:-1]:
                if again:  # from the first step each time
                    state = h0
                    for s in range(0, start + 1, size):
                        state = run(x[:, s : s + size], state, *W)[0][:, -1].copy()
                    states.append(state)
                    continue
                h, _ = run(x[:, start : start + size], states[-1], *W)
                state = h[:, 0 if begin == "first of segment" else -1]
                states.append(state if view else state.copy())
            if begin == "zeros":
                states = [h0] + [0 * h0] * (len(starts) - 1)
            pieces, totals, dh_next = [], [0.0, 0.0, 0.0], 0 * h0
            if hold:
                held = [
                    run(x[:, s : s + size], state, *W)[1]
                    for s, state in zip(starts, states, strict=True)
                ]
            firsts = []
            for i in reversed(range(len(starts))):
                steps = slice(starts[i], starts[i] + size)
                cache = held[i] if hold else run(x[:, steps], states[i], *W)[1]
                here = dh[:, steps] if in_place else dh[:, steps].copy()
                if enter == "last":
                    here[:, -1] += dh_next
                elif enter == "first":
                    here[:, 0] += dh_next
                elif enter == "all":
                    here += dh_next[:, None]
                dx, dh_next, *parts = rnn_backward(here, cache)
                firsts.append(dh_next)
                pieces.insert(0 if keep else len(pieces), dx)
                if whose == "sum":
                    totals = [a + b for a, b in zip(totals, parts, strict=True)]
                else:
                    totals = parts
            dh0 = firsts[-1] if first == "last dh_next" else firsts[0]
            return np.concatenate(pieces, axis=1), dh0, *totals

        return program

    def held_from_one_pass(dh, x, h0, W_xh, W_hh, b_h, size, run):
        caches, state = [], h0
        for start in range(0, x.shape[1], size):
            h, cache = run(x[:, start : start + size], state, W_xh, W_hh, b_h)
            caches.append(cache)
            state = h[:, -1]
        steps = [step for cache, _ in caches for step in cache]
        real = np.concatenate([real for _, real in caches])
        return rnn_backward(dh, (steps, real))

    def every_state(dh, x, h0, W_xh, W_hh, b_h, size, run):
        found = []

        def kept(*arguments):
            h, cache = run(*arguments)
            found.append(h)
            return h, cache

        return segments()(dh, x, h0, W_xh, W_hh, b_h, size, kept)

    def a_copy_of(keep):
        """Keeps what `keep` takes from each segment's states and cache, and runs every segment again all the same."""

        def program(dh, x, h0, W_xh, W_hh, b_h, size, run):
            found = []

            def kept(*arguments):
                h, cache = run(*arguments)
                found.append(keep(h, cache))
                return h, cache

            return segments()(dh, x, h0, W_xh, W_hh, b_h, size, kept)

        return program

    judge(
        space["check_checkpointed"],
        [space["checkpointed_solution"], segments()],
        {
            "stub": (space["checkpointed"], "was held"),
            "rnn_forward instead of run": (
                lambda dh, *rest: rnn_backward(dh, rnn_forward(*rest[:5])[1]),
                "through run",
            ),
            "truncated": (segments(enter="none"), "truncated"),
            "enters at the first step": (segments(enter="first"), "wrong."),
            "enters at every step": (segments(enter="all"), "wrong."),
            "dx in the order of the way back": (segments(keep=False), ": dx wrong."),
            "dh0 of the last segment": (segments(first="other"), ": dh0 wrong."),
            "parameters of the first segment only": (
                segments(whose="last"),
                "dW_xh, dW_hh, db_h wrong.",
            ),
            "from zeros": (segments(begin="zeros"), "wrong."),
            "the state after the first step": (
                segments(begin="first of segment"),
                "wrong.",
            ),
            "dh changed": (segments(in_place=True), "dh was changed"),
            "longer segments": (segments(size_of=lambda size: 2 * size), "was held"),
            "all caches from one pass": (held_from_one_pass, "held at once"),
            "all caches from the second pass": (segments(hold=True), "held at once"),
            "views, which hold all states": (segments(view=True), "is a view"),
            "every state kept": (every_state, "still held"),
            "a copy of every state": (
                a_copy_of(lambda h, cache: h.copy()),
                "more than its last",
            ),
            "a copy of every cache": (
                a_copy_of(lambda h, cache: copy.deepcopy(cache)),
                "more than its last",
            ),
            "from the start for each segment": (segments(again=True), "are enough"),
            "one step at a time": (
                segments(size_of=lambda size: 1),
                "shorter segments",
            ),
            "four gradients": (lambda *args: segments()(*args)[1:], "five gradients"),
        },
    )
