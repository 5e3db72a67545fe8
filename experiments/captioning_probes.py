"""What chapter 5 takes apart: captions without a symbol, estimates of a gradient, the model that is shipped."""

import torch

from experiments.captioning_bench import (
    BATCH,
    STEPS,
    TEST,
    Bench,
    figures,
    make_tests,
    maps_of,
    pointing,
    write,
)
from experiments.harness import rounded
from rnnkit.nn.captioning.attention_captioner import AttentionCaptioner
from rnnkit.nn.captioning.caption_set import CaptionSet, decode_caption, encode_captions
from rnnkit.nn.captioning.captioner import END, IGNORE
from rnnkit.nn.captioning.files import SHIPPED, load_captioner
from rnnkit.nn.captioning.hard_attention_captioner import HardCaptioner
from rnnkit.nn.captioning.writing import beam_search, greedy, log_probability, shifted
from rnnkit.nn.encoder import encode
from rnnkit.scenes.captions import CAPTION_WORDS
from rnnkit.scenes.scoring import is_exact, score


def symbols(known, steps=STEPS, **world):
    """Soft attention trained without <END>, and without <START> (it then begins with the commonest word)."""
    bench = Bench(**world)
    runs = []
    for without in ("nothing", "<END>", "<START>"):
        torch.manual_seed(0)
        model = AttentionCaptioner(CAPTION_WORDS)
        model.loss = without_symbol(model, without)
        bench.train(model, 0, steps=steps)
        runs.append({"without": without} | judge(model, bench, without))
        print(runs[-1], flush=True)
        yield {"scenes": len(bench), "steps": steps, "seed": 0, "runs": runs}


def judge(model, bench, without):
    """Scores of greedy captions of the ordinary scenes by a model that never saw a symbol."""
    words = [write_without(model, r, without) for r in bench.seen["ordinary"]]
    things = bench.tests["ordinary"].things
    # Is a true caption at the beginning of what was written?
    begins = [
        any(is_exact(w[:n], t) for n in range(len(w) + 1))
        for w, t in zip(words, things, strict=True)
    ]
    return {
        **rounded(score(words, things)),
        "length": sum(map(len, words)) / len(words),
        "begins_exact": round(sum(begins) / len(begins), 4),
        "samples": [" ".join(w) for w in words[:5]],
    }


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


def variance(known, draws=100, steps=300, **world):
    """How much estimates of one gradient scatter: over draws on one batch, and over batches.

    For each parameter group: the variance summed over its entries, divided by the squared norm of the
    mean gradient; all at the weights of one half-trained hard captioner.
    """
    bench = Bench(**world)
    torch.manual_seed(0)
    trained = HardCaptioner(CAPTION_WORDS, "reinforce")
    bench.train(trained, 0, steps=steps)
    data = CaptionSet(bench.regions, bench.captions, trained.words, BATCH, seed=1)
    fixed = data.batch()
    variants = {
        "soft": AttentionCaptioner(CAPTION_WORDS),
        "straight-through": HardCaptioner(CAPTION_WORDS, "straight-through"),
        "reinforce": HardCaptioner(CAPTION_WORDS, "reinforce", entropy=0),
        "reinforce, no baseline": HardCaptioner(CAPTION_WORDS, "reinforce", entropy=0),
    }
    runs = []
    for name, model in variants.items():
        model.load_state_dict(trained.state_dict(), strict=False)
        if name.endswith("no baseline"):
            torch.nn.init.zeros_(model.baseline.weight)
        model.config["calm"] = 0
        model.train()
        run = {"model": name}
        for over, batch in (("draws", lambda: fixed), ("batches", data.batch)):
            run[over] = scatter(model, batch, draws)
        runs.append(run)
        print(run, flush=True)
    return {"draws": draws, "batch_size": BATCH, "runs": runs}


def scatter(model, batch, draws):
    """The variance of a gradient over draws, and its squared mean."""
    torch.manual_seed(0)
    g = torch.stack([query_gradient(model, *batch()) for _ in range(draws)])
    # What the mean of `draws` estimates still scatters by is taken off its square.
    scatter = g.var(dim=0).sum()
    size = (g.mean(dim=0).square().sum() - scatter / draws).clamp(min=1e-12)
    return {
        "variance": scatter.item(),
        "mean_squared": size.item(),
        "ratio": round((scatter / size).item(), 4),
    }


def query_gradient(model, regions, caption_rows):
    """The gradient with respect to the queries' weights: they decide where to look, and nothing else."""
    model.zero_grad()
    model.loss(regions, caption_rows).backward()
    return torch.cat([look.query.weight.grad.flatten() for look in model.looks])


def shipped(known, test=TEST, file=SHIPPED):
    """The shipped model: figures, the same untrained, greedy against beams, what it gets wrong."""
    encoder, model, _ = load_captioner(file)
    scenes = make_tests(test)
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
        report["failures"][kind] = failures(model, seen[kind], s.things)
        print(kind, report["figures"][kind], report["untrained"][kind], flush=True)
    for kind in ("ordinary", "pairs"):
        report["beams"] += beams(model, seen[kind], scenes[kind].things, kind)
    return report


def failures(model, regions, things):
    """The first twenty captions that are not true."""
    _, words, _ = write(model, regions)
    return [
        {"scene": i, "caption": " ".join(w)}
        for i, (w, t) in enumerate(zip(words, things, strict=True))
        if not is_exact(w, t)
    ][:20]


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
