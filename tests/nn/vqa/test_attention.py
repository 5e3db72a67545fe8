"""The glances that a question sends out, by hand."""

import torch
from torch.nn.functional import softmax

from .small_models import MODELS, WORDS_OF_TWO, some_regions


def test_attention_by_hand():
    model = MODELS["attention"]()
    sight = model.eye.sight
    regions, words = some_regions(1), WORDS_OF_TWO[:1, :1]
    question = model.question(words)[0, 0]
    seen = torch.cat([torch.relu(sight.what(regions[0])), sight.where], dim=1)
    keys, values = sight.key(seen), sight.value(seen)
    first = softmax(keys @ model.eye.looks[0].query(question) / 7**0.5, dim=0)
    known = torch.cat([question, first @ values])
    second = softmax(keys @ model.eye.looks[1].query(known) / 7**0.5, dim=0)
    v = model.W_v(torch.cat([first @ values, second @ values]))
    hidden = torch.relu(model.hidden(model.W_q(question) * v))
    scores, glances = model(regions, words)
    torch.testing.assert_close(glances[0, 0], torch.stack([first, second]))
    torch.testing.assert_close(scores[0, 0], model.answer(hidden))
