"""Gradient arrows back through time: a trained network reads a text, and truncation cuts the arrows."""

import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rnnkit.fast import rnn_backward, rnn_forward
from rnnkit.functional import affine_backward, affine_forward, log_softmax, one_hot
from rnnkit.show import style
from rnnkit.show.explorable import Explorable, decode_array


def credit(
    net: dict,
    ids: np.ndarray,
    counts: np.ndarray,
    chunk: int | None = None,
    scale: float = 1.0,
) -> tuple[np.ndarray, ...]:
    """Read a text and send the gradient of the counted losses back through time.

    Arguments:
        net: dict from "W_xh", "W_hh", "b_h", "W_hy", "b_y" to float64 arrays.
        ids: (T + 1,) of integers; each symbol but the first is the target of the one before.
        counts: (T,) of bool, the steps whose loss counts; the loss is their sum.
        chunk: None, or the number of steps after which the gradient is cut.
        scale: what W_hh is multiplied with before anything else.

    Returns:
        losses (T,), from_loss (T, H), shares (T, H, H): each step's part of dW_hh.
    """
    W_xh, W_hh = net["W_xh"], net["W_hh"] * scale
    H = len(W_hh)
    # An identity in place of W_xh makes dx the gradient of every step's pre-activation.
    a_x = one_hot(ids[None, :-1], len(W_xh)) @ W_xh  # (1, T, H)
    h, cache = rnn_forward(a_x, np.zeros((1, H)), np.eye(H), W_hh, net["b_h"])
    logits, out_cache = affine_forward(h, net["W_hy"], net["b_y"])
    log_p = log_softmax(logits[0])
    dlogits = (np.exp(log_p) - one_hot(ids[1:], len(W_xh))) * counts[:, None]
    dh = affine_backward(dlogits[None], out_cache)[0]
    da = rnn_backward(dh, cache, chunk)[0][0]
    h_prev = np.concatenate([np.zeros((1, H)), h[0, :-1]])  # (T, H)
    shares = h_prev[:, :, None] * da[:, None, :]  # (T, H, H)
    losses = -log_p[np.arange(len(ids) - 1), ids[1:]]
    return losses, dh[0], shares


class Bptt(Explorable):
    """Choose the chunk, the loss that counts and the scale of W_hh; watch the gradient flow or stop.

    net: dict from parameter names to arrays packed by `encode_array` as int8. symbols: the vocabulary, in order.
    text: what is read. chunk: steps between cuts. counted: -1 for every step's loss, else the one step that
    counts, from 0. scale: factor on W_hh.
    """

    module = "bptt"
    net = traitlets.Dict().tag(sync=True)
    symbols = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode("good morrow").tag(sync=True)
    chunk = traitlets.Int(4).tag(sync=True)
    counted = traitlets.Int(9).tag(sync=True)
    scale = traitlets.Float(1.0).tag(sync=True)

    def static_figure(self) -> Figure:
        """Draw the states, the flow between them and the shares of W_hh."""
        net = {name: decode_array(w).astype(float) for name, w in self.net.items()}
        ids = np.array([self.symbols.index(letter) for letter in self.text])
        counts = np.isin(np.arange(len(ids) - 1), self.counted) | (self.counted < 0)
        full, cut = (
            np.linalg.norm(credit(net, ids, counts, chunk, self.scale)[2], axis=(1, 2))
            for chunk in (None, self.chunk)
        )
        places = np.arange(len(full))
        fig, ax = plt.subplots(figsize=(5.4, 2.4))
        ax.bar(places, full, color=style.BLUE, alpha=0.25)
        ax.bar(places, cut, color=style.BLUE)
        for start in range(self.chunk, len(full), self.chunk):
            ax.axvline(start - 0.5, color=style.RED, lw=1.5, ls=(0, (4, 3)))
        ax.text(
            0,
            full.max(),
            "pale: full gradient\nsolid: what the cuts leave",
            va="top",
            color=style.INK,
        )
        labels = ["␣" if letter == " " else letter for letter in self.text[:-1]]
        ax.set(
            xticks=places,
            xticklabels=labels,
            ylabel="share of dW_hh, norm",
            xlabel="the network reads",
        )
        return fig
