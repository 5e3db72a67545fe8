"""Train the models of chapter 11 longer and more often than a chapter may, and measure what it compares.

    python -m experiments.vqa             all parts that the report lacks, in this order:
    python -m experiments.vqa encoder     the eye, which all models share
    python -m experiments.vqa long        attention over regions, trained longer; where it points
    python -m experiments.vqa fusions     concatenation and multiplication: four rates, then five seeds
    python -m experiments.vqa attention   attention for as many steps as those two, three seeds
    python -m experiments.vqa without     the question alone, the image alone, attention without the product
    python -m experiments.vqa leaning     questions whose words give the answer away nine times of ten
    python -m experiments.vqa clips       which way does it move: all frames, the middle one, shuffled

The encoder, the attention of "long" and the first seed's fusions go to rnnkit/nn/shipped/vqa.safetensors.
"""

from itertools import product

import torch

from experiments.harness import Experiment, collect, each, main, rounded
from experiments.vqa_clips import clips
from experiments.vqa_world import (
    ATTENTION_RATE,
    BATCH,
    PATTERNS,
    SIZES,
    build,
    learn,
    run,
    ship,
    world,
)
from rnnkit.nn.encoder import Classifier, Drawings, encode
from rnnkit.nn.training import Training, fit
from rnnkit.nn.vqa.asking import accuracy, reply
from rnnkit.nn.vqa.attention import Attention
from rnnkit.nn.vqa.files import SHIPPED, load_vqa, save_vqa
from rnnkit.nn.vqa.fusion import Fusion
from rnnkit.scenes.balance import lean
from rnnkit.scenes.drawings import NAMES
from rnnkit.scenes.layouts import generate_drawings, generate_scenes
from rnnkit.scenes.questions import generate_questions

SEEDS = (0, 1, 2)
RATES = (2e-3, 4e-3, 8e-3, 1.6e-2)
SHARE, YES = 0.9, NAMES[::2]  # how often yes is right of the kinds that lean towards it
ROUNDS = (6e-3, 4e-3, 3e-3)  # peak rates of the long run, which anneals three times


def encoder(known, drawings=8000, test=1000, steps=800, lr=4e-3, shipped=SHIPPED):
    """Train the encoder to name single drawings, and ship it alone: the other models must follow."""
    torch.manual_seed(0)
    classifier = Classifier(len(NAMES))
    data = Drawings(*generate_drawings(drawings, seed=1))
    fit(Training(classifier, data, steps=steps, lr=lr), bar=False)
    images, labels = generate_drawings(test, seed=2)
    with torch.no_grad():
        best = classifier.eval()(torch.as_tensor(images)).argmax(dim=1)
    save_vqa(shipped, classifier.encoder, {})
    right = (best == torch.as_tensor(labels)).float().mean().item()
    return rounded({"drawings": drawings, "steps": steps, "lr": lr, "accuracy": right})


def long(known, sizes=SIZES):
    """Attention over regions, and where its glances point, beside an untrained model; it is shipped."""
    model, scenes = build(Attention, 0), world(sizes)
    untrained = scenes.points(model)
    rounds = [
        run(scenes, model, sizes.long_steps, lr, seed) for seed, lr in enumerate(ROUNDS)
    ]
    ship(sizes.shipped, attention=model)
    return {
        "rounds": rounds,
        "pointing": scenes.points(model),
        "untrained": untrained,
    }


def attention(known, sizes=SIZES, seeds=SEEDS):
    """Attention for as many steps as `fusions`."""
    scenes = world(sizes)

    def measure(seed, lr, steps):
        model = build(Attention, seed)
        found = run(scenes, model, steps, lr, seed)
        return found | {"pointing": scenes.points(model)}

    settings = {"lr": ATTENTION_RATE, "steps": sizes.equal_steps}
    wanted = [{"seed": seed, **settings} for seed in seeds]
    return collect(known, "attention", {}, wanted, measure)


def fusions(known, sizes=SIZES, rates=RATES, seeds=range(5)):
    """Concatenation against multiplication: the best of some rates for each, then several seeds."""
    scenes, before = world(sizes), known.get("fusions", {})
    kinds = ("concatenation", "multiplication")

    def measure(fusion, seed, lr, steps):
        model = build(Fusion, seed, fusion=fusion)
        found = run(scenes, model, steps, lr, seed, fusion=fusion)
        if seed == 0:
            ship(sizes.shipped, **{fusion: model})
        return found

    head = {"rates": list(rates), "best": {}, "tuning": [], "runs": []}
    wanted = [
        {"fusion": fusion, "seed": 100, "lr": lr, "steps": sizes.tuning_steps}
        for fusion, lr in product(kinds, rates)
    ]
    for tuning in each(wanted, before.get("tuning", ()), measure):
        head["tuning"] = tuning
        yield head | {"runs": before.get("runs", [])}
    head["best"] = {fusion: best_rate(head["tuning"], fusion) for fusion in kinds}
    wanted = [
        {"fusion": fusion, "seed": seed, "lr": lr, "steps": sizes.equal_steps}
        for seed in seeds
        for fusion, lr in head["best"].items()
    ]
    for runs in each(wanted, before.get("runs", ()), measure):
        yield head | {"runs": runs}


def best_rate(tuning, fusion):
    """The learning rate with which a fusion did best on ordinary scenes."""
    mine = [t for t in tuning if t["fusion"] == fusion]
    return max(mine, key=lambda t: sum(t["ordinary"].values()))["lr"]


def without(known, sizes=SIZES, seeds=SEEDS):
    """What the words alone tell, what the picture alone tells, and attention whose product is a sum."""
    scenes = world(sizes)
    kinds = {
        "question": (Fusion, {"fusion": "question"}),
        "image": (Fusion, {"fusion": "image"}),
        "attention, concatenation": (Attention, {"fusion": "concatenation"}),
    }
    wanted = [
        {"variant": fusion, "seed": 0, "lr": 4e-3, "steps": sizes.tuning_steps}
        for fusion in ("question", "image")
    ]
    settings = {"lr": ATTENTION_RATE, "steps": sizes.equal_steps}
    wanted += [
        {"variant": "attention, concatenation", "seed": seed, **settings}
        for seed in seeds
    ]

    def measure(variant, seed, lr, steps):
        kind, options = kinds[variant]
        model = build(kind, seed, **options)
        return run(scenes, model, steps, lr, seed, variant=variant)

    return collect(known, "without", {}, wanted, measure)


def leaning(
    known,
    scenes=4000,
    questions=25_000,
    test_scenes=800,
    test_questions=3000,
    seeds=SEEDS,
    steps=700,
    shipped=SHIPPED,
):
    """Attention on existence questions that lean, for some steps and for four times as many.

    Beside it the same network, trained on balanced ones. The other forms are balanced for both.
    """
    eye, _, _ = load_vqa(shipped)
    train = generate_scenes(scenes, seed=10, patterns=PATTERNS)
    test = generate_scenes(test_scenes, seed=11, patterns=PATTERNS)
    asked = questions_to_learn(train, questions)
    tests = questions_to_test(test, test_questions)
    train, test = (encode(eye, some.images) for some in (train, test))
    trials = (("balanced", steps), ("leaning", steps), ("leaning", 4 * steps))
    wanted = [
        {"trained_on": trained_on, "seed": seed, "steps": n}
        for seed, (trained_on, n) in product(seeds, trials)
    ]

    def measure(trained_on, seed, steps):
        model = build(Attention, seed)
        model.standardise(train)
        learn(model, train, asked[trained_on], steps, ATTENTION_RATE, seed)
        found = {
            name: rounded(accuracy(reply(model, test, some)[0], some)["existence"])
            for name, some in tests.items()
        }
        return {"trained_on": trained_on, "seed": seed, "steps": steps, **found}

    head = {"scenes": scenes, "questions": questions, "share": SHARE, "yes": YES}
    return collect(known, "leaning", head, wanted, measure)


def questions_to_learn(scenes, n):
    """Questions of three forms, balanced, and the same with those of existence leaning."""
    balanced = generate_questions(scenes, n, 1, ("existence", "kind", "what"))
    existence = [pair for pair in balanced if pair[1].form == "existence"]
    others = [pair for pair in balanced if pair[1].form != "existence"]
    return {"balanced": balanced, "leaning": lean(existence, SHARE, YES) + others}


def questions_to_test(scenes, n):
    """Questions of existence that lean as those to learn from, that are balanced, that lean the other way."""
    many = generate_questions(scenes, n, 2, ("existence",))
    return {
        "same": lean(many, SHARE, YES),
        "balanced": many,
        "turned round": lean(many, 1 - SHARE, YES),
    }


EXPERIMENT = Experiment(
    "vqa",
    parts={
        "encoder": encoder,
        "long": long,
        "fusions": fusions,
        "attention": attention,
        "without": without,
        "leaning": leaning,
        "clips": clips,
    },
    about={
        "scenes": SIZES.scenes,
        "questions": SIZES.questions,
        "patterns": PATTERNS,
        **BATCH,
    },
)

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
