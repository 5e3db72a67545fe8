"""A captioning model in the page: it describes a scene that the reader arranges, and shows where it looks for every word."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rnnkit.show import style
from rnnkit.show.explorable import Explorable
from rnnkit.show.packing import check_size, pack, unpack
from rnnkit.show.scene import (
    GRID,
    box_of,
    check_scenes,
    load_sprites,
    pack_sprites,
    paint,
    shade,
)
from rnnkit.show.shapes import caption_shapes, check_arrays
from rnnkit.show.twin import END, describe

EXACT = ("where",)  # coordinates: not weights, so not rounded
_CREDIT = "drawings: OpenMoji, CC BY-SA 4.0"


class CaptionerExplorable(Explorable):
    """Arrange a scene, and see its caption appear word by word, with the regions the model looks at.

        encoder, captioner, _ = load_captioner()
        CaptionerExplorable(
            id="captioner",
            caption="What to notice",
            weights=arrays(encoder, captioner),
            words=captioner.words,
            sprites={name: np.asarray(glyph(KINDS[name][1][0])) for name in NAMES},
            scenes=[
                scene_of(image, [(thing.name, thing.box) for thing in things])
                for image, things in zip(scenes.images, scenes.things)
            ],
            apart=[NAMES[i : i + 3] for i in range(0, len(NAMES), 3)],
        )

    weights: from `rnnkit.nn.captioning.files.arrays`, as in `caption_shapes`. words: the model's, <START> and <END> first.
    sprites: as in `rnnkit.show.scene.pack_sprites`. scenes: from `rnnkit.show.scene.scene_of`, of 1 to 3 things each;
    the first is shown at first. apart: groups of names that never met in training; they are marked.
    alt: computed from the first scene if not given.
    Raises ValueError for wrong shapes, too many bytes, unknown names.
    """

    module = "captioner"
    weights = traitlets.Dict().tag(sync=True)
    words = traitlets.List().tag(sync=True)
    sprites = traitlets.Dict().tag(sync=True)
    scenes = traitlets.List().tag(sync=True)
    scene = traitlets.Dict().tag(sync=True)  # as the reader has left it
    apart = traitlets.List().tag(sync=True)

    def __init__(
        self,
        *,
        weights: dict,
        words: list[str],
        sprites: dict,
        scenes: list[dict],
        apart: Iterable = (),
        id: str = "captioner",
        alt: str | None = None,
        **rest: Any,
    ) -> None:
        packed = pack_weights(check_weights(weights, words))
        check_size(packed)
        scenes = check_scenes(scenes, set(sprites))
        unknown = {name for group in apart for name in group} - set(sprites)
        if unknown:
            raise ValueError(
                f"apart: expected names of drawings, got {', '.join(sorted(unknown))}"
            )
        state: dict = {
            "weights": packed,
            "words": list(words),
            "sprites": pack_sprites(sprites),
            "scenes": scenes,
            "scene": scenes[0],
            "apart": [list(group) for group in apart],
        }
        if alt is None:
            alt = _alt(*_read(state))
        super().__init__(id=id, alt=alt, **state, **rest)

    def read(self) -> tuple:
        """Describe the scene as the page does: the picture, its words, and the glances (T, G, R) behind them."""
        image, _, words, glances = _read(self.state())
        return image, words, glances

    def static_figure(self) -> Figure:
        """Draw the scene, and for every word where the last of its glances falls."""
        image, words, glances = self.read()
        fig, axes = plt.subplots(2, 4, figsize=(5.4, 3.1))
        for ax in axes.flat:
            ax.set_axis_off()
        axes[0, 0].imshow(image)
        axes[0, 0].set_title("the scene", loc="center", fontsize=10)
        for ax, word, look in zip(axes.flat[1:], words, glances[:, -1], strict=False):
            ax.imshow(shade(image, look))
            ax.set_title(word, loc="center", fontsize=10)
            row, column = divmod(int(look.argmax()), GRID)
            corner = column * GRID - 0.5, row * GRID - 0.5
            ax.add_patch(
                plt.Rectangle(corner, GRID, GRID, fill=False, ec=style.ORANGE, lw=2)
            )
        fig.text(1, 0, _CREDIT, ha="right", va="bottom", fontsize=7, color=style.GREY)
        return fig


def check_weights(weights: dict, words: list[str]) -> dict:
    """Return the arrays of a captioner with soft attention, after checking their shapes.

    weights: dict of arrays as `rnnkit.nn.captioning.files.arrays` gives them. words: V strings, <START> and <END> first.
    Raises ValueError when one is missing, unknown or has another shape.
    """
    if list(words[:2]) != ["<START>", "<END>"]:
        raise ValueError(
            f"words: expected <START> and <END> first, got {list(words[:2])}"
        )
    return check_arrays(weights, caption_shapes, len(words))


def turn(weights: dict) -> dict:
    """Turn the matrices W_ab round: (A, B) to (outputs, inputs) and back, so that every output has a row of its own."""
    return {
        name: np.transpose(array) if name.startswith("W_") else array
        for name, array in weights.items()
    }


def pack_weights(weights: dict) -> dict:
    """Pack the weights for the page: eight bits a number, with a scale for every output."""
    return pack(turn(weights), EXACT)


def unpack_weights(packed: dict) -> dict:
    """Unpack what `pack_weights` packed, into the shapes of `caption_shapes`."""
    return turn(unpack(packed))


def quantise(weights: dict) -> dict:
    """Return the weights as the page has them, to measure what rounding to eight bits costs: see `describe`."""
    return unpack_weights(pack_weights(weights))


def _read(state):
    """The scene of a packed explorable: the picture, its things and their boxes, the caption and the glances."""
    sprites = load_sprites(state["sprites"])
    image = paint(state["scene"], sprites)
    things = [(t["name"], box_of(t, sprites)) for t in state["scene"]["things"]]
    ids, _, glances = describe(image, unpack_weights(state["weights"]))
    return image, things, [state["words"][k] for k in ids if k != END], glances


def _alt(image, things, words, glances):
    """Say what the picture shows: the caption, and on what the last glance falls at every word."""
    places = []
    for word, look in zip(words, glances[:, -1], strict=False):
        row, column = divmod(int(look.argmax()), GRID)
        x, y = (GRID * (place + 0.5) for place in (column, row))
        on = [n for n, (l, t, r, b) in things if l <= x < r and t <= y < b]
        places.append(f"{word}: {on[-1] if on else 'the ground'}")
    return (
        f"A scene with {', '.join(name for name, _ in things)}. The model's caption: {' '.join(words)}. "
        f"Where its last glance falls, word by word: {', '.join(places)}."
    )
