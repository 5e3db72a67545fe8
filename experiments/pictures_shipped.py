"""The reader and the painter of chapter 12's explorable: trained, measured, and written into one file.

The reader meets in the page what no file of digits holds: digits that a visitor draws, and places where the visitor
wants it to look. So a third of every batch are digits of the data varied: drawn anew on a grid four times as fine, turned,
leant, moved, made larger or smaller, their lines thicker or thinner, and counted into 8 x 8 pixels again, as the digits
of the data once were; some are made of black squares, as keys draw them. Another third are written with a pen
(`pen_digits.py`). And the reader learns from two ways of looking side by side: at four places of its own choice, and at
six that are drawn anywhere.
"""

import numpy as np
import torch
from torch.nn.functional import affine_grid, avg_pool2d, cross_entropy, grid_sample

from experiments.harness import rounded, versions
from experiments.pen_digits import FINE, write_digits
from rnnkit.data.digits import SIDE, Digits, draw_digits, ink, load_digits
from rnnkit.nn.pictures.files import SHIPPED, save_pictures
from rnnkit.nn.pictures.painters import Painters
from rnnkit.nn.pictures.readers import GlimpseReaders, accuracy
from rnnkit.nn.side_by_side import train

COMMAND = "python -m experiments.pictures ship"


class GuidedReaders(GlimpseReaders):
    """Readers that also learn to look where somebody else tells them to: the losses of both are added up."""

    elsewhere = 6  # looks at places that are drawn anywhere

    def losses(self, batches):
        x, y = (torch.stack([torch.as_tensor(b[k]) for b in batches]) for k in (0, 1))
        logits = self.read_anywhere(x)
        asked = y[..., None].expand(logits.shape[:3])
        nats = cross_entropy(logits.flatten(0, 2), asked.flatten(), reduction="none")
        return super().losses(batches) + nats.view(asked.shape).mean((1, 2))

    def read_anywhere(self, x):
        """Scores after every look at places drawn anywhere: pictures x (N, B, S, S) -> (N, B, T, 10)."""
        N, B = x.shape[:2]
        eye, logits = self.open_eye(x), []
        h = x.new_zeros(N, B, self.hidden_size)
        for _ in range(self.elsewhere):
            h = self.step(*reversed(eye(2 * self.draw(torch.rand, B, 2) - 1)), h)
            logits.append(self.answer(h))
        return torch.stack(logits, 2)


def varied(rng, digits, blocks=0.25, drawn=0.4):
    """Digits as a visitor may draw them: of some digits, others of the same kind.

    rng: what is drawn follows from it. blocks: share of those made of black squares; drawn: share of those whose line
    is as a pen's, black or white on the finer grid.
    """
    n = len(digits.y)
    turn = rng.uniform(-0.2, 0.2, n)
    lean = rng.uniform(-0.25, 0.25, n)
    wide, high = rng.uniform(
        0.85, 1.4, (2, n)
    )  # of what is looked at: 1.4 makes it smaller
    matrix = np.zeros((n, 2, 3), np.float32)
    matrix[:, 0, 0], matrix[:, 0, 1] = wide * np.cos(turn), lean - np.sin(turn)
    matrix[:, 1, 0], matrix[:, 1, 1] = np.sin(turn), high * np.cos(turn)
    matrix[:, :, 2] = rng.uniform(-1, 1, (n, 2)) * 2 / SIDE  # up to one pixel
    x = torch.from_numpy(digits.x)[:, None]
    fine = SIDE * FINE
    grid = affine_grid(
        torch.from_numpy(matrix), [n, 1, fine, fine], align_corners=False
    )
    smooth = grid_sample(x, grid, mode="bicubic", align_corners=False).clamp(0, 1)
    level = torch.from_numpy(rng.uniform(0.25, 0.65, (n, 1, 1, 1)).astype(np.float32))
    kind = torch.from_numpy(rng.uniform(size=(n, 1, 1, 1)))
    pen = (smooth > level).float()
    counted = avg_pool2d(torch.where(kind < drawn, pen, smooth), FINE)
    squares = (counted > level).float()
    new = torch.where(kind > 1 - blocks, squares, (16 * counted).round() / 16)
    return Digits(new[:, 0].numpy(), digits.y)


def train_reader(steps=8000, batch_size=96, lr=5e-3, seed=0, written=15_000, **sizes):
    """Train the reader: a third each of the data's digits, of those varied, and of some written with a pen."""
    digits, _ = load_digits()
    others = write_digits(np.random.default_rng(seed), written)

    def draw(rng, n):
        some = draw_digits(rng, n // 3, digits)
        new = varied(rng, draw_digits(rng, n // 3, digits))
        pen = draw_digits(rng, n - 2 * (n // 3), others)
        return tuple(np.concatenate(part) for part in zip(some, new, pen, strict=True))

    reader = GuidedReaders("learned", seeds=[seed], **sizes)
    train(reader, draw, steps, lr=lr, batch_size=batch_size)
    return reader


def train_painter(
    steps=2500, batch_size=50, lr=8e-3, seed=0, grid=5, hidden_size=48, **sizes
):
    """Train the painter on digits in black and white."""
    x = ink(load_digits()[0].x)
    painter = Painters(grid=grid, hidden_size=hidden_size, seeds=[seed], **sizes)

    def draw(rng, n):
        return (x[rng.integers(len(x), size=n)],)

    train(painter, draw, steps, lr=lr, batch_size=batch_size, clip=5.0)
    return painter


@torch.no_grad()
def judge(reader, painter, pens=1000):
    """What both reach: share of right answers after every look, and nats a picture.

    Of held-out digits, of those varied, and of as many written with a pen as `pens` says.
    """
    for generator in [*reader.generators, *painter.generators]:
        generator.manual_seed(1)  # so that what is found follows from the weights alone
    _, held_out = load_digits()
    new = varied(np.random.default_rng(1), held_out)
    pen = write_digits(np.random.default_rng(2), pens)
    x, y = torch.from_numpy(held_out.x), torch.from_numpy(held_out.y)
    elsewhere = reader.read_anywhere(x[None]).argmax(-1)[0] == y[:, None]
    nats = painter(torch.from_numpy(ink(held_out.x))[None]).nats.mean()
    return rounded(
        {
            "own places": accuracy(reader, x, y)[0].tolist(),
            "own places, varied": accuracy(reader, new.x, new.y)[0].tolist(),
            "own places, pen": accuracy(reader, pen.x, pen.y)[0].tolist(),
            "random places": elsewhere.float().mean(0).tolist(),
            "nats": nats.item(),
        }
    )


def ship(path=SHIPPED, reading=None, painting=None, pens=1000):
    """Train both and write them, with what they reach.

    path: where to. reading, painting: keyword arguments of `train_reader` and `train_painter`. pens: digits written to
    judge the reader by.
    """
    reader, painter = train_reader(**reading or {}), train_painter(**painting or {})
    found = judge(reader, painter, pens)
    save_pictures(
        path,
        reader,
        painter,
        {"command": COMMAND, "figures": found, "versions": versions()},
    )
    print(found, flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    ship()
