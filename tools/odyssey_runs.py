"""Sixteen recurrent cells on three tasks, at equal numbers of parameters and equal steps, five seeds each.

    python tools/odyssey_runs.py            everything, about half an hour on one core
    python tools/odyssey_runs.py --keep     keeps what the file has, adds what is missing
    python tools/odyssey_runs.py --speed    prints the cells' speed on this machine, writes nothing

Writes rnnkit/data/runs/odyssey.json.

Each cell gets as many units as bring its parameters closest to those of an LSTM of a given size. Each cell on
each task gets the best of four learning rates, chosen on two seeds that the comparison does not use.
"""

import argparse
import json
import platform
import statistics
import time
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_limits

import rnnkit
from rnnkit import sequence
from rnnkit.data import tasks
from rnnkit.data.shakespeare import load_shakespeare
from rnnkit.functional import one_hot
from rnnkit.nn.cell_variants import CELLS
from rnnkit.nn.side_by_side import Population, evaluate, parameter_shapes, train

OUT = Path(rnnkit.__file__).parent / "data" / "runs" / "odyssey.json"
RATES = (5e-3, 1.5e-2, 4.5e-2, 0.135)
# Further rates for the seeds that count: one between two of the grid, and three that the tuning passed over.
LOOKS = (
    ("tags", "rnn", 1e-2),
    ("tags", "gru", 4.5e-2),
    ("adding", "gru", 4.5e-2),
    ("adding", "lstm", 4.5e-2),
)
TUNING_SEEDS, SEEDS = (100, 101), (0, 1, 2, 3, 4)
STEPS, BATCH, BLOCK = 800, 16, 50
RULES = {
    "steps": STEPS,
    "batch_size": BATCH,
    "rates": list(RATES),
    "tuning_seeds": list(TUNING_SEEDS),
    "seeds": list(SEEDS),
    "block": BLOCK,
}
# name: (cell, what is added to the bias of the gate that keeps)
CONTESTANTS = {
    "rnn": ("rnn", 0),
    "gru": ("gru", 0),
    "gru, z bias 1": ("gru", 1),
    "gru, r before": ("gru_reset_before", 0),
    "gru, r = 1": ("gru_no_reset", 0),
    "mut1": ("mut1", 0),
    "lstm, f bias 0": ("lstm", 0),
    "lstm": ("lstm", 1),
    "no input gate": ("no_input_gate", 1),
    "no forget gate": ("no_forget_gate", 0),
    "no output gate": ("no_output_gate", 1),
    "no input activation": ("no_input_activation", 1),
    "no output activation": ("no_output_activation", 1),
    "coupled gates": ("coupled_gates", 1),
    "peepholes": ("peepholes", 1),
    "full gate recurrence": ("full_gate_recurrence", 1),
}


@cache
def text():
    """Return the plays as two arrays of character numbers, to learn from and held out, and V."""
    plays = load_shakespeare()
    number = {character: i for i, character in enumerate(sorted(set(plays)))}
    ids = np.array([number[character] for character in plays])
    cut = len(ids) * 9 // 10
    return ids[:cut], ids[cut:], len(number)


def characters(rng, batch_size, held_out=False, T=32, first=16):
    """Predict the next character of a chunk; all count in training, those from ``first`` on when held out."""
    train_ids, held_ids, V = text()
    ids = held_ids if held_out else train_ids
    tokens = ids[rng.integers(0, len(ids) - T, batch_size)[:, None] + np.arange(T + 1)]
    asked = np.ones((batch_size, T), bool)
    asked[:, :first] = not held_out
    return tasks.Batch(one_hot(tokens[:, :-1], V, np.float32), tokens[:, 1:], asked)


def setting(name):
    """Return a task, its held-out batch, D, V, and the size of the LSTM that sets the number of parameters."""
    rng = np.random.default_rng(10**6)
    if name == "adding":
        task = partial(tasks.adding, T=30)
        return task, task(rng, 1000), 2, 1, 32
    if name == "tags":
        task = partial(tasks.tags, T=40, depth=3)
        return task, task(rng, 500, determined=True), 8, 8, 32
    return characters, characters(rng, 500, held_out=True), text()[2], text()[2], 48


def count(cell, D, H, V):
    """Return the number of parameters of one network."""
    shapes = parameter_shapes(CELLS[cell], D, H, V).values()
    return sum(int(np.prod(shape)) for shape in shapes)


def equal_size(cell, D, V, lstm_size):
    """Return the H whose number of parameters is closest to an LSTM's with ``lstm_size`` units."""
    wanted = count("lstm", D, lstm_size, V)
    return min(
        range(1, 8 * lstm_size), key=lambda H: abs(count(cell, D, H, V) - wanted)
    )


def attempt(name, task_name, lr, seeds):
    """Train one network per seed; returns H, the number of parameters, the log and the evaluation."""
    cell, bias = CONTESTANTS[name]
    task, held_out, D, V, lstm_size = setting(task_name)
    H = equal_size(cell, D, V, lstm_size)
    nets = Population(cell, D, H, V, seeds=seeds, forget_bias=bias)
    log = train(nets, task, STEPS, lr=lr, batch_size=BATCH)
    return H, count(cell, D, H, V), log, evaluate(nets, held_out)


def contest(name, task_name, known):
    """Choose the rate of one cell on one task, then train the seeds that count.

    known: what is known of this contest: "tuning", losses by rate, and "run", its entry.
    """
    begun = time.process_time()
    tuning = dict(known["tuning"])
    for lr in RATES:
        if lr not in tuning:
            loss = attempt(name, task_name, lr, TUNING_SEEDS)[3]["loss"]
            tuning[lr] = float(np.nan_to_num(loss, nan=1e9).mean())
    losses = [float(f"{tuning[lr]:.4g}") for lr in RATES]
    lr = min(RATES, key=tuning.get)
    if lr == known["run"].get("lr"):
        return known["run"] | {"tuning_loss": losses}
    H, parameters, log, result = attempt(name, task_name, lr, SEEDS)
    curve = log.loss.reshape(-1, BLOCK, len(SEEDS)).mean(axis=1)
    return {
        "task": task_name,
        "cell": name,
        "hidden_size": H,
        "parameters": parameters,
        "lr": lr,
        "tuning_loss": losses,
        **{key: rounded(value) for key, value in result.items()},
        "train_loss": [rounded(seed) for seed in curve.T],
        "seconds": round(time.process_time() - begun),
    }


def second_look(task, name, lr):
    """Train the seeds that count at a rate that was not chosen, to see how much hangs on the rate."""
    result = attempt(name, task, lr, SEEDS)[3]
    scores = {key: rounded(value) for key, value in result.items()}
    return {"task": task, "cell": name, "lr": lr, **scores}


def rounded(values):
    """Turn an array into a list of numbers with four digits."""
    return [float(f"{value:.4g}") for value in values]


def measure_speed(B=32, T=64, D=64, H=128, rounds=15):
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


def machine():
    """Return the processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next(
        (line.split(": ")[1] for line in lines if line.startswith("model name")),
        platform.processor(),
    )


def known_of(kept, task, name):
    """Return what an earlier report says about a contest that was held under the same rules."""
    rules = {key: value for key, value in RULES.items() if key != "rates"}
    for run in kept.get("runs", []):
        if (run["task"], run["cell"]) == (task, name) and rules.items() <= kept[
            "setting"
        ].items():
            rates = kept["setting"]["rates"]
            tuning = dict(zip(rates, run["tuning_loss"], strict=True))
            return {"tuning": tuning, "run": run}
    return {"tuning": {}, "run": {}}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--keep", action="store_true", help="add only what is missing")
    parser.add_argument(
        "--speed", action="store_true", help="print this machine's speed, write nothing"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    threadpool_limits(1)
    if arguments.speed:
        print(json.dumps(measure_speed(), indent=1))
        return
    kept = json.loads(OUT.read_text()) if arguments.keep else {}
    looks = {(k["task"], k["cell"], k["lr"]): k for k in kept.get("second_looks", [])}
    report = {
        "command": "python tools/odyssey_runs.py",
        "machine": f"one core of {machine()}, torch {torch.__version__}, Python {platform.python_version()}",
        "setting": RULES,
        "speed": kept.get("speed") or measure_speed(),
        "second_looks": [looks.get(key) or second_look(*key) for key in LOOKS],
        "runs": [],
    }
    for task in ("adding", "tags", "text"):
        for name in CONTESTANTS:
            run = contest(name, task, known_of(kept, task, name))
            report["runs"].append(run)
            shown = ("task", "cell", "hidden_size", "lr", "tuning_loss", "seconds")
            print({key: run[key] for key in shown}, flush=True)
            if not kept:  # a look is possible while it works
                write(report)
    write(report)


def write(report):
    """Write the report, one run on each line."""
    head = {key: value for key, value in report.items() if key != "runs"}
    runs = ",\n  ".join(json.dumps(run) for run in report["runs"])
    head = json.dumps(head, indent=1).removesuffix("\n}")
    OUT.write_text(f'{head},\n "runs": [\n  {runs}\n ]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
