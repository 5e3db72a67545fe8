"""Bad options and bad input end in one line: the parser, the numbers it accepts, the error."""

import argparse
import codecs
import functools
import math
import os
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

BAD_INPUT = 2  # exit code


def fail(message: object) -> int:
    """Say in one line what is wrong, once even under torchrun; return the exit code."""
    if int(os.environ.get("RANK", 0)) == 0:
        print("rnnkit: error:", " ".join(str(message).split()), file=sys.stderr)
    return BAD_INPUT


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, and whose help keeps its paragraphs."""

    def __init__(self, **options: Any) -> None:
        form = functools.partial(
            argparse.RawDescriptionHelpFormatter, max_help_position=26
        )
        super().__init__(formatter_class=form, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(fail(message))


def number(
    kind: Callable[[str], float], accept: Callable[[float], bool], expected: str
) -> Callable[[str], float]:
    """Return a converter for argparse: int or float, checked, with an error that says what it expects."""

    def convert(word):
        try:
            value = kind(word)
        except ValueError:
            value = math.nan  # which no condition accepts
        if not accept(value):
            raise argparse.ArgumentTypeError(f"expected {expected}, got {word!r}")
        return value

    return convert


def chapter_list(word: str) -> list[int]:
    """Convert a word for argparse, such as 1-4,7: chapter numbers, with an error that says so."""
    numbers: list[int] = []
    for part in word.split(","):
        match = re.fullmatch(r"([0-9]{1,2})(?:-([0-9]{1,2}))?", part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last:
            raise argparse.ArgumentTypeError(
                f"expected numbers and ranges such as 1-4,7, got {word!r}"
            )
        numbers += range(first, last + 1)
    return numbers


def text_encoding(word: str) -> str:
    """Convert a word for argparse: Python's name for a text encoding, with an error that says so."""
    try:
        b"ab".decode(word)
    except UnicodeDecodeError:
        pass  # there is such an encoding, and two letters are not enough for it
    except (LookupError, ValueError):
        raise argparse.ArgumentTypeError(
            f"expected a text encoding, such as utf-16 or cp1252, got {word!r}"
        ) from None
    return codecs.lookup(word).name


COUNT = number(int, lambda n: 1 <= n < 2**31, "a whole number from 1 (below 2^31)")
THREADS = number(int, lambda n: 1 <= n <= 1024, "a whole number from 1 to 1024")
LAYERS = number(int, lambda n: 1 <= n <= 4, "a whole number from 1 to 4")
SEED = number(int, lambda n: 0 <= n < 2**63, "a whole number from 0")
POSITIVE = number(float, lambda x: 0 < x < math.inf, "a number above 0")
DROPOUT = number(float, lambda x: 0 <= x < 1, "a number from 0 to below 1")
TOP_P = number(float, lambda x: 0 < x <= 1, "a number above 0, up to 1")
