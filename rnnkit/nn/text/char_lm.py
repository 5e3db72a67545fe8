"""A character-level language model: embedding, recurrent layers, one score per character."""

from pathlib import Path
from typing import ClassVar

from torch import nn

from rnnkit.nn import checkpoint
from rnnkit.nn.config import FLAG, SHARE, SIZE, check_config, one_of, whole
from rnnkit.nn.text.files import load_with_vocabulary, save_with_vocabulary
from rnnkit.nn.text.vocabulary import Vocabulary

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class CharLM(nn.Module):
    """Reads characters one by one and scores, after each, every character that may follow.

    Arguments:
        vocab_size: V, the number of distinct characters.
        cell: "rnn", "gru" or "lstm".
        embedding_size: D, the length of a character's vector.
        hidden_size: H, units per layer.
        num_layers: recurrent layers, 1 to 4; each reads the states of the one below.
        dropout: probability of dropping each input of a layer, while training; what flows
            from step to step inside a layer is never dropped.
        tie_weights: use the embedding as the output matrix too; needs D = H.

    Raises:
        ValueError: a setting does not follow the rules, or tied sizes differ.

    Source: Mikolov et al. (2010); dropout: Zaremba et al. (2014); weight tying: Press
    and Wolf (2017).
    """

    rules: ClassVar = {
        "vocab_size": SIZE,
        "cell": one_of(*CELLS),
        "embedding_size": SIZE,
        "hidden_size": SIZE,
        "num_layers": whole(1, 4),
        "dropout": SHARE,
        "tie_weights": FLAG,
    }

    def __init__(
        self,
        vocab_size,
        cell="lstm",
        embedding_size=64,
        hidden_size=256,
        num_layers=1,
        dropout=0.0,
        tie_weights=False,
    ):
        super().__init__()
        settings = {
            "vocab_size": vocab_size,
            "cell": cell,
            "embedding_size": embedding_size,
            "hidden_size": hidden_size,
            "num_layers": num_layers,
            "dropout": dropout,
            "tie_weights": tie_weights,
        }
        # What builds this model again: checkpoints store it.
        self.config = check_charlm(settings)
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.rnn = CELLS[cell](
            embedding_size,
            hidden_size,
            num_layers,
            batch_first=True,
            dropout=dropout if num_layers > 1 else 0.0,
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, vocab_size)
        if tie_weights:
            self.output.weight = self.embedding.weight

    def forward(self, tokens, state=None):
        """Score the character after each of these.

        Arguments:
            tokens: integers, (B, T).
            state: what an earlier call returned, or None for zeros.

        Returns:
            logits, (B, T, V), and the state after the last character.
        """
        x = self.dropout(self.embedding(tokens))  # (B, T, D)
        h, state = self.rnn(x, state)  # (B, T, H)
        return self.output(self.dropout(h)), state  # (B, T, V)


def check_charlm(config: dict) -> dict:
    """Return the config of a CharLM; raise ValueError unless one can be built from it."""
    config = check_config(config, CharLM.rules)
    if config["tie_weights"] and config["embedding_size"] != config["hidden_size"]:
        raise ValueError(
            "tie_weights: expected embedding_size = hidden_size = "
            f"{config['hidden_size']}, got embedding_size = {config['embedding_size']}"
        )
    return config


def save_charlm(
    path: str | Path,
    model: CharLM,
    vocabulary: Vocabulary,
    metadata: dict | None = None,
    weights: dict | None = None,
) -> None:
    """Write a model with its vocabulary to one safetensors file, at once or not at all.

    Arguments:
        path: where to; the folder must exist.
        model: a CharLM; vocabulary: the Vocabulary it was trained with.
        metadata: dict that JSON can hold: data hash, training options, results.
        weights: a state dict to write instead of the model's own, as the best one so far.

    Raises:
        CheckpointError: the file cannot be written.
    """
    save_with_vocabulary(path, model, vocabulary, metadata, weights)


def load_charlm(path: str | Path) -> tuple[CharLM, Vocabulary, dict]:
    """Read a model that `save_charlm` wrote.

    Returns:
        the CharLM on the CPU in evaluation mode, its Vocabulary, and the metadata.

    Raises:
        CheckpointError: the file is missing, damaged, or holds something else.
    """
    return load_with_vocabulary(path, CharLM, "a character model")


def shipped(name: str) -> Path:
    """Return the path of a model that comes with the package, made by `experiments.char_lm`.

    name: "plays" or "python".
    Raises ValueError for any other.
    """
    names = sorted(path.stem for path in checkpoint.SHIPPED.glob("*.safetensors"))
    if name not in names:
        raise ValueError(f"name: expected one of {names}, got {name!r}")
    return checkpoint.SHIPPED / f"{name}.safetensors"
