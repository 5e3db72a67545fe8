"""A reader and a painter of pictures in one file, and those that are shipped."""

import numpy as np
import pytest
import torch

from rnnkit.data.digits import ink, load_digits
from rnnkit.nn.checkpoint import SHIPPED as FOLDER
from rnnkit.nn.checkpoint import CheckpointError
from rnnkit.nn.pictures.files import SHIPPED, arrays, load_pictures, save_pictures
from rnnkit.nn.pictures.painters import Painters
from rnnkit.nn.pictures.readers import GlimpseReaders, accuracy


def make(eye="learned", grid=3):
    reader = GlimpseReaders(eye, hidden_size=5, side=2, seeds=[3, 4])
    return reader, Painters(steps=2, hidden_size=4, code_size=3, grid=grid, seeds=[5])


def test_files(tmp_path):
    reader, painter = make()
    path = tmp_path / "some.safetensors"
    save_pictures(path, reader, painter, {"note": 1})
    again, painted, metadata = load_pictures(path)
    assert metadata == {"note": 1}
    x = torch.rand(2, 3, 8, 8)
    for ours, theirs in (
        (reader(x).logits, again(x).logits),
        (painter.paint(torch.ones(1, 2, 2, 3)), painted.paint(torch.ones(1, 2, 2, 3))),
    ):
        if not torch.is_tensor(ours):
            ours, theirs = ours.canvases, theirs.canvases
        torch.testing.assert_close(ours, theirs, atol=5e-3, rtol=0)
    assert again.seeds == [3, 4]


def test_arrays_have_the_names_and_shapes_that_a_page_reads():
    reader, painter = make()
    found = arrays(reader, painter)
    assert found["reader.W_what"].shape == (4, 5)
    assert found["reader.b_x"].shape == (15,)
    assert found["reader.W_hl"].shape == (5, 2)
    assert found["painter.dec_W_xh"].shape == (3, 16)
    assert found["painter.dec_b_h"].shape == (16,)
    assert found["painter.W_hw"].shape == (4, 9)
    assert found["painter.b_canvas"].shape == (64,)
    assert all(a.dtype == np.float32 for a in found.values())
    assert not any("enc" in name or "hv" in name for name in found)


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (make("random"), "reader: expected the eye \"learned\", got 'random'"),
        (make(grid=None), "painter: expected one with a grid of windows"),
    ],
)
def test_what_a_page_cannot_show(models, message):
    with pytest.raises(ValueError, match=message):
        arrays(*models)


def test_foreign_file():
    with pytest.raises(CheckpointError, match="expected a reader and a painter"):
        load_pictures(FOLDER / "plays.safetensors")


def test_the_shipped_models_are_light_and_reach_their_figures():
    assert SHIPPED.stat().st_size < 200_000
    reader, painter, about = load_pictures()
    assert about["command"] == "python -m experiments.pictures ship"
    _, held_out = load_digits()
    found = accuracy(reader, held_out.x, held_out.y)[0]
    assert found[-1] > 0.96
    assert found[0] < found[-1]
    with torch.no_grad():
        nats = painter(torch.from_numpy(ink(held_out.x))[None]).nats.mean()
    assert nats < 20
