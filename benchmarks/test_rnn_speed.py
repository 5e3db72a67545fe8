"""Forward plus backward of the vanilla RNN, numpy against torch.nn.RNN, in pairs within one run.

    make bench

Both use the same number of threads. Each round times numpy, then torch, so that a change of the
machine's speed meets both; the ratio is the median over the rounds' own ratios.
"""

import statistics
import time

import numpy as np
import pytest
import torch

from rnnkit.sequence import rnn_backward, rnn_forward

SIZES = [(64, 32, 64, 128), (25, 1, 100, 100)]


def numpy_step(a):
    _, cache = rnn_forward(a["x"], a["h0"], a["W_xh"], a["W_hh"], a["b_h"])
    return rnn_backward(a["dh"], cache)


def torch_step(module, x, h0, dh):
    h, _ = module(x, h0)
    h.backward(dh)


def matrix_products(a):
    """The floor: the same matrix products and nothing else."""
    B, T, D = a["x"].shape
    rows_x, rows_h = a["x"].reshape(B * T, D), a["dh"].reshape(B * T, -1)
    rows_x @ a["W_xh"], rows_h @ a["W_xh"].T, rows_x.T @ rows_h, rows_h.T @ rows_h
    for _ in range(T):
        a["h0"] @ a["W_hh"], a["h0"] @ a["W_hh"].T


def draw(T, B, D, H):
    rng = np.random.default_rng(0)
    shapes = {
        "x": (B, T, D),
        "h0": (B, H),
        "W_xh": (D, H),
        "W_hh": (H, H),
        "b_h": (H,),
        "dh": (B, T, H),
    }
    return {
        n: (0.1 * rng.standard_normal(s)).astype(np.float32) for n, s in shapes.items()
    }


def seconds(f, *arguments):
    start = time.perf_counter()
    f(*arguments)
    return time.perf_counter() - start


@pytest.mark.parametrize("size", SIZES, ids=lambda s: "T{}-B{}-D{}-H{}".format(*s))
def test_rnn_forward_and_backward(benchmark, size, capsys):
    T, B, D, H = size
    a = draw(*size)
    module = torch.nn.RNN(D, H, batch_first=True)
    theirs = [
        module,
        torch.tensor(a["x"], requires_grad=True),
        torch.tensor(a["h0"][None]),
        torch.tensor(a["dh"]),
    ]
    ratios, floors = [], []

    def pair():
        ours = seconds(numpy_step, a)
        ratios.append(seconds(torch_step, *theirs) / ours)
        floors.append(seconds(matrix_products, a) / ours)

    benchmark.pedantic(pair, rounds=100, warmup_rounds=10)
    ratio = statistics.median(ratios[10:])
    with capsys.disabled():
        print(
            f"\nT={T} B={B} D={D} H={H}, {torch.get_num_threads()} threads: numpy is {ratio:.2f} times as fast as "
            f"torch.nn.RNN; its matrix products alone take {statistics.median(floors[10:]):.0%} of its time"
        )
    assert ratio >= 1.0
