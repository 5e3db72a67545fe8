"""Language models: what a loss is worth, and what to do with a distribution."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np

from rnnkit.exam.question import Drawn, question
from rnnkit.functional import cross_entropy_forward, log_softmax, softmax

WORDS = ["hello", "banana", "pepper", "lesson", "minimum", "indeed", "cocoon", "murmur"]


@question("Three units, one number", level=1, chapters=[4])
def units(draw):
    nats, perplexity = draw.steps(1.2, 1.8, 0.02), draw.steps(3.4, 6, 0.1)
    bits = draw.steps(1.8, 2.5, 0.02)
    in_nats = {"A": nats, "B": math.log(perplexity), "C": bits * math.log(2)}
    return Drawn(
        r"""
        On the same text, per character, model A reports <<nats>> nats, model B a perplexity of <<perplexity>>, model C
        <<bits>> bits.

        (a) Turn all three into nats and name the best model.
        (b) What perplexity has a model that knows nothing, with <<V>> characters?
        (c) Model D reports a smaller number on *another* text. What may be said?
        """,
        r"""
        (a) A <<A:.3f>>, B <<B:.3f>>, C <<C:.3f>>: model <<best>>.
        (b) <<V>>: it gives every character $1/<<V>>$.
        (c) Nothing about the models, before a simple model, such as counted 5-grams, has been measured on both texts.
        """,
        [
            (3, "(a) two conversions and the choice"),
            (1, "(b)"),
            (1, "(c) another text is another scale"),
        ],
        {"nats": nats, "perplexity": perplexity, "bits": bits, "V": draw.whole(40, 90)},
        in_nats,
        {"best": min(in_nats, key=in_nats.get)},
    )


@question("The floor without a state", level=2, chapters=[4, 2])
def floor(draw):
    word = draw.one_of(WORDS)
    pairs = list(pairwise(word))
    letters = sorted(set(word))
    counts = np.array([[Counter(pairs)[a, b] for b in letters] for a in letters], float)
    source = np.array([letters.index(a) for a, _ in pairs])
    target = np.array([letters.index(b) for _, b in pairs])
    with np.errstate(divide="ignore", invalid="ignore"):
        table = np.log(counts / counts.sum(axis=1, keepdims=True))
    scores = np.maximum(table[source], -1e3)[None]
    loss, _ = cross_entropy_forward(scores, target[None])
    return Drawn(
        r"""
        A network reads the letters of “<<word>>” one by one and predicts the next letter, <<N>> predictions in all, every time
        from an empty start.

        (a) The network has no recurrent weights. Derive the smallest mean loss, in nats, that it can reach.
        (b) What is the smallest loss with recurrent weights, and what must the state hold to reach it?
        """,
        r"""
        (a) The prediction is a function of the current letter; the best one gives each successor its share. A letter with
        one successor costs nothing. Averaged over the <<N>> predictions: <<loss:.3f>> nats.
        (b) 0: each prefix of the word determines the next letter, and the state must tell apart the places at which the same
        letter has different successors.
        """,
        [
            (3, "(a) the best conditional shares, and the mean over predictions"),
            (2, "(b) zero, and what the state holds"),
        ],
        {"word": word},
        {"loss": loss},
        {"N": len(word) - 1},
    )


@question("Temperature", level=1, chapters=[4])
def temperature(draw):
    scores, T = draw.steps(-1.5, 3, 0.5, 3), draw.one_of([0.5, 2.0, 0.25])
    return Drawn(
        r"""
        A model gives three characters the logits $<<scores>>$.

        (a) Compute the probabilities at temperature 1 and at temperature <<T>>.
        (b) By which factor does the ratio of the largest to the smallest probability change?
        (c) What does temperature tend to as it goes to 0, and as it grows without bound?
        """,
        r"""
        (a) $<<plain:.3f>>$ and $<<tempered:.3f>>$.
        (b) The ratio is $e^{(s_{\max} - s_{\min})/T}$; the factor is <<factor:.3f>>.
        (c) To the most probable character every time (greedy); to the uniform distribution.
        """,
        [(3, "(a)"), (1, "(b)"), (1, "(c) both")],
        {"scores": scores, "T": T},
        {
            "plain": softmax(scores),
            "tempered": softmax(scores / T),
            "factor": math.exp((scores.max() - scores.min()) * (1 / T - 1)),
        },
    )


@question("Top-k and top-p", level=1, chapters=[4])
def nucleus(draw):
    p, k = draw.shares(5), draw.whole(2, 4)
    while True:
        level = draw.one_of([0.5, 0.6, 0.7, 0.75, 0.8, 0.9])
        if np.abs(np.cumsum(p) - level).min() > 1e-6:
            break
    kept = int((np.cumsum(p) - p < level).sum())
    return Drawn(
        r"""
        The next character has the probabilities $<<p>>$, largest first.

        (a) Which probabilities remain, after scaling to 1, with top-k at $k = <<k>>$?
        (b) And with top-p at <<level>>? Top-p keeps the fewest characters that together reach this share.
        (c) A held-out text is scored under the cut distribution of (b). Why can its loss be infinite, and does that forbid to
        *write* with it?
        """,
        r"""
        (a) $<<top_k:.3f>>$.
        (b) The first <<kept>> remain: $<<top_p:.3f>>$.
        (c) A character that was cut has probability 0, and such characters do occur. As a description of the text it is wrong;
        for writing, cutting the tail removes many of the model's errors.
        """,
        [(1, "(a)"), (2, "(b) how many, and scaled"), (2, "(c) both halves")],
        {"p": p, "k": k, "level": level},
        {
            "top_k": p[:k] / p[:k].sum(),
            "kept": kept,
            "top_p": p[:kept] / p[:kept].sum(),
        },
    )


@question("What the model pays, and what it must", level=2, chapters=[4])
def divergence(draw):
    counts = draw.some_of([8, 6, 4, 2], 3)
    N = sum(counts)
    model = draw.shares(3, step=0.1)
    model = np.array(draw.some_of(list(model), 3))
    targets = np.repeat([0, 1, 2], counts)[None]

    def loss(p):
        return cross_entropy_forward(np.tile(np.log(p), (1, N, 1)), targets)[0]

    share = np.array(counts) / N
    return Drawn(
        r"""
        In a text of <<N>> characters a, b and c occur <<counts>> times. A model gives them, everywhere, the probabilities
        $<<model>>$.

        (a) What does it pay per character, in nats?
        (b) What is the least that a model without context can pay here?
        (c) What is the difference called, and why can it not be negative?
        """,
        r"""
        (a) $<<paid:.4f>>$.
        (b) The entropy of the shares: $<<least:.4f>>$.
        (c) The Kullback-Leibler divergence, <<excess:.4f>>. Since $\ln x \le x - 1$,
        $\sum_k p_k \ln (q_k / p_k) \le \sum_k q_k - 1 = 0$.
        """,
        [(2, "(a)"), (1, "(b)"), (1, "(c) the name"), (2, "(c) the inequality")],
        {"N": N, "counts": ", ".join(map(str, counts)), "model": model},
        {
            "paid": loss(model),
            "least": loss(share),
            "excess": loss(model) - loss(share),
        },
        {"tally": counts},
    )


@question("Feed the whole softmax back?", level=3, chapters=[4])
def fed_back(draw):
    n, length = draw.whole(3, 8), draw.whole(3, 5)
    log_p = log_softmax(np.zeros(n))[0]
    return Drawn(
        r"""
        A language consists of <<n>> words of <<length>> letters, all equally likely, and no letter occurs in two words or
        twice in one. Someone proposes: “Sampling one letter loses information. Feed the vector of probabilities back instead
        of the drawn letter.” Each letter that is written is then drawn from the network's output.

        (a) Drawn letters are fed back, and the model is perfect. How often is what it writes a word of the language?
        (b) A perfect average over all continuations would give, at every place, the marginal probabilities. If each letter is
        drawn from those, how often is the result a word?
        (c) What has been lost in (b)? And what does a real network do with such a vector?
        """,
        r"""
        (a) Always, probability 1.
        (b) The first letter fixes the word; each of the other <<others>> must fit it, with probability $1/<<n>>$ each:
        $<<word:.3e>>$.
        (c) The dependence between letters. A text is a joint choice; a vector of probabilities commits to nothing. A real
        network was never trained on such vectors, and need not compute that average: it answers to one strange input.
        """,
        [
            (1, "(a)"),
            (3, "(b) independent draws, first letter free"),
            (1, "(c) joint against marginal"),
            (1, "(c) an input unlike any in training"),
        ],
        {"n": n, "length": length},
        {"word": math.exp((length - 1) * log_p)},
        {"others": length - 1},
    )


@question("Two reports that do not fit together", level=3, chapters=[4])
def reports(draw):
    perplexity = 5 * draw.whole(8, 30)
    letters = draw.steps(4.8, 6.2, 0.1)
    bits = draw.steps(1.2, 2.2, 0.05)
    per_character = math.log2(perplexity) / letters
    return Drawn(
        r"""
        Paper P reports a perplexity of <<perplexity>> per word; its words have <<letters>> characters on average, the blank
        counted. Paper Q reports <<bits>> bits per character.

        (a) Turn P's result into bits per character.
        (b) Both are on the same text. May you conclude which model is better? Name two things to ask first.
        (c) On different texts: what single measurement would make the two comparable at all?
        """,
        r"""
        (a) $\log_2 <<perplexity>> / <<letters>> = <<per_character:.3f>>$.
        (b) Only if both predict the same characters: ask whether P replaces rare words by a token for unknown ones (that makes
        the task easier), and whether both hold out the same part. Also how often each model's settings were chosen on the
        part that is reported.
        (c) The same simple opponent on both, such as a counted n-gram model with the same smoothing.
        """,
        [(2, "(a)"), (3, "(b) no, and two sound questions"), (1, "(c)")],
        {"perplexity": perplexity, "letters": letters, "bits": bits},
        {"per_character": per_character},
    )
