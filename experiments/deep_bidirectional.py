"""What layers on top of each other buy, and what a second direction buys, at equal numbers of parameters.

    python -m experiments.deep_bidirectional              some twenty minutes on one core
    python -m experiments.deep_bidirectional depth --keep   adds what is missing

Text: LSTMs of 1 to 4 layers that predict the next character of the plays, three seeds; the rate of each was chosen on a
seed that the comparison does not use. Tags: LSTMs of 1 to 3 layers on nested tags, five seeds. Speakers: GRUs that mark
the characters of speakers' names in lower case, reading from the left, with one layer, two, or a delay, or in both
directions; five seeds.
Gaps: GRUs that fill in a character from its left, its right, or both sides; five seeds. Time: the depths again, each
with as many steps as one layer's time allows.
"""

import time
from functools import cache, partial

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from experiments import gru, two_readers
from experiments.harness import Experiment, collect, main, require, significant
from rnnkit.data import tasks
from rnnkit.data.speakers import load_speakers
from rnnkit.nn.layers import CharacterReader, count, equal_hidden_size
from rnnkit.nn.text.chunks import bits, detach
from rnnkit.nn.text.two_readers import TwoReaders
from rnnkit.nn.training import learning_rate

DEPTHS = (1, 2, 3, 4)
RATES = (6e-3, 1.2e-2)
# name: options of the network besides its depth
VARIANTS = {"plain": {}, "residual": {"residual": True}, "dropout": {"dropout": 0.2}}
# how layers stand that mark names: one from the left, two of them on top of each other, one from each end
ARRANGEMENTS = {"forward": {}, "stacked": {"num_layers": 2}, "both": {"both": True}}


@cache
def speakers_marked():
    """The plays run together as numbers, and 1 where a speaker's name is: both to learn from and held out; and V."""
    text, named = load_speakers()
    ids, held_out, V = gru.split(text)
    marks = named.astype(np.int64)
    return (ids, held_out), (marks[: len(ids)], marks[len(ids) :]), V


def build(parameters, seed, **options):
    """A CharacterReader of about so many parameters, its weights drawn by the seed."""
    H = equal_hidden_size(parameters, **options)
    torch.manual_seed(seed)
    return CharacterReader(hidden_size=H, **options)


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
        self.states = [detach(end) for end in ends]
        self.place += self.T
        return cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())


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
    ids, held_out, V = gru.text()
    options = {"vocab_size": V, "output_size": V, "cell": "lstm", "num_layers": depth}
    net = build(parameters, seed, **options, **VARIANTS[variant])
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
        "hidden_size": net.layers.hidden_size,
        "parameters": count(hidden_size=net.layers.hidden_size, **options),
        "loss": significant(np.mean(losses[1:]), 4),
        "train_loss": significant(np.mean(curve[-100:]), 4),
        "layer_gradients": significant(gradients, 3),
    }


def depth(
    known,
    depths=DEPTHS,
    rates=RATES,
    seeds=(0, 1, 2),
    steps=800,
    tuning=200,
    parameters=60_000,
    chunks=60,
):
    """Every depth at its own best rate; the deepest also with residual connections, and with dropout."""
    measure = partial(write_on, parameters=parameters, chunks=chunks)
    kinds = [(d, "plain") for d in depths] + [(depths[-1], "residual")]
    kinds += [(depths[-1], "dropout")]
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
    net = build(
        parameters,
        seed,
        vocab_size=V,
        output_size=V,
        cell="lstm",
        num_layers=depth,
        embedding_size=8,
    )
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
        "hidden_size": net.layers.hidden_size,
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
    """Train one network to mark speakers' names; its error, nats and F1 on held-out text."""
    texts, marks, V = speakers_marked()
    options = {"vocab_size": V, "output_size": 2, "cell": "gru", **ARRANGEMENTS[kind]}
    net = build(parameters, seed, **options)
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
        "hidden_size": net.layers.hidden_size,
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
    """From the left, with delays, two layers from there, and in both directions."""
    settings = {"steps": steps, "parameters": parameters}
    kinds = [*(("forward", d) for d in delays), ("stacked", 0), ("both", 0)]
    wanted = [
        {"kind": kind, "delay": delay, "seed": seed}
        for kind, delay in kinds
        for seed in seeds
    ]
    return collect(known, "speakers", settings, wanted, partial(mark, **settings))


def fill(kind, seed, hidden_size, steps, batch_size=32, lr=8e-3, test=1000):
    """Train readers to fill in characters from one side alone or from both; held-out bits per character."""
    text = two_readers.load()
    cut = len(text) * 9 // 10
    which = ("left", "right", "both").index(kind)
    torch.manual_seed(seed)
    net = TwoReaders(len(two_readers.ALPHABET), hidden_size)
    passages = two_readers.Passages(text[:cut], batch_size, covered=0.0, seed=seed)
    for _ in descend(net, lambda net: passages.losses(net)[0][which].mean(), steps, lr):
        pass
    held_out = two_readers.Passages(text[cut:], test, covered=0.0, seed=10**6)
    with torch.no_grad():
        losses, _ = held_out.losses(net)
    unused = {
        "left": ("backward", "joint"),
        "right": ("forward", "joint"),
        "both": ("forward_o", "backward_o"),
    }[kind]
    used = [p for n, p in net.named_parameters() if not n.startswith(unused)]
    return {
        "kind": kind,
        "seed": seed,
        "hidden_size": hidden_size,
        "parameters": sum(p.numel() for p in used),
        "bits": significant(bits(losses[which].mean().item()), 4),
    }


def gaps(
    known,
    sizes=(("left", 98), ("right", 98), ("both", 64)),
    seeds=(0, 1, 2, 3, 4),
    steps=400,
    test=1000,
):
    """A character from its left, from its right, and from both sides, at about equal numbers of parameters."""
    settings = {"steps": steps}
    wanted = [
        {"kind": kind, "seed": seed, "hidden_size": H}
        for kind, H in sizes
        for seed in seeds
    ]
    measure = partial(fill, steps=steps, test=test)
    return collect(known, "gaps", settings, wanted, measure)


def step_times(depths, parameters, rounds):
    """Seconds of one training step of each depth, the least of some rounds in turn, as multiples of the first's."""
    ids, _, V = gru.text()
    options = {"vocab_size": V, "output_size": V, "cell": "lstm"}
    nets = {d: build(parameters, 0, num_layers=d, **options) for d in depths}
    least = dict.fromkeys(depths, float("inf"))
    for _ in range(rounds):
        for d, net in nets.items():
            text, begun = Streams(ids, 32, 64), time.perf_counter()
            for _ in descend(net, text.loss, 4, 1e-3):
                pass
            least[d] = min(least[d], time.perf_counter() - begun)
    return {d: least[d] / least[depths[0]] for d in depths}


def at_equal_time(known, rounds=12, seeds=(0, 1, 2), chunks=60):
    """The plain depths again, with the steps that one layer's time allows, at the rates that were chosen before."""
    earlier = require(known, "depth")
    runs = [
        r for r in earlier["runs"] if r["variant"] == "plain" and r["seed"] in seeds
    ]
    chosen = {r["depth"]: r for r in runs}
    part = known.get("time", {})
    times = part.get("step_times") or {
        str(d): round(t, 3)
        for d, t in step_times(tuple(chosen), earlier["parameters"], rounds).items()
    }
    wanted = [
        {
            "depth": d,
            "variant": "plain",
            "lr": run["lr"],
            "seed": seed,
            "steps": round(run["steps"] / times[str(d)]),
        }
        for d, run in chosen.items()
        for seed in seeds
        if d > 1
    ]
    measure = partial(write_on, parameters=earlier["parameters"], chunks=chunks)
    return collect(known, "time", {"step_times": times}, wanted, measure)


EXPERIMENT = Experiment(
    "deep_bidirectional",
    parts={
        "speakers": speakers,
        "gaps": gaps,
        "tags": tags,
        "depth": depth,
        "time": at_equal_time,
    },
)

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
