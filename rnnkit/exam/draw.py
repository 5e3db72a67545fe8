"""Numbers that a student can compute with: few digits, never the same for two seeds, questions or versions."""

import zlib

import numpy as np

from rnnkit.functional import sigmoid


class Draw:
    """The source of a question's numbers, fixed by seed, question, version and attempt."""

    def __init__(self, seed, identifier, version, attempt):
        key = [seed, zlib.crc32(identifier.encode()), ord(version), attempt]
        self.rng = np.random.default_rng(key)

    def steps(self, low, high, step, size=None):
        """Multiples of a step from low to high, both included, without 0: a float, or an array of this size."""
        count = round((high - low) / step) + 1
        choices = np.round(low + step * np.arange(count), 6)
        picked = self.rng.choice(choices[choices != 0], size)
        return float(picked) if size is None else picked

    def tenths(self, size=None, low=-0.9, high=0.9):
        """Multiples of 0.1 without 0."""
        return self.steps(low, high, 0.1, size)

    def whole(self, low, high):
        """A whole number from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def one_of(self, choices):
        """One element of a list."""
        return choices[int(self.rng.integers(len(choices)))]

    def some_of(self, choices, count):
        """So many different elements of a list, in a drawn order."""
        order = self.rng.permutation(len(choices))[:count]
        return [choices[int(k)] for k in order]

    def shares(self, parts, step=0.05):
        """So many different shares in multiples of a step that sum to 1, the largest first."""
        units = round(1 / step)
        if units < parts * (parts + 1) // 2:
            raise ValueError(f"parts: expected fewer for a step of {step}, got {parts}")
        while True:
            cuts = np.sort(self.rng.choice(np.arange(1, units), parts - 1, False))
            share = np.diff([0, *cuts, units])
            if len(set(share)) == parts:
                return np.round(np.sort(share)[::-1] * step, 6)


def gate(argument):
    """The value of a gate with this argument, a float."""
    return float(sigmoid(np.array([argument]))[0])
