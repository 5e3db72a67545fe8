"""What layers on top of each other buy, and what a second direction buys, at equal numbers of parameters.

    python -m experiments.deep_bidirectional              some twenty minutes on one core
    python -m experiments.deep_bidirectional depth --keep   adds what is missing

Text: LSTMs of 1 to 4 layers that predict the next character of the plays, three seeds; the rate of each was chosen on a
seed that the comparison does not use. Tags: LSTMs of 1 to 3 layers on nested tags, five seeds. Speakers: GRUs that mark
the characters of speakers' names in lower case, reading from the left, in both directions, or with a delay; five seeds.
Gaps: GRUs that fill in a character from its left, from its right, from both; five seeds.
"""

import re
from functools import cache, partial

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from experiments.harness import Experiment, collect, main, significant
from rnnkit.data import tasks
from rnnkit.data.shakespeare import load_shakespeare
from rnnkit.nn.layers import CharacterReader, count, equal_hidden_size
from rnnkit.nn.training import learning_rate

SPEAKER = re.compile(r"^[^a-z\n]+:$", re.MULTILINE)
DEPTHS = (1, 2, 3, 4)
RATES = (4e-3, 8e-3, 1.6e-2)
# name: options of the network besides its depth
VARIANTS = {"plain": {}, "residual": {"residual": True}, "dropout": {"dropout": 0.2}}


@cache
def plays():
    """The plays as numbers, those to learn from and the last tenth, held out, and V."""
    return split(load_shakespeare())


@cache
def lines_run_together():
    """The plays in lower case on one line; 1 for the characters of a speaker's name and its colon, else 0; and V.

    Each is a pair, to learn from and the last tenth.
    """
    text = load_shakespeare()
    marked = np.zeros(len(text), np.int64)
    for found in SPEAKER.finditer(text):
        marked[found.start() : found.end()] = 1
    text = text.lower().replace("\n", " ")
    blank = np.array([character == " " for character in text])
    kept = ~(blank & np.roll(blank, 1))  # one blank where there were several
    ids, held_out, V = split(
        "".join(c for c, keep in zip(text, kept, strict=True) if keep)
    )
    marked = marked[kept]
    return (ids, held_out), (marked[: len(ids)], marked[len(ids) :]), V


def split(text):
    """A text as numbers: its first nine tenths, the last, and V."""
    number = {character: i for i, character in enumerate(sorted(set(text)))}
    ids = np.array([number[character] for character in text])
    cut = len(ids) * 9 // 10
    return ids[:cut], ids[cut:], len(number)


def descend(net, batches, steps, lr):
    """Train by AdamW with warm-up and decay, the gradient clipped to norm 1; yields after each backward pass."""
    adam = torch.optim.AdamW(net.parameters(), lr, betas=(0.9, 0.99), weight_decay=0.01)
    for step in range(steps):
        for group in adam.param_groups:
            group["lr"] = learning_rate((step + 1) / steps, lr)
        adam.zero_grad()
        loss = batches(net)
        loss.backward()
        yield step, loss.item()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()


class Streams:
    """A text cut into B streams that are read on from chunk to chunk, the state carried along."""

    def __init__(self, ids, batch_size, T):
        length = (len(ids) - 1) // batch_size
        self.ids = torch.as_tensor(ids[: length * batch_size + 1])
        self.starts, self.T, self.length = torch.arange(batch_size) * length, T, length
        self.place, self.states = 0, None

    def loss(self, net):
        """Mean nats of the next chunk."""
        if self.place + self.T > self.length:
            self.place, self.states = 0, None
        places = self.starts[:, None] + self.place + torch.arange(self.T + 1)
        tokens = self.ids[places]
        logits, self.layers, ends = net(tokens[:, :-1], self.states)
        self.states = [detached(end) for end in ends]
        self.place += self.T
        return cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())


def detached(state):
    """A state through which no gradient flows back."""
    if isinstance(state, tuple):
        return tuple(part.detach() for part in state)
    return state.detach()


def layer_gradients(net, streams):
    """How much gradient the weights of each layer get: the root of the mean square of its entries, from one chunk."""
    net.zero_grad()
    streams.loss(net).backward()
    norms = []
    for layer in net.layers.layers:
        entries = torch.cat([p.grad.flatten() for p in layer.parameters()])
        norms.append(entries.square().mean().sqrt().item())
    return norms


def write_on(depth, variant, lr, seed, steps, parameters, chunks=60):
    """Train one network to predict the plays' next character, and evaluate it."""
    ids, held_out, V = plays()
    options = {"cell": "lstm", "num_layers": depth}
    size = {"vocab_size": V, "output_size": V}
    H = equal_hidden_size(parameters, **size, **options)
    torch.manual_seed(seed)
    net = CharacterReader(**size, hidden_size=H, **options, **VARIANTS[variant])
    gradients = [layer_gradients(net, Streams(ids, 32, 64))]
    # Each seed begins somewhere else in the text.
    text = Streams(np.roll(ids, -(seed % 10) * len(ids) // 10), 32, 64)
    curve = [loss for _, loss in descend(net, text.loss, steps, lr)]
    gradients.append(layer_gradients(net, Streams(ids, 32, 64)))
    net.eval()
    test = Streams(held_out, 32, 64)
    with torch.no_grad():
        losses = [test.loss(net).item() for _ in range(chunks)]
    return {
        "depth": depth,
        "variant": variant,
        "lr": lr,
        "seed": seed,
        "steps": steps,
        "hidden_size": H,
        "parameters": count(**size, hidden_size=H, **options),
        "loss": significant(np.mean(losses[1:]), 4),
        "train_loss": significant(np.mean(curve[-100:]), 4),
        "layer_gradients": significant(gradients, 3),
    }


def depth(
    known,
    depths=DEPTHS,
    rates=RATES,
    seeds=(0, 1, 2),
    steps=1000,
    tuning=300,
    parameters=90_000,
    chunks=60,
):
    """Every depth at its own best rate; four layers also with residual connections, two and four with dropout."""
    measure = partial(write_on, parameters=parameters, chunks=chunks)
    kinds = [(d, "plain") for d in depths] + [(depths[-1], "residual")]
    kinds += [(d, "dropout") for d in (depths[1 % len(depths)], depths[-1])]
    settings = {"rates": list(rates), "parameters": parameters}
    trials = [
        {"depth": d, "variant": v, "lr": lr, "seed": 100, "steps": tuning}
        for d, v in kinds
        for lr in rates
    ]
    for found in collect(known, "depth", settings, trials, measure):
        yield found
    runs = {(r["depth"], r["variant"], r["lr"]): r["loss"] for r in found["runs"]}
    best = {kind: min(rates, key=lambda lr: runs[(*kind, lr)]) for kind in kinds}
    wanted = trials + [
        {"depth": d, "variant": v, "lr": best[d, v], "seed": seed, "steps": steps}
        for d, v in kinds
        for seed in seeds
    ]
    yield from collect({"depth": found}, "depth", settings, wanted, measure)


def nest(depth, seed, lr, steps, parameters, T=40, levels=3):
    """Train one network on nested tags; its accuracy on the letters that the opening tag determines."""
    V = len(tasks.TAGS_ALPHABET)
    options = {"cell": "lstm", "num_layers": depth, "embedding_size": 8}
    size = {"vocab_size": V, "output_size": V}
    H = equal_hidden_size(parameters, **size, **options)
    torch.manual_seed(seed)
    net = CharacterReader(**size, hidden_size=H, **options)
    rng = np.random.default_rng(seed)

    def loss(net, batch=None):
        x, targets, asked = batch or tasks.tags(rng, 32, T, levels)
        logits, _, _ = net(torch.as_tensor(x.argmax(-1)))
        wanted = torch.as_tensor(np.where(asked, targets, -100))
        right = (logits.argmax(-1) == wanted).sum().item() / asked.sum()
        return cross_entropy(logits.flatten(0, 1), wanted.flatten()), right

    for _ in descend(net, lambda net: loss(net)[0], steps, lr):
        pass
    test = tasks.tags(np.random.default_rng(10**6), 500, T, levels, determined=True)
    with torch.no_grad():
        _, accuracy = loss(net, test)
    return {
        "depth": depth,
        "seed": seed,
        "lr": lr,
        "hidden_size": H,
        "accuracy": significant(accuracy, 4),
    }


def tags(
    known,
    depths=(1, 2, 3),
    rates=(5e-3, 1.5e-2),
    seeds=(0, 1, 2, 3, 4),
    steps=1000,
    parameters=6_000,
):
    """Nested tags by LSTMs of 1 to 3 layers, at both rates."""
    settings = {"steps": steps, "parameters": parameters}
    wanted = [
        {"depth": d, "lr": lr, "seed": seed}
        for d in depths
        for lr in rates
        for seed in seeds
    ]
    return collect(known, "tags", settings, wanted, partial(nest, **settings))


def mark(kind, delay, seed, steps, parameters, lr=1e-2, T=128, batch_size=32):
    """Train one network to mark speakers' names; its error on lines' beginnings and in nats, on held-out text."""
    texts, marks, V = lines_run_together()
    options = {"cell": "gru", "both": kind == "both"}
    size = {"vocab_size": V, "output_size": 2}
    H = equal_hidden_size(parameters, **size, **options)
    torch.manual_seed(seed)
    net = CharacterReader(**size, hidden_size=H, **options)
    rng = np.random.default_rng(seed)

    def loss(net, part=0, rows=batch_size, rng=rng):
        ids, marked = texts[part], marks[part]
        starts = rng.integers(0, len(ids) - T - delay, rows)
        places = torch.as_tensor(starts[:, None] + np.arange(T + delay))
        logits, _, _ = net(torch.as_tensor(ids)[places])
        # After `delay` further characters the network answers for the one that it read then.
        wanted = torch.as_tensor(marked)[places[:, :T]]
        logits = logits[:, delay:]
        inner = slice(16, T - 16)  # neither beginning nor end of the window
        return logits[:, inner], wanted[:, inner]

    def mean(net):
        logits, wanted = loss(net)
        return cross_entropy(logits.flatten(0, 1), wanted.flatten())

    for _ in descend(net, mean, steps, lr):
        pass
    with torch.no_grad():
        logits, wanted = loss(net, 1, 1000, np.random.default_rng(10**6))
        nats = cross_entropy(logits.flatten(0, 1), wanted.flatten()).item()
        said = logits.argmax(-1)
    hits = (said & wanted).sum().item()
    return {
        "kind": kind,
        "delay": delay,
        "seed": seed,
        "hidden_size": H,
        "nats": significant(nats, 4),
        "error": significant((said != wanted).float().mean().item(), 4),
        "share": significant(wanted.float().mean().item(), 4),
        "f1": significant(2 * hits / max(1, (said.sum() + wanted.sum()).item()), 4),
    }


def speakers(
    known,
    delays=(0, 1, 2, 4, 8, 16),
    seeds=(0, 1, 2, 3, 4),
    steps=500,
    parameters=20_000,
):
    """From the left, with delays, and in both directions."""
    settings = {"steps": steps, "parameters": parameters}
    wanted = [
        {"kind": kind, "delay": delay, "seed": seed}
        for kind, delay in [*(("forward", d) for d in delays), ("both", 0)]
        for seed in seeds
    ]
    return collect(known, "speakers", settings, wanted, partial(mark, **settings))


EXPERIMENT = Experiment(
    "deep_bidirectional",
    parts={"speakers": speakers, "tags": tags, "depth": depth},
)

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
