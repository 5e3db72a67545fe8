"""Scenes set up by hand, where what is true is known, and the patterns of the questions' scenes."""

from rnnkit.scenes.layouts import Thing

VQA_PATTERNS = ("aab", "abc", "aaab", "aabc", "abcd")


def box(x, y):
    return x - 10, y - 10, x + 10, y + 10


# Two cats to the left of a dog, a car below the dog and a little to its left.
STAGED = (
    Thing("cat", "🐱", box(12, 12)),
    Thing("cat", "🐱", box(12, 40)),
    Thing("dog", "🐶", box(48, 12)),
    Thing("car", "🚗", box(44, 52)),
)
