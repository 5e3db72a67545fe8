"""A trained character model that lives in the page: it writes, and its text is coloured by any cell."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from rnnkit.functional import softmax
from rnnkit.show import style
from rnnkit.show.explorable import Explorable, decode_array
from rnnkit.show.packing import check_size, pack
from rnnkit.show.packing import quantise as quantise  # chapter 4 measures what it costs
from rnnkit.show.shapes import charlm_shapes, check_arrays
from rnnkit.show.twin import read_characters

SHOWN = {" ": "␣", "\n": "↵"}
_COLUMNS, _LINES, _BARS = 50, 7, 8  # of the static picture


class CharLMExplorable(Explorable):
    """A live character model: type, choose the temperature, let it write, colour the text by a cell.

        CharLMExplorable(
            id="char-lm",
            alt="What the static picture shows",
            caption="What to notice",
            weights={name: array.numpy() for name, array in model.state_dict().items()},
            vocabulary=vocabulary.characters,
            prefix="KING RICHAR",
            sample=a_few_hundred_characters,
            cells=[{"cell": 17, "name": "speaker's name", "note": "Blue inside a name, red outside."}],
        )

    weights: dict from torch's state-dict names to arrays, as in `charlm_shapes`. vocabulary: str, the V
    characters in the model's order. prefix: what the model reads first; sample: the text that is coloured
    at first; both of the vocabulary's characters, at least one. cells: the units that have a name; `note`
    says what to look for. temperature: 0 for greedy, else up to 2. top_p: above 0 to 1. cell: the unit
    that colours the text, the first named one if not given. seed: of the generator that draws.
    Raises ValueError for wrong shapes, more than 400 kB of weights, unknown characters or units.
    """

    module = "char_lm"
    weights = traitlets.Dict().tag(sync=True)
    vocabulary = traitlets.Unicode().tag(sync=True)
    prefix = traitlets.Unicode().tag(sync=True)
    sample = traitlets.Unicode().tag(sync=True)
    cells = traitlets.List().tag(sync=True)
    cell = traitlets.Int(0).tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)
    top_p = traitlets.Float(1.0).tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)

    def __init__(
        self,
        *,
        weights: dict,
        vocabulary: str,
        prefix: str,
        sample: str,
        cells: Sequence[dict] = (),
        **rest: Any,
    ) -> None:
        kind = "a one-layer LSTM's "
        weights = check_arrays(weights, charlm_shapes, len(vocabulary), kind=kind)
        for name, text in (("prefix", prefix), ("sample", sample)):
            unknown = sorted(set(text) - set(vocabulary))
            if unknown or not text:
                got = " ".join(map(repr, unknown)) or "no text"
                raise ValueError(
                    f"{name}: expected characters of the vocabulary, got {got}"
                )
        _check_cells(cells, weights["output.weight"].shape[1])
        packed = pack(weights)
        check_size(packed)
        if cells:
            rest.setdefault("cell", cells[0]["cell"])
        super().__init__(
            weights=packed,
            vocabulary=vocabulary,
            prefix=prefix,
            sample=sample,
            cells=list(cells),
            **rest,
        )

    def read(self, text: str) -> tuple[np.ndarray, ...]:
        """Read a text with the packed weights: logits (T, V), h (T, H) and c (T, H)."""
        weights = {name: decode_array(packed) for name, packed in self.weights.items()}
        return read_characters(
            weights, [self.vocabulary.index(letter) for letter in text]
        )

    def static_figure(self) -> Figure:
        """Draw the sample's first lines coloured by the cell, and what may follow the prefix."""
        lines = wrap(self.sample, _COLUMNS)[:_LINES]
        shown = "".join(lines)
        values = np.tanh(self.read(shown)[2][:, self.cell])
        p = softmax(self.read(self.prefix)[0][-1])
        fig, (top, bottom) = plt.subplots(
            2, figsize=(5.4, 3.6), height_ratios=[len(lines), 5]
        )
        _draw_text(top, lines, values)
        names = [entry["name"] for entry in self.cells if entry["cell"] == self.cell]
        title = ", ".join(
            [f"cell {self.cell}", *names, "tanh(c) from −1, blue, to 1, red"]
        )
        top.set_title(textwrap.fill(title, 64))
        best = np.argsort(-p)[:_BARS]
        labels = [SHOWN.get(letter, letter) for letter in self.vocabulary]
        bars = bottom.bar(range(len(best)), p[best], color=style.BLUE)
        bottom.bar_label(bars, [f"{v:.2f}" for v in p[best]], fontsize=9)
        prefix = "".join(SHOWN.get(letter, letter) for letter in self.prefix[-24:])
        bottom.set(title=f"next character after “{prefix}”", ylim=(0, 1.12), yticks=[])
        bottom.set_xticks(range(len(best)), [labels[k] for k in best])
        bottom.grid(False)
        bottom.spines["left"].set_visible(False)
        return fig


def wrap(text: str, columns: int) -> list[str]:
    """Cut a text into lines of at most so many characters; a newline stays at the end of its line."""
    return [
        line[start : start + columns]
        for line in text.splitlines(keepends=True)
        for start in range(0, len(line), columns)
    ]


def _draw_text(ax, lines, values):
    """Write the lines into a grid; values (T,), from -1 to 1, colour the ground of every character."""
    # Opaque, as the palette of a small picture keeps few shades of transparency; pale, so that ink is readable.
    grounds = np.zeros((len(lines), _COLUMNS, 4))
    places = [(r, c) for r, line in enumerate(lines) for c in range(len(line))]
    for (r, c), letter, value in zip(places, "".join(lines), values, strict=True):
        full = np.array(to_rgb(style.RED if value > 0 else style.BLUE))
        grounds[r, c] = *(1 - 0.6 * round(abs(value), 1) * (1 - full)), 1
        ax.text(
            c + 0.5,
            r + 0.5,
            SHOWN["\n"] if letter == "\n" else letter,
            family="monospace",
            fontsize=11,
            ha="center",
            va="center",
            color=style.GREY if letter == "\n" else style.INK,
        )
    extent = (0, _COLUMNS, len(lines), 0)
    ax.imshow(grounds, extent=extent, aspect="auto", interpolation="none")
    ax.set_axis_off()


def _check_cells(cells, H):
    for entry in cells:
        if set(entry) != {"cell", "name", "note"}:
            raise ValueError(
                f"cells: expected the keys cell, name and note, got {sorted(entry)}"
            )
        if not 0 <= entry["cell"] < H:
            raise ValueError(
                f"cells: expected units from 0 to {H - 1}, got {entry['cell']}"
            )
