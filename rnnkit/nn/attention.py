"""Attention over the regions of a picture: soft, a weighted mean of all, and hard, one region drawn.

Every look is given a query and answers with a context, one vector of values, and with where it looked. A model
has a Sight, what the regions offer to a look, and one look for each glance.
"""

import math
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import one_hot, relu

# The score of a region that must not be looked at: its weight is exactly 0.
BARRED = -1e4


class Glances(NamedTuple):
    """Where a model looked: G glances at each of T queries.

    weights: what the values were weighted with, (B, T, G, R); sums to one over the regions; hard
    attention: one 1. scores: how well keys agree with queries, G times (B, T, R); softmax(scores) is what
    soft attention takes as weights and hard attention draws from.
    """

    weights: torch.Tensor
    scores: tuple


def coordinates(side: int) -> torch.Tensor:
    """Where each region of a square grid lies: x and y, and waves of them, (side * side, 14).

    A score is linear in these numbers: with the waves it can ask for "here", and for "right of here".
    """
    # In double precision, then rounded: the same numbers on every processor.
    line = torch.linspace(-1, 1, side, dtype=torch.float64)
    y, x = torch.meshgrid(line, line, indexing="ij")
    xy = torch.stack([x, y], dim=-1).reshape(-1, 2)
    waves = [
        wave(math.pi * f * xy) for f in (0.5, 1, 2) for wave in (torch.sin, torch.cos)
    ]
    return torch.cat([2 * xy, *waves], dim=-1).float()


def neighbours(side: int) -> torch.Tensor:
    """Which regions of a square grid touch, at an edge or a corner, or are the same: (R, R), 0 or 1."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    x, y = x.flatten(), y.flatten()
    far = torch.maximum((x[:, None] - x).abs(), (y[:, None] - y).abs())
    return (far <= 1).float()


class Sight(nn.Module):
    """What every region offers to a look: a key and a value, which tell what is there, and where.

    Arguments: regions: R, a square number; channels: C; size: the length A of keys and values.
    """

    where: torch.Tensor

    def __init__(self, regions, channels, size):
        super().__init__()
        self.register_buffer(
            "where", coordinates(math.isqrt(regions)), persistent=False
        )
        waves = self.where.shape[1]
        self.what = nn.Linear(channels, size)
        self.key = nn.Linear(size + waves, size)
        self.value = nn.Linear(size + waves, size)

    def forward(self, regions):
        """regions (B, R, C) -> keys and values, (B, R, A) each."""
        where = self.where.expand(len(regions), -1, -1)
        seen = torch.cat([relu(self.what(regions)), where], dim=-1)  # (B, R, A + 14)
        return self.key(seen), self.value(seen)


def agreement(query, keys, barred=None):
    """How well each region's key agrees with the query: query (B, T, A), keys (B, R, A) -> scores (B, T, R).

    barred: None, or (B, T, R), true where not to look.

    Source: Vaswani et al. (2017), section 3.2.1.
    """
    scores = query @ keys.transpose(1, 2) / math.sqrt(keys.shape[-1])
    return scores if barred is None else scores.masked_fill(barred, BARRED)


class SoftAttention(nn.Module):
    """Look at all regions at once, at each as much as its key agrees with the query.

    Arguments: query_size, the length Q of a query; size, the length A of keys and values.

    Source: Bahdanau et al. (2015), Xu et al. (2015).
    """

    def __init__(self, query_size, size):
        super().__init__()
        self.query = nn.Linear(query_size, size)

    def forward(self, query, keys, values, barred=None):
        """query (B, T, Q), keys and values (B, R, A); barred: None, or (B, T, R), true where not to look.

        Returns context (B, T, A), weights (B, T, R), scores (B, T, R).
        """
        scores = agreement(self.query(query), keys, barred)
        weights = torch.softmax(scores, dim=-1)
        return weights @ values, weights, scores


class HardAttention(nn.Module):
    """Look at one region, drawn with the probabilities that soft attention would weight with.

    A draw has no derivative. With "reinforce" none is made up: the loss must teach the probabilities
    (`HardCaptioner.loss`). With "straight-through" the backward pass acts as if the weights were the
    probabilities. In evaluation mode it looks at the likeliest region.

    Arguments: query_size, size: as of SoftAttention; estimator: "reinforce" or "straight-through".

    Source: Williams (1992); Bengio, Léonard and Courville (2013); Xu et al. (2015), section 4.1.
    """

    def __init__(self, query_size, size, estimator="reinforce"):
        super().__init__()
        self.query = nn.Linear(query_size, size)
        self.estimator = estimator

    def forward(self, query, keys, values, barred=None):
        """As `SoftAttention.forward`; the weights are one 1."""
        scores = agreement(self.query(query), keys, barred)
        weights = self.choose(torch.softmax(scores, dim=-1))
        return weights @ values, weights, scores

    def choose(self, p):
        """Draw a region: probabilities (B, T, R) -> weights (B, T, R)."""
        if self.training:
            region = torch.multinomial(p.flatten(0, 1), 1).view(p.shape[:2])
        else:
            region = p.argmax(dim=-1)
        weights = one_hot(region, p.shape[-1]).to(p.dtype)
        if self.estimator == "straight-through":
            weights = weights + p - p.detach()  # the value of the draw, the slope of p
        return weights


def stacked_attention(looks, query, keys, values, bar=None):
    """Glance after glance: each asks with the query and with what the glances before it showed.

    Arguments:
        looks: G attentions, the g-th of them, from 0, for queries of length Q + g * A.
        query (B, T, Q), keys and values (B, R, A).
        bar: None, or what tells from the weights of the glances so far, a list of (B, T, R), where the
            next one must not fall: (B, T, R), or None.

    Returns:
        contexts, the list of what each glance showed, (B, T, A), and the Glances.

    Source: Yang et al. (2016).
    """
    known, contexts, weights, scores = query, [], [], []
    for look in looks:
        barred = None if bar is None else bar(weights)
        context, w, s = look(known, keys, values, barred)
        known = torch.cat([known, context], dim=-1)
        contexts.append(context)
        weights.append(w)
        scores.append(s)
    return contexts, Glances(torch.stack(weights, dim=2), tuple(scores))
