"""How fast the cells are on this machine, in numpy and in torch: a part of `experiments.gru`."""

import statistics
import time

import numpy as np
import torch

from rnnkit import sequence


def speed(known, B=32, T=64, D=64, H=128, rounds=15):
    """Characters per second, forward and backward, one thread: the median of rounds in which all take turns."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((B, T, D)).astype(np.float32)
    jobs = {}
    for cell in ("rnn", "gru", "lstm"):
        jobs["numpy", cell] = numpy_job(cell, x, H)
        jobs["torch", cell] = torch_job(cell, x, H)
        jobs["torch without oneDNN", cell] = without_onednn(torch_job(cell, x, H))
    seconds = {key: [] for key in jobs}
    for _ in range(rounds):
        for key, job in jobs.items():
            begun = time.process_time()
            job()
            seconds[key].append(time.process_time() - begun)
    return {
        "shape": {"B": B, "T": T, "D": D, "H": H},
        "characters_per_second": {
            f"{kind} {cell}": round(B * T / statistics.median(times), -3)
            for (kind, cell), times in seconds.items()
        },
    }


def numpy_job(cell, x, H):
    """Return a function that runs one of our cells forward and backward."""
    B, T, D = x.shape
    G = {"rnn": 1, "gru": 3, "lstm": 4}[cell]
    rng = np.random.default_rng(1)
    shapes = [(D, G * H), (H, G * H), *[(G * H,)] * (2 if cell == "gru" else 1)]
    weights = [rng.uniform(-1, 1, s).astype(np.float32) / H**0.5 for s in shapes]
    state = [np.zeros((B, H), np.float32)] * (2 if cell == "lstm" else 1)
    forward = getattr(sequence, f"{cell}_forward")
    backward = getattr(sequence, f"{cell}_backward")
    dh = np.ones((B, T, H), np.float32)
    return lambda: backward(dh, forward(x, *state, *weights)[-1])


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
