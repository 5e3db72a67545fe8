"""Each part of chapter 10's experiment at a tiny size."""

import pytest
import torch

from experiments.seq2seq import EXPERIMENT, MODELS, ship
from experiments.seq2seq_digits import drawn_targets, errors, written_alone
from experiments.seq2seq_texts import DECODERS, DIRECTIONS
from rnnkit.nn.translation.files import load_translators
from rnnkit.nn.translation.translator import END, START

# Of the digit strings, but for the steps.
TINY = {"longest": 3, "lengths": (2, 4), "tests": 3, "count": 50, "seeds": (0,)}


def test_length(measured):
    found = measured(EXPERIMENT, "length", steps=2, **TINY)
    assert [len(run["exact"]) for run in found["runs"]] == [2] * 4


def test_longer(measured):
    found = measured(EXPERIMENT, "longer", steps=3, **TINY)
    assert found["steps"] == 3
    assert [run["model"] for run in found["runs"]] == ["both"]


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
    run = found["runs"][0]
    assert len(run["forced"]) == len(run["own"]) == len(run["drawn"]["own"]) == 3


class EitherOrder:
    """A decoder that is right after every prefix: the target is 12 or 21, half each; the digits are 3 and 4."""

    def encode(self, source, mask):
        return 0, None

    def decode(self, written, step, memory):
        p = torch.zeros(*written.shape, 5)
        for t, read in enumerate(written.T):
            if step + t == 0:
                assert (read == START).all()
                p[:, t, 3:] = 0.5
            elif step + t == 1:
                p[torch.arange(len(read)), t, 7 - read] = 1.0
            else:
                p[:, t, END] = 1.0
        return p.log(), step + written.shape[1], None

    def __call__(self, source, mask, target):
        return self.decode(target[:, :-1], *self.encode(source, mask))[::2]


def test_a_decoder_that_no_mistake_misleads_is_wrong_more_often_given_its_own():
    model, source = EitherOrder(), torch.full((1000, 2), 3)
    target = drawn_targets(model, source, source > 0, length=4, temperature=1.0)
    assert target[:, 1:3].sort(dim=1).values.unique(dim=0).tolist() == [[3, 4]]
    assert target[:, 3:].unique(dim=0).tolist() == [[END, 0]]
    alone = written_alone(model, source, source > 0, length=3)
    forced, own = errors(model, source, source > 0, target, alone)
    assert forced == pytest.approx([0.5, 0, 0], abs=0.05)
    assert own == pytest.approx([0.5, 0.5, 0], abs=0.05)


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
