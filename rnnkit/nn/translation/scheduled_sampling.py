"""Training on the model's own outputs now and then, instead of the true ones alone."""

from typing import Any

import torch
from torch.nn.functional import cross_entropy

from rnnkit.nn.translation.pairs import PairSet
from rnnkit.nn.translation.translator import PAD, Translator


def scheduled_loss(model, source, mask, target, share, rng):
    """As `Translator.loss`, but each character that the decoder reads is its own with a probability, `share`.

    Its own is drawn from its distribution; the true one is read otherwise. No gradient flows through the draw.
    share = 0 is teacher forcing. rng: torch.Generator that draws.

    Source: Bengio et al. (2015), section 2.4.
    """
    state, memory = model.encode(source, mask)
    character, scores = target[:, :1], []
    for t in range(1, target.shape[1]):
        logits, state, _ = model.decode(character, state, memory)
        scores.append(logits)
        p = torch.softmax(logits[:, -1].detach(), dim=-1)
        own = torch.multinomial(p, 1, generator=rng)
        coin = torch.rand(own.shape, generator=rng) < share
        character = torch.where(coin, own, target[:, t : t + 1])
    logits = torch.cat(scores, dim=1).flatten(0, 1)
    return cross_entropy(logits, target[:, 1:].flatten(), ignore_index=PAD)


class ScheduledPairs(PairSet):
    """A PairSet whose loss reads more and more of the model's own characters: the share rises in a line.

    Arguments: pairs: as of PairSet; steps: how long the training is; most: the share at its end.
    """

    def __init__(
        self, *pairs: Any, steps: int, most: float = 0.5, **options: Any
    ) -> None:
        super().__init__(*pairs, **options)
        self.steps, self.most, self.step = steps, most, 0

    def loss(self, model: Translator) -> torch.Tensor:
        share = self.most * self.step / self.steps
        self.step += 1
        source, mask, target = self.batch()
        return scheduled_loss(model, source, mask, target, share, self.rng)

    def state_dict(self) -> dict:
        return super().state_dict() | {"step": torch.tensor(self.step)}

    def load_state_dict(self, state: dict) -> None:
        super().load_state_dict(state)
        self.step = int(state["step"])
