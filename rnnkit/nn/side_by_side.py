"""Many small networks trained side by side: all seeds of an experiment at once.

What is said about training needs several seeds. A small network spends nearly all its time
in starting operations, not in arithmetic; N networks stacked along a first axis start them
together, so ten cost hardly more than one. They share nothing: each has its own weights,
data, gradient norm and Adam moments, and becomes what it would have become alone.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from rnnkit.nn.cell_variants import CELLS, Cell
from rnnkit.nn.training import learning_rate

RECURRENT = ("uniform", "orthogonal", "identity")


class Log(NamedTuple):
    """What `train` measured at each step, before it changed the weights: (steps, N) each.

    loss: nats, or squared error; grad_norm: of each network's whole gradient, before clipping.
    """

    loss: np.ndarray
    grad_norm: np.ndarray


class Drawing(nn.Module):
    """N networks that draw random numbers, each from a generator of its own.

    Arguments: seeds: one for each network.
    """

    def __init__(self, seeds: Iterable[int]) -> None:
        super().__init__()
        self.seeds = list(seeds)
        self.generators = [torch.Generator().manual_seed(s) for s in self.seeds]

    def draw(self, how, *shape):
        """Draw random numbers for every network from its own generator: (N, *shape)."""
        return torch.stack([how(shape, generator=g) for g in self.generators])


class Population(nn.Module):
    """N networks of one kind: a recurrent layer and an output layer each.

    Arguments:
        cell: a name in CELLS, or a Cell.
        input_size, hidden_size, output_size: D, H, V.
        seeds: one for each network; the weights and the data it will see follow from it.
        forget_bias: start of the forget gate's bias, a number or one for each network.
        recurrent: how each (H, H) block of W_hh starts: "uniform" in -1/sqrt(H) to 1/sqrt(H)
            as all other matrices, "orthogonal", or "identity". Biases start at 0.

    Raises:
        ValueError: an unknown cell or start, or a forget bias for a cell without that gate.
    """

    def __init__(
        self,
        cell: str | Cell,
        input_size: int,
        hidden_size: int,
        output_size: int,
        seeds: Iterable[int] = range(5),
        forget_bias: float | Sequence[float] = 0.0,
        recurrent: str = "uniform",
    ) -> None:
        super().__init__()
        if not isinstance(cell, Cell) and cell not in CELLS:
            raise ValueError(
                f"cell: expected a Cell or one of {list(CELLS)}, got {cell!r}"
            )
        if recurrent not in RECURRENT:
            raise ValueError(
                f"recurrent: expected one of {RECURRENT}, got {recurrent!r}"
            )
        self.cell = cell if isinstance(cell, Cell) else CELLS[cell]
        self.seeds, self.hidden_size = list(seeds), hidden_size
        shapes = parameter_shapes(self.cell, input_size, hidden_size, output_size)
        drawn = [draw(shapes, hidden_size, recurrent, seed) for seed in self.seeds]
        self.p = nn.ParameterDict(
            {name: torch.stack([one[name] for one in drawn]) for name in shapes}
        )
        self.add_forget_bias(forget_bias)

    def add_forget_bias(self, value: float | Sequence[float]) -> None:
        """Add to the forget gate's bias: a number, or one for each network."""
        value = torch.as_tensor(value, dtype=torch.float32).reshape(-1, 1, 1)
        if self.cell.forget is None:
            if value.any():
                raise ValueError(
                    "forget_bias: expected 0 for a cell without a forget gate"
                )
            return
        start = self.cell.forget * self.hidden_size
        with torch.no_grad():
            self.p["b_h"][..., start : start + self.hidden_size] += value

    def states(self, x):
        """Every part of the state after every step: x (N, B, T, D) -> (N, B, T, ...) each."""
        x = torch.as_tensor(x)
        N, B, T, D = x.shape
        bias = self.p["b_x" if "b_x" in self.p else "b_h"]
        # The inputs' share of all steps in one product, then one slice for each step.
        a = x.transpose(1, 2).reshape(N, T * B, D) @ self.p["W_xh"] + bias
        state = tuple(x.new_zeros(N, B, s * self.hidden_size) for s in self.cell.states)
        steps = []
        for a_t in a.view(N, T, B, -1).unbind(1):
            state = self.cell.step(a_t, state, self.p)
            steps.append(state)
        return tuple(torch.stack(part, dim=2) for part in zip(*steps, strict=True))

    def forward(self, x):
        """Outputs at every step: x (N, B, T, D) -> (N, B, T, V)."""
        h = self.states(x)[0]
        N, B, T, H = h.shape
        y = h.reshape(N, B * T, H) @ self.p["W_hy"] + self.p["b_y"]
        return y.view(N, B, T, -1)

    def losses(self, batches):
        """Mean loss of each network on its own batch, (N,): nats, or squared error."""
        return loss_of_each(self, batches)

    def network(self, k: int) -> dict[str, np.ndarray]:
        """Return network k's parameters as arrays in the layout of `rnnkit.sequence`."""
        arrays = {name: p[k].detach().numpy().copy() for name, p in self.p.items()}
        # A bias is stored as (1, M), so that it can be added to (B, M).
        return {n: a[0] if n[0] in "bw" else a for n, a in arrays.items()}


def parameter_shapes(cell: Cell, D: int, H: int, V: int) -> dict[str, tuple]:
    """Names and shapes of one network's parameters."""
    G = cell.gates
    # A cell with a bias of its own inside the step, b_h, has b_x beside it.
    bias = "b_x" if "b_h" in cell.extra else "b_h"
    shapes: dict[str, tuple] = {
        "W_xh": (D, G * H),
        "W_hh": (H, G * H),
        bias: (1, G * H),
    }
    for name, sizes in cell.extra.items():
        shape = tuple(size * H for size in sizes)
        shapes[name] = shape if len(shape) == 2 else (1, *shape)
    return shapes | {"W_hy": (H, V), "b_y": (1, V)}


def draw(shapes: dict, H: int, recurrent: str, seed: int) -> dict[str, torch.Tensor]:
    """Draw one network's parameters from its own generator."""
    generator = torch.Generator().manual_seed(seed)
    p = {}
    for name, shape in shapes.items():
        if name.startswith("b"):
            p[name] = torch.zeros(shape)
        elif name == "W_hh" and recurrent == "identity":
            p[name] = torch.eye(H).repeat(1, shape[1] // H)
        elif name == "W_hh" and recurrent == "orthogonal":
            blocks = torch.randn(shape[1] // H, H, H, generator=generator)
            p[name] = torch.cat(list(torch.linalg.qr(blocks)[0]), dim=1)
        else:
            p[name] = (2 * torch.rand(shape, generator=generator) - 1) / H**0.5
    return p


def train(
    population: Any,
    task: Callable,
    steps: int,
    lr: float = 3e-3,
    batch_size: int = 32,
    clip: float | None = 1.0,
    clip_by: str = "norm",
    warmup: float = 0.02,
) -> Log:
    """Train every network on batches of its own, with Adam and a rate that falls to 0.

    Arguments:
        population: a Population, or what has its `seeds`, its parameters (N, ..., ...), and `losses`,
            from N batches to N losses; it is changed.
        task: function (rng, batch_size) -> batch with x, targets and mask, as in
            `rnnkit.data.tasks`, or what `losses` takes. Its randomness comes from the network's seed alone.
        steps, lr, batch_size, warmup: see `rnnkit.nn.training.learning_rate`.
        clip: largest norm of a network's gradient, or largest value of each of its numbers;
            None for no clipping.
        clip_by: "norm" or "value".

    Returns:
        a Log.

    Raises:
        ValueError: clip_by is neither, or steps is below 1.
    """
    if clip_by not in ("norm", "value"):
        raise ValueError(f"clip_by: expected 'norm' or 'value', got {clip_by!r}")
    if steps < 1:
        raise ValueError(f"steps: expected 1 or more, got {steps}")
    rngs = [np.random.default_rng(seed) for seed in population.seeds]
    optimizer = torch.optim.Adam(population.parameters(), fused=True)
    losses, norms = [], []
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step / steps, lr, warmup)
        loss = population.losses([task(rng, batch_size) for rng in rngs])
        optimizer.zero_grad()
        loss.sum().backward()  # no network's loss depends on another's weights
        norms.append(clip_gradients(population, clip, clip_by))
        losses.append(loss.detach())
        optimizer.step()
    return Log(torch.stack(losses).numpy(), torch.stack(norms).numpy())


def loss_of_each(population: Population, batches: list[tuple]) -> torch.Tensor:
    """Mean loss of each network on its own batch, (N,): nats, or squared error."""
    x, targets, mask = (
        torch.from_numpy(np.stack(part)) for part in zip(*batches, strict=True)
    )
    y = population(x)  # (N, B, T, V)
    if targets.is_floating_point():
        losses = mse_loss(y[..., 0], targets, reduction="none")
    else:
        losses = cross_entropy(y.flatten(0, 2), targets.flatten(), reduction="none")
        losses = losses.view(targets.shape)
    return (losses * mask).sum((1, 2)) / mask.sum((1, 2))


def clip_gradients(
    population: nn.Module, clip: float | None, clip_by: str
) -> torch.Tensor:
    """Clip each network's gradient in place; returns the norms before, (N,)."""
    grads = [p.grad for p in population.parameters() if p.grad is not None]
    norms = torch.stack([g.flatten(1).norm(dim=1) for g in grads]).norm(dim=0)
    if clip is not None and clip_by == "norm":
        scale = (clip / norms).clamp(max=1).view(-1, 1, 1)
        for g in grads:
            g *= scale
    elif clip is not None:
        for g in grads:
            g.clamp_(-clip, clip)
    return norms


def evaluate(population: Population, batch: Any) -> dict[str, np.ndarray]:
    """Try every network on the same batch.

    Returns:
        dict of arrays (N,): "loss", in nats or squared error, and for classes "accuracy", the
        share of the answers asked for whose largest output is the right one.
    """
    N = len(population.seeds)
    with torch.no_grad():
        loss = loss_of_each(population, [tuple(batch)] * N).numpy()
        if np.issubdtype(batch.targets.dtype, np.floating):
            return {"loss": loss}
        x = torch.from_numpy(batch.x).expand(N, *batch.x.shape)
        right = (population(x).argmax(-1).numpy() == batch.targets)[:, batch.mask]
    return {"loss": loss, "accuracy": right.mean(axis=1)}
