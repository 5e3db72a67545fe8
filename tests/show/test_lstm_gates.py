"""The counting LSTM in the page."""

import numpy as np
import pytest

from rnnkit.show import explorable
from rnnkit.show.explorable import to_json
from rnnkit.show.lstm_gates import LSTMGatesExplorable

from .samples import count_weights


def test_the_counting_lstm_needs_no_argument_and_is_small():
    figure = LSTMGatesExplorable()
    assert len(to_json(figure.state())) < 2_000
    assert len(figure._picture()) < explorable.MAX_PICTURE
    first, second = (LSTMGatesExplorable()._repr_mimebundle_()[0] for _ in range(2))
    assert first["text/html"] == second["text/html"]
    assert "−0.1 at the end" in figure.alt
    assert figure.alt.endswith("$.")
    assert (figure.cell, figure.counter, figure.text) == (0, 0, "aaaaabbbbb")
    long = LSTMGatesExplorable(text="a" * 40 + "b" * 40, alt="Long", cell=1)
    assert len(long._picture()) < explorable.MAX_PICTURE
    assert (long.alt, long.cell, long.counter) == ("Long", 1, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {}}, "weights: expected W_xh, W_hh, b_h, W_hy, b_y, got nothing"),
        ({"weights": count_weights(V=3)}, r"W_xh: expected \(V, 4H\) = \(4, 12\), got"),
        ({"weights": count_weights(H=33)}, "W_hh: expected 1 to 32 cells, got 33"),
        (
            {"weights": {**count_weights(), "b_y": np.full(4, np.nan)}},
            "b_y: expected finite numbers",
        ),
        ({"alphabet": "aab"}, "alphabet: expected 3 or 4 different symbols, got 'aab'"),
        ({"alphabet": "#ab"}, "weights: the default reads 4 symbols"),
        ({"text": "abc"}, "text: expected letters of 'ab', got 'abc'"),
        ({"text": ""}, "text: expected letters of 'ab', got ''"),
        ({"text": "a" * 81}, "text's length: expected 1 to 80, got 81"),
        ({"cell": 2}, "cell: expected 0 to 1, got 2"),
        ({"shift": 4.5}, r"shift: expected -4.0 to 4.0, got 4.5"),
        ({"trained_to": 21}, "trained_to: expected 0 to 20, got 21"),
    ],
)
def test_the_counting_lstm_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        LSTMGatesExplorable(**changes)
