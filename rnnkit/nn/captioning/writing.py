"""How a captioner writes: the likeliest word each time, or beam search; and what speaks for what it wrote."""

import torch
from torch.nn.functional import log_softmax

from rnnkit.nn.attention import Glances
from rnnkit.nn.captioning.captioner import END, START, Captioner

LONGEST = 10  # words of a caption, <END> included


@torch.no_grad()
def greedy(
    model: Captioner, regions: torch.Tensor, longest: int = LONGEST
) -> tuple[torch.Tensor, Glances | None]:
    """Write a caption for each picture, always the likeliest next word.

    regions (B, R, C). Returns integers (B, longest), whatever stands behind an <END> to be ignored
    (`decode_caption`); their Glances (B, longest, G, R), or None.
    """
    state = model.start(regions)
    word = torch.full((len(regions), 1), START)
    written, looked = [], []
    for _ in range(longest):
        logits, state, glances = model(word, state)
        word = logits.argmax(dim=-1)  # (B, 1)
        written.append(word)
        looked.append(glances)
    words = torch.cat(written, dim=1)
    if looked[0] is None:
        return words, None
    weights = torch.cat([g.weights for g in looked], dim=1)
    scores = zip(*(g.scores for g in looked), strict=True)
    return words, Glances(weights, tuple(torch.cat(s, dim=1) for s in scores))


@torch.no_grad()
def beam_search(model, regions, width=3, longest=LONGEST):
    """Search for the likeliest caption of one picture, keeping the `width` best at every step.

    regions (R, C). Returns integers (T,), <END> included, and their log-probability, nats.
    A caption that has ended stays in the race with the probability it ended with.
    Raises ValueError unless the width is a whole number from 1.
    """
    if not isinstance(width, int) or width < 1:
        raise ValueError(f"width: expected a whole number from 1, got {width!r}")
    state = model.start(regions[None])
    beams, total, ended = torch.tensor([[START]]), torch.zeros(1), []
    for _ in range(longest):
        logits, state, _ = model(beams[:, -1:], state)
        scores = total[:, None] + log_softmax(logits[:, -1], dim=-1)  # (hypotheses, V)
        total, best = scores.flatten().topk(min(width, scores.numel()))
        parent, word = best // scores.shape[1], best % scores.shape[1]
        beams = torch.cat([beams[parent], word[:, None]], dim=1)
        state = tuple(part[parent] for part in state)
        done = word == END
        ended += zip(total[done].tolist(), beams[done], strict=True)
        beams, total, state = beams[~done], total[~done], tuple(p[~done] for p in state)
        # Every further word costs probability: nothing alive can overtake the best that has ended.
        if not len(beams) or (ended and max(e[0] for e in ended) >= total.max()):
            break
    ended += zip(total.tolist(), beams, strict=True)  # what never ended
    score, caption = max(ended, key=lambda e: e[0])
    return caption[1:], score


@torch.no_grad()
def log_probability(
    model: Captioner, regions: torch.Tensor, words: torch.Tensor
) -> torch.Tensor:
    """Log-probability, nats, of captions words (B, T) given pictures (B, R, C), each up to its <END>."""
    logits, _, _ = model(shifted(words), model.start(regions))
    each = log_softmax(logits, dim=-1).gather(-1, words[..., None])[..., 0]
    alive = (shifted(words) == END).cumsum(dim=1) == 0
    return (each * alive).sum(dim=1)


def evidence(
    model: Captioner, regions: torch.Tensor, words: torch.Tensor
) -> torch.Tensor:
    """Which regions speak for each word: d log p(word) / d score of the last glance, (B, T, R).

    Positive where the word would become likelier, if the model looked there a little more. By the softmax
    it is weight * (value - context) . d log p / d context: large where the model looks *and* sees what it says.
    An attention captioner alone; regions (B, R, C), words integers (B, T).
    """
    logits, _, glances = model(shifted(words), model.start(regions))
    log_p = log_softmax(logits, dim=-1).gather(-1, words[..., None])
    # A word's probability depends on the scores at its own step alone: one sum serves all.
    return torch.autograd.grad(log_p.sum(), glances.scores[-1])[0]


def shifted(words: torch.Tensor) -> torch.Tensor:
    """What a model reads while it writes words (B, T): <START>, then all but the last."""
    return torch.cat([torch.full_like(words[:, :1], START), words[:, :-1]], dim=1)
