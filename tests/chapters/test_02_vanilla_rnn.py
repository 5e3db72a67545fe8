"""The self-checks of chapter 2: right programs pass, plausible wrong ones are told what is wrong."""

import numpy as np
import torch

from .judging import judge
from .slices import take

CHAPTER = "02_vanilla_rnn"


def test_check_count():
    space = take(CHAPTER, "check_count", "n_parameters", "n_parameters_solution")
    judge(
        space["check_count"],
        right=[
            space["n_parameters_solution"],
            lambda D, H, V: (D + H + 1) * H + (H + 1) * V,
        ],
        wrong={
            "the stub": (space["n_parameters"], "output layer are missing"),
            "no biases": (lambda D, H, V: D * H + H * H + H * V, "No biases"),
            "the cell alone": (lambda D, H, V: D * H + H * H + H, "the cell alone"),
            "no bias of the output": (
                lambda D, H, V: D * H + H * H + H + H * V,
                "output layer's bias",
            ),
            "no bias of the cell": (
                lambda D, H, V: D * H + H * H + H * V + V,
                "cell's bias",
            ),
            "two biases in the cell": (
                lambda D, H, V: D * H + H * H + 2 * H + H * V + V,
                "not two",
            ),
            "a learned start": (
                lambda D, H, V: D * H + H * H + H + H * V + V + H,
                "h0 is zeros",
            ),
            "no W_xh": (lambda D, H, V: H * H + H + H * V + V, "W_xh is missing"),
            "no W_hy": (lambda D, H, V: D * H + H * H + H + V, "W_hy is missing"),
            "the output reads x": (
                lambda D, H, V: D * H + H * H + H + D * V + V,
                "not off x",
            ),
            "no W_hh": (lambda D, H, V: D * H + H + H * V + V, "W_hh is missing"),
            "the output layer alone": (lambda D, H, V: H * V + V, "layer alone"),
            "D for V": (lambda D, H, V: D * H + H * H + H + H * D + D, "Add up"),
            "W_hh for W_xh": (
                lambda D, H, V: 2 * H * H + H + H * V + V,
                "Add up",
            ),
            "H numbers for b_y": (lambda D, H, V: (D + H + 1) * H + H * V + H, "Add"),
            "twenty steps": (lambda D, H, V: 20 * (D * H + H * H + H) + H * V + V, ""),
            "nothing returned": (lambda D, H, V: None, "gives None"),
            "one argument": (lambda D: D, "stops with TypeError"),
        },
    )


def pieces(
    first=lambda h0: h0,
    hand_on=lambda h, h0: h[:, -1],
    cut=lambda x, i, n: x[:, i : i + n],
    join=lambda parts: np.concatenate(parts, axis=1),
    steps=lambda T, size: range(0, T, size),
):
    """An answer to "Carry the state" with one part of it replaced."""

    def read(forward, x, h0, size):
        parts, state = [], first(h0)
        for i in steps(x.shape[1], size):
            parts.append(forward(cut(x, i, size), state))
            state = hand_on(parts[-1], h0)
        return join(parts)

    return read


def test_check_pieces():
    space = take(CHAPTER, "check_pieces", "read_in_pieces", "read_in_pieces_solution")

    def changes_in_place(forward, x, h0, size):
        parts = []
        for i in range(0, x.shape[1], size):
            parts.append(forward(x[:, i : i + size], h0))
            h0[:] = parts[-1][:, -1]
        return np.concatenate(parts, axis=1)

    def overlapping(forward, x, h0, size):  # the last step of a piece is read again
        parts, state = [], h0
        for i in range(0, x.shape[1], size):
            h = forward(x[:, max(i - 1, 0) : i + size - 1], state)
            parts.append(h)
            state = h[:, -1]
        return np.concatenate(parts, axis=1)

    def size_pieces(forward, x, h0, size):  # not pieces of this size, but so many
        parts, state = [], h0
        for piece in np.array_split(x, min(size, x.shape[1]), axis=1):
            parts.append(forward(piece, state))
            state = parts[-1][:, -1]
        return np.concatenate(parts, axis=1)

    judge(
        space["check_pieces"],
        right=[
            space["read_in_pieces_solution"],
            changes_in_place,
            pieces(steps=lambda T, size: range(T), cut=lambda x, i, n: x[:, [i]]),
        ],
        wrong={
            "the stub": (space["read_in_pieces"], "h0 again"),
            "h0 for each piece": (pieces(hand_on=lambda h, h0: h0), "h0 again"),
            "zeros for each piece": (
                pieces(hand_on=lambda h, h0: 0 * h0),
                "from zeros",
            ),
            "zeros at the start": (
                pieces(first=lambda h0: 0 * h0),
                "first piece is wrong",
            ),
            "the first state": (pieces(hand_on=lambda h, h0: h[:, 0]), "first state"),
            "the mean state": (pieces(hand_on=lambda h, h0: h.mean(axis=1)), "a mean"),
            "the last but one": (
                pieces(hand_on=lambda h, h0: h[:, -2]),
                "do you hand on",
            ),
            "the last of the batch": (pieces(hand_on=lambda h, h0: h[-1]), ""),
            "all states of the piece": (
                pieces(hand_on=lambda h, h0: h),
                "stops with ValueError",
            ),
            "all at once": (lambda forward, x, h0, size: forward(x, h0), "Memory"),
            "pieces of four": (pieces(steps=lambda T, size: range(0, T, 4)), ""),
            "as many pieces as size": (size_pieces, "Memory holds 2"),
            "pieces of three": (
                pieces(
                    steps=lambda T, size: range(0, T, 3),
                    cut=lambda x, i, n: x[:, i : i + 3],
                ),
                "Memory holds 2",
            ),
            "size ignored": (
                pieces(
                    steps=lambda T, size: range(0, T, 4),
                    cut=lambda x, i, n: x[:, i : i + 4],
                ),
                "Memory",
            ),
            "the rest is dropped": (
                pieces(steps=lambda T, size: range(0, T - size + 1, size)),
                "expected (3, 10, 4), got (3, 8, 4)",
            ),
            "last states only": (
                pieces(join=lambda parts: np.stack([p[:, -1] for p in parts], axis=1)),
                "expected",
            ),
            "the last piece only": (pieces(join=lambda parts: parts[-1]), "expected"),
            "pieces that overlap": (overlapping, ""),
            "nothing returned": (lambda *arguments: None, "expected"),
        },
    )


def test_check_start():
    space = take(CHAPTER, "check_start", "start_row", "start_row_solution")
    judge(
        space["check_start"],
        right=[
            space["start_row_solution"],
            lambda h0, b_h: 0.5 * np.log((1 + h0) / (1 - h0)) - b_h,
        ],
        wrong={
            "the stub": (space["start_row"], "Undo the tanh"),
            "tanh once more": (lambda h0, b_h: np.tanh(h0) - b_h, "once more"),
            "no bias": (lambda h0, b_h: np.arctanh(h0), "without a bias"),
            "bias added": (lambda h0, b_h: np.arctanh(h0) + b_h, "take it away"),
            "bias inside": (lambda h0, b_h: np.arctanh(h0 - b_h), "inside the tanh"),
            "arctan": (lambda h0, b_h: np.arctan(h0) - b_h, "arctan undoes tan"),
            "one over tanh": (lambda h0, b_h: 1 / np.tanh(h0) - b_h, "1 / tanh"),
            "no half": (
                lambda h0, b_h: np.log((1 + h0) / (1 - h0)) - b_h,
                "half of log",
            ),
            "cut off near one": (
                lambda h0, b_h: np.arctanh(np.clip(h0, -0.999, 0.999)) - b_h,
                "It is not h0",
            ),
            "h0 itself": (lambda h0, b_h: h0, "It is not h0"),
            "one number": (
                lambda h0, b_h: (np.arctanh(h0) - b_h).mean(),
                "one number per unit",
            ),
            "nothing returned": (lambda h0, b_h: None, "one number per unit"),
            "numbers only": (lambda h0, b_h: float(h0) - b_h, "stops with"),
        },
    )


def test_check_hold():
    space = take(CHAPTER, "check_hold", "w_hold", "w_solution")
    w = space["w_solution"]
    judge(
        space["check_hold"],
        right=[
            w,
            float(w),
            np.log(19) / 1.8,
            np.float32(w).item(),
            np.float32(w),
            torch.tensor([w]).float(),
        ],
        wrong={
            "the stub": (space["w_hold"], "shrinks"),
            "the pre-activation": (np.arctanh(0.9), "times 0.9"),
            "0.9": (0.9, "shrinks"),
            "the wrong way": (np.tanh(0.9) / 0.9, "shrinks"),
            "times for over": (0.9 * np.arctanh(0.9), "One step takes"),
            "the other sign": (-w, "changes its sign"),
            "one over 0.9": (1 / 0.9, "One step takes"),
            "rounded": (1.636, "Nearly"),
            "four decimals": (1.6358, "Nearly"),
            "a search that stopped early": (1.6358003636, "off by 2e-07"),
            "arctan": (np.arctan(0.9) / 0.9, "shrinks"),
            "no number": (None, "stops with TypeError"),
        },
    )


def test_check_latch():
    space = take(CHAPTER, "check_latch", "latch", "latch_solution")
    good = space["latch_solution"]
    judge(
        space["check_latch"],
        right=[
            good,
            good | {"w": 3.0, "e": 6.0, "o": -6.0},
            good | {"w": 1.2, "e": 3.0, "o": -3.0},
            good | {"e": 2.6, "o": -2.0},
        ],
        wrong={
            "the stub": (space["latch"], "fades"),
            "w below one": (good | {"w": 0.9}, "fades"),
            "w holds below 0.5": (good | {"w": 1.05}, "fades"),
            "w alternates": (good | {"w": -2.0}, "changes its sign"),
            "no state": (good | {"w": 0.0}, "fades"),
            "e too weak after an o": (good | {"e": 2.0}, "e is too weak"),
            "e just too weak": (good | {"e": 2.5}, "e is too weak"),
            "o too weak": (good | {"o": -1.0}, "o is too weak"),
            "o just too weak": (good | {"o": -1.96}, "climbs back"),
            "o too weak, seen late": (
                good | {"w": 1.1, "e": 4.0, "o": -1.05},
                "climbs back",
            ),
            "o does nothing": (good | {"o": 0.0}, "o is too weak"),
            "signs exchanged": (good | {"e": -4.0, "o": 4.0}, "two signs"),
            "e pushes down": (good | {"e": -4.0}, "two signs"),
            "l turns it off": (good | {"l": -4.0}, "change nothing"),
            "h helps to hold": (good | {"w": 1.0, "h": 0.5, "l": 0.5}, "change"),
            "w strong, inputs weak": (good | {"w": 6.0}, "too weak"),
            "letters missing": ({"w": 2.0}, "stops with KeyError"),
        },
    )
