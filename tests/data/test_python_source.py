"""The library of the running Python, and the excerpts of one that are the same for all."""

import ast
import string

import pytest

from rnnkit.data import python_source
from rnnkit.data.python_source import (
    load_held_out_python,
    load_python_files,
    load_python_source,
)
from rnnkit.nn.text.char_lm import load_charlm, shipped


def test_the_library_is_long_plain_and_always_in_one_order():
    files = load_python_files()
    text = load_python_source()
    assert text == "\n\n\n".join(files.values())
    assert 5e6 < len(text) < 9e6
    assert set(text) <= set(string.printable) - set("\t\r\x0b\x0c")
    assert list(load_python_files()) == list(files)
    folders = [name.split("/")[0] for name in files if "/" in name]
    assert set(folders) <= set(python_source.PACKAGES)
    assert folders != sorted(folders)  # packages are mixed
    assert not [name for name in files if name.startswith(python_source.LEFT_OUT)]
    assert all(source.endswith("\n") for source in files.values())


def test_a_library_without_source_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(python_source.sysconfig, "get_path", lambda name: tmp_path)
    with pytest.raises(FileNotFoundError, match="expected Python's source files"):
        load_python_files()


def test_held_out_beginnings_are_whole_python_that_the_model_can_read():
    files = load_held_out_python()
    assert len(files) == 16
    _, vocabulary, _ = load_charlm(shipped("python"))
    for source in files.values():
        assert 2500 <= len(source) <= 3100
        ast.parse(source)
        assert set(source) <= set(vocabulary.characters)
