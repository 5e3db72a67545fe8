"""Decoding against loops, enumeration and search."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn.functional import log_softmax

from rnnkit.nn.text.decoding import beam_search, generate, next_distribution

from .small_char_lm import CELLS, tiny


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
