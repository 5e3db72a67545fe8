"""Dates as people write them in five languages, from Babel: pairs of a text and its ISO form, without end.

Where day, month and year stand in a text is known, so that one can ask whether a model looks there. A date is one for
training or for testing in whatever language and format it is written; besides, two formats of each language are
never trained.
"""

from datetime import date
from functools import cache
from typing import NamedTuple

from babel import Locale
from babel.dates import DateTimeFormat, tokenize_pattern

LANGUAGES = ("en", "fr", "de", "ko", "zh")
# Babel's patterns: y year, M month, d day, E weekday; four letters long, three short, two with a zero. Years have four
# digits, and English has no format of digits alone: is 03/05 in March or in May?
FORMATS = {
    "en": (
        "EEEE, MMMM d, y",
        "MMMM d, y",
        "MMM d, y",
        "d MMMM y",
        "d MMM y",
        "EEEE d MMMM y",
        "EEE, d MMM y",
        "y MMMM d",
    ),
    "fr": (
        "EEEE d MMMM y",
        "d MMMM y",
        "d MMM y",
        "EEE d MMM y",
        "dd/MM/y",
        "'le' d MMMM y",
        "'le' EEEE d MMMM y",
        "d/M/y",
    ),
    "de": (
        "EEEE, d. MMMM y",
        "d. MMMM y",
        "d. MMM y",
        "EEE, d. MMM y",
        "dd.MM.y",
        "'den' d. MMMM y",
        "'den' d. MMM y",
        "d.M.y",
    ),
    "ko": (
        "y년 M월 d일 EEEE",
        "y년 M월 d일",
        "y년 M월 d일 (EEE)",
        "y년 MM월 dd일",
        "y. M. d.",
        "y.MM.dd",
        "y년 M월 d일 (EEEE)",
        "y. MM. dd.",
    ),
    "zh": (
        "y年M月d日EEEE",
        "y年M月d日",
        "y年M月d日 EEE",
        "y年MM月dd日",
        "y/M/d",
        "y-MM-dd",
        "EEEE y年M月d日",
        "y/MM/dd",
    ),
}
HELD_OUT_FORMATS = {language: patterns[-2:] for language, patterns in FORMATS.items()}
KNOWN_FORMATS = {language: patterns[:-2] for language, patterns in FORMATS.items()}
FIRST, LAST = date(1900, 1, 1).toordinal(), date(2099, 12, 31).toordinal()
FIELDS = {"y": "year", "M": "month", "d": "day"}


class Example(NamedTuple):
    """One date in two forms.

    text: as people write it; iso: as 2026-11-29; language, pattern: what it was written with; spans: for "year",
    "month" and "day" the places (start, end) of its characters in text.
    """

    text: str
    iso: str
    language: str
    pattern: str
    spans: dict


def write(day, language, pattern):
    """Write a date.

    Arguments:
        day: a datetime.date.
        language: one of LANGUAGES.
        pattern: a pattern of Babel, such as those in FORMATS.

    Returns:
        the text, and the spans of year, month and day in it, as in Example.

    Raises:
        ValueError: an unknown language.

    Source: Unicode Technical Standard 35, part 4, date field symbols; names from the CLDR.
    """
    check_one_of("language", language, LANGUAGES)
    formatted = DateTimeFormat(day, locale(language))
    text, spans = "", {}
    for kind, value in tokenize_pattern(pattern):
        if kind == "chars":
            text += value
            continue
        letter, length = value
        written = formatted[letter * length]
        if letter in FIELDS:
            spans[FIELDS[letter]] = (len(text), len(text) + len(written))
        text += written
    return text, spans


def make_dates(rng, count, split="train", languages=LANGUAGES, formats="known"):
    """Draw dates from 1900 to 2099, each in a language and a format that are drawn too.

    Arguments:
        rng: numpy random generator.
        count: how many.
        split: "train", about nine dates of ten, or "test", the others: no date is in both, in whatever form.
        languages: some of LANGUAGES.
        formats: "known", those to train with, or "unseen", HELD_OUT_FORMATS.

    Returns:
        list of Example.

    Raises:
        ValueError: an unknown split, language or kind of formats.
    """
    check_one_of("split", split, ("train", "test"))
    check_one_of("formats", formats, ("known", "unseen"))
    for language in languages:
        check_one_of("languages", language, LANGUAGES)
    table = KNOWN_FORMATS if formats == "known" else HELD_OUT_FORMATS
    examples = []
    while len(examples) < count:
        day = date.fromordinal(int(rng.integers(FIRST, LAST + 1)))
        if split_of(day) != split:
            continue
        language = languages[rng.integers(len(languages))]
        pattern = table[language][rng.integers(len(table[language]))]
        text, spans = write(day, language, pattern)
        examples.append(Example(text, day.isoformat(), language, pattern, spans))
    return examples


def split_of(day):
    """Return "test" for one date of ten, scattered over the calendar, or "train"."""
    # Knuth's multiplicative hash: neighbours of a date go anywhere.
    mixed = day.toordinal() * 2654435761 % 2**32
    return "test" if mixed < 2**32 // 10 else "train"


@cache
def alphabet():
    """Return every character that a date in any language and format, or in ISO form, can have, in order."""
    # Each month with each weekday: no other field brings letters.
    days = [date(2000, month, day) for month in range(1, 13) for day in range(1, 8)]
    found = set("0123456789-")
    for language, patterns in FORMATS.items():
        for pattern in patterns:
            found.update(*(write(day, language, pattern)[0] for day in days))
    return "".join(sorted(found))


@cache
def locale(language):
    """Return what Babel knows of a language."""
    return Locale.parse(language)


def check_one_of(name, value, allowed):
    """Check a choice."""
    if value not in allowed:
        raise ValueError(f"{name}: expected one of {tuple(allowed)}, got {value!r}")
