"""Pairs of texts as integers: padded, with START and END around a target, in random batches."""

import torch

from rnnkit.nn.batches import RandomBatches
from rnnkit.nn.translation.translator import END, PAD, START, Translator


def encode_sources(
    texts: list[str], alphabet: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """N texts -> integers (N, S), PAD behind the end, and the mask (N, S), True where a character is.

    Raises ValueError for no text, an empty one, or a character outside the alphabet.
    """
    source = pad([numbers(text, alphabet) for text in texts])
    return source, source != PAD


def encode_targets(texts: list[str], alphabet: str) -> torch.Tensor:
    """N texts -> integers (N, T + 1): START, the characters, END, and PAD behind it. Raises as `encode_sources`."""
    return pad([[START, *numbers(text, alphabet), END] for text in texts])


def decode_targets(tokens: torch.Tensor, alphabet: str) -> list[str]:
    """Written integers (N, T), without START -> N texts, each up to its END; PAD and START are left out."""
    texts = []
    for row in tokens.tolist():
        row = row[: row.index(END)] if END in row else row
        texts.append("".join(alphabet[i - 3] for i in row if i > END))
    return texts


def numbers(text: str, alphabet: str) -> list[int]:
    """The numbers of a text's characters."""
    unknown = sorted(set(text) - set(alphabet))
    if unknown or not text:
        raise ValueError(
            f"texts: expected characters of the alphabet, at least one, got {unknown or text!r}"
        )
    return [alphabet.index(c) + 3 for c in text]


def pad(rows: list[list[int]]) -> torch.Tensor:
    """Lists of integers -> one tensor, PAD behind the end of each."""
    if not rows:
        raise ValueError("texts: expected at least one, got none")
    padded = torch.full((len(rows), max(map(len, rows))), PAD)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = torch.tensor(row)
    return padded


class PairSet(RandomBatches):
    """Random batches of pairs, for `rnnkit.nn.training.Training`.

    Arguments:
        sources, targets: N texts each.
        alphabet: the model's, `Translator.alphabet`.
        batch_size: B; seed: whole number.

    Raises:
        ValueError: as `encode_sources`, or not as many targets as sources.
    """

    def __init__(
        self,
        sources: list[str],
        targets: list[str],
        alphabet: str,
        batch_size: int = 64,
        seed: int = 0,
    ) -> None:
        if len(sources) != len(targets):
            raise ValueError(
                f"targets: expected {len(sources)}, one for each source, got {len(targets)}"
            )
        self.source, self.mask = encode_sources(sources, alphabet)
        self.target = encode_targets(targets, alphabet)
        self.batch_size = batch_size
        self.rng = torch.Generator().manual_seed(seed)

    def batch(self) -> tuple[torch.Tensor, ...]:
        """Draw source (B, S), mask (B, S) and target (B, T + 1), no longer than the longest among them."""
        row = torch.randint(len(self.source), (self.batch_size,), generator=self.rng)
        mask, target = self.mask[row], self.target[row]
        S, T = int(mask.sum(dim=1).max()), int((target != PAD).sum(dim=1).max())
        return self.source[row, :S], mask[:, :S], target[:, :T]

    def loss(self, model: Translator) -> torch.Tensor:
        """The model's loss on the next batch, nats."""
        return model.loss(*self.batch())
