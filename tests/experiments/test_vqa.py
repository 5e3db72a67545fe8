"""Each part of chapter 11's experiment at a tiny size; models go to a file of their own."""

import shutil

import pytest

from experiments.vqa import EXPERIMENT
from experiments.vqa_clips import VIEWS
from experiments.vqa_world import Sizes
from rnnkit.nn.vqa.files import SHIPPED, load_vqa


@pytest.fixture
def shipped(tmp_path):
    """A copy of the shipped models, which the parts read and add to."""
    return shutil.copy(SHIPPED, tmp_path / "vqa.safetensors")


@pytest.fixture
def sizes(shipped):
    few = {"scenes": 80, "questions": 100, "test_scenes": 80, "test_questions": 50}
    steps = {"long_steps": 1, "equal_steps": 2, "tuning_steps": 1}
    return Sizes(**few, **steps, shipped=shipped)


def weights(path, name):
    """The first weights of a shipped model."""
    return next(load_vqa(path)[1][name].parameters())


def test_encoder(measured, shipped):
    found = measured(
        EXPERIMENT, "encoder", drawings=70, test=5, steps=2, shipped=shipped
    )
    assert 0 <= found["accuracy"] <= 1
    _, models, _ = load_vqa(shipped)
    assert not models


def test_long(measured, sizes):
    found = measured(EXPERIMENT, "long", sizes=sizes)
    assert len(found["rounds"]) == 3
    assert found["pointing"] != found["untrained"]
    assert not weights(sizes.shipped, "attention").equal(weights(SHIPPED, "attention"))


def test_fusions(measured, sizes):
    found = measured(EXPERIMENT, "fusions", sizes=sizes, rates=(2e-3, 4e-3), seeds=(0,))
    assert len(found["tuning"]) == 4
    assert [(r["fusion"], r["lr"]) for r in found["runs"]] == list(
        found["best"].items()
    )
    for name in found["best"]:
        assert not weights(sizes.shipped, name).equal(weights(SHIPPED, name))


def test_attention(measured, sizes):
    (run,) = measured(EXPERIMENT, "attention", sizes=sizes, seeds=(0,))["runs"]
    assert set(run) >= {"ordinary", "pairs", "pointing", "loss", "seconds"}


def test_without(measured, sizes):
    runs = measured(EXPERIMENT, "without", sizes=sizes, seeds=(0,))["runs"]
    variants = ["question", "image", "attention, concatenation"]
    assert [run["variant"] for run in runs] == variants


def test_leaning(measured, shipped):
    few = {"scenes": 80, "questions": 90, "test_scenes": 80, "test_questions": 60}
    found = measured(EXPERIMENT, "leaning", seeds=(0,), steps=1, shipped=shipped, **few)
    assert [(r["trained_on"], r["steps"]) for r in found["runs"]] == [
        ("balanced", 1),
        ("leaning", 1),
        ("leaning", 4),
    ]
    assert set(found["runs"][0]) >= {"same", "balanced", "turned round"}


def test_clips(measured, shipped):
    few = {"n": 60, "test": 60, "seeds": (0,), "steps": 2, "shipped": shipped}
    runs = measured(EXPERIMENT, "clips", **few)["runs"]
    assert [run["view"] for run in runs] == list(VIEWS)
