"""Chapter 12: what holds the learned eye back on centred digits; eight looks of 2 x 2 pixels by where they are."""

from functools import partial

import torch

from experiments.harness import collect, significant
from experiments.pictures_reading import (
    SEEDS,
    digits,
    learn_to_read,
    reader_settings,
)
from rnnkit.data.digits import draw_digits
from rnnkit.nn.pictures.readers import GlimpseReaders, accuracy

# Three places that are taken in turn: a diagonal through the middle.
DIAGONAL = ((0.0, 0.0), (-1 / 3, 1 / 3), (1 / 3, -1 / 3))


class MovedReaders(GlimpseReaders):
    """Readers whose places are moved at random while they are trained, with the deviation `spread`.

    That is as far as a learned eye's are; when they are tested, the places stand still.
    """

    def propose(self, h, t):
        middle = super().propose(h, t)
        if self.training:
            middle = middle + self.spread * self.draw(torch.randn, *middle.shape[1:])
        return middle


class FewReaders(GlimpseReaders):
    """Readers that take three places in turn, those on the diagonal."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.few = torch.tensor(DIAGONAL).expand(len(self.seeds), -1, -1)

    def propose(self, h, t):
        return self.few[:, t % len(DIAGONAL), None].expand(*h.shape[:2], 2)


class MovedFewReaders(MovedReaders, FewReaders):
    """The same three places, moved in training."""


class DrawnFewReaders(FewReaders):
    """Readers that take the middle and two places in turn that are drawn once, for each network others."""

    def __init__(self, **settings):
        super().__init__(**settings)
        drawn = 2 * self.draw(torch.rand, len(DIAGONAL) - 1, 2) - 1
        self.few = torch.cat([self.few[:, :1], drawn], dim=1)


class FollowingReaders(GlimpseReaders):
    """Readers that look where others look that have been trained: `leaders`, one for each network."""

    def __init__(self, leaders, **settings):
        super().__init__(**settings)
        self.leaders = [leaders]  # in a list, so that they are not trained with it

    def forward(self, x, explore=False):
        with torch.no_grad():
            self.led = self.leaders[0](x).places
        return super().forward(x, explore)

    def propose(self, h, t):
        return self.led[:, :, t]


KINDS = {
    "scan, moved": MovedReaders,
    "three places": FewReaders,
    "three places, moved": MovedFewReaders,
    "three drawn places": DrawnFewReaders,
    "the learned eye's": FollowingReaders,
}


def look_longer(eye, glimpses, steps, seeds, lr):
    """Train readers of 2 x 2 pixels on the digits; held-out accuracy, and how much of a picture they look at."""
    learned, held_out = digits()
    task = partial(draw_digits, digits=learned)
    learn = partial(learn_to_read, task, steps, lr, seeds)
    settings = reader_settings("scan" if eye in KINDS else eye, 8, 2, glimpses)
    kind = KINDS.get(eye, GlimpseReaders)
    if kind is FollowingReaders:
        kind = partial(kind, learn(**reader_settings("learned", 8, 2, glimpses)))
    readers = learn(kind=kind, **settings)
    return {
        "eye": eye,
        "glimpses": glimpses,
        "steps": steps,
        "accuracy": significant(accuracy(readers, held_out.x, held_out.y)[:, -1], 4),
        "covered": significant(covered(readers, held_out.x), 4),
    }


@torch.no_grad()
def covered(readers, x):
    """Share of a picture's pixels that at least one glimpse covers, the mean over pictures x (B, S, S): (N,)."""
    N, B, side = len(readers.seeds), len(x), readers.side
    places = readers(torch.as_tensor(x).expand(N, *x.shape)).places
    corners = ((places + 1) / 2 * (readers.size - side)).round().long()
    seen = torch.zeros(N, B, readers.size, readers.size)
    network, picture = torch.arange(N)[:, None], torch.arange(B)
    for row, column in (corner.unbind(-1) for corner in corners.unbind(2)):
        for k in range(side**2):
            seen[network, picture, row + k // side, column + k % side] = 1
    return seen.mean((1, 2, 3))


def longer_looks(known, seeds=SEEDS, lr=5e-3, few=800, many=3000):
    """Eight looks at the digits: how much of a picture they cover, and what more steps change, for four looks too."""
    settings = {"seeds": list(seeds), "lr": lr}
    kinds = [(eye, 8, few) for eye in ("learned", "random", "scan", *KINDS)]
    kinds += [(eye, 8, many) for eye in ("learned", "random", "scan")]
    kinds += [(eye, 4, many) for eye in ("learned", "random")]
    wanted = [{"eye": e, "glimpses": n, "steps": steps} for e, n, steps in kinds]
    measure = partial(look_longer, **settings)
    return collect(known, "longer_looks", settings, wanted, measure)
