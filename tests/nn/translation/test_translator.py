"""The encoder-decoder: shapes, masks, and what the readers read."""

import pytest
import torch

from rnnkit.nn.layers import reverse
from rnnkit.nn.translation.pairs import encode_sources, encode_targets
from rnnkit.nn.translation.translator import PAD, Translator, at_end

from .small_translators import KINDS, LETTERS, make

TEXTS, WANTED = ["abcab", "c", "ba"], ["ab", "c", "cab"]


@pytest.mark.parametrize(("attention", "readers"), KINDS)
def test_shapes_and_weights(attention, readers):
    model = make(attention, readers)
    source, mask = encode_sources(TEXTS, LETTERS)
    target = encode_targets(WANTED, LETTERS)
    logits, weights = model(source, mask, target)
    assert logits.shape == (3, 4, 6)
    if attention == "none":
        assert weights is None
        return
    assert weights.shape == (3, 4, 5)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 4))
    assert (weights.transpose(1, 2)[~mask] == 0).all()


@pytest.mark.parametrize(("attention", "readers"), KINDS)
def test_padding_changes_nothing(attention, readers):
    model = make(attention, readers)
    source, mask = encode_sources(TEXTS, LETTERS)
    target = encode_targets(WANTED, LETTERS)
    together, _ = model(source, mask, target)
    for k, (text, wanted) in enumerate(zip(TEXTS, WANTED, strict=True)):
        alone = encode_targets([wanted], LETTERS)
        logits, _ = model(*encode_sources([text], LETTERS), alone)
        torch.testing.assert_close(logits[0], together[k, : len(wanted) + 1])
    each = [
        model.loss(*encode_sources([text], LETTERS), encode_targets([wanted], LETTERS))
        * (len(wanted) + 1)
        for text, wanted in zip(TEXTS, WANTED, strict=True)
    ]
    characters = sum(len(wanted) + 1 for wanted in WANTED)
    torch.testing.assert_close(model.loss(source, mask, target), sum(each) / characters)


@pytest.mark.parametrize(("attention", "readers"), KINDS)
def test_what_stands_in_the_padding_changes_nothing(attention, readers):
    model = make(attention, readers)
    source, mask = encode_sources(TEXTS, LETTERS)
    target = encode_targets(WANTED, LETTERS)
    before, _ = model(source, mask, target)
    after, _ = model(source.masked_fill(~mask, 4), mask, target)
    torch.testing.assert_close(before, after, rtol=0, atol=0)


@pytest.mark.parametrize("readers", ["forward", "backward"])
def test_the_backward_reader_is_the_forward_one_on_the_reversed_source(readers):
    other = {"forward": "backward", "backward": "forward"}[readers]
    one, two = make("additive", readers), make("additive", other)
    names = {"ahead": "back", "back": "ahead"}
    state = {
        ".".join(names.get(part, part) for part in name.split(".")): tensor
        for name, tensor in one.state_dict().items()
    }
    two.load_state_dict(state)
    target = encode_targets(WANTED, LETTERS)
    logits, weights = one(*encode_sources(TEXTS, LETTERS), target)
    turned = encode_sources([text[::-1] for text in TEXTS], LETTERS)
    mirrored, places = two(*turned, target)
    torch.testing.assert_close(logits, mirrored)
    torch.testing.assert_close(weights[0], places[0].flip(-1))


def test_written_character_by_character_it_scores_the_same():
    model = make("multiplicative")
    source, mask = encode_sources(TEXTS, LETTERS)
    target = encode_targets(WANTED, LETTERS)
    at_once, _ = model(source, mask, target)
    state, memory = model.encode(source, mask)
    for t in range(target.shape[1] - 1):
        logits, state, _ = model.decode(target[:, [t]], state, memory)
        torch.testing.assert_close(logits[:, 0], at_once[:, t])


def test_the_first_state_is_zeros_or_comes_from_the_source():
    source, mask = encode_sources(TEXTS, LETTERS)
    assert (make().encode(source, mask)[0] == 0).all()
    state, _ = make(start="last").encode(source, mask)
    assert state.abs().min() > 0


def test_reverse_and_at_end():
    x = torch.tensor([[1, 2, 3, 9], [4, 5, 8, 7]])[..., None]
    mask = torch.tensor([[1, 1, 1, 0], [1, 1, 0, 0]]).bool()
    assert reverse(x, mask)[..., 0].tolist() == [[3, 2, 1, 9], [5, 4, 8, 7]]
    assert at_end(x, mask)[:, 0].tolist() == [3, 5]


def test_the_loss_leaves_padding_out():
    model = make()
    source, mask = encode_sources(["ab"], LETTERS)
    target = encode_targets(["ab"], LETTERS)
    longer = torch.cat([target, torch.full((1, 3), PAD)], dim=1)
    torch.testing.assert_close(
        model.loss(source, mask, target), model.loss(source, mask, longer)
    )


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("alphabet", "aa"),
        ("alphabet", ""),
        ("attention", "soft"),
        ("readers", "none"),
        ("start", "ones"),
        ("hidden_size", 0),
    ],
)
def test_bad_settings(setting, value):
    settings = {"alphabet": LETTERS} | {setting: value}
    with pytest.raises(ValueError, match=f"{setting}: expected"):
        Translator(**settings)
