"""Attention of one query: values on paper, gradients against finite differences and torch, masks, bad input."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnkit import attention
from rnnkit.gradcheck import check_gradients, numerical_gradient, relative_error

SHAPES = {  # besides query (B, Q) and keys (B, T, K)
    "additive": {"W_q": "QA", "W_k": "KA", "v": "A"},
    "multiplicative": {"W": "QK"},
}
KINDS = list(SHAPES)


def arguments(kind, rng, **sizes):
    shapes = {"query": "BQ", "keys": "BTK"} | SHAPES[kind]
    sizes = {"B": 3, "T": 5, "Q": 4, "K": 2, "A": 6} | sizes
    return {
        name: rng.normal(size=[sizes[letter] for letter in letters])
        for name, letters in shapes.items()
    }


def whole(kind, a, values, mask=None):
    """Scores, then context: the context, and a function of dcontext that returns all gradients by name."""
    scores, compared = getattr(attention, f"{kind}_scores_forward")(**a)
    context, weights, attended = attention.attend_forward(scores, values, mask)

    def backward(dcontext):
        dscores, dvalues = attention.attend_backward(dcontext, attended)
        gradients = getattr(attention, f"{kind}_scores_backward")(dscores, compared)
        return dict(zip(a, gradients, strict=True)) | {"values": dvalues}

    return context, weights, backward


def torch_whole(kind, a, values, mask):
    """The same, written with torch operations."""
    if kind == "additive":
        scores = torch.tanh((a["query"] @ a["W_q"])[:, None] + a["keys"] @ a["W_k"])
        scores = scores @ a["v"]
    else:
        scores = ((a["query"] @ a["W"])[:, None] * a["keys"]).sum(-1)
    weights = scores.masked_fill(~torch.tensor(mask), -torch.inf).softmax(-1)
    return (weights[..., None] * values).sum(1)


def test_values_on_paper():
    query, keys = np.array([[1.0]]), np.array([[[0.0], [1.0]]])
    one = np.ones((1, 1))
    added, _ = attention.additive_scores_forward(query, keys, one, one, np.ones(1))
    assert np.allclose(added, [[np.tanh(1), np.tanh(2)]])
    times, _ = attention.multiplicative_scores_forward(query, keys, np.log([[3.0]]))
    assert np.allclose(times, [[0, np.log(3)]])
    context, weights, _ = attention.attend_forward(times, np.array([[[8.0], [0.0]]]))
    assert np.allclose(weights, [[0.25, 0.75]])
    assert np.allclose(context, [[2.0]])


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    B=st.integers(1, 3),
    T=st.integers(1, 5),
    size=st.integers(1, 4),
)
def test_gradients(kind, seed, B, T, size):
    rng = np.random.default_rng(seed)
    a = arguments(kind, rng, B=B, T=T, Q=size, K=5 - size, A=size)
    values, dcontext = rng.normal(size=(B, T, 3)), rng.normal(size=(B, 3))
    mask = rng.random((B, T)) < 0.6
    mask[np.arange(B), rng.integers(0, T, B)] = True
    context, _, backward = whole(kind, a, values, mask)
    ours = backward(dcontext)

    def loss():
        return float((whole(kind, a, values, mask)[0] * dcontext).sum())

    everything = a | {"values": values}
    for (
        name,
        array,
    ) in everything.items():  # absolute: where tanh is flat little is left
        assert np.abs(numerical_gradient(loss, array) - ours[name]).max() < 1e-8, name
    leaves = {n: torch.tensor(x, requires_grad=True) for n, x in everything.items()}
    theirs = torch_whole(kind, leaves, leaves["values"], mask)
    assert relative_error(context, theirs.detach().numpy()) < 1e-12
    theirs.backward(torch.tensor(dcontext))
    for name, leaf in leaves.items():
        expected = leaf.grad.numpy()
        assert np.allclose(ours[name], expected, rtol=1e-10, atol=1e-12), name


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_to_eight_digits(kind, rng):
    a = arguments(kind, rng)
    values, dcontext = rng.normal(size=(3, 5, 2)), rng.normal(size=(3, 2))
    ours = whole(kind, a, values)[2](dcontext)
    errors = check_gradients(
        lambda: float((whole(kind, a, values)[0] * dcontext).sum()),
        a | {"values": values},
        ours,
    )
    assert max(errors.values()) < 1e-8


@pytest.mark.parametrize("kind", KINDS)
def test_masked_places_have_no_say(kind, rng):
    a = arguments(kind, rng)
    values = rng.normal(size=(3, 5, 2))
    mask = np.arange(5) < np.array([[5], [3], [1]])
    context, weights, backward = whole(kind, a, values, mask)
    assert (weights[~mask] == 0).all()
    assert np.allclose(weights.sum(axis=1), 1)
    gradients = backward(np.ones((3, 2)))
    assert (gradients["values"][~mask] == 0).all()
    assert (gradients["keys"][~mask] == 0).all()
    elsewhere = a | {"keys": np.where(mask[..., None], a["keys"], 99.0)}
    again, _, _ = whole(kind, elsewhere, np.where(mask[..., None], values, -99.0), mask)
    assert np.array_equal(context, again)


def test_nothing_is_changed(rng):
    for kind in KINDS:
        a = arguments(kind, rng)
        before = {name: x.copy() for name, x in a.items()}
        whole(kind, a, a["keys"])[2](np.ones((3, 2)))
        assert all(np.array_equal(a[name], before[name]) for name in a)


def test_bad_input(rng):
    a = arguments("additive", rng)
    with pytest.raises(ValueError, match=r"W_k: expected \(K, A\) = \(2, 6\), got"):
        attention.additive_scores_forward(**a | {"W_k": a["W_q"]})
    with pytest.raises(ValueError, match=r"v: expected \(A,\) = \(6,\), got \(5,\)"):
        attention.additive_scores_forward(**a | {"v": np.ones(5)})
    with pytest.raises(ValueError, match="keys: expected at least one place"):
        attention.additive_scores_forward(**a | {"keys": np.ones((3, 0, 2))})
    b = arguments("multiplicative", rng)
    with pytest.raises(ValueError, match=r"W: expected \(Q, K\) = \(4, 2\), got"):
        attention.multiplicative_scores_forward(**b | {"W": b["W"].T})
    with pytest.raises(ValueError, match=r"keys: expected \(B, T, K\) = \(3, T, K\)"):
        attention.multiplicative_scores_forward(**b | {"keys": b["keys"][:2]})
    scores = np.zeros((2, 3))
    with pytest.raises(ValueError, match=r"values: expected \(B, T, M\) = \(2, 3, M\)"):
        attention.attend_forward(scores, np.zeros((2, 4, 1)))
    with pytest.raises(ValueError, match="mask: expected a True in every row"):
        attention.attend_forward(scores, np.zeros((2, 3, 1)), np.zeros((2, 3), bool))
    _, _, cache = attention.attend_forward(scores, np.zeros((2, 3, 1)))
    with pytest.raises(ValueError, match=r"dcontext: expected \(B, M\) = \(2, 1\)"):
        attention.attend_backward(np.zeros((2, 2)), cache)
    for kind, given_arguments in (("additive", a), ("multiplicative", b)):
        cache = getattr(attention, f"{kind}_scores_forward")(**given_arguments)[1]
        with pytest.raises(ValueError, match=r"dscores: expected \(B, T\) = \(3, 5\)"):
            getattr(attention, f"{kind}_scores_backward")(np.zeros((3, 4)), cache)
