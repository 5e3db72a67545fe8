"""What a model is built from: a flat dict, `model.config`, checked here and stored in the model's checkpoint.

A model class has `rules`: for each of its settings, what is expected of it. Settings are the arguments of its
constructor, so `Model(**model.config)` builds it again. What cannot be built is a ValueError that names the setting,
what was expected and what came.
"""

from collections.abc import Callable
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """What is expected of a setting: in words, and as a function of its value."""

    expected: str
    holds: Callable[[Any], bool]


def whole(least: int, most: float = float("inf")) -> Rule:
    """A whole number from `least` to `most`."""
    up_to = "" if most == float("inf") else f" to {most}"
    return Rule(
        f"a whole number from {least}{up_to}",
        lambda value: is_whole(value) and least <= value <= most,
    )


def is_whole(value: object) -> bool:
    """Whether a value is a whole number; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_square(value: object) -> bool:
    """Whether a value is the square of a whole number from 1."""
    return is_whole(value) and value > 0 and round(value**0.5) ** 2 == value  # type: ignore[operator]


def one_of(*names: str) -> Rule:
    """One of these names."""
    return Rule(f"one of {list(names)}", lambda value: value in names)


def are_names(value: object) -> bool:
    """Whether a value is a list of different strings, at least one."""
    return (
        isinstance(value, list)
        and all(isinstance(name, str) for name in value)
        and 0 < len(set(value)) == len(value)
    )


SIZE = whole(1)
SQUARE = Rule("a square number from 1", is_square)
# Where a share is dropped, something is left.
SHARE = Rule(
    "0 to below 1", lambda value: isinstance(value, int | float) and 0 <= value < 1
)
PRICE = Rule(
    "a number from 0", lambda value: isinstance(value, int | float) and value >= 0
)
FLAG = Rule("True or False", lambda value: isinstance(value, bool))
NAMES = Rule("different strings, at least one", are_names)


def check_config(config: dict, rules: dict[str, Rule]) -> dict:
    """Return a config whose settings follow the rules, in their order.

    config: name -> value. rules: name -> Rule; each has to be there, and no other.
    Raises ValueError: `hidden_size: expected a whole number from 1, got 0`.
    """
    for name in config:
        if name not in rules:
            raise ValueError(
                f"{name}: expected no setting but {list(rules)}, got {config[name]!r}"
            )
    for name, rule in rules.items():
        if name not in config:
            raise ValueError(f"{name}: expected {rule.expected}, got nothing")
        if not rule.holds(config[name]):
            raise ValueError(f"{name}: expected {rule.expected}, got {config[name]!r}")
    return {name: config[name] for name in rules}


def kind_of(model: object, kinds: dict[str, type]) -> str:
    """The name of a model's class: what a checkpoint says of it besides its config.

    Raises ValueError for a model of another class.
    """
    for kind, its_class in kinds.items():
        if type(model) is its_class:
            return kind
    raise ValueError(
        f"model: expected one of {list(kinds)}, got a {type(model).__name__}"
    )
