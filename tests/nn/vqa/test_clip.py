"""Questions about clips: order matters, and a model starts from one that knows pictures."""

import pytest
import torch

from .small_models import CLIPS, MODELS, WORDS_OF_TWO, some_regions


def test_a_clip_model_starts_from_what_a_still_model_knows():
    still, clip = MODELS["attention"](), MODELS["side by side"]()
    torch.manual_seed(5)
    weight = torch.randn_like(still.eye.sight.key.weight)
    still.eye.sight.key.weight.data = weight
    clip.inherit(still)
    torch.testing.assert_close(clip.eye.frame.sight.key.weight.data, weight)
    assert clip.W_v.weight.shape != still.W_v.weight.shape


@pytest.mark.parametrize("name", CLIPS)
def test_clip_depends_on_the_order_of_its_frames(name):
    model, regions = MODELS[name](), some_regions(2, 5)
    there, glances = model(regions, WORDS_OF_TWO)
    back, reversed_glances = model(regions.flip(1), WORDS_OF_TWO)
    assert (there - back).abs().max() > 1e-4
    torch.testing.assert_close(glances, reversed_glances.flip(2))
