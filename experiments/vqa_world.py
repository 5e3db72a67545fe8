"""What the models of chapter 11 are trained on and judged by: scenes, questions, answers, glances."""

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

from experiments.harness import rounded
from rnnkit.nn.encoder import encode
from rnnkit.nn.training import Training, fit
from rnnkit.nn.vqa.asking import accuracy, reply
from rnnkit.nn.vqa.files import SHIPPED, load_vqa, save_vqa
from rnnkit.nn.vqa.question_set import QuestionSet
from rnnkit.scenes.layouts import generate_scenes
from rnnkit.scenes.pointing import pointing
from rnnkit.scenes.questions import ANSWERS, FORMS, QUESTION_WORDS, generate_questions

PATTERNS = ("ab", "aab", "abc", "aaab", "aabc")
BATCH = {"batch_size": 64, "per_picture": 4}
ATTENTION_RATE = 6e-3


@dataclass(frozen=True)
class Sizes:
    """How large the experiment is. shipped: the file of the models, which it reads and adds to."""

    scenes: int = 12_000
    questions: int = 200_000
    test_scenes: int = 1500
    test_questions: int = 3000
    long_steps: int = 4000
    equal_steps: int = 2000
    tuning_steps: int = 1000
    shipped: Path = SHIPPED


SIZES = Sizes()


@cache
def world(sizes):
    """The World of these sizes, made once for all parts, with the encoder that is shipped."""
    return World(load_vqa(sizes.shipped)[0], sizes)


class World:
    """Scenes with their regions and questions: to learn from, and two kinds to be tested on."""

    def __init__(self, eye, sizes):
        self.things, self.regions, self.asked = {}, {}, {}
        test = sizes.test_scenes, sizes.test_questions
        for name, (n, m, seed, pairs) in {
            "training": (sizes.scenes, sizes.questions, 10, "seen"),
            "ordinary": (*test, 11, "seen"),
            "pairs": (*test, 12, "held-out"),
        }.items():
            scenes = generate_scenes(n, seed=seed, patterns=PATTERNS, pairs=pairs)
            self.things[name] = scenes.things
            self.regions[name] = encode(eye, scenes.images)
            self.asked[name] = generate_questions(scenes, m, seed=seed)

    def train(self, model, steps, lr, seed):
        """Train a model on it; returns the training's history as points."""
        model.standardise(self.regions["training"])
        return learn(
            model, self.regions["training"], self.asked["training"], steps, lr, seed
        )

    def test(self, model):
        """Accuracy by form of question, on ordinary scenes and on held-out pairs."""
        found = {}
        for name in ("ordinary", "pairs"):
            replies, _ = reply(model, self.regions[name], self.asked[name])
            found[name] = rounded(accuracy(replies, self.asked[name]))
        return found

    def points(self, model):
        """Where each glance of an attention model looks, by form and by what it could look at."""
        _, weights = reply(model, self.regions["ordinary"], self.asked["ordinary"])
        found = {}
        for form in FORMS:
            rows = [
                k for k, (_, q) in enumerate(self.asked["ordinary"]) if q.form == form
            ]
            asked = [self.asked["ordinary"][k] for k in rows]
            for what in ("named", "other", "meant"):
                at = pointing(asked, weights[rows], self.things["ordinary"], what)
                if at["n"]:
                    found.setdefault(form, {})[what] = rounded(at)
        return found


def build(kind, seed, **options):
    """A fresh model of one kind that knows all words of questions."""
    torch.manual_seed(seed)
    return kind(QUESTION_WORDS, ANSWERS, **options)


def learn(model, regions, asked, steps, lr, seed, batch=BATCH):
    """Train a model on questions about regions; returns the losses on the way."""
    data = QuestionSet(regions, asked, model.words, model.answers, **batch, seed=seed)
    history = fit(Training(model, data, steps=steps, lr=lr), bar=False)
    return [rounded(point["train_loss"]) for point in history.points]


def run(world, model, steps, lr, seed, **about):
    """Train and test one model: a dict for the report."""
    begun = time.process_time()
    loss = world.train(model, steps, lr, seed)
    result = about | {"seed": seed, "lr": lr, "steps": steps, "loss": loss}
    return result | world.test(model) | {"seconds": round(time.process_time() - begun)}


def ship(path, **models):
    """Put models beside the encoder into the shipped file; those of other names stay."""
    eye, before, _ = load_vqa(path)
    save_vqa(path, eye, before | models, {"command": "python -m experiments.vqa"})
