"""A judge of painted digits: a convolutional network that names a digit, or says that there is none."""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rnnkit.data.digits import SIDE
from rnnkit.nn.pictures.readers import CLASSES

NO_DIGIT = CLASSES


class Verdict(NamedTuple):
    """What a judge says of n pictures: digit (n,), 0 to 9, and sure (n,), the probability that it is this one."""

    digit: np.ndarray
    sure: np.ndarray


def train_judge(pictures, y, steps=500, seed=0):
    """Train a judge on black and white digits, and on as many pictures that are none.

    Those take each pixel from another digit, at the same place: as much ink everywhere, and nothing written. A judge
    without them is sure of many, since it has to name a digit.

    Arguments: pictures: (n, 8, 8) of 0 and 1; y: (n,), which digit each is.
    """
    torch.manual_seed(seed)
    judge = nn.Sequential(
        nn.Unflatten(1, (1, SIDE)),
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(64 * (SIDE // 2) ** 2, CLASSES + 1),
    )
    adam = torch.optim.AdamW(judge.parameters(), 3e-3, weight_decay=0.05)
    pictures, y = torch.as_tensor(pictures), torch.as_tensor(y)
    for step in range(steps):
        adam.param_groups[0]["lr"] = 3e-3 * (1 - step / steps)
        some = torch.randint(len(pictures), (48,))
        x = torch.cat([pictures[some], mixed_pixels(pictures, 24)])
        wanted = torch.cat([y[some], torch.full((24,), NO_DIGIT)])
        loss = cross_entropy(judge(x), wanted)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return judge.eval()


def mixed_pixels(pictures, n):
    """Make n pictures that take each pixel from another one of some pictures (m, S, S), at the same place."""
    m, S, _ = pictures.shape
    chosen = torch.randint(m, (n, S, S))
    return torch.as_tensor(pictures)[chosen, torch.arange(S)[:, None], torch.arange(S)]


@torch.no_grad()
def verdict(judge, pictures):
    """Which digit each picture (n, 8, 8) is most likely, and how likely; returns a Verdict."""
    p = judge(torch.as_tensor(pictures)).softmax(-1)[:, :CLASSES]
    sure, digit = p.max(-1)
    return Verdict(digit.numpy(), sure.numpy())


def nearest(pictures, known):
    """How many pixels differ between each picture (n, S, S) and the most similar known one (m, S, S): (n,)."""
    a, b = (torch.as_tensor(p).flatten(1) for p in (pictures, known))
    return torch.cdist(a, b, p=1).min(dim=1).values.round().int().numpy()
