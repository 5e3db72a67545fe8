"""Captioning with soft attention: at every word the network looks at the picture, twice."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy, dropout

from rnnkit.nn.attention import BARRED, Sight, SoftAttention, stacked_attention
from rnnkit.nn.captioning.captioner import Captioner, Output
from rnnkit.nn.config import PRICE, SHARE, SIZE, one_of


class AttentionCaptioner(Captioner):
    """Soft attention, several glances at every word: a relation is between two places.

    The LSTM reads words alone, so all it knows is what has been said. Its state asks for the first glance; the
    state and what that glance showed ask for the next. The word is chosen from the state, from *where* every
    glance fell, and from *what* the last one showed: so that is the one that names things. Nothing that was
    seen is carried on to the next word. (Xu et al. have one glance and feed it to the LSTM, which can then
    name what it saw some words ago.)

    Arguments: glances: G, how many at every word; attention_size: the length A of keys and values;
    calm: the price of large scores, see `loss`; dropout: share of the state that the choice of a word
    does without in training, so that it relies on what it sees more than on what is usually said; contexts:
    "last", or "all" if the word is chosen from what every glance showed.

    Source: Xu et al. (2015); several glances: Yang et al. (2016), "stacked attention".
    """

    rules = Captioner.rules | {
        "glances": SIZE,
        "attention_size": SIZE,
        "calm": PRICE,
        "dropout": SHARE,
        "contexts": one_of("last", "all"),
    }

    def __init__(
        self,
        words,
        glances=2,
        attention_size=64,
        calm=0.006,
        dropout=0.0,
        contexts="last",
        **sizes,
    ):
        own = {"glances": glances, "attention_size": attention_size, "calm": calm}
        super().__init__(words, **own, dropout=dropout, contexts=contexts, **sizes)
        C, D, H = (
            self.config[n] for n in ("channels", "embedding_size", "hidden_size")
        )
        A = attention_size
        self.sight = Sight(self.config["regions"], C, A)
        self.rnn = nn.LSTM(D, H, batch_first=True)
        self.looks = nn.ModuleList(self.look(H + g * A, A) for g in range(glances))
        shown = glances if contexts == "all" else 1
        waves = self.sight.where.shape[1]
        self.output = Output(H + glances * waves + shown * A, H, len(self.words))

    def look(self, query_size, size):
        """The attention of one glance."""
        return SoftAttention(query_size, size)

    def see(self, regions):
        return self.sight(regions)

    def choose(self, states, x, keys, values):
        contexts, glances = stacked_attention(
            self.looks, states, keys, values, self.bar
        )
        shown = contexts if self.config["contexts"] == "all" else contexts[-1:]
        places = (glances.weights @ self.sight.where).flatten(2)  # (B, T, G * 14)
        said = dropout(states, self.config["dropout"], self.training)
        return self.output(torch.cat([said, places, *shown], dim=-1)), glances

    def bar(self, weights):
        """Where a word's next glance must not fall, given its earlier ones' weights: nowhere, None."""
        return None

    def loss(self, regions, captions):
        """As `Captioner.loss`, plus a small price on large scores.

        A softmax of large scores is all but one 1, and its derivative all but zero: a glance that has
        settled on a wrong region too early would stay there.
        """
        words, targets = captions[:, :-1].clamp(min=0), captions[:, 1:]
        logits, _, glances = self(words, self.start(regions))
        price = cross_entropy(logits.flatten(0, 1), targets.flatten())
        return price + self.config["calm"] * mean_square(glances.scores)


def mean_square(scores):
    """How large the scores of all glances are, those of barred regions left out: one number."""
    scores = torch.stack(scores)
    return scores.masked_fill(scores == BARRED, 0).square().mean()
