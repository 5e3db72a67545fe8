"""What the captioners of chapter 5 are trained on and judged by: an encoder, scenes, scores, maps of attention."""

import numpy as np
import torch

from experiments.harness import rounded
from rnnkit.nn.captioning.caption_set import CaptionSet, decode_caption
from rnnkit.nn.captioning.writing import evidence, greedy
from rnnkit.nn.encoder import Classifier, Drawings, encode
from rnnkit.nn.training import Training, fit
from rnnkit.scenes.captions import captions
from rnnkit.scenes.drawings import KINDS, NAMES
from rnnkit.scenes.layouts import generate_drawings, generate_scenes
from rnnkit.scenes.pointing import points
from rnnkit.scenes.scoring import score

ENCODER = {"drawings": 4000, "steps": 500, "lr": 5e-3, "batch_size": 64}
SCENES, TEST = 8000, 400
STEPS, BATCH, RATE = 1200, 128, 8e-3


def train_encoder(drawings, steps, lr, batch_size, seed=0):
    """Train the encoder to name single drawings; returns it without its head."""
    torch.manual_seed(seed)
    images, labels = generate_drawings(drawings, seed=1)
    model = Classifier(len(NAMES))
    data = Drawings(images, labels, batch_size, seed)
    fit(Training(model, data, steps=steps, lr=lr), bar=False)
    return model.encoder.eval()


def make_tests(n=TEST):
    """The three kinds of test scenes, n of each, by name."""
    known = [name for name, (_, _, held_out) in KINDS.items() if held_out]
    return {
        "ordinary": generate_scenes(n, seed=11),
        "pairs": generate_scenes(n, seed=12, pairs="held-out"),
        "drawings": generate_scenes(n, seed=13, names=known, drawings="held-out"),
    }


class Bench:
    """The encoder, the scenes and their regions, made once for many models.

    scenes: how many to learn from. test: how many of each kind to be tested on. encoder: its drawings, steps,
    rate and batch size.
    """

    def __init__(self, scenes=SCENES, test=TEST, encoder=None):
        self.encoder = train_encoder(**(encoder or ENCODER))
        train = generate_scenes(scenes, seed=10)
        self.captions = [captions(things) for things in train.things]
        self.regions = encode(self.encoder, train.images)
        self.tests = make_tests(test)
        self.seen = {k: encode(self.encoder, s.images) for k, s in self.tests.items()}

    def __len__(self):
        return len(self.captions)

    def train(self, model, seed, steps=STEPS, lr=RATE, batch_size=BATCH):
        """Train a captioner; returns the points of its history, losses in nats per word."""
        model.standardise(self.regions)
        data = CaptionSet(self.regions, self.captions, model.words, batch_size, seed)
        training = Training(model, data, steps=steps, lr=lr)
        fit(training, bar=False)
        model.eval()
        return [
            {"step": p["step"], "loss": round(p["train_loss"], 4)}
            for p in training.history.points
        ]

    def figures(self, model):
        """Scores of a model's greedy captions on every kind of test scenes."""
        return {
            k: figures(model, self.seen[k], s.things) for k, s in self.tests.items()
        }


def write(model, regions):
    """Greedy captions: indices (N, T), lists of words, Glances or None."""
    model.eval()
    indices, glances = greedy(model, regions)
    return indices, [decode_caption(row, model.words) for row in indices], glances


def figures(model, regions, things):
    """Exact, nouns; and where an attention captioner points."""
    indices, words, glances = write(model, regions)
    found = rounded(score(words, things))
    if glances is not None:
        found |= pointing(words, things, maps_of(model, regions, indices, glances))
    return found


def maps_of(model, regions, indices, glances):
    """All maps that may point, by name: each glance's weights, and the evidence, (N, T, R)."""
    maps = {
        f"glance {g + 1}": glances.weights[:, :, g] for g in range(len(glances.scores))
    }
    if model.config.get("estimator") == "reinforce":
        return maps  # its draws have no derivative, so there is no evidence
    return maps | {"evidence": evidence(model, regions, indices)}


def pointing(words, things, maps):
    """How often each map points at what is named: at both steps, for the first and the second noun."""
    found = {}
    for name, each in maps.items():
        for step in ("first", "noun", "after"):
            both = [
                points(w, m, t, step)
                for w, m, t in zip(words, each.numpy(), things, strict=True)
            ]
            found[f"{name} at {step}"] = pointing_at(both)
            if name == "evidence":  # it has a sign: no share of a whole
                del found[f"{name} at {step}"]["mass"]
    return {"pointing": found}


def pointing_at(both):
    """Means over captions' phrases, each (phrases, 3): hits, mass, chance; hits of the first and second noun."""
    rows = np.concatenate(both)
    first, second = ([b[i] for b in both if len(b) > i] for i in (0, 1))
    return {
        "pointing": mean(rows, 0),
        "mass": mean(rows, 1),
        "chance": mean(rows, 2),
        "first_noun": mean(first, 0),
        "second_noun": mean(second, 0),
    }


def mean(rows, column):
    """The mean of one column, rounded; 0 where no caption has such a noun."""
    return round(np.array(rows)[:, column].mean(), 4) if len(rows) else 0.0
