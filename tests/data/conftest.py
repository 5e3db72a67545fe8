"""A tiny archive, and scenes and clips enough for statistics."""

import pytest

from rnnkit.data import scenes

from .staged import VQA_PATTERNS


@pytest.fixture(scope="session")
def crowd():
    return scenes.generate_scenes(1500, seed=1, patterns=VQA_PATTERNS)
