"""Chapter 12: what paints, DRAW by its number of steps, and what its paintings are."""

from functools import cache, partial

import numpy as np
import torch

from experiments.harness import collect, significant
from experiments.pictures_reading import SEEDS, digits, parameters
from rnnkit.data.digits import draw_canvases, ink
from rnnkit.nn.pictures.judge import nearest, train_judge, verdict
from rnnkit.nn.pictures.painters import Painters
from rnnkit.nn.side_by_side import train

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
    # as many numbers a stroke as there are pixels
    "8 steps, 8 x 8 windows": {"steps": 8, "grid": 8},
}


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
    """What a judge says of n new pictures of each network, once each pixel as it is likelier, once each drawn.

    Returns a dict of (N,): how many it names, is sure of, and are nearer to a known one than typical.
    """
    canvases = painters.sample(n).canvases[:, :, -1]
    chance = painters.draw(torch.rand, *canvases.shape[1:])
    found = {}
    for end, black in (("", canvases > 0), ("_drawn", chance < canvases.sigmoid())):
        sure = np.stack([verdict(judge, pictures).sure for pictures in black.float()])
        near = np.stack([nearest(pictures, known) for pictures in black.float()])
        shares = {"named": sure > 0.5, "sure": sure > 0.9, "near": near < typical}
        for name, true in shares.items():
            found[name + end] = significant(true.mean(1), 4)
    return found


def paint(kind, seeds, steps, lr, samples):
    """Train painters on the black and white digits: what held-out digits cost, and what the judge says of samples."""
    learned, held_out = digits()
    known, unseen = ink(learned.x), ink(held_out.x)
    painters = learn_to_paint(
        kind, lambda rng, n: known[rng.integers(len(known), size=n)], seeds, steps, lr
    )
    pixels, codes = bound(painters, unseen)
    typical = np.median(nearest(unseen, known))
    said = judged(painters, judge(), known, samples, typical)
    return {
        "kind": kind,
        "lr": lr,
        "steps": steps,
        "parameters": parameters(painters),
        "nats": significant(pixels + codes, 4),
        "pixels": significant(pixels, 4),
        "codes": significant(codes, 4),
        "learned": significant(sum(bound(painters, known)), 4),
        **said,
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


def longer(known, seeds=SEEDS, samples=1000, steps=4000):
    """Twice the updates for eight steps, for the wide one, at half the rate, and for the code of 64 numbers."""
    settings = {"seeds": list(seeds), "samples": samples}
    wanted = [
        {"kind": "1 step, wide", "lr": 4e-3, "steps": steps},
        {"kind": "8 steps", "lr": 8e-3, "steps": steps},
        {"kind": "1 step, 64 numbers", "lr": 8e-3, "steps": steps},
    ]
    return collect(known, "longer", settings, wanted, partial(paint, **settings))


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
