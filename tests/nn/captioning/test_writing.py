"""Writing against enumeration, and what speaks for what was written."""

import itertools

import pytest
import torch

from rnnkit.nn.captioning.caption_set import decode_caption
from rnnkit.nn.captioning.captioner import END
from rnnkit.nn.captioning.writing import (
    beam_search,
    evidence,
    greedy,
    log_probability,
    shifted,
)

from .small_captioners import MODELS, make


@pytest.mark.parametrize("name", MODELS)
def test_greedy_repeats_itself_and_its_probability_is_the_models(name, regions):
    model = make(name)
    words, _ = greedy(model, regions, longest=4)
    assert torch.equal(words, greedy(model, regions, longest=4)[0])
    logits, _, _ = model(shifted(words), model.start(regions))
    assert torch.equal(logits.argmax(-1), words)


@pytest.mark.parametrize("name", ["every", "soft"])
def test_a_wide_beam_finds_the_likeliest_caption(name, regions):
    """Against all captions of at most three words, one by one."""
    model = make(name)
    V = len(model.words)
    every = [list(c) for n in range(3) for c in itertools.product(range(V), repeat=n)]
    every = [[*c, END] for c in every if END not in c]
    every += [
        list(c) for c in itertools.product(range(V), repeat=3) if END not in c[:2]
    ]
    rows = torch.tensor([c + [END] * (3 - len(c)) for c in every])
    for r in regions:
        logs = log_probability(model, r.expand(len(rows), -1, -1), rows)
        words, log_p = beam_search(model, r, width=V**3, longest=3)
        assert log_p == pytest.approx(logs.max().item(), abs=1e-4)
        narrow = beam_search(model, r, width=1, longest=3)[1]
        assert narrow <= log_p + 1e-5


def test_beam_of_one_is_greedy(regions):
    model = make("soft")
    for i, row in enumerate(greedy(model, regions, longest=5)[0]):
        one, log_p = beam_search(model, regions[i], width=1, longest=5)
        assert decode_caption(one, model.words) == decode_caption(row, model.words)
        both = log_probability(model, regions[i : i + 1], row[None])
        assert log_p == pytest.approx(both.item(), abs=1e-4)


def test_evidence_is_the_derivative_by_the_scores(regions):
    """Where a region's score is raised a little, the log-probability of the word rises by so much."""
    model = make("soft").double()
    regions = regions.double()
    words, _ = greedy(model, regions, longest=3)
    found, eps = evidence(model, regions, words), 1e-6
    last, region = model.looks[-1], 7
    choose = last.forward

    def log_p(raise_by):
        def nudged(query, keys, values, barred):
            _, _, scores = choose(query, keys, values)
            scores = scores + raise_by * torch.eye(16, dtype=scores.dtype)[region]
            weights = torch.softmax(scores, -1)
            return weights @ values, weights, scores

        last.forward = nudged
        with torch.no_grad():
            logits, _, _ = model(shifted(words), model.start(regions))
        return logits.log_softmax(-1).gather(-1, words[..., None])[..., 0]

    numerical = (log_p(eps) - log_p(-eps)) / (2 * eps)
    torch.testing.assert_close(found[..., region], numerical, atol=1e-7, rtol=1e-4)
