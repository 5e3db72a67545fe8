"""What holds for captioners of every kind: steps, padding, training, bad input."""

import pytest
import torch

from rnnkit.nn.captioning.attention_captioner import AttentionCaptioner
from rnnkit.nn.captioning.caption_set import CaptionSet, encode_captions
from rnnkit.nn.captioning.captioner import END, IGNORE
from rnnkit.nn.captioning.hard_attention_captioner import HardCaptioner
from rnnkit.nn.captioning.vector_captioners import VectorCaptioner
from rnnkit.nn.captioning.writing import beam_search, log_probability
from rnnkit.nn.training import Training, fit

from .small_captioners import ATTENTION, MODELS, WORDS, make


@pytest.mark.parametrize("name", MODELS)
def test_all_steps_at_once_are_the_steps_one_by_one(name, regions, rows):
    model, words = make(name), rows.clamp(min=0)
    together, _, glances = model(words, model.start(regions))
    assert together.shape == (3, rows.shape[1], len(WORDS) + 2)
    state = model.start(regions)
    for t in range(words.shape[1]):
        logits, state, looked = model(words[:, t : t + 1], state)
        torch.testing.assert_close(logits[:, 0], together[:, t])
        if looked is not None:
            torch.testing.assert_close(looked.weights[:, 0], glances.weights[:, t])


@pytest.mark.parametrize("name", MODELS)
def test_what_stands_behind_the_end_does_not_count(name, regions, rows):
    model = make(name)
    longer = torch.cat([rows, torch.full((3, 4), IGNORE)], dim=1)
    torch.manual_seed(0)
    if name in ATTENTION:
        model.config["calm"] = 0  # its mean runs over all steps
    a = model.loss(regions, rows)
    torch.testing.assert_close(model.loss(regions, longer), a)


@pytest.mark.trains
@pytest.mark.parametrize("name", MODELS)
def test_training_lowers_the_loss(name, regions):
    """What the true captions cost, and not the loss: REINFORCE adds a term whose value means nothing."""
    torch.manual_seed(0)
    # Wide enough that no start is unlucky: with 8 units some seeds hardly move in 100 steps.
    sizes = {"attention_size": 64} if name in ATTENTION else {}
    model = MODELS[name](embedding_size=16, hidden_size=32, **sizes)
    captions = [["a b"], ["c d", "d c"], ["b"]]
    data = CaptionSet(regions, captions, model.words, 8)
    before = nats_per_caption(model, regions, captions)
    fit(Training(model, data, steps=60, lr=1e-2), bar=False)
    # Over 24 seeds, and on processors with and without AVX, a share of 0.05 to 0.25 is left.
    assert nats_per_caption(model, regions, captions) < 0.5 * before


def nats_per_caption(model, regions, captions):
    """Mean over pictures and their captions; a glance falls where it is likeliest."""
    model.eval()
    nats = []
    for picture, choice in zip(regions, captions, strict=True):
        rows = encode_captions(choice, model.words)[:, 1:].clamp(min=END)
        pictures = picture.expand(len(rows), -1, -1)
        nats.append(-log_probability(model, pictures, rows).mean())
    return torch.stack(nats).mean()


def test_errors(regions):
    model = make("soft")
    with pytest.raises(ValueError, match=r"regions: expected \(B, R, C\)"):
        model.start(regions[:, :3])
    with pytest.raises(ValueError, match="words: expected different"):
        VectorCaptioner(["a", "a"])
    with pytest.raises(ValueError, match="regions: expected a square"):
        AttentionCaptioner(WORDS, regions=15)
    with pytest.raises(ValueError, match="hidden_size: expected a whole"):
        AttentionCaptioner(WORDS, hidden_size=0)
    with pytest.raises(ValueError, match="estimator: expected"):
        HardCaptioner(WORDS, "magic")
    with pytest.raises(ValueError, match="width: expected"):
        beam_search(model, regions[0], width=0)
    with pytest.raises(ValueError, match="expected known words"):
        CaptionSet(regions, [["a"], ["b"], ["z"]], model.words)
    with pytest.raises(ValueError, match="expected one list"):
        CaptionSet(regions, [["a"]], model.words)
    with pytest.raises(ValueError, match="at least one for every"):
        CaptionSet(regions, [["a"], [], ["b"]], model.words)
