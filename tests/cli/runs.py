"""A text, settings for a tiny model, and how to look at what a run left behind."""

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import torch
from torch.nn.functional import log_softmax

from rnnkit.nn import checkpoint

ROOT = Path(__file__).parents[2]
TEXT = "".join(
    f"{'ROMEO' if i % 2 else 'JULIET'}:\nThe {'cat' if i % 3 else 'lark'} sings {i}.\n\n"
    for i in range(200)
)
TINY = "--embedding-size 8 --hidden-size 16 --batch-size 4 --chunk-length 16 --threads 1".split()
FILES = ["loss.svg", "model.json", "model.safetensors", "training.safetensors"]


def start(*arguments, **options):
    """The command as a process of its own."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "rnnkit", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        **options,
    )


def weights(out, file="model.safetensors"):
    return checkpoint.load(out / file)[0]


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def direct_loss(model, tokens):
    """The mean loss in nats, one character at a time."""
    state, losses = None, []
    with torch.no_grad():
        for now, following in itertools.pairwise(tokens):
            logits, state = model(now.view(1, 1), state)
            losses.append(-log_softmax(logits[0, 0].double(), 0)[following].item())
    return sum(losses) / len(losses)


FIRST_LINE = re.compile(
    r"(\d+\.\d{3}) nats per character \((\d+\.\d{3}) bits\), ([\d,]+) characters"
)


def parse(line):
    """Nats, bits and characters of a report's first line."""
    nats, bits, characters = FIRST_LINE.fullmatch(line).groups()
    return float(nats), float(bits), int(characters.replace(",", ""))
