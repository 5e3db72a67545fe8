"""Japanese vowels: real recordings of different lengths, for classifying whole sequences."""

import numpy as np

from rnnkit.data.archive import read

FOLDER = "aeon/datasets/data/JapaneseVowels/"


def load_japanese_vowels():
    """Return recordings of nine men saying the Japanese vowels /ae/: who is speaking?

    Returns (x_train, labels_train), (x_test, labels_test): each x a list of arrays
    (T_i, 12) float32, one row of LPC cepstrum coefficients (no unit) per frame of
    25.6 ms, a frame every 6.4 ms, T_i from 7 to 29 frames; labels (N,) int64 from 0 to
    8, the speaker. N = 270 for training (30 each) and 370 for testing (24 to 88 each).
    Raises ArchiveError when the recordings cannot be had.
    Source: Kudo, Toyama and Shimbo (1999), UCI Machine Learning Repository,
    doi 10.24432/C5NS47, as shipped in the package aeon 1.6.0 (BSD-3-Clause).
    """
    return tuple(
        parse_ts(read("aeon", f"{FOLDER}JapaneseVowels_{part}.ts").decode("utf-8"))
        for part in ("TRAIN", "TEST")
    )


def parse_ts(text):
    """Read sequences from the `.ts` format: `1,2,3:4,5,6:1` is two channels, three steps, class 1.

    text: str, a header that ends in the line `@data`, then one sequence a line.
    Returns a list of arrays (T_i, D) float32 and the labels (N,) int64, counted from 0.
    Raises ValueError when there is no data or the channels of one sequence differ in length.
    """
    _, found, data = text.partition("@data")
    lines = data.split()
    if not found or not lines:
        raise ValueError(
            "text: expected a line @data with sequences below it, got none"
        )
    sequences, labels = [], []
    for number, line in enumerate(lines, start=1):
        *channels, label = line.split(":")
        rows = [[float(value) for value in channel.split(",")] for channel in channels]
        if len({len(row) for row in rows}) != 1:
            lengths = [len(row) for row in rows]
            raise ValueError(
                f"text: expected channels of equal length in sequence {number}, got {lengths}"
            )
        sequences.append(np.array(rows, dtype=np.float32).T)  # (T, D): time first
        labels.append(int(label) - 1)
    return sequences, np.array(labels, dtype=np.int64)
