"""Generated film reviews whose sentiment hangs on word order: a bag of words cannot tell."""

import numpy as np

# Each frame is written so that it praises. Exchange its {good} and its {bad} word and it condemns, with
# exactly the same words: so no count of words says anything about the label.
FRAMES = [
    "the {noun} was {very} {good} , not {bad}",
    "the {noun} was {very} {good} and not at all {bad}",
    "the {noun} was not {bad} at all , but {very} {good}",
    "the {noun} was not {bad} , it was {very} {good}",
    "the {noun} was {very} {good} , it was not {bad}",
    "the {noun} was {bad} but the {other} was {very} {good}",
    "although the {noun} was {very} {bad} , the {other} was {good}",
    "the {noun} was {very} {good} although the {other} was {bad}",
    "despite the {bad} {noun} , the {other} was {very} {good}",
    "the {noun} was {very} {good} despite the {bad} {other}",
    "far from {bad} , the {noun} was {very} {good}",
    "the {noun} is never {bad} and always {very} {good}",
    "i expected the {noun} to be {bad} , but it was {very} {good}",
    "i expected the {noun} to be {good} and never found it {bad}",
    "it is not true that the {noun} was not {good} , nor was it {bad}",
    "nobody could say that the {noun} was not {good} , or call it {bad}",
]
NOUNS = "plot acting script music ending dialogue story direction opening camerawork finale cast".split()
GOOD = "good great superb gripping clever charming moving fresh brilliant delightful".split()
BAD = "bad dull poor boring clumsy tedious weak stale awful dreadful".split()
INTENSIFIERS = ["", "", "very", "really", "quite", "truly", "so"]


def generate_sentences(n, seed=0):
    """Make different sentences, half of them positive; slices of one call share no sentence.

    n: how many, at most 50,000; seed: int, the same seed makes the same sentences.
    Returns a list of n pairs (tokens, label): tokens a list of 7 to 15 str, label 1 for praise and 0 for
    blame. For n odd there is one more positive sentence.
    Raises ValueError for n outside 1 to 50,000.
    """
    if not 1 <= n <= 50_000:
        raise ValueError(f"n: expected 1 to 50,000, got {n}")
    rng = np.random.default_rng(seed)
    sentences, seen = [], set()
    while len(sentences) < n:
        label = 1 - len(sentences) % 2
        tokens = _sentence(label, rng)
        if tuple(tokens) not in seen:
            seen.add(tuple(tokens))
            sentences.append((tokens, label))
    return [sentences[i] for i in rng.permutation(n)]


def counterpart(tokens):
    """Exchange the praising and the blaming word: the same words, the opposite sentiment.

    tokens: list of str from `generate_sentences`.
    Returns a list of as many str.
    Raises ValueError when tokens does not hold exactly one word of each kind.
    """
    good = [i for i, token in enumerate(tokens) if token in GOOD]
    bad = [i for i, token in enumerate(tokens) if token in BAD]
    if len(good) != 1 or len(bad) != 1:
        raise ValueError(
            f"tokens: expected one good and one bad word, got {len(good)} and {len(bad)}"
        )
    swapped = list(tokens)
    swapped[good[0]], swapped[bad[0]] = tokens[bad[0]], tokens[good[0]]
    return swapped


def _sentence(label, rng):
    """Fill a random frame; for label 0 the good and the bad word change places."""
    noun, other = rng.choice(NOUNS, size=2, replace=False)
    good, bad = rng.choice(GOOD), rng.choice(BAD)
    if label == 0:
        good, bad = bad, good
    words = {
        "noun": noun,
        "other": other,
        "good": good,
        "bad": bad,
        "very": rng.choice(INTENSIFIERS),
    }
    return str(rng.choice(FRAMES)).format(**words).split()
