"""The variants of the LSTM and the GRU against the equations of their papers, in numpy."""

import numpy as np
import pytest
import torch

from rnnkit.nn.cell_variants import CELLS
from rnnkit.nn.side_by_side import Population


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def blocks(names, p, H):
    """W, U, b by the gate's name, cut out of the packed parameters of one network."""
    W, U = (np.split(p[key], p[key].shape[1] // H, 1) for key in ("W_xh", "W_hh"))
    b = np.split(p["b_x"] if "b_x" in p else p["b_h"], len(names))
    return {n: (W[k], U[k] if len(U) == len(W) else None, b[k]) for k, n in names}


def paper_lstm(name, x, state, p):
    """One step of an LSTM with one part changed, as Greff et al. (2017) write it, in numpy."""
    h, c, old = state
    H = h.shape[1]
    gone = {"no_input_gate": "i", "no_forget_gate": "f", "no_output_gate": "o"}
    names = [
        gate
        for gate in "ifog"
        if gate != gone.get(name) and (gate != "i" or name != "coupled_gates")
    ]
    w = blocks(list(enumerate(names)), p, H)
    a = {gate: x @ W + h @ U + b for gate, (W, U, b) in w.items()}
    if name == "full_gate_recurrence":  # nine more matrices, from each gate to each
        for j, to in enumerate("ifo"):
            for k, of in enumerate("ifo"):
                R = p["W_gg"][k * H : (k + 1) * H, j * H : (j + 1) * H]
                a[to] = a[to] + old[of] @ R
    peep = name == "peepholes"
    f = sigmoid(a["f"] + (p["w_cf"] * c if peep else 0)) if "f" in a else 1.0
    i = sigmoid(a["i"] + (p["w_ci"] * c if peep else 0)) if "i" in a else 1.0
    i = 1 - f if name == "coupled_gates" else i
    g = a["g"] if name == "no_input_activation" else np.tanh(a["g"])
    c = f * c + i * g
    o = sigmoid(a["o"] + (p["w_co"] * c if peep else 0)) if "o" in a else 1.0
    out = c if name == "no_output_activation" else np.tanh(c)
    return o * out, c, {"i": i, "f": f, "o": o}


def paper_gru(name, x, state, p):
    """One step of a relative of the GRU, as its paper writes it, in numpy."""
    h, c, old = state
    H = h.shape[1]
    names = "zn" if name == "gru_no_reset" else "rzn"
    w = blocks(list(enumerate(names)), p, H)
    if name == "mut1":  # z overwrites, and does not see h
        U_r, U_n = np.split(p["W_hh"], 2, 1)
        r = sigmoid(x @ w["r"][0] + h @ U_r + w["r"][2])
        z = 1 - sigmoid(x @ w["z"][0] + w["z"][2])
        n = np.tanh((r * h) @ U_n + np.tanh(x @ w["n"][0] + w["n"][2]) + p["b_n"])
    else:
        gates = {k: sigmoid(x @ W + h @ U + b) for k, (W, U, b) in w.items()}
        z, r = gates["z"], gates["r"] if "r" in w else 1.0
        n = np.tanh(x @ w["n"][0] + (r * h) @ w["n"][1] + w["n"][2])
    return (1 - z) * n + z * h, c, old


VARIANTS = [name for name in CELLS if name not in ("rnn", "relu_rnn", "gru", "lstm")]


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_its_papers_equations(name):
    D, H, N, B, T = 3, 4, 2, 2, 5
    nets = Population(name, D, H, 1, seeds=range(N)).double()
    with torch.no_grad():
        for parameter in nets.parameters():  # a zero could hide an error
            generator = torch.Generator().manual_seed(0)
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    x = np.random.default_rng(0).standard_normal((N, B, T, D))
    with torch.no_grad():
        h = nets.states(x)[0].numpy()
    step = paper_gru if name == "mut1" or name.startswith("gru") else paper_lstm
    for k in range(N):
        zero = np.zeros((B, H))
        state = (zero, zero, dict.fromkeys("ifo", zero))
        for t in range(T):
            state = step(name, x[k, :, t], state, nets.network(k))
            np.testing.assert_allclose(h[k, :, t], state[0], atol=1e-12)
