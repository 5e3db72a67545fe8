"""Dates: as Babel writes them, with the right spans; no test date is trained, no text has two meanings."""

import hashlib
import subprocess
import sys
from datetime import date, timedelta

import babel
import numpy as np
import pytest
from babel.dates import format_date

from rnnkit.data import dates
from rnnkit.data.dates import FORMATS, HELD_OUT_FORMATS, KNOWN_FORMATS, LANGUAGES

# What names and abbreviations look like is Babel's data, and changes from version to version.
OTHER_BABEL = (
    f"Babel {babel.__version__} writes dates otherwise than the version that constraints.txt pins: install that, "
    "or train the chapter's models anew"
)
DAYS = [date(1999, 12, 31), date(2000, 2, 29), date(2026, 3, 5), date(2098, 10, 11)]
PATTERNS = [
    (language, pattern) for language in FORMATS for pattern in FORMATS[language]
]


@pytest.mark.parametrize(("language", "pattern"), PATTERNS)
def test_text_is_babels_and_spans_hold_the_fields(language, pattern):
    for day in DAYS:
        text, spans = dates.write(day, language, pattern)
        assert text == format_date(day, pattern, locale=language)
        assert set(spans) == {"year", "month", "day"}
        year, month, number = (
            text[slice(*spans[field])] for field in ("year", "month", "day")
        )
        assert int(year) == day.year
        assert int(number) == day.day
        assert not month.isdigit() or int(month) == day.month
        assert month in format_date(day, "MMMM MMM MM M", locale=language)


def test_what_some_look_like():
    day = date(2026, 11, 29)
    seen = [dates.write(day, language, FORMATS[language][0])[0] for language in FORMATS]
    expected = [
        "Sunday, November 29, 2026",
        "dimanche 29 novembre 2026",
        "Sonntag, 29. November 2026",
        "2026년 11월 29일 일요일",
        "2026年11月29日星期日",
    ]
    assert seen == expected, OTHER_BABEL


def test_every_month_and_weekday_is_written_as_when_the_course_was():
    texts = [
        dates.write(date(2000, month, day), language, pattern)[0]
        for language, pattern in PATTERNS
        for month in range(1, 13)
        for day in range(1, 8)
    ]
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    assert digest[:12] == "8f7d524dc252", OTHER_BABEL
    assert len(dates.alphabet()) == 75, OTHER_BABEL


def test_formats_are_kept_apart():
    for language in LANGUAGES:
        assert len(KNOWN_FORMATS[language]) == 6
        assert len(HELD_OUT_FORMATS[language]) == 2
        assert len(set(FORMATS[language])) == 8


def test_a_text_has_one_meaning():
    meaning = {}
    for n in range(0, 800):
        day = date(2001, 1, 1) + timedelta(n)
        for language, pattern in PATTERNS:
            text, _ = dates.write(day, language, pattern)
            assert meaning.setdefault(text, day) == day


def test_no_date_is_in_both_splits(rng):
    train, test = (
        dates.make_dates(rng, 2000, split=split) for split in ("train", "test")
    )
    assert not {e.iso for e in train} & {e.iso for e in test}
    days = [date.fromordinal(n) for n in range(dates.FIRST, dates.LAST + 1)]
    share = np.mean([dates.split_of(day) == "test" for day in days])
    assert abs(share - 0.1) < 0.002
    by_month = np.array([dates.split_of(d) == "test" for d in days[: 30 * 2400]])
    assert by_month.reshape(-1, 30).sum(axis=1).max() < 10  # scattered


def test_examples_say_what_they_are(rng):
    for formats, table in (("known", KNOWN_FORMATS), ("unseen", HELD_OUT_FORMATS)):
        examples = dates.make_dates(rng, 400, formats=formats)
        assert {e.language for e in examples} == set(LANGUAGES)
        for e in examples:
            assert e.pattern in table[e.language]
            day = date.fromisoformat(e.iso)
            assert (e.text, e.spans) == dates.write(day, e.language, e.pattern)
    assert {e.language for e in dates.make_dates(rng, 50, languages=("ko",))} == {"ko"}
    assert dates.make_dates(rng, 0) == []


def test_unseen_formats_have_no_unseen_character():
    def characters(table):
        days = [date(2003, month, day) for month in range(1, 13) for day in range(1, 8)]
        return {
            language: set(
                "".join(
                    dates.write(d, language, p)[0]
                    for p in table[language]
                    for d in days
                )
            )
            for language in LANGUAGES
        }

    known, unseen = characters(KNOWN_FORMATS), characters(HELD_OUT_FORMATS)
    assert all(unseen[language] <= known[language] for language in LANGUAGES)


def test_alphabet_is_enough(rng):
    alphabet = dates.alphabet()
    assert list(alphabet) == sorted(set(alphabet))
    for formats in ("known", "unseen"):
        for e in dates.make_dates(rng, 2000, formats=formats):
            assert set(e.text + e.iso) <= set(alphabet)


def test_same_seed_same_dates_in_another_process():
    code = (
        "import numpy as np; from rnnkit.data import dates; "
        "print(ascii(dates.make_dates(np.random.default_rng(7), 30)))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    here = dates.make_dates(np.random.default_rng(7), 30)
    assert other.stdout.strip() == ascii(here)


def test_bad_input(rng):
    with pytest.raises(ValueError, match=r"language: expected one of .*, got 'it'"):
        dates.write(date(2000, 1, 1), "it", "y")
    with pytest.raises(ValueError, match=r"languages: expected one of .*, got 'it'"):
        dates.make_dates(rng, 1, languages=("it",))
    with pytest.raises(ValueError, match=r"split: expected one of .*, got 'valid'"):
        dates.make_dates(rng, 1, split="valid")
    with pytest.raises(ValueError, match=r"formats: expected one of .*, got 'all'"):
        dates.make_dates(rng, 1, formats="all")
