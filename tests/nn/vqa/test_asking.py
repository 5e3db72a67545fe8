"""How models are asked, and how right answers are counted."""

import torch

from rnnkit.nn.vqa.asking import accuracy, reply

from .small_models import ASKED, MODELS, some_regions


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
