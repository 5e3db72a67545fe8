"""DRAW: variational autoencoders that paint a picture step by step, several seeds side by side."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from rnnkit.nn.cell_variants import CELLS
from rnnkit.nn.pictures.windows import read, window, write
from rnnkit.nn.side_by_side import Drawing

lstm = CELLS["lstm"].step


class Painting(NamedTuple):
    """What N painters did with B pictures in T steps.

    pixel_nats: -log p(x | z), (N, B). code_nats: KL of each step's code from a standard normal, (N, B, T).
    canvases: the logits of the pixels after every step, (N, B, T, S, S). windows: the five numbers of the window
    that was written through at every step, (N, B, T, 5), or None.
    """

    pixel_nats: torch.Tensor | None
    code_nats: torch.Tensor | None
    canvases: torch.Tensor
    windows: torch.Tensor | None

    @property
    def nats(self):
        """The bound on -log p(x), (N, B): what the pixels cost, and what the codes cost."""
        if self.pixel_nats is None or self.code_nats is None:
            raise ValueError("painting: expected one of a picture, got one from codes")
        return self.pixel_nats + self.code_nats.sum(-1)


class Painters(Drawing):
    """N networks that paint on a canvas in T steps, each step from a code of its own.

    At every step an encoder (an LSTM) reads the picture, and what is still wrong with the canvas, and gives mean and
    spread of a code z; a decoder (an LSTM) reads z and adds a stroke to the canvas. To paint something new, z is
    drawn from a standard normal and the encoder is left out. One step is a variational autoencoder.

    Arguments:
        size: S, pixels on a picture's side; steps: T; hidden_size: H of both LSTMs; code_size: Z of one step.
        grid: None: every step sees and paints the whole canvas. N: through N x N Gaussian windows.
        seeds: one for each network: its weights, and all that it draws, follow from it.

    Source: Gregor et al. (2015); the variational autoencoder: Kingma and Welling (2014), Rezende et al. (2014).
    """

    def __init__(
        self,
        size: int = 8,
        steps: int = 8,
        hidden_size: int = 64,
        code_size: int = 8,
        grid: int | None = None,
        seeds: Iterable[int] = range(3),
    ) -> None:
        super().__init__(seeds)
        if steps < 1:
            raise ValueError(f"steps: expected 1 or more, got {steps}")
        self.size, self.steps, self.grid = size, steps, grid
        self.hidden_size, self.code_size = hidden_size, code_size
        H, Z, pixels = hidden_size, code_size, size**2
        stroke = grid**2 if grid else pixels
        shapes = {
            # the encoder reads the picture, the error, and what the decoder remembers
            "enc_W_xh": (2 * stroke + H, 4 * H),
            "enc_W_hh": (H, 4 * H),
            "enc_b_h": (1, 4 * H),
            "W_hm": (H, Z),
            "b_m": (1, Z),
            "W_hs": (H, Z),
            "b_s": (1, Z),
            "dec_W_xh": (Z, 4 * H),
            "dec_W_hh": (H, 4 * H),
            "dec_b_h": (1, 4 * H),
            "W_hw": (H, stroke),
            "b_w": (1, stroke),
            "b_canvas": (1, pixels),  # the blank canvas
        }
        if grid:
            shapes |= {
                "W_look": (H, 5),
                "b_look": (1, 5),
                "W_place": (H, 5),
                "b_place": (1, 5),
            }
        self.p = nn.ParameterDict({k: self.start(k, s) for k, s in shapes.items()})

    def start(self, name, shape):
        """Draw one parameter of each network: biases 0, matrices as torch does."""
        if "b_" in name:
            return torch.zeros(len(self.seeds), *shape)
        return (2 * self.draw(torch.rand, *shape) - 1) / shape[0] ** 0.5

    def forward(self, x):
        """Paint pictures x, (N, B, S, S) of ink from 0 to 1, after a look at them; returns a Painting."""
        N, B = x.shape[:2]
        x = x.flatten(2)
        state, canvas = self.blank(B)
        code, canvases, kl, windows = self.nothing(B), [], [], []
        for _ in range(self.steps):
            error = x - torch.sigmoid(canvas)
            code = self.encode(x, error, state[0], code)
            mean, log_spread = self.propose(code[0])
            z = mean + torch.exp(log_spread) * self.draw(torch.randn, *mean.shape[1:])
            kl.append(code_nats(mean, log_spread))
            state, canvas, where = self.paint_over(canvas, z, state)
            canvases.append(canvas)
            windows.append(where)
        nats = binary_cross_entropy_with_logits(canvas, x, reduction="none").sum(-1)
        return Painting(nats, torch.stack(kl, -1), *self.stacked(canvases, windows))

    def paint(self, codes):
        """Paint from codes (N, B, T, Z) alone; returns a Painting without costs."""
        state, canvas = self.blank(codes.shape[1])
        canvases, windows = [], []
        for z in codes.unbind(2):
            state, canvas, where = self.paint_over(canvas, z, state)
            canvases.append(canvas)
            windows.append(where)
        return Painting(None, None, *self.stacked(canvases, windows))

    def sample(self, n):
        """Paint n new pictures with each network; returns a Painting without costs."""
        return self.paint(self.draw(torch.randn, n, self.steps, self.code_size))

    def nothing(self, B):
        """An LSTM's state before the first step: h and c, zeros of (N, B, H)."""
        zeros = torch.zeros(len(self.seeds), B, self.hidden_size)
        return zeros, zeros

    def blank(self, B):
        """The decoder's first state, and the blank canvas, (N, B, S * S)."""
        return self.nothing(B), self.p["b_canvas"].expand(-1, B, -1)

    def encode(self, x, error, h_dec, state):
        """One step of the encoder: picture and error, (N, B, S * S), and the decoder's h -> its next state."""
        seen = torch.cat([x, error], dim=-1)
        if self.grid:
            seen = self.look(seen, h_dec)
        inputs = torch.cat([seen, h_dec], dim=-1)
        a = torch.baddbmm(self.p["enc_b_h"], inputs, self.p["enc_W_xh"])
        return lstm(a, state, {"W_hh": self.p["enc_W_hh"]})

    def propose(self, h):
        """Mean and log spread of the code: h (N, B, H) -> (N, B, Z) each."""
        p = self.p
        return (
            torch.baddbmm(p["b_m"], h, p["W_hm"]),
            torch.baddbmm(p["b_s"], h, p["W_hs"]),
        )

    def decode(self, z, state):
        """One step of the decoder: code z (N, B, Z) -> its next state."""
        a = torch.baddbmm(self.p["dec_b_h"], z, self.p["dec_W_xh"])
        return lstm(a, state, {"W_hh": self.p["dec_W_hh"]})

    def paint_over(self, canvas, z, state):
        """One step of painting, from a code z (N, B, Z): the decoder's next state, the canvas, and the stroke's window."""
        state = self.decode(z, state)
        stroke, where = self.stroke(state[0])
        return state, canvas + stroke, where

    def stroke(self, h):
        """What the decoder's h adds to the canvas, (N, B, S * S), and the window it is written through."""
        w = torch.baddbmm(self.p["b_w"], h, self.p["W_hw"])
        if not self.grid:
            return w, None
        where = torch.baddbmm(self.p["b_place"], h, self.p["W_place"])
        grid = window(where, self.grid, self.size)
        return write(grid, w.unflatten(-1, (self.grid, self.grid))).flatten(2), where

    def look(self, pictures, h_dec):
        """Read picture and error, (N, B, 2 * S * S), through the window that the decoder's h lays: (N, B, 2 * grid^2)."""
        where = torch.baddbmm(self.p["b_look"], h_dec, self.p["W_look"])
        grid = window(where, self.grid, self.size)
        parts = pictures.unflatten(-1, (2, self.size, self.size)).unbind(2)
        return torch.cat([read(grid, part).flatten(2) for part in parts], dim=-1)

    def stacked(self, canvases, windows):
        """Canvases (N, B, T, S, S), and windows (N, B, T, 5) or None."""
        pictures = torch.stack(canvases, 2).unflatten(-1, (self.size, self.size))
        return pictures, torch.stack(windows, 2) if self.grid else None

    def losses(self, batches):
        """Mean bound on -log p(x) of each network on its own batch of (x, ...), (N,), for `side_by_side.train`."""
        x = torch.stack([torch.as_tensor(batch[0]) for batch in batches])
        return self(x).nats.mean(1)


def code_nats(mean, log_spread):
    """KL of a normal from the standard normal, summed over the code: (..., Z) -> (...).

    Source: Kingma and Welling (2014), appendix B.
    """
    square = mean**2 + torch.exp(2 * log_spread)
    return (square - 2 * log_spread - 1).sum(-1) / 2
