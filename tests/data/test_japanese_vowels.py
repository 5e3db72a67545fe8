"""The Japanese vowels, as their docstring says."""

import numpy as np
import pytest

from rnnkit.data import japanese_vowels


def test_japanese_vowels():
    (x_train, train), (x_test, test) = japanese_vowels.load_japanese_vowels()
    assert (len(x_train), len(x_test)) == (270, 370)
    assert np.bincount(train).tolist() == [30] * 9
    assert np.bincount(test).tolist() == [31, 35, 88, 44, 29, 24, 40, 50, 29]
    lengths = [len(x) for x in x_train + x_test]
    assert (min(lengths), max(lengths)) == (7, 29)
    assert {(x.shape[1], x.dtype) for x in x_train + x_test} == {
        (12, np.dtype("float32"))
    }
    assert np.allclose(x_train[0][:2, 0], [1.860936, 1.891651])
    assert not {x.tobytes() for x in x_train} & {x.tobytes() for x in x_test}


def test_parse_ts():
    sequences, labels = japanese_vowels.parse_ts(
        "# a comment\n@data\n1,2,3:4,5,6:1\n7:8:9\n"
    )
    assert sequences[0].tolist() == [[1, 4], [2, 5], [3, 6]]
    assert sequences[1].tolist() == [[7, 8]]
    assert labels.tolist() == [0, 8]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2:1", "expected a line @data"),
        ("@data\n", "got none"),
        ("@data\n1,2:3:1", r"sequence 1, got \[2, 1\]"),
    ],
)
def test_parse_ts_bad_input(text, message):
    with pytest.raises(ValueError, match=message):
        japanese_vowels.parse_ts(text)
