"""The eye: folded, it is the same."""

import torch
from torch.nn.functional import relu

from rnnkit.nn.encoder import Encoder, encode


def test_the_folded_encoder_is_the_encoder():
    torch.manual_seed(0)
    encoder = Encoder(6)
    images = torch.randint(0, 256, (9, 32, 32, 3), dtype=torch.uint8)
    encoder.train()
    for _ in range(3):
        encoder(images)  # so that the running means are not 0 and 1
    x = images.permute(0, 3, 1, 2).float() / 255
    for weight, bias in encoder.eval().folded():
        x = relu(torch.nn.functional.conv2d(x, weight, bias, stride=2, padding=1))
    expected = encode(encoder, images)
    torch.testing.assert_close(
        x.flatten(2).transpose(1, 2), expected, atol=1e-5, rtol=0
    )
