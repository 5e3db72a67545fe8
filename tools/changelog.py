"""What CHANGELOG.md says of each release. Its headings are "Unreleased", at the top, or a version with its day."""

import datetime
import itertools
import re
from typing import NamedTuple

from files import read
from sections import ROOT

CHANGELOG = "CHANGELOG.md"
UNRELEASED = "Unreleased"
EXAMPLE = "1.2.0, 2027-01-31"
FOLDER = "book/releases"  # of the site
FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)


class Entry(NamedTuple):
    """One release in the changelog: its heading, what stands below, and where the heading stands in the text."""

    heading: str
    body: str
    place: int

    @property
    def version(self):
        return self.heading.partition(", ")[0]

    @property
    def date(self):
        return self.heading.partition(", ")[2]

    @property
    def says(self):
        """What it says beside headings."""
        return re.sub(r"(?m)^#.*$", "", self.body).strip()

    @property
    def is_unreleased(self):
        return self.heading == UNRELEASED

    @property
    def is_dated(self):
        """Whether the heading is a version and a day."""
        return bool(FORM.fullmatch(self.version)) and is_date(self.date)

    @property
    def page(self):
        """The name of its page on the site."""
        return f"{FOLDER}/{'unreleased' if self.is_unreleased else self.version}"


def entries_of(text):
    """The entries of a changelog, newest first."""
    heads = list(HEADING.finditer(text))
    return [
        Entry(head[1], text[head.end() : after and after.start()], head.start())
        for head, after in itertools.pairwise([*heads, None])
    ]


def headed(text):
    """The entries of a changelog whose headings are in order, newest first.

    Raises ValueError naming the first heading that is neither "Unreleased", at the top, nor a version and a day, or
    that names a version again.
    """
    known = set()
    for place, entry in enumerate(entries := entries_of(text)):
        if not (entry.is_dated or (entry.is_unreleased and place == 0)):
            raise ValueError(
                f'{CHANGELOG}: expected "## {UNRELEASED}", at the top, or a heading such as "## {EXAMPLE}", '
                f'got "## {entry.heading}"'
            )
        if entry.version in known:
            raise ValueError(
                f'{CHANGELOG}: expected each version once, got "## {entry.heading}" again'
            )
        known.add(entry.version)
    return entries


def releases_of(text):
    """The entries that get a page, newest first: all under which something stands. Raises as `headed` does."""
    return [entry for entry in headed(text) if entry.says]


def released(root=ROOT):
    """The same of a checkout's changelog."""
    return releases_of(read(root, CHANGELOG))


def order(version):
    return tuple(map(int, version.split(".")))


def is_date(text):
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
