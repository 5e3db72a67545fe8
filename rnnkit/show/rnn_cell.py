"""A vanilla RNN with three units reads a word letter by letter; every weight can be changed."""

import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rnnkit.show import style
from rnnkit.show.explorable import Explorable

LETTERS = "helo"

# Small whole numbers, so that every state can be worked out on paper. Rows and columns: W_ab maps a to b.
HELLO = {
    #         unit 0, 1, 2
    "W_xh": [[2, 0, 0], [-2, 0, 0], [0, 2, -1], [0, 0, 0]],  # from h, e, l, o
    "W_hh": [[0, 0, 0], [0, 0, 2], [0, 0, 0]],  # from units 0, 1, 2
    "b_h": [0, 0, 0],
    #       to h, e, l, o
    "W_hy": [[0, 4, -4, 0], [-2, -2, 0, 0], [0, 0, -3, 3]],  # from units 0, 1, 2
}

PRESETS = {
    "hello": HELLO,
    "amnesia": {**HELLO, "W_hh": [[0, 0, 0], [0, 0, 0], [0, 0, 0]]},
    "echo": {**HELLO, "W_hh": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
    "random": {
        "W_xh": [
            [-0.4, 1.3, 0.6],
            [0.9, -1.1, 0.2],
            [-0.7, 0.3, -1.5],
            [1.2, 0.5, 0.8],
        ],
        "W_hh": [[0.6, -1.2, 0.7], [1.1, 0.4, -0.9], [-0.5, 1.4, 0.8]],
        "b_h": [0.1, -0.2, 0],
        "W_hy": [[1.1, -0.6, 0.4, -1.3], [-0.8, 1.5, 0.2, 0.7], [0.5, -0.3, -1.2, 0.9]],
    },
}


def read(word: str, weights: dict) -> tuple[np.ndarray, np.ndarray]:
    """Run the cell over a word: states h (T, 3) and probabilities of the next letter p (T, 4)."""
    W_xh, W_hh, b_h, W_hy = (
        np.asarray(weights[name], float) for name in ("W_xh", "W_hh", "b_h", "W_hy")
    )
    h, states = np.zeros(len(b_h)), []
    for letter in word:
        h = np.tanh(W_xh[LETTERS.index(letter)] + h @ W_hh + b_h)
        states.append(h)
    exp = np.exp(np.array(states) @ W_hy)
    return np.array(states), exp / exp.sum(axis=1, keepdims=True)


class RnnCell(Explorable):
    """Type a word of h, e, l, o; edit W_xh, W_hh, b_h and W_hy; step the state.

    word: what is read. weights: dict of matrices as in `HELLO`; the reader's edits arrive here.
    presets: dict from "hello", "amnesia", "echo" and "random" to weights.
    """

    module = "rnn_cell"
    word = traitlets.Unicode("hello").tag(sync=True)
    weights = traitlets.Dict(HELLO).tag(sync=True)
    presets = traitlets.Dict(PRESETS).tag(sync=True)

    def static_figure(self) -> Figure:
        h, p = read(self.word, self.weights)
        fig, (top, bottom) = plt.subplots(2, figsize=(5.4, 3.4), height_ratios=[3, 4])
        style.heat(
            top,
            h.T,
            1,
            rows=[f"unit {j}" for j in range(h.shape[1])],
            columns=self.word,
        )
        top.xaxis.tick_top()
        top.set_title("state after each letter")
        style.heat(bottom, p.T, 1, cmap="rnn_seq", rows=list(LETTERS))
        bottom.set_ylabel("next letter")
        for ax in (top, bottom):
            ax.set_aspect("auto")
        return fig
