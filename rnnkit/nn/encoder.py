"""The eye of captioners and of models of questions: a small convolutional network, trained to name drawings, then cut open.

Its head, which names the drawing, is taken off; what is left turns a picture of any size into a grid of
vectors, one for each region of 8 x 8 pixels.
"""

from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from rnnkit.nn.batches import RandomBatches

REGION = 8  # pixels per side: three layers, each halving the picture


class Encoder(nn.Module):
    """Three strided convolutions: a picture becomes a grid of regions, each with a vector.

    channels: numbers per region. A kernel of 4 with stride 2 and padding 1 keeps every region's centre where
    it was in the picture; one of 3 would move it by half a region.
    """

    def __init__(self, channels=64):
        super().__init__()
        sizes = [3, 32, 64, channels]
        layers = []
        for before, after in pairwise(sizes):
            layers += [
                nn.Conv2d(
                    before, after, kernel_size=4, stride=2, padding=1, bias=False
                ),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
        self.layers = nn.Sequential(*layers)

    def forward(self, images):
        """images (B, height, width, 3) uint8 -> regions (B, R, C), row by row, float32."""
        x = images.permute(0, 3, 1, 2).float() / 255
        return self.layers(x).flatten(2).transpose(1, 2)

    def folded(self):
        """Return the same network in evaluation mode as three plain convolutions.

        BatchNorm then multiplies and adds constants, which go into the convolution before it. Computed in
        double precision by numpy, whose roots and quotients are the same on every processor: pages store it.
        Returns a list of (weight (out, in, 4, 4), bias (out,)), float32 tensors; ReLU behind each.
        """
        plain = []
        for convolution, norm in zip(self.layers[::3], self.layers[1::3], strict=True):
            given = (convolution.weight, norm.weight, norm.bias)
            W, gain, shift = (t.detach().double().numpy() for t in given)
            mean, variance = (
                t.double().numpy() for t in (norm.running_mean, norm.running_var)
            )
            scale = gain / np.sqrt(variance + norm.eps)
            parts = W * scale[:, None, None, None], shift - mean * scale
            plain.append(tuple(torch.from_numpy(part).float() for part in parts))
        return plain


class Classifier(nn.Module):
    """The encoder with a head that names the one drawing in the picture: only to train the encoder.

    Every region votes; a soft maximum over the regions, not their mean, is the picture's score. So a region
    need not name a drawing of which it sees a corner, and the one that sees it whole names it best.
    """

    def __init__(self, kinds, channels=64):
        super().__init__()
        self.encoder = Encoder(channels)
        self.head = nn.Linear(channels, kinds)

    def forward(self, images):
        """images (B, height, width, 3) -> logits (B, kinds)."""
        return self.head(self.encoder(images)).logsumexp(dim=1)


class Drawings(RandomBatches):
    """Random batches of (images, labels) for `rnnkit.nn.training.Training`."""

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        batch_size: int = 64,
        seed: int = 0,
    ) -> None:
        self.images, self.labels = torch.as_tensor(images), torch.as_tensor(labels)
        self.batch_size = batch_size
        self.rng = torch.Generator().manual_seed(seed)

    def loss(self, model: nn.Module) -> torch.Tensor:
        i = torch.randint(len(self.images), (self.batch_size,), generator=self.rng)
        return F.cross_entropy(model(self.images[i]), self.labels[i])


@torch.no_grad()
def encode(
    encoder: Encoder, images: np.ndarray | torch.Tensor, batch_size: int = 250
) -> torch.Tensor:
    """Encode many pictures (N, height, width, 3) with the encoder as it is: regions (N, R, C)."""
    encoder.eval()
    batches = torch.as_tensor(images).split(batch_size)
    return torch.cat([encoder(batch) for batch in batches])
