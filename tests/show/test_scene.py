"""Scenes in the page: taken from a picture, and painted."""

import numpy as np
import pytest

from rnnkit.show import scene

from .samples import drawing, thing


def test_a_scene_is_taken_from_a_picture(rng):
    image = np.full((64, 64, 3), (250, 240, 230), np.uint8)
    image[10:30, 20:40] = 7
    made = scene.scene_of(image, [("cat", (20, 10, 40, 30)), ("key", (0, 0, 5, 40))])
    assert made["ground"] == [250, 240, 230]
    assert made["things"] == [
        {"name": "cat", "size": 20, "x": 30.0, "y": 20.0},
        {"name": "key", "size": 24, "x": 2.5, "y": 20.0},
    ]
    sprites = scene.load_sprites(scene.pack_sprites({"cat": drawing(rng)}))
    assert scene.box_of(thing(x=0, y=64), sprites) == (0, 44, 13, 64)
    with pytest.raises(ValueError, match=r"image: expected \(64, 64, 3\)"):
        scene.scene_of(image[:32], [])


def test_drawings_are_painted_with_their_opacity():
    half = np.zeros((20, 20, 4), np.uint8)
    half[..., 0], half[:, 10:, 3] = 200, 255  # red, its left half clear
    sprites = scene.load_sprites(scene.pack_sprites({"cat": half}))
    image = scene.paint({"ground": [1, 2, 3], "things": [thing(x=32, y=32)]}, sprites)
    assert image[32, 25].tolist() == [1, 2, 3]
    np.testing.assert_allclose(image[32, 38], [200, 0, 0], atol=8)  # a palette's red
    np.testing.assert_allclose(scene.shrink(np.ones((48, 30, 4)), 19), 1)
