"""What chapter 7 says of the LSTM, with more seeds and steps than a chapter has time for: twenty minutes of one core.

    python -m experiments.lstm            what the report lacks
    python -m experiments.lstm deep       one part

The functions of PARTS say what each measures; `experiments.harness` has the options.
"""

from functools import partial

import numpy as np
import torch
from sklearn.datasets import load_digits

from experiments.harness import Experiment, collect, main, significant
from experiments.lstm_plays import STEPS_OUT, plays, sizes
from rnnkit.data import tasks
from rnnkit.nn import deep_stacks
from rnnkit.nn.lstm_ablations import (
    WITHOUT,
    carried_jacobians,
    make_identity,
    make_orthogonal,
)
from rnnkit.nn.side_by_side import Population, evaluate, train

LAG, HIDDEN, SYMBOLS = 50, 16, 4
TEN, FIVE = range(10), range(5)
LAG_TASKS = {
    "recall": partial(tasks.recall, lag=LAG),
    "latest": partial(tasks.latest, T=LAG),
}
# name -> cell, start of the forget gate's bias; all but "bias_0" keep on average 0.98 at first.
REASONS = {
    "lstm": ("lstm", 4.0),
    "matrix_uniform": ("matrix_path", 4.0),
    "matrix_orthogonal": ("matrix_path", 4.0),
    "matrix_identity": ("matrix_path", 4.0),
    "same_forgetting": ("same_forgetting", 4.0),
    "unbounded_forgetting": ("unbounded_forgetting", 0.982),
    "clipped_forgetting": ("clipped_forgetting", 0.982),
    "forgetting_up_to_2": ("forgetting_up_to_2", -0.036),
    "tanh_path": ("tanh_path", 4.0),
    "bias_0": ("lstm", 0.0),
    "rnn": ("rnn", 0.0),
}
TRIALS = (  # task, learning rate
    ("recall", 1e-2),
    ("latest", 1e-2),
    ("recall", 3e-3),
    ("latest", 3e-2),
    ("recall", 1e-3),
)
BIASES = {
    "recall": (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0),
    "latest": (0.0, 2.0, 4.0, 6.0),
}
STARTS = {"matrix_orthogonal": make_orthogonal, "matrix_identity": make_identity}
STACKS = {
    "plain": {"kind": "plain"},
    "plain_he": {"kind": "plain", "gain": 2},
    "residual": {"kind": "residual"},
    "highway_-1": {"kind": "highway", "gate_bias": -1},
    "highway_-2": {"kind": "highway", "gate_bias": -2},
    "highway_-4": {"kind": "highway", "gate_bias": -4},
}


def lag_accuracy(population, task):
    """Accuracy of each network on 1,000 new sequences."""
    return evaluate(population, task(np.random.default_rng(99), 1000))["accuracy"]


def bias(known, starts=BIASES, seeds=TEN, steps=600):
    """Two tasks over 50 steps by the start of the forget gate's bias."""
    runs, latest = (
        swept(LAG_TASKS[name], starts[name], seeds, steps)
        for name in ("recall", "latest")
    )
    return {"lag": LAG, "steps": steps, "lr": 1e-2, "runs": runs, "latest": latest}


def swept(task, starts, seeds, steps):
    """Accuracy of LSTMs on the task for every start of the bias, all trained side by side."""
    population = Population(
        "lstm",
        2 * SYMBOLS,
        HIDDEN,
        SYMBOLS,
        seeds=list(seeds) * len(starts),
        forget_bias=np.repeat(starts, len(seeds)),
    )
    train(population, task, steps=steps, lr=1e-2)
    found = lag_accuracy(population, task).reshape(len(starts), -1)
    return [
        {"bias": start, "accuracy": significant(accuracy)}
        for start, accuracy in zip(starts, found, strict=True)
    ]


def reasons(known, trials=TRIALS, seeds=TEN, steps=600):
    """Two memory tasks over 50 steps, one reason taken away at a time."""
    wanted = [
        {"task": task, "lr": lr, "without": name}
        for task, lr in trials
        for name in REASONS
    ]
    head = {"lag": LAG, "steps": steps, "steps_out": STEPS_OUT}
    measure = partial(without, seeds=seeds, steps=steps)
    return collect(known, "reasons", head, wanted, measure)


def without(task, lr, without, seeds, steps):
    """Train networks that lack one reason: accuracy, and how the carried state depends on its start."""
    cell, start = REASONS[without]
    cell = WITHOUT.get(cell, cell)
    shape = 2 * SYMBOLS, HIDDEN, SYMBOLS
    population = Population(cell, *shape, seeds=seeds, forget_bias=start)
    if without in STARTS:
        STARTS[without](population)
    x = tasks.recall(np.random.default_rng(98), 1, lag=99).x[0]
    before = sizes(carried_jacobians(population, x))
    log = train(population, LAG_TASKS[task], steps=steps, lr=lr)
    after = sizes(carried_jacobians(population, x))
    at = [t - 1 for t in STEPS_OUT]
    return {
        "task": task,
        "lr": lr,
        "without": without,
        "accuracy": significant(lag_accuracy(population, LAG_TASKS[task])),
        "diverged": int((~np.isfinite(log.loss[-1])).sum()),
        "before": significant(before[:, at]),
        "after": significant(after[:, at]),
    }


def first_failure(population, longest):
    """Smallest n whose string a^n b^n has an error, longest + 1 if there is none, (N,)."""
    right = np.array(
        [
            evaluate(
                population,
                tasks.counting(np.random.default_rng(0), 1, n, n, determined=True),
            )["accuracy"]
            for n in range(1, longest + 1)
        ]
    )
    wrong = right < 1
    return np.where(wrong.any(axis=0), wrong.argmax(axis=0) + 1, longest + 1)


def counting(known, seeds=TEN, steps=2000, longest=100):
    """a^n b^n with n up to 10: LSTM, GRU and vanilla RNN, two sizes, three rates."""
    wanted = [
        {"cell": cell, "hidden_size": hidden, "lr": lr}
        for cell, hidden in (
            ("lstm", 4),
            ("gru", 4),
            ("rnn", 4),
            ("gru", 8),
            ("rnn", 8),
        )
        for lr in (3e-3, 1e-2, 3e-2)
    ]
    head = {"steps": steps, "n_max": 10, "batch_size": 16, "longest": longest}
    measure = partial(count_up, seeds=seeds, steps=steps, longest=longest)
    return collect(known, "counting", head, wanted, measure)


def count_up(cell, hidden_size, lr, seeds, steps, longest):
    """Train networks of one kind on a^n b^n: how far each counts."""
    forget_bias = 1.0 if cell == "lstm" else 0.0
    population = Population(
        cell, 4, hidden_size, 4, seeds=seeds, forget_bias=forget_bias
    )
    log = train(population, tasks.counting, steps=steps, lr=lr, batch_size=16).loss
    return {
        "cell": cell,
        "hidden_size": hidden_size,
        "lr": lr,
        "first_failure": first_failure(population, longest).tolist(),
        "loss": significant(log[-50:].mean(axis=0)),
    }


def digits():
    """The 8 by 8 digits of scikit-learn, centred: training x, y, then 500 for testing."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x = (x[order] / 16).astype(np.float32)
    x, y = torch.from_numpy(x - x.mean(axis=0)), torch.from_numpy(y[order])
    return x[:-500], y[:-500], x[-500:], y[-500:]


def depth(known, layers=(10, 50), seeds=FIVE, steps=500):
    """Stacks of 10 and 50 layers on the digits: plain, residual, highway."""
    wanted = [{"kind": kind, "depth": n} for n in layers for kind in STACKS]
    head = {"width": 32, "steps": steps, "lr": 3e-3, "batch_size": 64}
    measure = partial(stacked, seeds=seeds, steps=steps)
    return collect(known, "deep", head, wanted, measure)


def stacked(kind, depth, seeds, steps):
    """Train stacks of one kind: how large the gradient is at both ends, how much is right."""
    x, y, x_test, y_test = digits()
    stack = deep_stacks.DeepStack(
        sizes=(64, 32, 10), depth=depth, seeds=seeds, **STACKS[kind]
    )
    gradient = deep_stacks.gradient_by_depth(stack, x[:256], y[:256])
    losses = deep_stacks.train(stack, x, y, steps=steps)
    return {
        "kind": kind,
        "depth": depth,
        "gradient_first": significant(gradient[0]),
        "gradient_last": significant(gradient[-1]),
        "train": significant(deep_stacks.accuracy(stack, x, y)),
        "test": significant(deep_stacks.accuracy(stack, x_test, y_test)),
        "loss": significant(losses[-50:].mean(axis=0)),
    }


PARTS = {
    "counting": counting,
    "reasons": reasons,
    "deep": depth,
    "plays": plays,
    "bias": bias,
}
EXPERIMENT = Experiment("lstm", PARTS)

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
