"""The self-checks of chapter 7 against right programs and plausible wrong ones."""

import numpy as np

from .judging import judge
from .slices import take

CHAPTER = "07_lstm"


def test_check_peephole():
    names = ("check_peephole", "peephole_backward", "peephole_backward_solution")
    space = take(CHAPTER, *names)
    solution = space["peephole_backward_solution"]

    def gate_first(dh, dc, o, c, p):
        da = dh * o * (1 - o) * np.tanh(c)
        return [da * p + dc + dh * o / np.cosh(c) ** 2, np.einsum("bh,bh->h", da, c)]

    def dc_by(of):
        """The solution with another dc, made of its three ways out of c."""

        def program(dh, dc, o, c, p):
            tanh_c = np.tanh(c)
            ways = dc, dh * o * (1 - tanh_c**2), dh * tanh_c * o * (1 - o) * p
            return of(*ways, o, p), solution(dh, dc, o, c, p)[1]

        return program

    def dp_by(of):
        return lambda dh, dc, o, c, p: (solution(dh, dc, o, c, p)[0], of(dh, o, c))

    judge(
        space["check_peephole"],
        [solution, gate_first],
        {
            "stub: no way through the gate": (space["peephole_backward"], "third way"),
            "no way through the tanh": (
                dc_by(lambda later, tanh, gate, o, p: later + gate),
                "tanh(c) is missing",
            ),
            "nothing from later": (
                dc_by(lambda later, tanh, gate, o, p: tanh + gate),
                "next step is missing",
            ),
            "no slope of the gate": (
                dc_by(
                    lambda later, tanh, gate, o, p: later + tanh + gate / o / (1 - o)
                ),
                "dc: what is the slope",
            ),
            "no weight": (
                dc_by(lambda later, tanh, gate, o, p: later + tanh + gate / p),
                "which weight",
            ),
            "a minus sign": (
                dc_by(lambda later, tanh, gate, o, p: later + tanh - gate),
                "dc differs",
            ),
            "not a number": (
                dc_by(lambda later, tanh, gate, o, p: later * np.nan),
                "dc differs",
            ),
            "dc summed": (
                dc_by(lambda later, tanh, gate, o, p: (later + tanh + gate).sum(0)),
                "dc of shape",
            ),
            "dp for each example": (
                dp_by(lambda dh, o, c: dh * np.tanh(c) * o * (1 - o) * c),
                "Sum over them",
            ),
            "dp of the mean": (
                dp_by(lambda dh, o, c: (dh * np.tanh(c) * o * (1 - o) * c).mean(0)),
                "not the mean",
            ),
            "dp without the slope": (
                dp_by(lambda dh, o, c: (dh * np.tanh(c) * c).sum(0)),
                "dp: what is the slope",
            ),
            "da_o for dp": (
                dp_by(lambda dh, o, c: (dh * np.tanh(c) * o * (1 - o)).sum(0)),
                "by what is p",
            ),
            "dp without the tanh": (
                dp_by(lambda dh, o, c: (dh * c * o * (1 - o)).sum(0)),
                "by what is o",
            ),
            "dp over the units": (
                dp_by(lambda dh, o, c: (dh * np.tanh(c) * o * (1 - o) * c).sum(1)),
                "dp of shape",
            ),
            "one result": (lambda *a: solution(*a)[0], "ValueError"),
            "nothing returned": (lambda *a: None, "TypeError"),
        },
    )


def test_check_direct():
    space = take(CHAPTER, "check_direct", "direct_path", "direct_path_solution")
    solution = space["direct_path_solution"]

    def by_logarithms(f, mask):
        return np.exp((np.log(f) * mask[..., None]).cumsum(axis=1))

    def in_place(f, mask):
        f[~mask] = 1
        return f.cumprod(axis=1)

    def frozen_at_the_length(f, mask):
        last = np.minimum(np.arange(f.shape[1]), mask.sum(axis=1, keepdims=True) - 1)
        return np.take_along_axis(f.cumprod(axis=1), last[..., None], axis=1)

    def step_by_step(f, mask):
        found = f.copy()  # padding at the first step is not thought of
        for t in range(1, f.shape[1]):
            now = np.where(mask[:, t, None], f[:, t], 1.0)
            found[:, t] = now * found[:, t - 1]
        return found

    def smallest_so_far(f, mask):
        found = np.where(mask[..., None], f.cumprod(axis=1), 1.0)
        return np.minimum.accumulate(found, axis=1)

    def behind(f, mask):
        found = solution(f, mask)
        return np.concatenate([np.ones_like(found[:, :1]), found[:, :-1]], axis=1)

    judge(
        space["check_direct"],
        [solution, by_logarithms, in_place],
        {
            "stub: no mask": (space["direct_path"], "by which factor"),
            "factor 0": (
                lambda f, m: np.cumprod(f * m[..., None], axis=1),
                "erased",
            ),
            "product, then mask": (
                lambda f, m: np.cumprod(f, axis=1) * m[..., None],
                "erased",
            ),
            "1 at padded steps": (
                lambda f, m: np.where(m[..., None], f.cumprod(axis=1), 1.0),
                "stays as it was",
            ),
            "the last only": (lambda f, m: np.prod(f, axis=1), "Expected shape"),
            "backwards": (
                lambda f, m: solution(f[:, ::-1], m[:, ::-1])[:, ::-1],
                "wrong way",
            ),
            "one step behind": (behind, "One step behind"),
            "no product": (lambda f, m: np.where(m[..., None], f, 1.0), "single steps"),
            "over the units": (
                lambda f, m: np.where(m[..., None], f, 1.0).cumprod(axis=2),
                "Time is axis 1",
            ),
            "over the examples": (
                lambda f, m: np.where(m[..., None], f, 1.0).cumprod(axis=0),
                "Time is axis 1",
            ),
            "a sum": (
                lambda f, m: np.where(m[..., None], f, 0.0).cumsum(axis=1),
                "Not the product",
            ),
            "the mask the wrong way round": (
                lambda f, m: np.where(m[..., None], 1.0, f).cumprod(axis=1),
                "Not the product",
            ),
            "H = 5 written into the code": (
                lambda f, m: solution(f, m).reshape(len(f), -1, 5),
                "",
            ),
            "frozen at the length": (frozen_at_the_length, "between steps"),
            "the smallest so far": (smallest_so_far, "between steps"),
            "the first step always real": (step_by_step, "come first"),
            "nothing returned": (lambda f, m: None, "Expected shape"),
        },
    )


def test_check_coupled():
    names = ("check_coupled", "coupled_backward", "coupled_backward_solution")
    space = take(CHAPTER, *names)
    solution = space["coupled_backward_solution"]

    def two_steps(dc, f, g, c_prev):
        df, dg = dc * c_prev - dc * g, dc * (1 - f)
        return [df * f * (1 - f), dg * (1 - g * g), f * dc]

    def change(place, of):
        """The solution with one of its three results exchanged."""

        def program(dc, f, g, c_prev):
            found = list(solution(dc, f, g, c_prev))
            found[place] = of(dc, f, g, c_prev)
            return tuple(found)

        return program

    judge(
        space["check_coupled"],
        [solution, two_steps],
        {
            "stub": (space["coupled_backward"], "second use"),
            "sign lost": (
                change(0, lambda dc, f, g, c: dc * (c + g) * f * (1 - f)),
                "minus sign",
            ),
            "first use lost": (
                change(0, lambda dc, f, g, c: -dc * g * f * (1 - f)),
                "first use",
            ),
            "all of da_f turned": (
                change(0, lambda dc, f, g, c: dc * (g - c) * f * (1 - f)),
                "the sign",
            ),
            "df for da_f": (
                change(0, lambda dc, f, g, c: dc * (c - g)),
                "that is df",
            ),
            "half a slope": (
                change(0, lambda dc, f, g, c: dc * (c - g) * f),
                "slope of the sigmoid is",
            ),
            "tanh's slope at f": (
                change(0, lambda dc, f, g, c: dc * (c - g) * (1 - f**2)),
                "slope of tanh",
            ),
            "factor f at g": (
                change(1, lambda dc, f, g, c: dc * f * (1 - g**2)),
                "da_g: the factor of g",
            ),
            "dg for da_g": (
                change(1, lambda dc, f, g, c: dc * (1 - f)),
                "da_g: that is dg",
            ),
            "sigmoid's slope at g": (
                change(1, lambda dc, f, g, c: dc * (1 - f) * g * (1 - g)),
                "da_g: the slope of tanh",
            ),
            "g unweighted": (
                change(1, lambda dc, f, g, c: dc * (1 - g**2)),
                "da_g: by what",
            ),
            "wrong gate back": (
                change(2, lambda dc, f, g, c: dc * (1 - f)),
                "factor of g",
            ),
            "no gate back": (change(2, lambda dc, f, g, c: dc), "dc_prev: by what"),
            "f twice": (
                change(2, lambda dc, f, g, c: dc * f * f),
                "finite differences",
            ),
            "order": (
                lambda *a: (solution(*a)[1], solution(*a)[0], solution(*a)[2]),
                "Order",
            ),
            "summed over the batch": (
                lambda *a: tuple(one.sum(axis=0) for one in solution(*a)),
                "shape",
            ),
            "two results": (lambda *a: solution(*a)[:2], "Expected da_f"),
            "not a number": (change(0, lambda dc, f, g, c: dc * np.nan), "finite"),
        },
    )


def test_check_carousel():
    space = take(CHAPTER, "check_carousel", "carousel_bias", "carousel_bias_solution")

    def blocks(*biases):
        return lambda H: np.repeat(np.array(biases, float), H)

    judge(
        space["check_carousel"],
        [
            space["carousel_bias_solution"],
            blocks(20, 20, 0, 0),
            blocks(30, 21, 0, 0),
            blocks(100, 100, 0, 0),
        ],
        {
            "stub: the input gate forgotten": (space["carousel_bias"], "input gate"),
            "the forget gate forgotten": (blocks(25, 0, 0, 0), "forget gate still"),
            "the forget gate shut": (blocks(25, -25, 0, 0), "f = 1 keeps"),
            "the output gate too": (blocks(25, 25, 25, 0), "order is"),
            "another order": (blocks(25, 0, 25, 0), "order is"),
            "unit by unit": (lambda H: np.tile([25.0, 25, 0, 0], H), "order is"),
            "ajar": (blocks(8, 8, 0, 0), "not far enough"),
            "just too little": (blocks(19.9, 19.9, 0, 0), "not far enough"),
            "infinite": (blocks(np.inf, np.inf, 0, 0), "finite"),
            "enough without the 5": (blocks(15, 15, 0, 0), "not far enough"),
            "input gate ajar": (blocks(15, 25, 0, 0), "not far enough"),
            "two blocks only": (lambda H: np.full(2 * H, 25.0), "Expected shape"),
            "a matrix": (lambda H: np.zeros((4, H)), "Expected shape"),
            "five units written into the code": (
                lambda H: blocks(25, 25, 0, 0)(5),
                "for H = 1",
            ),
        },
    )


def test_check_counter():
    names = ("check_counter", "counter_by_hand", "counter_by_hand_solution")
    space = take(CHAPTER, *names)
    solution = space["counter_by_hand_solution"]

    def but(**changes):
        """The solution with single entries set: name -> {index: value}."""

        def program():
            made = solution()
            for name, entries in changes.items():
                for index, value in entries.items():
                    made[name][index] = value
            return made

        return program

    def letter_to(column, start=-3):
        """The solution with the letter sent to another gate of cell 1, which is then dead."""
        entries = {(0, 7): start, (1, 7): 0, (2, 7): 0, (1, column): -3, (2, column): 3}
        return but(W_xh=entries)

    def three_cells():
        made = solution()
        for name, axis in (("W_xh", 1), ("W_hh", 1), ("b_h", 0)):
            blocks = np.split(made[name], 4, axis=axis)
            none = np.zeros_like(np.take(blocks[0], [0], axis=axis))
            wider = [part for block in blocks for part in (block, none)]
            made[name] = np.concatenate(wider, axis)
        made["W_hh"] = np.concatenate([made["W_hh"], np.zeros((1, 12))])
        made["W_hy"] = np.concatenate([made["W_hy"], np.zeros((1, 4))])
        return made

    judge(
        space["check_counter"],
        [
            solution,
            but(b_h={2: 30}),
            but(b_h={2: 10.5}),  # 1 - f is 1/(10 * 60**2), a tenth of a step lost
            but(W_xh={(1, 7): 3}),  # cell 1 tells no letter, only that one was read
            but(W_xh={(1, 6): -1, (2, 6): 1}, W_hy={(0, 2): -4, (0, 3): 4}),
            # The start may also be told by a count of its own, or by the output's bias.
            but(W_xh={(0, 6): 0.1}),
            but(W_xh={(0, 7): 0}, b_y={1: 1}),
            but(W_xh={(1, 7): 0, (2, 7): 0}, b_h={3: -15}, b_y={3: 1}),
        ],
        {
            "stub: a forget gate that leaks": (space["counter_by_hand"], "leaks"),
            "leaks a little": (but(b_h={2: 6}), "leaks"),
            "loses a quarter of a step at 60, not half": (but(b_h={2: 9.5}), "leaks"),
            "the gate shut": (but(b_h={2: -15}), "leaks"),
            "the other cell's forget gate": (
                but(b_h={2: 3, 3: 15}),
                "keeps old content",
            ),
            "leaks from where ^ has put the count": (
                but(W_xh={(0, 6): 0.2}, b_h={2: 6}),
                "instead of 0.2",
            ),
            "both cells keep": (but(b_h={3: 15}), "keeps old content"),
            "cell 1 keeps half": (but(b_h={3: 0}), "keeps old content, f = 0.50"),
            "nothing tells ^ from an empty cell": (
                but(W_xh={(0, 7): 0}),
                "After ^ the best right symbol has 0.33, a wrong one 0.33",
            ),
            "the letter goes to i of cell 1": (letter_to(1), "into cell 1"),
            "the letter goes to f of cell 1": (letter_to(3), "into cell 1"),
            "the letter goes to o of cell 1": (letter_to(5), "into cell 1"),
            "the same, and ^ is empty": (
                letter_to(1, start=0),
                "into cell 1",
            ),
            "i of cell 1 is shut": (but(b_h={1: -15}), "into cell 1"),
            "^ is taken for a b": (but(W_xh={(0, 7): 3}), "at the end as at the start"),
            "the output ignores cell 1": (
                but(W_hy={(1, 1): 0, (1, 3): 0}),
                "output layer",
            ),
            "the output ignores cell 1, which keeps": (
                but(W_hy={(1, 1): 0, (1, 3): 0}, b_h={3: 15}),
                "keeps old content",
            ),
            "right by a hair": (
                but(
                    W_hy={(0, 2): 0.004, (0, 3): -0.004, (1, 1): -0.006, (1, 3): 0.006}
                ),
                "output layer",
            ),
            "smaller steps back": (but(W_xh={(2, 6): -0.9}), "up and down differ"),
            "no steps back": (but(W_xh={(2, 6): 0}), "up and down differ"),
            "both letters up": (but(W_xh={(2, 6): 1}), "up and down differ"),
            "the input gate shut": (but(b_h={0: -15}), "moves cell 0 by +0.000 only"),
            "no steps": (
                but(W_xh={(1, 6): 0, (2, 6): 0}),
                "moves cell 0 by +0.000 only",
            ),
            "the output ignores the count": (
                but(W_hy={(0, 2): 0, (0, 3): 0}),
                "output layer",
            ),
            "the output reads the count turned": (
                but(W_hy={(0, 2): -4, (0, 3): 4}),
                "output layer",
            ),
            "the count turned, and no letter told": (
                but(W_xh={(1, 7): 3}, W_hy={(0, 2): -4, (0, 3): 4}),
                "output layer",
            ),
            "the output gate shut": (but(b_h={4: -5}), "output gate is shut"),
            "the output gate shut, and no letter told": (
                but(W_xh={(1, 7): 3}, b_h={4: -5}),
                "output gate is shut",
            ),
            "not a number": (but(b_y={1: np.nan}), "First mistake at n = 1"),
            "three cells": (three_cells, "Two cells"),
            "one weight missing": (
                lambda: {k: v for k, v in solution().items() if k != "b_y"},
                "KeyError",
            ),
        },
    )
