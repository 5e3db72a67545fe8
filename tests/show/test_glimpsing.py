"""The numbers of chapter 12's explorable, against torch."""

from itertools import islice

import numpy as np
import pytest

from rnnkit.show.glimpsing import (
    draw_codes,
    looks_until_right,
    mulberry32,
    paint_codes,
    read_picture,
)

torch = pytest.importorskip("torch")

from rnnkit.nn.pictures.files import arrays  # noqa: E402
from rnnkit.nn.pictures.painters import Painters  # noqa: E402
from rnnkit.nn.pictures.readers import GlimpseReaders  # noqa: E402


def make(seed, side=4, grid=3):
    reader = GlimpseReaders("learned", side=side, hidden_size=6, seeds=[seed])
    painter = Painters(steps=3, hidden_size=5, code_size=3, grid=grid, seeds=[seed])
    torch.manual_seed(seed)
    with torch.no_grad():  # biases that are not 0, an eye that moves
        for p in [*reader.parameters(), *painter.parameters()]:
            p += 0.3 * torch.randn_like(p)
    return reader, painter


@pytest.mark.parametrize("side", [1, 3, 4, 8])
@pytest.mark.parametrize("seed", range(3))
def test_it_reads_as_torch_does(seed, side):
    reader, painter = make(seed, side)
    picture = np.random.default_rng(seed).integers(0, 17, (8, 8)) / 16
    with torch.no_grad():
        want = reader(torch.tensor(picture, dtype=torch.float32)[None, None])
    got = read_picture(arrays(reader, painter), picture, 4)
    np.testing.assert_allclose(got.p, want.logits[0, 0].softmax(-1), atol=1e-5)
    np.testing.assert_allclose(got.places, want.places[0, 0], atol=1e-5)
    if side == 4:
        assert len({tuple(place) for place in got.places}) == 4
    told = read_picture(arrays(reader, painter), picture, list(got.places))
    np.testing.assert_array_equal(told.p, got.p)


def test_it_sees_what_is_in_the_frame_alone():
    weights = arrays(*make(0))
    picture = np.zeros((8, 8))
    places = [(-1, -1), (1, 0)]
    got = read_picture(weights, picture, places)
    assert got.corners.tolist() == [[0, 0], [4, 2]]
    other = picture.copy()
    other[4:, :2] = 1
    np.testing.assert_array_equal(read_picture(weights, other, places).p, got.p)
    other[7, 2] = 1
    again = read_picture(weights, other, places)
    np.testing.assert_array_equal(again.p[0], got.p[0])
    assert (again.p[1] != got.p[1]).all()


@pytest.mark.parametrize("grid", [2, 5])
@pytest.mark.parametrize("seed", range(3))
def test_it_paints_as_torch_does(seed, grid):
    reader, painter = make(seed, grid=grid)
    codes = draw_codes(seed, 3, 3)
    with torch.no_grad():
        want = painter.paint(torch.tensor(codes, dtype=torch.float32)[None, None])
    got = paint_codes(arrays(reader, painter), codes)
    np.testing.assert_allclose(got.ink, want.canvases[0, 0].sigmoid(), atol=1e-5)
    row, _, log_variance, log_stride, _ = want.windows[0, 0].numpy().T
    np.testing.assert_allclose(got.rows.mean(1), 3.5 * (row + 1), atol=1e-4)
    np.testing.assert_allclose(
        np.diff(got.columns)[:, 0], 7 / (grid - 1) * np.exp(log_stride), rtol=1e-4
    )
    np.testing.assert_allclose(got.spread, np.exp(log_variance / 2), rtol=1e-4)


def test_the_strokes_add_up_to_the_canvas():
    weights = arrays(*make(1))
    got = paint_codes(weights, draw_codes(0, 3, 3))
    logits = np.log(got.ink / (1 - got.ink)).reshape(3, -1)
    blank = weights["painter.b_canvas"]
    np.testing.assert_allclose(
        blank + got.added.reshape(3, -1).cumsum(0), logits, atol=1e-6
    )


def test_codes_are_the_same_for_the_same_seed_and_normal():
    codes = draw_codes(7, 200, 50)
    np.testing.assert_array_equal(codes, draw_codes(7, 200, 50))
    np.testing.assert_array_equal(codes[:1, :3], draw_codes(7, 1, 3))
    assert (codes != draw_codes(8, 200, 50)).all()
    assert abs(codes.mean()) < 0.04  # four standard deviations
    assert abs(codes.std() - 1) < 0.03
    numbers = np.array(list(islice(mulberry32(-1), 1000)))
    assert ((numbers >= 0) & (numbers < 1)).all()


@pytest.mark.parametrize(
    ("said", "until"),
    [([3], 1), ([3, 3, 3], 1), ([1, 3, 3], 2), ([3, 1, 3], 3), ([3, 3, 1], None)],
)
def test_looks_until_right(said, until):
    assert looks_until_right(np.eye(10)[said], 3) == until
