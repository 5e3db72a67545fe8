"""Train the captioner that comes with the package, and measure what chapter 5 compares.

    python tools/caption_runs.py            all parts, in this order
    python tools/caption_runs.py ship       rnnkit/nn/shipped/captioner.safetensors, about ten minutes
    python tools/caption_runs.py tune       learning rates of the models that see one vector
    python tools/caption_runs.py vectors    these models, equal scenes and steps, three seeds
    python tools/caption_runs.py longer     the same, twice the scenes and ten times the steps
    python tools/caption_runs.py attention  soft and hard attention, as many scenes, steps, seeds
    python tools/caption_runs.py hard       hard attention with three glances, trained longer
    python tools/caption_runs.py symbols    without <START>, without <END>
    python tools/caption_runs.py variance   how much the estimates of the gradient scatter
    python tools/caption_runs.py shipped    the shipped model: pointing, beams, failures

All but `ship` goes to rnnkit/data/runs/captions.json. One thread, steps instead of minutes: the same
numbers every time on one machine.
"""

import argparse
import json
import platform
import time
from functools import partial

import numpy as np
import torch
from reports import write_report

import rnnkit
from rnnkit.data.descriptions import CAPTION_WORDS, captions
from rnnkit.data.runs import FOLDER
from rnnkit.data.scenes import KINDS, NAMES, generate_drawings, generate_scenes
from rnnkit.data.scoring import is_exact, points, score
from rnnkit.nn.captioning.attention_captioner import AttentionCaptioner
from rnnkit.nn.captioning.caption_set import CaptionSet, decode_caption, encode_captions
from rnnkit.nn.captioning.captioner import END, IGNORE
from rnnkit.nn.captioning.files import SHIPPED, load_captioner, save_captioner
from rnnkit.nn.captioning.hard_attention_captioner import HardCaptioner
from rnnkit.nn.captioning.vector_captioners import MultimodalCaptioner, VectorCaptioner
from rnnkit.nn.captioning.writing import (
    beam_search,
    evidence,
    greedy,
    log_probability,
    shifted,
)
from rnnkit.nn.encoder import Classifier, Drawings, encode
from rnnkit.nn.training import Training, fit

OUT = FOLDER / "captions.json"
ENCODER = {"drawings": 4000, "steps": 500, "lr": 5e-3, "batch_size": 64}
SCENES, TEST = 8000, 400
STEPS, BATCH, RATE = 1200, 128, 8e-3
MODELS = {
    "first": partial(VectorCaptioner, CAPTION_WORDS, every=False),
    "every": partial(VectorCaptioner, CAPTION_WORDS),
    "m-rnn": partial(MultimodalCaptioner, CAPTION_WORDS),
    "soft": partial(AttentionCaptioner, CAPTION_WORDS),
    "straight-through": partial(HardCaptioner, CAPTION_WORDS, "straight-through"),
    "reinforce": partial(HardCaptioner, CAPTION_WORDS, "reinforce"),
}
RATES = dict.fromkeys(MODELS, RATE)
RATES |= {"straight-through": 4e-3, "reinforce": 4e-3}


def train_encoder(seed=0):
    """Train the encoder to name single drawings; returns it without its head."""
    torch.manual_seed(seed)
    images, labels = generate_drawings(ENCODER["drawings"], seed=1)
    model = Classifier(len(NAMES))
    data = Drawings(images, labels, ENCODER["batch_size"], seed)
    fit(Training(model, data, steps=ENCODER["steps"], lr=ENCODER["lr"]), bar=False)
    return model.encoder.eval()


def test_scenes():
    """The three kinds of test scenes, by name."""
    known = [name for name, (_, _, held_out) in KINDS.items() if held_out]
    return {
        "ordinary": generate_scenes(TEST, seed=11),
        "pairs": generate_scenes(TEST, seed=12, pairs="held-out"),
        "drawings": generate_scenes(TEST, seed=13, names=known, drawings="held-out"),
    }


class Bench:
    """The encoder, the scenes and their regions, made once for many models."""

    def __init__(self, scenes=SCENES, encoder=None):
        self.encoder = encoder or train_encoder()
        train = generate_scenes(scenes, seed=10)
        self.captions = [captions(things) for things in train.things]
        self.regions = encode(self.encoder, train.images)
        self.tests = test_scenes()
        self.seen = {k: encode(self.encoder, s.images) for k, s in self.tests.items()}

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
            rows = np.concatenate(both)
            nouns = [np.array([b[i] for b in both if len(b) > i]) for i in (0, 1)]
            found[f"{name} at {step}"] = {
                "pointing": round(rows[:, 0].mean(), 4),
                "mass": round(rows[:, 1].mean(), 4),
                "chance": round(rows[:, 2].mean(), 4),
                "first_noun": round(nouns[0][:, 0].mean(), 4),
                "second_noun": round(nouns[1][:, 0].mean(), 4),
            }
            if name == "evidence":
                del found[f"{name} at {step}"][
                    "mass"
                ]  # it has a sign: no share of a whole
    return {"pointing": found}


def rounded(values):
    return {name: round(value, 4) for name, value in values.items()}


def compare(names, seeds=(0, 1, 2)):
    """Some models on equal scenes with equal steps, each with the rate that suited it best."""
    bench, runs = Bench(), []
    for seed in seeds:
        for name in names:
            torch.manual_seed(seed)
            model = MODELS[name]()
            points = bench.train(model, seed, lr=RATES[name])
            run = {"model": name, "seed": seed, "lr": RATES[name], "history": points}
            run["parameters"] = sum(p.numel() for p in model.parameters())
            runs.append(run | bench.figures(model))
            print(name, seed, runs[-1], flush=True)
    return {"scenes": SCENES, "steps": STEPS, "batch_size": BATCH, "runs": runs}


def vectors():
    """The picture as one vector: at the first step, at every step, in a multimodal layer."""
    tuned = json.loads(OUT.read_text("utf-8"))["tune"]["runs"]
    for run in sorted(tuned, key=lambda run: -run["loss"]):  # the smallest loss last
        if not run["sizes"]:
            RATES[run["model"]] = run["lr"]
    return compare(["first", "every", "m-rnn"])


def longer(scenes=2 * SCENES, steps=10 * STEPS):
    """The picture as one vector, with twice the scenes and ten times the steps, and wider."""
    bench, runs = Bench(scenes), []
    wide = {"hidden_size": 256, "vector_size": 256}
    for name, lr in (
        ("first", 2e-3),
        ("first", 4e-3),
        ("every", 2e-3),
        ("m-rnn", 4e-3),
    ):
        torch.manual_seed(0)
        model = MODELS[name](**wide)
        points = bench.train(model, 0, steps=steps, lr=lr)
        run = {"model": name, "seed": 0, "lr": lr, "sizes": wide, "history": points}
        runs.append(run | bench.figures(model))
        print(runs[-1], flush=True)
    return {"scenes": scenes, "steps": steps, "batch_size": BATCH, "runs": runs}


def attention():
    """Soft and hard attention."""
    return compare(["soft", "straight-through", "reinforce"])


def hard(steps=3 * STEPS, rate=6e-3, seeds=(0, 1, 2)):
    """Hard attention that can count: three glances, all of them heard, none where one has been; and without that."""
    bench, runs = Bench(), []
    trials = [("straight-through", True, seed) for seed in seeds]
    trials += [("straight-through", False, 0), ("reinforce", True, 0)]
    for estimator, inhibition, seed in trials:
        torch.manual_seed(seed)
        options = {"glances": 3, "contexts": "all", "inhibition": inhibition}
        model = HardCaptioner(CAPTION_WORDS, estimator, **options)
        points = bench.train(model, seed, steps=steps, lr=rate)
        run = {"model": estimator, "seed": seed, "lr": rate, **options}
        runs.append(run | {"history": points} | bench.figures(model))
        print(runs[-1], flush=True)
    return {"scenes": SCENES, "steps": steps, "batch_size": BATCH, "runs": runs}


def tune():
    """The picture as one vector: learning rates; at the first step alone also wider and longer."""
    bench, runs = Bench(), []
    trials = [("first", lr, {}, STEPS) for lr in (1e-3, 2e-3, 4e-3, 8e-3)]
    trials += [
        (name, lr, {}, STEPS) for name in ("every", "m-rnn") for lr in (4e-3, 8e-3)
    ]
    wide = {"hidden_size": 256, "vector_size": 256}
    trials += [("first", 4e-3, wide, 2 * STEPS)]
    for name, lr, sizes, steps in trials:
        torch.manual_seed(0)
        model = MODELS[name](**sizes)
        points = bench.train(model, 0, steps=steps, lr=lr)
        run = {"model": name, "lr": lr, "sizes": sizes, "steps": steps}
        runs.append(run | {"loss": points[-1]["loss"]} | bench.figures(model))
        print(runs[-1], flush=True)
    return {"scenes": SCENES, "batch_size": BATCH, "seed": 0, "runs": runs}


def symbols():
    """Soft attention trained without <END>, and without <START> (it then begins with the commonest word)."""
    bench, runs = Bench(), []
    for without in ("nothing", "<END>", "<START>"):
        torch.manual_seed(0)
        model = AttentionCaptioner(CAPTION_WORDS)
        model.loss = without_symbol(model, without)
        bench.train(model, 0)
        words = [write_without(model, r, without) for r in bench.seen["ordinary"]]
        things = bench.tests["ordinary"].things
        run = {"without": without, **rounded(score(words, things))}
        run["length"] = sum(map(len, words)) / len(words)
        # Is a true caption at the beginning of what was written?
        begins = [
            any(is_exact(w[:n], t) for n in range(len(w) + 1))
            for w, t in zip(words, things, strict=True)
        ]
        run["begins_exact"] = round(sum(begins) / len(begins), 4)
        runs.append(run | {"samples": [" ".join(w) for w in words[:5]]})
        print(runs[-1], flush=True)
    return {"scenes": SCENES, "steps": STEPS, "seed": 0, "runs": runs}


def without_symbol(model, without):
    """The model's loss on captions from which a symbol has been taken out."""
    usual = model.loss

    def loss(regions, caption_rows):
        if without == "<END>":
            ended = caption_rows == END
            caption_rows = caption_rows.masked_fill(ended, IGNORE)
        if without == "<START>":
            caption_rows = caption_rows[:, 1:]
        return usual(regions, caption_rows)

    return loss


def write_without(model, regions, without):
    """Greedy caption of one picture by a model that never saw a symbol: a list of words."""
    if without != "<START>":
        return decode_caption(greedy(model, regions[None])[0][0], model.words)
    word = encode_captions(["a"], model.words)[:, 1:2]
    state, written = model.start(regions[None]), ["a"]
    with torch.no_grad():
        while len(written) < 10:
            logits, state, _ = model(word, state)
            word = logits.argmax(dim=-1)
            if word == END:
                break
            written.append(model.words[word])
    return written


def variance(draws=100):
    """How much estimates of one gradient scatter: over draws on one batch, and over batches.

    For each parameter group: the variance summed over its entries, divided by the squared norm of the
    mean gradient; all at the weights of one half-trained hard captioner.
    """
    bench = Bench()
    torch.manual_seed(0)
    trained = MODELS["reinforce"]()
    bench.train(trained, 0, steps=300)
    data = CaptionSet(bench.regions, bench.captions, trained.words, BATCH, seed=1)
    fixed, runs = data.batch(), []
    variants = {
        "soft": AttentionCaptioner(CAPTION_WORDS),
        "straight-through": HardCaptioner(CAPTION_WORDS, "straight-through"),
        "reinforce": HardCaptioner(CAPTION_WORDS, "reinforce", entropy=0),
        "reinforce, no baseline": HardCaptioner(CAPTION_WORDS, "reinforce", entropy=0),
    }
    for name, model in variants.items():
        model.load_state_dict(trained.state_dict(), strict=False)
        if name.endswith("no baseline"):
            torch.nn.init.zeros_(model.baseline.weight)
        model.config["calm"] = 0
        model.train()
        run = {"model": name}
        for over, batch in (("draws", lambda: fixed), ("batches", data.batch)):
            torch.manual_seed(0)
            g = torch.stack([query_gradient(model, *batch()) for _ in range(draws)])
            # What the mean of `draws` estimates still scatters by is taken off its square.
            scatter = g.var(dim=0).sum()
            size = (g.mean(dim=0).square().sum() - scatter / draws).clamp(min=1e-12)
            run[over] = {
                "variance": scatter.item(),
                "mean_squared": size.item(),
                "ratio": round((scatter / size).item(), 4),
            }
        runs.append(run)
        print(run, flush=True)
    return {"draws": draws, "batch_size": BATCH, "runs": runs}


def query_gradient(model, regions, caption_rows):
    """The gradient with respect to the queries' weights: they decide where to look, and nothing else."""
    model.zero_grad()
    model.loss(regions, caption_rows).backward()
    return torch.cat([look.query.weight.grad.flatten() for look in model.looks])


def shipped():
    """The shipped model: figures, the same untrained, greedy against beams, what it gets wrong."""
    encoder, model, _ = load_captioner()
    scenes = test_scenes()
    seen = {k: encode(encoder, s.images) for k, s in scenes.items()}
    torch.manual_seed(0)
    untrained = AttentionCaptioner(**model.config).eval()
    untrained.standardise(seen["ordinary"])
    report = {"figures": {}, "untrained": {}, "beams": [], "failures": {}}
    for kind, s in scenes.items():
        report["figures"][kind] = figures(model, seen[kind], s.things)
        report["untrained"][kind] = untrained_pointing(model, untrained, seen[kind], s)
        for who in ("figures", "untrained"):
            report[who][kind]["decided"] = decided(report[who][kind])
        _, words, _ = write(model, seen[kind])
        report["failures"][kind] = [
            {"scene": i, "caption": " ".join(w)}
            for i, (w, t) in enumerate(zip(words, s.things, strict=True))
            if not is_exact(w, t)
        ][:20]
        print(kind, report["figures"][kind], report["untrained"][kind], flush=True)
    for kind in ("ordinary", "pairs"):
        report["beams"] += beams(model, seen[kind], scenes[kind].things, kind)
    return report


def decided(found):
    """Pointing where a noun is decided, from `pointing`'s figures.

    Any kind may be named first, so all are weighed until the first noun is said: it is read at the word
    after it, from the first glance. The second is fixed by what has been said: read at its own step, from
    the last glance.
    """
    of = found["pointing"]
    first, second = of["glance 1 at after"], of["glance 2 at noun"]
    return round((first["first_noun"] + second["second_noun"]) / 2, 4)


def untrained_pointing(model, untrained, regions, scenes):
    """Where an untrained model looks while it is made to say what the trained one says."""
    indices, words, _ = write(model, regions)
    with torch.no_grad():
        _, _, glances = untrained(shifted(indices), untrained.start(regions))
    maps = maps_of(untrained, regions, indices, glances)
    return pointing(words, scenes.things, maps)


def beams(model, regions, things, kind):
    """Greedy decoding and beams of 3 and 5: exact match, mean log-probability."""
    indices, _ = greedy(model, regions)
    logs = log_probability(model, regions, indices)
    words = [decode_caption(row, model.words) for row in indices]
    found = [beam_figures(kind, 1, words, logs.tolist(), things)]
    for width in (3, 5):
        pairs = [beam_search(model, r, width) for r in regions]
        words = [decode_caption(row, model.words) for row, _ in pairs]
        found.append(beam_figures(kind, width, words, [p for _, p in pairs], things))
    return found


def beam_figures(kind, width, words, logs, things):
    mean = round(sum(logs) / len(logs), 4)
    return {
        "scenes": kind,
        "width": width,
        "log_p": mean,
        **rounded(score(words, things)),
    }


def ship(steps=5000, scenes=16_000, rate=6e-3, dropout=0.2):
    """Train the captioner that comes with the package and write it."""
    begun = time.process_time()
    bench = Bench(scenes)
    torch.manual_seed(0)
    model = AttentionCaptioner(CAPTION_WORDS, dropout=dropout)
    points = bench.train(model, 0, steps=steps, lr=rate)
    metadata = {
        "command": "python tools/caption_runs.py ship",
        "encoder": ENCODER,
        "training": {
            "scenes": scenes,
            "steps": steps,
            "batch_size": BATCH,
            "lr": rate,
            "seed": 0,
        },
        "history": points,
        "figures": bench.figures(model),
        "versions": {
            "rnnkit": rnnkit.__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }
    save_captioner(SHIPPED, bench.encoder, model, metadata)
    print(metadata["figures"], round(time.process_time() - begun), "s", flush=True)


PARTS = {
    "tune": tune,
    "vectors": vectors,
    "longer": longer,
    "attention": attention,
    "hard": hard,
    "symbols": symbols,
    "variance": variance,
    "shipped": shipped,
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("part", nargs="*", help=f"ship, or some of {', '.join(PARTS)}")
    wanted = parser.parse_args().part or ["ship", *PARTS]
    torch.set_num_threads(1)
    for name in wanted:
        if name == "ship":
            ship()
            continue
        begun = time.process_time()
        found = PARTS[name]()
        found["seconds"] = round(time.process_time() - begun)
        command = "python tools/caption_runs.py"
        write_report(OUT, command, encoder=ENCODER, **{name: found})
        print(name, found["seconds"], "s", flush=True)


if __name__ == "__main__":
    main()
