"""Which start, which cell and which clipping let a network recall its first symbol, ten seeds each.

    python -m experiments.gradient_flow       about sixteen minutes on one core

Three parts, on `rnnkit.data.tasks.recall`, at equal steps:

"tuning"  each network at three learning rates, on seeds that nothing else uses. The best rate at a
          lag is the one with the highest mean accuracy, then the lowest mean loss.
"runs"    each network at its best rate, three lags; and those that fail at lag 60 with more steps,
          at all three rates: where nothing was learned, the best of them was chosen by chance.
"clip"    plain gradient descent on the RNN with the orthogonal start, five ways to clip, four rates.
"""

import time
from functools import partial

import numpy as np
import torch

from experiments.harness import Experiment, each, main, require, rounded, significant
from rnnkit.data.tasks import recall
from rnnkit.nn.side_by_side import Population, evaluate, loss_of_each, train

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
SETTING = {
    "hidden_size": HIDDEN,
    "symbols": SYMBOLS,
    "batch_size": BATCH,
    "steps": STEPS,
    "optimiser": "Adam, rate falls to 0, gradient clipped to norm 1",
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
    return {key: rounded([float(v) for v in vs]) for key, vs in result.items()}


def run(network, lag, lr, steps, seeds):
    """Train the networks of one kind; returns what came out, as JSON can hold it."""
    begun = time.process_time()
    nets = networks(network, seeds)
    task = partial(recall, lag=lag, symbols=SYMBOLS)
    log = train(nets, task, steps=steps, lr=lr, batch_size=BATCH)
    setting = {"network": network, "lag": lag, "lr": lr, "steps": steps}
    result = setting | test(nets, lag)
    result["largest_norm"] = significant(log.grad_norm.max(axis=0))
    result["seconds"] = round(time.process_time() - begun, 1)
    return result


def best_rate(runs, name, lag):
    """The rate with the highest mean accuracy at this lag, then the lowest mean loss."""
    mine = [run for run in runs if (run["network"], run["lag"]) == (name, lag)]
    key = lambda run: (np.mean(run["accuracy"]), -np.mean(run["loss"]))  # noqa: E731
    return max(mine, key=key)["lr"]


def clip_gradients(grads, how, limit):
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


def descend(clip, lag, lr, steps, seeds):
    """Plain gradient descent at a constant rate; returns what came out."""
    nets = networks("RNN, orthogonal", seeds)
    rngs, norms = [np.random.default_rng(seed) for seed in seeds], []
    for _ in range(steps):
        batches = [recall(rng, BATCH, lag=lag, symbols=SYMBOLS) for rng in rngs]
        nets.zero_grad()
        loss_of_each(nets, batches).sum().backward()
        grads = [p.grad for p in nets.parameters()]
        norms.append(clip_gradients(grads, clip, CLIPS[clip]))
        with torch.no_grad():
            for p in nets.parameters():
                p -= lr * p.grad
    result = {"clip": clip, "lag": lag, "lr": lr, "steps": steps} | test(nets, lag)
    norms = torch.stack(norms)
    result["largest_norm"] = significant(norms.amax(dim=0))
    result["share_clipped"] = [round(v.item(), 4) for v in (norms > 1).float().mean(0)]
    return result


def tuning(known, lags=LAGS[:2], seeds=TUNING_SEEDS, steps=STEPS):
    """Each network at three learning rates."""
    wanted = [
        {"network": name, "lag": lag, "lr": lr, "steps": steps}
        for lag in lags
        for name in NETWORKS
        for lr in RATES
    ]
    return each(wanted, known.get("tuning", ()), partial(run, seeds=seeds))


def runs(known, lags=LAGS, seeds=SEEDS, steps=STEPS, longer=LONGER):
    """Each network at its best rate; those that fail at the second lag with more steps, at all rates."""
    tuned = require(known, "tuning")
    earlier, measure = known.get("runs", ()), partial(run, seeds=seeds)
    # The last lag takes the rate of the one before.
    wanted = [
        {
            "network": name,
            "lag": lag,
            "lr": best_rate(tuned, name, min(lag, lags[1])),
            "steps": steps,
        }
        for lag in lags
        for name in NETWORKS
    ]
    for found in each(wanted, earlier, measure):
        yield found
    wanted += [
        {"network": r["network"], "lag": r["lag"], "lr": lr, "steps": longer}
        for r in found
        if r["lag"] == lags[1] and np.mean(r["accuracy"]) < 0.9
        for lr in RATES
    ]
    yield from each(wanted, [*found, *earlier], measure)


def clip(known, rates=DESCENT_RATES, seeds=SEEDS, steps=STEPS):
    """Five ways to clip under plain gradient descent."""
    wanted = [
        {"clip": how, "lag": LAGS[0], "lr": lr, "steps": steps}
        for lr in rates
        for how in CLIPS
    ]
    return each(wanted, known.get("clip", ()), partial(descend, seeds=seeds))


PARTS = {"tuning": tuning, "runs": runs, "clip": clip}
EXPERIMENT = Experiment("gradient_flow", PARTS, about={"setting": SETTING})

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
