"""Writing against enumeration."""

import itertools

import pytest
import torch

from rnnkit.nn.translation.decoding import (
    beam_search,
    greedy,
    length_penalty,
    translate,
)
from rnnkit.nn.translation.pairs import decode_targets, encode_sources
from rnnkit.nn.translation.translator import END, PAD, START

from .small_translators import KINDS, LETTERS, make

TEXTS = ["abcab", "c", "ba"]


def log_probability(model, text, tokens):
    """Log-probability of what was written, a list of integers, given a text."""
    source, mask = encode_sources([text], LETTERS)
    logits, _ = model(source, mask, torch.tensor([[START, *tokens]]))
    each = logits.log_softmax(-1)[0, range(len(tokens)), tokens]
    return each.sum().item()


@pytest.mark.parametrize(("attention", "readers"), KINDS)
def test_greedy_in_a_batch_is_greedy_alone(attention, readers):
    model = make(attention, readers)
    source, mask = encode_sources(TEXTS, LETTERS)
    tokens, weights = greedy(model, source, mask, longest=5)
    assert (weights is None) == (attention == "none")
    for k, text in enumerate(TEXTS):
        alone, _ = greedy(model, *encode_sources([text], LETTERS), longest=5)
        written = tokens[k].tolist()
        assert written[: alone.shape[1]] == alone[0].tolist()
        assert set(written[alone.shape[1] :]) <= {PAD}


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_beam_of_one_is_greedy(alpha):
    model = make()
    written, _ = translate(model, TEXTS, longest=5)
    for text, wanted in zip(TEXTS, written, strict=True):
        (source,), _ = encode_sources([text], LETTERS)
        tokens, _ = beam_search(model, source, 1, alpha, longest=5)
        assert decode_targets(tokens[None], LETTERS) == [wanted]


@pytest.mark.parametrize("alpha", [0.0, 0.6, 2.0])
def test_a_wide_beam_finds_the_best_of_all(alpha):
    """Against everything that can be written in at most three characters, one by one."""
    model, V = make(), 6
    every = [
        list(c)
        for n in (1, 2, 3)
        for c in itertools.product(range(V), repeat=n)
        if END not in c[:-1] and (c[-1] == END or n == 3)
    ]
    for text in TEXTS:
        scores = [
            log_probability(model, text, c) / length_penalty(len(c), alpha)
            for c in every
        ]
        (source,), _ = encode_sources([text], LETTERS)
        tokens, score = beam_search(model, source, V**3, alpha, longest=3)
        assert score == pytest.approx(max(scores), abs=1e-5)
        own = log_probability(model, text, tokens.tolist())
        assert own / length_penalty(len(tokens), alpha) == pytest.approx(
            score, abs=1e-5
        )


def test_length_penalty_is_that_of_the_paper():
    assert length_penalty(1, 0.6) == 1
    assert length_penalty(7, 1) == 2
    assert length_penalty(100, 0) == 1


def test_translate_gives_weights_of_the_source_s_own_length():
    written, looked = translate(make(), TEXTS, longest=4, batch_size=2)
    assert len(written) == 3
    assert [w.shape[1] for w in looked] == [5, 1, 2]
    for w in looked:
        torch.testing.assert_close(w.sum(-1), torch.ones(len(w)))
    assert translate(make("none"), TEXTS, longest=4)[1] == [None] * 3


@pytest.mark.parametrize(
    ("name", "options"), [("width", {"width": 0}), ("alpha", {"alpha": -1})]
)
def test_bad_options(name, options):
    with pytest.raises(ValueError, match=f"{name}: expected"):
        beam_search(make(), torch.tensor([3]), **options)
