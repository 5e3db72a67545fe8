"""The translator of dates in the page: what it writes, and where it looks for every character."""

from typing import Any

import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from rnnkit.show import style
from rnnkit.show.explorable import Explorable, decode_array
from rnnkit.show.packing import check_size, pack
from rnnkit.show.packing import quantise as quantise  # to measure what it costs
from rnnkit.show.shapes import check_arrays, translator_shapes
from rnnkit.show.translating import FIRST, Reading, translate

LONGEST = 32  # characters of a text
MAX_WEIGHTS = 200_000  # bytes of base64
# What the list calls it, the text, its date. The last is in a format that training never showed.
DATES = (
    ("English", "Thursday, March 7, 1963", "1963-03-07"),
    ("French", "jeudi 7 mars 1963", "1963-03-07"),
    ("German", "Donnerstag, 7. März 1963", "1963-03-07"),
    ("Korean", "1963년 3월 7일 목요일", "1963-03-07"),
    ("Chinese", "1963年3月7日星期四", "1963-03-07"),
    ("English, a new format", "1963 March 7", "1963-03-07"),
)
GUESSES = (("the 7", 16, 17), ("the blank before the 7", 15, 16), ("March", 10, 15))
_END = "■"
_BLUES = LinearSegmentedColormap.from_list("weights", ["#FFFFFF", style.BLUE])


class DateTranslator(Explorable):
    """Type a date: the decoder writes it as ISO, and shows for every character where it looked.

        models, _ = load_translators()
        model = models["additive"]
        DateTranslator(
            weights=arrays(model), alphabet=model.alphabet, caption="What to notice"
        )

    weights: from `rnnkit.nn.translation.files.arrays`, as in `translator_shapes`: two readers, additive attention, a
    decoder that starts from zeros. alphabet: str, the model's. dates: of triples: what the list calls it, the text, up
    to 32 characters of the alphabet, and its date as ISO; the first is shown at first. row: which written character of
    it is asked about. guesses: of triples: characters of the first text in words, and where they begin and end; right
    is where most weight lies.
    id, alt: as in `Explorable`; alt is computed if not given.
    Raises ValueError for wrong shapes, more than 200 kB of weights, unknown characters, a row or guesses outside.
    """

    module = "date_translator"
    weights = traitlets.Dict().tag(sync=True)
    alphabet = traitlets.Unicode().tag(sync=True)
    dates = traitlets.List().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)  # as the reader has left it
    row = traitlets.Int(0).tag(sync=True)
    guesses = traitlets.List().tag(sync=True)

    def __init__(
        self,
        *,
        weights: dict,
        alphabet: str,
        dates: tuple | list = DATES,
        row: int = 8,
        guesses: tuple | list = GUESSES,
        id: str = "date-translator",
        alt: str | None = None,
        **rest: Any,
    ) -> None:
        size = FIRST + len(alphabet)
        kind = "a translator's "
        weights = check_arrays(weights, translator_shapes, size, kind=kind)
        _check_dates(dates, alphabet)
        first = dates[0][1]
        for _, start, end in guesses:
            if not 0 <= start < end <= len(first):
                raise ValueError(
                    f"guesses: expected places of {len(first)} characters, got {start} to {end}"
                )
        packed = pack(weights)
        check_size(packed, MAX_WEIGHTS)
        super().__init__(
            id=id,
            alt=alt or "An alignment",
            weights=packed,
            alphabet=alphabet,
            dates=[list(one) for one in dates],
            text=first,
            row=row,
            guesses=[list(one) for one in guesses],
            **rest,
        )
        T = len(self.read().tokens)
        if not 1 <= row < T:
            raise ValueError(f"row: expected 1 to {T - 1}, got {row}")
        if alt is None:
            self.alt = self._alt()

    def read(self, text: str | None = None) -> Reading:
        """What becomes of a text, of the first date's if None, with the packed weights."""
        weights = {name: decode_array(packed) for name, packed in self.weights.items()}
        return translate(weights, self.encode(text or self.dates[0][1]))

    def encode(self, text: str) -> list[int]:
        """The characters' numbers."""
        return [FIRST + self.alphabet.index(letter) for letter in text]

    def write(self, tokens: np.ndarray) -> list[str]:
        """The numbers' characters, ■ for the end."""
        return [self.alphabet[i - FIRST] if i >= FIRST else _END for i in tokens]

    def shares(self) -> list[float]:
        """The weight of the row that is asked about on the characters of every guess."""
        weights = self.read().weights[self.row]
        return [float(weights[start:end].sum()) for _, start, end in self.guesses]

    def _alt(self):
        text, (tokens, _, weights) = self.dates[0][1], self.read()
        written = self.write(tokens)
        strongest = "; ".join(
            f"{letter}: {_called(text[row.argmax()])} {row.max():.0%}"
            for letter, row in zip(written, weights, strict=True)
            if letter != _END
        )
        asked = ", ".join(
            f"{name} {share:.0%}"
            for (name, *_), share in zip(self.guesses, self.shares(), strict=True)
        )
        return (
            f"“{text}” is written as {''.join(written).removesuffix(_END)}. A table with a row for every written "
            f"character and a column for every character of the text shows where the decoder looked. The strongest "
            f"place of each row: {strongest}. Of character {self.row + 1}, {written[self.row]}: {asked}."
        )

    def static_figure(self) -> Figure:
        """Draw the alignment of the first date."""
        text, (tokens, _, weights) = self.dates[0][1], self.read()
        T, S = weights.shape
        fig, ax = plt.subplots(figsize=(5.6, 5.2 * T / S + 0.4))
        ax.imshow(weights, cmap=_BLUES, vmin=0, vmax=1, aspect="equal")
        ax.set_xticks(range(S), [_shown(letter) for letter in text])
        ax.set_yticks(range(T), self.write(tokens))
        for label in (*ax.get_xticklabels(), *ax.get_yticklabels()):
            label.set(family="monospace", fontsize=10)
        ax.set_xticks(np.arange(S + 1) - 0.5, minor=True)
        ax.set_yticks(np.arange(T + 1) - 0.5, minor=True)
        ax.grid(which="minor", color="#D5DAE1", lw=0.5)
        ax.grid(visible=False, which="major")
        ax.tick_params(which="both", length=0)
        ax.xaxis.tick_top()
        ax.set_frame_on(False)
        return fig


def _shown(letter):
    return "␣" if letter == " " else letter


def _called(letter):
    return "blank" if letter == " " else letter


def _check_dates(dates, alphabet):
    if not dates:
        raise ValueError("dates: expected at least one, got none")
    for _, text, iso in dates:
        unknown = sorted(set(text + iso) - set(alphabet))
        if unknown:
            raise ValueError(
                f"dates: expected characters of the alphabet, got {' '.join(map(repr, unknown))}"
            )
        if not 1 <= len(text) <= LONGEST:
            raise ValueError(
                f"dates: expected texts of 1 to {LONGEST} characters, got {len(text)}"
            )
