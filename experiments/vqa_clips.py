"""Which way does it move: a part of `experiments.vqa`."""

import torch

from experiments.harness import collect, rounded
from experiments.vqa_world import build, learn
from rnnkit.nn.encoder import encode
from rnnkit.nn.vqa.asking import accuracy, reply
from rnnkit.nn.vqa.clip import ClipAttention
from rnnkit.nn.vqa.files import SHIPPED, load_vqa
from rnnkit.scenes.clips import generate_clip_scenes
from rnnkit.scenes.questions import generate_clip_questions

RATE, FRAMES, OVER_TIME = 4e-3, 5, "side by side"


def shuffled(regions):
    """Every clip's frames in an order of its own."""
    rng = torch.Generator().manual_seed(0)
    order = torch.rand(regions.shape[:2], generator=rng).argsort(dim=1)
    return regions[torch.arange(len(regions))[:, None], order]


VIEWS = {
    "all": lambda regions: regions,
    "one": lambda regions: regions[:, FRAMES // 2, None].expand_as(regions),
    "shuffled": shuffled,
}


def clips(known, n=1200, test=300, seeds=(0, 1, 2), steps=600, shipped=SHIPPED):
    """Questions about clips: trained and tested on all frames, on one, on shuffled ones.

    n, test: clips to learn from and to be tested on.
    """
    eye, models, _ = load_vqa(shipped)
    sets = {"training": film(eye, n, 20), "test": film(eye, test, 21)}
    wanted = [
        {"view": view, "seed": seed, "lr": RATE, "steps": steps}
        for seed in seeds
        for view in VIEWS
    ]

    def measure(view, seed, lr, steps):
        model = build(ClipAttention, seed, over_time=OVER_TIME)
        model.inherit(models["attention"])
        return watch(model, sets, view, seed, lr, steps)

    return collect(known, "clips", {"clips": n, "frames": FRAMES}, wanted, measure)


def film(eye, n, seed):
    """The regions of n clips, (n, FRAMES, ...), and five times as many questions."""
    found = generate_clip_scenes(n, seed=seed, frames=FRAMES)
    regions = encode(eye, found.images.reshape(-1, 64, 64, 3))
    regions = regions.view(n, FRAMES, *regions.shape[1:])
    return regions, generate_clip_questions(found, 5 * n, seed=seed)


def watch(model, sets, view, seed, lr, steps):
    """Train and test a model on one view of the clips: a dict for the report."""
    regions, asked = sets["training"]
    batch = {"batch_size": 24, "per_picture": 6}
    loss = learn(model, VIEWS[view](regions), asked, steps, lr, seed, batch)
    regions, asked = sets["test"]
    replies, _ = reply(model, VIEWS[view](regions), asked)
    result = {"view": view, "seed": seed, "lr": lr, "steps": steps, "loss": loss}
    return result | {"test": rounded(accuracy(replies, asked))}
