"""Translators in files."""

import numpy as np
import pytest
import torch

from rnnkit.data.dates import LANGUAGES, make_dates
from rnnkit.nn.checkpoint import SHIPPED as FOLDER
from rnnkit.nn.checkpoint import CheckpointError
from rnnkit.nn.translation.decoding import translate
from rnnkit.nn.translation.files import (
    SHIPPED,
    arrays,
    load_translators,
    save_translators,
)
from rnnkit.nn.translation.pairs import encode_sources, encode_targets
from rnnkit.nn.translation.scoring import exact_match, pointing

from .small_translators import LETTERS, make


def test_files(tmp_path):
    models = {name: make(name) for name in ("none", "additive", "multiplicative")}
    path = tmp_path / "some.safetensors"
    save_translators(path, models, {"note": 1})
    loaded, metadata = load_translators(path)
    assert metadata == {"note": 1}
    source, mask = encode_sources(["abca", "b"], LETTERS)
    target = encode_targets(["ab", "c"], LETTERS)
    for name, model in models.items():
        assert not loaded[name].training
        ours, theirs = (m(source, mask, target)[0] for m in (model, loaded[name]))
        torch.testing.assert_close(ours, theirs, atol=5e-3, rtol=0)
        again = tmp_path / "again.safetensors"
        save_translators(again, {name: loaded[name]})
        (same,) = load_translators(again)[0].values()
        assert torch.equal(same(source, mask, target)[0], theirs)


def test_arrays_have_the_names_and_shapes_that_a_page_reads():
    found = arrays(make())
    assert found["embedding.weight"].shape == (6, 4)
    assert found["ahead.weight_ih_l0"].shape == (15, 4)
    assert found["back.weight_hh_l0"].shape == (15, 5)
    assert found["attention.W_q"].shape == (5, 6)
    assert found["attention.W_k"].shape == (10, 6)
    assert found["attention.v"].shape == (6,)
    assert found["mix.weight"].shape == (5, 15)
    assert found["output.weight"].shape == (6, 5)
    assert all(a.dtype == np.float32 for a in found.values())


def test_foreign_file():
    with pytest.raises(CheckpointError, match="expected translators"):
        load_translators(FOLDER / "plays.safetensors")


def test_the_shipped_model_is_light_and_reaches_its_figures():
    assert SHIPPED.stat().st_size < 400_000
    models, about = load_translators()
    assert about["command"] == "python -m experiments.seq2seq ship"
    for language in LANGUAGES:
        some = make_dates(np.random.default_rng(7), 150, "test", (language,))
        texts = [example.text for example in some]
        written, looks = translate(models["additive"], texts)
        assert exact_match(written, [example.iso for example in some]) > 0.98
        found = pointing(looks, [example.spans for example in some], texts)
        for field in found.values():
            assert field["hit"][field["shown"]].mean() > 0.85
