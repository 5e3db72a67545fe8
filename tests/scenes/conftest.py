"""Scenes and clips enough for statistics."""

import pytest

from rnnkit.scenes import layouts
from rnnkit.scenes.clips import generate_clip_scenes

from .staged import VQA_PATTERNS


@pytest.fixture(scope="session")
def crowd():
    return layouts.generate_scenes(1500, seed=1, patterns=VQA_PATTERNS)


@pytest.fixture(scope="session")
def clips():
    return generate_clip_scenes(2000, seed=0)
