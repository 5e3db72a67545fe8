"""Compare the vanilla RNN, the GRU and the LSTM on the plays, at equal time and at equal steps, three seeds each.

    python tools/char_lm_runs.py

Writes rnnkit/data/runs/char_lm.json; takes about twenty minutes on two cores. One thread each.

Equal time is counted in steps: the speed of each cell is measured first, the cells by turns, in seconds of
processor time, and a minute becomes so many steps. So a busy machine does not favour anyone, and the same
steps give the same weights again. All cells have the same peak learning rate. That it suits them is checked
on seed 0: four rates for a thousand steps each, and the one rival that this leaves, the LSTM's, for a minute.
"""

import json
import multiprocessing
import platform
import statistics
import time
from pathlib import Path

import torch

import rnnkit
from rnnkit.data.shakespeare import load_shakespeare
from rnnkit.nn.text.char_lm import CharLM
from rnnkit.nn.text.chunks import ChunkStream, nats_per_character
from rnnkit.nn.text.vocabulary import Vocabulary
from rnnkit.nn.training import Training, fit

OUT = Path(rnnkit.__file__).parent / "data" / "runs" / "char_lm.json"
CELLS = ("rnn", "gru", "lstm")
HIDDEN, BATCH, CHUNK = 256, 16, 64
SECONDS = 60
RATE = 6e-3
RATES = (1.5e-3, 3e-3, 6e-3, 1.2e-2)
RIVAL = ("lstm", 1.2e-2)
SEEDS = (0, 1, 2)
SWEEP_STEPS = 1000


def load():
    """Return the training tokens, the validation tokens and the number of characters known."""
    text = load_shakespeare()
    vocabulary = Vocabulary.of(text)
    tokens = vocabulary.encode(text)
    cut = len(tokens) * 9 // 10
    return tokens[:cut], tokens[cut:], len(vocabulary)


def start(cell, seed, steps, lr):
    """Return a Training that has not begun."""
    train, _, vocab_size = load()
    torch.manual_seed(seed)
    model = CharLM(vocab_size, cell, hidden_size=HIDDEN)
    return Training(model, ChunkStream(train, BATCH, CHUNK), steps=steps, lr=lr)


def steps_per_second(rounds=7, steps=50):
    """Return each cell's speed: the median over rounds in which the cells take turns."""
    trainings = {cell: start(cell, 0, 10_000, RATE) for cell in CELLS}
    times = {cell: [] for cell in CELLS}
    for _ in range(rounds):
        for cell, training in trainings.items():
            begun = time.process_time()
            for _ in range(steps):
                training.step(0.5)
            times[cell].append(time.process_time() - begun)
    return {cell: steps / statistics.median(times[cell]) for cell in CELLS}


def run(job):
    """Train once; returns what came out, as JSON can hold it."""
    cell, seed, budget, steps, lr, speed = job
    torch.set_num_threads(1)
    _, validation, _ = load()
    training = start(cell, seed, steps, lr)
    fit(
        training,
        lambda m: nats_per_character(m, validation[:100_000], streams=10),
        bar=False,
    )
    points = [
        {
            "step": point["step"],
            "seconds": round(point["step"] / speed, 2),
            "train_loss": round(point["train_loss"], 4),
            "val_loss": round(point["val_loss"], 4),
        }
        for point in training.history.points
    ]
    result = {
        "cell": cell,
        "seed": seed,
        "budget": budget,
        "lr": lr,
        "parameters": sum(p.numel() for p in training.model.parameters()),
        "step": steps,
        "seconds": round(steps / speed, 1),
        "characters_per_second": round(speed * BATCH * CHUNK),
        "val_loss": round(
            nats_per_character(
                training.model, validation, streams=10 if steps == SWEEP_STEPS else 1
            ),
            4,
        ),
        "points": points,
    }
    print({k: v for k, v in result.items() if k != "points"}, flush=True)
    return result


def main():
    torch.set_num_threads(1)
    speeds = steps_per_second()
    print(speeds, flush=True)
    # One process per core; each starts fresh, so that no state of torch is shared.
    with multiprocessing.get_context("spawn").Pool(2, maxtasksperchild=1) as pool:
        in_time = {cell: round(SECONDS * speeds[cell]) for cell in CELLS}
        jobs = [
            (c, 0, "sweep", SWEEP_STEPS, lr, speeds[c]) for c in CELLS for lr in RATES
        ]
        cell, lr = RIVAL
        jobs.append((cell, 0, "sweep", in_time[cell], lr, speeds[cell]))
        sweep = pool.map(run, jobs, 1)
        jobs = [
            (c, s, "time", in_time[c], RATE, speeds[c]) for s in SEEDS for c in CELLS
        ]
        # The LSTM's minute sets the steps that everybody gets; it has done them already.
        jobs += [
            (c, s, "steps", in_time["lstm"], RATE, speeds[c])
            for s in SEEDS
            for c in CELLS
            if c != "lstm"
        ]
        runs = pool.map(run, jobs, 1)
    runs += [run | {"budget": "steps"} for run in runs if run["cell"] == "lstm"]
    report = {
        "command": "python tools/char_lm_runs.py",
        "machine": f"one core of {machine()}, torch {torch.__version__}, Python {platform.python_version()}",
        "text": "load_shakespeare(): first nine tenths train, last tenth validates as one stream",
        "setting": {
            "hidden_size": HIDDEN,
            "batch_size": BATCH,
            "chunk_length": CHUNK,
            "lr": RATE,
            "minutes": SECONDS / 60,
        },
        "learning_rates": sweep,
        "runs": runs,
    }
    OUT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def machine():
    """Return the processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next(
        (line.split(": ")[1] for line in lines if line.startswith("model name")),
        platform.processor(),
    )


if __name__ == "__main__":
    main()
