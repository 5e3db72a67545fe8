"""From probabilities to text: greedy, temperature, top-k, top-p, beam search."""

import math

import torch
from torch.nn.functional import log_softmax, softmax


def next_distribution(logits, temperature=1.0, top_k=None, top_p=None):
    """Turn scores into the distribution that the next character is drawn from.

    Arguments:
        logits: scores, (..., V).
        temperature: divides the scores; below 1 sharpens, above 1 flattens.
        top_k: keep the k most probable characters, at least one.
        top_p: keep the smallest set whose probability reaches p, above 0 to 1.

    Returns:
        probabilities, (..., V); what is cut off has exactly 0, the rest is scaled to sum to 1.

    Raises:
        ValueError: an option is out of range.

    Source: top-k: Fan et al. (2018); top-p (nucleus): Holtzman et al. (2020).
    """
    check_options(temperature, top_k, top_p)
    # At most 0, so that however low the temperature, no score becomes infinite or undefined.
    scores = logits - logits.amax(dim=-1, keepdim=True)
    p = softmax(scores / max(temperature, torch.finfo(scores.dtype).tiny), dim=-1)
    ranked, order = p.sort(dim=-1, descending=True)
    keep = torch.ones_like(ranked, dtype=torch.bool)
    if top_k is not None:
        keep[..., top_k:] = False
    if top_p is not None and top_p < 1:
        # Kept while the characters before it fall short of p: so the first always is.
        keep &= ranked.cumsum(dim=-1) - ranked < top_p
    ranked = ranked * keep
    p = torch.zeros_like(p).scatter(-1, order, ranked)
    return p / p.sum(dim=-1, keepdim=True)


def check_options(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Raise ValueError unless the decoding options are in range."""
    if not (temperature > 0 and math.isfinite(temperature)):
        raise ValueError(f"temperature: expected more than 0, got {temperature!r}")
    if top_k is not None and (not isinstance(top_k, int) or top_k < 1):
        raise ValueError(f"top_k: expected a whole number from 1, got {top_k!r}")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p: expected above 0 to 1, got {top_p!r}")


@torch.no_grad()
def generate(model, prefix, length, generator=None, greedy=False, **options):
    """Write on from a prefix, one character at a time; each is fed back as the next input.

    Arguments:
        model: a CharLM in evaluation mode.
        prefix: integers, (B, P) with P >= 1: B texts written side by side.
        length: characters to add.
        generator: torch.Generator that draws; the global one if None.
        greedy: take the most probable character instead of drawing one.
        options: temperature, top_k and top_p of `next_distribution`.

    Yields:
        length times the next characters, integers (B,).

    Raises:
        ValueError: the prefix is empty, or an option is out of range.
    """
    check_prefix(prefix)
    logits, state = model(prefix)
    for _ in range(length):
        scores = logits[:, -1]  # (B, V)
        if greedy:
            token = scores.argmax(dim=-1)
        else:
            p = next_distribution(scores, **options)
            token = torch.multinomial(p, 1, generator=generator)[:, 0]
        yield token
        logits, state = model(token[:, None], state)


@torch.no_grad()
def beam_search(model, prefix, length, width=5):
    """Search for the most probable continuation, keeping the `width` best at every step.

    Arguments:
        model: a CharLM in evaluation mode.
        prefix: integers, (P,) with P >= 1.
        length: characters to add; every hypothesis has this length, so none needs a length penalty.
        width: hypotheses kept; 1 is greedy decoding.

    Returns:
        the best continuation, integers (length,), and its log-probability in nats, float.

    Raises:
        ValueError: the prefix is empty or the width below 1.
    """
    check_prefix(prefix[None])
    if not isinstance(width, int) or width < 1:
        raise ValueError(f"width: expected a whole number from 1, got {width!r}")
    logits, state = model(prefix[None])
    total = torch.zeros(1, device=prefix.device)  # log-probability of each hypothesis
    beams = prefix.new_zeros(1, 0)  # (hypotheses, characters so far)
    for _ in range(length):
        scores = total[:, None] + log_softmax(logits[:, -1], dim=-1)  # (hypotheses, V)
        total, best = scores.flatten().topk(min(width, scores.numel()))
        parent, token = best // scores.shape[1], best % scores.shape[1]
        beams = torch.cat([beams[parent], token[:, None]], dim=1)
        logits, state = model(token[:, None], select_batch(state, parent))
    return beams[0], total[0].item()


def select_batch(state, rows):
    """Take these rows of a recurrent state, (L, B, H), or of an LSTM's pair of them."""
    if isinstance(state, tuple):
        return tuple(part[:, rows] for part in state)
    return state[:, rows]


def check_prefix(prefix: torch.Tensor) -> None:
    """Raise ValueError unless there is at least one character to start from."""
    if prefix.ndim != 2 or prefix.shape[1] < 1:
        raise ValueError(
            f"prefix: expected (B, P) with P >= 1, got {tuple(prefix.shape)}"
        )
