"""Where captioners with attention look, and what they choose their words from."""

import pytest
import torch

from rnnkit.nn.captioning.attention_captioner import AttentionCaptioner

from .small_captioners import ATTENTION, SIZES, WORDS, make


def test_contexts_that_the_word_is_chosen_from(regions, rows):
    for contexts, size in (("last", 8 + 2 * 14 + 7), ("all", 8 + 2 * 14 + 14)):
        model = AttentionCaptioner(
            WORDS, attention_size=7, contexts=contexts, **SIZES
        ).eval()
        assert model.output[0].in_features == size
        model(rows.clamp(min=0), model.start(regions))
    with pytest.raises(
        ValueError, match=r"contexts: expected one of \['last', 'all'\]"
    ):
        AttentionCaptioner(WORDS, contexts="first", **SIZES)


@pytest.mark.parametrize("name", ATTENTION)
def test_attention_sums_to_one(name, regions, rows):
    model = make(name)
    _, _, glances = model(rows.clamp(min=0), model.start(regions))
    torch.testing.assert_close(glances.weights.sum(-1), torch.ones(3, rows.shape[1], 2))
    if name != "soft":
        highest = glances.weights.max(-1).values
        torch.testing.assert_close(highest, torch.ones_like(highest))
