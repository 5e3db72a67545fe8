"""Which start, which cell and which clipping let a network recall its first symbol, ten seeds each.

    python tools/gradient_flow_runs.py

Writes rnnkit/data/runs/gradient_flow.json; takes about sixteen minutes on one core.

Three experiments on `rnnkit.data.tasks.recall`, at equal steps:

"tuning"  each network at three learning rates, on seeds that nothing else uses. The best rate at a
          lag is the one with the highest mean accuracy, then the lowest mean loss.
"recall"  each network at its best rate, three lags; and those that fail at lag 60 with more steps,
          at all three rates: where nothing was learned, the best of them was chosen by chance.
"clip"    plain gradient descent on the RNN with the orthogonal start, five ways to clip, four rates.
"""

import json
import platform
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch

import rnnkit
from rnnkit.data.tasks import recall
from rnnkit.nn.side_by_side import Population, evaluate, loss_of_each, train

OUT = Path(rnnkit.__file__).parent / "data" / "runs" / "gradient_flow.json"
HIDDEN, SYMBOLS, BATCH, STEPS, LONGER = 32, 4, 16, 600, 2000
LAGS = (20, 60, 100)
RATES = (1e-3, 3e-3, 1e-2)
TUNING_SEEDS, SEEDS = range(100, 105), range(10)
# cell, start of W_hh, bias added to the gate that keeps the state
NETWORKS = {
    "RNN, uniform": ("rnn", "uniform", 0),
    "RNN, orthogonal": ("rnn", "orthogonal", 0),
    "RNN, identity": ("rnn", "identity", 0),
    "ReLU RNN, identity": ("relu_rnn", "identity", 0),
    "GRU": ("gru", "uniform", 0),
    "GRU, gate bias 4": ("gru", "uniform", 4),
    "LSTM, gate bias 1": ("lstm", "uniform", 1),
    "LSTM, gate bias 4": ("lstm", "uniform", 4),
}
DESCENT_RATES = (0.03, 0.1, 0.3, 1.0)
# The largest norm, or the largest number: 0.03 is what each of 1,444 has in a gradient of norm 1.
CLIPS = {"none": None, "norm": 1, "value 0.03": 0.03, "value 0.1": 0.1, "notes": 1}


def networks(name, seeds):
    """Return a Population of this kind."""
    cell, start, bias = NETWORKS[name]
    forget_bias = bias if cell == "lstm" else 0
    sizes = 2 * SYMBOLS, HIDDEN, SYMBOLS
    nets = Population(cell, *sizes, seeds, forget_bias=forget_bias, recurrent=start)
    if cell == "gru":
        with torch.no_grad():  # the second of r, z, n
            nets.p["b_x"][..., HIDDEN : 2 * HIDDEN] += bias
    return nets


def test(nets, lag):
    """Accuracy and loss of each network on a thousand new sequences."""
    batch = recall(np.random.default_rng(10_000), 1000, lag=lag, symbols=SYMBOLS)
    result = evaluate(nets, batch)
    return {key: [round(float(v), 4) for v in values] for key, values in result.items()}


def run(name, lag, lr, seeds, steps=STEPS):
    """Train the networks of one kind; returns what came out, as JSON can hold it."""
    begun = time.process_time()
    nets = networks(name, seeds)
    task = partial(recall, lag=lag, symbols=SYMBOLS)
    log = train(nets, task, steps=steps, lr=lr, batch_size=BATCH)
    setting = {"network": name, "lag": lag, "lr": lr, "steps": steps}
    result = setting | test(nets, lag)
    result["largest_norm"] = [float(f"{v:.3g}") for v in log.grad_norm.max(axis=0)]
    result["seconds"] = round(time.process_time() - begun, 1)
    print(result, flush=True)
    return result


def best_rate(runs, name, lag):
    """The rate with the highest mean accuracy at this lag, then the lowest mean loss."""
    mine = [run for run in runs if (run["network"], run["lag"]) == (name, lag)]
    key = lambda run: (np.mean(run["accuracy"]), -np.mean(run["loss"]))  # noqa: E731
    return max(mine, key=key)["lr"]


def clip(grads, how, limit):
    """Clip each network's gradient in place, with the rule called ``how``."""
    norm = torch.stack([g.flatten(1).norm(dim=1) for g in grads]).norm(dim=0)
    scale = torch.ones_like(norm)
    if how == "norm":
        scale = (limit / norm).clamp(max=1)
    elif how == "notes":  # compares the squared norm with the limit, and divides by it
        scale = torch.where(norm**2 > limit, limit / norm**2, 1.0)
    for g in grads:
        if how.startswith("value"):
            g.clamp_(-limit, limit)
        g *= scale.view(-1, 1, 1)
    return norm


def descend(how, lr, lag=20):
    """Plain gradient descent at a constant rate; returns what came out."""
    nets = networks("RNN, orthogonal", SEEDS)
    rngs, norms = [np.random.default_rng(seed) for seed in SEEDS], []
    for _ in range(STEPS):
        batches = [recall(rng, BATCH, lag=lag, symbols=SYMBOLS) for rng in rngs]
        nets.zero_grad()
        loss_of_each(nets, batches).sum().backward()
        grads = [p.grad for p in nets.parameters()]
        norms.append(clip(grads, how, CLIPS[how]))
        with torch.no_grad():
            for p in nets.parameters():
                p -= lr * p.grad
    result = {"clip": how, "lag": lag, "lr": lr, "steps": STEPS} | test(nets, lag)
    norms = torch.stack(norms)
    result["largest_norm"] = [float(f"{v:.3g}") for v in norms.amax(dim=0)]
    result["share_clipped"] = [round(v.item(), 4) for v in (norms > 1).float().mean(0)]
    print(result, flush=True)
    return result


def main():
    torch.set_num_threads(1)
    tuning = [
        run(name, lag, lr, TUNING_SEEDS)
        for lag in LAGS[:2]
        for name in NETWORKS
        for lr in RATES
    ]
    # Lag 100 takes the rate of lag 60.
    runs = [
        run(name, lag, best_rate(tuning, name, min(lag, LAGS[1])), SEEDS)
        for lag in LAGS
        for name in NETWORKS
    ]
    runs += [
        run(r["network"], r["lag"], lr, SEEDS, LONGER)
        for r in runs
        if r["lag"] == LAGS[1] and np.mean(r["accuracy"]) < 0.9
        for lr in RATES
    ]
    report = {
        "command": "python tools/gradient_flow_runs.py",
        "machine": f"one core, torch {torch.__version__}, Python {platform.python_version()}",
        "setting": {
            "hidden_size": HIDDEN,
            "symbols": SYMBOLS,
            "batch_size": BATCH,
            "steps": STEPS,
            "optimiser": "Adam, rate falls to 0, gradient clipped to norm 1",
        },
        "tuning": tuning,
        "runs": runs,
        "clip": [descend(how, lr) for lr in DESCENT_RATES for how in CLIPS],
    }
    OUT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
