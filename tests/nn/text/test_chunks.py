"""The chunks that a model is trained on, and the loss of a whole text."""

import itertools
import math

import pytest
import torch
from torch.nn.functional import log_softmax

from rnnkit.nn.text.char_lm import CharLM
from rnnkit.nn.text.chunks import ChunkStream, bits, nats_per_character

from .small_char_lm import CELLS, some_tokens, tiny


def test_bits():
    assert bits(math.log(8)) == pytest.approx(3)


def naive_loss(model, tokens):
    """Mean of -log p(next) over a text, one character at a time."""
    state, losses = None, []
    for now, following in itertools.pairwise(tokens):
        logits, state = model(now.view(1, 1), state)
        losses.append(-log_softmax(logits[0, 0], dim=0)[following].item())
    return sum(losses) / len(losses)


@pytest.mark.parametrize("cell", CELLS)
def test_the_loss_is_that_of_one_character_at_a_time(cell):
    model, tokens = tiny(cell, scale=2.0), some_tokens(50)
    expected = naive_loss(model, tokens)
    for chunk_length in (1, 7, 48, 49, 50, 4096):
        got = nats_per_character(model, tokens, chunk_length=chunk_length)
        assert got == pytest.approx(expected, abs=1e-12)


def test_several_streams_are_pieces_read_from_zero():
    model, tokens = tiny(scale=2.0), some_tokens(50)
    pieces = [naive_loss(model, tokens[i : i + 16]) for i in (0, 16, 32)]
    got = nats_per_character(model, tokens, streams=3, chunk_length=5)
    assert got == pytest.approx(sum(pieces) / 3, abs=1e-12)


def test_the_loss_is_measured_without_dropout_and_the_mode_restored():
    model = CharLM(5, "rnn", 4, 6, dropout=0.5).double()
    losses = {nats_per_character(model, some_tokens(50)) for _ in range(3)}
    assert len(losses) == 1
    assert model.training
    nats_per_character(model.eval(), some_tokens(50))
    assert not model.training


def test_a_text_too_short_to_measure():
    with pytest.raises(ValueError, match="expected at least 6 characters, got 5"):
        nats_per_character(tiny(), some_tokens(5), streams=3)


class Reader:
    """Stands for a model: notes what it is given; its state counts the calls since zero."""

    def __init__(self, vocab_size):
        self.vocab_size, self.calls = vocab_size, []

    def __call__(self, inputs, state):
        self.calls.append((inputs, state))
        weight = torch.ones(1, requires_grad=True)
        count = (torch.zeros(1) if state is None else state) + weight
        # Certain that the next number is one more: what the text of these tests does.
        expected = (inputs + 1) % self.vocab_size
        logits = 50 * torch.nn.functional.one_hot(expected, self.vocab_size)
        return logits * weight, count


def test_chunks_cover_the_text_and_carry_the_state():
    N, V, B, T = 103, 101, 4, 6
    tokens = torch.arange(N) % V
    stream, reader = ChunkStream(tokens, B, T), Reader(V)
    # 103 // 4 = 25 characters in a stretch: 4 chunks of 6 inputs, each with a successor.
    losses = [stream.loss(reader) for _ in range(9)]
    assert max(losses) < 1e-9, "targets are the inputs, one further"
    assert losses[0].requires_grad
    inputs = torch.cat([call[0] for call in reader.calls[:4]], dim=1)
    assert torch.equal(inputs, torch.stack([tokens[25 * b :][:24] for b in range(B)]))
    states = [call[1] for call in reader.calls]
    assert [s if s is None else int(s) for s in states] == [None, 1, 2, 3] * 2 + [None]
    assert not any(s.requires_grad for s in states if s is not None)
    # At the end it begins again.
    assert torch.equal(reader.calls[4][0], reader.calls[0][0])
    assert stream.characters_per_step == B * T


@pytest.mark.parametrize("length", [12, 13, 14, 15, 16, 18])
def test_the_last_chunk_is_whole(length):
    stream, reader = ChunkStream(torch.arange(length), 2, 3), Reader(length)
    for _ in range(4):
        assert stream.loss(reader) < 1e-9
    assert {call[0].shape for call in reader.calls} == {(2, 3)}


def test_ranks_share_the_batch():
    tokens = torch.arange(90)
    shares = []
    for rank in range(3):
        stream, reader = ChunkStream(tokens, 6, 4, rank, 3), Reader(90)
        stream.loss(reader)
        shares.append(reader.calls[0][0])
        assert shares[-1].shape == (2, 4)
        assert stream.characters_per_step == 24, "of all processes"
    whole = Reader(90)
    ChunkStream(tokens, 6, 4).loss(whole)
    together = {tuple(row.tolist()) for share in shares for row in share}
    assert together == {tuple(row.tolist()) for row in whole.calls[0][0]}
    assert len(together) == 6


@pytest.mark.parametrize("cell", CELLS)
def test_a_stream_goes_on_where_it_was(cell):
    model, tokens = tiny(cell, scale=3.0), some_tokens(99)
    stream = ChunkStream(tokens, 2, 5)
    fresh = ChunkStream(tokens, 2, 5)
    fresh.load_state_dict(stream.state_dict())
    for _ in range(3):
        stream.loss(model)
    later = ChunkStream(tokens, 2, 5)
    later.load_state_dict(stream.state_dict())
    assert torch.equal(stream.loss(model), later.loss(model))
    assert fresh.position == 0
    assert fresh.state is None


def test_a_text_too_short_for_a_batch():
    with pytest.raises(ValueError, match=r"batch_size \* .* = 12, got 11"):
        ChunkStream(some_tokens(11), 3, 3)
    with pytest.raises(ValueError, match="batch_size: expected a multiple of the 2"):
        ChunkStream(some_tokens(99), 3, 3, world_size=2)
