"""`rnnkit train --resume`: an interrupted run ends where an uninterrupted one does."""

import itertools
import re
import signal

import pytest

import rnnkit.cli.train
from rnnkit.nn import checkpoint
from rnnkit.nn.text.char_lm import load_charlm

from .runs import FILES, TEXT, TINY, names, same, weights


@pytest.mark.trains
def test_ctrl_c_keeps_the_best_weights_and_resume_goes_on(
    text, tmp_path, rnnkit_, monkeypatch
):
    """Interrupted anywhere and resumed, a run ends bit for bit where an uninterrupted one does."""
    out, whole = tmp_path / "my model", tmp_path / "whole"
    command = ("train", text, "--steps", 60, "--dropout", 0.1, *TINY)
    measure, evaluations = rnnkit.cli.train.validation_loss, itertools.count(1)

    def interrupt(run, model):
        if next(evaluations) == 3:
            signal.raise_signal(signal.SIGINT)
        return measure(run, model)

    with monkeypatch.context() as patch:
        patch.setattr(rnnkit.cli.train, "validation_loss", interrupt)
        code, printed, errors = rnnkit_(*command, "--out", out)
    assert code == 130, errors
    found = re.search(r"Interrupted at step ([\d,]+), after \d+ s", printed)
    steps = int(found[1].replace(",", ""))
    assert 0 < steps < 60
    assert f"rnnkit train {text} --out '{out}' --resume" in printed
    assert names(out) == FILES
    results = load_charlm(out / "model.safetensors")[2]["results"]
    assert results["steps"] == steps
    assert f"{results['best_validation_nats']:.3f} nats" in printed

    code, printed, errors = rnnkit_(
        "train", text, "--out", out, "--resume", "--threads", 1
    )
    assert code == 0, errors
    assert f"at step {steps:,}" in printed
    assert rnnkit_(*command, "--out", whole)[0] == 0
    one, other = (
        weights(out, "training.safetensors"),
        weights(whole, "training.safetensors"),
    )
    assert same(one, other)
    assert same(weights(out), weights(whole))
    assert load_charlm(out / "model.safetensors")[2]["results"]["steps"] == 60


@pytest.mark.trains
def test_a_longer_budget_goes_on_from_the_last_weights_not_the_best(
    text, tmp_path, rnnkit_
):
    out = tmp_path / "model"
    options = (text, "--out", out)
    assert rnnkit_("train", *options, "--steps", 20, *TINY)[0] == 0
    before = weights(out, "training.safetensors")
    code, printed, _ = rnnkit_("train", *options, "--resume", "--threads", 1)
    assert code == 0
    assert "Nothing is left to train" in printed
    assert same(weights(out, "training.safetensors"), before)
    assert rnnkit_("train", *options, "--resume", "--steps", 60, "--threads", 1)[0] == 0
    metadata = load_charlm(out / "model.safetensors")[2]
    assert metadata["results"]["steps"] == metadata["settings"]["steps"] == 60
    assert metadata["settings"]["hidden_size"] == 16, "as the run began"
    # From a number of steps to a number of minutes.
    budget = ("--resume", "--minutes", 0.01, "--threads", 1)
    assert rnnkit_("train", *options, *budget)[0] == 0
    settings = load_charlm(out / "model.safetensors")[2]["settings"]
    assert (settings["steps"], settings["minutes"]) == (None, 0.01)


def test_resume_refuses_another_text_and_other_settings(
    trained, text, tmp_path, rnnkit_
):
    other = tmp_path / "other.txt"
    other.write_text(TEXT[:-1], encoding="utf-8")
    before = {name: (trained / name).read_bytes() for name in names(trained)}
    for arguments, message in (
        (
            (other,),
            f"--resume: expected the text that the run in {trained} began with (my.txt)",
        ),
        ((text, "--hidden-size", 32), "expected hidden_size = 16"),
        ((text, "--cell", "gru"), "expected cell = lstm"),
        ((text, "--lr", 0.1), "expected lr = 0.006"),
        ((text, "--seed", 5), "expected seed = 1"),
        ((text, "--tie-weights"), "expected"),
    ):
        code, _, errors = rnnkit_("train", *arguments, "--out", trained, "--resume")
        assert (code, errors.count("\n")) == (2, 1)
        assert message in errors
    assert before == {name: (trained / name).read_bytes() for name in names(trained)}
    # Settings that are given and agree are no obstacle.
    options = ("--hidden-size", 16, "--cell", "lstm", "--threads", 1)
    code, _, _ = rnnkit_("train", text, "--out", trained, "--resume", *options)
    assert code == 0


@pytest.mark.trains
def test_resume_remembers_the_encoding(tmp_path, rnnkit_):
    text, out = tmp_path / "my.txt", tmp_path / "model"
    text.write_text(TEXT.replace("lark", "pivert évadé"), encoding="cp1252")
    command = ("train", text, "--out", out, "--threads", 1)
    begin = (*TINY, "--steps", 5, "--evaluations", 1, "--encoding", "windows-1252")
    code, _, errors = rnnkit_(*command, *begin)
    assert code == 0, errors
    _, vocabulary, about = load_charlm(out / "model.safetensors")
    assert "é" in vocabulary.characters
    assert about["settings"]["encoding"] == "cp1252"
    code, _, errors = rnnkit_(*command, "--resume", "--steps", 6)
    assert code == 0, errors
    assert load_charlm(out / "model.safetensors")[2]["settings"]["steps"] == 6
    assert rnnkit_(*command, "--resume", "--encoding", "cp1252")[0] == 0
    code, _, errors = rnnkit_(*command, "--resume", "--encoding", "latin-1")
    assert code == 2
    assert "--resume: expected encoding = cp1252" in errors
    assert "got iso8859-1" in errors


def test_a_run_from_before_encodings_were_stored_is_utf_8(
    text, trained, tmp_path, rnnkit_
):
    tensors, about = checkpoint.load(trained / "training.safetensors")
    del about["settings"]["encoding"]
    checkpoint.save(tmp_path / "training.safetensors", tensors, about)
    code, printed, errors = rnnkit_(
        "train", text, "--out", tmp_path, "--resume", "--threads", 1
    )
    assert code == 0, errors
    assert "Nothing is left to train" in printed


def test_a_run_that_cannot_be_resumed(text, trained, tmp_path, rnnkit_):
    whole = (trained / "training.safetensors").read_bytes()
    tensors, about = checkpoint.load(trained / "training.safetensors")
    path = tmp_path / "training.safetensors"
    for make, message in (
        (lambda: path.write_bytes(whole[:-5]), "got a damaged or foreign file"),
        (
            lambda: path.write_bytes((trained / "model.safetensors").read_bytes()),
            "expected an interrupted run",
        ),
        (
            lambda: checkpoint.save(path, tensors, {"data": {}}),
            "expected an interrupted run",
        ),
        (lambda: checkpoint.save(path, {}, about), "expected an interrupted run"),
        (
            lambda: checkpoint.save(path, tensors, about | {"history": {"x": 1}}),
            "expected an interrupted run",
        ),
    ):
        make()
        code, _, errors = rnnkit_("train", text, "--out", tmp_path, "--resume")
        assert (code, errors.count("\n")) == (2, 1)
        assert message in errors
        assert names(tmp_path) == ["training.safetensors"]
