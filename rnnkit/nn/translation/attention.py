"""Where the decoder looks: one attention for each way to score a place, in the layout of `rnnkit.attention`.

All are called with the queries of T steps at once, (B, T, Q), and answer with a context, (B, T, K), for each. The
mask, (B, S), is True where the source has a character; elsewhere the weight is exactly 0.
"""

from typing import NamedTuple

import torch
from torch import nn


class Memory(NamedTuple):
    """What the encoder hands to the decoder.

    keys (B, S, K): the reader's states, one a character. mask (B, S): True where the source has one.
    last (B, K): the state after the last character, of both readers where there are two.
    """

    keys: torch.Tensor
    mask: torch.Tensor
    last: torch.Tensor


def weight(rows, columns):
    """A matrix of weights, (rows, columns), drawn like those of `nn.Linear`."""
    bound = rows**-0.5
    return nn.Parameter(torch.empty(rows, columns).uniform_(-bound, bound))


class FixedVector(nn.Module):
    """No attention: the context is the encoder's last state, the same at every step.

    Source: Cho et al. (2014), section 2.2.
    """

    def __init__(self, query_size, key_size, size):
        super().__init__()

    def forward(self, query, memory):
        """query (B, T, Q) -> context (B, T, K) and no weights, None."""
        return memory.last[:, None].expand(-1, query.shape[1], -1), None


class Attention(nn.Module):
    """A weighted mean of the keys; what the models differ in is the score."""

    def score(self, query, keys):
        """query (B, T, Q), keys (B, S, K) -> scores (B, T, S)."""
        raise NotImplementedError

    def forward(self, query, memory):
        """query (B, T, Q) -> context (B, T, K) and weights (B, T, S), which sum to one over the source."""
        scores = self.score(query, memory.keys)
        scores = scores.masked_fill(~memory.mask[:, None], -torch.inf)
        weights = torch.softmax(scores, dim=-1)
        return weights @ memory.keys, weights


class AdditiveAttention(Attention):
    """The score is v . tanh(query W_q + key W_k).

    Source: Bahdanau et al. (2015), appendix A.1.2.
    """

    def __init__(self, query_size, key_size, size):
        super().__init__()
        self.W_q = weight(query_size, size)
        self.W_k = weight(key_size, size)
        self.v = nn.Parameter(weight(size, 1)[:, 0].detach())

    def score(self, query, keys):
        a = (query @ self.W_q)[:, :, None] + (keys @ self.W_k)[:, None]  # (B, T, S, A)
        return torch.tanh(a) @ self.v


class MultiplicativeAttention(Attention):
    """The score is query W key.

    Source: Luong et al. (2015), equation 8, "general".
    """

    def __init__(self, query_size, key_size, size):
        super().__init__()
        self.W = weight(query_size, key_size)

    def score(self, query, keys):
        return query @ self.W @ keys.transpose(1, 2)


ATTENTIONS = {
    "none": FixedVector,
    "additive": AdditiveAttention,
    "multiplicative": MultiplicativeAttention,
}
