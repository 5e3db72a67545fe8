"""The estimators of hard attention against the exact gradient; inhibition, entropy."""

import itertools

import numpy as np
import pytest
import torch

from rnnkit.nn.attention import Glances
from rnnkit.nn.captioning.attention_captioner import mean_square
from rnnkit.nn.captioning.captioner import END, IGNORE
from rnnkit.nn.captioning.hard_attention_captioner import (
    HardCaptioner,
    entropy,
    reinforce,
)

from .small_captioners import SIZES, WORDS


def expected_price(scores, values, target):
    """The exact expected price of a word over all draws, and the price of each draw: the tiny case."""
    price = (values - target).square().sum(-1)  # (R,)
    return (torch.softmax(scores, -1) * price).sum(), price


@pytest.mark.parametrize("baseline", [0.0, 1.3])
def test_reinforce_is_unbiased_whatever_the_baseline(baseline):
    """Its mean over all draws, each as often as it is drawn, is the exact gradient."""
    torch.manual_seed(0)
    values, target = torch.randn(5, 3), torch.randn(3)
    scores = torch.randn(5, requires_grad=True)
    exact, prices = expected_price(scores, values, target)
    gradient = torch.autograd.grad(exact, scores)[0]
    mean = torch.zeros(5)
    for region, p in enumerate(torch.softmax(scores, -1).tolist()):
        weights = torch.eye(5)[region].view(1, 1, 1, 5)
        glances = Glances(weights, (scores.view(1, 1, 5),))
        term = reinforce(prices[region].view(1, 1), torch.tensor([[baseline]]), glances)
        mean += p * torch.autograd.grad(term.sum(), scores)[0]
    torch.testing.assert_close(mean, gradient)


def test_the_whole_loss_of_the_hard_captioner_is_unbiased():
    """Two glances, two words: the mean over all draws, by enumeration, is the gradient of the exact mean."""
    torch.manual_seed(0)
    sizes = {"regions": 4, "channels": 3, "embedding_size": 3, "hidden_size": 4}
    model = HardCaptioner(["a"], attention_size=3, entropy=0, calm=0, **sizes).double()
    regions = torch.randn(1, 4, 3, dtype=torch.float64)
    rows = torch.tensor([[0, 2, END]])
    parameters = [p for n, p in model.named_parameters() if n != "baseline.weight"]
    exact, estimate = 0, [torch.zeros_like(p) for p in parameters]
    for draw in itertools.product(
        range(4), repeat=2
    ):  # the same at both words: see below
        for look, region in zip(model.looks, draw, strict=True):
            look.choose = fixed(region)
        logits, _, glances = model(rows[:, :-1], model.start(regions))
        log_p = torch.stack(glances.scores, 2).log_softmax(-1)[0]  # (T, G, R)
        p = (
            log_p[:, range(2), draw].sum(1).exp()
        )  # probability of this draw at each word
        price = -logits.log_softmax(-1)[0, range(2), rows[0, 1:]]
        exact = exact + (p * price).mean()
        # A word's draw concerns that word alone, so words may be enumerated side by side.
        for word in range(2):
            kept = rows.clone()
            kept[0, 1 + (1 - word)] = IGNORE
            loss = ignoring(model, regions, rows, kept)
            grads = torch.autograd.grad(loss, parameters, allow_unused=True)
            for total, g in zip(estimate, grads, strict=True):
                if g is not None:
                    total += p[word].item() * g / 2
    wanted = torch.autograd.grad(exact, parameters, allow_unused=True)
    for mean, g in zip(estimate, wanted, strict=True):
        if g is not None:
            torch.testing.assert_close(mean, g)


def fixed(region):
    """An attention's `choose` that always looks at one region."""
    return lambda p: torch.eye(4, dtype=p.dtype)[region].expand_as(p)


def ignoring(model, regions, rows, kept):
    """The model's loss where only the targets of `kept` count, while it reads `rows`."""
    forward = model.forward
    model.forward = lambda words, state: forward(rows[:, :-1], state)
    try:
        return model.loss(regions, kept)
    finally:
        model.forward = forward


@pytest.mark.parametrize("estimator", ["straight-through", "reinforce"])
def test_with_inhibition_no_glance_of_a_word_touches_another(estimator, rows):
    torch.manual_seed(0)
    sizes = SIZES | {"regions": 64, "glances": 3, "contexts": "all"}
    model = HardCaptioner(WORDS, estimator, inhibition=True, **sizes)
    regions = torch.randn(3, 64, 5)
    for training in (True, False):
        state = model.train(training).start(regions)
        _, _, glances = model(rows.clamp(min=0), state)
        at = glances.weights.argmax(dim=-1)  # (B, T, G)
        y, x = at // 8, at % 8
        for g, k in ((0, 1), (0, 2), (1, 2)):
            far = torch.maximum(
                (x[..., g] - x[..., k]).abs(), (y[..., g] - y[..., k]).abs()
            )
            assert far.min() > 1
    # What is barred has no share in the loss: it stays as finite, and as small, as without.
    assert model.loss(regions, rows).isfinite()
    assert mean_square(glances.scores) < 100


def test_entropy_of_an_undecided_glance():
    glances = Glances(torch.zeros(1, 1, 2, 8), (torch.zeros(1, 1, 8),) * 2)
    torch.testing.assert_close(
        entropy(glances), torch.tensor([[2 * np.log(8)]]).float()
    )
