"""Attention of one query over a sequence, forward and backward.

A query asks a sequence of T places. Each place has a key, which is compared with the query: a
score. The softmax turns the scores into weights, and the answer, the context, is the weighted mean
of the values. There are two ways to compare, ``additive_scores_*`` and ``multiplicative_scores_*``;
what follows, ``attend_*``, is the same for both. Where keys serve as values too, their gradient is
``dkeys + dvalues``.

Rows are examples: query (B, Q), keys (B, T, K), values (B, T, M), scores and weights (B, T).
"""

import numpy as np

from rnnkit.checks import check_mask, check_shape
from rnnkit.functional import softmax


def additive_scores_forward(query, keys, W_q, W_k, v):
    """Scores of a small network: score_t = tanh(query W_q + key_t W_k) . v.

    Arguments:
        query: (B, Q).
        keys: (B, T, K).
        W_q, W_k, v: parameters, (Q, A), (K, A), (A,), the same for every place.

    Returns:
        scores, (B, T), and the cache for ``additive_scores_backward``.

    Raises:
        ValueError: a shape does not fit.

    Source: Bahdanau et al. (2015), appendix A.1.2.
    """
    sizes = check_query(query, keys)
    check_shape("W_q", W_q, "Q A", sizes)
    check_shape("W_k", W_k, "K A", sizes)
    check_shape("v", v, "A", sizes)
    match = np.tanh((query @ W_q)[:, None] + keys @ W_k)  # (B, T, A)
    return match @ v, (query, keys, match, W_q, W_k, v)


def additive_scores_backward(dscores, cache):
    """Gradients of the additive scores.

    Arguments:
        dscores: gradient of the loss with respect to the scores, (B, T).
        cache: from ``additive_scores_forward``.

    Returns:
        dquery (B, Q), dkeys (B, T, K), dW_q (Q, A), dW_k (K, A), dv (A,).

    Raises:
        ValueError: dscores has not the scores' shape.
    """
    query, keys, match, W_q, W_k, v = cache
    check_shape("dscores", dscores, "B T", dict(zip("BT", match.shape, strict=False)))
    dv = np.einsum("bt,bta->a", dscores, match)
    da = dscores[..., None] * v * (1 - match**2)  # through tanh, (B, T, A)
    da_query = da.sum(axis=1)  # every place read the same query: (B, A)
    dquery = da_query @ W_q.T
    dkeys = da @ W_k.T
    dW_q = query.T @ da_query
    dW_k = np.einsum("btk,bta->ka", keys, da)
    return dquery, dkeys, dW_q, dW_k, dv


def multiplicative_scores_forward(query, keys, W):
    """Scores of one product: score_t = query W . key_t.

    Arguments:
        query: (B, Q).
        keys: (B, T, K).
        W: parameter, (Q, K).

    Returns:
        scores, (B, T), and the cache for ``multiplicative_scores_backward``.

    Raises:
        ValueError: a shape does not fit.

    Source: Luong et al. (2015), section 3.1, "general".
    """
    sizes = check_query(query, keys)
    check_shape("W", W, "Q K", sizes)
    asked = query @ W  # (B, K), what the query looks for among the keys
    return np.einsum("bk,btk->bt", asked, keys), (query, keys, asked, W)


def multiplicative_scores_backward(dscores, cache):
    """Gradients of the multiplicative scores.

    Arguments:
        dscores: gradient of the loss with respect to the scores, (B, T).
        cache: from ``multiplicative_scores_forward``.

    Returns:
        dquery (B, Q), dkeys (B, T, K), dW (Q, K).

    Raises:
        ValueError: dscores has not the scores' shape.
    """
    query, keys, asked, W = cache
    check_shape("dscores", dscores, "B T", dict(zip("BT", keys.shape, strict=False)))
    dkeys = dscores[..., None] * asked[:, None]
    dasked = np.einsum("bt,btk->bk", dscores, keys)
    return dasked @ W.T, dkeys, query.T @ dasked


def attend_forward(scores, values, mask=None):
    """From scores to the context: weights = softmax(scores); context = sum of weight_t value_t.

    Arguments:
        scores: (B, T).
        values: (B, T, M).
        mask: (B, T) of bool or None; a place where it is False gets weight exactly 0.

    Returns:
        context (B, M), weights (B, T), and the cache for ``attend_backward``.

    Raises:
        ValueError: a shape does not fit, or a row of the mask has no True.
    """
    sizes = {}
    check_shape("scores", scores, "B T", sizes)
    check_shape("values", values, "B T M", sizes)
    check_mask(mask, sizes)
    if mask is not None:
        if not mask.any(axis=1).all():
            raise ValueError("mask: expected a True in every row, got a row without")
        scores = np.where(mask, scores, -np.inf)
    weights = softmax(scores)
    context = np.einsum("bt,btm->bm", weights, values)
    return context, weights, (values, weights)


def attend_backward(dcontext, cache):
    """Gradients of the context.

    Arguments:
        dcontext: gradient of the loss with respect to the context, (B, M).
        cache: from ``attend_forward``.

    Returns:
        dscores (B, T), 0 where the mask was False, and dvalues (B, T, M).

    Raises:
        ValueError: dcontext has not the context's shape.
    """
    values, weights = cache
    B, _, M = values.shape
    check_shape("dcontext", dcontext, "B M", {"B": B, "M": M})
    dvalues = weights[..., None] * dcontext[:, None]
    dweights = np.einsum("bm,btm->bt", dcontext, values)
    # Through the softmax: by the weight, as far as a place's own gradient lies above the mean.
    mean = (weights * dweights).sum(axis=1, keepdims=True)
    return weights * (dweights - mean), dvalues


def check_query(query, keys):
    """Check a query and the keys, and learn their sizes B, Q, T, K."""
    sizes = {}
    check_shape("query", query, "B Q", sizes)
    check_shape("keys", keys, "B T K", sizes)
    if sizes["T"] == 0:
        raise ValueError(f"keys: expected at least one place, got {keys.shape}")
    return sizes
