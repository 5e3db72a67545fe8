"""The explorable of chapter 12: what the page gets, and what it refuses."""

import numpy as np
import pytest

from rnnkit.data.digits import load_digits
from rnnkit.show.explorable import to_json
from rnnkit.show.glimpses import MAX_WEIGHTS, Glimpses, quantise, window_box
from rnnkit.show.glimpsing import read_picture

torch = pytest.importorskip("torch")

from rnnkit.nn.pictures.files import arrays, load_pictures  # noqa: E402
from rnnkit.nn.pictures.painters import Painters  # noqa: E402
from rnnkit.nn.pictures.readers import GlimpseReaders  # noqa: E402


def shipped():
    reader, painter, _ = load_pictures()
    return arrays(reader, painter)


def test_the_page_gets_the_shipped_models_whole():
    _, held_out = load_digits()
    given = {"digits": held_out.x[:12], "answers": held_out.y[:12]}
    figure = Glimpses(weights=shipped(), **given)
    assert len(to_json(figure.state())) <= MAX_WEIGHTS
    assert figure._repr_mimebundle_()[0] == figure._repr_mimebundle_()[0]
    np.testing.assert_array_equal(figure.picture(3), held_out.x[3])
    right = [figure.read(k).p[-1].argmax() == figure.answers[k] for k in range(12)]
    assert sum(right) >= 11
    assert f"a handwritten {held_out.y[0]} of 8 x 8 pixels" in figure.alt
    strokes = figure.paint()
    assert strokes.ink.shape == (8, 8, 8)
    # what is painted has black and white: it is no grey mean of all digits
    assert (np.abs(strokes.ink[-1] - 0.5) > 0.4).mean() > 0.6


def test_eight_bits_are_enough():
    _, held_out = load_digits()
    weights = shipped()
    rounded = quantise(weights)
    some = range(150)
    for w in (weights, rounded):
        right = [
            read_picture(w, held_out.x[k], 4).p[-1].argmax() == held_out.y[k]
            for k in some
        ]
        assert np.mean(right) > 0.95


def test_the_window_is_what_its_bells_share_out():
    box = window_box(np.array([2.0, 3, 4]), np.array([1.0, 3, 5]))
    assert box == (1.5, 0, 3, 6)


def small(side=4, grid=3):
    reader = GlimpseReaders("learned", side=side, hidden_size=5, seeds=[0])
    painter = Painters(steps=2, hidden_size=4, code_size=3, grid=grid, seeds=[0])
    return arrays(reader, painter)


def no_square(name, axis):
    weights = small()
    weights[name] = np.delete(weights[name], 0, axis)
    if name == "painter.W_hw":
        weights["painter.b_w"] = weights["painter.b_w"][1:]
    return weights


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {}}, "weights: expected a reader's and a painter's reader.W_what"),
        (
            {"weights": {**small(), "reader.b_y": np.zeros(9)}},
            r"reader.b_y: expected \(10,\) = \(10,\), got \(9,\)",
        ),
        (
            {"weights": no_square("reader.W_what", 0)},
            "reader.W_what: expected as many numbers as a square, got 15",
        ),
        (
            {"weights": no_square("painter.W_hw", 1)},
            "painter.W_hw: expected as many numbers as a square, got 8",
        ),
        ({"digits": np.zeros((2, 8, 7))}, r"expected \(n, 8, 8\), got \(2, 8, 7\)"),
        ({"digits": np.zeros((0, 8, 8))}, r"expected \(n, 8, 8\), got \(0, 8, 8\)"),
        ({"digits": np.full((2, 8, 8), 16)}, "ink from 0 to 1, got 16 to 16"),
        ({"digits": np.full((2, 8, 8), np.nan)}, "ink from 0 to 1, got nan to nan"),
        ({"answers": [1]}, r"answers: expected \(2,\), got \(1,\)"),
        ({"answers": [1, 10]}, r"answers: expected digits from 0 to 9, got \[1, 10\]"),
        ({"glimpses": 0}, "glimpses, steps: expected 1 or more, got 0, 8"),
    ],
)
def test_it_refuses(changes, message):
    given = {"weights": small(), "digits": np.zeros((2, 8, 8)), "answers": [1, 2]}
    with pytest.raises(ValueError, match=message):
        Glimpses(**{**given, **changes})
