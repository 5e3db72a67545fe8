"""What the explorable of chapter 12 computes, in plain numpy: the twin of web/models/reader.js and painter.js."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from rnnkit.cells import gru_step_forward, lstm_step_forward
from rnnkit.functional import sigmoid, softmax
from rnnkit.gaussian_windows import filters_forward, write_forward


class Glances(NamedTuple):
    """What a reader thought after each of T looks: p (T, 10), the places (T, 2), and the corners (T, 2) in pixels."""

    p: np.ndarray
    places: np.ndarray
    corners: np.ndarray


class Strokes(NamedTuple):
    """What a painter did in T steps: the ink of every pixel after each, (T, S, S), and the window of each.

    added: what the step added, in logits, (T, S, S). rows, columns: where the middles of the window's bells lie, in pixels, (T, N); spread: their width, (T,).
    """

    ink: np.ndarray
    added: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    spread: np.ndarray


def read_picture(weights: dict, picture: np.ndarray, places: list | int) -> Glances:
    """Look at a picture again and again.

    weights: dict as in `glimpse_shapes`. picture: (S, S) of ink from 0 to 1. places: (T, 2) of row and column from
    -1 to 1; or T, a number: the reader chooses them, the middle of the picture first.
    """
    w = {k: np.asarray(v, float) for k, v in weights.items()}
    g, S = round(len(w["reader.W_what"]) ** 0.5), len(picture)
    h, found = np.zeros((1, len(w["reader.W_hh"]))), []
    for t in range(places if isinstance(places, int) else len(places)):
        if not isinstance(places, int):
            place = np.clip(places[t], -1, 1)
        elif t:
            place = np.tanh(h @ w["reader.W_hl"] + w["reader.b_l"])[0]
        else:
            place = np.zeros(2)
        top, left = corner = np.rint((place + 1) / 2 * (S - g)).astype(int)
        pixels = picture[top : top + g, left : left + g].reshape(1, -1)
        e = pixels @ w["reader.W_what"] + place @ w["reader.W_where"] + w["reader.b_e"]
        cell = [w[f"reader.{name}"] for name in ("W_xh", "W_hh", "b_x", "b_h")]
        h, _ = gru_step_forward(np.maximum(e, 0), h, *cell)
        p = softmax(h @ w["reader.W_hy"] + w["reader.b_y"])[0]
        found.append((p, place, corner))
    return Glances(*(np.array(part) for part in zip(*found, strict=True)))


def looks_until_right(p: np.ndarray, answer: int) -> int | None:
    """After how many looks the likeliest digit is the right one and stays it: p (T, 10) -> 1 to T, or None."""
    right = p.argmax(axis=1) == answer
    if not right[-1]:
        return None
    wrong = np.flatnonzero(~right)
    return int(wrong[-1]) + 2 if len(wrong) else 1


def paint_codes(weights: dict, codes: np.ndarray) -> Strokes:
    """Paint a picture from T codes. weights: dict as in `glimpse_shapes`. codes: (T, Z)."""
    w = {k: np.asarray(v, float) for k, v in weights.items()}
    canvas = w["painter.b_canvas"][None]
    N, S = (round(w[f"painter.{k}"].shape[-1] ** 0.5) for k in ("b_w", "b_canvas"))
    cell = [w[f"painter.dec_{name}"] for name in ("W_xh", "W_hh", "b_h")]
    h = c = np.zeros((1, len(cell[1])))
    found = []
    for z in np.asarray(codes, float):
        h, c, _ = lstm_step_forward(z[None], h, c, *cell)
        stroke = h @ w["painter.W_hw"] + w["painter.b_w"]
        where = (h @ w["painter.W_place"] + w["painter.b_place"]).T
        row, column, log_variance, log_stride, log_gain = where  # (1,) each
        (rows, y), (columns, x) = (
            _bells(centre, log_stride, log_variance, N, S) for centre in (row, column)
        )
        painted, _ = write_forward(
            stroke.reshape(1, N, N), rows, columns, np.exp(log_gain)
        )
        canvas = canvas + painted.reshape(1, -1)
        ink = sigmoid(canvas).reshape(S, S)
        found.append((ink, painted[0], y, x, np.exp(log_variance[0] / 2)))
    return Strokes(*(np.array(part) for part in zip(*found, strict=True)))


def _bells(centre, log_stride, log_variance, N, S):
    """The filters, and the middles of their bells in pixels, (N,)."""
    filters, (*_, offsets, stride) = filters_forward(
        centre, log_stride, log_variance, N, S
    )
    return filters, (S - 1) / 2 * (centre[0] + 1) + offsets * stride[0]


def draw_codes(seed: int, steps: int, size: int) -> np.ndarray:
    """Draw codes (steps, size) from a standard normal, the same for the same seed, here as in the page.

    Box and Muller (1958), on the numbers of Tommy Ettinger's mulberry32.
    """
    random = mulberry32(seed)
    pairs = [(next(random), next(random)) for _ in range((steps * size + 1) // 2)]
    u, v = np.array(pairs).T
    far = np.sqrt(-2 * np.log(1 - u))
    both = np.stack([far * np.cos(2 * np.pi * v), far * np.sin(2 * np.pi * v)], 1)
    return both.reshape(-1)[: steps * size].reshape(steps, size)


def mulberry32(seed: int) -> Iterator[float]:
    """Numbers from 0 to 1, 1 excluded, without an end: those of web/models/random.js."""
    a, mask = seed & 0xFFFFFFFF, 0xFFFFFFFF
    while True:
        a = (a + 0x6D2B79F5) & mask
        t = ((a ^ (a >> 15)) * (1 | a)) & mask
        t = ((t + (((t ^ (t >> 7)) * (61 | t)) & mask)) & mask) ^ t
        yield (t ^ (t >> 14)) / 2**32
