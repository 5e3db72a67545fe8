"""Networks that read a picture glimpse by glimpse, several seeds side by side."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rnnkit.nn.cell_variants import gru
from rnnkit.nn.pictures.windows import Retina, read, window
from rnnkit.nn.side_by_side import Drawing

EYES = ("learned", "random", "scan", "soft")
CLASSES = 10


class Reading(NamedTuple):
    """What N readers did with B pictures in T glimpses.

    logits: after every glimpse, (N, B, T, 10). places: where they looked, (N, B, T, 2), row and column from -1 to 1.
    pixels: what they saw there, T times (N, B, D). For a learned eye also log_p, the log density of every place
    that was drawn, and value, the reward that was expected before it: (N, B, T - 1); otherwise None.
    """

    logits: torch.Tensor
    places: torch.Tensor
    pixels: list
    log_p: torch.Tensor | None
    value: torch.Tensor | None


class GlimpseReaders(Drawing):
    """N recurrent networks that look at a picture T times, and say after every look which digit it shows.

    A glimpse is what is seen and where: e = relu(pixels W_what + place W_where + b_e). A GRU reads it; from its state h
    come the answer, h W_hy + b_y, and, where the eye learns, the middle of the next place, tanh(h W_hl + b_l).

    Arguments:
        eye: "learned": the place is drawn around the middle that h proposes, and taught by REINFORCE; "random";
            "scan": a fixed grid, row by row; "soft": a grid of Gaussian windows that h lays out, with a gradient.
            The first place of a learned and of a random eye is the picture's middle.
        size: S, pixels on a picture's side; side: g, numbers on a glimpse's; scales: squares in a glimpse (`Retina`).
        glimpses: T. hidden_size: H, also the length of e.
        seeds: one for each network: its weights, and all that it draws, follow from it.
        spread: standard deviation of the learned eye's places.
        baseline: whether the learned eye's reward is compared with the one that the state lets expect.

    Raises:
        ValueError: an unknown eye, or a glimpse larger than the picture.

    Source: Mnih et al. (2014); the soft eye: Gregor et al. (2015), section 3.2.
    """

    def __init__(
        self,
        eye: str,
        size: int = 8,
        side: int = 4,
        scales: int = 1,
        glimpses: int = 4,
        hidden_size: int = 64,
        seeds: Iterable[int] = range(3),
        spread: float = 0.3,
        baseline: bool = True,
    ) -> None:
        super().__init__(seeds)
        if eye not in EYES:
            raise ValueError(f"eye: expected one of {EYES}, got {eye!r}")
        if not 1 <= side <= size:
            raise ValueError(f"side: expected 1 to {size} = size, got {side}")
        self.eye, self.size, self.side, self.scales = eye, size, side, scales
        self.glimpses, self.spread, self.baseline = glimpses, spread, baseline
        self.hidden_size = hidden_size
        H, seen = hidden_size, side**2 * (1 if eye == "soft" else scales)
        shapes = {"W_what": (seen, H), "W_where": (2, H), "b_e": (1, H)}
        shapes |= {"W_xh": (H, 3 * H), "W_hh": (H, 3 * H)}
        shapes |= {"b_x": (1, 3 * H), "b_h": (1, 3 * H)}
        shapes |= {"W_hy": (H, CLASSES), "b_y": (1, CLASSES)}
        if eye == "learned":
            shapes |= {"W_hl": (H, 2), "b_l": (1, 2), "W_hv": (H, 1), "b_v": (1, 1)}
        elif eye == "soft":
            shapes |= {"W_hl": (H, 5), "b_l": (1, 5)}
        self.p = nn.ParameterDict({k: self.start(k, s) for k, s in shapes.items()})

    def start(self, name, shape):
        """Draw one parameter of each network: biases 0, the eye's matrices small, the others as torch does."""
        if name.startswith("b"):
            return torch.zeros(len(self.seeds), *shape)
        scale = {"W_hl": 0.1, "W_hv": 0.0}.get(name, 1.0) / shape[0] ** 0.5
        return scale * (2 * self.draw(torch.rand, *shape) - 1)

    def forward(self, x, explore=False):
        """Read pictures x, (N, B, S, S); returns a Reading. explore: a learned eye draws its places."""
        N, B = x.shape[:2]
        eye = self.open_eye(x)
        h = x.new_zeros(N, B, self.hidden_size)
        logits, places, pixels, log_p, value = [], [], [], [], []
        for t in range(self.glimpses):
            middle = self.propose(h, t)
            place = middle
            if self.eye == "learned" and explore and t:
                noise = self.spread * self.draw(torch.randn, B, 2)
                place = (middle + noise).detach()
                log_p.append(-((place - middle) ** 2).sum(-1) / (2 * self.spread**2))
                value.append(self.expect(h))
            place, seen = eye(place)
            h = self.step(seen, place, h)
            logits.append(self.answer(h))
            places.append(place)
            pixels.append(seen)
        drawn = [torch.stack(p, 2) if p else None for p in (log_p, value)]
        return Reading(torch.stack(logits, 2), torch.stack(places, 2), pixels, *drawn)

    def propose(self, h, t):
        """Where to look next: (N, B, 2), or the (N, B, 5) numbers of a soft eye's windows."""
        N, B = h.shape[:2]
        if self.eye == "scan":
            k = math.ceil(self.glimpses**0.5)
            line = torch.linspace(-1, 1, k) if k > 1 else torch.zeros(1)
            return torch.stack([line[t // k % k], line[t % k]]).expand(N, B, 2)
        if self.eye == "random" and t:
            return 2 * self.draw(torch.rand, B, 2) - 1
        if self.eye == "soft":
            return h @ self.p["W_hl"] + self.p["b_l"]
        if self.eye == "learned" and t:
            return torch.tanh(h @ self.p["W_hl"] + self.p["b_l"])
        return h.new_zeros(N, B, 2)

    def open_eye(self, x):
        """Prepare pictures (N, B, S, S) for glimpses; returns a function from a proposal to place and pixels."""
        N, B = x.shape[:2]
        if self.eye == "soft":

            def look(parameters):
                grid = window(parameters, self.side, self.size)
                return parameters[..., :2], read(grid, x).flatten(2)

        else:
            retina = Retina(x.flatten(0, 1), self.side, self.scales)

            def look(place):
                place = place.clamp(-1, 1).detach()
                return place, retina.glimpse(place.reshape(-1, 2)).view(N, B, -1)

        return look

    def step(self, pixels, place, h):
        """One glimpse: pixels (N, B, D) at place (N, B, 2), and the state before, (N, B, H) -> the next state."""
        p = self.p
        e = torch.relu(pixels @ p["W_what"] + place @ p["W_where"] + p["b_e"])
        (h,) = gru(torch.baddbmm(p["b_x"], e, p["W_xh"]), (h,), p)
        return h

    def answer(self, h):
        """Scores of the ten digits: (N, B, 10)."""
        return torch.baddbmm(self.p["b_y"], h, self.p["W_hy"])

    def expect(self, h):
        """The reward that a state lets expect, (N, B); it is learned without changing the state."""
        value = torch.baddbmm(self.p["b_v"], h.detach(), self.p["W_hv"])[..., 0]
        return value if self.baseline else torch.zeros_like(value)

    def losses(self, batches):
        """Mean loss of each network on its own batch of (x, y, ...), (N,), for `side_by_side.train`.

        Every glimpse is asked for the digit. A learned eye gets besides, for every place that it drew, the share of
        right answers from there on, and the places that got more than was expected are made more likely.
        """
        x, y = (torch.stack([torch.as_tensor(b[k]) for b in batches]) for k in (0, 1))
        reading = self(x, explore=True)
        asked = y[..., None].expand(reading.logits.shape[:3])
        nats = cross_entropy(
            reading.logits.flatten(0, 2), asked.flatten(), reduction="none"
        )
        loss = nats.view(asked.shape).mean((1, 2))
        if reading.log_p is not None:
            right = (reading.logits.argmax(-1) == asked).float()
            loss = loss + self.eye_loss(reading, right[..., 1:])
        return loss

    def eye_loss(self, reading, right):
        """REINFORCE with a learned baseline: log_p (N, B, T - 1) of places, right (N, B, T - 1) after each -> (N,).

        A place's reward is the share of right answers from there on. The slope of the mean reward has their number, over
        the same T - 1 for all; by the share, late places weigh more.
        """
        ahead = torch.arange(right.shape[-1], 0, -1)
        reward = right.flip(-1).cumsum(-1).flip(-1) / ahead
        better = (reward - reading.value).detach()
        teach_eye = -(better * reading.log_p).mean((1, 2))
        teach_value = ((reward - reading.value) ** 2).mean((1, 2)) / 2
        return teach_eye + teach_value


@torch.no_grad()
def accuracy(readers, x, y):
    """Share of right answers of each network after each glimpse: pictures x (B, S, S), y (B,) -> (N, T)."""
    x, y = torch.as_tensor(x), torch.as_tensor(y)
    reading = readers(x.expand(len(readers.seeds), *x.shape))
    return (reading.logits.argmax(-1) == y[:, None]).float().mean(1)
