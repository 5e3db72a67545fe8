"""The self-checks of chapter 5: right programs pass, plausible wrong ones get the right diagnosis."""

import heapq

import numpy as np

from rnnkit.functional import softmax
from rnnkit.scenes.captions import count
from rnnkit.scenes.pointing import inside

from .judging import judge
from .slices import take

CHAPTER = "05_captioning"


def test_multimodal():
    space = take(
        CHAPTER,
        "check_multimodal",
        "multimodal_backward",
        "multimodal_backward_solution",
    )
    solution = space["multimodal_backward_solution"]

    def with_sums(dm, m, v, U_v):
        da = dm * (1 - m * m)
        return np.einsum("btm,fm->bf", da, U_v), np.einsum("bf,btm->fm", v, da)

    def changing_its_inputs(dm, m, v, U_v):
        dm *= 1 - m**2
        return dm.sum(axis=1) @ U_v.T, v.T @ dm.sum(axis=1)

    def with_slope_of(slope):
        def program(dm, m, v, U_v):
            da = (dm * slope(m)).sum(axis=1)
            return da @ U_v.T, v.T @ da

        return program

    def at(step):
        return lambda dm, m, v, U_v: solution(
            dm[:, step : step + 1 or None], m[:, step : step + 1 or None], v, U_v
        )

    def each_step(dm, m, v, U_v):
        return (dm * (1 - m**2)) @ U_v.T, solution(dm, m, v, U_v)[1]

    def steps_before_slope(dm, m, v, U_v):
        da = dm.sum(axis=1) * (1 - m.mean(axis=1) ** 2)
        return da @ U_v.T, v.T @ da

    def half_first(dm, m, v, U_v):
        return solution(dm, m, v, U_v)[0], v.T @ (dm[:, 0] * (1 - m[:, 0] ** 2))

    def mean_of_batch(dm, m, v, U_v):
        dv, dU_v = solution(dm, m, v, U_v)
        return dv, dU_v / len(v)

    wrong = {
        "the first step": (space["multimodal_backward"], "first word"),
        "the last step": (at(-1), "last word"),
        "a mean over the steps": (
            lambda dm, m, v, U: solution(dm / dm.shape[1], m, v, U),
            "mean over the steps",
        ),
        "no slope": (with_slope_of(np.ones_like), "forgot the slope"),
        "tanh once more": (with_slope_of(lambda m: 1 - np.tanh(m) ** 2), "already"),
        "a sigmoid's slope": (with_slope_of(lambda m: m * (1 - m)), "dv is not right"),
        "dv for each step": (each_step, "add them up"),
        "one slope for all steps": (steps_before_slope, "own slope"),
        "dU_v of the first step alone": (half_first, "first word"),
        "a mean over the pictures": (mean_of_batch, "mean over the pictures"),
        "the other order": (lambda *a: solution(*a)[::-1], "order"),
        "U_v not transposed": (
            lambda dm, m, v, U: (dm.sum(axis=1) @ U, v.T @ dm.sum(axis=1)),
            "does not fit",
        ),
        "dU_v transposed": (
            lambda *a: (solution(*a)[0], solution(*a)[1].T),
            "Expected shapes",
        ),
    }
    right = [solution, with_sums, changing_its_inputs]
    judge(space["check_multimodal"], right, wrong)


def test_entropy():
    space = take(
        CHAPTER, "check_entropy", "entropy_gradient", "entropy_gradient_solution"
    )
    solution = space["entropy_gradient_solution"]

    def by_the_jacobian(s):
        p = softmax(s)
        return (np.diag(p) - np.outer(p, p)) @ (-np.log(p) - 1)

    def no_mean(s):
        p = softmax(s)
        return -p * np.log(p)

    def no_mean_with_one(s):
        p = softmax(s)
        return -p * (np.log(p) + 1)

    def plain_mean(s):
        p = softmax(s)
        return -p * (np.log(p) - np.log(p).mean())

    def diagonal(s):
        p = softmax(s)
        return p * (1 - p) * (-np.log(p) - 1)

    def centred(s):
        d = -np.log(softmax(s))
        return d - d.mean()

    wrong = {
        "by the weights": (space["entropy_gradient"], "dE / d alpha"),
        "without the factor": (lambda s: solution(s) / softmax(s), "factor"),
        "the sign": (lambda s: -solution(s), "sign"),
        "bits": (lambda s: solution(s) / np.log(2), "bits"),
        "no mean": (no_mean, "mean subtracted"),
        "no mean, with the 1": (no_mean_with_one, "mean subtracted"),
        "the plain mean": (plain_mean, "mean subtracted"),
        "the diagonal alone": (diagonal, "diagonal"),
        "centred": (centred, "Start from ds"),
        "the entropy": (lambda s: -(softmax(s) * np.log(softmax(s))).sum(), "got ()"),
        "half": (lambda s: solution(s) / 2, "Start from ds"),
        "by the square of the weight": (
            lambda s: solution(s) * softmax(s),
            "mean subtracted",
        ),
        "for seven scores alone": (lambda s: solution(s[:7]) + np.zeros(7), ""),
        "zero": (np.zeros_like, "Start from ds"),
    }
    judge(space["check_entropy"], [solution, by_the_jacobian], wrong)


def test_blind():
    space = take(
        CHAPTER, "check_blind", "best_fixed_region", "best_fixed_region_solution"
    )
    solution = space["best_fixed_region_solution"]

    def truths(scenes):
        return np.array([inside(n, t, 8) for t in scenes.things for n in count(t)])

    def by_scene(scenes):
        each = [
            np.mean([inside(n, t, 8) for n in count(t)], axis=0) for t in scenes.things
        ]
        return np.mean(each, axis=0)

    def with_a_loop(choose, test):
        hits, n = np.zeros(64), 0
        for things in choose.things:
            for name in {thing.name for thing in things}:
                hits += inside(name, things, 8)
        region = int(np.argmax(hits))
        found = 0
        for things in test.things:
            for name in {thing.name for thing in things}:
                found += inside(name, things, 8)[region]
                n += 1
        return region, found / n

    def score_of_the_chooser(choose, test):
        means = truths(choose).mean(axis=0)
        return means.argmax(), means.max()

    def chance(choose, test):
        return truths(choose).mean(axis=0).argmax(), truths(test).mean()

    def scenes_once(choose, test):
        region = by_scene(choose).argmax()
        return region, by_scene(test)[region]

    def scored_by_scene(choose, test):
        region = truths(choose).mean(axis=0).argmax()
        return region, by_scene(test)[region]

    def any_kind(choose, test):
        region = truths(choose).mean(axis=0).argmax()
        hit = [np.any([inside(n, t, 8)[region] for n in count(t)]) for t in test.things]
        return region, np.mean(hit)

    def on_both(choose, test):
        region = np.concatenate([truths(choose), truths(test)]).mean(axis=0).argmax()
        return region, truths(test).mean(axis=0)[region]

    def fixed(region):
        return lambda choose, test: (region, truths(test).mean(axis=0)[region])

    def least(choose, test):
        region = truths(choose).mean(axis=0).argmin()
        return region, truths(test).mean(axis=0)[region]

    def row_and_column(choose, test):
        region, share = solution(choose, test)
        return divmod(region, 8), share

    wrong = {
        "chosen where it is scored": (space["best_fixed_region"], "flatters"),
        "scored where it is chosen": (score_of_the_chooser, "that chose it"),
        "chance": (chance, "chance"),
        "each scene once": (scenes_once, "three times"),
        "scored scene by scene": (scored_by_scene, "three times"),
        "chosen on both": (on_both, "flatters"),
        "any kind of the scene": (any_kind, "its share is"),
        "the middle": (fixed(27), "another one"),
        "a corner": (fixed(0), "another one"),
        "the least": (least, "another one"),
        "row and column": (row_and_column, "region's number"),
        "the share alone": (lambda a, b: solution(a, b)[1], "does not fit"),
    }
    judge(space["check_blind"], [solution, with_a_loop], wrong)


def test_field():
    space = take(CHAPTER, "check_field", "receptive_field", "receptive_field_solution")
    solution = space["receptive_field_solution"]

    def from_the_top(layers):
        width = 1
        for kernel, stride in reversed(layers):
            width = (width - 1) * stride + kernel
        return width, int(np.prod([stride for _, stride in layers]))

    def wrong_width(of):
        return lambda layers: (of(layers), solution(layers)[1])

    def own_stride(layers):
        width, apart = 1, 1
        for kernel, stride in layers:
            apart *= stride
            width += (kernel - 1) * apart
        return width, apart

    def whole_kernels(layers):
        width, apart = 0, 1
        for kernel, stride in layers:
            width += kernel * apart
            apart *= stride
        return width, apart

    wrong = {
        "kernels added": (space["receptive_field"], "do not add up"),
        "no strides": (
            wrong_width(lambda layers: 1 + sum(k - 1 for k, _ in layers)),
            "one pixel apart",
        ),
        "the own stride": (own_stride, "Too early"),
        "from the wrong end": (
            wrong_width(lambda layers: solution(layers[::-1])[0]),
            "in the other order",
        ),
        "from the last one down, not reversed": (
            lambda layers: from_the_top(layers[::-1]),
            "from the last one down",
        ),
        "whole kernels": (whole_kernels, "expected"),
        "from nothing": (
            wrong_width(lambda layers: solution(layers)[0] - 1),
            "expected",
        ),
        "strides added": (
            lambda layers: (solution(layers)[0], sum(s for _, s in layers)),
            "apart",
        ),
        "the last stride": (
            lambda layers: (solution(layers)[0], layers[-1][1]),
            "apart",
        ),
        "only the width": (lambda layers: solution(layers)[0], "does not fit"),
        "for our eye alone": (lambda layers: (22, 8), "apart"),
    }
    judge(space["check_field"], [solution, from_the_top], wrong)


def grown(step, alive):
    """All continuations of some beginnings, the likeliest first: (words, word, probability)."""
    all_of_them = [(w, x, p * q) for w, p in alive for x, q in step(w).items()]
    return sorted(all_of_them, key=lambda g: -g[2])


def beam_like(
    prune=lambda grown, width: grown[:width],
    rank=lambda words, p, without_end: p,
    price=lambda p, without_end: p,
    over=lambda ended, alive, width: (
        ended and max(e[1] for e in ended) >= max((p for _, p in alive), default=0.0)
    ),
    limit=lambda longest: longest,
):
    """The beam search of the chapter with one part changed."""

    def program(step, width, longest):
        alive, ended = [((), 1.0)], []
        for _ in range(limit(longest)):
            best = prune(grown(step, alive), width)
            ended += [(w, p, p / step(w)["END"]) for w, x, p in best if x == "END"]
            alive = [((*w, x), p) for w, x, p in best if x != "END"]
            if not alive or over(ended, alive, width):
                break
        if not ended:
            return max(alive, key=lambda a: a[1])
        words, p, without = max(ended, key=lambda e: rank(*e))
        return words, price(p, without)

    return program


def test_beam():
    space = take(CHAPTER, "check_beam", "beam", "beam_solution")

    def with_a_heap(step, width, longest):
        alive, ended = [(1.0, ())], [(0.0, None)]
        for _ in range(longest):
            every = [(p * q, w, x) for p, w in alive for x, q in step(w).items()]
            best = heapq.nlargest(width, every, key=lambda e: e[0])
            ended += [(p, w) for p, w, x in best if x == "END"]
            alive = [(p, (*w, x)) for p, w, x in best if x != "END"]
            if not alive:
                break
        p, words = max(ended, key=lambda e: e[0])
        if words is None:
            p, words = max(alive, key=lambda e: e[0])
        return words, p

    def never_over(ended, alive, width):
        return False

    def per_beginning(every, width):
        kept = {}
        for g in every:
            kept.setdefault(g[0], []).append(g)
        return [g for some in kept.values() for g in some[:width]]

    def one_each(every, width):
        """At most one continuation of a beginning, but for the first word."""
        kept = {}
        for g in every:
            kept.setdefault(g[0] or g[1], g)
        return list(kept.values())[:width]

    def one_for_each_word(every, width):
        """Of beginnings that go on with one word the likelier only, as a decoder of states would."""
        kept = {}
        for g in every:
            kept.setdefault(g[1], g)
        return list(kept.values())[:width]

    def greedy_restarts(step, width, longest):
        best = ((), 0.0)
        for _, word, p in grown(step, [((), 1.0)])[:width]:
            words = (word,)
            for _ in range(longest - 1):
                choices = step(words)
                word = max(choices, key=choices.get)
                p *= choices[word]
                if word == "END":
                    break
                words += (word,)
            best = max(best, (words, p), key=lambda b: b[1])
        return best

    def first_that_ends(step, width, longest):
        alive = [((), 1.0)]
        for _ in range(longest):
            best = grown(step, alive)[:width]
            for words, word, p in best:
                if word == "END":
                    return words, p
            alive = [((*w, x), p) for w, x, p in best]
        return alive[0]

    def until_an_end_is_likeliest(step, width, longest):
        """Returns that one, without a look at those put aside before."""
        alive, ended = [((), 1.0)], []
        for _ in range(longest):
            best = grown(step, alive)[:width]
            ended += [(w, p) for w, x, p in best if x == "END"]
            if best and best[0][1] == "END":
                return best[0][0], best[0][2]
            alive = [((*w, x), p) for w, x, p in best if x != "END"]
        return max(ended or alive, key=lambda e: e[1])

    def the_last_that_ends(step, width, longest):
        """Puts one caption aside, and each that ends takes its place."""
        alive, ended = [((), 1.0)], None
        for _ in range(longest):
            best = grown(step, alive)[:width]
            ended = next(((w, p) for w, x, p in best[::-1] if x == "END"), ended)
            alive = [((*w, x), p) for w, x, p in best if x != "END"]
            if not alive or (ended and ended[1] >= alive[0][1]):
                break
        return ended or alive[0]

    def every_end(step, width, longest):
        """An END that is not among the `width` likeliest is put aside all the same."""
        alive, ended = [((), 1.0)], []
        for _ in range(longest):
            every = grown(step, alive)
            ended += [(w, p) for w, x, p in every if x == "END"]
            alive = [((*w, x), p) for w, x, p in every if x != "END"][:width]
            if not alive:
                break
        return max(ended or alive, key=lambda e: e[1])

    def narrower(step, width, longest):
        """Every caption that ends takes its place in the beam away for good."""
        alive, ended = [((), 1.0)], []
        for _ in range(longest):
            best = grown(step, alive)[: width - len(ended)]
            ended += [(w, p) for w, x, p in best if x == "END"]
            alive = [((*w, x), p) for w, x, p in best if x != "END"]
            if not alive:
                break
        return max(ended or alive, key=lambda e: e[1])

    def left_in_the_beam(step, width, longest):
        """Captions that have ended compete for the places and may be pushed out."""
        every = [((), 1.0)]
        for _ in range(longest):
            ended = [(w, p) for w, p in every if w[-1:] == ("END",)]
            alive = [(w, p) for w, p in every if w[-1:] != ("END",)]
            more = [((*w, x), p) for w, x, p in grown(step, alive)]
            every = sorted(ended + more, key=lambda e: -e[1])[:width]
        words, p = next((e for e in every if e[0][-1] == "END"), every[0])
        return tuple(w for w in words if w != "END"), p

    def unended(pick):
        """Takes the choice among all that is left at the end from `pick`."""

        def program(step, width, longest):
            alive, ended = [((), 1.0)], []
            for _ in range(longest):
                best = grown(step, alive)[:width]
                ended += [(w, p) for w, x, p in best if x == "END"]
                alive = [((*w, x), p) for w, x, p in best if x != "END"]
                if not alive:
                    break
            return pick(ended, alive)

        return program

    def with_end(step, width, longest):
        words, p = space["beam_solution"](step, width, longest)
        return (*words, "END"), p

    def log_probability(step, width, longest):
        words, p = space["beam_solution"](step, width, longest)
        return words, np.log(p)

    wrong = {
        "greedy": (space["beam"], "two beginnings"),
        "greedy restarts": (greedy_restarts, "one beginning"),
        "one continuation each": (beam_like(prune=one_each), "one beginning"),
        "one beginning for each word": (
            beam_like(prune=one_for_each_word),
            "with one word",
        ),
        "the first that ends": (first_that_ends, "not the best"),
        "ranked by the mean over the words": (
            beam_like(rank=lambda w, p, _: np.log(p) / (len(w) + 1), over=never_over),
            "not by a mean",
        ),
        "over when an END is likeliest": (until_an_end_is_likeliest, "ended earlier"),
        "the last that ends": (the_last_that_ends, "of two that end, the best"),
        "ranked without END": (
            beam_like(rank=lambda w, p, without: without, over=never_over),
            "with their END",
        ),
        "priced without END": (
            beam_like(price=lambda p, without: without),
            "with its END",
        ),
        "the longest ignored": (beam_like(limit=lambda n: 50), "`longest` steps"),
        "one step more": (beam_like(limit=lambda n: n + 1), "`longest` steps"),
        "over when `width` have ended": (
            beam_like(over=lambda ended, alive, width: len(ended) >= width),
            "a living one is likelier",
        ),
        "over when one has ended": (
            beam_like(over=lambda ended, alive, width: len(ended) >= 1),
            "",
        ),
        "`width` for each beginning": (beam_like(prune=per_beginning), "in all"),
        "over when the worst living one is overtaken": (
            beam_like(
                over=lambda ended, alive, width: (
                    ended
                    and max(e[1] for e in ended)
                    >= min((p for _, p in alive), default=0.0)
                )
            ),
            "a living one is likelier",
        ),
        "an END needs no place": (every_end, "among the `width` likeliest"),
        "a place fewer for each END": (narrower, "after an END"),
        "what has ended stays in the beam": (left_in_the_beam, "stays aside"),
        "a beginning beats what has ended": (
            unended(lambda ended, alive: max(ended + alive, key=lambda e: e[1])),
            "no caption",
        ),
        "the least likely beginning": (
            unended(
                lambda ended, alive: (
                    max(ended, key=lambda e: e[1]) if ended else alive[-1]
                )
            ),
            "Nothing ended",
        ),
        "no pruning": (beam_like(prune=lambda every, width: every), ""),
        "END among the words": (with_end, "without END"),
        "a log-probability": (log_probability, "with its END"),
    }
    right = [space["beam_solution"], with_a_heap, beam_like(over=never_over)]
    judge(space["check_beam"], right, wrong)


def test_leave_one_out():
    space = take(
        CHAPTER, "check_leave_one_out", "leave_one_out", "leave_one_out_solution"
    )

    def with_baseline(baseline, reduce=np.mean):
        def program(p, L, drawn):
            score = np.eye(len(p))[drawn] - p
            b = np.array([baseline(p, L, drawn, k) for k in range(len(drawn))])
            return reduce((L[drawn] - b)[:, None] * score, axis=0)

        return program

    def others(p, L, drawn, k):
        return np.delete(L[drawn], k).mean()

    def region_left_out(p, L, drawn, k):
        """Where all draws agree, this is a mean of nothing."""
        others = L[drawn[drawn != drawn[k]]]
        with np.errstate(invalid="ignore"):
            return others.sum() / len(others)

    def own_factor(p, L, drawn):
        return space["leave_one_out"](p, L, drawn) * len(drawn) / (len(drawn) - 1)

    def negative(p, L, drawn):
        return -space["leave_one_out_solution"](p, L, drawn)

    wrong = {
        "the mean of all draws": (space["leave_one_out"], "own loss"),
        "no baseline": (with_baseline(lambda *a: 0.0), "another baseline"),
        "a constant": (with_baseline(lambda *a: 3.0), "another baseline"),
        "the neighbour's loss": (
            with_baseline(lambda p, L, drawn, k: L[drawn[k - 1]]),
            "another baseline",
        ),
        "the median of the others": (
            with_baseline(lambda p, L, d, k: np.median(np.delete(L[d], k))),
            "another baseline",
        ),
        "the expected loss": (
            with_baseline(lambda p, L, drawn, k: p @ L),
            "not drawn",
        ),
        "the region left out, not the draw": (
            with_baseline(region_left_out),
            "leave out the draw",
        ),
        "the mean of the known losses": (
            with_baseline(lambda p, L, drawn, k: np.nanmean(L)),
            "own loss",
        ),
        "a sum": (with_baseline(others, reduce=np.sum), "by K."),
        "the sum divided by K - 1": (
            with_baseline(others, lambda a, axis: a.sum(axis) / (len(a) - 1)),
            "by K.",
        ),
        "the sign": (negative, "sign"),
        "one row for each draw": (
            with_baseline(others, reduce=lambda a, axis: a),
            "Expected shape",
        ),
        "divided by K, not K - 1": (
            with_baseline(lambda p, L, d, k: np.delete(L[d], k).sum() / len(d)),
            "another baseline",
        ),
    }

    def without_the_weights(p, L, drawn):
        """L_k - b_k sum to zero, so that p drops out."""
        return space["leave_one_out_solution"](0 * p, L, drawn)

    right = [
        space["leave_one_out_solution"],
        with_baseline(others),
        own_factor,
        without_the_weights,
    ]
    judge(space["check_leave_one_out"], right, wrong)
