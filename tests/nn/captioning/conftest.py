"""What small captioners look at and learn to say."""

import pytest
import torch

from rnnkit.nn.captioning.caption_set import encode_captions

from .small_captioners import WORDS


@pytest.fixture
def regions():
    return torch.randn(3, 16, 5, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def rows():
    return encode_captions(["a b", "c d a", "b"], ["<START>", "<END>", *WORDS])
