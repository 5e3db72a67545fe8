"""Sentences whose words alone do not tell their sentiment."""

from collections import Counter

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from rnnkit.data import sentiment


def test_sentences_are_different_balanced_and_repeatable():
    sentences = sentiment.generate_sentences(2000, seed=1)
    assert sentences == sentiment.generate_sentences(2000, seed=1)
    assert sentences != sentiment.generate_sentences(2000, seed=2)
    assert len({tuple(tokens) for tokens, _ in sentences}) == 2000
    assert sum(label for _, label in sentences) == 1000
    lengths = {len(tokens) for tokens, _ in sentences}
    assert min(lengths) >= 5
    assert max(lengths) <= 16


def test_every_sentence_has_a_counterpart_of_the_same_words_and_the_opposite_label():
    # With 15,000 sentences of one seed many counterparts are drawn too: their labels must be opposite.
    labels = {
        tuple(tokens): label for tokens, label in sentiment.generate_sentences(15_000)
    }
    met = 0
    for tokens, label in labels.items():
        other = sentiment.counterpart(tokens)
        assert Counter(other) == Counter(tokens)
        assert tuple(other) != tokens
        if tuple(other) in labels:
            met += 1
            assert labels[tuple(other)] == 1 - label
    assert met > 1000


def test_a_bag_of_words_stays_near_chance():
    sentences = sentiment.generate_sentences(3000)
    texts = [" ".join(tokens) for tokens, _ in sentences]
    labels = [label for _, label in sentences]
    counts = CountVectorizer(token_pattern=r"\S+").fit_transform(texts)
    model = LogisticRegression(max_iter=1000).fit(counts[:2000], labels[:2000])
    assert abs(model.score(counts[2000:], labels[2000:]) - 0.5) < 0.07


def test_the_label_is_the_sentiment():
    checked = 0
    for tokens, label in sentiment.generate_sentences(2000):
        if tokens[2:4] == ["is", "never"]:  # the plot is never bad and always good
            checked += 1
            assert label == (tokens[-1] in sentiment.GOOD)
        elif tokens[:2] == ["far", "from"]:
            checked += 1
            assert label == (tokens[2] in sentiment.BAD)
    assert checked > 100


@pytest.mark.parametrize("n", [0, 50_001])
def test_sentences_bad_n(n):
    with pytest.raises(ValueError, match="n: expected 1 to 50,000"):
        sentiment.generate_sentences(n)


def test_counterpart_bad_input():
    with pytest.raises(ValueError, match="one good and one bad word, got 1 and 0"):
        sentiment.counterpart(["the", "plot", "was", "good"])
