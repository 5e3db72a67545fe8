"""Compare the vanilla RNN, the GRU and the LSTM on the plays, at equal time and at equal steps, three seeds each.

    python -m experiments.char_lm                 about twenty minutes on two cores, one thread each
    python -m experiments.char_lm ship_plays      rnnkit/nn/shipped/plays.safetensors, ten minutes on one core
    python -m experiments.char_lm ship_python     rnnkit/nn/shipped/python.safetensors, likewise
    python -m experiments.char_lm ship_held_out   rnnkit/data/python_held_out.json, at once

Equal time is counted in steps: the speed of each cell is measured first, the cells by turns, in seconds of
processor time, and a minute becomes so many steps. So a busy machine does not favour anyone, and the same
steps give the same weights again. All cells have the same peak learning rate. That it suits them is checked
on seed 0: four rates for a thousand steps each, and the one rival that this leaves, the LSTM's, for a minute.

Of a text the first nine tenths train and the last tenth validates. The models that are shipped keep the weights
that did best on it.
"""

import ast
import hashlib
import json
import multiprocessing
import platform
import statistics
import sysconfig
import time
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate, islice
from pathlib import Path

import torch

from experiments.harness import Experiment, main, rounded, versions
from rnnkit.data.python_source import HELD_OUT, load_python_files, load_python_source
from rnnkit.data.shakespeare import load_shakespeare
from rnnkit.nn.checkpoint import write_atomically
from rnnkit.nn.text.char_lm import CharLM, save_charlm, shipped
from rnnkit.nn.text.chunks import ChunkStream, nats_per_character
from rnnkit.nn.text.vocabulary import Vocabulary
from rnnkit.nn.training import Training, fit

CELLS = ("rnn", "gru", "lstm")
RIVAL = ("lstm", 1.2e-2)
TEXTS = {"plays": load_shakespeare, "python": load_python_source}
# 224 units: as int8 in base64, the weights that the page carries stay below 400 kB.
SHIPPED_HIDDEN = {"plays": 224, "python": 256}


@dataclass(frozen=True)
class Sizes:
    """How large the comparison is. characters: of the plays that are read, None for all."""

    hidden_size: int = 256
    batch_size: int = 16
    chunk_length: int = 64
    lr: float = 6e-3
    seconds: float = 60
    rates: tuple = (1.5e-3, 3e-3, 6e-3, 1.2e-2)
    sweep_steps: int = 1000
    seeds: tuple = (0, 1, 2)
    characters: int | None = None
    rounds: int = 7  # of measuring the speed
    processes: int = 2


SIZES = Sizes()


@cache
def load(name, characters=None):
    """Return a text, its vocabulary, the training tokens and the validation tokens."""
    text = TEXTS[name]()[:characters]
    vocabulary = Vocabulary.of(text)
    tokens = vocabulary.encode(text)
    cut = len(tokens) * 9 // 10
    return text, vocabulary, tokens[:cut], tokens[cut:]


def start(cell, seed, steps, lr, sizes):
    """Return a Training that has not begun."""
    _, vocabulary, train, _ = load("plays", sizes.characters)
    torch.manual_seed(seed)
    model = CharLM(len(vocabulary), cell, hidden_size=sizes.hidden_size)
    data = ChunkStream(train, sizes.batch_size, sizes.chunk_length)
    return Training(model, data, steps=steps, lr=lr)


@cache
def steps_per_second(sizes, steps=50):
    """Return each cell's speed: the median over rounds in which the cells take turns."""
    trainings = {cell: start(cell, 0, 10_000, sizes.lr, sizes) for cell in CELLS}
    times = {cell: [] for cell in CELLS}
    for _ in range(sizes.rounds):
        for cell, training in trainings.items():
            begun = time.process_time()
            for _ in range(steps):
                training.step(0.5)
            times[cell].append(time.process_time() - begun)
    speeds = {cell: steps / statistics.median(times[cell]) for cell in CELLS}
    print(speeds, flush=True)
    return speeds


def run(job, sizes):
    """Train once; returns what came out, as JSON can hold it."""
    cell, seed, budget, steps, lr, speed = job
    torch.set_num_threads(1)
    *_, validation = load("plays", sizes.characters)
    training = start(cell, seed, steps, lr, sizes)
    short = lambda m: nats_per_character(m, validation[:100_000], streams=10)  # noqa: E731
    fit(training, short, bar=False)
    streams = 10 if steps == sizes.sweep_steps else 1
    result = {
        "cell": cell,
        "seed": seed,
        "budget": budget,
        "lr": lr,
        "parameters": sum(p.numel() for p in training.model.parameters()),
        "step": steps,
        "seconds": round(steps / speed, 1),
        "characters_per_second": round(speed * sizes.batch_size * sizes.chunk_length),
        "val_loss": round(nats_per_character(training.model, validation, streams), 4),
    }
    print(result, flush=True)
    return result | {"points": [brief(p, speed) for p in training.history.points]}


def brief(point, speed):
    """A point of a training's history, its time counted in steps."""
    losses = {"train_loss": point["train_loss"], "val_loss": point["val_loss"]}
    seconds = round(point["step"] / speed, 2)
    return {"step": point["step"], "seconds": seconds} | rounded(losses)


def run_all(jobs, sizes):
    """Run the jobs, several processes at once; each starts fresh, so that no state of torch is shared."""
    if sizes.processes == 1:
        return [run(job, sizes) for job in jobs]
    context = multiprocessing.get_context("spawn")
    with context.Pool(sizes.processes, maxtasksperchild=1) as pool:
        return pool.map(partial(run, sizes=sizes), jobs, 1)


def steps_in_time(speeds, sizes):
    """How many steps each cell makes in its time, at least one."""
    return {cell: max(1, round(sizes.seconds * speeds[cell])) for cell in CELLS}


def learning_rates(known, sizes=SIZES):
    """All cells at four rates, and the rival for a minute."""
    speeds = steps_per_second(sizes)
    jobs = [
        (c, 0, "sweep", sizes.sweep_steps, lr, speeds[c])
        for c in CELLS
        for lr in sizes.rates
    ]
    cell, lr = RIVAL
    steps = steps_in_time(speeds, sizes)[cell]
    return run_all([*jobs, (cell, 0, "sweep", steps, lr, speeds[cell])], sizes)


def runs(known, sizes=SIZES):
    """All cells for a minute, and for as many steps as the LSTM makes in it."""
    speeds = steps_per_second(sizes)
    steps = steps_in_time(speeds, sizes)
    jobs = [
        (c, s, "time", steps[c], sizes.lr, speeds[c])
        for s in sizes.seeds
        for c in CELLS
    ]
    # The LSTM's minute sets the steps that everybody gets; it has done them already.
    jobs += [
        (c, s, "steps", steps["lstm"], sizes.lr, speeds[c])
        for s in sizes.seeds
        for c in CELLS
        if c != "lstm"
    ]
    found = run_all(jobs, sizes)
    return found + [r | {"budget": "steps"} for r in found if r["cell"] == "lstm"]


def ship(name, file=None, hidden_size=None, steps=18_000, characters=None):
    """Train the model of one text that comes with the package, and write it."""
    batch_size, chunk_length, lr, seed = 32, 64, 5e-3, 0
    text, vocabulary, train, validation = load(name, characters)
    torch.manual_seed(seed)
    model = CharLM(len(vocabulary), hidden_size=hidden_size or SHIPPED_HIDDEN[name])
    training = Training(
        model, ChunkStream(train, batch_size, chunk_length), steps=steps, lr=lr
    )
    fit(training, lambda m: nats_per_character(m, validation[:200_000], streams=20))
    sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
    metadata = {
        "command": f"{EXPERIMENT.command} ship_{name}",
        "text": {"name": name, "length": len(text), "sha256": sha256},
        "training": {
            "steps": steps,
            "batch_size": batch_size,
            "chunk_length": chunk_length,
            "lr": lr,
            "seed": seed,
        },
        "val_loss": nats_per_character(model.eval(), validation),
        "versions": versions(),
    }
    save_charlm(file or shipped(name), model, vocabulary, metadata)
    loss, seconds = metadata["val_loss"], training.history.seconds
    print(f"{name}: {loss:.4f} nats per character, {seconds:.0f} s", flush=True)


def parses(source):
    try:
        ast.parse(source)
    except SyntaxError:  # a line with characters outside ASCII was dropped
        return False
    return True


def beginning(source, length):
    """The first lines of a file: as few as have `length` characters and are Python by themselves."""
    ends = accumulate(map(len, source.splitlines(keepends=True)))
    return next(source[:end] for end in ends if end >= length and parses(source[:end]))


def ship_held_out(file=HELD_OUT, count=16, length=2500):
    """Write the beginnings of the first files of the held-out tenth, for the search for cells."""
    files = load_python_files()
    cut = 0.9 * sum(map(len, files.values()))
    starts = accumulate(map(len, files.values()), initial=0)
    held_out = (
        (name, source)
        for (name, source), start in zip(files.items(), starts, strict=False)
        if start > cut and len(source) >= length and parses(source)
    )
    library = Path(sysconfig.get_path("stdlib"))
    report = {
        "command": f"{EXPERIMENT.command} ship_held_out",
        "source": f"The library of Python {platform.python_version()}, shortened.",
        "licence": (library / "LICENSE.txt").read_text("utf-8"),
        "files": {n: beginning(s, length) for n, s in islice(held_out, count)},
    }
    text = json.dumps(report, indent=1) + "\n"
    write_atomically(file, lambda path: path.write_text(text, encoding="utf-8"))


EXPERIMENT = Experiment(
    "char_lm",
    parts={"learning_rates": learning_rates, "runs": runs},
    ships={f"ship_{name}": partial(ship, name) for name in TEXTS}
    | {"ship_held_out": ship_held_out},
    about={
        "text": "load_shakespeare(): first nine tenths train, last tenth validates as one stream",
        "setting": {
            "hidden_size": SIZES.hidden_size,
            "batch_size": SIZES.batch_size,
            "chunk_length": SIZES.chunk_length,
            "lr": SIZES.lr,
            "minutes": SIZES.seconds / 60,
        },
    },
)

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
