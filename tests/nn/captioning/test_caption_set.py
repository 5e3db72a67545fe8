"""Captions as integers, and batches that pair pictures with their own."""

import torch

from rnnkit.nn.captioning.caption_set import CaptionSet, decode_caption, encode_captions
from rnnkit.scenes.captions import CAPTION_WORDS, captions
from rnnkit.scenes.layouts import generate_scenes

from .small_captioners import MODELS


def test_a_batch_pairs_pictures_with_their_own_captions(regions):
    data = CaptionSet(regions, [["a"], ["b", "c"], ["d"]], MODELS["soft"]().words, 300)
    own = {0: {2}, 1: {3, 4}, 2: {5}}
    seen, rows = data.batch()
    for picture, row in zip(seen, rows, strict=True):
        i = [torch.equal(picture, r) for r in regions].index(True)
        assert row[1].item() in own[i]
    assert len(set(rows[:, 1].tolist())) == 4
    state = data.state_dict()
    first = data.batch()[1]
    data.load_state_dict(state)
    assert torch.equal(data.batch()[1], first)


def test_every_caption_of_a_scene_can_be_encoded():
    scenes = generate_scenes(20, seed=0)
    words = ["<START>", "<END>", *CAPTION_WORDS]
    for things in scenes.things:
        for text in captions(things):
            row = encode_captions([text], words)[0]
            assert " ".join(decode_caption(row[1:], words)) == text
