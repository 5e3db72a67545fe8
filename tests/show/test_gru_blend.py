"""The GRU that is blended into a vanilla RNN."""

import numpy as np
import pytest

from rnnkit.sequence import gru_backward, gru_forward
from rnnkit.show import explorable
from rnnkit.show.explorable import to_json
from rnnkit.show.gru_blend import (
    GRUBlendExplorable,
    default_inputs,
    default_weights,
    states_and_memory,
)


def test_the_gru_explorable_needs_no_arguments():
    first, second = (GRUBlendExplorable()._repr_mimebundle_()[0] for _ in range(2))
    for kind in ("text/plain", "text/html", "image/png"):
        assert first[kind] == second[kind]
    figure = GRUBlendExplorable()
    assert len(figure._picture()) < explorable.MAX_PICTURE
    assert len(to_json(figure.state())) < 10_000
    assert [entry["name"] for entry in figure.inputs] == list(default_inputs())
    (_, gru), (_, rnn) = figure.read()
    assert f"{gru[0]:.1g} in the GRU, {rnn[0]:.1g} in the RNN" in figure.alt


def test_memory_is_the_norm_of_a_jacobian(rng):
    weights, x = default_weights(D=2, H=4), rng.normal(size=(5, 2))
    given = gru_forward, gru_backward, tuple(weights.values())
    _, memory = states_and_memory(x, *given)
    for s in range(5):
        columns = []
        for step in 1e-6 * np.eye(2):
            moved = np.zeros((5, 2))
            moved[s] = step
            high, low = (states_and_memory(x + d, *given)[0] for d in (moved, -moved))
            columns.append((high[-1] - low[-1]) / 2e-6)
        assert memory[s] == pytest.approx(np.linalg.norm(columns), rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {}}, "weights: expected W_xh, W_hh, b_x, b_h, got nothing"),
        (
            {"weights": default_weights() | {"W_hh": np.zeros((8, 8))}},
            r"W_hh: expected \(H, 3H\) = \(8, 24\), got \(8, 8\)",
        ),
        ({"weights": default_weights(H=17)}, "W_hh: expected 1 to 16 rows, got 17"),
        ({"weights": default_weights(D=5)}, "W_xh: expected 1 to 4 rows, got 5"),
        (
            {"weights": default_weights() | {"b_x": np.full(24, np.nan)}},
            "b_x: expected finite numbers",
        ),
        ({"inputs": {}}, "inputs: expected at least one sequence"),
        ({"inputs": {"a": np.zeros((61, 1))}}, "inputs: expected 2 to 60 steps"),
        (
            {"inputs": {"a": np.zeros((9, 1)), "b": np.zeros((8, 1))}},
            r"inputs: b: expected \(T, D\) = \(9, 1\), got \(8, 1\)",
        ),
        ({"pattern": "none"}, "pattern: expected one of one pulse, .* got 'none'"),
        ({"blend_z": 1.5}, "blend_z: expected 0 to 1, got 1.5"),
        ({"keep": -5}, "keep: expected -4 to 6, got -5"),
    ],
)
def test_the_gru_explorable_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        GRUBlendExplorable(**changes)
