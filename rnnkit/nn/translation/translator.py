"""The encoder-decoder: readers over the source, a writer over the target, and what joins the two."""

from typing import ClassVar

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rnnkit.nn.config import SIZE, Rule, check_config, one_of
from rnnkit.nn.layers import reverse
from rnnkit.nn.translation.attention import ATTENTIONS, Memory

PAD, START, END = (
    0,
    1,
    2,
)  # the numbers of these three; the alphabet's characters follow
READERS = ("forward", "backward", "both")
ALPHABET = Rule(
    "a str of different characters, at least one",
    lambda value: isinstance(value, str) and 0 < len(value) == len(set(value)),
)


class Translator(nn.Module):
    """A GRU that reads and a GRU that writes, character by character, with or without attention.

    The decoder's state after reading the last written character is the query. What it is answered with, the
    context, and the state together choose the next character. The context does not flow back into the state, so
    in training all steps are computed at once.

    Arguments:
        alphabet: every character of source and target, a str.
        attention: "none", the encoder's last state is the context of every step; "additive" or "multiplicative".
        readers: "forward", "backward", which is the source reversed, or "both".
        start: the decoder's first state: "zeros", or computed from the encoder's "last" states.
        embedding_size, hidden_size: E and H, of each GRU; attention_size: A.

    Raises:
        ValueError: a setting does not follow the rules.

    Source: Sutskever et al. (2014), Cho et al. (2014), Bahdanau et al. (2015); the place of the query: Luong et
    al. (2015), section 3.
    """

    rules: ClassVar = {
        "alphabet": ALPHABET,
        "attention": one_of(*ATTENTIONS),
        "readers": one_of(*READERS),
        "start": one_of("zeros", "last"),
        "embedding_size": SIZE,
        "hidden_size": SIZE,
        "attention_size": SIZE,
    }

    def __init__(
        self,
        alphabet,
        attention="additive",
        readers="both",
        start="zeros",
        embedding_size=32,
        hidden_size=64,
        attention_size=64,
    ):
        super().__init__()
        settings = {
            "alphabet": alphabet,
            "attention": attention,
            "readers": readers,
            "start": start,
            "embedding_size": embedding_size,
            "hidden_size": hidden_size,
            "attention_size": attention_size,
        }
        # What builds this model again: checkpoints store it.
        self.config = check_config(settings, self.rules)
        self.alphabet, self.readers = alphabet, readers
        E, H, A = embedding_size, hidden_size, attention_size
        K = 2 * H if readers == "both" else H
        V = 3 + len(alphabet)
        self.embedding = nn.Embedding(V, E)
        if readers != "backward":
            self.ahead = nn.GRU(E, H, batch_first=True)
        if readers != "forward":
            self.back = nn.GRU(E, H, batch_first=True)
        if start == "last":
            self.bridge = nn.Linear(K, H)
        self.decoder = nn.GRU(E, H, batch_first=True)
        self.attention = ATTENTIONS[attention](H, K, A)
        self.mix = nn.Linear(H + K, H)
        self.output = nn.Linear(H, V)

    def encode(self, source, mask):
        """Read: source integers (B, S), mask (B, S) -> the decoder's first state (B, H), and a Memory."""
        x, states, ends = self.embedding(source), [], []  # x (B, S, E)
        if self.readers != "backward":
            h = self.ahead(x)[0]  # (B, S, H)
            states.append(h)
            ends.append(at_end(h, mask))
        if self.readers != "forward":
            h = reverse(self.back(reverse(x, mask))[0], mask)
            states.append(h)
            ends.append(h[:, 0])  # this reader ends where the text begins
        keys, last = torch.cat(states, dim=-1), torch.cat(ends, dim=-1)
        return self.first_state(last), Memory(keys, mask, last)

    def first_state(self, last):
        """The decoder's state before the first character: last (B, K) -> (B, H)."""
        if self.config["start"] == "last":
            return torch.tanh(self.bridge(last))
        return last.new_zeros(len(last), self.config["hidden_size"])

    def decode(self, written, state, memory):
        """Score the character after each of these.

        written integers (B, T), the first one START; state (B, H), from `encode` or an earlier call.
        Returns logits (B, T, V), the state after the last one, and weights (B, T, S), or None without attention.
        """
        h, last = self.decoder(self.embedding(written), state[None].contiguous())
        context, weights = self.attention(h, memory)
        mixed = torch.tanh(self.mix(torch.cat([h, context], dim=-1)))  # (B, T, H)
        return self.output(mixed), last[0], weights

    def forward(self, source, mask, target):
        """Teacher forcing: score every character of the target given the true ones before it.

        source (B, S), mask (B, S), target (B, T + 1), START ... END and PAD behind it.
        Returns logits (B, T, V), of target[:, 1:], and weights (B, T, S), or None.
        """
        state, memory = self.encode(source, mask)
        logits, _, weights = self.decode(target[:, :-1], state, memory)
        return logits, weights

    def loss(self, source, mask, target):
        """Mean cross-entropy of a target's character and its END, nats; what is PAD does not count."""
        logits, _ = self(source, mask, target)
        wanted = target[:, 1:].flatten()
        return cross_entropy(logits.flatten(0, 1), wanted, ignore_index=PAD)


def at_end(h, mask):
    """The state at each sequence's last real step: h (B, S, H) -> (B, H)."""
    return h[torch.arange(len(h), device=h.device), mask.sum(dim=1) - 1]
