"""Two readers in the page, one from each end of a text: what each knows of every character, and what both know."""

from typing import Any

import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rnnkit.show import style
from rnnkit.show.explorable import Explorable, decode_array
from rnnkit.show.packing import check_size, pack
from rnnkit.show.packing import quantise as quantise  # to measure what it costs
from rnnkit.show.reading import READERS, read_from_both_ends, surprises
from rnnkit.show.shapes import check_arrays, reader_shapes

COVER = "_"  # what stands for a covered character
LONGEST = 80  # characters of a text
MAX_WEIGHTS = 250_000  # bytes of base64
TEXTS = (
    "good morning, my lord: the queen will hear your question before noon.",
    "the kind brother gave his sister nothing but a broken chair.",
    "i would not believe it, though he swore by heaven and earth.",
)
NAMES = {"forward": "left to right", "backward": "right to left", "both": "both"}
_COLOURS = {"forward": style.BLUE, "backward": style.ORANGE, "both": style.GREEN}
_COLUMNS = 36  # of the static picture


class TwoReaders(Explorable):
    """Type a text: how much every character surprises a reader from the left, one from the right, and both together.

        model, vocabulary, _ = load_readers()
        TwoReaders(
            weights=arrays(model),
            alphabet=vocabulary.characters,
            caption="What to notice",
        )

    weights: from `rnnkit.nn.text.two_readers.arrays`, as in `reader_shapes`. alphabet: str, the V characters in the
    model's order, without `_`, which stands for a covered one. texts: of 2 to 80 characters of the alphabet; the first
    is shown at first. place: the character that is covered for the prediction, in the first text.
    id, alt: as in `Explorable`; alt is computed if not given.
    Raises ValueError for wrong shapes, more than 250 kB of weights, unknown characters, a place outside the text.
    """

    module = "two_readers"
    weights = traitlets.Dict().tag(sync=True)
    alphabet = traitlets.Unicode().tag(sync=True)
    texts = traitlets.List().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)  # as the reader has left it
    place = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        *,
        weights: dict,
        alphabet: str,
        texts: tuple | list = TEXTS,
        place: int | None = None,
        id: str = "two-readers",
        alt: str | None = None,
        **rest: Any,
    ) -> None:
        kind = "two readers' "
        weights = check_arrays(weights, reader_shapes, len(alphabet), kind=kind)
        if COVER in alphabet:
            raise ValueError(f"alphabet: expected it without {COVER!r}, got it")
        _check_texts(texts, alphabet)
        packed = pack(weights)
        check_size(packed, MAX_WEIGHTS)
        if place is None:
            place = max(0, texts[0].find("queen"))
        if not 0 <= place < len(texts[0]):
            raise ValueError(f"place: expected 0 to {len(texts[0]) - 1}, got {place}")
        super().__init__(
            id=id,
            alt=alt or "Surprises",
            weights=packed,
            alphabet=alphabet,
            texts=list(texts),
            text=texts[0],
            place=place,
            **rest,
        )
        if alt is None:
            self.alt = self._alt()

    def read(self, text: str | None = None) -> dict[str, np.ndarray]:
        """Read a text, the first one if None, with the packed weights: dict from READERS to probabilities (T, V)."""
        weights = {name: decode_array(packed) for name, packed in self.weights.items()}
        return read_from_both_ends(weights, self.encode(text or self.texts[0]))

    def encode(self, text: str) -> list[int]:
        """The characters' numbers, V for a covered one."""
        return [(self.alphabet + COVER).index(letter) for letter in text]

    def bits(self, text: str | None = None) -> dict[str, np.ndarray]:
        """Every reader's surprise at each character in bits, (T,); nan where it is covered."""
        text = text or self.texts[0]
        ids = self.encode(text)
        return {name: surprises(p, ids) for name, p in self.read(text).items()}

    def _alt(self):
        found = self.bits()
        means = ", ".join(
            f"{NAMES[name]} {np.nanmean(found[name]):.2f}" for name in READERS
        )
        letter, at = self.texts[0][self.place], self.place
        here = ", ".join(f"{NAMES[name]} {found[name][at]:.2f}" for name in READERS)
        return (
            f"The text “{self.texts[0]}”, and under every character three bars: the bits of surprise of a reader that "
            f"reads left to right, of one that reads right to left, and of both together. Mean over the text: {means}. "
            f"At character {at + 1}, {letter}: {here}."
        )

    def static_figure(self) -> Figure:
        """Draw the first text in lines, and under every character the surprise of the three."""
        text, found = self.texts[0], self.bits()
        starts = range(0, len(text), _COLUMNS)
        fig, axes = plt.subplots(
            len(starts), figsize=(5.4, 1.55 * len(starts) + 0.3), squeeze=False
        )
        for ax, start in zip(axes[:, 0], starts, strict=True):
            _draw_line(ax, text[start : start + _COLUMNS], found, start)
        handles = [plt.Rectangle((0, 0), 1, 1, color=_COLOURS[r]) for r in READERS]
        labels = [f"{NAMES[r]} {np.nanmean(found[r]):.2f}" for r in READERS]
        fig.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=9)
        return fig


def _draw_line(ax, text, found, start):
    """One line of the text: three rows of bars below it, a row as high as 8 bits."""
    for row, name in enumerate(READERS):
        height = np.nan_to_num(found[name][start : start + len(text)]).clip(0, 8) / 9
        ax.bar(np.arange(len(text)), height, 0.8, -row - 1, color=_COLOURS[name])
        ax.axhline(-row - 1, color=style.GREY, lw=0.5)
    for k, letter in enumerate(text):
        ax.text(k, 0.35, letter, family="monospace", fontsize=10, ha="center")
    ax.set(xlim=(-0.6, _COLUMNS - 0.4), ylim=(-3.1, 1.1))
    ax.set_axis_off()


def _check_texts(texts, alphabet):
    if not texts:
        raise ValueError("texts: expected at least one, got none")
    for text in texts:
        unknown = sorted(set(text) - set(alphabet))
        if unknown:
            raise ValueError(
                f"texts: expected characters of the alphabet, got {' '.join(map(repr, unknown))}"
            )
        if not 2 <= len(text) <= LONGEST:
            raise ValueError(
                f"texts: expected 2 to {LONGEST} characters, got {len(text)}"
            )
