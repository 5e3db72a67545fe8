"""Questions in the page."""

import numpy as np
import pytest

from rnnkit.show.vqa import VQAExplorable

from .samples import ASKED, drawing, thing, vqa_weights


def live_vqa(rng, **changes):
    eye, models = vqa_weights(rng)
    scene = {"ground": [240, 240, 250], "things": [thing(), thing(name="key", x=50)]}
    given = {
        "encoder": eye,
        "models": models,
        "words": ASKED,
        "answers": ["yes", "no", "cat"],
        "sprites": {"cat": drawing(rng), "key": drawing(rng)},
        "categories": {"cat": "animal", "key": "thing"},
        "scenes": [scene],
        "questions": ["is there a cat"],
        "apart": [["cat", "key"]],
    }
    return VQAExplorable(**{**given, **changes})


def test_questions_are_answered_and_have_a_small_picture(course_style):
    made = [live_vqa(np.random.default_rng(1)) for _ in range(2)]
    html = [one._repr_mimebundle_()[0]["text/html"] for one in made]
    assert html[0] == html[1]
    assert 'id="rk-vqa"' in html[0]
    image, said = made[0].read()
    assert image.shape == (64, 64, 3)
    assert list(said) == ["concatenation", "multiplication", "attention"]
    for name, (p, glances) in said.items():
        assert p.shape == (3,)
        assert p.sum() == pytest.approx(1)
        assert glances.shape == ((2, 64) if name == "attention" else (0,))
        assert f"{name} {made[0].answers[p.argmax()]}" in made[0].alt
    np.testing.assert_allclose(said["attention"][1].sum(axis=1), 1)
    assert "“is there a cat”" in made[0].alt


def spoil(rng, model, name, array):
    """The models with one parameter replaced, or left out for None."""
    models = vqa_weights(rng)[1]
    models[model][name] = array
    if array is None:
        del models[model][name]
    return {"models": models}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": {}}, "models: expected concatenation, .*, got none"),
        (("attention", "key.bias", None), "models.'attention'.: expected mean, "),
        (
            ("multiplication", "W_v.weight", np.zeros((6, 12))),
            r"W_v.weight: expected \(6, 128\), got \(6, 12\)",
        ),
        ({"words": ASKED[1:]}, r"embedding.weight: expected \(7, 3\), got \(8, 3\)"),
        ({"answers": ["yes"]}, r"answer.weight: expected \(1, 6\), got \(3, 6\)"),
        ({"encoder": {}}, "encoder: expected conv1, .*, got nothing"),
        ({"questions": []}, "questions: expected one for each of 1 scenes, got 0"),
        ({"questions": ["is there a dog"]}, "questions: expected .* words, got dog"),
        ({"categories": {"cat": "animal"}}, "categories: .* none for key"),
        ({"apart": [["cat", "dog"]]}, "apart: expected names of drawings, got dog"),
        (
            {"scenes": [{"ground": [1, 2, 3], "things": [thing()]}]},
            "scenes.0.: expected at least 2 things, got 1",
        ),
        (
            {"scenes": [{"ground": [1, 2, 3], "things": [thing()] * 5}]},
            "scenes.0.: expected 1 to 4 things, got 5",
        ),
    ],
)
def test_questions_refuse(rng, changes, message):
    if isinstance(changes, tuple):
        changes = spoil(rng, *changes)
    with pytest.raises(ValueError, match=message):
        live_vqa(rng, **changes)


def test_the_eye_must_fit_the_models(rng):
    eye, models = vqa_weights(rng)
    other, _ = vqa_weights(rng, C=5)
    with pytest.raises(ValueError, match="expected regions of C = 5 numbers, got 4"):
        live_vqa(rng, encoder=other, models=models)
    eye["conv2"] = eye["conv2"][:, :3]
    with pytest.raises(ValueError, match=r"conv2: expected \(5, 4, 4, 4\), got"):
        live_vqa(rng, encoder=eye)
