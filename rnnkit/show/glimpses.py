"""A digit read glimpse by glimpse in the page, and digits painted there stroke by stroke."""

from typing import Any

import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from rnnkit.show import style
from rnnkit.show.explorable import Explorable, decode_array
from rnnkit.show.glimpsing import (
    Glances,
    Strokes,
    draw_codes,
    looks_until_right,
    paint_codes,
    read_picture,
)
from rnnkit.show.packing import check_size, pack
from rnnkit.show.packing import quantise as quantise  # to measure what it costs
from rnnkit.show.shapes import check_arrays, glimpse_shapes

FULL = 16  # parts of ink in a black pixel, as in the data
MAX_WEIGHTS = 200_000  # bytes of base64


class Glimpses(Explorable):
    """Look at a digit through a small frame, and see what a network believes; draw one; watch others being painted.

        reader, painter, _ = load_pictures()
        Glimpses(
            weights=arrays(reader, painter),
            digits=held_out.x[some],
            answers=held_out.y[some],
            caption="What to notice",
        )

    weights: from `rnnkit.nn.pictures.files.arrays`, as in `glimpse_shapes`. digits: (n, S, S) of ink from 0 to 1; the
    first is asked about. answers: (n,), which digits they are. glimpses: how many looks the network takes when it
    chooses the places. steps: T of the painter. seed: of the first painting's codes.
    id, alt: as in `Explorable`; alt is computed if not given.
    Raises ValueError for wrong shapes, more than 200 kB of weights, or digits that are none.
    """

    module = "glimpses"
    weights = traitlets.Dict().tag(sync=True)
    digits = traitlets.List().tag(sync=True)  # 16ths of ink, row by row
    answers = traitlets.List().tag(sync=True)
    glimpses = traitlets.Int(4).tag(sync=True)
    steps = traitlets.Int(8).tag(sync=True)
    digit = traitlets.Int(0).tag(sync=True)  # which is shown; -1: the drawn one
    drawn = traitlets.List().tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        *,
        weights: dict,
        digits: np.ndarray,
        answers: np.ndarray,
        glimpses: int = 4,
        steps: int = 8,
        seed: int = 0,
        id: str = "glimpses",
        alt: str | None = None,
        **rest: Any,
    ) -> None:
        kind = "a reader's and a painter's "
        weights = check_arrays(weights, glimpse_shapes, kind=kind)
        side = _check_squares(weights)
        _check_digits(digits, answers, side)
        if glimpses < 1 or steps < 1:
            raise ValueError(
                f"glimpses, steps: expected 1 or more, got {glimpses}, {steps}"
            )
        packed = pack(weights)
        check_size(packed, MAX_WEIGHTS)
        ink = np.rint(FULL * np.asarray(digits)).astype(int)
        super().__init__(
            id=id,
            alt=alt or "A digit in glimpses",
            weights=packed,
            digits=ink.reshape(len(ink), -1).tolist(),
            answers=[int(answer) for answer in answers],
            glimpses=glimpses,
            steps=steps,
            seed=seed,
            drawn=[0] * side**2,
            **rest,
        )
        if alt is None:
            self.alt = self._alt()

    def unpacked(self) -> dict[str, np.ndarray]:
        """The very weights that the page computes with."""
        return {name: decode_array(packed) for name, packed in self.weights.items()}

    def picture(self, k: int = 0) -> np.ndarray:
        """Digit k as the page has it: (S, S) of ink from 0 to 1."""
        ink = np.array(self.digits[k]) / FULL
        return ink.reshape(2 * (round(len(ink) ** 0.5),))

    def read(self, k: int = 0, places: list | None = None) -> Glances:
        """Look at digit k, at these places or at those that the network chooses."""
        return self.reads(self.picture(k), places)

    def reads(self, picture: np.ndarray, places: list | None = None) -> Glances:
        """The same for any picture (S, S) of ink from 0 to 1."""
        looks = self.glimpses if places is None else places
        return read_picture(self.unpacked(), picture, looks)

    def looks(self, k: int = 0) -> int | None:
        """After how many looks of its own choice the network is right about digit k, and stays it; None: it is not."""
        return looks_until_right(self.read(k).p, self.answers[k])

    def paint(self, seed: int | None = None) -> Strokes:
        """Paint from the codes that a seed draws, by default the first."""
        weights = self.unpacked()
        size = len(weights["painter.dec_W_xh"])
        seed = self.seed if seed is None else seed
        return paint_codes(weights, draw_codes(seed, self.steps, size))

    def _alt(self):
        found = self.read()
        said = "; ".join(
            f"look {t + 1}: {p.argmax()} with {p.max():.0%}"
            for t, p in enumerate(found.p)
        )
        painted = self.reads(self.paint().ink[-1]).p[-1]
        side = round(len(self.digits[0]) ** 0.5)
        return (
            f"Above: a handwritten {self.answers[0]} of {side} x {side} pixels, and what a network has seen of it "
            f"after each of its looks, with what it then believes. {said}. Below: a canvas after each of {self.steps} "
            f"strokes, with the windows that they were painted through. The network reads the last as "
            f"{painted.argmax()} with {painted.max():.0%}."
        )

    def static_figure(self) -> Figure:
        """Draw what the network sees of the first digit, look by look, and the first painting, stroke by stroke."""
        fig = plt.figure(figsize=(5.6, 2.3))
        above, below = np.asarray(fig.subfigures(2, 1, height_ratios=(1.5, 1)))
        found, picture = self.read(), self.picture()
        for t, ax in enumerate(above.subplots(1, len(found.p) + 1)):
            _draw_look(ax, picture, found, t - 1, self.answers[0], self._side())
        strokes = self.paint()
        for t, ax in enumerate(below.subplots(1, self.steps, squeeze=False)[0]):
            _draw_ink(ax, strokes.ink[t])
            _frame(ax, *window_box(strokes.rows[t], strokes.columns[t]))
        return fig

    def _side(self):
        return round(len(self.unpacked()["reader.W_what"]) ** 0.5)


def window_box(rows: np.ndarray, columns: np.ndarray) -> tuple[float, ...]:
    """The square that the bells of a window share out: top, left, height, width in pixels."""
    box = []
    for middles in (rows, columns):
        stride = middles[1] - middles[0]
        box.append((middles[0] - stride / 2, len(middles) * stride))
    (top, height), (left, width) = box
    return top, left, height, width


def _draw_look(ax, picture, found, t, answer, g):
    """What was seen after look t; before the first, t = -1, the whole digit."""
    seen = np.full(picture.shape, t < 0)
    for top, left in found.corners[: t + 1]:
        seen[top : top + g, left : left + g] = True
    _draw_ink(ax, np.where(seen, picture, 0))
    ax.imshow(np.where(seen, np.nan, 1), cmap="gray_r", alpha=0.2, vmin=0, vmax=1)
    if t < 0:
        ax.set_title(f"the {answer}", fontsize=10)
        return
    top, left = found.corners[t]
    _frame(ax, top - 0.5, left - 0.5, g, g)
    ax.set_title(f"{found.p[t].argmax()}: {found.p[t].max():.0%}", fontsize=10)


def _draw_ink(ax, ink):
    ax.imshow(ink, cmap="rnn_seq", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    ax.grid(visible=False)
    for side in ax.spines.values():
        side.set_visible(True)


def _frame(ax, top, left, height, width):
    ax.add_patch(
        Rectangle((left, top), width, height, fill=False, ec=style.ORANGE, lw=1.8)
    )


def _check_squares(weights):
    """S, after checking that glimpse, window and canvas are squares, and the glimpse fits."""
    sides = []
    for name, axis in (
        ("reader.W_what", 0),
        ("painter.W_hw", 1),
        ("painter.b_canvas", 0),
    ):
        size = weights[name].shape[axis]
        if round(size**0.5) ** 2 != size:
            raise ValueError(
                f"{name}: expected as many numbers as a square, got {size}"
            )
        sides.append(round(size**0.5))
    g, N, S = sides
    if g > S or N < 2:
        raise ValueError(
            f"weights: expected a glimpse of at most {S} x {S}, and 2 x 2 bells or more, got {g} and {N}"
        )
    return S


def _check_digits(digits, answers, S):
    digits, answers = np.asarray(digits), np.asarray(answers)
    if digits.ndim != 3 or digits.shape[1:] != (S, S) or not len(digits):
        raise ValueError(f"digits: expected (n, {S}, {S}), got {digits.shape}")
    if not (digits.min() >= 0 and digits.max() <= 1):
        raise ValueError(
            f"digits: expected ink from 0 to 1, got {digits.min():g} to {digits.max():g}"
        )
    if answers.shape != digits.shape[:1]:
        raise ValueError(f"answers: expected ({len(digits)},), got {answers.shape}")
    if not set(answers.tolist()) <= set(range(10)):
        raise ValueError(
            f"answers: expected digits from 0 to 9, got {answers.tolist()}"
        )
