"""Models that answer questions about pictures: their equations, and bad input."""

import pytest
import torch
from torch.nn.functional import softmax

from rnnkit.nn.questions import QuestionSet, encode_answers, encode_questions
from rnnkit.nn.vqa import FUSIONS, Attention, ClipAttention, Fusion

from .small_vqa import (
    ASKED,
    CLIPS,
    MODELS,
    SAID,
    WORDS,
    WORDS_OF_TWO,
    small,
    some_regions,
    two_pictures,
)


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
