"""The LSTM with one claimed reason for its good gradient taken away at a time.

From c_{t-1} to c_t the LSTM only scales, entry by entry: c = f * c + i * g. Five reasons are
given for why a gradient survives on that path. Each cell here gives up one of them and keeps
the others; the fifth, a positive bias of the forget gate, is a setting of ``Population``.
"""

import numpy as np
import torch
from torch.func import jvp

from rnnkit.nn.cell_variants import CELLS, Cell, activate
from rnnkit.nn.side_by_side import Population


def matrix_path(a, state, p):
    """Not entry by entry: a full trained matrix, c = (f * c) W_cc + i * g."""
    h, c = state
    i, f, o, g = activate(a, h, p)
    c = (f * c) @ p["W_cc"] + i * g
    return o * torch.tanh(c), c


def same_forgetting(a, state, p):
    """Not a new f at each step: f is the sigmoid of its trained bias."""
    h, c = state
    i, _, o, g = activate(a, h, p)
    H = h.shape[-1]
    f = torch.sigmoid(p["b_h"][..., H : 2 * H])
    c = f * c + i * g
    return o * torch.tanh(c), c


def unbounded_forgetting(a, state, p):
    """Not between 0 and 1: f is its pre-activation, of any size and sign."""
    h, c = state
    H = h.shape[-1]
    a_i, f, a_o, a_g = torch.baddbmm(a, h, p["W_hh"]).split(H, -1)
    c = f * c + torch.sigmoid(a_i) * torch.tanh(a_g)
    return torch.sigmoid(a_o) * torch.tanh(c), c


def clipped_forgetting(a, state, p):
    """A control for unbounded_forgetting: f as steep as there, but cut off at 0 and 1."""
    h, c = state
    H = h.shape[-1]
    a_i, f, a_o, a_g = torch.baddbmm(a, h, p["W_hh"]).split(H, -1)
    c = f.clamp(0, 1) * c + torch.sigmoid(a_i) * torch.tanh(a_g)
    return torch.sigmoid(a_o) * torch.tanh(c), c


def forgetting_up_to_2(a, state, p):
    """Not between 0 and 1, but still bounded: f is twice a sigmoid."""
    h, c = state
    i, f, o, g = activate(a, h, p)
    c = 2 * f * c + i * g
    return o * torch.tanh(c), c


def tanh_path(a, state, p):
    """Not free of tanh: c = tanh(f * c + i * g)."""
    h, c = state
    i, f, o, g = activate(a, h, p)
    c = torch.tanh(f * c + i * g)
    return o * torch.tanh(c), c


WITHOUT = {
    "lstm": CELLS["lstm"],
    "matrix_path": Cell(matrix_path, 4, extra={"W_cc": (1, 1)}),
    "same_forgetting": Cell(same_forgetting, 4),
    "unbounded_forgetting": Cell(unbounded_forgetting, 4),
    "clipped_forgetting": Cell(clipped_forgetting, 4),
    "forgetting_up_to_2": Cell(forgetting_up_to_2, 4),
    "tanh_path": Cell(tanh_path, 4),
}


def make_orthogonal(population: Population, name: str = "W_cc") -> None:
    """Replace a matrix of each network by the orthogonal factor of its QR decomposition."""
    with torch.no_grad():
        population.p[name].copy_(torch.linalg.qr(population.p[name])[0])


def make_identity(population: Population, name: str = "W_cc") -> None:
    """Replace a matrix of each network by the identity: W_cc then changes nothing at first."""
    with torch.no_grad():
        population.p[name].copy_(torch.eye(population.hidden_size))


def carried_jacobians(population: Population, x: np.ndarray) -> np.ndarray:
    """How the state's last part depends on its start: d c_t / d c_0, for an RNN d h_t / d h_0.

    The total derivative: along the additive path and through h. It starts from zeros.

    Arguments:
        population: N networks with H units; the state's last part must have H numbers.
        x: one sequence that all of them read, (T, D).

    Returns:
        (N, T, H, H), entry [n, t, j, k] = d c_t[j] / d c_0[k].
    """
    H, N = population.hidden_size, len(population.seeds)
    # One row of the batch for each direction in which c_0 is pushed.
    rows = torch.as_tensor(x).expand(N, H, *x.shape)
    others = [rows.new_zeros(N, H, s * H) for s in population.cell.states[:-1]]
    p = dict(population.p)
    inputs = rows @ p["W_xh"][:, None] + p["b_x" if "b_x" in p else "b_h"][:, None]

    def carried(start):
        state, steps = (*others, start), []
        for a in inputs.unbind(2):
            state = population.cell.step(a, state, p)
            steps.append(state[-1])
        return torch.stack(steps, dim=1)  # (N, T, H directions, H)

    start = rows.new_zeros(N, H, H)
    with torch.no_grad():
        pushed = jvp(carried, (start,), (torch.eye(H).expand(N, H, H),))[1]
    return pushed.transpose(-1, -2).numpy()
