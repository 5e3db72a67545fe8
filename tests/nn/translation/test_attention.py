"""The torch attention computes what the taught one does, forward and backward."""

import numpy as np
import pytest
import torch

from rnnkit import attention as taught
from rnnkit.gradcheck import relative_error
from rnnkit.nn.translation.attention import (
    AdditiveAttention,
    FixedVector,
    Memory,
    MultiplicativeAttention,
)

B, T, S, Q, K, A = 3, 2, 5, 4, 6, 7
MASK = np.arange(S) < np.array([[5], [3], [1]])


def given():
    """Queries (B, T, Q) and a Memory, in double precision."""
    torch.manual_seed(0)
    query = torch.randn(B, T, Q, dtype=torch.float64, requires_grad=True)
    keys = torch.randn(B, S, K, dtype=torch.float64, requires_grad=True)
    return query, Memory(keys, torch.tensor(MASK), keys[:, -1])


def taught_context(scores_forward, scores_backward, query, keys, weights, dcontext):
    """Context, weights, dquery, dkeys and the parameters' gradients of the taught functions, one query after another."""
    contexts, looked, dquery, dkeys, dparams = [], [], [], 0, 0
    for t in range(T):
        scores, cache = scores_forward(query[:, t], keys, *weights)
        context, w, mean_cache = taught.attend_forward(scores, keys, MASK)
        dscores, dvalues = taught.attend_backward(dcontext[:, t], mean_cache)
        dq, dk, *dp = scores_backward(dscores, cache)
        contexts.append(context)
        looked.append(w)
        dquery.append(dq)
        dkeys = dkeys + dk + dvalues
        dparams = [a + b for a, b in zip(dparams, dp, strict=True)] if dparams else dp
    stack = [np.stack(x, axis=1) for x in (contexts, looked, dquery)]
    return [*stack, dkeys, *dparams]


@pytest.mark.parametrize(
    ("kind", "names"),
    [(AdditiveAttention, ("W_q", "W_k", "v")), (MultiplicativeAttention, ("W",))],
)
def test_torch_and_taught_agree(kind, names):
    layer, (query, memory) = kind(Q, K, A).double(), given()
    context, weights = layer(query, memory)
    dcontext = torch.randn_like(context)
    (context * dcontext).sum().backward()
    params = [getattr(layer, name) for name in names]
    prefix = "additive" if kind is AdditiveAttention else "multiplicative"
    ours = taught_context(
        getattr(taught, f"{prefix}_scores_forward"),
        getattr(taught, f"{prefix}_scores_backward"),
        query.detach().numpy(),
        memory.keys.detach().numpy(),
        [p.detach().numpy() for p in params],
        dcontext.numpy(),
    )
    theirs = [context, weights, query.grad, memory.keys.grad, *(p.grad for p in params)]
    for a, b in zip(ours, theirs, strict=True):
        assert relative_error(a, b.detach().numpy()) < 1e-8


def test_masked_places_have_no_weight_and_no_gradient():
    layer, (query, memory) = AdditiveAttention(Q, K, A).double(), given()
    context, weights = layer(query, memory)
    context.sum().backward()
    hidden = ~memory.mask
    assert (weights.transpose(1, 2)[hidden] == 0).all()
    assert (memory.keys.grad[hidden] == 0).all()


def test_the_fixed_vector_is_the_same_at_every_step():
    query, memory = given()
    context, weights = FixedVector(Q, K, A)(query, memory)
    assert weights is None
    assert torch.equal(context, memory.last[:, None].expand(B, T, K))
