"""The self-checks of the chapter on the GRU, fed with right and plausible wrong programs."""

import numpy as np
import torch

from rnnkit.cells import gru_step_forward
from rnnkit.functional import sigmoid

from .judging import judge
from .slices import take

CHAPTER = "08_gru"


def closest(D, H, of_gru=6, of_lstm=4):
    wanted = H * (4 * (D + H) + of_lstm)
    return min(range(1, 2 * H), key=lambda n: abs(n * (3 * (D + n) + of_gru) - wanted))


def test_check_size():
    space = take(CHAPTER, "check_size", "gru_size", "gru_size_solution")

    def by_root(D, H):
        wanted = 4 * H * (D + H + 1) / 3
        n = (-(D + 2) + np.sqrt((D + 2) ** 2 + 4 * wanted)) / 2
        return min((int(n), int(n) + 1), key=lambda n: abs(n * (D + n + 2) - wanted))

    def rounded(D, H):
        wanted = 4 * H * (D + H + 1) / 3
        return round((-(D + 2) + np.sqrt((D + 2) ** 2 + 4 * wanted)) / 2)

    def floor(D, H):
        wanted = 4 * H * (D + H + 1)
        return max(n for n in range(1, 2 * H) if 3 * n * (D + n + 2) <= wanted)

    judge(
        space["check_size"],
        [space["gru_size_solution"], by_root],
        {
            "the stub": (space["gru_size"], "square"),
            "W_hh alone": (lambda D, H: round((4 / 3) ** 0.5 * H), "only W_hh"),
            "no biases": (lambda D, H: closest(D, H, 0, 0), "for every unit of each"),
            "none of the GRU": (lambda D, H: closest(D, H, 0, 4), "GRU's biases count"),
            "none of the LSTM": (lambda D, H: closest(D, H, 6, 0), "LSTM's bias"),
            "one and none": (lambda D, H: closest(D, H, 3, 0), "expected"),
            "one bias each": (lambda D, H: closest(D, H, 3, 4), "GRU has two biases"),
            "two biases each": (lambda D, H: closest(D, H, 6, 8), "LSTM has one bias"),
            "2 n for the GRU's": (lambda D, H: closest(D, H, 2, 4), "have 3 n each"),
            "one number a unit": (lambda D, H: closest(D, H, 2, 1), "one a unit"),
            "4 n for the GRU's": (lambda D, H: closest(D, H, 4, 4), "expected"),
            "the largest that is not larger": (floor, "expected"),
            "the root, rounded": (rounded, "D = 8, H = 28 expected 32"),
            "no input": (lambda D, H: closest(0, H), "expected"),
            "the same size": (lambda D, H: H, "expected"),
            "a tuple": (lambda D, H: (D, H), "expected"),
        },
    )


def turned(names=("W_xh", "W_hh", "b_x", "b_h"), block=1, change=np.negative, H=None):
    def program(params):
        params = {name: array.copy() for name, array in params.items()}
        for name in names:
            size = H or params[name].shape[-1] // 3
            part = params[name][..., block * size : (block + 1) * size]
            part[...] = change(part)
        return params

    return program


def test_check_turn():
    space = take(CHAPTER, "check_turn", "turn_z", "turn_z_solution")

    def in_place(params):
        for name in params:
            params[name][...] = turned()(params)[name]
        return params

    judge(
        space["check_turn"],
        [space["turn_z_solution"], turned()],
        {
            "the stub": (space["turn_z"], "Nothing has changed"),
            "only the matrices": (turned(("W_xh", "W_hh")), "['b_x', 'b_h']"),
            "only the biases": (turned(("b_x", "b_h")), "['W_xh', 'W_hh']"),
            "everything": (lambda p: {k: -v for k, v in p.items()}, "must stay"),
            "the block of r": (turned(block=0), "must stay"),
            "packed z, r, n, and last": (turned(block=2), "must stay"),
            "1 - w": (turned(change=lambda w: 1 - w), "turn its sign"),
            "H = 4 written in": (turned(H=4), "must stay"),
            "in place": (in_place, "copy them first"),
            "a bias left out": (lambda p: {"W_xh": p["W_xh"]}, "does not fit"),
        },
    )


def before(
    r_on_bias=False,
    bias=True,
    keep=1,
    z_sees_reset=False,
    swap=False,
    no_r=False,
    outside=False,
    kept=False,
    H=None,
):
    def program(x, h_prev, W_xh, W_hh, b_x, b_h):
        size = H or h_prev.shape[1]
        share = x @ W_xh + b_x
        a_r, a_z, _ = np.split(share + h_prev @ W_hh + b_h, 3, axis=1)
        r, z = sigmoid(a_r), sigmoid(a_z)
        if swap:
            r, z = z, r
        if z_sees_reset:
            z = sigmoid((share + (r * h_prev) @ W_hh + b_h)[:, size : 2 * size])
        W_hn, b_n = W_hh[:, 2 * size :], b_h[2 * size :] * bias
        seen = h_prev @ W_hn if no_r else (r * h_prev) @ W_hn
        if outside:
            seen = r * (h_prev @ W_hn)
        n = np.tanh(share[:, 2 * size :] + seen + (r * b_n if r_on_bias else b_n))
        if kept:
            h_prev = r * h_prev
        return z * h_prev + (1 - z) * n if keep else (1 - z) * h_prev + z * n

    return program


def test_check_before():
    space = take(CHAPTER, "check_before", "gru_before", "gru_before_solution")

    def in_place(x, h_prev, W_xh, W_hh, b_x, b_h):
        new = before(kept=True)(x, h_prev, W_xh, W_hh, b_x, b_h)
        h_prev *= 0
        return new

    judge(
        space["check_before"],
        [space["gru_before_solution"], before()],
        {
            "the stub": (space["gru_before"], "still the reset after"),
            "r on the bias": (before(r_on_bias=True), "multiplies b_hn"),
            "no bias": (before(bias=False), "b_hn is missing"),
            "after, bias outside": (before(outside=True), "only the bias is outside"),
            "z overwrites": (before(keep=0), "turned round"),
            "z sees r * h": (before(z_sees_reset=True), "not z"),
            "no r": (before(no_r=True), "does not use r"),
            "packed z, r, n": (before(swap=True), "changed places"),
            "r * h is kept": (before(kept=True), "z keeps h_prev"),
            "r * h is kept, in place": (in_place, "z keeps h_prev"),
            "H = 4 written in": (before(H=4), ""),
            "with the cache": (lambda **a: gru_step_forward(**a), ""),
        },
    )


def backward(
    direct=1,
    update=1,
    state=1,
    reset=1,
    slopes=True,
    r=True,
    h=True,
    after=False,
    exchanged=False,
    H=None,
):
    def program(dh, x, h_prev, W_xh, W_hh, b_x, b_h):
        size = H or h_prev.shape[1]
        W_hr, W_hz, W_hn = (W_hh[:, i * size : (i + 1) * size] for i in range(3))
        a_x = x @ W_xh + b_x + b_h
        a_r, a_z, a_n = (a_x[:, i * size : (i + 1) * size] for i in range(3))
        r_, z = sigmoid(a_r + h_prev @ W_hr), sigmoid(a_z + h_prev @ W_hz)
        n = np.tanh(a_n + (r_ * h_prev) @ W_hn)
        da_n = dh * (1 - z) * (1 - n**2)
        ds = (da_n * r_) @ W_hn.T / r_ if after else da_n @ W_hn.T
        da_z = dh * (h_prev - n) * (z * (1 - z) if slopes in (True, "z") else 1)
        da_r = (
            ds * (h_prev if h else 1) * (r_ * (1 - r_) if slopes in (True, "r") else 1)
        )
        if exchanged:
            W_hr, W_hz = W_hz, W_hr
        total = direct * dh * z + update * da_z @ W_hz.T
        return total + state * (ds * r_ if r else ds) + reset * da_r @ W_hr.T

    return program


def test_check_before_backward():
    space = take(
        CHAPTER,
        "check_before_backward",
        "gru_before_backward",
        "gru_before_backward_solution",
    )
    by_z, by_r = "missing: h_prev -> a_z", "missing: h_prev -> a_r"
    judge(
        space["check_before_backward"],
        [space["gru_before_backward_solution"], backward()],
        {
            "the stub": (space["gru_before_backward"], by_z),
            "no direct way": (backward(direct=0), "missing: z * h_prev"),
            "no way through z": (backward(update=0), by_z),
            "no way through s": (backward(state=0), "missing: h_prev -> s"),
            "no way through r": (backward(reset=0), by_r),
            "gates as constants": (backward(update=0, reset=0), by_z),
            "n - h_prev": (
                backward(update=-1),
                "sign of one way is turned: h_prev -> a_z",
            ),
            "minus at r": (
                backward(reset=-1),
                "sign of one way is turned: h_prev -> a_r",
            ),
            "no z (1 - z)": (backward(slopes="r"), "another belongs: h_prev -> a_z"),
            "no r (1 - r)": (backward(slopes="z"), "another belongs: h_prev -> a_r"),
            "ds without r": (backward(r=False), "another belongs: h_prev -> s"),
            "dr without h_prev": (backward(h=False), "another belongs: h_prev -> a_r"),
            "the gradient of the reset after": (
                backward(after=True),
                "another belongs: h_prev -> s",
            ),
            "H = 4 written in": (backward(H=4), ""),
            "the blocks of r and z exchanged": (
                backward(exchanged=True),
                "the right block of W_hh for it, is missing: h_prev -> a_z",
            ),
        },
    )


def own(candidate=lambda f, h, W: torch.bmm(f * h, W), keep=False, tuple_=True):
    def program(a, state, p):
        (h,) = state
        H = h.shape[-1]
        W_f, W_n = p["W_hh"].split(H, -1)
        f = torch.sigmoid(a[..., :H] + torch.bmm(h, W_f))
        n = torch.tanh(a[..., H:] + candidate(f, h, W_n))
        new = f * h + (1 - f) * n if keep else (1 - f) * h + f * n
        return (new,) if tuple_ else new

    return program


def in_numpy(a, state, p):
    return tuple(torch.tensor(part.numpy()) for part in own()(a, state, p))


def in_float32(a, state, p):
    return tuple(part.float() for part in own()(a, state, p))


def writes_into_h(a, state, p):
    return (state[0].copy_(own()(a, state, p)[0]),)


def test_check_minimal():
    space = take(CHAPTER, "check_minimal", "minimal", "minimal_solution")
    judge(
        space["check_minimal"],
        [space["minimal_solution"], own()],
        {
            "the stub": (space["minimal"], "still sees all of h"),
            "after the product": (
                own(lambda f, h, W: f * torch.bmm(h, W)),
                "multiplies the product",
            ),
            "1 - f": (
                own(lambda f, h, W: torch.bmm((1 - f) * h, W)),
                "not (1 - f) * h",
            ),
            "f keeps": (own(keep=True), "turned round"),
            "f keeps, after the product": (
                own(lambda f, h, W: f * torch.bmm(h, W), keep=True),
                "multiplies the product",
            ),
            "no tuple": (own(tuple_=False), "as a tuple"),
            "no recurrence": (own(lambda f, h, W: 0 * h), "Not yet"),
            "a detached gate": (
                own(lambda f, h, W: torch.bmm(f.detach() * h, W)),
                "wrong gradients",
            ),
            "in single precision": (in_float32, "float32 out"),
            "no gradient": (torch.no_grad()(own()), "wrong gradients"),
            "through numpy": (in_numpy, "requires grad"),
            "into the old state": (writes_into_h, "in-place"),
            "blocks n, f": (
                lambda a, s, p: own()(torch.cat(a.chunk(2, -1)[::-1], -1), s, p),
                "Not yet",
            ),
        },
    )
