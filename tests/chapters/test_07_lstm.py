"""The self-checks of chapter 7 against right programs and plausible wrong ones."""

import numpy as np

from .judging import judge
from .slices import take

CHAPTER = "07_lstm"


def test_check_bias():
    space = take(CHAPTER, "check_bias", "bias_for", "bias_for_solution")

    def by_the_gate(T):
        f = 2 ** (-1 / T)
        return np.log(f / (1 - f))

    judge(
        space["check_bias"],
        [space["bias_for_solution"], by_the_gate, lambda T: [by_the_gate(T)][0]],
        {
            "stub: ln f forgotten": (space["bias_for"], "ln f is missing"),
            "the gate itself": (lambda T: 0.5 ** (1 / T), "the gate f"),
            "one half per step": (lambda T: 0.0, "per step"),
            "sign": (lambda T: np.log(2 ** (1 / T) - 1), "sign"),
            "ln T": (np.log, "what does the one half do"),
            "limit for large T": (
                lambda T: np.log(T) - np.log(np.log(2)),
                "not exact",
            ),
            "base 2": (
                lambda T: -np.log2(2 ** (1 / T) - 1),
                "your bias keeps",
            ),
            "a gate of 1 - 1/(2T)": (lambda T: np.log(2 * T - 1), "your bias keeps"),
            "one step too many": (lambda T: by_the_gate(T + 1), "your bias keeps"),
            "a table for three lengths": (
                lambda T: {1: 0.0, 10: by_the_gate(10), 100: by_the_gate(100)}[T],
                "KeyError",
            ),
            "nothing returned": (lambda T: None, "TypeError"),
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
            but(W_xh={(1, 6): -1, (2, 6): 1}, W_hy={(0, 2): -4, (0, 3): 4}),
        ],
        {
            "stub: a forget gate that leaks": (space["counter_by_hand"], "leaks"),
            "leaks a little": (but(b_h={2: 6}), "leaks"),
            "the gate shut": (but(b_h={2: -15}), "leaks"),
            "the other cell's forget gate": (but(b_h={2: 3, 3: 15}), "leaks"),
            "both cells keep": (but(b_h={3: 15}), "cell 1 does not turn"),
            "smaller steps back": (but(W_xh={(2, 6): -0.9}), "up and down differ"),
            "no steps back": (but(W_xh={(2, 6): 0}), "up and down differ"),
            "both letters up": (but(W_xh={(2, 6): 1}), "up and down differ"),
            "the input gate shut": (but(b_h={0: -15}), "does not move"),
            "no steps": (but(W_xh={(1, 6): 0, (2, 6): 0}), "does not move"),
            "the output ignores the count": (
                but(W_hy={(0, 2): 0, (0, 3): 0}),
                "output layer",
            ),
            "the output reads the count turned": (
                but(W_hy={(0, 2): -4, (0, 3): 4}),
                "output layer",
            ),
            "three cells": (three_cells, "Two cells"),
            "one weight missing": (
                lambda: {k: v for k, v in solution().items() if k != "b_y"},
                "KeyError",
            ),
        },
    )
