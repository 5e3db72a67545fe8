"""`rnnkit sample` and `rnnkit eval`, and the texts and models that they refuse."""

import codecs
import math
import re

import pytest
import torch
from safetensors.torch import save_file

from rnnkit.cli.use import read_text
from rnnkit.nn import checkpoint
from rnnkit.nn.text.char_lm import CharLM, load_charlm, save_charlm
from rnnkit.nn.text.decoding import beam_search
from rnnkit.nn.text.vocabulary import Vocabulary

from .runs import TEXT, direct_loss, parse


@pytest.mark.parametrize("name", ["model", "model/model.safetensors"])
def test_eval_is_the_loss_of_one_character_at_a_time(name, trained, tmp_path, rnnkit_):
    other = tmp_path / "other.txt"
    other.write_bytes(b"\xef\xbb\xbf" + TEXT[70:600].replace("\n", "\r\n").encode())
    path = trained if name == "model" else trained / "model.safetensors"
    code, printed, errors = rnnkit_("eval", path, other)
    assert (code, errors) == (0, "")
    model, vocabulary, _ = load_charlm(trained / "model.safetensors")
    nats, bits, characters = parse(printed.splitlines()[0])
    expected = direct_loss(model, vocabulary.encode(TEXT[70:600]))
    assert nats == pytest.approx(expected, abs=6e-4)
    assert bits == pytest.approx(expected / math.log(2), abs=6e-4)
    assert characters == 530
    rows = {line.split()[0]: line.split()[1:] for line in printed.splitlines()[2:]}
    assert float(rows["model"][2]) == pytest.approx(math.exp(expected), rel=1e-3)
    assert float(rows["uniform"][2]) == len(vocabulary)
    assert float(rows["unigram"][0]) < float(rows["uniform"][0])


def test_eval_drops_unknown_characters_when_asked(trained, tmp_path, rnnkit_):
    other = tmp_path / "other.txt"
    other.write_text("ROMEO:\n€The ¥cat€ sings", encoding="utf-8")
    code, printed, errors = rnnkit_("eval", trained, other)
    assert (code, printed) == (2, "")
    assert "got '¥' '€'; --drop-unknown leaves them out" in errors
    code, printed, _ = rnnkit_("eval", trained, other, "--drop-unknown")
    assert code == 0
    assert parse(printed.splitlines()[0])[2] == len("ROMEO:\nThe cat sings")
    assert printed.splitlines()[1] == "3 characters outside the vocabulary were dropped"
    other.write_text("€¥R", encoding="utf-8")
    code, _, errors = rnnkit_("eval", trained, other, "--drop-unknown")
    assert (code, "expected at least 2 characters, got 1" in errors) == (2, True)


def test_samples(trained, rnnkit_):
    prefix = "ROMEO:\n"
    base = ("sample", trained, "--prefix", prefix, "--length", 40)
    code, printed, errors = rnnkit_(*base, "--seed", 3, "--temperature", 0.8)
    assert (code, errors) == (0, "")
    assert printed.startswith(prefix)
    assert len(printed) == len(prefix) + 40 + 1
    assert rnnkit_(*base, "--seed", 3, "--temperature", 0.8)[1] == printed
    assert rnnkit_(*base, "--seed", 4, "--temperature", 0.8)[1] != printed
    assert rnnkit_(*base, "--seed", 3, "--temperature", 3)[1] != printed
    assert rnnkit_(*base)[1] != rnnkit_(*base)[1]
    greedy = rnnkit_(*base, "--greedy")[1]
    for sharp in (["--top-k", 1], ["--top-p", 1e-9], ["--temperature", 1e-9]):
        assert rnnkit_(*base, *sharp)[1] == greedy
    model, vocabulary, _ = load_charlm(trained / "model.safetensors")
    # The prefix is the start of a line: a newline comes before it.
    best, _ = beam_search(model, vocabulary.encode("\n" + prefix), 40, width=4)
    assert rnnkit_(*base, "--beam", 4)[1] == prefix + vocabulary.decode(best) + "\n"


def test_several_samples_differ_and_the_default_starts_a_line(trained, rnnkit_):
    options = ("--length", 30, "--seed", 1)
    code, printed, _ = rnnkit_("sample", trained, *options, "--count", 3)
    assert code == 0
    texts = re.split(r"--- \d of 3 ---\n", printed)
    assert [len(t) for t in texts] == [0, 31, 31, 31]
    assert len(set(texts)) == 4
    assert rnnkit_("sample", trained, *options)[1] == texts[1]
    # From a newline, which is not printed.
    following = rnnkit_("sample", trained, *options, "--prefix", "\n")[1]
    assert following == "\n" + texts[1]


def test_a_model_that_knows_no_newline_writes_too(tmp_path, rnnkit_):
    model = CharLM(3, "gru", 2, 2)
    save_charlm(tmp_path / "model.safetensors", model, Vocabulary("abc"))
    code, printed, _ = rnnkit_("sample", tmp_path, "--length", 20)
    assert (code, len(printed)) == (0, 21)
    assert set(printed) <= set("abc\n")
    code, printed, _ = rnnkit_("sample", tmp_path, "--length", 20, "--prefix", "ba")
    assert (code, len(printed), printed[:2]) == (0, 23, "ba")


BAD_TEXTS = [
    (None, "cannot be read: No such file or directory"),
    (b"", "expected text, got an empty file"),
    (
        b"text with \0 in it",
        "expected UTF-8 text, got NUL characters: a binary file, or another encoding, "
        "such as --encoding utf-16-le",
    ),
    (
        b"caf\xe9 au lait",
        "expected UTF-8 text, got the byte 0xe9 at position 3; "
        "--encoding NAME reads another, such as cp1252",
    ),
    (
        "café".encode("utf-16"),
        "expected UTF-8 text, got UTF-16 by its first bytes; --encoding utf-16 reads it",
    ),
    (
        codecs.BOM_UTF16_BE + "café".encode("utf-16-be"),
        "expected UTF-8 text, got UTF-16 by its first bytes; --encoding utf-16 reads it",
    ),
    (
        "café".encode("utf-32"),
        "expected UTF-8 text, got UTF-32 by its first bytes; --encoding utf-32 reads it",
    ),
    (codecs.BOM_UTF8, "expected text, got an empty file"),
]


@pytest.mark.parametrize(("content", "message"), BAD_TEXTS)
@pytest.mark.parametrize("command", ["train", "eval"])
def test_a_text_that_cannot_be_used(
    command, content, message, trained, tmp_path, rnnkit_
):
    path, out = tmp_path / "bad.txt", tmp_path / "model"
    if content is not None:
        path.write_bytes(content)
    arguments = (path, "--out", out) if command == "train" else (trained, path)
    code, printed, errors = rnnkit_(command, *arguments)
    assert (code, printed) == (2, "")
    assert errors == f"rnnkit: error: {path}: {message}\n"
    assert not out.exists()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("café — 5 €\n".encode(), "utf-8"),
        ("\ufeffcafé — 5 €\r\n".encode(), "utf-8"),
        ("café — 5 €\r".encode("utf-8-sig"), "utf-8-sig"),
        ("café — 5 €\r\n".encode("cp1252"), "cp1252"),
        ("café — 5 €\r\n".encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + "café — 5 €\n".encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF16_LE + "café — 5 €\n".encode("utf-16-le"), "utf-16-le"),
        ("café — 5 €\n".encode("utf-16-le"), "utf-16-le"),
        ("café — 5 €\n".encode("utf-32"), "utf-32"),
    ],
)
def test_the_same_text_in_all_encodings(content, encoding, tmp_path):
    path = tmp_path / "my.txt"
    path.write_bytes(content)
    assert read_text(path, encoding) == "café — 5 €\n"


@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        ("\ufeffcafé".encode(), "cp1252", "got UTF-8 by its first bytes; --encoding"),
        ("café".encode("utf-16"), "cp1252", "got UTF-16 by its first bytes"),
        ("café".encode("utf-32-le"), "cp1252", "expected CP1252 text, got NUL"),
        (b"caf\x81", "cp1252", "expected CP1252 text, got the byte 0x81 at position 3"),
        (b"odd", "utf-16", "expected UTF-16 text, got the byte 0x64 at position 2"),
        (b"half +2AA-", "utf-7", "expected UTF-7 text, got"),
    ],
)
def test_a_text_in_another_encoding_than_said(content, encoding, message, tmp_path):
    path = tmp_path / "my.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as raised:
        read_text(path, encoding)
    assert str(path) in str(raised.value)


def test_eval_reads_another_encoding(trained, tmp_path, rnnkit_):
    usual, other = tmp_path / "usual.txt", tmp_path / "other.txt"
    usual.write_text(TEXT, encoding="utf-8")
    other.write_text(TEXT, encoding="utf-16")
    code, printed, errors = rnnkit_("eval", trained, other, "--encoding", "UTF16")
    assert (code, errors) == (0, "")
    assert printed == rnnkit_("eval", trained, usual)[1]
    code, _, errors = rnnkit_("eval", trained, other)
    assert (code, "; --encoding utf-16 reads it\n" in errors) == (2, True)


def test_a_folder_is_no_text(tmp_path, rnnkit_):
    code, _, errors = rnnkit_("train", tmp_path, "--out", tmp_path / "model")
    assert (code, errors) == (
        2,
        f"rnnkit: error: {tmp_path}: cannot be read: Is a directory\n",
    )


def foreign(path):
    save_file({"weight": torch.zeros(3)}, path)


def damaged(path):
    save_charlm(path, CharLM(2, "rnn", 2, 2), Vocabulary("ab"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def other(path):
    checkpoint.save(path, {"weight": torch.zeros(3)}, {"config": {}, "vocabulary": "a"})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "expected a checkpoint, got no file"),
        (lambda path: path.write_bytes(b""), "got a damaged or foreign file"),
        (
            lambda path: path.write_bytes(b"\x80\x04pickle"),
            "got a damaged or foreign file",
        ),
        (foreign, "expected a checkpoint of format 'rnnkit 1', got []"),
        (damaged, "expected a whole checkpoint, got a damaged one"),
        (other, "expected a character model, got something else"),
    ],
)
def test_a_model_that_cannot_be_read(make, message, text, tmp_path, rnnkit_):
    path = tmp_path / "model.safetensors"
    make(path)
    for arguments in (("sample", tmp_path), ("eval", tmp_path, text)):
        code, printed, errors = rnnkit_(*arguments)
        assert (code, printed) == (2, "")
        assert errors.startswith(f"rnnkit: error: {path}: ")
        assert errors.count("\n") == 1
        assert message in errors
