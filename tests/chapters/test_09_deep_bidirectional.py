"""The self-checks of the chapter on deep and bidirectional networks, fed with right and plausible wrong programs."""

import numpy as np

from rnnkit.sequence import rnn_backward

from .judging import judge
from .slices import take

CHAPTER = "09_deep_bidirectional"


def test_check_reach():
    space = take(CHAPTER, "check_reach", "reaches", "reaches_solution")
    right = space["reaches_solution"]

    def other(**rules):
        return lambda kind, s, t: (
            rules[kind](s, t) if kind in rules else right(kind, s, t)
        )

    judge(
        space["check_reach"],
        [right, lambda kind, s, t: np.bool_(right(kind, s, t))],
        {
            "the stub": (space["reaches"], "'left': x_0 can"),
            "deep sees ahead": (
                other(left=lambda s, t: s <= t + 2),
                "'left': x_1 cannot",
            ),
            "both without itself": (other(both=lambda s, t: s != t), "'both': x_0 can"),
            "the right half alone": (
                other(both=lambda s, t: s >= t),
                "'both': x_0 can",
            ),
            "late in the other direction": (
                other(late=lambda s, t: s <= t - 3),
                "'late': x_0 can",
            ),
            "late by one too few": (
                other(late=lambda s, t: s < t + 3),
                "'late': x_3 can",
            ),
            "the gap is seen": (other(gap=lambda s, t: True), "'gap': x_0 cannot"),
            "the gap from the left": (other(gap=lambda s, t: s < t), "'gap': x_1 can"),
            "nothing": (lambda kind, s, t: None, "can"),
        },
    )


def test_check_count():
    space = take(
        CHAPTER, "check_count", "count_parameters", "count_parameters_solution"
    )
    gates = space["GATES"]

    def counted(
        gru_biases=2, upper=lambda H, halves: halves * H, double=True, lstm_biases=1
    ):
        def count(cell, D, H, L, both):
            halves = 1 + both
            biases = {"rnn": 1, "lstm": lstm_biases, "gru": gru_biases}[cell]
            inputs = [D] + [upper(H, halves)] * (L - 1)
            times = halves if double else 1
            return sum(times * gates[cell] * H * (n + H + biases) for n in inputs)

        return count

    judge(
        space["check_count"],
        [space["count_parameters_solution"], counted()],
        {
            "the stub": (space["count_parameters"], "1 layer of gru"),
            "one bias for the GRU": (counted(gru_biases=1), "gru, D = 5"),
            "torch's two biases": (counted(lstm_biases=2), "1 layer of lstm"),
            "no bias": (counted(0, lstm_biases=0), "lstm, D = 5"),
            "upper layers read one half": (
                counted(upper=lambda H, halves: H),
                "3 layers of gru",
            ),
            "upper layers of an LSTM read c too": (
                lambda cell, D, H, L, both: counted(
                    upper=lambda H, halves: halves * H * (2 if cell == "lstm" else 1)
                )(cell, D, H, L, both),
                "2 layers of lstm",
            ),
            "both counted once": (counted(double=False), "both directions"),
            "upper layers read D": (
                lambda cell, D, H, L, both: (
                    (1 + both) * L * counted()(cell, D, H, 1, False)
                ),
                "3 layers of rnn",
            ),
            "D and H exchanged": (
                lambda cell, D, H, L, both: counted()(cell, H, D, L, both),
                "expected",
            ),
        },
    )


def test_check_late():
    space = take(CHAPTER, "check_late", "late", "late_solution")
    right = space["late_solution"]

    def rolled(targets, d):
        mask = np.zeros(targets.shape, bool)
        mask[:, d:] = True
        return np.roll(targets, d, axis=1), mask

    def early(targets, d):
        shifted, mask = np.zeros_like(targets), np.zeros(targets.shape, bool)
        T = targets.shape[1]
        shifted[:, : max(0, T - d)] = targets[:, d:]
        mask[:, : max(0, T - d)] = True
        return shifted, mask

    def counted_from_the_end(targets, d):
        shifted, mask = np.zeros_like(targets), np.zeros(targets.shape, bool)
        # Behind T this index is negative; with T = 3 and d = 5 it leaves one column, which fits anything.
        shifted[:, d:] = targets[:, : targets.shape[1] - d]
        mask[:, d:] = True
        return shifted, mask

    def written_while_read(targets, d):
        shifted, mask = targets.copy(), right(targets, d)[1]
        for t in range(targets.shape[1] - d):
            shifted[:, t + d] = shifted[:, t]
        return shifted, mask

    def in_place(targets, d):
        shifted, mask = right(targets, d)
        targets[:] = shifted
        return targets, mask

    judge(
        space["check_late"],
        [right, rolled],
        {
            "the stub": (space["late"], "the first 2 steps ask for nothing"),
            "early": (early, "the first 2 steps"),
            "counted from the end behind T": (counted_from_the_end, "ValueError"),
            "the mask at the end": (
                lambda t, d: (right(t, d)[0], right(t, d)[1][:, ::-1]),
                "the first 2 steps",
            ),
            "a mask from the values": (
                lambda t, d: (right(t, d)[0], right(t, d)[0] > 0),
                "something is asked",
            ),
            "a mask of numbers": (
                lambda t, d: (right(t, d)[0], right(t, d)[1].astype(int)),
                "mask of bool",
            ),
            "nothing shifted": (lambda t, d: (t.copy(), right(t, d)[1]), "step 2 asks"),
            "one step too many": (
                lambda t, d: (right(t, d + 1)[0], right(t, d)[1]),
                "asks for what",
            ),
            "mask one too short": (
                lambda t, d: (right(t, d)[0], right(t, d + 1)[1]),
                "something is asked",
            ),
            "longer arrays": (
                lambda t, d: tuple(np.pad(a, ((0, 0), (0, d))) for a in right(t, d)),
                "expected both",
            ),
            "in place": (in_place, "changed the array"),
            "written while it is read": (written_while_read, "step 4 asks"),
            "zeros": (
                lambda t, d: (0 * right(t, d)[0], right(t, d)[1]),
                "asks for what",
            ),
        },
    )


def test_check_turn():
    space = take(CHAPTER, "check_turn", "turn", "turn_solution")
    right = space["turn_solution"]

    def by_rows(x, lengths):
        out = x.copy()
        for row, n in zip(out, lengths, strict=True):
            row[:n] = row[:n][::-1].copy()
        return out

    def from_itself(x, lengths):
        out = x.copy()
        for row, n in zip(out, lengths, strict=True):
            for t in range(n):
                row[t] = row[n - 1 - t]
        return out

    def views_exchanged(x, lengths):
        out = x.copy()
        for row, n in zip(out, lengths, strict=True):
            for t in range(n // 2):
                row[t], row[n - 1 - t] = row[n - 1 - t], row[t]
        return out

    def ends_exchanged(x, lengths):
        out = x.copy()
        for row, n in zip(out, lengths, strict=True):
            row[[0, n - 1]] = row[[n - 1, 0]]
        return out

    def loop_too_short(x, lengths):
        out = x.copy()
        for b, n in enumerate(lengths):
            out[b, : n - 1] = x[b, 1:n][::-1]
        return out

    def off_by_one(x, lengths):
        return right(x, np.maximum(1, np.asarray(lengths) - 1))

    def padding_first(x, lengths):
        return np.stack(
            [
                np.concatenate([r[n:], r[:n][::-1]])
                for r, n in zip(x, lengths, strict=True)
            ]
        )

    def padding_zero(x, lengths):
        t = np.arange(x.shape[1])
        return right(x, lengths) * (t < np.asarray(lengths)[:, None])[..., None]

    def in_place(x, lengths):
        x[:] = right(x, lengths)
        return x

    judge(
        space["check_turn"],
        [right, by_rows],
        {
            "the stub": (
                space["turn"],
                "Length 3 of 5: at place 0 should stand step 2, and there is step 4.",
            ),
            "written over while it is read": (
                from_itself,
                "Length 5 of 5: at place 3 should stand step 1, and there is step 3.",
            ),
            "views exchanged": (
                views_exchanged,
                "Length 5 of 5: at place 3 should stand step 1, and there is step 3.",
            ),
            "the two ends alone": (
                ends_exchanged,
                "Length 5 of 5: at place 1 should stand step 3, and there is step 1.",
            ),
            "a loop one too short": (
                loop_too_short,
                "Length 5 of 5: at place 4 should stand step 0, and there is step 4.",
            ),
            "off by one": (off_by_one, "at place 0 should stand step 4"),
            "padding first": (padding_first, "at place 0 should stand"),
            "sorted and turned": (lambda x, n: np.sort(x, axis=1)[:, ::-1], ""),
            "into whole numbers": (
                lambda x, n: right(x, n).astype(int),
                "at place 0 should stand",
            ),
            "padding set to zero": (padding_zero, "behind the last real step"),
            "the whole tail turned too": (
                lambda x, n: np.concatenate(
                    [right(x, n)[:, : min(n)], right(x, n)[:, min(n) :][:, ::-1]],
                    axis=1,
                ),
                "",
            ),
            "the first row's length for all": (
                lambda x, n: right(x, np.full(len(x), n[0])),
                "at place 0 should stand",
            ),
            "features too": (
                lambda x, n: right(x, n)[..., ::-1],
                "and there is none of them",
            ),
            "in place": (in_place, "changed the array"),
            "cut": (lambda x, n: right(x, n)[:, : max(n) - 1], "shape"),
        },
    )


def test_check_around():
    space = take(CHAPTER, "check_around", "around", "around_solution")
    right = space["around_solution"]

    def rolled(a, b):
        return np.concatenate([np.roll(a, 1, axis=1), np.roll(b, -1, axis=1)], axis=-1)

    def same_way(a, b):
        first = right(a, b)[..., : a.shape[-1]]
        return np.concatenate([first, right(b, a)[..., : a.shape[-1]]], axis=-1)

    def in_place(a, b):
        a[:, 1:], b[:, :-1] = a[:, :-1].copy(), b[:, 1:].copy()
        a[:, 0] = b[:, -1] = 0
        return np.concatenate([a, b], axis=-1)

    judge(
        space["check_around"],
        [right],
        {
            "in place": (in_place, "You changed the arrays"),
            "the stub": (space["around"], "the answer is in it"),
            "rolled round": (rolled, ""),
            "both moved to the right": (same_way, "right reader"),
            "only the left moved": (
                lambda a, b: np.concatenate(
                    [right(a, b)[..., : a.shape[-1]], b], axis=-1
                ),
                "the answer is in it",
            ),
            "by two": (
                lambda a, b: right(
                    right(a, b)[..., : a.shape[-1]], right(a, b)[..., a.shape[-1] :]
                ),
                "reader's state",
            ),
            "right half first": (
                lambda a, b: np.roll(right(a, b), a.shape[-1], axis=-1),
                "",
            ),
            "edges repeated": (
                lambda a, b: np.concatenate(
                    [
                        np.concatenate([a[:, :1], a[:, :-1]], axis=1),
                        np.concatenate([b[:, 1:], b[:, -1:]], axis=1),
                    ],
                    axis=-1,
                ),
                "the answer is in it",
            ),
            "added instead of side by side": (
                lambda a, b: sum(np.split(right(a, b), 2, axis=-1)),
                "shape",
            ),
        },
    )


def test_check_residual():
    space = take(
        CHAPTER,
        "check_residual",
        "residual_forward",
        "residual_backward",
        "residual_backward_solution",
    )
    right = space["residual_backward_solution"]

    def backward(past=lambda k: 1.0 * (k > 0), order=1, before=False):
        def run(dh, caches):
            found = []
            for k in reversed(range(len(caches))):
                arrives = dh * (1 + past(k)) if before else dh
                through, _, _, dW, _ = rnn_backward(arrives, caches[k])
                dh = through + past(k) * dh if dh.shape == through.shape else through
                found.append(dW)
            return dh, found[::-order]

        return run

    def skip_by_shape(dh, caches):
        found = []
        for cache in reversed(caches):
            through, _, _, dW, _ = rnn_backward(dh, cache)
            dh = dh + through if dh.shape == through.shape else through
            found.insert(0, dW)
        return dh, found

    def in_place(dh, caches):
        found = []
        for k in reversed(range(len(caches))):
            through, _, _, dW, _ = rnn_backward(dh, caches[k])
            if k:
                dh += through
            else:
                dh = through
            found.insert(0, dW)
        return dh, found

    judge(
        space["check_residual"],
        [right, backward()],
        {
            "the stub": (space["residual_backward"], "2 layers: dW_hh of layer 1"),
            "past the top alone": (
                lambda dh, caches: backward(lambda k: 1.0 * (k == len(caches) - 1 > 0))(
                    dh, caches
                ),
                "4 layers",
            ),
            "counted twice": (backward(lambda k: 2.0 * (k > 0)), "2 layers"),
            "subtracted": (backward(lambda k: -1.0 * (k > 0)), "2 layers"),
            "halved": (backward(lambda k: 0.5 * (k > 0)), "2 layers"),
            "added before the layer": (
                backward(before=True),
                "2 layers: dW_hh of layer 2",
            ),
            "from the top down": (backward(order=-1), "2 layers"),
            "changed in place": (in_place, "changed the dh"),
            "past whatever has the shape": (skip_by_shape, "2 layers: dx is off"),
            "one layer left out": (
                lambda dh, caches: (right(dh, caches)[0], right(dh, caches)[1][1:]),
                "as many dW_hh",
            ),
        },
    )
