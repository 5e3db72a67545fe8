"""Recurrent cells and their variants, each as its equations, for networks trained side by side.

A step takes ``a``, the input's share of the pre-activations (bias included), the state, whose
first part is h, and the parameters ``p``; it returns the next state. All tensors have a first
axis of N networks: a (N, B, G * H), h (N, B, H), W_hh (N, H, G * H). ``h @ W_hh`` is then N
products at once, and nothing else in the equations changes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch


@dataclass(frozen=True)
class Cell:
    """What makes a cell.

    step: function (a, state, p) -> state; a state is a tuple that begins with h.
    gates: G, blocks of H columns in W_xh and W_hh.
    states: size of each part of the state, in units of H.
    forget: which block is the gate that keeps (the forget gate, the GRU's z), or None.
    extra: further parameters: name -> shape in units of H, (3,) for a bias of 3H.
    """

    step: Callable
    gates: int
    states: tuple = (1, 1)
    forget: int | None = 1
    extra: dict = field(default_factory=dict)


def rnn(a, state, p):
    """The vanilla RNN (Elman, 1990)."""
    (h,) = state
    return (torch.tanh(torch.baddbmm(a, h, p["W_hh"])),)


def relu_rnn(a, state, p):
    """A vanilla RNN with relu for tanh (Le et al., 2015, who start it at the identity)."""
    (h,) = state
    return (torch.relu(torch.baddbmm(a, h, p["W_hh"])),)


def gru(a, state, p):
    """The GRU (Cho et al., 2014), r applied after the product."""
    (h,) = state
    H = h.shape[-1]
    a_h = torch.baddbmm(p["b_h"], h, p["W_hh"])
    r, z = torch.sigmoid(a[..., : 2 * H] + a_h[..., : 2 * H]).split(H, -1)
    n = torch.tanh(a[..., 2 * H :] + r * a_h[..., 2 * H :])
    return (n + z * (h - n),)


def gru_reset_before(a, state, p):
    """The GRU with r applied before the product (Cho et al., 2014, in their last version)."""
    (h,) = state
    H = h.shape[-1]
    W_hh, W_hn = p["W_hh"][..., : 2 * H], p["W_hh"][..., 2 * H :]
    r, z = torch.sigmoid(torch.baddbmm(a[..., : 2 * H], h, W_hh)).split(H, -1)
    n = torch.tanh(torch.baddbmm(a[..., 2 * H :], r * h, W_hn))
    return (n + z * (h - n),)


def gru_no_reset(a, state, p):
    """The GRU with r = 1."""
    (h,) = state
    z, n = activate(a, h, p)
    return (n + z * (h - n),)


def mut1(a, state, p):
    """Mutant 1 of Jozefowicz et al. (2015): z sees the input alone, and overwrites.

    The paper has tanh(x) in the candidate, which needs D = H; here x goes through a matrix.
    """
    (h,) = state
    H = h.shape[-1]
    a_r, a_z, a_n = a.split(H, -1)
    W_hr, W_hn = p["W_hh"].split(H, -1)
    r, z = torch.sigmoid(torch.baddbmm(a_r, h, W_hr)), torch.sigmoid(a_z)
    n = torch.tanh(torch.baddbmm(torch.tanh(a_n) + p["b_n"], r * h, W_hn))
    return (z * n + (1 - z) * h,)


def activate(a, h, p):
    """Every block of H columns but the last is a gate, through a sigmoid; the last is g."""
    a = torch.baddbmm(a, h, p["W_hh"])  # a + h @ W_hh
    H = h.shape[-1]
    return *torch.sigmoid(a[..., :-H]).split(H, -1), torch.tanh(a[..., -H:])


def lstm(a, state, p):
    """The LSTM with a forget gate (Gers et al., 2000)."""
    h, c = state
    i, f, o, g = activate(a, h, p)
    c = f * c + i * g
    return o * torch.tanh(c), c


def no_input_gate(a, state, p):
    """i = 1."""
    h, c = state
    f, o, g = activate(a, h, p)
    c = f * c + g
    return o * torch.tanh(c), c


def no_forget_gate(a, state, p):
    """f = 1: the LSTM of 1997."""
    h, c = state
    i, o, g = activate(a, h, p)
    c = c + i * g
    return o * torch.tanh(c), c


def no_output_gate(a, state, p):
    """o = 1."""
    h, c = state
    i, f, g = activate(a, h, p)
    c = f * c + i * g
    return torch.tanh(c), c


def no_input_activation(a, state, p):
    """g without its tanh."""
    h, c = state
    H = h.shape[-1]
    a = torch.baddbmm(a, h, p["W_hh"])
    i, f, o = torch.sigmoid(a[..., :-H]).split(H, -1)
    c = f * c + i * a[..., -H:]
    return o * torch.tanh(c), c


def no_output_activation(a, state, p):
    """h = o * c, without tanh."""
    h, c = state
    i, f, o, g = activate(a, h, p)
    c = f * c + i * g
    return o * c, c


def coupled_gates(a, state, p):
    """i = 1 - f: what is written replaces what is forgotten."""
    h, c = state
    f, o, g = activate(a, h, p)
    c = f * c + (1 - f) * g
    return o * torch.tanh(c), c


def peepholes(a, state, p):
    """The gates see the cell (Gers and Schmidhuber, 2000); o sees the new one."""
    h, c = state
    H = h.shape[-1]
    a_i, a_f, a_o, a_g = torch.baddbmm(a, h, p["W_hh"]).split(H, -1)
    i, f = torch.sigmoid(a_i + p["w_ci"] * c), torch.sigmoid(a_f + p["w_cf"] * c)
    c = f * c + i * torch.tanh(a_g)
    o = torch.sigmoid(a_o + p["w_co"] * c)
    return o * torch.tanh(c), c


def full_gate_recurrence(a, state, p):
    """The gates see all gates of the step before (Hochreiter and Schmidhuber, 1997)."""
    h, c, gates = state
    H = h.shape[-1]
    a = torch.baddbmm(a, h, p["W_hh"])
    gates = torch.sigmoid(torch.baddbmm(a[..., : 3 * H], gates, p["W_gg"]))
    i, f, o = gates.split(H, -1)
    c = f * c + i * torch.tanh(a[..., 3 * H :])
    return o * torch.tanh(c), c, gates


CELLS = {
    "rnn": Cell(rnn, 1, states=(1,), forget=None),
    "relu_rnn": Cell(relu_rnn, 1, states=(1,), forget=None),
    "gru": Cell(gru, 3, states=(1,), extra={"b_h": (3,)}),
    "gru_reset_before": Cell(gru_reset_before, 3, states=(1,)),
    "gru_no_reset": Cell(gru_no_reset, 2, states=(1,), forget=0),
    "mut1": Cell(
        mut1, 3, states=(1,), forget=None, extra={"W_hh": (1, 2), "b_n": (1,)}
    ),
    "lstm": Cell(lstm, 4),
    "no_input_gate": Cell(no_input_gate, 3, forget=0),
    "no_forget_gate": Cell(no_forget_gate, 3, forget=None),
    "no_output_gate": Cell(no_output_gate, 3),
    "no_input_activation": Cell(no_input_activation, 4),
    "no_output_activation": Cell(no_output_activation, 4),
    "coupled_gates": Cell(coupled_gates, 3, forget=0),
    "peepholes": Cell(peepholes, 4, extra={"w_ci": (1,), "w_cf": (1,), "w_co": (1,)}),
    "full_gate_recurrence": Cell(
        full_gate_recurrence, 4, states=(1, 1, 3), extra={"W_gg": (3, 3)}
    ),
}
