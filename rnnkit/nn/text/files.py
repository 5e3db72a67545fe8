"""Models of characters on disk: in one file with the vocabulary that their numbers stand for."""

from pathlib import Path
from typing import TypeVar

from torch import nn

from rnnkit.nn import checkpoint
from rnnkit.nn.text.vocabulary import Vocabulary

Model = TypeVar("Model", bound=nn.Module)


def save_with_vocabulary(
    path: str | Path,
    model: nn.Module,
    vocabulary: Vocabulary,
    metadata: dict | None = None,
    weights: dict | None = None,
) -> None:
    """Write a model with its vocabulary to one safetensors file, at once or not at all.

    Arguments:
        path: where to; the folder must exist.
        model: has a `config`; vocabulary: the Vocabulary it was trained with.
        metadata: dict that JSON can hold.
        weights: a state dict to write instead of the model's own.

    Raises:
        CheckpointError: the file cannot be written.
    """
    about = {"config": model.config, "vocabulary": vocabulary.characters}
    checkpoint.save(
        path, weights or model.state_dict(), about | {"metadata": metadata or {}}
    )


def load_with_vocabulary(
    path: str | Path, kind: type[Model], what: str
) -> tuple[Model, Vocabulary, dict]:
    """Read what `save_with_vocabulary` wrote.

    Arguments:
        kind: the model's class; what: the same in words, with its article.

    Returns:
        the model on the CPU in evaluation mode, its Vocabulary, and the metadata.

    Raises:
        CheckpointError: the file is missing, damaged, or holds something else.
    """
    tensors, about = checkpoint.load(path)
    with checkpoint.expecting(what, path):
        vocabulary = Vocabulary(about["vocabulary"])
        if len(vocabulary) != about["config"]["vocab_size"]:
            raise ValueError(
                f"vocabulary: expected {about['config']['vocab_size']} characters, "
                f"got {len(vocabulary)}"
            )
        model = kind(**about["config"])
        model.load_state_dict(tensors)
        return model.eval(), vocabulary, about["metadata"]
