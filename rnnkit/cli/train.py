"""`rnnkit train`: a text goes in, a folder with a trained model comes out."""

import argparse
import hashlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import torch

from rnnkit.cli import INTERRUPTED
from rnnkit.cli.options import (
    DEFAULTS,
    DROPOUT_PER_PASS,
    EXPECTED_SPEED,
    MOST_DROPOUT,
)
from rnnkit.cli.parallel import SharedStream, first_alone, processes, world_size
from rnnkit.cli.results import TRAINING, describe, report, save, say, stopped
from rnnkit.cli.use import MODEL, decode, read_bytes
from rnnkit.nn import checkpoint
from rnnkit.nn.checkpoint import CheckpointError
from rnnkit.nn.processes import rank
from rnnkit.nn.text.char_lm import CharLM, check_charlm
from rnnkit.nn.text.chunks import ChunkStream, nats_per_character
from rnnkit.nn.text.vocabulary import Vocabulary
from rnnkit.nn.training import Training, fit

TRAIN_TENTHS = 9  # of ten: the first ones train, the last one is held out
# Validation on the way is quick rather than exact: a part of the tenth, in pieces side by side.
VALIDATION_CHARACTERS = 100_000
VALIDATION_STREAMS = 100
VALIDATION_STREAM_LENGTH = 1000  # at least, where the tenth allows
MODEL_SETTINGS = (
    "cell",
    "embedding_size",
    "hidden_size",
    "num_layers",
    "dropout",
    "tie_weights",
)
CHANGEABLE = ("minutes", "steps", "evaluations")  # by --resume


@dataclass
class Run:
    """One run of `rnnkit train`: where it goes, its text, its settings, and the Training under way."""

    out: Path
    data: dict  # the text's file name, sha256, and lengths in characters
    settings: dict  # as DEFAULTS
    vocabulary: Vocabulary
    held_out: torch.Tensor  # the last tenth, integers, (N / 10,)
    stream: ChunkStream
    training: Training = field(init=False)  # set once it begins

    def config(self) -> dict:
        """Return what builds the model."""
        return {"vocab_size": len(self.vocabulary)} | {
            name: self.settings[name] for name in MODEL_SETTINGS
        }

    def characters_per_second(self) -> int:
        """Return the speed of training, all processes together."""
        steps, seconds = self.training.history.step, self.training.history.seconds
        return round(self.stream.characters_per_step * steps / seconds)


def train(options: argparse.Namespace) -> int:
    """Carry out `rnnkit train`; returns the exit code."""
    with processes(options.device, options.threads) as device:
        with first_alone():
            run, stored = prepare(options, device)
        run.training = build(run, stored, device)
        describe(run, device)
        fit(
            run.training,
            lambda model: validation_loss(run, model),
            run.settings["evaluations"],
            save=lambda training: save(run),
        )
        if rank() > 0:
            return 0
        if run.training.history.interrupted:
            stopped(run, options.text)
            return INTERRUPTED
        report(run)
        return 0


def prepare(
    options: argparse.Namespace, device: torch.device
) -> tuple[Run, tuple | None]:
    """Check all that can be checked before training; return the Run and, to resume, what is stored."""
    content = read_bytes(options.text)
    data: dict = {
        "file": options.text.name,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    stored = load_run(options, data)
    settings = choose_settings(options, stored)
    text = decode(content, settings["encoding"], options.text)
    data["characters"] = len(text)
    split = len(text) * TRAIN_TENTHS // 10
    if len(text) - split < 2:
        raise ValueError(
            f"{options.text}: expected at least 11 characters, got {len(text)}"
        )
    vocabulary = Vocabulary.of(text)
    tokens = vocabulary.encode(text).to(device)
    stream = open_stream(tokens[:split], settings, options.text)
    if settings["dropout"] is None:
        settings["dropout"] = choose_dropout(settings, stream, split)
    run = Run(options.out, data, settings, vocabulary, tokens[split:], stream)
    check_charlm(run.config())
    check_writable(options.out)
    return run, stored


def load_run(options: argparse.Namespace, data: dict) -> tuple[dict, dict] | None:
    """Return the tensors and metadata of the run in --out with --resume, None without.

    Raises ValueError when --out and --resume or --force do not fit together, or the text differs.
    """
    out = options.out
    if out.exists() and not out.is_dir():
        raise ValueError(f"--out: expected a folder, got the file {out}")
    if not options.resume:
        if not options.force and any((out / f).exists() for f in (MODEL, TRAINING)):
            raise ValueError(
                f"--out: {out} holds a model; --resume goes on with it, --force replaces it"
            )
        return None
    if not (out / TRAINING).exists():
        raise ValueError(f"--resume: expected the file {TRAINING} in {out}, got none")
    stored = tensors, about = checkpoint.load(out / TRAINING)
    try:
        file, sha256 = about["data"]["file"], about["data"]["sha256"]
        DEFAULTS | about["settings"]
    except (KeyError, TypeError) as error:
        raise foreign(out, error) from error
    if sha256 != data["sha256"]:
        raise ValueError(
            f"--resume: expected the text that the run in {out} began with ({file}), "
            f"got a different one in {options.text}"
        )
    return stored


def foreign(out: Path, error: Exception) -> CheckpointError:
    """Return the error for a training file that something else wrote."""
    return CheckpointError(
        f"{out / TRAINING}: expected an interrupted run, got something else ({error})"
    )


def choose_settings(
    options: argparse.Namespace, stored: tuple[dict, dict] | None
) -> dict:
    """Return the settings: those given; else those of the resumed run; else DEFAULTS.

    Raises ValueError when one is given that the resumed run cannot change.
    """
    base = DEFAULTS | stored[1]["settings"] if stored else DEFAULTS
    given = {name: value for name, value in vars(options).items() if name in DEFAULTS}
    if "steps" in given:
        given["minutes"] = None
    if "minutes" in given:
        given.setdefault("steps", None)
    if given.get("tie_weights"):
        hidden_size = given.get("hidden_size", base["hidden_size"])
        given.setdefault("embedding_size", hidden_size)
    for name in given.keys() - set(CHANGEABLE) if stored else ():
        if given[name] != base[name]:
            raise ValueError(
                f"--resume: expected {name} = {base[name]}, as the run in {options.out} "
                f"began, got {given[name]}"
            )
    return base | given


def open_stream(tokens: torch.Tensor, settings: dict, name: Path) -> ChunkStream:
    """Return this process's ChunkStream; a text too short for the batch gets a smaller one."""
    B, T, processes = settings["batch_size"], settings["chunk_length"], world_size()
    fits = len(tokens) // (T + 1) // processes * processes
    if fits == 0:
        raise ValueError(
            f"{name}: expected at least {processes * (T + 1)} characters to train on "
            f"(chunk_length = {T}), got {len(tokens)}"
        )
    if B > fits:
        say(f"The text is short: a batch of {fits} instead of {B}.")
    return ChunkStream(tokens, min(B, fits), T, rank(), processes)


def choose_dropout(settings: dict, stream: ChunkStream, characters: int) -> float:
    """Return the dropout for a run of this length: who reads a text more often learns more by heart.

    Only --steps say how often the text will be read. For --minutes a usual speed is assumed rather than
    measured, so that the same command means the same model on every machine.
    """
    if settings["steps"] is not None:
        reads = settings["steps"] * stream.characters_per_step
    else:
        reads = 60 * settings["minutes"] * EXPECTED_SPEED
    passes = reads / characters
    return round(min(MOST_DROPOUT, DROPOUT_PER_PASS * passes), 3)


def build(run: Run, stored: tuple[dict, dict] | None, device: torch.device) -> Training:
    """Return a Training of a fresh model, or one that goes on where the stored one was."""
    torch.manual_seed(run.settings["seed"])
    try:
        model = CharLM(**run.config()).to(device)
    except RuntimeError as error:
        raise ValueError(f"{run.config()}: does not fit into memory") from error
    data = run.stream if world_size() == 1 else SharedStream(run.stream, model)
    budget = {name: run.settings[name] for name in ("minutes", "steps", "lr")}
    training = Training(model, data, **budget)
    if stored:
        tensors, about = stored
        try:
            training.load_state_dict(tensors, about["history"])
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise foreign(run.out, error) from error
    if rank() > 0:
        # Each process has other characters, and drops other units.
        torch.manual_seed(run.settings["seed"] + rank())
    return training


def check_writable(out: Path) -> None:
    """Make the folder, and raise ValueError unless files can be written there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise ValueError(f"--out: cannot write into {out}: {error.strerror}") from error


def validation_loss(run: Run, model: CharLM) -> float:
    """Return the loss on a part of the held-out tenth, quickly: in nats per character."""
    tokens = run.held_out[:VALIDATION_CHARACTERS]
    streams = min(VALIDATION_STREAMS, len(tokens) // VALIDATION_STREAM_LENGTH)
    return nats_per_character(
        model, tokens, max(1, streams), run.settings["chunk_length"]
    )
