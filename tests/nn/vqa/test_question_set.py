"""What models of questions are trained on."""

import pytest
import torch

from rnnkit.nn.training import Training, fit
from rnnkit.nn.vqa.asking import accuracy, reply
from rnnkit.nn.vqa.fusion import Fusion
from rnnkit.nn.vqa.question_set import QuestionSet

from .small_models import ASKED, SAID, SMALL, WORDS, Asked


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


@pytest.mark.trains
def test_training_learns_to_match():
    """Is what is asked what is there? A product finds it at once."""
    regions = torch.eye(3)[:2, None].expand(2, 4, 3)
    asked = [
        (i, Asked("existence", f"is a {noun}", "yes" if i == j else "no"))
        for i in range(2)
        for j, noun in enumerate(("cat", "dog"))
    ]
    torch.manual_seed(0)
    # Wide enough that no start is unlucky: over 24 seeds, with and without AVX, every right answer gets
    # more than 0.9999. With the small sizes of the other tests one seed in a few misses some.
    model = Fusion(WORDS, SAID, **SMALL | {"hidden_size": 32, "fused_size": 64})
    data = QuestionSet(regions, asked, model.words, SAID, batch_size=8, per_picture=2)
    fit(Training(model, data, steps=80, lr=1e-2), bar=False)
    assert accuracy(reply(model, regions, asked)[0], asked) == {"existence": 1.0}
