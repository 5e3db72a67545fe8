"""Models that answer questions about pictures: their equations, their batches, their files, what is shipped."""

from collections import namedtuple

import numpy as np
import pytest
import torch
from torch.nn.functional import softmax

from rnnkit.data.balance import Question
from rnnkit.data.descriptions import generate_questions
from rnnkit.data.pointing import pointing
from rnnkit.data.runs import load_runs
from rnnkit.data.scenes import Thing, generate_scenes
from rnnkit.nn.checkpoint import CheckpointError
from rnnkit.nn.questions import (
    QuestionSet,
    accuracy,
    encode_answers,
    encode_questions,
    reply,
)
from rnnkit.nn.training import Training, fit
from rnnkit.nn.vision import Encoder, encode
from rnnkit.nn.vqa import FUSIONS, Attention, ClipAttention, Fusion
from rnnkit.nn.vqa_files import SHIPPED, arrays, load_vqa, save_vqa

WORDS, SAID = ["is", "a", "cat", "dog"], ["no", "yes", "two"]
SMALL = {"regions": 4, "channels": 3, "hidden_size": 5, "fused_size": 6}
Asked = namedtuple("Asked", "form words answer")


def small(kind, **options):
    torch.manual_seed(0)
    return kind(WORDS, SAID, **SMALL, **options)


def some_regions(*shape):
    return torch.randn(*shape, 4, 3, generator=torch.Generator().manual_seed(1))


MODELS = {
    **{name: lambda name=name: small(Fusion, fusion=name) for name in FUSIONS},
    "attention": lambda: small(Attention, attention_size=7),
    "clip": lambda: small(ClipAttention, attention_size=7),
    "side by side": lambda: small(
        ClipAttention, attention_size=7, over_time="side by side"
    ),
}
CLIPS = ("clip", "side by side")
WORDS_OF_TWO = torch.tensor([[[1, 2, 3], [1, 4, 0]], [[2, 0, 0], [3, 3, 1]]])


def two_pictures(name):
    return some_regions(2, 5) if name in CLIPS else some_regions(2)


@pytest.mark.parametrize("name", MODELS)
def test_shapes_and_that_questions_do_not_disturb_each_other(name):
    model, regions = MODELS[name](), two_pictures(name)
    scores, glances = model(regions, WORDS_OF_TWO)
    assert scores.shape == (2, 2, 3)
    alone, _ = model(regions[1:], WORDS_OF_TWO[1:, 1:])
    torch.testing.assert_close(alone, scores[1:, 1:])
    # What is put behind the end of a question does not matter.
    shorter, _ = model(regions[:1], WORDS_OF_TWO[:1, 1:, :2])
    torch.testing.assert_close(shorter, scores[:1, 1:])
    if glances is not None:
        frames = (5,) if name in CLIPS else ()
        assert glances.shape == (2, 2, *frames, 2, 4)
        torch.testing.assert_close(glances.sum(-1), torch.ones(glances.shape[:-1]))


def test_blind_and_deaf():
    regions, words = some_regions(2), WORDS_OF_TWO
    blind, _ = MODELS["question"]()(regions.flip(0), words)
    torch.testing.assert_close(blind, MODELS["question"]()(regions, words)[0])
    deaf, _ = MODELS["image"]()(regions, words)
    torch.testing.assert_close(deaf[:, 0], deaf[:, 1])


def test_fusions_have_equally_many_parameters():
    numbers = {
        sum(p.numel() for p in small(Fusion, fusion=f).parameters()) for f in FUSIONS
    }
    assert len(numbers) == 1


def test_concatenation_is_a_sum_and_multiplication_a_bilinear_form():
    model = small(Fusion).double()
    regions = some_regions(1).double()
    q = model.question(WORDS_OF_TWO[:1])[0, 0]
    v, _ = model.see(regions, None)
    v = v[0, 0]
    W_q, W_v = model.W_q.weight, model.W_v.weight
    joined = torch.cat([W_q, W_v], dim=1) @ torch.cat([q, v])
    torch.testing.assert_close(joined, W_q @ q + W_v @ v)
    bilinear = torch.stack(
        [q @ torch.outer(a, b) @ v for a, b in zip(W_q, W_v, strict=True)]
    )
    torch.testing.assert_close(
        FUSIONS["multiplication"](W_q @ q, W_v @ v), bilinear, rtol=1e-10, atol=1e-12
    )


def test_attention_by_hand():
    model = MODELS["attention"]()
    regions, words = some_regions(1), WORDS_OF_TWO[:1, :1]
    question = model.question(words)[0, 0]
    seen = torch.cat([torch.relu(model.what(regions[0])), model.where], dim=1)
    keys, values = model.key(seen), model.value(seen)
    first = softmax(keys @ model.looks[0].query(question) / 7**0.5, dim=0)
    known = torch.cat([question, first @ values])
    second = softmax(keys @ model.looks[1].query(known) / 7**0.5, dim=0)
    v = model.W_v(torch.cat([first @ values, second @ values]))
    hidden = torch.relu(model.hidden(model.W_q(question) * v))
    scores, glances = model(regions, words)
    torch.testing.assert_close(glances[0, 0], torch.stack([first, second]))
    torch.testing.assert_close(scores[0, 0], model.answer(hidden))


def test_a_clip_model_starts_from_what_a_still_model_knows():
    still, clip = MODELS["attention"](), MODELS["side by side"]()
    torch.manual_seed(5)
    weight = torch.randn_like(still.key.weight)
    still.key.weight.data = weight
    clip.inherit(still)
    torch.testing.assert_close(clip.key.weight.data, weight)
    assert clip.W_v.weight.shape != still.W_v.weight.shape


@pytest.mark.parametrize("name", CLIPS)
def test_clip_depends_on_the_order_of_its_frames(name):
    model, regions = MODELS[name](), some_regions(2, 5)
    there, glances = model(regions, WORDS_OF_TWO)
    back, reversed_glances = model(regions.flip(1), WORDS_OF_TWO)
    assert (there - back).abs().max() > 1e-4
    torch.testing.assert_close(glances, reversed_glances.flip(2))


def test_standardise():
    model, regions = MODELS["multiplication"](), 3 + 2 * some_regions(2)
    before, _ = model(some_regions(2), WORDS_OF_TWO)
    model.standardise(regions)
    other = MODELS["multiplication"]()
    other.standardise(some_regions(2))
    torch.testing.assert_close(
        model(regions, WORDS_OF_TWO)[0], other(some_regions(2), WORDS_OF_TWO)[0]
    )
    assert not torch.equal(before, model(regions, WORDS_OF_TWO)[0])


# --- questions -----------------------------------------------------------------------------------

ASKED = [
    (1, Asked("existence", "is a cat", "yes")),
    (0, Asked("existence", "is a dog", "no")),
    (1, Asked("counting", "a a a", "two")),
]


def test_batches_hold_each_picture_s_own_questions():
    regions = torch.arange(2.0).view(2, 1, 1).expand(2, 4, 3)
    data = QuestionSet(
        regions, ASKED, ["<PAD>", *WORDS], SAID, batch_size=9, per_picture=3
    )
    seen = set()
    for _ in range(5):
        r, words, targets = data.batch()
        assert r.shape == (9, 4, 3)
        assert words.shape == (9, 3, 3)
        for picture, row, answers in zip(r[:, 0, 0], words, targets, strict=True):
            seen |= {
                (int(picture), tuple(w.tolist()), SAID[a])
                for w, a in zip(row, answers, strict=True)
            }
    index = ["<PAD>", *WORDS].index
    assert seen == {(i, tuple(map(index, q.words.split())), q.answer) for i, q in ASKED}


def test_reply_keeps_the_order_and_accuracy_counts_by_form():
    model, regions = MODELS["attention"](), some_regions(2)
    replies, glances = reply(model, regions, ASKED, batch_size=2)
    assert glances.shape == (3, 2, 4)
    for k in range(3):
        alone, one = reply(model, regions, ASKED[k : k + 1])
        assert alone == replies[k : k + 1]
        torch.testing.assert_close(one[0], glances[k])
    assert model.training
    found = accuracy(["yes", "yes", "two"], ASKED)
    assert found == {"existence": 0.5, "counting": 1.0}


def test_training_learns_to_match():
    """Is what is asked what is there? A product finds it at once."""
    regions = torch.eye(3)[:2, None].expand(2, 4, 3)
    asked = [
        (i, Asked("existence", f"is a {noun}", "yes" if i == j else "no"))
        for i in range(2)
        for j, noun in enumerate(("cat", "dog"))
    ]
    model = MODELS["multiplication"]()
    data = QuestionSet(regions, asked, model.words, SAID, batch_size=8, per_picture=2)
    fit(Training(model, data, steps=150, lr=1e-2), bar=False)
    assert accuracy(reply(model, regions, asked)[0], asked) == {"existence": 1.0}


# --- bad input -----------------------------------------------------------------------------------


def test_bad_input_is_named():
    model, regions = MODELS["multiplication"](), some_regions(2)
    with pytest.raises(ValueError, match="fusion: expected one of"):
        small(Fusion, fusion="sum")
    with pytest.raises(ValueError, match="words: expected different"):
        Fusion(["a", "a"], SAID)
    with pytest.raises(ValueError, match="narrow: expected a whole number from 1"):
        small(Fusion, narrow=0)
    with pytest.raises(ValueError, match=r"glances: expected a whole number from 1"):
        small(Attention, glances=0)
    with pytest.raises(ValueError, match="over_time: expected 'gru' or"):
        small(ClipAttention, over_time="mean")
    with pytest.raises(ValueError, match="regions: expected a square number"):
        Fusion(WORDS, SAID, regions=5)
    with pytest.raises(ValueError, match=r"regions: expected \(B, R, C\)"):
        model(regions[0], WORDS_OF_TWO)
    with pytest.raises(ValueError, match=r"regions: expected \(B, N, R, C\) = \(B, 5"):
        MODELS["clip"]()(regions, WORDS_OF_TWO)
    with pytest.raises(ValueError, match=r"words: expected \(B, Q, T\) with B = 2"):
        model(regions, WORDS_OF_TWO[0])
    with pytest.raises(ValueError, match=r"questions: expected known words, got"):
        encode_questions(["is a cow"], WORDS)
    with pytest.raises(ValueError, match="at least one word"):
        encode_questions([""], WORDS)
    with pytest.raises(ValueError, match=r"answers: expected known answers, got"):
        encode_answers(["three"], SAID)
    with pytest.raises(ValueError, match="asked: expected questions about pictures"):
        QuestionSet(regions[:1], ASKED, model.words, SAID)


# --- files ---------------------------------------------------------------------------------------


def test_files(tmp_path):
    encoder = Encoder(3)
    models = {name: MODELS[name]() for name in ("attention", *CLIPS)}
    path = tmp_path / "vqa.safetensors"
    save_vqa(path, encoder, models, {"note": 1})
    _, loaded, metadata = load_vqa(path)
    assert metadata == {"note": 1}
    for name, model in models.items():
        given = two_pictures(name), WORDS_OF_TWO
        torch.testing.assert_close(loaded[name](*given)[0], model(*given)[0])
    eye, weights = arrays(encoder, models)
    assert eye["conv1"].shape == (32, 3, 4, 4)
    assert set(weights) == set(models)
    assert all(isinstance(a, np.ndarray) for w in weights.values() for a in w.values())
    with pytest.raises(CheckpointError, match="expected"):
        load_vqa(SHIPPED.with_name("plays.safetensors"))


# --- pointing ------------------------------------------------------------------------------------

THINGS = [
    (Thing("cat", "", (0, 0, 16, 16)), Thing("dog", "", (32, 32, 64, 64))),
    (Thing("cow", "", (0, 0, 8, 8)),),
]
ABOUT = [
    (0, Question("what", "what is left of the dog", "cat", ("dog",), "cat")),
    (1, Question("existence", "is there a cat", "no", ("cat",))),
]


def test_pointing_by_hand():
    weights = np.zeros((2, 2, 64))
    weights[0, 0, 0] = 1  # the first glance: top left, on the cat
    weights[0, 1, [9, 63]] = 0.4, 0.6  # the second: mostly bottom right, on the dog
    assert pointing(ABOUT, weights, THINGS, "meant") == {
        "n": 1,
        "hit": [1, 0],
        "mass": [1, 0.4],
        "chance": 4 / 64,
    }
    assert pointing(ABOUT, weights, THINGS, "named") == {
        "n": 1,  # there is no cat in the second scene to point at
        "hit": [0, 1],
        "mass": [0, 0.6],
        "chance": 16 / 64,
    }
    assert pointing(ABOUT, weights, THINGS, "other")["n"] == 0
    with pytest.raises(ValueError, match="what: expected one of"):
        pointing(ABOUT, weights, THINGS, "answer")


# --- what is shipped and stored ------------------------------------------------------------------


def test_shipped_models_reach_their_figures():
    eye, models, _ = load_vqa()
    scenes = generate_scenes(200, seed=31, patterns=("ab", "aab", "abc", "aaab"))
    regions, asked = (
        encode(eye, scenes.images),
        generate_questions(scenes, 500, seed=31),
    )
    found = {}
    for name in ("concatenation", "multiplication", "attention"):
        replies, weights = reply(models[name], regions, asked)
        found[name] = accuracy(replies, asked)
    assert found["attention"]["existence"] > 0.95
    assert found["attention"]["kind"] > 0.95
    assert found["attention"]["what"] > 0.93
    assert found["multiplication"]["existence"] > 0.6
    kinds = [k for k, (_, q) in enumerate(asked) if q.form == "kind"]
    at = pointing([asked[k] for k in kinds], weights[kinds], scenes.things, "meant")
    assert max(at["hit"]) > 0.8 > 0.2 > at["chance"]


def test_stored_runs_hold_what_the_chapter_says():
    report = load_runs("vqa")
    best, runs = report["fusions"]["best"], report["fusions"]["runs"]
    assert set(best) == {"concatenation", "multiplication"}
    for fusion, lr in best.items():
        mine = [run for run in runs if run["fusion"] == fusion]
        assert [run["seed"] for run in mine] == list(range(5))
        assert {run["lr"] for run in mine} == {lr}
    assert len({run["steps"] for run in runs}) == 1
