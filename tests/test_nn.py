"""The torch wing: the models against their formulas, the data against the text, decoding against search."""

import itertools
import math
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch.nn.functional import log_softmax

from rnnkit.nn import checkpoint
from rnnkit.nn.charlm import CharLM, load_charlm, save_charlm
from rnnkit.nn.checkpoint import FORMAT, CheckpointError
from rnnkit.nn.decoding import beam_search, generate, next_distribution
from rnnkit.nn.text import ChunkStream, Vocabulary, bits, nats_per_character
from rnnkit.nn.training import Training, fit, learning_rate

CELLS = ("rnn", "gru", "lstm")


def tiny(cell="lstm", vocab_size=5, scale=1.0, **options):
    """A small model in double precision; scale: how far from indifferent it is."""
    torch.manual_seed(3)
    model = CharLM(vocab_size, cell, 4, 6, **options).double().eval()
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(scale)
    return model


def some_tokens(n, vocab_size=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(vocab_size, (n,), generator=generator)


# --- the vocabulary ------------------------------------------------------------------------------


@given(st.text(min_size=1))
def test_what_is_encoded_comes_back(text):
    vocabulary = Vocabulary.of(text)
    tokens = vocabulary.encode(text)
    assert tokens.dtype == torch.long
    assert len(tokens) == len(text)
    assert vocabulary.decode(tokens) == text
    assert list(vocabulary.characters) == sorted(set(text))


def test_unknown_characters_are_named():
    vocabulary = Vocabulary("abc")
    with pytest.raises(
        ValueError, match=r"line: expected .* 3 characters, got 'x' 'z'"
    ):
        vocabulary.encode("azxa", name="line")
    with pytest.raises(ValueError, match=r"'k' and 2 more$"):
        vocabulary.encode("defghijklm")


@pytest.mark.parametrize("characters", ["", None, ["a"], "aba"])
def test_a_vocabulary_has_each_character_once(characters):
    with pytest.raises(ValueError, match="characters: expected"):
        Vocabulary(characters)


def test_bits():
    assert bits(math.log(8)) == pytest.approx(3)


# --- the model against the formula -----------------------------------------------------------------


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(cell, x, h, c, W_ih, W_hh, b_ih, b_hh):
    """One step of a cell as the formula has it, with PyTorch's packing of the weights."""
    a, r = x @ W_ih.T + b_ih, h @ W_hh.T + b_hh
    if cell == "rnn":
        return np.tanh(a + r), c
    if cell == "lstm":
        i, f, g, o = np.split(a + r, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c
    (a_r, a_z, a_n), (r_r, r_z, r_n) = np.split(a, 3, axis=1), np.split(r, 3, axis=1)
    z = sigmoid(a_z + r_z)
    return (1 - z) * np.tanh(a_n + sigmoid(a_r + r_r) * r_n) + z * h, c


def logits_by_formula(model, tokens):
    """The scores of a CharLM, computed step by step in numpy."""
    w = {name: p.detach().numpy() for name, p in model.named_parameters()}
    layers, H = model.config["num_layers"], model.config["hidden_size"]
    B, T = tokens.shape
    embedding = w["embedding.weight"]
    h = [np.zeros((B, H)) for _ in range(layers)]
    c = [np.zeros((B, H)) for _ in range(layers)]
    scores = []
    for t in range(T):
        x = embedding[tokens[:, t].numpy()]
        for k in range(layers):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = [w[f"rnn.{name}_l{k}"] for name in names]
            h[k], c[k] = step(model.config["cell"], x, h[k], c[k], *weights)
            x = h[k]
        scores.append(x @ w.get("output.weight", embedding).T + w["output.bias"])
    return np.stack(scores, axis=1)


@pytest.mark.parametrize("num_layers", [1, 2, 3, 4])
@pytest.mark.parametrize("cell", CELLS)
def test_the_model_is_its_formula(cell, num_layers):
    model = tiny(cell, num_layers=num_layers)
    tokens = some_tokens(14).view(2, 7)
    logits, state = model(tokens)
    np.testing.assert_allclose(
        logits.detach(), logits_by_formula(model, tokens), rtol=0, atol=1e-12
    )
    # In two calls, with the state carried, the same.
    first, state = model(tokens[:, :3])
    second, _ = model(tokens[:, 3:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), logits)


def test_tied_weights_are_one_matrix():
    model = CharLM(5, "gru", 6, 6, tie_weights=True).double()
    assert model.output.weight is model.embedding.weight
    tokens = some_tokens(8).view(1, 8)
    logits, _ = model(tokens)
    np.testing.assert_allclose(
        logits.detach(), logits_by_formula(model, tokens), rtol=0, atol=1e-12
    )


def test_dropout_acts_in_training_alone():
    model = CharLM(5, "rnn", 4, 6, num_layers=2, dropout=0.5)
    tokens = some_tokens(8).view(1, 8)
    assert not torch.equal(model(tokens)[0], model(tokens)[0])
    x = model.embedding(tokens)
    assert not torch.equal(model.rnn(x)[0], model.rnn(x)[0]), "between the layers too"
    model.eval()
    assert torch.equal(model(tokens)[0], model(tokens)[0])
    # With one layer there are still the inputs of that layer and of the output layer.
    single = CharLM(5, "rnn", 4, 6, dropout=0.5)
    seen = []
    for layer in (single.rnn, single.output):
        layer.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    single(tokens.repeat(50, 1))
    for inputs in seen:
        assert 0.4 < (inputs == 0).float().mean() < 0.6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vocab_size": 0}, "vocab_size: expected a whole number from 1, got 0"),
        ({"hidden_size": 2.0}, "hidden_size: expected a whole number from 1, got 2.0"),
        ({"embedding_size": True}, "embedding_size: expected .* got True"),
        ({"num_layers": 5}, "num_layers: expected 1 to 4, got 5"),
        ({"cell": "elman"}, "cell: expected one of .*'lstm'.* got 'elman'"),
        ({"dropout": 1.0}, "dropout: expected 0 to below 1, got 1.0"),
        ({"dropout": -0.1}, "dropout: expected 0 to below 1, got -0.1"),
        ({"tie_weights": True}, "tie_weights: expected .* = 256, got .* = 64"),
    ],
)
def test_a_model_that_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        CharLM(**({"vocab_size": 5} | options))


# --- the loss of a whole text ----------------------------------------------------------------------


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


# --- chunks ------------------------------------------------------------------------------------------


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


# --- decoding ----------------------------------------------------------------------------------------


def naive_distribution(logits, temperature, top_k, top_p):
    """Temperature, top-k and top-p as a loop over the ranked characters."""
    z = np.array(logits) / temperature
    p = np.exp(z - z.max())
    p /= p.sum()
    kept, before = np.zeros_like(p), 0.0
    for place, i in enumerate(np.argsort(-p)):
        if top_k is not None and place >= top_k:
            break
        if top_p is not None and before >= top_p:
            break
        kept[i] = p[i]
        before += p[i]
        assume(top_p is None or abs(before - top_p) > 1e-9)
    return kept / kept.sum()


@given(
    st.lists(
        st.integers(-4000, 4000).map(lambda n: n / 500),
        min_size=1,
        max_size=12,
        unique=True,
    ),
    st.floats(0.1, 10),
    st.none() | st.integers(1, 15),
    st.none() | st.floats(0.001, 1),
)
@settings(deadline=None)
def test_the_distribution_against_a_loop(logits, temperature, top_k, top_p):
    expected = naive_distribution(logits, temperature, top_k, top_p)
    got = next_distribution(
        torch.tensor(logits, dtype=torch.float64), temperature, top_k, top_p
    )
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-15)
    assert ((got > 0).numpy() == (expected > 0)).all()


def test_rows_are_cut_each_by_itself():
    logits = torch.randn(2, 3, 7, generator=torch.Generator().manual_seed(1)).double()
    got = next_distribution(logits, 0.7, top_k=4, top_p=0.8)
    for i, j in np.ndindex(2, 3):
        torch.testing.assert_close(
            got[i, j], next_distribution(logits[i, j], 0.7, top_k=4, top_p=0.8)
        )


def test_top_p_keeps_the_smallest_set():
    p = torch.tensor([0.1, 0.5, 0.25, 0.15], dtype=torch.float64)
    for top_p, kept in ((0.2, 1), (0.49, 1), (0.51, 2), (0.76, 3), (0.99, 4), (1, 4)):
        assert (next_distribution(p.log(), top_p=top_p) > 0).sum() == kept


def test_top_p_of_one_cuts_nothing():
    # In single precision the running sum of the ranked reaches 1 before the last.
    logits = torch.linspace(0, 40, 200)
    assert (next_distribution(logits, top_p=1.0) > 0).all()


def test_the_limits_of_the_temperature():
    logits = torch.tensor([10.0, 30.0, 29.0])
    for temperature in (1e-4, 1e-30, 1e-300):
        assert next_distribution(logits, temperature).tolist() == [0, 1, 0]
    for temperature in (1e9, 1e300):
        got = next_distribution(logits, temperature)
        torch.testing.assert_close(got, torch.full((3,), 1 / 3))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": 0}, "temperature: expected more than 0, got 0"),
        ({"temperature": math.inf}, "temperature: expected more than 0, got inf"),
        ({"temperature": math.nan}, "temperature: expected more than 0, got nan"),
        ({"top_k": 0}, "top_k: expected a whole number from 1, got 0"),
        ({"top_k": 1.5}, "top_k: expected a whole number from 1, got 1.5"),
        ({"top_p": 0.0}, "top_p: expected above 0 to 1, got 0.0"),
        ({"top_p": 1.1}, "top_p: expected above 0 to 1, got 1.1"),
    ],
)
def test_decoding_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        next_distribution(torch.zeros(3), **options)
    with pytest.raises(ValueError, match=message):
        next(generate(tiny(), torch.zeros(1, 1, dtype=torch.long), 1, **options))


def test_an_empty_prefix():
    empty = torch.zeros(1, 0, dtype=torch.long)
    with pytest.raises(ValueError, match="prefix: expected"):
        next(generate(tiny(), empty, 3))
    with pytest.raises(ValueError, match="prefix: expected"):
        beam_search(tiny(), empty[0], 3)
    with pytest.raises(
        ValueError, match="width: expected a whole number from 1, got 0"
    ):
        beam_search(tiny(), torch.tensor([0]), 3, width=0)


@pytest.mark.parametrize("cell", CELLS)
def test_texts_come_as_often_as_the_model_says(cell):
    """Two characters drawn 20,000 times: each pair within 4.5 standard errors of p(a) p(b | a)."""
    V, n = 3, 20_000
    model = tiny(cell, V, scale=2.0)
    prefix = torch.tensor([[2, 0, 1]])
    options = {"temperature": 1.5, "top_k": 2}
    generator = torch.Generator().manual_seed(5)
    drawn = list(generate(model, prefix.expand(n, -1), 2, generator, **options))
    counts = torch.bincount(V * drawn[0] + drawn[1], minlength=V * V).double()
    first = next_distribution(model(prefix)[0][0, -1], **options)
    p = torch.cat(
        [
            first[a]
            * next_distribution(
                model(torch.cat([prefix, torch.tensor([[a]])], 1))[0][0, -1], **options
            )
            for a in range(V)
        ]
    ).detach()
    assert (counts[p == 0] == 0).all()
    assert (p > 0.01).sum() == 4, "the test needs several pairs that happen"
    error = (p * (1 - p) / n).sqrt()
    assert ((counts / n - p).abs() <= 4.5 * error).all()


def test_the_same_generator_draws_the_same_text():
    def draw(seed):
        generator = torch.Generator().manual_seed(seed)
        return [t.item() for t in generate(tiny(), torch.tensor([[1]]), 30, generator)]

    assert draw(1) == draw(1) != draw(2)


def greedy(model, prefix, length):
    """The most probable character again and again, the whole text read afresh each time."""
    text = prefix
    for _ in range(length):
        text = torch.cat([text, model(text[None])[0][0, -1].argmax().view(1)])
    return text[len(prefix) :]


def log_probability(model, prefix, text):
    scores = log_softmax(model(torch.cat([prefix, text])[None])[0][0], dim=-1)
    return sum(scores[len(prefix) - 1 + i, c].item() for i, c in enumerate(text))


@pytest.mark.parametrize("cell", CELLS)
def test_greedy_top_1_and_a_beam_of_1_agree(cell):
    model, prefix = tiny(cell, scale=3.0), torch.tensor([1, 4])
    expected = greedy(model, prefix, 20).tolist()
    for options in ({"greedy": True}, {"top_k": 1}, {"temperature": 1e-9}):
        got = generate(model, prefix[None], 20, **options)
        assert [token.item() for token in got] == expected
    best, score = beam_search(model, prefix, 20, width=1)
    assert best.tolist() == expected
    assert score == pytest.approx(log_probability(model, prefix, best), abs=1e-9)


@pytest.mark.parametrize("cell", CELLS)
def test_the_widest_beam_is_exhaustive(cell):
    V, L = 3, 4
    model, prefix = tiny(cell, V, scale=3.0), torch.tensor([0, 2])
    texts = [torch.tensor(t) for t in itertools.product(range(V), repeat=L)]
    scores = [log_probability(model, prefix, text) for text in texts]
    best, score = beam_search(model, prefix, L, width=V**L)
    assert best.tolist() == texts[int(np.argmax(scores))].tolist()
    assert score == pytest.approx(max(scores), abs=1e-9)
    # Every width reports the true score of what it found, and none a better one than the best.
    for width in (1, 2, 5):
        found, score = beam_search(model, prefix, L, width)
        assert score == pytest.approx(log_probability(model, prefix, found), abs=1e-9)
        assert score <= max(scores) + 1e-9


def test_a_beam_finds_what_greedy_misses():
    """p(0) = 0.6 leads to four equal ends, p(1) = 0.4 to a certain one: 0.15 < 0.4."""
    after = torch.tensor([[0.6, 0.4, 0, 0], [0, 0, 0, 1.0], [0, 0, 0, 1.0], [0.25] * 4])
    after[0], after[3] = (
        after[3].clone(),
        after[0].clone(),
    )  # 3 begins; 0 is followed by any

    class Table(torch.nn.Module):
        def forward(self, tokens, state=None):
            return after[tokens].log(), torch.zeros(1, len(tokens), 1)

    start = torch.tensor([3])
    assert beam_search(Table(), start, 2, width=1)[1] == pytest.approx(math.log(0.15))
    best, score = beam_search(Table(), start, 2, width=2)
    assert best.tolist() == [1, 3]
    assert score == pytest.approx(math.log(0.4))


# --- training ----------------------------------------------------------------------------------------


def test_the_learning_rate_rises_then_falls():
    assert learning_rate(0, 0.1) == 0
    assert learning_rate(0.01, 0.1) == pytest.approx(0.05)
    assert learning_rate(0.02, 0.1) == pytest.approx(0.1)
    assert learning_rate(0.51, 0.1) == pytest.approx(0.05)
    assert learning_rate(1, 0.1) == 0
    assert learning_rate(0.25, 0.1, warmup=0.5) == pytest.approx(0.05)
    assert learning_rate(0, 0.1, warmup=0) == 0.1


def a_training(steps=20, cell="lstm", dropout=0.0, **options):
    torch.manual_seed(7)
    model = CharLM(5, cell, 4, 6, num_layers=2, dropout=dropout)
    stream = ChunkStream(torch.arange(263) % 5, 2, 10)
    return Training(model, stream, steps=steps, **options)


def weights(training):
    return {k: v.clone() for k, v in training.model.state_dict().items()}


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def test_training_learns():
    training = a_training(steps=300, lr=0.02)
    history = fit(
        training,
        lambda model: nats_per_character(model, torch.arange(50) % 5),
        bar=False,
    )
    assert history.step == 300
    assert history.points[0]["train_loss"] > 1
    assert history.best_loss < 0.05
    assert not history.interrupted


def test_a_step_clips_the_gradient_and_follows_the_schedule():
    training = a_training(clip=0.01, lr=0.5)
    training.model.eval()
    training.step(0.51)
    assert training.model.training, "with dropout"
    norms = [p.grad.norm() for p in training.model.parameters()]
    assert torch.stack(norms).norm() == pytest.approx(0.01, rel=1e-3)
    assert training.optimizer.param_groups[0]["lr"] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps: expected more than 0, got 0"),
        ({"steps": None, "minutes": -1}, "minutes: expected more than 0, got -1"),
        ({"steps": None}, "expected one of the two, got None and None"),
        ({"minutes": 1}, "expected one of the two, got 1 and 20"),
    ],
)
def test_a_budget_that_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        a_training(**options)


@pytest.mark.parametrize(
    ("steps", "evaluations"), [(20, 10), (100, 100), (7, 3), (3, 1), (29, 29)]
)
def test_evaluations_are_counted(steps, evaluations):
    calls, saved = [], []
    training = a_training(steps)

    def evaluate(model):
        calls.append(training.history.step)
        return 1.0

    history = fit(training, evaluate, evaluations, save=saved.append, bar=False)
    assert len(calls) == len(saved) == evaluations
    assert calls[-1] == steps
    assert [point["step"] for point in history.points] == calls
    gaps = np.diff([0, *calls])
    assert gaps.max() - gaps.min() <= 1


def test_the_time_is_a_budget_too():
    training = a_training(steps=None, minutes=0.3 / 60)
    history = fit(training, None, 3, bar=False)
    assert 0.3 <= history.seconds < 3
    assert len(history.points) == 3


def test_the_best_weights_are_kept():
    training, seen, losses = a_training(), [], iter([3.0, 1.0, 2.0, 1.5])

    def evaluate(model):
        seen.append(weights(training))
        return next(losses)

    history = fit(training, evaluate, evaluations=4, bar=False)
    assert history.best_loss == 1.0
    assert same(weights(training), seen[1])
    assert not same(seen[1], seen[3])


def test_without_validation_the_last_weights_stay():
    training, saved = a_training(), []
    fit(training, None, 2, save=lambda t: saved.append(weights(t)), bar=False)
    assert same(weights(training), saved[-1])
    assert training.best is None


def test_a_loss_that_is_no_number_ends_the_run():
    training = a_training(lr=1e30)
    with pytest.raises(
        FloatingPointError, match=r"train_loss is nan .* smaller learning rate"
    ):
        fit(training, None, bar=False)
    training = a_training()
    with pytest.raises(FloatingPointError, match="val_loss is nan at step 2"):
        fit(training, lambda model: math.nan, bar=False)
    assert training.best is None


@pytest.mark.parametrize("cell", CELLS)
def test_an_interrupted_run_goes_on_bit_for_bit(cell, tmp_path):
    whole = a_training(30, cell, dropout=0.3)
    fit(whole, None, 3, bar=False)

    class Stop(Exception):
        pass

    def save(training):
        checkpoint.save(tmp_path / "run.safetensors", *training.state_dict())
        if training.history.step == 20:
            raise Stop

    with pytest.raises(Stop):
        fit(a_training(30, cell, dropout=0.3), None, 3, save, bar=False)
    later = a_training(30, cell, dropout=0.3)
    torch.manual_seed(99)  # the stored state of the generator must win
    later.load_state_dict(*checkpoint.load(tmp_path / "run.safetensors"))
    assert later.history.step == 20
    fit(later, None, 3, bar=False)
    tensors, expected = later.state_dict()[0], whole.state_dict()[0]
    assert {"rng", "data.position", "data.state.0", "optimizer.0.step"} < set(tensors)
    assert same(tensors, expected)
    points = [training.history.points for training in (later, whole)]
    assert [p["train_loss"] for p in points[0]] == [p["train_loss"] for p in points[1]]


def test_the_best_weights_outlive_an_interruption():
    first = a_training(20)
    fit(first, lambda model: 1.0, 1, bar=False)
    later = a_training(40)
    later.load_state_dict(*first.state_dict())
    fit(later, lambda model: 2.0, 2, bar=False)
    assert later.history.best_loss == 1.0
    assert same(weights(later), weights(first))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_run_in_good_order(number):
    before = signal.getsignal(number)
    training, saved = a_training(steps=1000), []

    def evaluate(model):
        if training.history.step == 10:
            signal.raise_signal(number)
        return 100.0 - training.history.step

    history = fit(training, evaluate, 100, save=saved.append, bar=False)
    assert history.interrupted
    # One more step, which is evaluated, kept and saved.
    assert history.step == history.points[-1]["step"] == 11
    assert history.best_loss == 89
    assert len(saved) == 2
    assert signal.getsignal(number) == before


def test_the_second_interrupt_acts_as_usual():
    # A process started in the background ignores Ctrl-C unless told otherwise.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    training = a_training(steps=1000)

    def evaluate(model):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        fit(training, evaluate, 100, bar=False)
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler


def test_training_works_beside_the_main_thread():
    training = a_training()
    thread = threading.Thread(target=fit, args=(training,), kwargs={"bar": False})
    thread.start()
    thread.join()
    assert training.history.step == 20


def test_the_bar_goes_to_the_standard_error(capsys):
    fit(a_training(), lambda model: 1.0)
    out, err = capsys.readouterr()
    assert out == ""
    assert "100%" in err
    assert "loss" in err


# --- checkpoints -------------------------------------------------------------------------------------


def saved_model(path, **options):
    model = CharLM(
        **({"vocab_size": 3, "embedding_size": 2, "hidden_size": 2} | options)
    )
    save_charlm(path, model, Vocabulary("\nαb"), {"results": {"loss": 1.5}})
    return model


@pytest.mark.parametrize("num_layers", [1, 2, 3, 4])
@pytest.mark.parametrize("cell", CELLS)
def test_a_model_comes_back_from_its_file(cell, num_layers, tmp_path):
    path = tmp_path / "model.safetensors"
    tied = num_layers % 2 == 0
    model = saved_model(path, cell=cell, num_layers=num_layers, tie_weights=tied)
    loaded, vocabulary, metadata = load_charlm(path)
    assert same(loaded.state_dict(), model.state_dict())
    assert loaded.config == model.config
    assert vocabulary.characters == "\nαb"
    assert metadata == {"results": {"loss": 1.5}}
    assert not loaded.training
    assert (loaded.output.weight is loaded.embedding.weight) == tied


def test_other_weights_than_the_model_has_can_be_saved(tmp_path):
    path = tmp_path / "model.safetensors"
    model = CharLM(3, "rnn", 2, 2)
    best = {k: torch.zeros_like(v) for k, v in model.state_dict().items()}
    save_charlm(path, model, Vocabulary("abc"), weights=best)
    assert same(load_charlm(path)[0].state_dict(), best)


@pytest.mark.parametrize("flip", [1, 255])
def test_no_changed_byte_goes_unnoticed(flip, tmp_path):
    path = tmp_path / "model.safetensors"
    model = saved_model(path, cell="rnn")
    whole = path.read_bytes()
    refused = 0
    for i in range(len(whole)):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ flip]) + whole[i + 1 :])
        try:
            loaded, vocabulary, metadata = load_charlm(path)
        except CheckpointError:
            refused += 1
            continue
        # A change that changes nothing, as in the name of an entry that nobody needs.
        assert same(loaded.state_dict(), model.state_dict())
        assert (vocabulary.characters, metadata) == ("\nαb", {"results": {"loss": 1.5}})
    assert refused > 0.95 * len(whole)


def test_no_shortened_file_is_read(tmp_path):
    path = tmp_path / "model.safetensors"
    saved_model(path, cell="rnn")
    whole = path.read_bytes()
    for n in range(len(whole)):
        path.write_bytes(whole[:n])
        with pytest.raises(CheckpointError, match="expected a checkpoint"):
            load_charlm(path)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, r"format 'rnnkit 1', got \[\]"),
        ({"format": "pt"}, r"format 'rnnkit 1', got \['format'\]"),
        ({FORMAT: "{not json"}, "damaged"),
        ({FORMAT: "[]"}, "damaged"),
        ({FORMAT: '{"about": "{}"}'}, "damaged"),
        ({FORMAT: '{"about": "{}", "sha256": "0"}'}, "have changed"),
    ],
)
def test_foreign_files(header, message, tmp_path):
    path = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(2)}, path, header)
    with pytest.raises(CheckpointError, match=message):
        load_charlm(path)


@pytest.mark.parametrize("about", [[], {}, {"vocabulary": "ab", "config": {}}])
def test_a_checkpoint_of_something_else(about, tmp_path):
    path = tmp_path / "other.safetensors"
    checkpoint.save(path, {"weight": torch.zeros(2)}, about)
    with pytest.raises(CheckpointError, match="expected a character model"):
        load_charlm(path)


def test_same_model_same_bytes_in_any_process(tmp_path):
    """Hashes of strings differ between processes; the file must not."""
    code = (
        "import sys, torch; from rnnkit.nn import checkpoint;"
        "checkpoint.save(sys.argv[1], {'b': torch.ones(2), 'a': torch.zeros(3)}, {'y': 1, 'x': 2})"
    )
    for name in "abc":
        subprocess.run([sys.executable, "-c", code, tmp_path / name], check=True)
    assert len({(tmp_path / name).read_bytes() for name in "abc"}) == 1


def test_a_file_can_be_read_by_those_the_umask_allows(tmp_path):
    saved_model(tmp_path / "model.safetensors")
    (tmp_path / "plain").write_bytes(b"")
    modes = {file.stat().st_mode for file in tmp_path.iterdir()}
    assert len(modes) == 1


def test_a_model_file_that_contradicts_itself(tmp_path):
    path = tmp_path / "model.safetensors"
    tensors = saved_model(path).state_dict()
    config = checkpoint.load(path)[1]["config"]
    about = {"config": config, "vocabulary": "\nαb", "metadata": {}}
    for change in (
        {"vocabulary": "ab"},
        {"vocabulary": "aab"},
        {"config": config | {"hidden_size": 3}},
        {"config": config | {"cell": "other"}},
        {"config": config | {"more": 1}},
        {"config": config | {"dropout": "x"}},
    ):
        checkpoint.save(path, tensors, about | change)
        with pytest.raises(CheckpointError, match="expected a character model"):
            load_charlm(path)
    checkpoint.save(path, tensors, {k: about[k] for k in ("config", "vocabulary")})
    with pytest.raises(CheckpointError, match="expected a character model"):
        load_charlm(path)


def test_a_missing_file_and_a_missing_folder(tmp_path):
    with pytest.raises(CheckpointError, match="expected a checkpoint, got no file"):
        load_charlm(tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match="cannot be written"):
        saved_model(tmp_path / "nowhere" / "model.safetensors")


def failing(error, half_written):
    """A stand-in for Path.write_bytes or os.replace that dies on the way."""

    def write(path, *rest):
        if half_written:
            path.write_text("half")
        raise error

    return write


@pytest.mark.parametrize("error", [OSError("no space left"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", ["Path.write_bytes", "os.replace"])
def test_a_death_while_writing_leaves_the_old_file(at, error, tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    old = saved_model(path)
    monkeypatch.setattr(
        f"rnnkit.nn.checkpoint.{at}",
        failing(error, half_written=at == "Path.write_bytes"),
    )
    expected = CheckpointError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        saved_model(path)
    assert same(load_charlm(path)[0].state_dict(), old.state_dict())
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
