"""A GRU beside the vanilla RNN of the same candidate: blend the gates away, and the memory with them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rnnkit.cells import check_gru_weights
from rnnkit.jacobian import connectivity
from rnnkit.sequence import gru_backward, gru_forward, rnn_backward, rnn_forward
from rnnkit.show import style
from rnnkit.show.explorable import Explorable

PARAMETERS = ("W_xh", "W_hh", "b_x", "b_h")
MAX_UNITS, MAX_FEATURES, MAX_STEPS = 16, 4, 60  # what can be told apart on a phone
CAPTION = (
    "The two state maps start from the same candidate weights; only the gates differ. "
    "Pull `z` down by a fifth and watch what is left of the first input at the end."
)


def default_weights(D: int = 1, H: int = 8, seed: int = 3) -> dict[str, np.ndarray]:
    """Return a GRU whose units forget at graded speeds: from unit 0, fast, to the last one, slow.

    The bias of z rises from 0 to 5 along the units, and an input of 1 lowers z: a pulse is written,
    then kept. W_hn has spectral radius 0.6, so that without gates the pulse is soon lost.
    D, H: input and state size. Returns dict "W_xh" (D, 3H), "W_hh" (H, 3H), "b_x", "b_h" (3H,).
    """
    rng = np.random.default_rng(seed)
    W_hn = rng.normal(size=(H, H))
    W_hn *= 0.6 / np.abs(np.linalg.eigvals(W_hn)).max()
    W_xn = rng.uniform(0.8, 1.6, (D, H)) * rng.choice([-1, 1], (D, H))
    W_hr, W_hz = 0.5 * rng.normal(size=(2, H, H))
    W_xr, W_xz = rng.normal(size=(D, H)), np.full((D, H), -4.0)
    b_r, b_z = rng.permutation(np.linspace(-2, 2, H)), np.linspace(0, 5, H)
    return {
        "W_xh": np.hstack([W_xr, W_xz, W_xn]),
        "W_hh": np.hstack([W_hr, W_hz, W_hn]),
        "b_x": np.hstack([b_r, b_z, np.zeros(H)]),
        "b_h": np.zeros(3 * H),
    }


def default_inputs(D: int = 1, T: int = 32, seed: int = 0) -> dict[str, np.ndarray]:
    """Return four inputs, dict from name to (T, D): a pulse in feature 0 at the first step, then ..."""
    pulse = np.zeros((T, D))
    pulse[0, 0] = 1
    noise = 0.3 * np.random.default_rng(seed).normal(size=(T, D))
    noise[0] = 0
    second = np.roll(pulse, T // 2, axis=0)
    return {
        "one pulse": pulse,
        "pulse, noise": pulse + noise,
        "two pulses": pulse + second,
        "plus, minus": pulse - second,
    }


def check_weights(weights: dict) -> dict:
    """Return a GRU's parameters as float64 arrays; raise ValueError naming the one that does not fit."""
    if set(weights) != set(PARAMETERS):
        raise ValueError(
            f"weights: expected {', '.join(PARAMETERS)}, "
            f"got {', '.join(sorted(weights)) or 'nothing'}"
        )
    weights = {name: np.asarray(weights[name], float) for name in PARAMETERS}
    sizes = {}
    for name, size, limit in (("W_xh", "D", MAX_FEATURES), ("W_hh", "H", MAX_UNITS)):
        sizes[size] = len(np.atleast_1d(weights[name]))
        if not 1 <= sizes[size] <= limit:
            raise ValueError(f"{name}: expected 1 to {limit} rows, got {sizes[size]}")
    check_gru_weights(**weights, sizes=sizes)
    check_finite(weights)
    return weights


def check_inputs(inputs: dict, D: int) -> dict:
    """Return the inputs as arrays of one shape (T, D); raise ValueError naming the one that is not."""
    inputs = {name: np.asarray(x, float) for name, x in inputs.items()}
    if not inputs:
        raise ValueError("inputs: expected at least one sequence, got none")
    T = len(np.atleast_1d(next(iter(inputs.values()))))
    if not 2 <= T <= MAX_STEPS:
        raise ValueError(f"inputs: expected 2 to {MAX_STEPS} steps, got {T}")
    for name, x in inputs.items():
        if x.shape != (T, D):
            raise ValueError(
                f"inputs: {name}: expected (T, D) = ({T}, {D}), got {x.shape}"
            )
    check_finite(inputs)
    return inputs


def check_finite(arrays: dict) -> None:
    """Raise ValueError naming the first of the arrays that holds something else than numbers."""
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{name}: expected finite numbers, got nan or infinity")


def candidate(weights: dict) -> tuple[np.ndarray, ...]:
    """Return the vanilla RNN of a GRU's candidate: W_xh (D, H), W_hh (H, H), b_h (H,)."""
    W_xn, W_hn, b_xn, b_hn = (np.split(weights[name], 3, -1)[2] for name in PARAMETERS)
    return W_xn, W_hn, b_xn + b_hn


def states_and_memory(
    x: np.ndarray, forward: Callable, backward: Callable, weights: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Read one sequence from the zero state, and measure what the last state owes to each input.

    x: (T, D). forward, backward: of `rnnkit.sequence`. weights: the parameters, in their order.
    Returns h (T, H) and memory (T,): the Frobenius norm of d h_T / d x_s.
    """
    H = len(weights[1])
    # The sequence H times over, so that row j of the batch gives row j of the Jacobian.
    h, cache = forward(np.repeat(x[None], H, axis=0), np.zeros((H, H)), *weights)
    rows = connectivity(backward, cache, np.eye(H), -1)  # (H, T)
    return h[0], np.linalg.norm(rows, axis=0)


class GRUBlendExplorable(Explorable):
    """Blend a GRU's gates from what they are to a vanilla RNN's; its states and its memory follow.

        GRUBlendExplorable()  # everything has a default; in a chapter, for example:
        GRUBlendExplorable(
            weights={"W_xh": W_xh, "W_hh": W_hh, "b_x": b_x, "b_h": b_h},
            inputs={"one pulse": x_pulse, "noise": x_noise},
        )

    weights: dict of a GRU's parameters in `rnnkit`'s packing r, z, n: W_xh (D, 3H), W_hh (H, 3H), b_x and
    b_h (3H,); at most 4 features and 16 units; default_weights() if None. inputs: dict from name to (T, D),
    2 to 60 steps, all of one length; default_inputs(D) if None. pattern: the input read at first, the first
    one if None. blend_z, blend_r: 0 for the GRU to 1 for z = 0 and r = 1. keep: added to z's
    pre-activation, -4 to 6. id, alt, caption: as in `Explorable`; alt is written from the numbers if None.
    Raises ValueError naming the argument that does not fit.
    """

    module = "gru_blend"
    weights = traitlets.Dict().tag(sync=True)
    inputs = traitlets.List().tag(sync=True)
    pattern = traitlets.Unicode().tag(sync=True)
    blend_z = traitlets.Float(0.0).tag(sync=True)
    blend_r = traitlets.Float(0.0).tag(sync=True)
    keep = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self,
        *,
        id: str = "gru-blend",
        alt: str | None = None,
        caption: str = CAPTION,
        weights: dict | None = None,
        inputs: dict | None = None,
        pattern: str | None = None,
        **rest: Any,
    ) -> None:
        weights = check_weights(default_weights() if weights is None else weights)
        D = len(weights["W_xh"])
        inputs = check_inputs(default_inputs(D) if inputs is None else inputs, D)
        pattern = next(iter(inputs)) if pattern is None else pattern
        if pattern not in inputs:
            raise ValueError(
                f"pattern: expected one of {', '.join(inputs)}, got {pattern!r}"
            )
        for name, low, high in (("blend_z", 0, 1), ("blend_r", 0, 1), ("keep", -4, 6)):
            if not low <= rest.get(name, 0) <= high:
                raise ValueError(f"{name}: expected {low} to {high}, got {rest[name]}")
        self._numbers = weights, inputs[pattern]
        super().__init__(
            id=id,
            alt=self._alt(pattern) if alt is None else alt,
            caption=caption,
            weights=weights,
            # A list: the page's JSON sorts the keys of a dict.
            inputs=[{"name": name, "x": x} for name, x in inputs.items()],
            pattern=pattern,
            **rest,
        )

    def read(self):
        """Read the chosen input: h (T, H) and memory (T,) of the GRU with its own gates, and of the RNN."""
        weights, x = self._numbers
        gru = states_and_memory(x, gru_forward, gru_backward, tuple(weights.values()))
        return gru, states_and_memory(x, rnn_forward, rnn_backward, candidate(weights))

    def _alt(self, pattern):
        (h, gru), (_, rnn) = self.read()
        return (
            f"States of a GRU and of the vanilla RNN with the same candidate weights, {h.shape[1]} units "
            f"over {len(h)} steps; the input: {pattern}. Below, on a log scale, how strongly the last "
            f"state depends on each input; on the first: {gru[0]:.1g} in the GRU, {rnn[0]:.1g} in the RNN."
        )

    def static_figure(self) -> Figure:
        """Draw both ends: the states of the GRU and of the RNN, and their memory."""
        gru, rnn = self.read()
        fig, axes = plt.subplot_mosaic(
            [["GRU", "vanilla RNN"], ["memory", "memory"]], figsize=(5.4, 3.9)
        )
        for name, (h, _) in (("GRU", gru), ("vanilla RNN", rnn)):
            style.heat(axes[name], h.T, 1, values=False)
            axes[name].set(title=f"{name}: h", xlabel="step", aspect="auto")
        axes["GRU"].set_ylabel("unit")
        steps = np.arange(1, len(gru[0]) + 1)
        for name, (_, memory), colour in (
            ("GRU", gru, style.BLUE),
            ("RNN", rnn, style.ORANGE),
        ):
            axes["memory"].semilogy(steps, memory, color=colour)
            style.label_line(axes["memory"], name, x=steps[len(steps) // 4])
        axes["memory"].set(
            title="how h at the end depends on each input", xlabel="step"
        )
        return fig
