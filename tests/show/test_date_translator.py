"""The explorable of chapter 10: what the page gets, and what it refuses."""

from datetime import date

import numpy as np
import pytest

from rnnkit.data.dates import make_dates, split_of
from rnnkit.show.date_translator import DATES, MAX_WEIGHTS, DateTranslator, quantise
from rnnkit.show.explorable import to_json

torch = pytest.importorskip("torch")

from rnnkit.nn import checkpoint  # noqa: E402
from rnnkit.nn.translation.decoding import translate  # noqa: E402
from rnnkit.nn.translation.files import arrays, load_translators  # noqa: E402
from rnnkit.nn.translation.translator import Translator  # noqa: E402


def shipped():
    return load_translators()[0]["additive"]


def test_the_page_gets_the_shipped_model_whole():
    model = shipped()
    figure = DateTranslator(weights=arrays(model), alphabet=model.alphabet)
    assert len(to_json(figure.state())) <= MAX_WEIGHTS
    assert figure._repr_mimebundle_()[0] == figure._repr_mimebundle_()[0]
    written = ["".join(figure.write(figure.read(text).tokens)) for _, text, _ in DATES]
    right = [w == f"{iso}■" for w, (_, _, iso) in zip(written, DATES, strict=True)]
    assert right == [True] * 5 + [False]  # the last format was never trained
    assert "“Thursday, March 7, 1963” is written as 1963-03-07" in figure.alt
    np.testing.assert_array_less(figure.shares()[0], 0.1)
    assert np.argmax(figure.shares()) == 1


def test_no_date_of_the_list_was_trained():
    for _, _, iso in DATES:
        assert split_of(date.fromisoformat(iso)) == "test"


def test_eight_bits_are_enough():
    model = shipped()
    some = make_dates(np.random.default_rng(0), 200, "test")
    rounded = {k: torch.tensor(v) for k, v in quantise(arrays(model)).items()}
    checkpoint.set_weights(model, rounded)
    written, _ = translate(model, [one.text for one in some])
    right = np.mean([w == one.iso for w, one in zip(written, some, strict=True)])
    assert right >= 0.98  # 1.0 of 1,500 others, as with all bits


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {}}, "weights: expected a translator's embedding.weight"),
        ({"alphabet": "abcde"}, r"embedding.weight: expected \(V, E\) = \(8, 4\)"),
        ({"dates": ()}, "dates: expected at least one"),
        ({"dates": (("x", "abz", "a"),)}, "of the alphabet, got 'z'"),
        ({"dates": (("x", "", "a"),)}, "of 1 to 32 characters, got 0"),
        ({"dates": (("x", "a" * 33, "a"),)}, "of 1 to 32 characters, got 33"),
        ({"row": 12}, "row: expected 1 to 11, got 12"),
        ({"guesses": (("it", 1, 4),)}, "guesses: expected places of 3 characters"),
    ],
)
def test_it_refuses(changes, message):
    torch.manual_seed(0)
    model = Translator("abcd", embedding_size=4, hidden_size=5, attention_size=6)
    given = {
        "weights": arrays(model),
        "alphabet": "abcd",
        "dates": (("x", "abc", "abc"),),
        "row": 1,
        "guesses": (("b", 1, 2),),
    }
    with pytest.raises(ValueError, match=message):
        DateTranslator(**{**given, **changes})
