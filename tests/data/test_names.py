"""Names in ten languages, and the split of a set by labels."""

import numpy as np
import pytest

from rnnkit.data import names


def test_names():
    found, labels = names.load_names()
    assert np.bincount(labels).tolist() == [
        336,
        1000,
        672,
        478,
        1000,
        1000,
        311,
        1000,
        918,
        597,
    ]
    assert len(found) == len(labels) == len(set(found)), (
        "a name in two languages would appear twice"
    )
    assert all(
        name.isalpha() and name == name.lower() and len(name) >= 3 for name in found
    )
    by_name = dict(zip(found, labels, strict=True))
    languages = list(names.LANGUAGES)
    for name, language in [
        ("kołodziej", "Polish"),
        ("laaksonen", "Finnish"),
        ("abbott", "English"),
    ]:
        assert languages[by_name[name]] == language


def test_names_are_the_same_every_time_and_depend_on_the_seed():
    again = [names.load_names(limit=50, seed=seed)[0] for seed in (0, 0, 1)]
    assert again[0] == again[1] != again[2]


def test_names_count_languages_in_the_order_given():
    found, labels = names.load_names(["Polish", "Dutch"], limit=10_000)
    by_name = dict(zip(found, labels, strict=True))
    assert by_name["kołodziej"] == 0
    assert set(labels.tolist()) == {0, 1}


@pytest.mark.parametrize("languages", [["Klingon"], [], ["Dutch", "Dutch"]])
def test_names_bad_languages(languages):
    with pytest.raises(ValueError, match="languages: expected different ones out of"):
        names.load_names(languages)


def test_names_bad_limit():
    with pytest.raises(ValueError, match="limit: expected at least 1, got 0"):
        names.load_names(limit=0)


def test_split_is_disjoint_complete_and_stratified():
    labels = np.repeat([0, 1, 2], [100, 50, 10])
    train, test = names.split(labels, test_fraction=0.2, seed=3)
    assert sorted([*train, *test]) == list(range(160))
    assert np.bincount(labels[test]).tolist() == [20, 10, 2]
    assert np.array_equal(test, names.split(labels, test_fraction=0.2, seed=3)[1])
    assert not np.array_equal(test, names.split(labels, test_fraction=0.2, seed=4)[1])


def test_split_bad_input():
    with pytest.raises(ValueError, match=r"labels: expected \(N,\)"):
        names.split(np.zeros((2, 2)))
    with pytest.raises(
        ValueError, match="test_fraction: expected between 0 and 1, got 1"
    ):
        names.split([0, 1], test_fraction=1)
