"""Pictures read by glimpses, and painted in steps: the runs of chapter 12 that take longer than a chapter may.

python -m experiments.pictures           all parts that the report lacks, a quarter of an hour on one core:
python -m experiments.pictures glimpses  8 x 8 digits by number and size of glimpses: four eyes, and all at once
python -m experiments.pictures canvas    digits among scraps on 20 x 20 pixels: four eyes, and all at once
python -m experiments.pictures variance  how far the eye's gradient scatters, with and without the baseline
python -m experiments.pictures painting  DRAW by its number of steps, with windows and without; one step of the same size
python -m experiments.pictures placed    the same where the digit stands anywhere on 16 x 16 pixels
python -m experiments.pictures ship      the models of the page: rnnkit/nn/shipped/glimpses.safetensors

Each run is three networks side by side, seeds 0 to 2, each with weights and data of its own.
"""

from functools import cache, partial

import numpy as np
import torch

from experiments.harness import Experiment, collect, main, significant
from experiments.pictures_shipped import ship
from rnnkit.data.digits import draw_canvases, draw_digits, ink, load_digits
from rnnkit.nn.pictures.judge import nearest, train_judge, verdict
from rnnkit.nn.pictures.painters import Painters
from rnnkit.nn.pictures.readers import EYES, GlimpseReaders, accuracy
from rnnkit.nn.side_by_side import train

SEEDS = (0, 1, 2)
ALL_AT_ONCE = "all at once"
# name: settings of Painters
PAINTERS = {
    "1 step": {"steps": 1},
    "1 step, 64 numbers": {"steps": 1, "code_size": 64},
    # One step leaves what multiplies a state of zeros idle: as wide as gives the eight steps' number of working ones.
    "1 step, wide": {"steps": 1, "hidden_size": 184},
    "2 steps": {"steps": 2},
    "4 steps": {"steps": 4},
    "8 steps": {"steps": 8},
    "8 steps, windows": {"steps": 8, "grid": 5},
}


@cache
def digits():
    """The digits to learn from, and those held out."""
    return load_digits()


def parameters(networks):
    """How many numbers one of the networks learns."""
    return sum(p.numel() for p in networks.parameters()) // len(networks.seeds)


def learn_to_read(task, steps, lr, seeds, **settings):
    """Train readers of one kind, all seeds side by side."""
    readers = GlimpseReaders(seeds=seeds, **settings)
    train(readers, task, steps, lr=lr, batch_size=64)
    return readers


def reader_settings(eye, size, side, glimpses):
    """Settings of GlimpseReaders; all at once is one look at every pixel."""
    if eye == ALL_AT_ONCE:
        return {"eye": "scan", "size": size, "side": size, "glimpses": 1}
    return {"eye": eye, "size": size, "side": side, "glimpses": glimpses}


def look_at_digits(eye, side, glimpses, seeds, steps, lr):
    """Train readers on the 8 x 8 digits; held-out accuracy after each glimpse."""
    learned, held_out = digits()
    settings = reader_settings(eye, 8, side, glimpses)
    task = partial(draw_digits, digits=learned)
    readers = learn_to_read(task, steps, lr, seeds, **settings)
    return {
        "eye": eye,
        "side": side,
        "glimpses": glimpses,
        "parameters": parameters(readers),
        "accuracy": significant(accuracy(readers, held_out.x, held_out.y), 4),
    }


def glimpses(known, seeds=SEEDS, steps=800, lr=5e-3, counts=(1, 2, 4, 8)):
    """The digits by eye, by the size of a glimpse, and by the number of glimpses."""
    settings = {"seeds": list(seeds), "steps": steps, "lr": lr}
    kinds = [(ALL_AT_ONCE, 8, 1)]
    kinds += [(eye, 2, count) for eye in EYES for count in counts]
    kinds += [(eye, side, 4) for eye in EYES for side in (3, 4)]
    wanted = [{"eye": e, "side": s, "glimpses": n} for e, s, n in kinds]
    measure = partial(look_at_digits, seeds=seeds, steps=steps, lr=lr)
    return collect(known, "glimpses", settings, wanted, measure)


def search_canvas(eye, baseline, seeds, steps, lr, size, glimpses, test):
    """Train readers on canvases; held-out accuracy, and how often a glimpse's middle is on the digit."""
    learned, held_out = digits()
    settings = reader_settings(eye, size, 6, glimpses)
    if eye in ("learned", "random", "scan"):
        settings["scales"] = 2
    settings["baseline"] = baseline
    task = partial(draw_canvases, digits=learned, size=size)
    readers = learn_to_read(task, steps, lr, seeds, **settings)
    canvases = draw_canvases(np.random.default_rng(10**6), test, held_out, size)
    found = {
        "eye": eye,
        "baseline": baseline,
        "parameters": parameters(readers),
        "accuracy": significant(accuracy(readers, canvases.x, canvases.y), 4),
    }
    if eye != "soft":  # its windows lie anywhere, and have no one place
        found["on_digit"] = significant(on_digit(readers, canvases), 4)
    return found


@torch.no_grad()
def on_digit(readers, canvases):
    """How often the middle of each glimpse is on the digit: (N, T)."""
    N, free = len(readers.seeds), readers.size - readers.side
    reading = readers(torch.as_tensor(canvases.x).expand(N, *canvases.x.shape))
    middle = (reading.places + 1) / 2 * free + readers.side / 2  # in pixels
    away = middle - (torch.as_tensor(canvases.corner)[:, None] + 4)
    return (away.abs().amax(-1) <= 4).float().mean(1)


def canvas(known, seeds=SEEDS, steps=2500, lr=1e-2, size=20, glimpses=4, test=2000):
    """Digits among scraps: the four eyes, the learned one also without a baseline, and all pixels at once."""
    settings = {"steps": steps, "lr": lr, "size": size, "glimpses": glimpses}
    settings["seeds"] = list(seeds)
    wanted = [{"eye": eye, "baseline": True} for eye in (*EYES, ALL_AT_ONCE)]
    wanted.append({"eye": "learned", "baseline": False})
    measure = partial(search_canvas, test=test, **settings)
    return collect(known, "canvas", settings, wanted, measure)


def variance(known, steps=600, lr=1e-2, draws=200, size=20):
    """The gradient on the eye's matrix for one batch, drawn again and again, with the baseline and without."""
    learned, held_out = digits()
    task = partial(draw_canvases, digits=learned, size=size)
    settings = {"eye": "learned", "size": size, "side": 6, "scales": 2}
    readers = learn_to_read(task, steps, lr, (0,), **settings)
    batch = draw_canvases(np.random.default_rng(10**6), 64, held_out, size)
    found = {}
    for name, baseline in (("with", True), ("without", False)):
        readers.baseline = baseline
        drawn = torch.stack([eye_gradient(readers, batch) for _ in range(draws)])
        scatter = ((drawn - drawn.mean(0)) ** 2).sum(1).mean()
        found[name] = {
            "scatter": significant(scatter.sqrt().item(), 3),
            "mean": significant(drawn.mean(0).norm().item(), 3),
        }
    return {"steps": steps, "draws": draws, **found}


def eye_gradient(readers, batch):
    """REINFORCE's gradient on W_hl from one draw of all places, as one vector."""
    y = torch.as_tensor(batch.y)[None]
    reading = readers(torch.as_tensor(batch.x)[None], explore=True)
    right = (reading.logits.argmax(-1) == y[..., None]).float()
    loss = readers.eye_loss(reading, right[..., 1:]).sum()
    (gradient,) = torch.autograd.grad(loss, readers.p["W_hl"])
    return gradient.flatten()


def learn_to_paint(kind, pictures, seeds, steps, lr, **more):
    """Train painters of one kind on batches that a function draws."""
    painters = Painters(seeds=seeds, **PAINTERS[kind], **more)
    train(
        painters,
        lambda rng, n: (pictures(rng, n),),
        steps,
        lr=lr,
        batch_size=50,
        clip=5.0,
    )
    return painters


@torch.no_grad()
def bound(painters, x, repeats=4):
    """The bound on -log p(x) of held-out pictures, the mean of some draws of the codes: pixels and codes, (N,) each."""
    x = torch.as_tensor(x).repeat(repeats, 1, 1)
    painting = painters(x.expand(len(painters.seeds), *x.shape))
    return painting.pixel_nats.mean(1), painting.code_nats.sum(-1).mean(1)


@torch.no_grad()
def judged(painters, judge, known, n, typical):
    """Of n new pictures of each network: how many the judge names, is sure of, and are nearer to a known one than typical."""
    canvases = painters.sample(n).canvases[:, :, -1]
    rows = []
    for pictures in (canvases > 0).float():
        sure = verdict(judge, pictures).sure
        near = nearest(pictures, known)
        rows.append([(sure > 0.5).mean(), (sure > 0.9).mean(), (near < typical).mean()])
    return np.array(rows).T


def paint(kind, seeds, steps, lr, samples):
    """Train painters on the black and white digits: what held-out digits cost, and what the judge says of samples."""
    learned, held_out = digits()
    known, unseen = ink(learned.x), ink(held_out.x)
    painters = learn_to_paint(
        kind, lambda rng, n: known[rng.integers(len(known), size=n)], seeds, steps, lr
    )
    pixels, codes = bound(painters, unseen)
    typical = np.median(nearest(unseen, known))
    named, sure, near = judged(painters, judge(), known, samples, typical)
    return {
        "kind": kind,
        "parameters": parameters(painters),
        "nats": significant(pixels + codes, 4),
        "pixels": significant(pixels, 4),
        "codes": significant(codes, 4),
        "named": significant(named, 4),
        "sure": significant(sure, 4),
        "near": significant(near, 4),
    }


@cache
def judge():
    """The judge that has learned from the same digits."""
    learned, _ = digits()
    return train_judge(ink(learned.x), learned.y)


def painting(known, seeds=SEEDS, steps=2000, lr=8e-3, samples=1000, kinds=PAINTERS):
    """DRAW by its steps on the 8 x 8 digits."""
    settings = {"seeds": list(seeds), "steps": steps, "lr": lr, "samples": samples}
    wanted = [{"kind": kind} for kind in kinds]
    return collect(known, "painting", settings, wanted, partial(paint, **settings))


def paint_placed(kind, seeds, steps, lr, size):
    """Train painters on digits that stand anywhere on an empty canvas."""
    learned, held_out = digits()

    def pictures(rng, n, source=learned):
        return ink(draw_canvases(rng, n, source, size, scraps=0).x)

    painters = learn_to_paint(kind, pictures, seeds, steps, lr, size=size)
    pixels, codes = bound(
        painters, pictures(np.random.default_rng(10**6), 1000, held_out), 1
    )
    return {
        "kind": kind,
        "parameters": parameters(painters),
        "nats": significant(pixels + codes, 4),
        "codes": significant(codes, 4),
    }


def placed(known, seeds=SEEDS, steps=1500, lr=8e-3, size=16):
    """One step, eight steps, and eight with windows, where the place of the digit is free."""
    settings = {"seeds": list(seeds), "steps": steps, "lr": lr, "size": size}
    wanted = [{"kind": kind} for kind in ("1 step", "8 steps", "8 steps, windows")]
    return collect(known, "placed", settings, wanted, partial(paint_placed, **settings))


EXPERIMENT = Experiment(
    "pictures",
    parts={
        "glimpses": glimpses,
        "canvas": canvas,
        "variance": variance,
        "painting": painting,
        "placed": placed,
    },
    ships={"ship": ship},
)

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
