"""A character-level language model: embedding, recurrent layers, one score per character."""

from pathlib import Path

from torch import nn

from rnnkit.nn import checkpoint
from rnnkit.nn.checkpoint import CheckpointError
from rnnkit.nn.text import Vocabulary

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
MAX_LAYERS = 4


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
        ValueError: a size is out of range, or tied sizes differ.

    Source: Mikolov et al. (2010); dropout: Zaremba et al. (2014); weight tying: Press
    and Wolf (2017).
    """

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
        # What builds this model again: checkpoints store it.
        self.config = {
            "vocab_size": vocab_size,
            "cell": cell,
            "embedding_size": embedding_size,
            "hidden_size": hidden_size,
            "num_layers": num_layers,
            "dropout": dropout,
            "tie_weights": tie_weights,
        }
        check_config(self.config)
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


def check_config(config: dict) -> None:
    """Raise ValueError unless a CharLM can be built from these arguments."""
    for name in ("vocab_size", "embedding_size", "hidden_size", "num_layers"):
        size = config[name]
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError(f"{name}: expected a whole number from 1, got {size!r}")
    if config["num_layers"] > MAX_LAYERS:
        raise ValueError(
            f"num_layers: expected 1 to {MAX_LAYERS}, got {config['num_layers']}"
        )
    if config["cell"] not in CELLS:
        raise ValueError(f"cell: expected one of {list(CELLS)}, got {config['cell']!r}")
    if not 0 <= config["dropout"] < 1:
        raise ValueError(f"dropout: expected 0 to below 1, got {config['dropout']!r}")
    if config["tie_weights"] and config["embedding_size"] != config["hidden_size"]:
        raise ValueError(
            "tie_weights: expected embedding_size = hidden_size = "
            f"{config['hidden_size']}, got embedding_size = {config['embedding_size']}"
        )


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
    about = {"config": model.config, "vocabulary": vocabulary.characters}
    checkpoint.save(
        path, weights or model.state_dict(), about | {"metadata": metadata or {}}
    )


def load_charlm(path: str | Path) -> tuple[CharLM, Vocabulary, dict]:
    """Read a model that `save_charlm` wrote.

    Returns:
        the CharLM on the CPU in evaluation mode, its Vocabulary, and the metadata.

    Raises:
        CheckpointError: the file is missing, damaged, or holds something else.
    """
    tensors, about = checkpoint.load(path)
    try:
        vocabulary = Vocabulary(about["vocabulary"])
        if len(vocabulary) != about["config"]["vocab_size"]:
            raise ValueError(
                f"vocabulary: expected {about['config']['vocab_size']} characters, "
                f"got {len(vocabulary)}"
            )
        model = CharLM(**about["config"])
        model.load_state_dict(tensors)
        return model.eval(), vocabulary, about["metadata"]
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{path}: expected a character model, got something else ({error})"
        ) from error


def shipped(name: str) -> Path:
    """Return the path of a model that comes with the package, made by `experiments.char_lm`.

    name: "plays" or "python".
    Raises ValueError for any other.
    """
    folder = Path(__file__).parent / "shipped"
    names = sorted(path.stem for path in folder.glob("*.safetensors"))
    if name not in names:
        raise ValueError(f"name: expected one of {names}, got {name!r}")
    return folder / f"{name}.safetensors"
