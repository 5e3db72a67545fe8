"""Train the two readers of chapter 9's explorable, and measure what each knows of text that none has seen.

    python -m experiments.two_readers           what the shipped readers know, by the kind of place
    python -m experiments.two_readers ship      rnnkit/nn/shipped/two_readers.safetensors, seven minutes on one core

One GRU reads from the left, one from the right; an output on the states of both fills the gap between them. The three
losses are added up. A passage is cut out of the plays from where one word begins to where another ends, and nothing
beyond it is known; now and then a character is covered, so that the readers learn to read past a gap. The first nine
tenths of the text train, the last tenth is held out: no word of it had a say in the training.
"""

import hashlib
import re
from functools import cache

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from experiments.harness import Experiment, main, rounded, versions
from rnnkit.data.shakespeare import load_shakespeare
from rnnkit.nn.text.chunks import bits
from rnnkit.nn.text.two_readers import SHIPPED, TwoReaders, load_readers, save_readers
from rnnkit.nn.text.vocabulary import Vocabulary
from rnnkit.nn.training import Training, fit

ALPHABET = " !',-.:;?abcdefghijklmnopqrstuvwxyz"
LONGEST = 80  # characters of a passage
COVERED = 0.03  # share of the characters that the readers do not see in training
SPEAKER = re.compile(r"^[^a-z\n]+:$", re.MULTILINE)
READERS = ("forward", "backward", "both")
PLACES = ("first", "inner", "last", "only", "blank", "mark")


@cache
def load(characters=None):
    """The speeches without their speakers, as a str over ALPHABET: small letters, one space where there were several."""
    text = SPEAKER.sub("", load_shakespeare()[:characters]).lower()
    text = "".join(c for c in re.sub(r"\s+", " ", text) if c in ALPHABET)
    return re.sub(" +", " ", text).strip()


class Passages:
    """Random passages of a text as batches for TwoReaders.

    text: str over ALPHABET. batch_size: B. covered: share of the characters that are covered. seed: of what is drawn.
    Raises ValueError when the text is too short for a passage.
    """

    def __init__(self, text, batch_size, covered=COVERED, seed=0):
        self.tokens = Vocabulary(ALPHABET).encode(text)
        blanks = torch.nonzero(self.tokens == ALPHABET.index(" ")).flatten()
        self.starts = blanks[blanks < len(text) - LONGEST - 1] + 1
        if not len(self.starts):
            raise ValueError(
                f"text: expected more than {LONGEST} characters, got {len(text)}"
            )
        self.batch_size, self.covered = batch_size, covered
        self.rng = torch.Generator().manual_seed(seed)

    def draw(self):
        """What the readers see (B, T), what stands there, and each passage's length (B,), which ends with a word."""
        picks = torch.randint(len(self.starts), (self.batch_size,), generator=self.rng)
        spans = self.starts[picks][:, None] + torch.arange(LONGEST + 1)
        targets = self.tokens[spans]
        is_blank = targets == ALPHABET.index(" ")
        lengths = (is_blank * torch.arange(LONGEST + 1)).max(dim=1).values.clamp(min=1)
        targets = targets[:, :LONGEST]
        hidden = torch.rand(targets.shape, generator=self.rng) < self.covered
        return targets.masked_fill(hidden, len(ALPHABET)), targets, lengths

    def losses(self, model):
        """Nats of every character of the next batch by each reader, (N,) three times, and the characters, (N,)."""
        seen, targets, lengths = self.draw()
        real = torch.arange(LONGEST) < lengths[:, None]
        return [
            cross_entropy(logits[real], targets[real], reduction="none")
            for logits in model(seen, lengths)
        ], (targets, real)

    def loss(self, model):
        """The sum of the readers' mean losses on the next batch, in nats per character."""
        return torch.stack([loss.mean() for loss in self.losses(model)[0]]).sum()

    def state_dict(self) -> dict:
        """Return the state of what is drawn."""
        return {"rng": self.rng.get_state()}

    def load_state_dict(self, tensors: dict) -> None:
        """Go on from where `state_dict` was called."""
        self.rng.set_state(tensors["rng"])


def places(targets, real):
    """What kind of place each real character holds, an index into PLACES: targets (B, T), real (B, T) -> (N,).

    A letter is the first of its word, an inner one, the last, or the only one; the rest are blanks and marks.
    """
    letters = [c.isalpha() for c in ALPHABET]
    letter = torch.tensor(letters)[targets] & real
    before = torch.zeros_like(letter)
    before[:, 1:] = letter[:, :-1]
    after = torch.zeros_like(letter)
    after[:, :-1] = letter[:, 1:]
    kind = torch.where(before, torch.where(after, 1, 2), torch.where(after, 0, 3))
    other = torch.where(targets == ALPHABET.index(" "), 4, 5)
    return torch.where(letter, kind, other)[real]


@torch.no_grad()
def figures(model, text, passages):
    """What the readers know of held-out passages, in bits per character: of all characters, and by their place."""
    data = Passages(text, passages, covered=0.0, seed=1)
    losses, found = data.losses(model)
    kinds = places(*found)
    found = {"characters": len(kinds), "share": {}, "bits": {}}
    for k, place in enumerate(PLACES):
        found["share"][place] = (kinds == k).float().mean().item()
    for reader, loss in zip(READERS, losses, strict=True):
        by_place = {
            place: bits(loss[kinds == k].mean().item())
            for k, place in enumerate(PLACES)
            if (kinds == k).any()
        }
        found["bits"][reader] = {"all": bits(loss.mean().item()), **by_place}
    forward, backward, both = (np.asarray(loss) for loss in losses)
    found["best"] = {
        "backward": float((backward < forward).mean()),
        "both": float((both < np.minimum(forward, backward)).mean()),
    }
    return rounded(found)


def shipped(known, file=SHIPPED, passages=4000, characters=None):
    """The shipped readers on held-out passages."""
    text = load(characters)
    return figures(load_readers(file)[0], text[len(text) * 9 // 10 :], passages)


def ship(
    file=SHIPPED, hidden_size=128, joint_size=64, steps=5000, characters=None, test=500
):
    """Train the readers that come with the package, and write them."""
    batch_size, lr, seed = 32, 5e-3, 0
    text = load(characters)
    cut = len(text) * 9 // 10
    torch.manual_seed(seed)
    model = TwoReaders(len(ALPHABET), hidden_size, joint_size)
    training = Training(model, Passages(text[:cut], batch_size), steps=steps, lr=lr)
    fit(training)
    model.eval()
    metadata = {
        "command": f"{EXPERIMENT.command} ship",
        "text": {
            "name": "plays, speeches alone",
            "length": len(text),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        },
        "training": {
            "steps": steps,
            "batch_size": batch_size,
            "lr": lr,
            "covered": COVERED,
            "seed": seed,
        },
        "figures": figures(model, text[cut:], test),
        "versions": versions(),
    }
    save_readers(file, model, Vocabulary(ALPHABET), metadata)
    found = {k: v["all"] for k, v in metadata["figures"]["bits"].items()}
    print(found, f"{training.history.seconds:.0f} s", flush=True)


EXPERIMENT = Experiment(
    "two_readers",
    parts={"shipped": shipped},
    ships={"ship": ship},
    about={
        "text": "load_shakespeare() without speakers, over a small alphabet: first nine tenths train, last tenth is held out",
        "longest": LONGEST,
    },
)

if __name__ == "__main__":
    main(EXPERIMENT, __doc__)
