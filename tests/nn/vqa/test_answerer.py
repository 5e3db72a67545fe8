"""Models that answer questions about pictures: their equations, and bad input."""

import pytest
import torch

from rnnkit.nn.vqa.answerer import FUSIONS
from rnnkit.nn.vqa.attention import Attention
from rnnkit.nn.vqa.clip import ClipAttention
from rnnkit.nn.vqa.fusion import Fusion
from rnnkit.nn.vqa.question_set import QuestionSet, encode_answers, encode_questions

from .small_models import (
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
    v, _ = model.eye(regions, None)
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
    with pytest.raises(
        ValueError, match=r"over_time: expected one of \['gru', 'side by side'\]"
    ):
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
