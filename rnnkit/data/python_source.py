"""Python's own standard library as text, for language models of code."""

import functools
import hashlib
import json
import string
import sysconfig
from pathlib import Path

# Packages that every Python from 3.11 on brings, and that no distribution splits off.
PACKAGES = [
    *("asyncio", "collections", "concurrent", "email", "html", "http"),
    *("importlib", "json", "logging", "multiprocessing", "sqlite3", "unittest"),
    *("urllib", "wsgiref", "xml", "xmlrpc", "zoneinfo"),
]
# Tables rather than code, and an essay in verse.
LEFT_OUT = ("antigravity.py", "this.py", "_sysconfigdata", "html/entities.py")
KNOWN = set(string.printable) - set("\t\r\x0b\x0c")
HELD_OUT = Path(__file__).with_name("python_held_out.json")


@functools.cache
def load_python_source():
    """Return the source files of the standard library as one string, two blank lines between them.

    Returns a str of about 8 million characters, printable ASCII and newlines. It depends on the version of Python.
    Raises FileNotFoundError when the library's source is not there.
    Source: the running Python's own files (PSF licence).
    """
    return "\n\n\n".join(load_python_files().values())


def load_python_files():
    """Return the source files, each with one newline at its end.

    Returns a dict from path inside the library to text, in an order that mixes all packages and is
    always the same: by the hash of the path.
    Raises FileNotFoundError when the library's source is not there.
    """
    folder = Path(sysconfig.get_path("stdlib"))
    paths = [*folder.glob("*.py")]
    for package in PACKAGES:
        paths += (folder / package).rglob("*.py")
    names = [path.relative_to(folder).as_posix() for path in paths]
    names = [name for name in names if not name.startswith(LEFT_OUT)]
    if not names:
        raise FileNotFoundError(f"{folder}: expected Python's source files, got none")
    names.sort(key=lambda name: hashlib.sha256(name.encode()).digest())
    return {name: _plain((folder / name).read_text("utf-8")) for name in names}


def load_held_out_python():
    """Return the beginnings of 16 source files of Python 3.11, the same under every Python.

    They stand in the last tenth of `load_python_source()`, on which `shipped("python")` was not trained.
    Returns a dict from path inside the library to text: whole statements, 2,500 characters or a little more.
    Source: the library of Python 3.11.7 (PSF licence); `python -m experiments.char_lm ship_held_out` wrote the file.
    """
    return json.loads(HELD_OUT.read_text("utf-8"))["files"]


def _plain(source):
    """Expand tabs, drop lines with characters outside printable ASCII and blanks at line ends."""
    lines = source.expandtabs(8).replace("\f", "").split("\n")
    lines = [line.rstrip() for line in lines if KNOWN.issuperset(line)]
    return "\n".join(lines).strip("\n") + "\n"
