"""Texts as integers and back, and random batches of pairs."""

import pytest
import torch

from rnnkit.nn.translation.pairs import (
    PairSet,
    decode_targets,
    encode_sources,
    encode_targets,
)
from rnnkit.nn.translation.translator import END, PAD, START


def test_texts_and_back():
    source, mask = encode_sources(["ab", "c"], "abc")
    assert source.tolist() == [[3, 4], [5, PAD]]
    assert mask.tolist() == [[True, True], [True, False]]
    target = encode_targets(["ab", "c"], "abc")
    assert target.tolist() == [[START, 3, 4, END], [START, 5, END, PAD]]
    assert decode_targets(target[:, 1:], "abc") == ["ab", "c"]
    assert decode_targets(torch.tensor([[3, 4, 3], [END, 3, 3]]), "abc") == ["aba", ""]


def test_batches_are_cropped_and_repeat_themselves():
    texts = ["a", "ab", "abcabcabc"]
    pairs, again = (PairSet(texts, texts, "abc", 1, seed=3) for _ in range(2))
    lengths = set()
    for _ in range(20):
        source, mask, target = pairs.batch()
        assert mask.all()
        assert target.shape == (1, source.shape[1] + 2)
        lengths.add(source.shape[1])
        for ours, other in zip((source, mask, target), again.batch(), strict=True):
            assert torch.equal(ours, other)
    assert lengths == {1, 2, 9}
    state = pairs.state_dict()
    first = pairs.batch()[0]
    pairs.load_state_dict(state)
    assert torch.equal(pairs.batch()[0], first)


@pytest.mark.parametrize("texts", [[], [""], ["ax"]])
def test_bad_texts(texts):
    with pytest.raises(ValueError, match="texts: expected"):
        encode_sources(texts, "abc")


def test_as_many_targets_as_sources():
    with pytest.raises(ValueError, match="targets: expected 2"):
        PairSet(["a", "b"], ["a"], "abc")
