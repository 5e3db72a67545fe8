"""Real parallel text, and little of it: the sentences of JupyterLab's user interface, in English and in French."""

import io
import zlib

from babel.messages.mofile import read_mo

from rnnkit.data.archive import members, read

ARCHIVE = "jupyterlab-language-pack-fr-fr"


def load_pairs(longest=80):
    """Return pairs of an English and a French text, each text at most ``longest`` characters long.

    Placeholders such as %1 stay in. Plural forms, texts of several lines, and texts that are the same in both
    languages are left out; so is a second translation of the same English text.

    Returns:
        list of (english, french), sorted, no English text twice.

    Raises:
        ArchiveError: the archive is missing or damaged.
    """
    found = {}
    for member in members(ARCHIVE):
        if member.endswith(".mo"):
            for message in read_mo(io.BytesIO(read(ARCHIVE, member))):
                if isinstance(message.id, str) and message.id:  # no plural forms
                    english, french = message.id.strip(), message.string.strip()
                    found.setdefault(english, french)
    return sorted(pair for pair in found.items() if says_something(pair, longest))


def says_something(pair, longest):
    """Whether both texts have one line of at most ``longest`` characters, and differ."""
    fits = all(0 < len(text) <= longest and "\n" not in text for text in pair)
    return fits and pair[0] != pair[1]


def split(pairs):
    """Cut pairs into "train", about eight of ten, "valid" and "test", one each: a dict of lists.

    English texts that differ in case, blanks and punctuation alone, such as "Zoom in" and "Zoom In...", go to
    the same part.
    """
    parts = {"train": [], "valid": [], "test": []}
    names = ["test", "valid"] + ["train"] * 8
    for english, french in pairs:
        letters = "".join(c for c in english.casefold() if c.isalnum())
        parts[names[zlib.crc32(letters.encode()) % 10]].append((english, french))
    return parts
