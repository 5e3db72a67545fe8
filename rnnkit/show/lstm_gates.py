"""The gates of a small LSTM over time while one of its cells counts: strings a^n b^n, symbol by symbol."""

import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from rnnkit.show import style
from rnnkit.show.counting import HAND_MADE, check_weights, counting_cell, encode
from rnnkit.show.explorable import Explorable, decode_array, encode_array
from rnnkit.show.twin import read_counter

MAX_TRAINED = 20
MAX_SHIFT = 4.0


class LSTMGatesExplorable(Explorable):
    """Choose n, or type a string; watch gates and cells while the LSTM counts; move the forget bias.

        LSTMGatesExplorable()  # a counter set by hand, with two cells
        LSTMGatesExplorable(
            id="lstm-gates",
            alt="What the static picture shows",
            caption="What to notice",
            weights={"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h, "W_hy": W_hy, "b_y": b_y},
            alphabet="^ab$",
            trained_to=10,
        )

    weights: dict of arrays as in `rnnkit.show.counting.check_weights`, gates packed i, f, o, g, input one-hot; float32 on the page.
    alphabet: the start symbol, a, b, and the end symbol; without a fourth the first ends the string too ("#ab").
    trained_to: the largest n of the training strings, at most 20; 0 says that nobody trained it. text: what is
    read first, a's and b's without start and end. cell: whose gates show, the one that counts if not given.
    shift: what is added to the forget gate's bias of every cell, from -4 to 4.
    Raises ValueError naming the argument, what was expected and what came.
    """

    module = "lstm_gates"
    weights = traitlets.Dict().tag(sync=True)
    alphabet = traitlets.Unicode().tag(sync=True)
    trained_to = traitlets.Int(0).tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    cell = traitlets.Int(0).tag(sync=True)
    counter = traitlets.Int(0).tag(sync=True)  # the cell that counts, marked
    shift = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self,
        *,
        id: str = "lstm-gates",
        alt: str | None = None,
        caption: str = "Watch `c` move one way with every a and back with every b; then move the forget bias.",
        weights: dict | None = None,
        alphabet: str = "^ab$",
        trained_to: int = 0,
        text: str | None = None,
        cell: int | None = None,
        shift: float = 0.0,
    ) -> None:
        if len(alphabet) not in (3, 4) or len(set(alphabet)) < len(alphabet):
            raise ValueError(
                f"alphabet: expected 3 or 4 different symbols, got {alphabet!r}"
            )
        if weights is None and len(alphabet) != 4:
            raise ValueError(
                "weights: the default reads 4 symbols, got an alphabet of 3"
            )
        weights = check_weights(HAND_MADE if weights is None else weights, alphabet)
        counter = counting_cell(weights, alphabet)
        given = {
            "trained_to": trained_to,
            "text": alphabet[1] * 5 + alphabet[2] * 5 if text is None else text,
            "cell": counter if cell is None else cell,
            "shift": shift,
        }
        _check_state(alphabet, len(weights["W_hh"]), **given)
        super().__init__(
            id=id,
            alt=_describe(weights, alphabet, given) if alt is None else alt,
            caption=caption,
            weights={name: encode_array(array) for name, array in weights.items()},
            alphabet=alphabet,
            counter=counter,
            **given,
        )

    def read(self):
        """What the page shows: `read_counter` of the text, with the page's weights and the shift."""
        weights = {name: decode_array(packed) for name, packed in self.weights.items()}
        return read_counter(weights, encode(self.text, self.alphabet), self.shift)

    def static_figure(self) -> Figure:
        """Draw c of every cell, the chosen cell's gates and state, and what may follow."""
        watched = self.read()
        symbols = self.alphabet[0] + self.text
        fig, (top, middle, bottom) = plt.subplots(
            3, figsize=(5.4, 4.6), height_ratios=[5, 5, len(self.alphabet)]
        )
        places = np.arange(len(symbols)) + 0.5
        top.plot(places, watched["c"], color=style.GREY, lw=1)
        top.plot(places, watched["c"][:, self.cell], color=style.BLUE)
        top.set(
            xlim=(0, len(symbols)), title=f"c of every cell, blue: cell {self.cell}"
        )
        top.set_xticks(places, symbols if len(symbols) <= 40 else [""] * len(symbols))
        gates = np.stack([watched[name][:, self.cell] for name in "ifogh"])
        _draw_heat(middle, gates, "ifogh", [style.GREEN] * 3 + [style.RED] * 2)
        middle.set_title(f"cell {self.cell}: green 0 to 1, blue below 0, red above")
        _draw_heat(bottom, watched["p"].T, self.alphabet, [style.ORANGE] * 4)
        bottom.set_title("probability of the next symbol")
        return fig


def _draw_heat(ax, matrix, names, colours):
    """Draw rows of values from -1 to 1, each in its colour, negative ones blue."""
    # Opaque, as the palette of a small picture keeps few shades of transparency; pale, so that ink is readable.
    rows = zip(matrix, colours[: len(matrix)], strict=True)
    full = np.array(
        [[to_rgb(colour if v > 0 else style.BLUE) for v in row] for row, colour in rows]
    )
    strength = 0.6 * np.abs(matrix).round(1)[..., None]
    T = matrix.shape[1]
    extent = (0, T, len(matrix), 0)
    ax.imshow(
        1 - strength * (1 - full), extent=extent, aspect="auto", interpolation="none"
    )
    ax.set(xticks=[])
    ax.set_yticks(np.arange(len(matrix)) + 0.5, list(names))
    ax.tick_params(length=0)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    for (r, t), value in np.ndenumerate(matrix) if T <= 12 else ():
        words = f"{value:.2f}".replace("-", "−")
        ax.text(t + 0.5, r + 0.5, words, ha="center", va="center", fontsize=9)


def _check_state(alphabet, H, trained_to, text, cell, shift):
    letters = alphabet[1:3]
    if set(text) - set(letters) or not text:
        raise ValueError(f"text: expected letters of {letters!r}, got {text!r}")
    longest = 2 * max(40, 3 * trained_to)
    for name, came, least, most in (
        ("trained_to", trained_to, 0, MAX_TRAINED),
        ("text's length", len(text), 1, longest),
        ("cell", cell, 0, H - 1),
        ("shift", shift, -MAX_SHIFT, MAX_SHIFT),
    ):
        if not least <= came <= most:
            raise ValueError(f"{name}: expected {least} to {most}, got {came}")


def _describe(weights, alphabet, given):
    text, cell = given["text"], given["cell"]
    watched = read_counter(weights, encode(text, alphabet), given["shift"])
    c = watched["c"][:, cell]
    best = "".join(alphabet[k] for k in np.argmax(watched["p"], axis=1))
    low, high, last = (f"{v:.1f}".replace("-", "−") for v in (c.min(), c.max(), c[-1]))
    return (
        f"An LSTM with {len(weights['W_hh'])} cells reads {alphabet[0] + text}. The c of cell {cell} lies between "
        f"{low} and {high}, {last} at the end; below it the cell's gates. The most probable next symbols are, in "
        f"turn, {best}."
    )
