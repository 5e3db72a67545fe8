"""Train the captioner that comes with the package, and measure what chapter 5 compares.

python -m experiments.captioning            all parts that the report lacks, in this order:
python -m experiments.captioning tune       learning rates of the models that see one vector
python -m experiments.captioning vectors    these models, equal scenes and steps, three seeds
python -m experiments.captioning longer     the same, twice the scenes and ten times the steps
python -m experiments.captioning attention  soft and hard attention, as many scenes, steps, seeds
python -m experiments.captioning hard       hard attention with three glances, trained longer
python -m experiments.captioning symbols    without <START>, without <END>
python -m experiments.captioning variance   how much the estimates of the gradient scatter
python -m experiments.captioning shipped    the shipped model: pointing, beams, failures

python -m experiments.captioning ship       rnnkit/nn/shipped/captioner.safetensors, about ten minutes
"""

import time
from functools import partial

import torch

from experiments.captioning_bench import BATCH, ENCODER, RATE, SCENES, STEPS, Bench
from experiments.captioning_probes import shipped, symbols, variance
from experiments.harness import Experiment, collect, main, require, versions
from rnnkit.nn.captioning.attention_captioner import AttentionCaptioner
from rnnkit.nn.captioning.files import SHIPPED, save_captioner
from rnnkit.nn.captioning.hard_attention_captioner import HardCaptioner
from rnnkit.nn.captioning.vector_captioners import MultimodalCaptioner, VectorCaptioner
from rnnkit.scenes.captions import CAPTION_WORDS

SEEDS = (0, 1, 2)
MODELS = {
    "first": partial(VectorCaptioner, CAPTION_WORDS, every=False),
    "every": partial(VectorCaptioner, CAPTION_WORDS),
    "m-rnn": partial(MultimodalCaptioner, CAPTION_WORDS),
    "soft": partial(AttentionCaptioner, CAPTION_WORDS),
    "straight-through": partial(HardCaptioner, CAPTION_WORDS, "straight-through"),
    "reinforce": partial(HardCaptioner, CAPTION_WORDS, "reinforce"),
}
WIDE = {"hidden_size": 256, "vector_size": 256}


def tune(known, steps=STEPS, **world):
    """The picture as one vector: learning rates; at the first step alone also wider and longer."""
    bench = Bench(**world)
    trials = [("first", lr, {}, steps) for lr in (1e-3, 2e-3, 4e-3, 8e-3)]
    trials += [
        (name, lr, {}, steps) for name in ("every", "m-rnn") for lr in (4e-3, 8e-3)
    ]
    trials += [("first", 4e-3, WIDE, 2 * steps)]
    keys = ("model", "lr", "sizes", "steps")
    wanted = [dict(zip(keys, trial, strict=True)) for trial in trials]

    def measure(model, lr, sizes, steps):
        torch.manual_seed(0)
        captioner = MODELS[model](**sizes)
        points = bench.train(captioner, 0, steps=steps, lr=lr)
        run = {"model": model, "lr": lr, "sizes": sizes, "steps": steps}
        return run | {"loss": points[-1]["loss"]} | bench.figures(captioner)

    head = {"scenes": len(bench), "batch_size": BATCH, "seed": 0}
    return collect(known, "tune", head, wanted, measure)


def vectors(known, **sizes):
    """The picture as one vector: at the first step, at every step, in a multimodal layer."""
    rates = {}
    tuned = require(known, "tune")["runs"]
    for run in sorted(tuned, key=lambda run: -run["loss"]):  # the smallest loss last
        if not run["sizes"]:
            rates[run["model"]] = run["lr"]
    models = {name: rates[name] for name in ("first", "every", "m-rnn")}
    return compare(known, "vectors", models, **sizes)


def attention(known, **sizes):
    """Soft and hard attention."""
    models = {"soft": RATE, "straight-through": 4e-3, "reinforce": 4e-3}
    return compare(known, "attention", models, **sizes)


def compare(known, part, rates, seeds=SEEDS, steps=STEPS, **world):
    """Some models on equal scenes with equal steps, each with the rate that suited it best."""
    bench = Bench(**world)
    wanted = [
        {"model": name, "seed": seed, "lr": lr}
        for seed in seeds
        for name, lr in rates.items()
    ]

    def measure(model, seed, lr):
        torch.manual_seed(seed)
        captioner = MODELS[model]()
        points = bench.train(captioner, seed, steps=steps, lr=lr)
        run = {"model": model, "seed": seed, "lr": lr, "history": points}
        run["parameters"] = sum(p.numel() for p in captioner.parameters())
        return run | bench.figures(captioner)

    head = {"scenes": len(bench), "steps": steps, "batch_size": BATCH}
    return collect(known, part, head, wanted, measure)


def longer(known, scenes=2 * SCENES, steps=10 * STEPS, sizes=WIDE, **world):
    """The picture as one vector, with twice the scenes and ten times the steps, and wider."""
    bench = Bench(scenes, **world)
    trials = (("first", 2e-3), ("first", 4e-3), ("every", 2e-3), ("m-rnn", 4e-3))
    wanted = [
        {"model": name, "seed": 0, "lr": lr, "sizes": sizes} for name, lr in trials
    ]

    def measure(model, seed, lr, sizes):
        torch.manual_seed(seed)
        captioner = MODELS[model](**sizes)
        points = bench.train(captioner, seed, steps=steps, lr=lr)
        run = {"model": model, "seed": seed, "lr": lr, "sizes": sizes}
        return run | {"history": points} | bench.figures(captioner)

    head = {"scenes": scenes, "steps": steps, "batch_size": BATCH}
    return collect(known, "longer", head, wanted, measure)


def hard(known, seeds=SEEDS, steps=3 * STEPS, rate=6e-3, **world):
    """Hard attention that can count: three glances, all of them heard, none where one has been; and without that."""
    bench = Bench(**world)
    trials = [("straight-through", True, seed) for seed in seeds]
    trials += [("straight-through", False, seeds[0]), ("reinforce", True, seeds[0])]
    always = {"lr": rate, "glances": 3, "contexts": "all"}
    wanted = [
        {"model": estimator, "seed": seed, **always, "inhibition": inhibition}
        for estimator, inhibition, seed in trials
    ]

    def measure(model, seed, lr, **options):
        torch.manual_seed(seed)
        captioner = HardCaptioner(CAPTION_WORDS, model, **options)
        points = bench.train(captioner, seed, steps=steps, lr=lr)
        run = {"model": model, "seed": seed, "lr": lr, **options}
        return run | {"history": points} | bench.figures(captioner)

    head = {"scenes": len(bench), "steps": steps, "batch_size": BATCH}
    return collect(known, "hard", head, wanted, measure)


def ship(file=SHIPPED, steps=5000, scenes=16_000, rate=6e-3, dropout=0.2, **world):
    """Train the captioner that comes with the package and write it."""
    begun = time.process_time()
    bench = Bench(scenes, **world)
    torch.manual_seed(0)
    model = AttentionCaptioner(CAPTION_WORDS, dropout=dropout)
    points = bench.train(model, 0, steps=steps, lr=rate)
    training = {"scenes": scenes, "steps": steps, "batch_size": BATCH, "lr": rate}
    metadata = {
        "command": f"{EXPERIMENT.command} ship",
        "encoder": world.get("encoder", ENCODER),
        "training": training | {"seed": 0},
        "history": points,
        "figures": bench.figures(model),
        "versions": versions(),
    }
    save_captioner(file, bench.encoder, model, metadata)
    print(metadata["figures"], round(time.process_time() - begun), "s", flush=True)


EXPERIMENT = Experiment(
    "captioning",
    parts={
        "tune": tune,
        "vectors": vectors,
        "longer": longer,
        "attention": attention,
        "hard": hard,
        "symbols": symbols,
        "variance": variance,
        "shipped": shipped,
    },
    ships={"ship": ship},
    about={"encoder": ENCODER},
)

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
