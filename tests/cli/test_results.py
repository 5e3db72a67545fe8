"""What `rnnkit train` says, and the files that it leaves."""

import hashlib
import io
import json
import math
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

import rnnkit.cli.train
from rnnkit.cli.options import DEFAULTS
from rnnkit.cli.results import say
from rnnkit.nn.text.char_lm import load_charlm

from .runs import (
    FILES,
    FIRST_LINE,
    TEXT,
    TINY,
    direct_loss,
    names,
    parse,
    same,
    weights,
)


@pytest.mark.trains
def test_training_reports_and_leaves_its_files(text, tmp_path, rnnkit_):
    out = tmp_path / "model"
    code, printed, progress = rnnkit_("train", text, "--steps", 30, "--out", out, *TINY)
    assert code == 0
    assert names(out) == FILES
    model, vocabulary, metadata = load_charlm(out / "model.safetensors")
    split = len(TEXT) * 9 // 10
    held_out = vocabulary.encode(TEXT[split:])
    line = next(line for line in printed.splitlines() if FIRST_LINE.fullmatch(line))
    nats, bits, characters = parse(line)
    expected = direct_loss(model, held_out)
    assert nats == pytest.approx(expected, abs=6e-4)
    assert bits == pytest.approx(expected / math.log(2), abs=6e-4)
    assert characters == len(TEXT) - split
    counts = Counter(TEXT[split:]).values()
    unigram = -sum(n / characters * math.log(n / characters) for n in counts)
    levels = metadata["results"]["held_out_nats"]
    assert levels["model"] == pytest.approx(expected, abs=1e-5)
    assert levels["unigram"] == pytest.approx(unigram)
    assert levels["uniform"] == pytest.approx(math.log(len(set(TEXT))))
    assert f"{math.exp(expected):.2f}" in printed
    assert f"{len(TEXT):,} characters" in printed
    parameters = sum(p.numel() for p in model.parameters())
    assert f"{parameters:,} parameters" in printed
    assert "cpu, CPU threads: 1" in printed
    assert "30 steps" in printed
    assert printed.endswith(f"next:  rnnkit sample {out}\n")
    assert "100%" in progress


@pytest.mark.trains
def test_the_files_say_what_made_them(text, trained):
    _, vocabulary, metadata = load_charlm(trained / "model.safetensors")
    assert json.loads((trained / "model.json").read_text(encoding="utf-8")) == metadata
    assert vocabulary.characters == "".join(sorted(set(TEXT)))
    sha256 = hashlib.sha256(text.read_bytes()).hexdigest()
    assert metadata["data"] == {
        "file": "my.txt",
        "sha256": sha256,
        "characters": len(TEXT),
    }
    assert metadata["settings"] == DEFAULTS | {
        "embedding_size": 8,
        "hidden_size": 16,
        "batch_size": 4,
        "chunk_length": 16,
        "minutes": None,
        "steps": 40,
        "dropout": metadata["settings"]["dropout"],
    }
    assert set(metadata["versions"]) == {"rnnkit", "torch", "python"}
    results = metadata["results"]
    assert len(results["evaluations"]) == 10
    assert results["steps"] == 40
    speed = 40 * 4 * 16 / results["seconds"]
    assert results["characters_per_second"] == pytest.approx(speed, abs=1)
    best = min(point["val_loss"] for point in results["evaluations"])
    assert results["best_validation_nats"] == best
    ElementTree.parse(trained / "loss.svg")  # whole, and XML


@pytest.mark.trains
def test_at_any_time_the_file_holds_the_best_weights(
    text, tmp_path, rnnkit_, monkeypatch
):
    seen, losses = [], iter([3.0, 1.0, 2.0])

    def validation_loss(run, model):
        seen.append({name: p.clone() for name, p in model.state_dict().items()})
        if len(seen) == 4:
            raise KeyboardInterrupt
        return next(losses)

    monkeypatch.setattr(rnnkit.cli.train, "validation_loss", validation_loss)
    command = ("train", text, "--steps", 50, "--evaluations", 5, "--out", tmp_path)
    assert rnnkit_(*command, *TINY)[0] == 130
    assert same(weights(tmp_path), seen[1])
    assert not same(seen[1], seen[2])
    results = load_charlm(tmp_path / "model.safetensors")[2]["results"]
    assert (results["steps"], results["best_validation_nats"]) == (30, 1.0)


@pytest.mark.trains
def test_a_disk_that_fills_up_leaves_the_old_files(
    text, tmp_path, rnnkit_, monkeypatch
):
    out = tmp_path / "model"
    command = ("train", text, "--steps", 4, "--out", out, *TINY)
    assert rnnkit_(*command)[0] == 0
    before = {name: (out / name).read_bytes() for name in FILES}

    def full(path, content):
        path.write_text("half a file", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    code, _, errors = rnnkit_(*command, "--force")
    assert code == 2
    assert errors.splitlines()[-1].endswith(
        "cannot be written: [Errno 28] No space left on device"
    )
    assert {name: (out / name).read_bytes() for name in names(out)} == before


@pytest.mark.trains
def test_the_chosen_dropout_is_written_down_and_kept(text, tmp_path, rnnkit_):
    out = tmp_path / "model"
    command = ("train", text, "--out", out, *TINY)
    assert rnnkit_(*command, "--steps", 4)[0] == 0
    model, _, metadata = load_charlm(out / "model.safetensors")
    chosen = metadata["settings"]["dropout"]
    assert 0 < chosen == model.config["dropout"]
    assert rnnkit_(*command, "--steps", 40, "--resume")[0] == 0
    _, _, metadata = load_charlm(out / "model.safetensors")
    assert metadata["settings"]["dropout"] == chosen


def test_what_is_said_reaches_an_output_that_lacks_characters(monkeypatch):
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", output)
    say("files in", "évadé:", "loss.svg")
    assert output.buffer.getvalue().splitlines() == [rb"files in \xe9vad\xe9: loss.svg"]
