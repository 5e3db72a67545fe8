"""Very deep stacks of fully connected layers: plain, residual and highway, several seeds at once."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rnnkit.nn.side_by_side import clip_gradients
from rnnkit.nn.training import learning_rate

KINDS = ("plain", "residual", "highway")


class DeepStack(nn.Module):
    """N networks of ``depth`` layers of one width, side by side, each from its own seed.

    plain: h = a; residual: h = h_prev + a; highway: h = (1 - t) * h_prev + t * a, with
    a = relu(h_prev W + b) and the transform gate t = sigmoid(h_prev W_t + b_t).

    Arguments:
        kind: "plain", "residual" or "highway".
        sizes: inputs D, width H, classes V.
        depth: layers of width H after the first.
        seeds: one for each network.
        gain: the entries of W have the variance gain / H; 1/3 is the usual uniform start,
            2 the one that keeps the size of relu layers (He et al., 2015).
        gate_bias: start of b_t.

    Raises:
        ValueError: an unknown kind.

    Source: residual: He et al. (2016), with one layer in a block and no normalisation;
    highway: Srivastava et al. (2015).
    """

    def __init__(
        self,
        kind: str,
        sizes: tuple[int, int, int],
        depth: int = 50,
        seeds: Iterable[int] = range(5),
        gain: float = 1 / 3,
        gate_bias: float = -2.0,
    ) -> None:
        super().__init__()
        if kind not in KINDS:
            raise ValueError(f"kind: expected one of {KINDS}, got {kind!r}")
        self.kind, self.seeds = kind, list(seeds)
        D, H, V = sizes
        generators = [torch.Generator().manual_seed(seed) for seed in self.seeds]

        def matrix(rows, columns, variance):
            drawn = [torch.rand(rows, columns, generator=g) for g in generators]
            return nn.Parameter((2 * torch.stack(drawn) - 1) * (3 * variance) ** 0.5)

        def bias(value):
            return nn.Parameter(torch.full((len(generators), 1, H), float(value)))

        self.W_in, self.W_out = matrix(D, H, 1 / (3 * D)), matrix(H, V, 1 / (3 * H))
        self.W = nn.ParameterList(matrix(H, H, gain / H) for _ in range(depth))
        self.b = nn.ParameterList(bias(0) for _ in range(depth))
        gates = depth if kind == "highway" else 0
        self.W_t = nn.ParameterList(matrix(H, H, 1 / (3 * H)) for _ in range(gates))
        self.b_t = nn.ParameterList(bias(gate_bias) for _ in range(gates))

    def layer(self, k, h):
        """Layer k: h (N, B, H) -> (N, B, H)."""
        a = torch.relu(torch.baddbmm(self.b[k], h, self.W[k]))
        if self.kind == "plain":
            return a
        if self.kind == "residual":
            return h + a
        t = torch.sigmoid(torch.baddbmm(self.b_t[k], h, self.W_t[k]))
        return (1 - t) * h + t * a

    def layers(self, x):
        """What the first layer and then every layer puts out: x (N, B, D) -> list of (N, B, H)."""
        h = [torch.relu(x @ self.W_in)]
        for k in range(len(self.W)):
            h.append(self.layer(k, h[-1]))
        return h

    def forward(self, x):
        """Scores of the classes: x (N, B, D) -> (N, B, V)."""
        return self.layers(x)[-1] @ self.W_out


def gradient_by_depth(stack: DeepStack, x: torch.Tensor, y: torch.Tensor) -> np.ndarray:
    """Norm of the loss's gradient with respect to what each layer puts out, (depth + 1, N)."""
    h = stack.layers(x.expand(len(stack.seeds), *x.shape))
    loss = loss_of_each(h[-1] @ stack.W_out, y.expand(len(stack.seeds), -1))
    gradients = torch.autograd.grad(loss.sum(), h)
    return torch.stack([g.flatten(1).norm(dim=1) for g in gradients]).numpy()


def train(
    stack: DeepStack,
    x: torch.Tensor,
    y: torch.Tensor,
    steps: int,
    lr: float = 3e-3,
    batch_size: int = 64,
    clip: float = 1.0,
) -> np.ndarray:
    """Train every network with Adam on batches of its own; returns the losses, (steps, N)."""
    generators = [torch.Generator().manual_seed(seed) for seed in stack.seeds]
    optimizer = torch.optim.Adam(stack.parameters(), fused=True)
    losses = []
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step / steps, lr, 0.05)
        rows = torch.stack(
            [torch.randint(len(x), (batch_size,), generator=g) for g in generators]
        )
        loss = loss_of_each(stack(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.sum().backward()
        clip_gradients(stack, clip, "norm")
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses).numpy()


def loss_of_each(scores: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Mean cross entropy of each network, (N,): scores (N, B, V), y (N, B)."""
    losses = cross_entropy(scores.flatten(0, 1), y.flatten(), reduction="none")
    return losses.view(y.shape).mean(dim=1)


@torch.no_grad()
def accuracy(stack: DeepStack, x: torch.Tensor, y: torch.Tensor) -> np.ndarray:
    """Share of examples that each network names right, (N,)."""
    scores = stack(x.expand(len(stack.seeds), *x.shape))
    return (scores.argmax(-1) == y).float().mean(dim=1).numpy()
