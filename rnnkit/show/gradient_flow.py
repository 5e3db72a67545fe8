"""Gradient flow: the eigenvalues of W_hh beside what its product does to a gradient, step by step."""

import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rnnkit.jacobian import products, rnn_jacobians
from rnnkit.sequence import rnn_forward
from rnnkit.show import style
from rnnkit.show.explorable import Explorable, decode_array, encode_array

STEPS = 60  # how far back the curves go
T = 80  # steps that the network reads; the first 20 let it forget the zero state
RADII, STRENGTHS = (0.5, 1.5), (0.0, 2.0)  # the ends of the two sliders
MAX_H = 32  # a larger matrix would make the page slow under a dragged slider


def default_matrices(H: int = 24, seed: int = 1) -> dict[str, np.ndarray]:
    """Four kinds of recurrent matrix, of any scale: the explorable brings all to one spectral radius.

    The chain is triangular, so its eigenvalues are its diagonal: one is 1, the others lie
    within 0.5. Each unit hands its state on to the next, 1.6 times as large; the chain is
    cut in the middle. That feed-forward part is invisible to every eigenvalue.

    Arguments:
        H: units. seed: of the random numbers.

    Returns:
        dict from "random", "orthogonal", "identity" and "chain" to (H, H).

    Source: of the chain, Ganguli, Huh and Sompolinsky (2008), Memory traces in dynamical systems.
    """
    rng = np.random.default_rng(seed)
    gaussian, square = rng.normal(size=(2, H, H)) / np.sqrt(H)
    diagonal = rng.permutation(np.linspace(-0.5, 0.5, H))
    diagonal[0] = 1
    hands_on = np.where(np.arange(1, H) == H // 2, 0, 1.6)
    return {
        "random": gaussian,
        "orthogonal": np.linalg.qr(square)[0],
        "identity": np.eye(H),
        "chain": np.diag(diagonal) + np.diag(hands_on, 1),
    }


def spectral_radius(W: np.ndarray) -> float:
    """The largest absolute value of W's eigenvalues."""
    return np.abs(np.linalg.eigvals(W)).max()


def flow(W_hh: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """The most that each number of steps back can multiply a gradient by.

    Arguments:
        W_hh: (H, H). inputs: (T, H), added to the pre-activation of every unit; zeros for
            a network at rest, which is linear: tanh' is 1 everywhere.

    Returns:
        the spectral norm of d h_T / d h_{T-k} for k = 0 .. STEPS, (STEPS + 1,).
    """
    H = len(W_hh)
    _, cache = rnn_forward(inputs[None], np.zeros((1, H)), np.eye(H), W_hh, np.zeros(H))
    # From the last step backwards, and transposed: the k-th product is the transpose of
    # J_T ... J_{T-k+1}, which has the same norm.
    backwards = rnn_jacobians(cache)[:, : -STEPS - 1 : -1].swapaxes(2, 3)
    norms = np.linalg.norm(products(backwards)[0], ord=2, axis=(1, 2))
    return np.concatenate([[1.0], norms])


class GradientFlowExplorable(Explorable):
    """Choose a W_hh, scale its spectral radius, drive the network: disc on the left, gradient on the right.

        GradientFlowExplorable()  # everything has a default; as in the chapter:
        GradientFlowExplorable(
            id="gradient-flow",
            caption="What to notice; it is read before the prediction and must not answer it",
            matrices={**default_matrices(H=len(W_hh)), "trained": W_hh},
            kind="chain",
            radius=0.9,
        )

    matrices: dict from names to (H, H), one H from 2 to 32 for all, up to six; each is divided by its
    spectral radius, so that one factor on the page, the radius, scales all its eigenvalues and singular
    values together.
    kind: the name chosen at first. radius: 0.5 to 1.5. strength: 0 to 2, standard deviation of the
    (Gaussian) input to every unit; at 0 the tanh network is linear. steps_back: 1 to 60, where the page
    reads the curves. alt: written from the numbers if not given. seed: of the inputs.
    Raises ValueError for matrices of other shapes, without a finite non-zero spectral radius, an unknown
    kind, or a number outside its range.
    """

    module = "gradient_flow"
    matrices = traitlets.Dict().tag(sync=True)
    inputs = traitlets.Dict().tag(sync=True)
    kind = traitlets.Unicode("chain").tag(sync=True)
    radius = traitlets.Float(0.9).tag(sync=True)
    strength = traitlets.Float(0.0).tag(sync=True)
    steps_back = traitlets.Int(10).tag(sync=True)

    def __init__(
        self,
        *,
        id: str = "gradient-flow",
        alt: str | None = None,
        caption: str = "",
        matrices: dict | None = None,
        kind: str | None = None,
        radius: float = 0.9,
        strength: float = 0.0,
        steps_back: int = 10,
        seed: int = 0,
    ) -> None:
        packed = pack(default_matrices() if matrices is None else matrices)
        if kind is None:
            kind = "chain" if "chain" in packed else next(iter(packed))
        check_state(packed, kind, radius, strength, steps_back)
        H = packed[kind]["W_hh"]["shape"][0]
        inputs = encode_array(np.random.default_rng(seed).normal(size=(T, H)))
        curves = compute(packed[kind], inputs, radius, strength)
        super().__init__(
            id=id,
            alt=describe(kind, steps_back, *curves) if alt is None else alt,
            caption=caption,
            matrices=packed,
            inputs=inputs,
            kind=kind,
            radius=float(radius),
            strength=float(strength),
            steps_back=steps_back,
        )

    def static_figure(self) -> Figure:
        """Draw the disc and the curves."""
        chosen = self.matrices[self.kind]
        linear, driven, rho, sigma = compute(
            chosen, self.inputs, self.radius, self.strength
        )
        fig, (left, right) = plt.subplots(1, 2, figsize=(5.4, 2.7), width_ratios=[2, 3])
        draw_disc(left, rho * decode_array(chosen["eigenvalues"]), sigma)
        k = np.arange(STEPS + 1)
        right.semilogy(k, sigma**k, "--", color=style.PURPLE, lw=1.4)
        right.semilogy(k, rho**k, ":", color=style.GREY, lw=1.8)
        style.label_line(right, r"$\rho^k$", x=STEPS * 0.7, dy=-30)
        right.semilogy(k, linear, color=style.BLUE, lw=2.4)
        style.label_line(right, "linear", x=STEPS / 2)
        if self.strength > 0:
            right.semilogy(k, driven, color=style.ORANGE)
            style.label_line(right, "tanh", x=STEPS / 3)
        right.axhline(1, color=style.INK, lw=0.8)
        right.set(ylim=(1e-6, 1e6), xlim=(0, STEPS), xlabel="steps back, k")
        right.set_title("norm of the gradient")
        right.grid(False)
        return fig


def compute(chosen: dict, inputs: dict, radius: float, strength: float) -> tuple:
    """What the page shows for one packed matrix: the flow at rest and driven (STEPS + 1,), rho and sigma_1."""
    W_hh = radius * decode_array(chosen["W_hh"]).astype(float)
    inputs = decode_array(inputs).astype(float)
    linear, driven = (flow(W_hh, s * inputs) for s in (0, strength))
    return linear, driven, radius, np.linalg.norm(W_hh, ord=2)


def describe(
    kind: str, k: int, linear: np.ndarray, driven: np.ndarray, rho: float, sigma: float
) -> str:
    """The picture in words."""
    return (
        f"Left: the complex plane with the unit circle, the eigenvalues of the {kind} matrix, the largest "
        f"of absolute value {rho:.2f}, and a dashed circle whose radius is the largest singular value, "
        f"{sigma:.2f}. Right: the norm of the gradient against the steps back, on a logarithmic scale. "
        f"After {k} steps back the linear network multiplies it by at most {linear[k]:.2g}, the tanh "
        f"network by {driven[k]:.2g}, where {rho:.2f} to the power {k} is {rho**k:.2g}."
    )


def draw_disc(ax: Axes, eigenvalues: np.ndarray, sigma: float) -> None:
    """Draw the unit circle, the eigenvalues (H, 2) and the circle of the largest singular value."""
    ax.add_patch(plt.Circle((0, 0), 1, fill=False, color=style.INK, lw=1))
    ax.add_patch(plt.Circle((0, 0), sigma, fill=False, color=style.PURPLE, ls="--"))
    ax.plot(*eigenvalues.T, "o", color=style.BLUE, ms=4.5, mec="white", mew=0.5)
    ax.set(xlim=(-2.2, 2.2), ylim=(-2.2, 2.2), xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    ax.set_aspect("equal")
    ax.grid(False)
    ax.set_title("eigenvalues")
    ax.set_xlabel(f"dashed: $\\sigma_1$ = {sigma:.2f}")


def pack(matrices: dict) -> dict:
    """Bring each matrix to spectral radius 1 and pack it, its eigenvalues (H, 2) and singular values (H,)."""
    if not 1 <= len(matrices) <= 6:
        raise ValueError(f"matrices: expected 1 to 6, got {len(matrices)}")
    arrays = {name: np.asarray(W, float) for name, W in matrices.items()}
    H = max(next(iter(arrays.values())).shape, default=0)
    if not 2 <= H <= MAX_H:
        raise ValueError(f"matrices: expected 2 <= H <= {MAX_H}, got H = {H}")
    packed = {}
    for name, W in arrays.items():
        if W.shape != (H, H):
            raise ValueError(f"{name}: expected (H, H) = ({H}, {H}), got {W.shape}")
        if not np.isfinite(W).all():
            raise ValueError(f"{name}: expected finite numbers, got nan or inf")
        rho = spectral_radius(W)
        if rho < 1e-9 * max(float(np.linalg.norm(W)), 1e-300):
            raise ValueError(f"{name}: expected a spectral radius above 0, got {rho}")
        W = W / rho
        eigenvalues = np.sort_complex(np.linalg.eigvals(W))
        packed[name] = {
            "W_hh": encode_array(W),
            "eigenvalues": encode_array(
                np.stack([eigenvalues.real, eigenvalues.imag], 1)
            ),
            "singular_values": encode_array(np.linalg.svd(W, compute_uv=False)),
        }
    return packed


def check_state(
    packed: dict, kind: str, radius: float, strength: float, steps_back: int
) -> None:
    """Check what the page starts with."""
    if kind not in packed:
        raise ValueError(f"kind: expected one of {', '.join(packed)}, got {kind!r}")
    for name, value, (low, high) in (
        ("radius", radius, RADII),
        ("strength", strength, STRENGTHS),
        ("steps_back", steps_back, (1, STEPS)),
    ):
        if not low <= value <= high:
            raise ValueError(f"{name}: expected {low} to {high}, got {value}")
