"""The characters that a model knows, and their numbers."""

from collections.abc import Iterable

import torch


class Vocabulary:
    """The characters a model knows; a character's number is its place among them.

    characters: str of distinct characters, in order. `Vocabulary.of(text)` sorts a text's own.
    Raises ValueError when it is empty or a character comes twice.
    """

    def __init__(self, characters: str) -> None:
        if not isinstance(characters, str) or not characters:
            raise ValueError(
                f"characters: expected a str with at least one, got {characters!r}"
            )
        if len(set(characters)) < len(characters):
            raise ValueError(
                f"characters: expected each one once, got {characters[:40]!r}"
            )
        self.characters = characters
        self._number = {c: i for i, c in enumerate(characters)}

    @classmethod
    def of(cls, text: str) -> "Vocabulary":
        """Return the vocabulary of a text: its distinct characters, sorted."""
        return cls("".join(sorted(set(text))))

    def __len__(self) -> int:
        return len(self.characters)

    def encode(self, text: str, name: object = "text") -> torch.Tensor:
        """Return the characters' numbers as an integer tensor, (T,).

        name: how the error names the text.
        Raises ValueError when the text has characters outside the vocabulary.
        """
        unknown = sorted(set(text) - set(self.characters))
        if unknown:
            shown = " ".join(repr(c) for c in unknown[:8])
            more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
            raise ValueError(
                f"{name}: expected only the vocabulary's {len(self)} characters, "
                f"got {shown}{more}"
            )
        return torch.tensor([self._number[c] for c in text], dtype=torch.long)

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text that these numbers, (T,), stand for."""
        return "".join(self.characters[i] for i in tokens)
