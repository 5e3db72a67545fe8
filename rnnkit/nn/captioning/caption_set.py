"""What a captioner is trained on: pictures with their true captions, as integers, in random batches."""

from collections.abc import Iterable

import torch

from rnnkit.nn.batches import RandomBatches
from rnnkit.nn.captioning.captioner import END, IGNORE, START, Captioner


class CaptionSet(RandomBatches):
    """Random batches of pictures, each with one of its true captions, for `rnnkit.nn.training.Training`.

    Arguments:
        regions: the encoder's vectors, (N, R, C).
        captions: for each picture the list of its captions, strings of words.
        words: the model's vocabulary, `Captioner.words`.
        batch_size, seed: whole numbers.

    Raises:
        ValueError: numbers of pictures differ, a picture has no caption, or a word is unknown.
    """

    def __init__(
        self,
        regions: torch.Tensor,
        captions: list[list[str]],
        words: list[str],
        batch_size: int = 128,
        seed: int = 0,
    ) -> None:
        if len(regions) != len(captions):
            raise ValueError(
                f"captions: expected one list for each of {len(regions)} pictures, got {len(captions)}"
            )
        if not all(captions):
            raise ValueError(
                "captions: expected at least one for every picture, got none"
            )
        rows = [caption for choice in captions for caption in choice]
        self.captions = encode_captions(rows, words)
        self.number = torch.tensor([len(choice) for choice in captions])
        self.begin = self.number.cumsum(0) - self.number  # row of a picture's first one
        self.regions, self.batch_size = regions, batch_size
        self.rng = torch.Generator().manual_seed(seed)

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw regions (B, R, C) and captions (B, T + 1), for `Captioner.loss`."""
        B = self.batch_size
        i = torch.randint(len(self.regions), (B,), generator=self.rng)
        choice = torch.rand(B, generator=self.rng) * self.number[i]
        return self.regions[i], self.captions[self.begin[i] + choice.long()]

    def loss(self, model: Captioner) -> torch.Tensor:
        return model.loss(*self.batch())


def encode_captions(captions: list[str], words: list[str]) -> torch.Tensor:
    """N captions -> integers (N, T + 1): <START>, the words, <END>, then IGNORE to the longest one's end.

    Raises ValueError for a word that is not in the vocabulary.
    """
    index = {word: i for i, word in enumerate(words)}
    unknown = {w for c in captions for w in c.split()} - set(words)
    if unknown:
        raise ValueError(f"captions: expected known words, got {sorted(unknown)}")
    rows = [[START, *(index[w] for w in c.split()), END] for c in captions]
    encoded = torch.full((len(rows), max(map(len, rows))), IGNORE)
    for i, row in enumerate(rows):
        encoded[i, : len(row)] = torch.tensor(row)
    return encoded


def decode_caption(indices: Iterable[int], words: list[str]) -> list[str]:
    """Integers -> the caption's words, a list of strings, up to <END>."""
    indices = [int(i) for i in indices]
    end = indices.index(END) if END in indices else len(indices)
    return [words[i] for i in indices[:end]]
