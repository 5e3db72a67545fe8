"""Measure what chapter 07 says of the LSTM with more seeds and steps than a chapter has time for.

    python tools/lstm_runs.py            all parts
    python tools/lstm_runs.py deep       one part, the others kept

Writes rnnkit/data/runs/lstm.json; takes about fourteen minutes of one core. Parts: "counting", "reasons",
"deep", "plays", "bias"; the functions of PARTS say what each measures.
"""

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from reports import write_report
from sklearn.datasets import load_digits

import rnnkit
from rnnkit.convert import from_torch
from rnnkit.data import tasks
from rnnkit.data.shakespeare import load_shakespeare
from rnnkit.jacobian import lstm_jacobians, products, rnn_jacobians
from rnnkit.nn import deep_stacks
from rnnkit.nn.lstm_ablations import (
    WITHOUT,
    carried_jacobians,
    make_identity,
    make_orthogonal,
)
from rnnkit.nn.side_by_side import Population, evaluate, train
from rnnkit.nn.text.char_lm import CharLM
from rnnkit.nn.text.chunks import ChunkStream, nats_per_character
from rnnkit.nn.text.vocabulary import Vocabulary
from rnnkit.nn.training import Training, fit
from rnnkit.sequence import lstm_forward, rnn_forward

OUT = Path(rnnkit.__file__).parent / "data" / "runs" / "lstm.json"
LAG, HIDDEN, SYMBOLS = 50, 16, 4
TEN, FIVE = range(10), range(5)
STEPS_OUT = (1, 2, 5, 10, 20, 50, 100)  # where a product of Jacobians is looked at
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
STARTS = {"matrix_orthogonal": make_orthogonal, "matrix_identity": make_identity}


def rounded(array, digits=3):
    """Numbers as JSON can hold them: significant digits, None for what is not finite."""
    flat = [
        float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in np.ravel(array)
    ]
    return np.array(flat, dtype=object).reshape(np.shape(array)).tolist()


def sizes(jacobians):
    """Root mean square stretch: the Frobenius norm over the root of H; (..., H, H) -> (...)."""
    squares = np.square(jacobians, dtype=np.float64).sum(axis=(-2, -1))
    return np.sqrt(squares / jacobians.shape[-1])


def lag_accuracy(population, task):
    """Accuracy of each network on 1,000 new sequences."""
    return evaluate(population, task(np.random.default_rng(99), 1000))["accuracy"]


def bias():
    """Two tasks over 50 steps by the start of the forget gate's bias, ten seeds."""
    starts = {
        "recall": (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0),
        "latest": (0.0, 2.0, 4.0, 6.0),
    }
    found = {name: swept(LAG_TASKS[name], starts[name]) for name in starts}
    runs, latest = found["recall"], found["latest"]
    return {"lag": LAG, "steps": 600, "lr": 1e-2, "runs": runs, "latest": latest}


def swept(task, starts):
    """Accuracy of ten LSTMs on the task for every start of the bias, all trained side by side."""
    population = Population(
        "lstm",
        2 * SYMBOLS,
        HIDDEN,
        SYMBOLS,
        seeds=list(TEN) * len(starts),
        forget_bias=np.repeat(starts, len(TEN)),
    )
    train(population, task, steps=600, lr=1e-2)
    found = lag_accuracy(population, task).reshape(len(starts), -1)
    return [
        {"bias": start, "accuracy": rounded(accuracy)}
        for start, accuracy in zip(starts, found, strict=True)
    ]


def reasons():
    """Two memory tasks over 50 steps, one reason taken away at a time, ten seeds; one task at two rates."""
    runs = []
    for task_name, lr in (("recall", 1e-2), ("latest", 1e-2), ("recall", 3e-3)):
        task = LAG_TASKS[task_name]
        x = tasks.recall(np.random.default_rng(98), 1, lag=99).x[0]
        for name, (cell, start) in REASONS.items():
            population = Population(
                WITHOUT.get(cell, cell),
                2 * SYMBOLS,
                HIDDEN,
                SYMBOLS,
                seeds=TEN,
                forget_bias=start,
            )
            if name in STARTS:
                STARTS[name](population)
            before = sizes(carried_jacobians(population, x))
            log = train(population, task, steps=600, lr=lr)
            after = sizes(carried_jacobians(population, x))
            at = [t - 1 for t in STEPS_OUT]
            runs.append(
                {
                    "task": task_name,
                    "lr": lr,
                    "without": name,
                    "accuracy": rounded(lag_accuracy(population, task)),
                    "diverged": int((~np.isfinite(log.loss[-1])).sum()),
                    "before": rounded(before[:, at]),
                    "after": rounded(after[:, at]),
                }
            )
            print({k: runs[-1][k] for k in ("task", "without", "accuracy")}, flush=True)
    return {"lag": LAG, "steps": 600, "steps_out": STEPS_OUT, "runs": runs}


def first_failure(population, longest=100):
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


def counting():
    """a^n b^n with n up to 10: LSTM, GRU and vanilla RNN, ten seeds, the best of three rates."""
    runs = []
    for cell, hidden in (("lstm", 4), ("gru", 4), ("rnn", 4), ("gru", 8), ("rnn", 8)):
        for lr in (3e-3, 1e-2, 3e-2):
            population = Population(
                cell,
                4,
                hidden,
                4,
                seeds=TEN,
                forget_bias=1.0 if cell == "lstm" else 0.0,
            )
            log = train(
                population, tasks.counting, steps=2000, lr=lr, batch_size=16
            ).loss
            runs.append(
                {
                    "cell": cell,
                    "hidden_size": hidden,
                    "lr": lr,
                    "first_failure": first_failure(population).tolist(),
                    "loss": rounded(log[-50:].mean(axis=0)),
                }
            )
            print(runs[-1], flush=True)
    return {"steps": 2000, "n_max": 10, "batch_size": 16, "longest": 100, "runs": runs}


def plays():
    """A vanilla RNN and an LSTM on the plays: how the carried state depends on its start, five seeds."""
    text = load_shakespeare()
    vocabulary = Vocabulary.of(text)
    tokens = vocabulary.encode(text)
    cut = len(tokens) * 9 // 10
    windows = tokens[cut : cut + 800].reshape(8, 100)
    runs = []
    for cell in ("rnn", "lstm"):
        for seed in FIVE:
            torch.manual_seed(seed)
            model = CharLM(len(vocabulary), cell, embedding_size=32, hidden_size=64)
            training = Training(
                model, ChunkStream(tokens[:cut], 16, 64), steps=1500, lr=6e-3
            )
            begin = carried(cell, model, windows)
            fit(training, bar=False)
            runs.append(
                {
                    "cell": cell,
                    "seed": seed,
                    "nats": rounded(
                        nats_per_character(model, tokens[cut:][:20_000], streams=10), 4
                    ),
                    "before": begin,
                    "after": carried(cell, model, windows),
                }
            )
            print(cell, seed, runs[-1]["nats"], runs[-1]["after"], flush=True)
    return {"steps": 1500, "hidden_size": 64, "steps_out": STEPS_OUT, "runs": runs}


def carried(cell, model, windows):
    """Sizes of d c_t / d c_0 (or d h_t / d h_0), in total and along the direct path alone."""
    params = from_torch(cell, {k: v.numpy() for k, v in model.rnn.state_dict().items()})
    params = {name: p.astype(np.float64) for name, p in params.items()}
    with torch.no_grad():
        x = model.embedding(torch.as_tensor(windows)).numpy().astype(np.float64)
    H = len(params["W_hh"])
    start = np.zeros((len(x), H))
    at = [t - 1 for t in STEPS_OUT]
    if cell == "rnn":
        _, cache = rnn_forward(x, start, **params)
        found = {"total": products(rnn_jacobians(cache))}
    else:
        *_, cache = lstm_forward(x, start, start, **params)
        jacobians = lstm_jacobians(cache)
        found = {
            "total": products(jacobians)[..., H:, H:],
            "direct": products(jacobians[..., H:, H:]),
        }
    return {
        k: rounded(np.exp(np.log(sizes(v[:, at])).mean(axis=0)))
        for k, v in found.items()
    }


def digits():
    """The 8 by 8 digits of scikit-learn, centred: training x, y, then 500 for testing."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x = (x[order] / 16).astype(np.float32)
    x, y = torch.from_numpy(x - x.mean(axis=0)), torch.from_numpy(y[order])
    return x[:-500], y[:-500], x[-500:], y[-500:]


def depth():
    """Stacks of 10 and 50 layers on the digits: plain, residual, highway, five seeds."""
    x, y, x_test, y_test = digits()
    kinds = {
        "plain": {"kind": "plain"},
        "plain_he": {"kind": "plain", "gain": 2},
        "residual": {"kind": "residual"},
        "highway_-1": {"kind": "highway", "gate_bias": -1},
        "highway_-2": {"kind": "highway", "gate_bias": -2},
        "highway_-4": {"kind": "highway", "gate_bias": -4},
    }
    runs = []
    for layers in (10, 50):
        for name, settings in kinds.items():
            stack = deep_stacks.DeepStack(sizes=(64, 32, 10), depth=layers, **settings)
            gradient = deep_stacks.gradient_by_depth(stack, x[:256], y[:256])
            losses = deep_stacks.train(stack, x, y, steps=500)
            runs.append(
                {
                    "kind": name,
                    "depth": layers,
                    "gradient_first": rounded(gradient[0]),
                    "gradient_last": rounded(gradient[-1]),
                    "train": rounded(deep_stacks.accuracy(stack, x, y)),
                    "test": rounded(deep_stacks.accuracy(stack, x_test, y_test)),
                    "loss": rounded(losses[-50:].mean(axis=0)),
                }
            )
            print(runs[-1], flush=True)
    return {"width": 32, "steps": 500, "lr": 3e-3, "batch_size": 64, "runs": runs}


PARTS = {
    "counting": counting,
    "reasons": reasons,
    "deep": depth,
    "plays": plays,
    "bias": bias,
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("part", nargs="*", help=f"some of {', '.join(PARTS)}")
    wanted = parser.parse_args().part or list(PARTS)
    torch.set_num_threads(1)
    for name in wanted:
        begun = time.process_time()
        found = PARTS[name]()
        found["seconds"] = round(time.process_time() - begun)
        write_report(OUT, "python tools/lstm_runs.py", **{name: found})
        print(name, found["seconds"], "s", flush=True)


if __name__ == "__main__":
    main()
