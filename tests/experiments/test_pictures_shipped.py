"""The reader and the painter of chapter 12's explorable, trained and measured at a tiny size; and what they learn on."""

import numpy as np
import pytest
import torch

from experiments.pen_digits import FORMS, parsed, write_digit, write_digits
from experiments.pictures_shipped import COMMAND, GuidedReaders, ship, varied
from rnnkit.data.digits import Digits, load_digits
from rnnkit.nn.pictures.files import load_pictures


def test_ship(tmp_path):
    path = tmp_path / "glimpses.safetensors"
    reading = {"steps": 2, "hidden_size": 4, "batch_size": 6, "written": 5}
    ship(path, reading, {"steps": 2, "hidden_size": 3, "grid": 3}, pens=20)
    reader, painter, about = load_pictures(path)
    assert (reader.hidden_size, painter.grid) == (4, 3)
    assert about["command"] == COMMAND
    assert len(about["figures"]["own places, pen"]) == reader.glimpses
    assert about["figures"]["nats"] > 0


def test_guided_readers_learn_from_both_ways_of_looking():
    reader = GuidedReaders("learned", hidden_size=4, seeds=[0])
    batch = [(np.random.default_rng(0).random((3, 8, 8), np.float32), np.arange(3))]
    x = torch.from_numpy(batch[0][0])[None]
    assert reader.read_anywhere(x).shape == (1, 3, reader.elsewhere, 10)
    alone = super(GuidedReaders, reader).losses(batch)
    assert reader.losses(batch) > 1.5 * alone  # untrained, both are about ln 10


def test_varied_digits_are_digits_of_16ths():
    digits, _ = load_digits()
    some = Digits(digits.x[:200], digits.y[:200])
    new = varied(np.random.default_rng(0), some)
    assert new.x.shape == some.x.shape
    np.testing.assert_array_equal(new.y, some.y)
    np.testing.assert_array_equal(new.x * 16, np.rint(new.x * 16))
    assert new.x.min() >= 0
    assert new.x.max() <= 1
    black = np.isin(new.x, (0, 1)).all(axis=(1, 2)).mean()
    assert 0.15 < black < 0.4  # a quarter of 200 is made of squares
    assert np.abs(new.x - some.x).mean() > 0.05
    again = varied(np.random.default_rng(0), some)
    np.testing.assert_array_equal(again.x, new.x)


def test_a_line_lies_in_its_box():
    for forms in FORMS.values():
        for form in forms:
            for line in form:
                assert parsed(line).min() >= 0
                assert parsed(line).max() <= 1


@pytest.mark.parametrize("digit", range(10))
def test_a_written_digit_has_ink_of_16ths_inside_the_board(digit):
    rng = np.random.default_rng(digit)
    for _ in range(10):
        x = write_digit(rng, digit)
        np.testing.assert_array_equal(x * 16, np.rint(x * 16))
        assert 3 < x.sum() < 40


def test_written_digits_follow_from_the_generator():
    a, b = (write_digits(np.random.default_rng(3), 20) for _ in range(2))
    np.testing.assert_array_equal(a.x, b.x)
    assert (a.x.shape, a.x.dtype, a.y.dtype) == ((20, 8, 8), np.float32, np.int64)
