"""What a captioner is trained on, and how it writes: batches, greedy decoding, beam search."""

from collections.abc import Iterable

import torch
from torch.nn.functional import log_softmax

from rnnkit.nn.attention import Glances
from rnnkit.nn.captioner import END, IGNORE, START, Captioner

LONGEST = 10  # words of a caption, <END> included


class CaptionSet:
    """Random batches of pictures, each with one of its true captions, for `rnnkit.nn.training.Training`.

    Arguments:
        regions: the encoder's vectors, (N, R, C).
        captions: for each picture the list of its captions, strings of words.
        words: the model's vocabulary, `Captioner.words`.
        batch_size, seed: whole numbers.

    Raises:
        ValueError: numbers of pictures differ, a picture has no caption, or a word is unknown.
    """

    def __init__(
        self,
        regions: torch.Tensor,
        captions: list[list[str]],
        words: list[str],
        batch_size: int = 128,
        seed: int = 0,
    ) -> None:
        if len(regions) != len(captions):
            raise ValueError(
                f"captions: expected one list for each of {len(regions)} pictures, got {len(captions)}"
            )
        if not all(captions):
            raise ValueError(
                "captions: expected at least one for every picture, got none"
            )
        rows = [caption for choice in captions for caption in choice]
        self.captions = encode_captions(rows, words)
        self.number = torch.tensor([len(choice) for choice in captions])
        self.begin = self.number.cumsum(0) - self.number  # row of a picture's first one
        self.regions, self.batch_size = regions, batch_size
        self.rng = torch.Generator().manual_seed(seed)

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw regions (B, R, C) and captions (B, T + 1), for `Captioner.loss`."""
        B = self.batch_size
        i = torch.randint(len(self.regions), (B,), generator=self.rng)
        choice = torch.rand(B, generator=self.rng) * self.number[i]
        return self.regions[i], self.captions[self.begin[i] + choice.long()]

    def loss(self, model: Captioner) -> torch.Tensor:
        return model.loss(*self.batch())

    def state_dict(self) -> dict:
        return {"rng": self.rng.get_state()}

    def load_state_dict(self, state: dict) -> None:
        self.rng.set_state(state["rng"])


def encode_captions(captions: list[str], words: list[str]) -> torch.Tensor:
    """N captions -> integers (N, T + 1): <START>, the words, <END>, then IGNORE to the longest one's end.

    Raises ValueError for a word that is not in the vocabulary.
    """
    index = {word: i for i, word in enumerate(words)}
    unknown = {w for c in captions for w in c.split()} - set(words)
    if unknown:
        raise ValueError(f"captions: expected known words, got {sorted(unknown)}")
    rows = [[START, *(index[w] for w in c.split()), END] for c in captions]
    encoded = torch.full((len(rows), max(map(len, rows))), IGNORE)
    for i, row in enumerate(rows):
        encoded[i, : len(row)] = torch.tensor(row)
    return encoded


def decode_caption(indices: Iterable[int], words: list[str]) -> list[str]:
    """Integers -> the caption's words, a list of strings, up to <END>."""
    indices = [int(i) for i in indices]
    end = indices.index(END) if END in indices else len(indices)
    return [words[i] for i in indices[:end]]


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
