"""The tasks that networks are trained on."""

from functools import partial

import numpy as np
import pytest

from rnnkit.data import tasks


def test_adding_marks_two_numbers_and_answers_with_their_sum():
    x, targets, mask = tasks.adding(np.random.default_rng(0), 500, T=20)
    assert x.shape == (500, 20, 2)
    markers = x[..., 1]
    assert (markers[:, :10].sum(1) == 1).all()
    assert (markers[:, 10:].sum(1) == 1).all()
    np.testing.assert_allclose(targets[:, -1], (x[..., 0] * markers).sum(1), rtol=1e-6)
    assert mask.sum() == 500
    assert mask[:, -1].all()
    assert np.mean((targets[:, -1] - 1) ** 2) == pytest.approx(1 / 6, abs=0.02)


def test_recall_asks_for_the_first_symbol():
    x, targets, mask = tasks.recall(np.random.default_rng(0), 200, lag=7, symbols=4)
    tokens = x.argmax(-1)
    assert x.shape == (200, 8, 8)
    assert (tokens[:, 0] < 4).all()
    assert (tokens[:, 1:] >= 4).all()
    np.testing.assert_array_equal(targets[:, -1], tokens[:, 0])
    assert (mask.sum(1) == 1).all()


def test_counting_by_hand():
    x, targets, mask = tasks.counting(np.random.default_rng(0), 50, n_max=3)
    n = (x.argmax(-1) == 1).sum(1)
    assert set(n) == {1, 2, 3}
    k = int(np.flatnonzero(n == 2)[0])
    read = "".join(tasks.COUNTING_ALPHABET[i] for i in x[k].argmax(-1))
    said = "".join(tasks.COUNTING_ALPHABET[i] for i in targets[k])
    assert (read, said) == ("^aabb$$", "aabb$$$")
    np.testing.assert_array_equal(mask[k], [1, 1, 1, 1, 1, 0, 0])
    _, _, sure = tasks.counting(np.random.default_rng(0), 50, n_max=3, determined=True)
    np.testing.assert_array_equal(sure[k], [1, 0, 0, 1, 1, 0, 0])


def test_tags_close_what_they_opened():
    x, targets, mask = tasks.tags(
        np.random.default_rng(0), 40, T=80, depth=3, determined=True
    )
    for row in range(40):
        text = "".join(tasks.TAGS_ALPHABET[i] for i in x[row].argmax(-1))
        text += tasks.TAGS_ALPHABET[targets[row, -1]]
        unclosed, deepest, position = [], 0, 0
        asked = np.zeros(80, bool)
        while position + 5 <= len(text):
            closes = text[position + 1] == "/"
            name = text[position + 1 + closes : position + 3 + closes]
            if closes:
                assert unclosed.pop() == name
                asked[position + 1 : position + 3] = True
            else:
                unclosed.append(name)
            deepest = max(deepest, len(unclosed))
            position += 4 + closes
        assert deepest <= 3
        np.testing.assert_array_equal(mask[row, : position - 1], asked[: position - 1])


def test_bad_task_settings_are_named():
    rng = np.random.default_rng(0)
    for name, call in {
        "T": partial(tasks.adding, T=1),
        "lag": partial(tasks.recall, lag=0),
        "symbols": partial(tasks.recall, symbols=1),
        "n_max": partial(tasks.counting, n_max=2, n_min=3),
        "depth": partial(tasks.tags, depth=0),
    }.items():
        with pytest.raises(ValueError, match=f"{name}: expected"):
            call(rng, 2)


def test_latest_asks_for_the_last_symbol_shown():
    x, targets, mask = tasks.latest(np.random.default_rng(0), 200, T=12, symbols=3)
    tokens = x.argmax(-1)
    for row, answer in zip(tokens, targets[:, -1], strict=True):
        assert row[row < 3][-1] == answer
    assert (tokens[:, 0] < 3).all()
    assert mask.sum(axis=1).tolist() == [1] * 200
    assert mask[:, -1].all()
