"""What a model writes reaches outputs that lack characters, and commands no terminal."""

import io
import os
import re
import subprocess
import sys

import pytest
import torch

from rnnkit.cli.output import escaped, lacking, showing
from rnnkit.nn.text.char_lm import CharLM, save_charlm
from rnnkit.nn.text.vocabulary import Vocabulary

from .runs import ROOT

CHARACTERS = "\t\n\x1b[é€"


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


def output(encoding, errors="strict", kind=io.TextIOWrapper):
    return kind(io.BytesIO(), encoding=encoding, errors=errors)


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    """A folder with a model that draws each of CHARACTERS with the same probability."""
    out = tmp_path_factory.mktemp("writer")
    model = CharLM(len(CHARACTERS), "rnn", 2, 2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    save_charlm(out / "model.safetensors", model, Vocabulary(CHARACTERS))
    return out


def write(writer, encoding, stdout=subprocess.PIPE):
    command = [sys.executable, "-m", "rnnkit", "sample", writer]
    command += ["--length", "200", "--seed", "1", "--prefix", "é["]
    return subprocess.run(
        command,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)},
        timeout=600,
    )


@pytest.fixture(scope="module")
def whole(writer):
    """The text as an output writes it that has all characters, and is no terminal."""
    done = write(writer, "utf-8")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode().replace(os.linesep, "\n")
    assert text.startswith("é[")
    assert (len(text), set(text)) == (203, set(CHARACTERS))
    return text


@pytest.mark.parametrize(
    ("encoding", "missing", "example"),
    [("ascii", "é€", rb"\xe9"), ("latin-1", "€", rb"\u20ac")],
)
def test_characters_that_the_output_lacks_are_escaped(
    encoding, missing, example, writer, whole
):
    done = write(writer, encoding)
    assert done.returncode == 0, done.stderr
    expected = whole
    for c in missing:
        expected = expected.replace(c, escaped(c))
    assert done.stdout.decode(encoding).replace(os.linesep, "\n") == expected
    assert done.stderr.count(b"\n") == 1
    assert re.match(
        rf"rnnkit: the output's encoding, [\w-]+, lacks {len(missing)} of the "
        "model's 6 characters".encode(),
        done.stderr,
    )
    assert example in done.stderr


def test_what_the_reader_wants_in_their_place_is_written(writer, whole):
    done = write(writer, "ascii:replace")
    assert (done.returncode, done.stderr) == (0, b"")
    expected = whole.replace("é", "?").replace("€", "?")
    assert done.stdout.decode().replace(os.linesep, "\n") == expected


def test_a_terminal_gets_no_control_characters(writer, whole):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    done = write(writer, "utf-8", stdout=theirs)
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 4096):
            seen += part
    except OSError:  # how Linux says that nobody writes any more
        pass
    os.close(ours)
    assert (done.returncode, done.stderr) == (0, b"")
    shown = seen.decode().replace("\r\n", "\n")
    assert shown == whole.replace("\x1b", r"\x1b")


def test_which_characters_are_shown_how():
    controls = [chr(i) for i in [*range(0x20), *range(0x7F, 0xA0)]]
    text = "".join(controls) + "aé\\€"
    assert showing(text, output("utf-8")) == {}
    kept = {ord(c) for c in "\n\taé\\€"}
    shown = showing(text, output("utf-8", kind=Terminal))
    assert shown.keys() == {ord(c) for c in text} - kept
    assert text.translate(shown).startswith(r"\x00\x01")
    assert all(word.isprintable() and word.isascii() for word in shown.values())
    latin = showing("aé\\€", output("latin-1", kind=Terminal))
    assert latin == {ord("€"): r"\u20ac"}
    assert lacking("aé\\€", output("latin-1", "replace")) == ""
    assert showing("aé\\€", io.StringIO()) == {}, "no encoding"
