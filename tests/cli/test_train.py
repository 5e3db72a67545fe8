"""`rnnkit train`: options reach the model, and what cannot be is said in one line."""

import itertools
import json
import re

import pytest
import torch

import rnnkit.cli.train
from rnnkit.cli.options import DEFAULTS
from rnnkit.nn.text.char_lm import CharLM, load_charlm
from rnnkit.nn.text.chunks import ChunkStream
from rnnkit.nn.training import Training

from .runs import TEXT, TINY, parse, same, weights


@pytest.mark.trains
def test_the_held_out_tenth_is_not_trained_on(tmp_path, rnnkit_):
    """A b follows every a and the reverse, until the last tenth is all b: that is a surprise."""
    text = tmp_path / "split.txt"
    text.write_text("ab" * 900 + "b" * 200, encoding="utf-8")
    out = tmp_path / "model"
    # One evaluation, at the end: the best weights on the held-out tenth would be early ones.
    options = ("--steps", 60, "--lr", 0.02, "--evaluations", 1)
    assert rnnkit_("train", text, *options, "--out", out, *TINY)[0] == 0
    results = json.loads((out / "model.json").read_text(encoding="utf-8"))["results"]
    # Over 24 seeds, with and without AVX: 3.1 to 4.6, and 0.07 to 0.15.
    assert results["held_out_nats"]["model"] > 2, "worse than a coin: ln 2"
    assert results["evaluations"][-1]["train_loss"] < 0.3, "over the whole run"
    code, printed, _ = rnnkit_("eval", out, text)
    assert (code, parse(printed.splitlines()[0])[2]) == (0, 2000)


@pytest.mark.trains
@pytest.mark.parametrize(
    "options",
    [
        ["--cell", "rnn", "--layers", 2, "--dropout", 0.2],
        ["--cell", "gru", "--layers", 3],
        ["--tie-weights"],
        ["--minutes", 0.005, "--evaluations", 2],
    ],
)
def test_options_reach_the_model(options, text, tmp_path, rnnkit_):
    out = tmp_path / "model"
    budget = [] if "--minutes" in options else ["--steps", 3]
    tiny = TINY[2:] if "--tie-weights" in options else TINY
    code, _, errors = rnnkit_("train", text, "--out", out, *budget, *tiny, *options)
    assert code == 0, errors
    model, _, metadata = load_charlm(out / "model.safetensors")
    settings = metadata["settings"]
    assert model.config == {k: settings[k] for k in model.config if k in settings} | {
        "vocab_size": len(set(TEXT))
    }
    for flag, value in itertools.pairwise(options):
        name = {"--layers": "num_layers"}.get(
            flag, str(flag).strip("-").replace("-", "_")
        )
        if name in settings:
            assert settings[name] == value
    if "--tie-weights" in options:
        assert model.output.weight is model.embedding.weight
        assert settings["embedding_size"] == settings["hidden_size"] == 16
    assert rnnkit_("eval", out, text)[0] == 0


@pytest.mark.trains
def test_a_short_text_gets_a_smaller_batch(tmp_path, rnnkit_):
    text = tmp_path / "short.txt"
    text.write_text("abc\n" * 10, encoding="utf-8")  # 36 characters train
    options = ("--steps", 2, *TINY)
    code, printed, _ = rnnkit_("train", text, "--out", tmp_path / "a", *options)
    assert code == 0
    assert "a batch of 2 instead of 4" in printed
    code, printed, _ = rnnkit_(
        "train", text, "--out", tmp_path / "b", *options, "--chunk-length", 35
    )
    assert code == 0
    assert "a batch of 1 instead of 4" in printed
    code, _, errors = rnnkit_(
        "train", text, "--out", tmp_path / "c", *options, "--chunk-length", 36
    )
    assert code == 2
    assert (
        "expected at least 37 characters to train on (chunk_length = 36), got 36"
        in errors
    )
    assert not (tmp_path / "c").exists()


@pytest.mark.trains
def test_the_same_command_makes_the_same_weights(text, trained, tmp_path, rnnkit_):
    again, other = tmp_path / "again", tmp_path / "other"
    assert rnnkit_("train", text, "--steps", 40, "--out", again, *TINY)[0] == 0
    assert same(weights(again), weights(trained))
    options = ("--steps", 40, "--out", other, *TINY, "--seed", 2)
    assert rnnkit_("train", text, *options)[0] == 0
    assert not same(weights(other), weights(trained))


@pytest.mark.trains
def test_a_model_is_replaced_only_when_asked(text, tmp_path, rnnkit_):
    out = tmp_path / "model"
    command = ("train", text, "--steps", 2, "--out", out, *TINY)
    assert rnnkit_(*command)[0] == 0
    before = (out / "model.safetensors").read_bytes()
    code, _, errors = rnnkit_(*command, "--cell", "rnn")
    assert (code, errors.count("\n")) == (2, 1)
    assert "--resume goes on with it, --force replaces it" in errors
    assert (out / "model.safetensors").read_bytes() == before
    assert rnnkit_(*command, "--cell", "rnn", "--force")[0] == 0
    assert load_charlm(out / "model.safetensors")[0].config["cell"] == "rnn"
    assert rnnkit_(*command, "--force", "--resume")[0] == 2


def write(path, content):
    path.write_bytes(content)
    return path


def test_a_text_of_a_few_characters(tmp_path, rnnkit_):
    path = write(tmp_path / "few.txt", b"abcdefghij")
    code, _, errors = rnnkit_("train", path, "--out", tmp_path / "model")
    assert (code, errors.count("\n")) == (2, 1)
    assert "expected at least 11 characters, got 10" in errors


def test_an_out_folder_that_cannot_be(text, tmp_path, rnnkit_, monkeypatch):
    monkeypatch.setattr(rnnkit.cli.train, "fit", None)  # found out before training
    file = write(tmp_path / "file", b"")
    for out, message in (
        (file, f"--out: expected a folder, got the file {file}"),
        (file / "below", f"--out: cannot write into {file / 'below'}: Not a directory"),
    ):
        code, _, errors = rnnkit_("train", text, "--out", out)
        assert (code, errors) == (2, f"rnnkit: error: {message}\n")

    def denied(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", denied)
    code, _, errors = rnnkit_("train", text, "--out", tmp_path / "model")
    assert code == 2
    assert errors.endswith(
        f"cannot write into {tmp_path / 'model'}: Permission denied\n"
    )


@pytest.mark.trains
def test_a_learning_rate_far_too_large(text, tmp_path, rnnkit_):
    code, _, errors = rnnkit_(
        "train", text, "--out", tmp_path, "--steps", 20, "--lr", 1e30, *TINY
    )
    assert code == 2
    assert re.search(
        r"^rnnkit: error: \w+_loss is nan at step \d+: try a smaller",
        errors,
        re.MULTILINE,
    )
    assert "Traceback" not in errors


def test_defaults_build_a_model():
    config = {k: v for k, v in DEFAULTS.items() if k in rnnkit.cli.train.MODEL_SETTINGS}
    assert config.pop("dropout") is None  # chosen by the length of the run
    model = CharLM(65, **config)
    Training(model, None, minutes=DEFAULTS["minutes"], lr=DEFAULTS["lr"])
    assert DEFAULTS["steps"] is None


@pytest.mark.parametrize(
    ("budget", "characters", "dropout"),
    [
        ({"minutes": 1, "steps": None}, 1_000_000, 0.06),
        ({"minutes": 2, "steps": None}, 1_000_000, 0.12),
        ({"minutes": 2, "steps": None}, 10_000_000, 0.012),
        ({"minutes": 60, "steps": None}, 1_000_000, 0.2),
        ({"minutes": None, "steps": 10_000}, 1_000_000, 0.1),
        ({"minutes": None, "steps": 1}, 1_000_000, 0.0),
    ],
)
def test_dropout_grows_with_the_number_of_times_a_text_is_read(
    budget, characters, dropout
):
    stream = ChunkStream(torch.zeros(2000, dtype=torch.long), 10, 100)
    chosen = rnnkit.cli.train.choose_dropout(budget, stream, characters)
    assert chosen == pytest.approx(dropout)
