"""How fast the cells are on this machine, in numpy and in torch: two parts of `experiments.gru`."""

import statistics
import time

import numpy as np
import torch

from rnnkit import fast, sequence
from rnnkit.arrangements import MOVES, forward_and_backward


def speed(known, B=32, T=64, D=64, H=128, rounds=15):
    """Characters per second, forward and backward, one thread: the median of rounds in which all take turns."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((B, T, D)).astype(np.float32)
    jobs = {}
    for cell in ("rnn", "gru", "lstm"):
        jobs["numpy", cell] = numpy_job(cell, x, H)
        jobs["torch", cell] = torch_job(cell, x, H)
        jobs["torch without oneDNN", cell] = without_onednn(torch_job(cell, x, H))
    return {
        "shape": {"B": B, "T": T, "D": D, "H": H},
        "characters_per_second": {
            f"{kind} {cell}": round(B * T / seconds, -3)
            for (kind, cell), seconds in medians(jobs, rounds).items()
        },
    }


def arrangements(known, B=32, T=64, D=64, H=128, rounds=60):
    """Times as fast as the plain functions: each move out of the RNN's loops, then the fast functions of all cells."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((B, T, D)).astype(np.float32)
    jobs = {name: arranged_job(x, H, outside) for name, outside in MOVES}
    for cell in ("rnn", "gru", "lstm"):
        jobs[cell, "plain"] = numpy_job(cell, x, H, sequence)
        jobs[cell, "fast"] = numpy_job(cell, x, H, fast)
    seconds = medians(jobs, rounds)

    def gain(name, cell):
        return round(seconds[cell, "plain"] / seconds[name], 2)

    return {
        "shape": {"B": B, "T": T, "D": D, "H": H},
        "times_as_fast": {
            **{name: gain(name, "rnn") for name, _ in MOVES},
            "fast": gain(("rnn", "fast"), "rnn"),
            **{f"{cell} fast": gain((cell, "fast"), cell) for cell in ("gru", "lstm")},
        },
    }


def medians(jobs, rounds):
    """Median seconds of each job, over rounds in which all take turns: a change of the machine's speed meets all."""
    seconds = {key: [] for key in jobs}
    for _ in range(rounds):
        for key, job in jobs.items():
            begun = time.process_time()
            job()
            seconds[key].append(time.process_time() - begun)
    return {key: statistics.median(times) for key, times in seconds.items()}


def arranged_job(x, H, outside):
    """Return a function that runs the vanilla RNN in one of its arrangements."""
    B, T, D = x.shape
    weights, (h0,) = draw("rnn", B, D, H)
    dh = np.ones((B, T, H), np.float32)
    return lambda: forward_and_backward(x, h0, *weights, dh, outside)


def numpy_job(cell, x, H, home=fast):
    """Return a function that runs one of our cells forward and backward."""
    B, T, D = x.shape
    weights, state = draw(cell, B, D, H)
    forward = getattr(home, f"{cell}_forward")
    backward = getattr(home, f"{cell}_backward")
    dh = np.ones((B, T, H), np.float32)
    return lambda: backward(dh, forward(x, *state, *weights)[-1])


def draw(cell, B, D, H):
    """Weights and initial states of one cell."""
    G = {"rnn": 1, "gru": 3, "lstm": 4}[cell]
    rng = np.random.default_rng(1)
    shapes = [(D, G * H), (H, G * H), *[(G * H,)] * (2 if cell == "gru" else 1)]
    weights = [rng.uniform(-1, 1, s).astype(np.float32) / H**0.5 for s in shapes]
    return weights, [np.zeros((B, H), np.float32)] * (2 if cell == "lstm" else 1)


def torch_job(cell, x, H):
    """Return a function that runs one of torch's cells forward and backward."""
    kind = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell]
    layer = kind(x.shape[-1], H, batch_first=True)
    x = torch.from_numpy(x).requires_grad_()

    def job():
        layer.zero_grad()
        layer(x)[0].sum().backward()

    return job


def without_onednn(job):
    """Return the job as it is where torch has no fused routine for a whole sequence."""

    def alone():
        torch.backends.mkldnn.set_flags(False)
        job()
        torch.backends.mkldnn.set_flags(True)

    return alone
