"""The captioner in the page."""

import numpy as np
import pytest

from rnnkit.show import explorable
from rnnkit.show.captioner import CaptionerExplorable

from .samples import WORDS, caption_weights, drawing, thing


def live_captioner(rng, **changes):
    scene = {"ground": [250, 240, 230], "things": [thing(), thing(name="key", x=50)]}
    given = {
        "weights": caption_weights(rng),
        "words": WORDS,
        "sprites": {"key": drawing(rng), "cat": drawing(rng, 100, 120)},
        "scenes": [scene],
        "apart": [["cat", "key"]],
    }
    return CaptionerExplorable(**{**given, **changes})


def test_the_captioner_describes_and_has_a_small_picture():
    made = [live_captioner(np.random.default_rng(1)) for _ in range(2)]
    first, second = (figure._repr_mimebundle_()[0] for figure in made)
    for kind in ("text/plain", "text/html", "image/png"):
        assert first[kind] == second[kind]
    image, words, glances = made[0].read()
    assert image.shape == (64, 64, 3)
    assert glances.shape[1:] == (2, 64)
    np.testing.assert_allclose(glances.sum(axis=-1), 1)
    assert f"The model's caption: {' '.join(words)}." in made[0].alt
    assert len(made[0]._picture()) < explorable.MAX_PICTURE
    assert list(made[0].sprites) == ["cat", "key"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {}}, "weights: expected conv1, .*, got nothing"),
        ({"words": WORDS[1:]}, "words: expected <START> and <END> first"),
        ({"words": [*WORDS, "x"]}, r"embedding: expected \(8, 3\), got \(7, 3\)"),
        ({"sprites": {}}, "scenes.0.: expected things with name, size, x, y"),
        ({"sprites": {"cat": np.zeros((9, 9))}}, "scenes.0.: expected things"),
        (
            {"sprites": {"cat": np.zeros((9, 9, 3)), "key": b""}},
            "sprites: expected PNG bytes or .* for cat, got",
        ),
        ({"scenes": []}, "scenes: expected at least one, got none"),
        (
            {"scenes": [{"ground": [1, 2, 3], "things": [thing()] * 4}]},
            "scenes.0.: expected 1 to 3 things, got 4",
        ),
        ({"scenes": [{"things": []}]}, "scenes.0.: expected the keys ground"),
        ({"apart": [["cat", "dog"]]}, "apart: expected names of drawings, got dog"),
    ],
)
def test_the_captioner_refuses(rng, changes, message):
    with pytest.raises(ValueError, match=message):
        live_captioner(rng, **changes)
