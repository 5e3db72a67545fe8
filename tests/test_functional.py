"""The small functions against torch and finite differences, and their bad input."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from rnnkit import functional as F
from rnnkit.gradcheck import check_gradients, numerical_gradient, relative_error


def test_sigmoid_and_softmax_equal_torch_and_do_not_overflow(rng):
    x = np.concatenate([rng.standard_normal((4, 7)), [[-1e4, 1e4, 0, 1, 2, 3, 4]]])
    assert np.abs(F.sigmoid(x) - torch.sigmoid(torch.tensor(x)).numpy()).max() < 1e-14
    assert (
        np.abs(F.softmax(x) - torch.softmax(torch.tensor(x), -1).numpy()).max() < 1e-14
    )
    assert (
        relative_error(F.log_softmax(x), torch.log_softmax(torch.tensor(x), -1).numpy())
        < 1e-14
    )
    assert np.isfinite(F.log_softmax(x)).all()


def test_affine_gradients(rng):
    a = {
        "x": rng.standard_normal((3, 5, 4)),
        "W": rng.standard_normal((4, 2)),
        "b": rng.standard_normal(2),
    }
    y, cache = F.affine_forward(**a)
    grads = dict(zip(a, F.affine_backward(2 * y, cache), strict=True))
    errors = check_gradients(
        lambda: float((F.affine_forward(**a)[0] ** 2).sum()), a, grads
    )
    assert max(errors.values()) < 1e-8, errors


def test_embedding_is_a_one_hot_product_with_the_same_gradient(rng):
    W, index, dy = (
        rng.standard_normal((6, 4)),
        np.array([[0, 5, 5], [1, 0, 5]]),
        rng.standard_normal((2, 3, 4)),
    )
    y, cache = F.embedding_forward(index, W)
    assert np.array_equal(y, F.one_hot(index, 6) @ W)
    dW = F.embedding_backward(dy, cache)
    assert relative_error(dW, np.einsum("btv,btd->vd", F.one_hot(index, 6), dy)) < 1e-14


@pytest.mark.parametrize(
    "mask", [None, np.array([[True, False, True], [False, False, True]])]
)
def test_cross_entropy_equals_torch(rng, mask):
    logits, targets = (
        3 * rng.standard_normal((2, 3, 5)),
        np.array([[0, 4, 1], [2, 2, 3]]),
    )
    loss, cache = F.cross_entropy_forward(logits, targets, mask)
    leaf = torch.tensor(logits, requires_grad=True)
    keep = torch.ones(2, 3, dtype=torch.bool) if mask is None else torch.tensor(mask)
    theirs = cross_entropy(leaf[keep], torch.tensor(targets)[keep])
    theirs.backward()
    assert abs(loss - theirs.item()) < 1e-14
    assert relative_error(F.cross_entropy_backward(cache), leaf.grad.numpy()) < 1e-13


def test_cross_entropy_gradient_equals_finite_differences(rng):
    logits, targets = rng.standard_normal((2, 3, 5)), np.array([[0, 4, 1], [2, 2, 3]])
    _, cache = F.cross_entropy_forward(logits, targets)
    numeric = numerical_gradient(
        lambda: F.cross_entropy_forward(logits, targets)[0], logits
    )
    assert relative_error(F.cross_entropy_backward(cache), numeric) < 1e-8


def test_backward_can_be_called_twice(rng):
    _, cache = F.cross_entropy_forward(
        rng.standard_normal((1, 2, 3)), np.array([[0, 1]])
    )
    assert np.array_equal(
        F.cross_entropy_backward(cache), F.cross_entropy_backward(cache)
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.one_hot([0.5], 3), "index: expected integers, got float64"),
        (
            lambda: F.one_hot([0, 3], 3),
            "index: expected values from 0 to 2, got 0 to 3",
        ),
        (
            lambda: F.embedding_forward(np.array([[-1]]), np.zeros((3, 2))),
            "index: expected values from 0 to 2",
        ),
        (
            lambda: F.affine_forward(np.zeros((2, 3)), np.zeros((4, 5)), np.zeros(5)),
            r"x: expected \(..., D\) =",
        ),
        (
            lambda: F.affine_forward(np.zeros((2, 4)), np.zeros((4, 5)), np.zeros(4)),
            r"b: expected \(M,\) = \(5,\)",
        ),
        (
            lambda: F.cross_entropy_forward(np.zeros((1, 2, 3)), np.array([[0]])),
            r"targets: expected \(B, T\) = \(1, 2\), got \(1, 1\)",
        ),
        (
            lambda: F.cross_entropy_forward(np.zeros((1, 1, 3)), np.array([[3]])),
            "targets: expected values from 0 to 2, got 3 to 3",
        ),
        (
            lambda: F.cross_entropy_forward(
                np.zeros((1, 1, 3)), np.array([[0]]), np.array([[False]])
            ),
            "mask: expected at least one True",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
