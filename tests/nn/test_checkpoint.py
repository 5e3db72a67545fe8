"""Checkpoints: whole or not there, and no changed byte goes unnoticed."""

import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file

from rnnkit.nn.checkpoint import FORMAT, CheckpointError
from rnnkit.nn.text.char_lm import load_charlm

from .text.small_char_lm import same, saved_model


@pytest.mark.parametrize("flip", [1, 255])
def test_no_changed_byte_goes_unnoticed(flip, tmp_path):
    path = tmp_path / "model.safetensors"
    model = saved_model(path, cell="rnn")
    whole = path.read_bytes()
    refused = 0
    for i in range(len(whole)):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ flip]) + whole[i + 1 :])
        try:
            loaded, vocabulary, metadata = load_charlm(path)
        except CheckpointError:
            refused += 1
            continue
        # A change that changes nothing, as in the name of an entry that nobody needs.
        assert same(loaded.state_dict(), model.state_dict())
        assert (vocabulary.characters, metadata) == ("\nαb", {"results": {"loss": 1.5}})
    assert refused > 0.95 * len(whole)


def test_no_shortened_file_is_read(tmp_path):
    path = tmp_path / "model.safetensors"
    saved_model(path, cell="rnn")
    whole = path.read_bytes()
    for n in range(len(whole)):
        path.write_bytes(whole[:n])
        with pytest.raises(CheckpointError, match="expected a checkpoint"):
            load_charlm(path)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, r"format 'rnnkit 1', got \[\]"),
        ({"format": "pt"}, r"format 'rnnkit 1', got \['format'\]"),
        ({FORMAT: "{not json"}, "damaged"),
        ({FORMAT: "[]"}, "damaged"),
        ({FORMAT: '{"about": "{}"}'}, "damaged"),
        ({FORMAT: '{"about": "{}", "sha256": "0"}'}, "have changed"),
    ],
)
def test_foreign_files(header, message, tmp_path):
    path = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(2)}, path, header)
    with pytest.raises(CheckpointError, match=message):
        load_charlm(path)


def test_same_model_same_bytes_in_any_process(tmp_path, monkeypatch):
    """Hashes of strings differ between processes; the file must not."""
    code = (
        "import sys, torch; from rnnkit.nn import checkpoint\n"
        "tensors = {name: torch.ones(2) for name in 'hgfedcba'}\n"
        "checkpoint.save(sys.argv[1], tensors, dict.fromkeys('zyxwvuts', 1))"
    )
    with monkeypatch.context() as patch:
        patch.setattr(sys, "argv", ["", tmp_path / "a"])
        exec(code, {})
    subprocess.run([sys.executable, "-c", code, tmp_path / "b"], check=True)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_can_be_read_by_those_the_umask_allows(tmp_path):
    saved_model(tmp_path / "model.safetensors")
    (tmp_path / "plain").write_bytes(b"")
    modes = {file.stat().st_mode for file in tmp_path.iterdir()}
    assert len(modes) == 1


def test_a_missing_file_and_a_missing_folder(tmp_path):
    with pytest.raises(CheckpointError, match="expected a checkpoint, got no file"):
        load_charlm(tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match="cannot be written"):
        saved_model(tmp_path / "nowhere" / "model.safetensors")


def failing(error, half_written):
    """A stand-in for Path.write_bytes or os.replace that dies on the way."""

    def write(path, *rest):
        if half_written:
            path.write_text("half", encoding="utf-8")
        raise error

    return write


@pytest.mark.parametrize("error", [OSError("no space left"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", ["Path.write_bytes", "os.replace"])
def test_a_death_while_writing_leaves_the_old_file(at, error, tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    old = saved_model(path)
    monkeypatch.setattr(
        f"rnnkit.nn.checkpoint.{at}",
        failing(error, half_written=at == "Path.write_bytes"),
    )
    expected = CheckpointError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        saved_model(path)
    assert same(load_charlm(path)[0].state_dict(), old.state_dict())
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
