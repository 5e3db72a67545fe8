"""The explorable of chapter 1: six shapes of network, stepped through on six small trained models."""

from typing import Any

import traitlets
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from rnnkit.show import style
from rnnkit.show.explorable import Explorable

# Title, steps that read an input, steps that give an answer, number of steps.
SHAPES = [
    ("one-to-one", [0], [0], 1),
    ("one-to-many", [0], [0, 1, 2], 3),
    ("many-to-one", [0, 1, 2], [2], 3),
    ("delayed", [0, 1], [1, 2, 3], 4),
    ("aligned", [0, 1, 2], [0, 1, 2], 3),
    ("glimpses", [0, 1, 2], [2], 3),
]
KEYS = ("one_to_one", "one_to_many", "many_to_one", "delayed", "aligned", "glimpses")
WEIGHTS = ("W_xh", "W_hh", "b_h", "W_hy", "b_y")


class SequenceTypes(Explorable):
    """Switch between the shapes of network and watch data flow through the unrolled graph.

    shape: the one to start with, out of `KEYS`.
    models: dict from every key to a dict with the weights W_xh (D, H), W_hh (H, H), b_h (H,), W_hy (H, V) and
        b_y (V,), `labels` (V names), `symbols` (D names) or `picture` (pixels in a row of an input), and
        `examples`, a list of {"text": name, "inputs": one index or one list of D numbers per step}.
    Raises ValueError for an unknown shape or a model that lacks a part.
    """

    module = "sequence_types"
    shape = traitlets.Unicode("aligned").tag(sync=True)
    models = traitlets.Dict().tag(sync=True)

    def __init__(self, *, shape: str = "aligned", models: dict, **kwargs: Any) -> None:
        if shape not in KEYS or set(models) != set(KEYS):
            raise ValueError(
                f"models: expected the keys {sorted(KEYS)}, got {sorted(models)} and shape {shape!r}"
            )
        for key, model in models.items():
            missing = {*WEIGHTS, "labels", "examples"} - set(model)
            if missing or not ("symbols" in model or "picture" in model):
                raise ValueError(
                    f"models[{key!r}]: expected weights, labels, examples and symbols or picture"
                )
        super().__init__(shape=shape, models=models, **kwargs)

    def static_figure(self) -> Figure:
        return draw_shapes()


def draw_shapes() -> Figure:
    """Return a figure of all shapes as unrolled graphs: inputs below, states in the middle, outputs above."""
    fig, axes = plt.subplots(2, 3, figsize=(5.4, 3.6))
    for ax, (title, reads, answers, steps) in zip(axes.flat, SHAPES, strict=True):
        draw_graph(ax, reads, answers, steps, fed_back=title == "one-to-many")
        ax.set_title(title)
    return fig


def draw_graph(
    ax: Axes, reads: list[int], answers: list[int], steps: int, fed_back: bool = False
) -> None:
    """Draw one unrolled graph. reads, answers: the steps with an input and with an output, counted from 0."""
    for t in range(steps):
        _box(ax, t, 1, style.GREEN)
        if t > 0:
            _arrow(ax, (t - 0.7, 1), (t - 0.3, 1))
        if t in reads:
            _box(ax, t, 0, style.BLUE)
            _arrow(ax, (t, 0.3), (t, 0.7))
        if t in answers:
            _box(ax, t, 2, style.ORANGE)
            _arrow(ax, (t, 1.3), (t, 1.7))
        if fed_back and t > 0:
            _arrow(ax, (t - 0.7, 1.9), (t - 0.25, 1.25), dashed=True)
    ax.set_xlim(-0.5, 3.5)  # the same scale for all
    ax.set_ylim(-0.4, 2.4)
    ax.set_aspect("equal")
    ax.axis("off")


def _box(ax, t, level, color):
    ax.add_patch(
        Rectangle(
            (t - 0.27, level - 0.27),
            0.54,
            0.54,
            facecolor=color,
            alpha=0.85,
            edgecolor="none",
        )
    )


def _arrow(ax, start, end, dashed=False):
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=9,
            color=style.INK,
            linestyle="--" if dashed else "-",
            shrinkA=0,
            shrinkB=0,
        )
    )
