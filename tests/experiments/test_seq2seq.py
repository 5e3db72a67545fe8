"""Each part of chapter 10's experiment at a tiny size."""

from experiments.seq2seq import EXPERIMENT, MODELS, ship
from experiments.seq2seq_texts import DECODERS, DIRECTIONS
from rnnkit.nn.translation.files import load_translators


def test_length(measured):
    found = measured(
        EXPERIMENT,
        "length",
        steps=2,
        longest=3,
        lengths=(2, 4),
        tests=3,
        count=50,
        seeds=(0,),
    )
    assert [len(run["exact"]) for run in found["runs"]] == [2] * 4


def test_exposure(measured):
    sizes = {
        "steps": 2,
        "longest": 3,
        "length": 3,
        "tests": 4,
        "count": 50,
        "seeds": (0, 1),
    }
    found = measured(EXPERIMENT, "exposure", shares=(0.0, 0.5), **sizes)
    assert [run["share"] for run in found["runs"]] == [0.0, 0.5] * 2
    assert len(found["runs"][0]["forced"]) == len(found["runs"][0]["own"]) == 3


def test_dates(measured):
    found = measured(EXPERIMENT, "dates", steps=2, tests=3, count=50, seeds=(0,))
    assert [run["model"] for run in found["runs"]] == list(MODELS)
    assert "pointing" not in found["runs"][0]["known"]
    assert len(found["runs"][1]["unseen"]["pointing"]["day"]["digits"]) == 2


def test_languages(measured):
    found = measured(EXPERIMENT, "languages", steps=2, count=50, tests=2, seeds=(0,))
    assert len(found["runs"][0]["exact"]) == len(DIRECTIONS)


def test_pack(measured):
    found = measured(EXPERIMENT, "pack", steps=2, hidden_size=4, tests=3, seeds=(0,))
    assert len(found["runs"][0]["scores"]) == len(DECODERS) + 1
    assert found["nearest neighbour"]["chrf"] > 0


def test_ship(tmp_path):
    path = tmp_path / "dates.safetensors"
    ship(steps=2, tests=3, shipped=path, count=50)
    models, about = load_translators(path)
    assert list(models) == ["additive"]
    assert about["steps"] == 2
