"""The two readers' explorable, and its numbers against torch."""

import numpy as np
import pytest

from rnnkit.show.explorable import to_json
from rnnkit.show.reading import READERS, read_from_both_ends
from rnnkit.show.two_readers import MAX_WEIGHTS, TwoReaders

torch = pytest.importorskip("torch")

from rnnkit.nn.text.two_readers import TwoReaders as Model  # noqa: E402
from rnnkit.nn.text.two_readers import arrays, load_readers  # noqa: E402


def small():
    torch.manual_seed(0)
    return Model(4, hidden_size=5, joint_size=3).eval()


@pytest.mark.parametrize("T", [1, 2, 7])
def test_the_twin_reads_as_torch_does(T):
    model = small()
    ids = [k % 5 for k in range(T)]
    padded = torch.tensor([[*ids, 0, 0]])
    with torch.no_grad():
        want = model(padded, torch.tensor([T]))
    got = read_from_both_ends(arrays(model), ids)
    for name, logits in zip(READERS, want, strict=True):
        p = logits.softmax(-1)[0, :T].numpy()
        np.testing.assert_allclose(got[name], p, atol=1e-6)


def test_no_reader_sees_the_character_it_foretells():
    weights = arrays(small())
    one, other = (read_from_both_ends(weights, [0, 1, k, 3]) for k in (2, 4))
    for name in READERS:
        np.testing.assert_array_equal(one[name][2], other[name][2])
    np.testing.assert_array_equal(one["forward"][:2], other["forward"][:2])
    np.testing.assert_array_equal(one["backward"][3], other["backward"][3])


def test_the_shipped_readers_fit_and_covered_characters_cost_nothing():
    model, vocabulary, _ = load_readers()
    figure = TwoReaders(weights=arrays(model), alphabet=vocabulary.characters)
    assert len(to_json(figure.state()["weights"])) <= MAX_WEIGHTS
    assert figure._repr_mimebundle_()[0] == figure._repr_mimebundle_()[0]
    bits = figure.bits("the _ueen")
    assert np.isnan(bits["both"][4])
    assert np.isfinite(bits["both"]).sum() == 8


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {}}, "weights: expected two readers' forward.W_xh"),
        ({"alphabet": "abcde"}, r"forward.W_xh: expected \(V \+ 1, 3H\) = \(6, 15\)"),
        ({"alphabet": "abc_"}, "alphabet: expected it without '_'"),
        ({"texts": ()}, "texts: expected at least one"),
        ({"texts": ("abz",)}, "texts: expected characters of the alphabet, got 'z'"),
        ({"texts": ("a",)}, "texts: expected 2 to 80 characters, got 1"),
        ({"place": 9}, "place: expected 0 to 2, got 9"),
    ],
)
def test_it_refuses(changes, message):
    given = {"weights": arrays(small()), "alphabet": "abcd", "texts": ("abc",)}
    with pytest.raises(ValueError, match=message):
        TwoReaders(**{**given, **changes})
