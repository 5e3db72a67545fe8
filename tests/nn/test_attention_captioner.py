"""What the captioner with attention chooses its words from."""

import pytest

from rnnkit.nn.attention_captioner import AttentionCaptioner

from .small_captioners import SIZES, WORDS


def test_contexts_that_the_word_is_chosen_from(regions, rows):
    for contexts, size in (("last", 8 + 2 * 14 + 7), ("all", 8 + 2 * 14 + 14)):
        model = AttentionCaptioner(
            WORDS, attention_size=7, contexts=contexts, **SIZES
        ).eval()
        assert model.output[0].in_features == size
        model(rows.clamp(min=0), model.start(regions))
    with pytest.raises(ValueError, match='contexts: expected "last" or "all"'):
        AttentionCaptioner(WORDS, contexts="first", **SIZES)
