"""Train the models of chapter 11 longer and more often than a chapter may, and measure what it compares.

    python tools/vqa_runs.py             all parts, in this order
    python tools/vqa_runs.py encoder     the eye, which all models share
    python tools/vqa_runs.py long        attention over regions, trained longer; where it points
    python tools/vqa_runs.py fusions     concatenation and multiplication: four rates, then five seeds
    python tools/vqa_runs.py attention   attention for as many steps as those two, three seeds
    python tools/vqa_runs.py without     the question alone, the image alone, attention without the product
    python tools/vqa_runs.py leaning     questions whose words give the answer away nine times of ten
    python tools/vqa_runs.py clips       which way does it move: all frames, the middle one, shuffled

Figures go to rnnkit/data/runs/vqa.json; the encoder and the first seed's models to
rnnkit/nn/shipped/vqa.safetensors. One thread; steps instead of minutes: the same numbers every time.
"""

import argparse
import json
import time
from itertools import product

import torch
from reports import write_report

from rnnkit.data.balance import lean
from rnnkit.data.descriptions import ANSWERS, FORMS, QUESTION_WORDS, generate_questions
from rnnkit.data.moving_scenes import generate_clip_questions, generate_clip_scenes
from rnnkit.data.pointing import pointing
from rnnkit.data.runs import FOLDER
from rnnkit.data.scenes import NAMES, generate_drawings, generate_scenes
from rnnkit.nn.encoder import Classifier, Drawings, encode
from rnnkit.nn.training import Training, fit
from rnnkit.nn.vqa.asking import accuracy, reply
from rnnkit.nn.vqa.attention import Attention
from rnnkit.nn.vqa.clip import ClipAttention
from rnnkit.nn.vqa.files import SHIPPED, load_vqa, save_vqa
from rnnkit.nn.vqa.fusion import Fusion
from rnnkit.nn.vqa.question_set import QuestionSet

OUT = FOLDER / "vqa.json"
PATTERNS = ("ab", "aab", "abc", "aaab", "aabc")
SCENES, QUESTIONS = 12_000, 200_000  # to learn from
TEST_SCENES, TEST_QUESTIONS = 1500, 3000
BATCH = {"batch_size": 64, "per_picture": 4}
RATES = (2e-3, 4e-3, 8e-3, 1.6e-2)
LEANING = {"scenes": 4000, "questions": 25_000, "share": 0.9, "yes": NAMES[::2]}
STEPS = {"long": 4000, "equal": 2000, "tuning": 1000, "clips": 600}
ATTENTION_RATE = 6e-3
ROUNDS = (6e-3, 4e-3, 3e-3)  # peak rates of the long run, which anneals three times
CLIP_RATE = 4e-3
CLIPS, FRAMES, OVER_TIME = 1200, 5, "side by side"


def rounded(value, digits=4):
    """The same dict, list or number with fewer digits."""
    if isinstance(value, dict):
        return {key: rounded(v, digits) for key, v in value.items()}
    if isinstance(value, list):
        return [rounded(v, digits) for v in value]
    return round(value, digits) if isinstance(value, float) else value


def encoder():
    """Train the encoder to name single drawings, and ship it."""
    torch.manual_seed(0)
    classifier = Classifier(len(NAMES))
    data = Drawings(*generate_drawings(8000, seed=1))
    fit(Training(classifier, data, steps=800, lr=4e-3), bar=False)
    images, labels = generate_drawings(1000, seed=2)
    with torch.no_grad():
        best = classifier.eval()(torch.as_tensor(images)).argmax(dim=1)
    save_vqa(SHIPPED, classifier.encoder, {})
    right = (best == torch.as_tensor(labels)).float().mean().item()
    return {"drawings": 8000, "steps": 800, "lr": 4e-3, "accuracy": right}


class World:
    """Scenes with their regions and questions: to learn from, and two kinds to be tested on."""

    def __init__(self, eye):
        self.things, self.regions, self.asked = {}, {}, {}
        for name, (n, m, seed, pairs) in {
            "training": (SCENES, QUESTIONS, 10, "seen"),
            "ordinary": (TEST_SCENES, TEST_QUESTIONS, 11, "seen"),
            "pairs": (TEST_SCENES, TEST_QUESTIONS, 12, "held-out"),
        }.items():
            scenes = generate_scenes(n, seed=seed, patterns=PATTERNS, pairs=pairs)
            self.things[name] = scenes.things
            self.regions[name] = encode(eye, scenes.images)
            self.asked[name] = generate_questions(scenes, m, seed=seed)

    def train(self, model, steps, lr, seed):
        """Train a model on it; returns the training's history as points."""
        model.standardise(self.regions["training"])
        data = QuestionSet(
            self.regions["training"],
            self.asked["training"],
            model.words,
            model.answers,
            **BATCH,
            seed=seed,
        )
        history = fit(Training(model, data, steps=steps, lr=lr), bar=False)
        return [rounded(point["train_loss"]) for point in history.points]

    def test(self, model):
        """Accuracy by form of question, on ordinary scenes and on held-out pairs."""
        return {
            name: rounded(
                accuracy(
                    reply(model, self.regions[name], self.asked[name])[0],
                    self.asked[name],
                )
            )
            for name in ("ordinary", "pairs")
        }

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


def ship(**models):
    """Put models beside the encoder into the shipped file; those of other names stay."""
    eye, before, metadata = load_vqa()
    save_vqa(SHIPPED, eye, before | models, {"command": "python tools/vqa_runs.py"})


def run(world, model, steps, lr, seed, **about):
    """Train and test one model: a dict for the report."""
    begun = time.process_time()
    loss = world.train(model, steps, lr, seed)
    result = about | {"seed": seed, "lr": lr, "steps": steps, "loss": loss}
    result |= world.test(model)
    result["seconds"] = round(time.process_time() - begun)
    print(result, flush=True)
    return result


def long(world):
    """Attention over regions, and where its glances point, beside an untrained model; it is shipped."""
    model = build(Attention, 0)
    untrained = world.points(model)
    rounds = []
    for seed, lr in enumerate(ROUNDS):
        rounds.append(run(world, model, STEPS["long"], lr, seed))
    ship(attention=model)
    yield {
        "rounds": rounds,
        "pointing": world.points(model),
        "untrained": untrained,
    }


def attention(world):
    """Attention for as many steps as `fusions`, three seeds."""
    runs = []
    for seed in (0, 1, 2):
        model = build(Attention, seed)
        found = run(world, model, STEPS["equal"], ATTENTION_RATE, seed)
        runs.append(found | {"pointing": world.points(model)})
        yield {"runs": runs}


def fusions(world):
    """Concatenation against multiplication: the best of four rates for each, then five seeds.

    What the report already holds of it, under the same settings, is kept.
    """
    found = {"rates": RATES, "best": {}, "tuning": [], "runs": []}
    before = json.loads(OUT.read_text("utf-8")).get("fusions", {})
    for fusion in ("concatenation", "multiplication"):
        for lr in RATES:
            about = {"fusion": fusion, "seed": 100, "lr": lr, "steps": STEPS["tuning"]}
            found["tuning"].append(
                look_up(before.get("tuning", []), about)
                or run(world, build(Fusion, 100, fusion=fusion), **about)
            )
        mine = [t for t in found["tuning"] if t["fusion"] == fusion]
        best = max(mine, key=lambda t: sum(t["ordinary"].values()))
        found["best"][fusion] = best["lr"]
    for seed in range(5):
        for fusion, lr in found["best"].items():
            about = {"fusion": fusion, "seed": seed, "lr": lr, "steps": STEPS["equal"]}
            model = build(Fusion, seed, fusion=fusion)
            old = look_up(before.get("runs", []), about)
            found["runs"].append(old or run(world, model, **about))
            if seed == 0 and old is None:
                ship(**{fusion: model})
            yield found


def look_up(runs, about):
    """The stored run under these settings, or None."""
    return next((r for r in runs if about.items() <= r.items()), None)


def without(world):
    """What the words alone tell, what the picture alone tells, and attention whose product is a sum."""
    runs = []
    for fusion in ("question", "image"):
        model = build(Fusion, 0, fusion=fusion)
        runs.append(run(world, model, STEPS["tuning"], 4e-3, 0, variant=fusion))
    for seed in (0, 1, 2):
        model = build(Attention, seed, fusion="concatenation")
        about = {"variant": "attention, concatenation"}
        runs.append(run(world, model, STEPS["equal"], ATTENTION_RATE, seed, **about))
        yield {"runs": runs}


def leaning(world):
    """Attention on existence questions that lean, for some steps and for four times as many; three seeds.

    Beside it the same network, trained on balanced ones. The other forms are balanced for both.
    """
    eye, _, _ = load_vqa()
    about = {"patterns": PATTERNS}
    learn = generate_scenes(LEANING["scenes"], seed=10, **about)
    test = generate_scenes(800, seed=11, **about)
    forms = ("existence", "kind", "what")
    balanced = generate_questions(learn, LEANING["questions"], 1, forms)
    existence = [pair for pair in balanced if pair[1].form == "existence"]
    others = [pair for pair in balanced if pair[1].form != "existence"]
    many = generate_questions(test, 3000, 2, ("existence",))
    share, yes = LEANING["share"], LEANING["yes"]
    tests = {"same": lean(many, share, yes), "balanced": many}
    tests["turned round"] = lean(many, 1 - share, yes)
    asked = {"balanced": balanced, "leaning": lean(existence, share, yes) + others}
    learn, test = (encode(eye, scenes.images) for scenes in (learn, test))
    runs = []
    for seed, (trained_on, steps) in product(
        (0, 1, 2), (("balanced", 700), ("leaning", 700), ("leaning", 2800))
    ):
        model = build(Attention, seed)
        model.standardise(learn)
        data = QuestionSet(
            learn, asked[trained_on], model.words, model.answers, **BATCH, seed=seed
        )
        fit(Training(model, data, steps=steps, lr=ATTENTION_RATE), bar=False)
        run = {"trained_on": trained_on, "seed": seed, "steps": steps}
        for name, some in tests.items():
            right = accuracy(reply(model, test, some)[0], some)["existence"]
            run[name] = rounded(right)
        runs.append(run)
        print(run, flush=True)
        yield LEANING | {"runs": runs}


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


def clips(world):
    """Questions about clips, three seeds: trained and tested on all frames, on one, on shuffled ones."""
    eye, models, _ = load_vqa()
    sets = {}
    for name, n, seed in (("training", CLIPS, 20), ("test", 300, 21)):
        found = generate_clip_scenes(n, seed=seed, frames=FRAMES)
        regions = encode(eye, found.images.reshape(-1, 64, 64, 3))
        regions = regions.view(n, FRAMES, *regions.shape[1:])
        sets[name] = regions, generate_clip_questions(found, 5 * n, seed=seed)
    runs = []
    for seed in (0, 1, 2):
        for view in VIEWS:
            model = build(ClipAttention, seed, over_time=OVER_TIME)
            model.inherit(models["attention"])
            runs.append(watch(model, sets, view, seed))
            print(runs[-1], flush=True)
            yield {"clips": CLIPS, "frames": FRAMES, "runs": runs}


def watch(model, sets, view, seed):
    """Train and test a model on one view of the clips: a dict for the report."""
    regions, asked = sets["training"]
    regions = VIEWS[view](regions)
    data = QuestionSet(regions, asked, model.words, model.answers, 24, 6, seed=seed)
    steps = STEPS["clips"]
    history = fit(Training(model, data, steps=steps, lr=CLIP_RATE), bar=False)
    regions, asked = sets["test"]
    replies, _ = reply(model, VIEWS[view](regions), asked)
    return {
        "view": view,
        "seed": seed,
        "lr": CLIP_RATE,
        "steps": steps,
        "loss": [rounded(point["train_loss"]) for point in history.points],
        "test": rounded(accuracy(replies, asked)),
    }


PARTS = {
    "long": long,
    "fusions": fusions,
    "attention": attention,
    "without": without,
    "leaning": leaning,
    "clips": clips,
}


def write(**parts):
    """Put parts into the report; the others stay."""
    sizes = {"scenes": SCENES, "questions": QUESTIONS, "patterns": PATTERNS}
    write_report(OUT, "python tools/vqa_runs.py", **sizes, **BATCH, **parts)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    choice = ["encoder", *PARTS]
    parser.add_argument("part", nargs="*", help=f"some of {', '.join(choice)}")
    wanted = parser.parse_args().part or choice
    torch.set_num_threads(1)
    if "encoder" in wanted:
        write(encoder=rounded(encoder()))
    needs_scenes = set(wanted) - {"encoder", "leaning", "clips"}
    world = World(load_vqa()[0]) if needs_scenes else None
    for name in wanted:
        if name in PARTS:
            for found in PARTS[name](world):  # written after every run
                write(**{name: found})


if __name__ == "__main__":
    main()
