"""Text on an output that is a terminal or lacks characters: what it cannot show is written as \\xe9."""

import unicodedata
from typing import TextIO


def lacking(characters: str, stream: TextIO) -> str:
    """Return a sentence that says how many of a model's characters an output lacks, "" if none."""
    missing = [c for c in characters if not writable(c, stream)]
    if not missing:
        return ""
    return (
        f"the output's encoding, {stream.encoding}, lacks {len(missing)} of the model's "
        f"{len(characters)} characters, which are written escaped, as {escaped(missing[0])}; "
        "PYTHONIOENCODING=utf-8 writes them as they are"
    )


def showing(characters: str, stream: TextIO) -> dict:
    """Return what str.translate needs to write text of these characters to an output.

    Characters that the output's encoding lacks are escaped, and on a terminal also those that would
    command it: all control characters but newline and tab.
    """
    terminal = stream.isatty()
    return {
        ord(c): escaped(c)
        for c in set(characters)
        if not writable(c, stream)
        or (terminal and unicodedata.category(c) == "Cc" and c not in "\n\t")
    }


def writable(text: str, stream: TextIO) -> bool:
    """Return whether an output can write a text, in its own way."""
    try:
        text.encode(stream.encoding or "utf-8", stream.errors or "strict")
    except UnicodeEncodeError:
        return False
    return True


def escaped(text: str) -> str:
    """Return a text with all but printable ASCII characters as Python writes them between quotes."""
    return text.encode("unicode_escape").decode("ascii")
