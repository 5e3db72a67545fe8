"""Trained models on disk: weights as safetensors, everything else as JSON in the same file.

One file holds a model, so it is whole or it is not there: it is written beside its place and moved
there in one step. Nothing in it is code, so a file from a stranger can be opened.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import nn

FORMAT = "rnnkit 1"
SHIPPED = Path(__file__).parent / "shipped"  # models that come with the package
# A file names a model's layers, not the parts that hold them: `what.weight`, where the model has
# `eye.sight.what.weight`. Who reads it, as the pages do, need not know how a model is put together.
PARTS = {"eye", "frame", "sight"}


class CheckpointError(RuntimeError):
    """A checkpoint is missing, damaged, foreign, or cannot be written."""


def save(path: str | Path, tensors: dict[str, torch.Tensor], metadata: dict) -> None:
    """Write tensors and metadata to one safetensors file; an older one is replaced at once or not at all.

    Arguments:
        path: where to; the folder must exist.
        tensors: dict from name to tensor.
        metadata: dict that JSON can hold.

    Raises:
        CheckpointError: the file cannot be written.
    """
    path = Path(path)
    tensors = {
        name: t.detach().cpu().contiguous().clone() for name, t in tensors.items()
    }
    about = json.dumps(metadata, ensure_ascii=False)
    # One entry: safetensors writes several in an order that changes from run to run.
    header = {FORMAT: json.dumps({"sha256": digest(tensors, about), "about": about})}
    content = serialise(tensors, header)
    write_atomically(path, lambda scratch: scratch.write_bytes(content))


def load(path: str | Path) -> tuple[dict[str, torch.Tensor], dict]:
    """Read what `save` wrote.

    Returns:
        dict from name to tensor, on the CPU, and the metadata.

    Raises:
        CheckpointError: there is no such file, it is damaged, or something else wrote it.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: expected a checkpoint, got no file")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            # Copied, because a matrix product may round differently where its operand lies at
            # an odd address, as in a file: a resumed run would not repeat itself bit for bit.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{path}: expected a checkpoint, got a damaged or foreign file ({error})"
        ) from error
    if FORMAT not in header:
        raise CheckpointError(
            f"{path}: expected a checkpoint of format {FORMAT!r}, got {sorted(header)}"
        )
    try:
        entry = json.loads(header[FORMAT])
        if entry["sha256"] != digest(tensors, entry["about"]):
            raise ValueError("its contents have changed since it was written")
        return tensors, json.loads(entry["about"])
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"{path}: expected a whole checkpoint, got a damaged one ({error})"
        ) from error


@contextlib.contextmanager
def expecting(what: str, path: str | Path) -> Iterator[None]:
    """Turn what goes wrong while a model is built from a checkpoint into a CheckpointError.

    what: what the file should hold, with its article.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{path}: expected {what}, got something else ({error})"
        ) from error


def stored_name(name: str) -> str:
    """A weight's name in a file: that in the model, without the PARTS."""
    return ".".join(part for part in name.split(".") if part not in PARTS)


def weights_of(model: nn.Module) -> dict[str, torch.Tensor]:
    """A model's weights by their names in a file."""
    return {stored_name(name): t for name, t in model.state_dict().items()}


def set_weights(model: nn.Module, weights: dict[str, torch.Tensor]) -> None:
    """Give a model the weights that `weights_of` returned.

    Raises RuntimeError where they are not those of such a model.
    """
    names = {stored_name(name): name for name in model.state_dict()}
    model.load_state_dict({names.get(k, k): t for k, t in weights.items()})


def join(parts: dict[str, dict]) -> dict:
    """Put several dicts into one: `name` of `part` becomes `part.name`."""
    return {
        f"{part}.{k}": v for part, entries in parts.items() for k, v in entries.items()
    }


def select(tensors: dict, part: str) -> dict:
    """Take one of them out again: the entries whose names start with `part.`, without it."""
    return {
        name.removeprefix(f"{part}."): tensor
        for name, tensor in tensors.items()
        if name.startswith(f"{part}.")
    }


def digest(tensors: dict[str, torch.Tensor], about: str) -> str:
    """Return the SHA-256 of all that a checkpoint holds: safetensors itself notices no changed weight."""
    sha256 = hashlib.sha256(about.encode())
    for name, tensor in sorted(tensors.items()):
        sha256.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        sha256.update(tensor.flatten().view(torch.uint8).numpy().data)
    return sha256.hexdigest()


def write_atomically(path: str | Path, write: Callable[[Path], object]) -> None:
    """Call `write` with a scratch path in the same folder, then move the result to `path`."""
    path = Path(path)
    # The same folder, because os.replace is atomic only within one file system.
    scratch = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")
    try:
        try:
            write(scratch)
            os.replace(scratch, path)
        finally:
            scratch.unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: cannot be written: {error}") from error
