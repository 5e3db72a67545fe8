"""Chapter 12: what reads a picture by glimpses, digits of 8 x 8 pixels and digits among scraps on a canvas."""

from functools import cache, partial

import numpy as np
import torch

from experiments.harness import collect, significant
from rnnkit.data.digits import SIDE, draw_canvases, draw_digits, load_digits
from rnnkit.nn.pictures.readers import EYES, GlimpseReaders, accuracy
from rnnkit.nn.side_by_side import train

SEEDS = (0, 1, 2)
ALL_AT_ONCE = "all at once"


@cache
def digits():
    """The digits to learn from, and those held out."""
    return load_digits()


def parameters(networks):
    """How many numbers one of the networks learns."""
    return sum(p.numel() for p in networks.parameters()) // len(networks.seeds)


class WeighedReaders(GlimpseReaders):
    """Readers whose eye follows the slope of the mean reward.

    `eye_loss` pays a place with the share of right answers from there on. Here each place weighs as many answers as
    that share is made of, so that what is paid are sums over one and the same number.
    """

    def eye_loss(self, reading, right):
        ahead = torch.arange(right.shape[-1], 0, -1) / right.shape[-1]
        return super().eye_loss(reading._replace(log_p=reading.log_p * ahead), right)


def learn_to_read(task, steps, lr, seeds, kind=GlimpseReaders, **settings):
    """Train readers of one kind, all seeds side by side."""
    readers = kind(seeds=seeds, **settings)
    train(readers, task, steps, lr=lr, batch_size=64)
    return readers.eval()


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


def search_canvas(
    eye,
    seeds,
    steps,
    lr,
    size,
    glimpses,
    test,
    scales=None,
    baseline=True,
    draw=draw_canvases,
    kind=GlimpseReaders,
):
    """Train readers on canvases; held-out accuracy, and how often a glimpse's middle is on the digit."""
    learned, held_out = digits()
    settings = reader_settings(eye, size, 6, glimpses)
    settings["scales"] = scales or (1 if eye in ("soft", ALL_AT_ONCE) else 2)
    settings |= {"baseline": baseline, "kind": kind}
    task = partial(draw, digits=learned, size=size)
    readers = learn_to_read(task, steps, lr, seeds, **settings)
    canvases = draw(np.random.default_rng(10**6), test, held_out, size)
    return {
        "eye": eye,
        "baseline": baseline,
        "parameters": parameters(readers),
        "accuracy": significant(accuracy(readers, canvases.x, canvases.y), 4),
        "on_digit": significant(on_digit(readers, canvases), 4),
    }


@torch.no_grad()
def on_digit(readers, canvases):
    """How often the middle of each glimpse is on the digit: (N, T)."""
    N = len(readers.seeds)
    # A soft eye's middle lies on a pixel, from the first to the last; a square begins on one.
    side = 1 if readers.eye == "soft" else readers.side
    reading = readers(torch.as_tensor(canvases.x).expand(N, *canvases.x.shape))
    middle = (reading.places + 1) / 2 * (readers.size - side) + side / 2  # in pixels
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


def search_at(eye, lr, scales, **settings):
    """`search_canvas` at a rate, and with squares in a glimpse, of its own."""
    return {"lr": lr, "scales": scales} | search_canvas(
        eye, lr=lr, scales=scales, **settings
    )


def rates(known, seeds=SEEDS, steps=2500, size=20, glimpses=4, test=2000):
    """The canvas at other learning rates; and the learned eye without its coarse square, as the soft eye is."""
    settings = {"steps": steps, "size": size, "glimpses": glimpses}
    settings["seeds"] = list(seeds)
    kinds = [("soft", 5e-3, 1), ("soft", 3e-3, 1), ("learned", 3e-3, 2)]
    kinds += [("random", 3e-3, 2), ("scan", 3e-3, 2), (ALL_AT_ONCE, 3e-3, 1)]
    kinds += [("learned", 1e-2, 1)]
    wanted = [{"eye": eye, "lr": lr, "scales": scales} for eye, lr, scales in kinds]
    measure = partial(search_at, test=test, **settings)
    return collect(known, "rates", settings, wanted, measure)


def draw_centred(rng, n, digits, size):
    """Canvases that are shifted round their edges, scraps and all, until the digit stands in the middle."""
    canvases = draw_canvases(rng, n, digits, size)
    shift = (size - SIDE) // 2 - canvases.corner
    pairs = zip(canvases.x, shift, strict=True)
    x = np.stack([np.roll(picture, by, axis=(0, 1)) for picture, by in pairs])
    return canvases._replace(x=x, corner=canvases.corner + shift)


def centred(known, seeds=SEEDS, steps=2500, size=20, glimpses=4, test=2000):
    """All pixels at once where the digit stands in the middle of the canvas."""
    settings = {"steps": steps, "size": size, "glimpses": glimpses}
    settings["seeds"] = list(seeds)
    wanted = [{"eye": ALL_AT_ONCE, "lr": lr, "scales": 1} for lr in (1e-2, 3e-3)]
    measure = partial(search_at, test=test, draw=draw_centred, **settings)
    return collect(known, "centred", settings, wanted, measure)


def weighed(known, seeds=SEEDS, steps=2500, lr=1e-2, size=20, glimpses=4, test=2000):
    """The learned eye taught by the slope of the mean reward, with the baseline and without."""
    settings = {"steps": steps, "lr": lr, "size": size, "glimpses": glimpses}
    settings["seeds"] = list(seeds)
    wanted = [{"eye": "learned", "baseline": baseline} for baseline in (True, False)]
    measure = partial(search_canvas, test=test, kind=WeighedReaders, **settings)
    return collect(known, "weighed", settings, wanted, measure)


def variance(known, seeds=(0, 1, 2, 3), steps=600, lr=1e-2, draws=400, size=20):
    """The gradient on the eye's matrix for one batch, drawn again and again, with the baseline and without.

    scatter: a gradient's distance from the mean, the root of the mean square; mean: that mean's length; a network each.
    """
    learned, held_out = digits()
    task = partial(draw_canvases, digits=learned, size=size)
    settings = {"eye": "learned", "size": size, "side": 6, "scales": 2}
    readers = learn_to_read(task, steps, lr, seeds, **settings)
    batch = draw_canvases(np.random.default_rng(10**6), 64, held_out, size)
    found = {}
    for name, baseline in (("with", True), ("without", False)):
        readers.baseline = baseline
        drawn = torch.stack([eye_gradient(readers, batch) for _ in range(draws)])
        scatter = ((drawn - drawn.mean(0)) ** 2).sum(-1).mean(0).sqrt()
        found[name] = {
            "scatter": significant(scatter, 3),
            "mean": significant(drawn.mean(0).norm(dim=-1), 3),
        }
    return {"seeds": list(seeds), "steps": steps, "lr": lr, "draws": draws, **found}


def eye_gradient(readers, batch):
    """REINFORCE's gradient on each network's W_hl from one draw of all places, as one vector: (N, 2 H)."""
    N, y = len(readers.seeds), torch.as_tensor(batch.y)
    x = torch.as_tensor(batch.x)
    reading = readers(x.expand(N, *x.shape), explore=True)
    right = (reading.logits.argmax(-1) == y[:, None]).float()
    loss = readers.eye_loss(reading, right[..., 1:]).sum()
    (gradient,) = torch.autograd.grad(loss, readers.p["W_hl"])
    return gradient.flatten(1)
