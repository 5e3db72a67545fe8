"""Sixteen recurrent cells on three tasks, at equal numbers of parameters and equal steps, five seeds each.

    python -m experiments.gru                   about half an hour on one core
    python -m experiments.gru runs --keep       adds what is missing, as a new cell
    python -m experiments.gru speed --print     the cells' speed on this machine

Each cell gets as many units as bring its parameters closest to those of an LSTM of a given size. Each cell on
each task gets the best of four learning rates, chosen on two seeds that the comparison does not use.
"""

import time
from dataclasses import asdict, dataclass
from functools import cache, partial

import numpy as np

from experiments.gru_speed import arrangements, speed
from experiments.harness import Experiment, each, main, significant
from rnnkit.data import tasks
from rnnkit.data.shakespeare import load_shakespeare
from rnnkit.functional import one_hot
from rnnkit.nn.cell_variants import CELLS
from rnnkit.nn.side_by_side import Population, evaluate, parameter_shapes, train


@dataclass(frozen=True)
class Rules:
    """What holds for all contestants. block: so many steps are one point of a curve."""

    steps: int = 800
    batch_size: int = 16
    rates: tuple = (5e-3, 1.5e-2, 4.5e-2, 0.135)
    tuning_seeds: tuple = (100, 101)
    seeds: tuple = (0, 1, 2, 3, 4)
    block: int = 50


RULES = Rules()
TASKS = ("adding", "tags", "text")
# Further rates for the seeds that count: one between two of the grid, and three that the tuning passed over.
LOOKS = (
    ("tags", "rnn", 1e-2),
    ("tags", "gru", 4.5e-2),
    ("adding", "gru", 4.5e-2),
    ("adding", "lstm", 4.5e-2),
    ("adding", "no output gate", 4.5e-2),
)
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
    return split(load_shakespeare())


def split(characters):
    """A text as numbers: its first nine tenths, to learn from, the last tenth, held out; and V."""
    number = {character: i for i, character in enumerate(sorted(set(characters)))}
    ids = np.array([number[character] for character in characters])
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


@cache
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


def attempt(cell, task, lr, seeds, rules):
    """Train one network per seed; returns H, the number of parameters, the log and the evaluation."""
    kind, bias = CONTESTANTS[cell]
    batches, held_out, D, V, lstm_size = setting(task)
    H = equal_size(kind, D, V, lstm_size)
    nets = Population(kind, D, H, V, seeds=seeds, forget_bias=bias)
    log = train(nets, batches, rules.steps, lr=lr, batch_size=rules.batch_size)
    return H, count(kind, D, H, V), log, evaluate(nets, held_out)


def contest(task, cell, rules):
    """Choose the rate of one cell on one task, then train the seeds that count."""
    begun, tuning = time.process_time(), {}
    for lr in rules.rates:
        loss = attempt(cell, task, lr, rules.tuning_seeds, rules)[3]["loss"]
        tuning[lr] = float(np.nan_to_num(loss, nan=1e9).mean())
    lr = min(rules.rates, key=tuning.get)
    H, parameters, log, result = attempt(cell, task, lr, rules.seeds, rules)
    curve = log.loss.reshape(-1, rules.block, len(rules.seeds)).mean(axis=1)
    return {
        "task": task,
        "cell": cell,
        "hidden_size": H,
        "parameters": parameters,
        "lr": lr,
        "tuning_loss": significant([tuning[lr] for lr in rules.rates], 4),
        **{key: significant(value, 4) for key, value in result.items()},
        "train_loss": significant(curve.T, 4),
        "seconds": round(time.process_time() - begun),
    }


def second_look(task, cell, lr, rules):
    """Train the seeds that count at a rate that was not chosen, to see how much hangs on the rate."""
    result = attempt(cell, task, lr, rules.seeds, rules)[3]
    scores = {key: significant(value, 4) for key, value in result.items()}
    return {"task": task, "cell": cell, "lr": lr, **scores}


def second_looks(known, looks=LOOKS, rules=RULES):
    """Some cells at rates that were not chosen."""
    wanted = [{"task": task, "cell": cell, "lr": lr} for task, cell, lr in looks]
    earlier = known.get("second_looks", ())
    return each(wanted, earlier, partial(second_look, rules=rules))


def runs(known, task_names=TASKS, cells=CONTESTANTS, rules=RULES):
    """All cells on all tasks."""
    wanted = [{"task": task, "cell": cell} for task in task_names for cell in cells]
    return each(wanted, known.get("runs", ()), partial(contest, rules=rules))


EXPERIMENT = Experiment(
    "gru",
    parts={
        "speed": speed,
        "arrangements": arrangements,
        "second_looks": second_looks,
        "runs": runs,
    },
    about={"setting": asdict(RULES)},
)

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
