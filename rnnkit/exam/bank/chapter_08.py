"""The GRU: corners, conventions, paths, and comparisons of cells."""

import math

import numpy as np

from rnnkit.cells import gru_step_backward, gru_step_forward
from rnnkit.exam.draw import gate
from rnnkit.exam.question import Drawn, question

OPEN, SHUT = 40.0, -40.0  # arguments at which a sigmoid is 1 or 0 to all digits


def step(a_r, a_z, a_x, h_prev, w_n, b_n=0.0):
    """One step of a GRU with one unit: arguments of r and z given, n = tanh(a_x + r (w_n h_prev + b_n))."""
    W_hh, b_x, b_h = [[0.0, 0.0, w_n]], [a_r, a_z, a_x], [0.0, 0.0, b_n]
    one = np.ones((1, 1))
    return gru_step_forward(
        0 * one, h_prev * one, np.zeros((1, 3)), *map(np.array, (W_hh, b_x, b_h))
    )


@question("One step of a GRU", level=1, chapters=[8])
def one_step(draw):
    a_r, a_z, a_x = draw.steps(-2, 2, 0.5, 3)
    h_prev, w = draw.tenths(), draw.steps(0.5, 1.5, 0.5)
    h, cache = step(a_r, a_z, a_x, h_prev, w)
    n = cache[4]
    return Drawn(
        r"""
        A GRU with one unit, $n = \tanh(x_n + r\, w h_{t-1})$ and $h_t = (1 - z) n + z h_{t-1}$, has $h_{t-1} = <<h_prev>>$,
        $w = <<w>>$, $x_n = <<a_x>>$. The arguments of $r$ and $z$ are $<<a_r>>$ and $<<a_z>>$.

        (a) Compute $r$, $z$, $n$ and $h_t$.
        (b) Which gate acts on the old state directly, which only inside the candidate?
        """,
        r"""
        (a) $r = <<r:.3f>>$, $z = <<z:.3f>>$, $n = <<n:.3f>>$, $h_t = <<h:.3f>>$.
        (b) $z$ mixes the old state with the candidate; $r$ acts inside the candidate only.
        """,
        [(3, "(a)"), (1, "(b)")],
        {"a_r": a_r, "a_z": a_z, "a_x": a_x, "h_prev": h_prev, "w": w},
        {"n": n[0, 0], "h": h[0, 0]},
        {"r": gate(a_r), "z": gate(a_z)},
    )


@question("The four corners", level=1, chapters=[8, 2])
def corners(draw):
    h_prev, a_x, w = draw.tenths(), draw.tenths(), draw.steps(0.5, 1.5, 0.1)
    states = [
        step(r, z, a_x, h_prev, w)[0][0, 0]
        for r, z in [(SHUT, SHUT), (OPEN, SHUT), (SHUT, OPEN), (OPEN, OPEN)]
    ]
    return Drawn(
        r"""
        A GRU with one unit, $n = \tanh(x_n + r\, w h_{t-1})$, $h_t = (1 - z) n + z h_{t-1}$, with $h_{t-1} = <<h_prev>>$,
        $x_n = <<a_x>>$, $w = <<w>>$.

        (a) Compute $h_t$ for $(r, z) = (0, 0), (1, 0), (0, 1), (1, 1)$.
        (b) Which corner is the vanilla RNN? Which one forgets the past altogether?
        (c) Why is there a reset gate, if $z = 0$ overwrites the state already?
        """,
        r"""
        (a) $<<states:.3f>>$.
        (b) $(1, 0)$ is the vanilla RNN, $(0, 0)$ forgets: the state is a function of the input alone.
        (c) $z = 0$ puts the candidate in the state's place, and without $r$ the candidate is computed from the whole old state.
        """,
        [(2, "(a)"), (2, "(b)"), (1, "(c)")],
        {"h_prev": h_prev, "a_x": a_x, "w": w},
        {"states": states},
    )


@question("A memory of a given length", level=1, chapters=[8])
def keeping(draw):
    z, T = draw.one_of([0.8, 0.9, 0.95, 0.98, 0.99]), 10 * draw.whole(2, 9)
    share, steps = draw.one_of([0.5, 0.1]), 10 * draw.whole(1, 9)
    need = share ** (1 / steps)
    return Drawn(
        r"""
        A unit keeps the share $z$ of its state at every step and writes nothing else.

        (a) What is left of a number after <<T>> steps for $z = <<z>>$?
        (b) Which $z$ leaves <<share>> after <<steps>> steps, and which bias of the gate gives it (no other input)?
        (c) Two numbers, 0.4 and 0.8, are kept in this way. Can they still be told apart after <<T>> steps, in principle? What
        does a $z$ near 1 at all times cost?
        """,
        r"""
        (a) $<<z>>^{<<T>>} = <<left:.3g>>$.
        (b) $z = <<share>>^{1/<<steps>>} = <<need:.4f>>$; the bias is $\ln(z/(1-z)) = <<bias:.2f>>$.
        (c) Yes: one is still twice the other. But a unit that keeps nearly all at all times writes next to nothing; the gate has
        to choose at every step.
        """,
        [(1, "(a)"), (2, "(b)"), (2, "(c)")],
        {"z": z, "T": T, "share": share, "steps": steps},
        {"left": z**T, "need": need, "bias": math.log(need / (1 - need))},
    )


@question("The other z", level=2, chapters=[8])
def other_z(draw):
    bias, T = draw.steps(-3, 3, 0.5), draw.whole(5, 20)
    keep = 1 - gate(bias)
    return Drawn(
        r"""
        A paper writes $h_t = (1 - z_t) h_{t-1} + z_t n_t$ and starts the bias of $z$ at $<<bias>>$. Your package has
        $h_t = (1 - z_t) n_t + z_t h_{t-1}$.

        (a) Which share of the state does the paper's unit keep per step at the start, and what is left after <<T>> steps?
        (b) Which bias has the same effect in your package? Which other parameters must change when a whole trained network is
        carried over?
        (c) What would happen if the parameters were copied as they are?
        """,
        r"""
        (a) $1 - \sigma(<<bias>>) = <<keep:.3f>>$; $<<keep:.3f>>^{<<T>>} = <<left:.3g>>$.
        (b) $<<same:.1f>>$, since $1 - \sigma(a) = \sigma(-a)$: the block of $z$ in $W_{xh}$, $W_{hh}$ and both biases changes its
        sign.
        (c) No error: the shapes fit. Every unit keeps what it should overwrite and the other way round.
        """,
        [(2, "(a)"), (3, "(b) the bias, and all blocks of $z$"), (1, "(c)")],
        {"bias": bias, "T": T},
        {"keep": keep, "left": keep**T, "same": -bias},
    )


@question("A fair size", level=2, chapters=[8, 7])
def fair_size(draw):
    D, H = 4 * draw.whole(2, 12), 8 * draw.whole(4, 16)
    lstm = 4 * (D * H + H * H + H)
    size = max(n for n in range(1, 3 * H) if gru_parameters(D, n) <= lstm)
    return Drawn(
        r"""
        An LSTM has $D = <<D>>$ inputs, $H = <<H>>$ units and one bias vector. A GRU (two bias vectors of $3H'$) is to have as
        many parameters as possible, but not more than the LSTM.

        (a) Write down both numbers of parameters and find $H'$.
        (b) Which other things must be equal, or chosen separately for each cell, in a fair comparison?
        """,
        r"""
        (a) $4(DH + H^2 + H) = <<lstm>>$; $3(DH' + H'^2 + 2H') \le <<lstm>>$ holds up to $H' = <<size>>$, with
        $<<gru>>$ parameters.
        (b) Equal: data, number of updates, seeds, batch. Separately: the learning rate, from a grid at whose edge the best one
        does not lie, chosen on data that is not scored.
        """,
        [
            (3, "(a) both formulas and $H'$"),
            (2, "(b) two equal things; the rate for each"),
        ],
        {"D": D, "H": H},
        {"lstm": lstm, "size": size, "gru": gru_parameters(D, size)},
    )


def gru_parameters(D, H):
    """The number of parameters of a GRU whose two products have a bias each."""
    return 3 * (D * H + H * H + 2 * H)


@question("Two GRUs of one name", level=2, chapters=[8])
def reset_place(draw):
    h_prev, r = draw.tenths(2), draw.steps(0.1, 0.9, 0.1, 2)
    W = draw.tenths((2, 2))
    while abs(r[0] - r[1]) < 0.05:
        r = draw.steps(0.1, 0.9, 0.1, 2)
    a_r = np.log(r / (1 - r))
    W_hh = np.concatenate([np.zeros((2, 4)), W], axis=1)
    b_x = np.concatenate([a_r, [SHUT, SHUT], [0, 0]])
    h, _ = gru_step_forward(
        np.zeros((1, 1)), h_prev[None], np.zeros((1, 6)), W_hh, b_x, np.zeros(6)
    )
    before = np.tanh((r * h_prev) @ W)
    return Drawn(
        r"""
        The candidate without input and bias, $h_{t-1} = <<h_prev>>$, $r = <<r>>$, $W = <<W>>$ (rows are states).

        (a) Compute $n = \tanh(r \odot (h_{t-1} W))$, as in `torch.nn.GRU`.
        (b) Compute $n = \tanh((r \odot h_{t-1})\, W)$, as in the first paper.
        (c) For which $r$ do both agree for every $h$ and $W$? Can a trained network of one kind be carried over to the other by
        changing signs or the order of blocks?
        (d) Which of the two allows one matrix product for all three blocks of the recurrent part, and why?
        """,
        r"""
        (a) $<<after:.3f>>$.
        (b) $<<before:.3f>>$.
        (c) If all entries of $r$ are equal at every step, as for $r = 1$. In general not: they are different functions.
        (d) The first: $h_{t-1} W_{hh}$ does not need $r$. In the second the product waits for $r$.
        """,
        [(2, "(a)"), (2, "(b)"), (2, "(c)"), (1, "(d)")],
        {"h_prev": h_prev, "r": r, "W": W},
        {"after": h[0], "before": before},
    )


@question("The path through z", level=2, chapters=[8, 3])
def path(draw):
    a_r, a_z, a_x = draw.steps(-2, 2, 0.5, 3)
    h_prev, w = draw.tenths(), draw.steps(0.5, 2, 0.5)
    _, cache = step(a_r, a_z, a_x, h_prev, w)
    dh_prev = gru_step_backward(np.ones((1, 1)), cache)[1][0, 0]
    z = gate(a_z)
    return Drawn(
        r"""
        A GRU with one unit, $n = \tanh(x_n + r\, w h_{t-1})$, $h_t = (1 - z) n + z h_{t-1}$; $r$ and $z$ do not depend on
        $h_{t-1}$ here. $h_{t-1} = <<h_prev>>$, $w = <<w>>$, $x_n = <<a_x>>$, $r = <<r:.3f>>$, $z = <<z:.3f>>$.

        (a) Derive $\partial h_t / \partial h_{t-1}$ as a sum of two parts and compute both.
        (b) Over $T$ such steps, which two of the $2^T$ products of parts do you get if the same part is taken at every step, and
        what do they become for $T = <<T>>$?
        (c) With the part through $w$ switched off, most of the gradient of a trained network arrives; with the part through $z$
        switched off, none does. Explain with (b).
        """,
        r"""
        (a) $z + (1 - z)(1 - n^2)\, r w = <<z:.3f>> + <<rest:.4f>> = <<whole:.4f>>$.
        (b) $z^{<<T>>} = <<all_z:.3g>>$ and $<<rest_power:.3g>>$.
        (c) The parts of one step add up, but along time they multiply. A way that avoids $z$ at every step is a product of
        small factors; the way through $z$ alone is not small where the unit keeps.
        """,
        [(3, "(a)"), (1, "(b)"), (2, "(c)")],
        {"a_r": a_r, "a_z": a_z, "a_x": a_x, "h_prev": h_prev, "w": w},
        {
            "rest": dh_prev - z,
            "whole": dh_prev,
            "all_z": z**20,
            "rest_power": (dh_prev - z) ** 20,
        },
        {"r": gate(a_r), "z": z, "T": 20},
    )


@question("Ahead with every seed", level=3, chapters=[8])
def luck(draw):
    cells, tasks, seeds = draw.whole(8, 16), draw.whole(2, 4), draw.whole(4, 6)
    pairs = math.comb(cells, 2) * tasks
    chance = 2 / math.comb(2 * seeds, seeds)
    return Drawn(
        r"""
        <<cells>> cells are compared on <<tasks>> tasks with <<seeds>> seeds each. A pair of cells is called separated on a task
        if all seeds of one are ahead of all seeds of the other.

        (a) Suppose all cells are equally good and all results independent. How likely is a given pair to be separated on a given
        task?
        (b) How many separated pairs do you expect in the whole table?
        (c) Two cells are separated on one task in your table. What do you write, and what do you do next?
        (d) All seeds of a cell share one learning rate. Why does this make (a) too optimistic?
        """,
        r"""
        (a) All $\binom{2n}{n}$ orders of the two groups are equally likely, and two of them are separations:
        $2/\binom{<<both>>}{<<seeds>>} = <<chance:.4f>>$.
        (b) $\binom{<<cells>>}{2} \cdot <<tasks>> = <<pairs>>$ comparisons, so <<expected:.2f>>.
        (c) A hint, at that size and that budget. New seeds that had no part in finding it, and the rates beside the chosen one.
        (d) A rate that suits one cell moves all its seeds together: the seeds are not independent evidence about the cells. One
        more rate in the grid can undo a complete separation.
        """,
        [(2, "(a)"), (1, "(b)"), (2, "(c) a hint; new seeds"), (1, "(d)")],
        {"cells": cells, "tasks": tasks, "seeds": seeds},
        {"chance": chance, "pairs": pairs, "expected": pairs * chance},
        {"both": 2 * seeds},
    )
