"""Gradient flow: eigenvalues beside what a product of matrices does."""

import numpy as np
import pytest

from rnnkit.show import explorable, gradient_flow
from rnnkit.show.explorable import decode_array, to_json
from rnnkit.show.gradient_flow import GradientFlowExplorable


def test_gradient_flow_needs_no_argument_and_is_small():
    figure = GradientFlowExplorable()
    assert len(to_json(figure.state())) < 40_000
    assert len(figure._picture()) < explorable.MAX_PICTURE
    first, second = (GradientFlowExplorable()._repr_mimebundle_()[0] for _ in range(2))
    assert first["text/html"] == second["text/html"]
    assert "0.90 to the power 10 is 0.35" in figure.alt
    assert GradientFlowExplorable(alt="A disc", strength=0.5).alt == "A disc"


def test_gradient_flow_at_rest_is_a_power_of_the_matrix():
    for W in gradient_flow.default_matrices().values():
        got = gradient_flow.flow(W, np.zeros((gradient_flow.T, len(W))))
        powers = [np.linalg.matrix_power(W, k) for k in range(gradient_flow.STEPS + 1)]
        want = [np.linalg.norm(power, 2) for power in powers]
        np.testing.assert_allclose(got, want, rtol=1e-9)


def test_gradient_flow_keeps_spectra_at_radius_one(rng):
    matrices = {"a": 7 * rng.normal(size=(5, 5)), "b": np.eye(5) * -0.1}
    packed = GradientFlowExplorable(matrices=matrices).state()["matrices"]
    for name, entry in packed.items():
        W, eigenvalues, singular = (decode_array(part) for part in entry.values())
        assert np.hypot(*eigenvalues.T).max() == pytest.approx(1, abs=1e-6)
        np.testing.assert_allclose(np.linalg.svd(W)[1], singular, atol=1e-5)
        rho = gradient_flow.spectral_radius(matrices[name])
        np.testing.assert_allclose(rho * W, matrices[name], rtol=1e-6)


def test_the_chain_grows_with_all_eigenvalues_inside():
    chain = gradient_flow.default_matrices()["chain"]
    assert np.abs(np.linalg.eigvals(0.9 * chain)).max() == pytest.approx(0.9)
    norms = gradient_flow.flow(0.9 * chain, np.zeros((gradient_flow.T, len(chain))))
    assert norms[10] > 20
    assert norms[-1] < 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"matrices": {}}, "matrices: expected 1 to 6, got 0"),
        (
            {"matrices": {"a": np.eye(33)}},
            "matrices: expected 2 <= H <= 32, got H = 33",
        ),
        ({"matrices": {"a": 3.0}}, "matrices: expected 2 <= H <= 32, got H = 0"),
        (
            {"matrices": {"a": np.eye(3), "b": np.eye(4)}},
            r"b: expected \(H, H\) = \(3, 3\), got \(4, 4\)",
        ),
        ({"matrices": {"a": np.eye(3) * np.nan}}, "a: expected finite numbers"),
        ({"matrices": {"a": np.eye(3, k=1)}}, "a: expected a spectral radius above 0"),
        ({"kind": "circulant"}, "kind: expected one of random, .*, got 'circulant'"),
        ({"radius": 2}, "radius: expected 0.5 to 1.5, got 2"),
        ({"strength": -1}, "strength: expected 0.0 to 2.0, got -1"),
        ({"steps_back": 61}, "steps_back: expected 1 to 60, got 61"),
    ],
)
def test_gradient_flow_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        GradientFlowExplorable(**changes)
