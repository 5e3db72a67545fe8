"""Captioning with hard attention: one region drawn at every glance, and two ways of training the draw."""

import math
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy, log_softmax

from rnnkit.nn.attention import Glances, HardAttention, neighbours
from rnnkit.nn.captioning.attention_captioner import AttentionCaptioner, mean_square
from rnnkit.nn.captioning.captioner import IGNORE
from rnnkit.nn.config import FLAG, PRICE, one_of


class HardCaptioner(AttentionCaptioner):
    """The attention captioner, but every glance falls on one region.

    Arguments:
        estimator: "reinforce", or "straight-through", which needs no other loss than soft attention.
        entropy: nats of loss taken off for each nat of a glance's entropy, so that it goes on trying
            other regions; for "reinforce" alone.
        inhibition: a word's glance does not fall where another one of the same word has fallen already,
            nor beside it. Without it several glances may show one drawing, and nothing tells that from
            several drawings of a kind.

    Source: Xu et al. (2015), section 4.1; Williams (1992). Inhibition of return: Itti, Koch and Niebur (1998).
    """

    rules = AttentionCaptioner.rules | {
        "estimator": one_of("reinforce", "straight-through"),
        "entropy": PRICE,
        "inhibition": FLAG,
    }
    near: torch.Tensor

    def __init__(
        self,
        words: list[str],
        estimator: str = "reinforce",
        entropy: float = 0.01,
        inhibition: bool = False,
        **sizes: Any,
    ) -> None:
        own = {"estimator": estimator, "entropy": entropy, "inhibition": inhibition}
        super().__init__(words, **own, **sizes)
        side = math.isqrt(self.config["regions"])
        self.register_buffer("near", neighbours(side), persistent=False)
        # What the word after each word usually costs.
        self.baseline = nn.Embedding(len(self.words), 1)

    def look(self, query_size, size):
        return HardAttention(query_size, size, self.config["estimator"])

    def bar(self, weights):
        """Where this word's glances have fallen, and around it, (B, T, R), if there is inhibition."""
        if not weights or not self.config["inhibition"]:
            return None
        fallen = torch.stack(weights).detach().sum(dim=0)  # 1 at drawn regions
        return fallen @ self.near > 0.5

    def loss(self, regions, captions):
        """As `AttentionCaptioner.loss`; with "reinforce" its gradient is an unbiased estimate.

        The loss that is wanted is the expected price of each word, over all draws z of its glances:
        E[price(z)] = sum of p(z) price(z). Its gradient is E[d price + (price - baseline) d log p(z)]:
        a draw that made the word cheaper than usual becomes likelier. The state does not depend on the
        draws, so a draw answers for its own word and for no other.
        """
        if self.config["estimator"] == "straight-through":
            return super().loss(regions, captions)
        words, targets = captions[:, :-1].clamp(min=0), captions[:, 1:]
        logits, _, glances = self(words, self.start(regions))
        # (B, T), nats for each word; cross_entropy wants the scores second.
        price = cross_entropy(logits.transpose(1, 2), targets, reduction="none")
        usual = self.baseline(words)[..., 0]
        surrogate = price + reinforce(price, usual, glances)
        surrogate = surrogate - self.config["entropy"] * entropy(glances)
        fit_baseline = (usual - price.detach()) ** 2
        said = targets != IGNORE
        mean = (surrogate + fit_baseline)[said].mean()
        return mean + self.config["calm"] * mean_square(glances.scores)


def reinforce(price, baseline, glances):
    """A term whose gradient, in the mean over draws, is that of the expected price by the draws.

    price, baseline (B, T), nats; glances: weights 1 at the drawn regions. Returns (B, T): only its
    gradient means anything. No baseline that is fixed before the draw changes the mean of the gradient,
    since the mean of d log p is zero; one close to the price makes it vary less.

    Source: Williams (1992), who calls it REINFORCE.
    """
    log_p = log_softmax(torch.stack(glances.scores, dim=2), dim=-1)  # (B, T, G, R)
    log_p_drawn = (glances.weights.detach() * log_p).sum(dim=(2, 3))
    return (price - baseline).detach() * log_p_drawn


def entropy(glances: Glances) -> torch.Tensor:
    """How undecided the glances of each word are, nats, (B, T)."""
    log_p = log_softmax(torch.stack(glances.scores, dim=2), dim=-1)  # (B, T, G, R)
    return -(log_p.exp() * log_p).sum(dim=(2, 3))
