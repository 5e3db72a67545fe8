"""How a translator writes: the likeliest character each time, or beam search."""

import torch
from torch.nn.functional import log_softmax

from rnnkit.nn.translation.attention import Memory
from rnnkit.nn.translation.pairs import decode_targets, encode_sources
from rnnkit.nn.translation.translator import END, PAD, START


@torch.no_grad()
def greedy(model, source, mask, longest=12):
    """Write a target for each source, always the likeliest next character.

    source (B, S), mask (B, S). Returns integers (B, T), PAD behind an END, and weights (B, T, S), or None without
    attention; T is at most `longest`, END included.
    """
    state, memory = model.encode(source, mask)
    character = torch.full((len(source), 1), START)
    ended = torch.zeros(len(source), 1, dtype=torch.bool)
    written, looked = [], []
    for _ in range(longest):
        logits, state, weights = model.decode(character, state, memory)
        character = logits.argmax(dim=-1).masked_fill(ended, PAD)  # (B, 1)
        ended = ended | (character == END)
        written.append(character)
        looked.append(weights)
        if ended.all():
            break
    tokens = torch.cat(written, dim=1)
    return tokens, None if looked[0] is None else torch.cat(looked, dim=1)


def length_penalty(length, alpha):
    """What a log-probability is divided by: ((5 + length) / 6) ** alpha; length counts the END.

    Source: Wu et al. (2016), equation 14.
    """
    return ((5 + length) / 6) ** alpha


@torch.no_grad()
def beam_search(model, source, width=5, alpha=0.0, longest=12):
    """Search for the target with the highest score, keeping the `width` likeliest at every step.

    The score is the log-probability over `length_penalty`; alpha = 0 leaves the log-probability as it is.

    source: one source without padding, integers (S,). Returns integers (T,), END included unless it never came,
    and the score.
    Raises ValueError unless the width is a whole number from 1 and alpha a number from 0.
    """
    if not isinstance(width, int) or width < 1:
        raise ValueError(f"width: expected a whole number from 1, got {width!r}")
    if not alpha >= 0:
        raise ValueError(f"alpha: expected a number from 0, got {alpha!r}")
    state, memory = model.encode(source[None], torch.ones(1, len(source)).bool())
    beams, total, ended = torch.tensor([[START]]), torch.zeros(1), []
    for length in range(1, longest + 1):
        shared = Memory(*(part.expand(len(beams), *part.shape[1:]) for part in memory))
        logits, state, _ = model.decode(beams[:, -1:], state, shared)
        scores = total[:, None] + log_softmax(logits[:, -1], dim=-1)  # (beams, V)
        total, best = scores.flatten().topk(min(width, scores.numel()))
        parent, character = best // scores.shape[1], best % scores.shape[1]
        beams = torch.cat([beams[parent], character[:, None]], dim=1)
        done = character == END
        penalty = length_penalty(length, alpha)
        ended += zip((total[done] / penalty).tolist(), beams[done], strict=True)
        beams, total, state = beams[~done], total[~done], state[parent][~done]
        # The best that is alive could at most keep its log-probability up to the longest length.
        hope = total.max() / length_penalty(longest, alpha) if len(beams) else -1e9
        if ended and max(e[0] for e in ended) >= hope:
            break
    else:
        ended += zip((total / penalty).tolist(), beams, strict=True)  # never ended
    score, target = max(ended, key=lambda e: e[0])
    return target[1:], score


@torch.no_grad()
def translate(model, texts, longest=12, batch_size=500):
    """Greedy translations of N texts, and for each the weights (T, S) of its own length, or None."""
    written, looked = [], []
    for i in range(0, len(texts), batch_size):
        source, mask = encode_sources(texts[i : i + batch_size], model.alphabet)
        tokens, weights = greedy(model, source, mask, longest)
        written += decode_targets(tokens, model.alphabet)
        for k in range(len(source)):
            looked.append(None if weights is None else weights[k, :, : mask[k].sum()])
    return written, looked
