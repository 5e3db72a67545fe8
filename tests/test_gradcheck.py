"""The witness must be right, must restore what it touches, and must convict the guilty."""

import numpy as np
import pytest

from rnnkit.gradcheck import check_gradients, numerical_gradient, relative_error


def test_known_gradient(rng):
    x = rng.standard_normal((3, 4))
    before = x.copy()
    assert (
        relative_error(numerical_gradient(lambda: float(np.sin(x).sum()), x), np.cos(x))
        < 1e-9
    )
    assert np.array_equal(x, before)


def test_argument_is_restored_when_f_fails():
    x = np.ones(3)

    def f():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        numerical_gradient(f, x)
    assert np.array_equal(x, np.ones(3))


def test_wrong_gradient_is_found_and_named(rng):
    a = {"x": rng.standard_normal(5), "y": rng.standard_normal(5)}
    wrong = {"x": a["y"], "y": a["x"] * 1.001}
    errors = check_gradients(lambda: float((a["x"] * a["y"]).sum()), a, wrong)
    assert errors["x"] < 1e-8 < 5e-4 < errors["y"]


def test_relative_error():
    assert relative_error(np.zeros(3), np.zeros(3)) == 0
    assert relative_error(np.array([1.0, 0]), np.array([1.0, 1e-9])) == pytest.approx(
        1e-9
    )
    assert relative_error(np.array([1.0]), np.array([-1.0])) == 2


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_agrees_with_nothing(value):
    a, b = np.array([1.0, value]), np.array([1.0, 2.0])
    assert relative_error(a, b) == relative_error(b, a) == np.inf
    assert relative_error(a, a) == np.inf


def test_bad_input():
    with pytest.raises(ValueError, match="x: expected float64, got float32"):
        numerical_gradient(lambda: 0.0, np.zeros(2, np.float32))
    with pytest.raises(
        ValueError, match=r"b: expected the shape of a, \(2,\), got \(3,\)"
    ):
        relative_error(np.zeros(2), np.zeros(3))
    with pytest.raises(
        ValueError, match=r"gradients: expected the names \['x'\], got \['y'\]"
    ):
        check_gradients(lambda: 0.0, {"x": np.zeros(2)}, {"y": np.zeros(2)})
    with pytest.raises(ValueError, match=r"dx: expected \(2,\), got \(3,\)"):
        check_gradients(lambda: 0.0, {"x": np.zeros(2)}, {"x": np.zeros(3)})
