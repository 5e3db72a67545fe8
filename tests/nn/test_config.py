"""What a model is built from: every rule, and what is missing or too much."""

import pytest

from rnnkit.nn.captioning.files import KINDS as CAPTIONERS
from rnnkit.nn.config import (
    FLAG,
    NAMES,
    PRICE,
    SHARE,
    SIZE,
    SQUARE,
    check_config,
    kind_of,
    one_of,
    whole,
)
from rnnkit.nn.vqa.files import KINDS as ANSWERERS


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (SIZE, [1, 7], [0, -1, 2.0, True, "3", None]),
        (whole(1, 4), [1, 4], [0, 5]),
        (SQUARE, [1, 64], [0, 15, 4.0, True]),
        (SHARE, [0, 0.0, 0.999], [1, -0.1, "x", float("nan"), None]),
        (PRICE, [0, 3, 0.006], [-0.1, "x", float("nan")]),
        (FLAG, [True, False], [0, 1, "yes"]),
        (one_of("a", "b"), ["a", "b"], ["c", None, ["a"]]),
        (NAMES, [["a"], ["a", "b"]], [[], ["a", "a"], "ab", [1], None]),
    ],
)
def test_rules(rule, good, bad):
    for value in good:
        assert check_config({"size": value}, {"size": rule}) == {"size": value}
    for value in bad:
        with pytest.raises(ValueError, match=r"^size: expected .*, got") as error:
            check_config({"size": value}, {"size": rule})
        assert f"expected {rule.expected}, got {value!r}" in str(error.value)


def test_what_is_missing_and_what_is_too_much():
    rules = {"width": SIZE, "height": SIZE}
    assert list(check_config({"height": 2, "width": 1}, rules)) == ["width", "height"]
    with pytest.raises(ValueError, match=r"height: expected .* from 1, got nothing"):
        check_config({"width": 1}, rules)
    with pytest.raises(
        ValueError, match=r"depth: expected no setting but \['width', 'height'\], got 3"
    ):
        check_config({"width": 1, "height": 2, "depth": 3}, rules)


@pytest.mark.parametrize("kind", CAPTIONERS)
def test_a_captioner_names_a_setting_that_it_does_not_have(kind):
    with pytest.raises(ValueError, match="hiden_size: expected no setting but"):
        CAPTIONERS[kind](["a"], hiden_size=8)


@pytest.mark.parametrize("kind", ANSWERERS)
def test_a_model_is_built_again_from_its_config(kind):
    model = ANSWERERS[kind](["a"], ["yes"], hidden_size=8)
    assert list(model.config) == list(model.rules)
    assert ANSWERERS[kind](**model.config).config == model.config
    assert kind_of(model, ANSWERERS) == kind
    with pytest.raises(ValueError, match=r"model: expected one of .*, got a "):
        kind_of(model, CAPTIONERS)
