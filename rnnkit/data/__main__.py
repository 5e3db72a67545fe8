"""Fetch every data archive of the course: `python -m rnnkit.data`, which is what `make data` runs."""

import sys

from rnnkit.data.archive import (
    ARCHIVES,
    ArchiveError,
    cache_folder,
    fetch,
    verify,
)


def bring(archive):
    """Make sure that one archive is there and whole; return a sentence about what was done."""
    path = cache_folder() / archive.filename
    was_there = path.exists()
    was_damaged = was_there and damaged(path, archive)
    fetch(archive.name)
    if was_damaged:
        return f"{archive.filename} was damaged and has been fetched again."
    what = f"{archive.holds}, {archive.size / 1e6:.1f} MB"
    return f"{path} ({what}) {'is there' if was_there else 'has been fetched'} and verified."


def damaged(path, archive):
    """Return whether the file is not the pinned one."""
    try:
        verify(path, archive)
    except ArchiveError:
        return True
    return False


def main():
    """Fetch all archives; return the exit status, 1 if any could not be had."""
    failures = 0
    for archive in ARCHIVES.values():
        try:
            print(bring(archive), flush=True)
        except ArchiveError as error:
            failures += 1
            print(error, file=sys.stderr, flush=True)
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
