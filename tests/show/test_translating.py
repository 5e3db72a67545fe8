"""The translator's numbers for the page, against torch."""

from datetime import date

import numpy as np
import pytest

from rnnkit.data.dates import alphabet, write
from rnnkit.show.translating import common, moved, translate

torch = pytest.importorskip("torch")

from rnnkit.nn.translation.decoding import greedy  # noqa: E402
from rnnkit.nn.translation.files import arrays, load_translators  # noqa: E402
from rnnkit.nn.translation.pairs import encode_sources  # noqa: E402
from rnnkit.nn.translation.translator import Translator  # noqa: E402


def check(model, text):
    tokens, weights = greedy(model, *encode_sources([text], model.alphabet))
    got = translate(arrays(model), [3 + model.alphabet.index(c) for c in text])
    assert got.tokens.tolist() == tokens[0].tolist()
    np.testing.assert_allclose(got.weights, weights[0], atol=1e-5)
    target = torch.cat([torch.tensor([[1]]), tokens], dim=1)
    with torch.no_grad():
        logits, _ = model(*encode_sources([text], model.alphabet), target)
    p = logits.softmax(-1)[0].gather(1, tokens[0, :, None])[:, 0]
    np.testing.assert_allclose(got.p, p, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("text", ["a", "ab", "cabba"])
def test_it_reads_and_writes_as_torch_does(text, seed):
    torch.manual_seed(seed)
    sizes = {"embedding_size": 4, "hidden_size": 5, "attention_size": 6}
    check(Translator("abc", **sizes).eval(), text)


@pytest.mark.parametrize(
    ("language", "pattern"),
    [
        ("en", "EEEE, MMMM d, y"),
        ("fr", "d MMM y"),
        ("de", "d.M.y"),
        ("ko", "y년 M월 d일"),
        ("zh", "EEEE y年M月d日"),
    ],
)
def test_the_shipped_model_is_the_same_here(language, pattern):
    model = load_translators()[0]["additive"]
    assert model.alphabet == alphabet()
    check(model, write(date(1963, 3, 7), language, pattern)[0])


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("March", "May", (2, 0)),
        ("7 May", "17 May", (0, 5)),
        ("aa", "aaa", (2, 0)),
        ("abc", "abc", (3, 0)),
        ("ab", "cd", (0, 0)),
        ("xaby", "xy", (1, 1)),
    ],
)
def test_common(a, b, expected):
    assert common(a, b) == expected
    assert common(b, a) == expected


def test_moved():
    before = np.array([[0.5, 0.5, 0, 0], [0, 0, 0, 1]])
    after = np.array([[0.5, 0.25, 0.25, 0, 0], [0, 0, 0, 1, 0], [0.2] * 5])
    # "b" became "xy": within, weight may go anywhere; the second row looks at c in place of d.
    assert moved(before, after, "abcd", "axycd") == [0, 1, None]
    assert moved(before, before, "abcd", "abcd") == [0, 0]
    assert moved(before, before, "abcd", "axyz") == [None, None]
