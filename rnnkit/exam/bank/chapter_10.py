"""Reader and writer: the one vector, attention, masks, search, and what pointing shows."""

import math

import numpy as np

from rnnkit.attention import (
    additive_scores_forward,
    attend_backward,
    attend_forward,
    multiplicative_scores_forward,
)
from rnnkit.exam.question import Drawn, question


@question("Additive attention by hand", level=1, chapters=[10])
def additive(draw):
    q, keys = draw.tenths(), draw.tenths(3)
    w_q, w_k, v = (
        draw.one_of([1.0, 2.0, -1.0]),
        draw.one_of([1.0, 2.0]),
        draw.one_of([1.0, 2.0, 3.0]),
    )
    scores, _ = additive_scores_forward(
        np.array([[q]]),
        keys[None, :, None],
        *(np.array([[w]]) for w in (w_q, w_k)),
        np.array([v]),
    )
    context, weights, _ = attend_forward(scores, keys[None, :, None])
    return Drawn(
        r"""
        Additive attention with scalars: $s_t = v \tanh(w_q q + w_k k_t)$, $w_q = <<w_q>>$, $w_k = <<w_k>>$, $v = <<v>>$,
        query $q = <<q>>$, keys $<<keys>>$, which serve as values too.

        (a) Compute the scores, the weights and the context.
        (b) In the backward pass the gradient of the query is a sum over the places and the gradient of a key is not. Why?
        (c) Which second gradient does a key receive here?
        """,
        r"""
        (a) Scores $<<scores:.3f>>$, weights $<<weights:.3f>>$, context $<<context:.3f>>$.
        (b) One query takes part in all scores, each key in one.
        (c) As a value: its weight times the gradient of the context.
        """,
        [(3, "(a)"), (1, "(b)"), (1, "(c)")],
        {"q": q, "keys": keys, "w_q": w_q, "w_k": w_k, "v": v},
        {"scores": scores[0], "weights": weights[0], "context": context[0, 0]},
    )


@question("The gradients of the scores", level=2, chapters=[10, 5])
def zero_sum(draw):
    scores, values = draw.steps(-2, 2, 0.5, 4), draw.tenths((4, 2))
    dcontext = draw.tenths(2)
    _, weights, cache = attend_forward(scores[None], values[None])
    dscores = attend_backward(dcontext[None], cache)[0][0]
    return Drawn(
        r"""
        One query looks at four places. The gradients of the first three scores are $<<first:.4f>>$.

        (a) Prove that the gradients of all scores of a query add up to zero, and give the fourth.
        (b) A program's check by differences reports that they add up to 1. Name a likely bug.
        (c) How does a padded place, masked before the softmax, enter this sum?
        """,
        r"""
        (a) Adding one number to all scores leaves the softmax, and so the loss, as it is. The slope of the loss in that direction
        is the sum of the gradients: zero. The fourth is $<<last:.4f>>$.
        (b) Anything that takes the weights for their gradients, or forgets to subtract the mean
        $\sum_r \alpha_r\, \mathrm{d}\alpha_r$ in $\mathrm{d}s_j = \alpha_j (\mathrm{d}\alpha_j - \sum_r \alpha_r\,
        \mathrm{d}\alpha_r)$.
        (c) With weight 0, and so with gradient 0.
        """,
        [(3, "(a) the argument (2) and the number"), (1, "(b)"), (1, "(c)")],
        {"scores": scores, "values": values, "dcontext": dcontext},
        {"last": dscores[3]},
        {"first": dscores[:3]},
    )


@question("Weights where there is something to read", level=1, chapters=[10, 1])
def masked(draw):
    scores = draw.steps(-1, 2, 0.5, 4)
    n = draw.whole(2, 3)
    mask = np.arange(4)[None] < n
    values = np.zeros((1, 4, 1))
    _, right, _ = attend_forward(scores[None], values, mask)
    _, wrong, _ = attend_forward(np.where(mask[0], scores, 0.0)[None], values)
    return Drawn(
        r"""
        A source of <<n>> characters is padded to 4. The scores of the four places are $<<scores>>$.

        (a) Compute the weights with the padding masked.
        (b) A program sets the scores of the padding to 0 instead. Compute its weights. Which share goes to the padding?
        (c) A third program multiplies the *weights* of all four places by the mask and leaves it at that. What is wrong now?
        """,
        r"""
        (a) $<<right:.3f>>$.
        (b) $<<wrong:.3f>>$: $<<lost:.3f>>$ goes to the padding. A score of 0 is an ordinary score; it must be $-\infty$.
        (c) The weights no longer sum to 1; the context shrinks, the more the longer the padding.
        """,
        [(2, "(a)"), (2, "(b)"), (1, "(c)")],
        {"scores": scores, "n": n},
        {"right": right[0], "wrong": wrong[0], "lost": wrong[0, n:].sum()},
    )


@question("Which candidate wins", level=2, chapters=[10, 5])
def normalised(draw):
    lengths = sorted(draw.some_of([2, 3, 4, 6, 8, 10], 3))
    p = np.array(draw.some_of([0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9], 3))
    totals = np.array([n * math.log(q) for n, q in zip(lengths, p, strict=True)])
    alpha = draw.one_of([0.6, 0.7, 1.0])
    scores = totals / np.array(lengths) ** alpha
    return Drawn(
        r"""
        A beam search has three finished candidates: <<lengths>> symbols long (the end counted), with a mean probability per
        symbol (geometric) of $<<p>>$.

        (a) Compute the log-probabilities. Which candidate wins?
        (b) Compute the scores with length normalisation, log-probability divided by length to the power <<alpha>>. Which wins?
        (c) Why does a wider beam without normalisation tend to write shorter texts?
        """,
        r"""
        (a) $<<totals:.3f>>$: the candidate of length <<plain>>.
        (b) $<<scores:.3f>>$: the candidate of length <<fair>>.
        (c) Every symbol more costs probability; the wider the beam, the surer it finds a short text that ends early.
        """,
        [(2, "(a)"), (2, "(b)"), (1, "(c)")],
        {"lengths": ", ".join(map(str, lengths)), "p": p, "alpha": alpha},
        {
            "totals": totals,
            "scores": scores,
            "plain": lengths[int(totals.argmax())],
            "fair": lengths[int(scores.argmax())],
        },
    )


@question("Reading one's own output", level=2, chapters=[10, 4])
def exposure(draw):
    e, n = draw.steps(0.01, 0.1, 0.01), draw.whole(8, 20)
    after = draw.one_of([0.5, 0.8, 0.9])
    state, wrong = 1.0, 0.0  # probability that nothing has gone wrong yet
    for _ in range(n):
        wrong += state * e + (1 - state) * after
        state *= 1 - e
    return Drawn(
        r"""
        A writer of <<n>> digits is wrong at each digit with probability <<e>> when it reads the true digits before. When it reads
        its own, it is as good until its first mistake, and wrong with probability <<after>> at each digit after it.

        (a) How often is the whole string right when it reads its own output?
        (b) Compute the expected share of wrong digits, and the ratio to the share with true digits.
        (c) A report calls such a gap exposure bias. Another writer knows of its source only that the digits are 12 or 21, half
        each, and gives the exact probability of each digit after whatever it has read. How often is it wrong at each digit,
        given the true digits, and given its own? What follows for the report?
        (d) In this course scheduled sampling brought the ratio down and the errors up. What would you report, and why not the
        ratio alone?
        """,
        r"""
        (a) $(1 - <<e>>)^{<<n>>} = <<whole:.4f>>$.
        (b) Digit $t$ is wrong with $s_t\, <<e>> + (1 - s_t)\, <<after>>$, $s_t = (1 - <<e>>)^{t-1}$; the mean is
        <<share:.4f>>, the ratio <<ratio:.3f>>.
        (c) $1/2$ and 0; $1/2$ and $1/2$. No mistake misleads it, and the gap is there: the true first digit tells what it did
        not know. The report needs a control before it speaks of bias.
        (d) Both error rates, at equal steps and with several seeds: a ratio falls as well when its denominator gets worse.
        """,
        [(1, "(a)"), (2, "(b)"), (2, "(c)"), (1, "(d)")],
        {"e": e, "n": n, "after": after},
        {"whole": state, "share": wrong / n, "ratio": wrong / n / e},
    )


@question("Pointing, and being right", level=3, chapters=[10, 5])
def pointing(draw):
    table = np.array(
        [
            draw.whole(700, 900),
            draw.whole(20, 60),
            draw.whole(20, 80),
            draw.whole(5, 40),
        ]
    )
    both, pointed_wrong, right_elsewhere, neither = table.tolist()
    N = int(table.sum())
    return Drawn(
        r"""
        <<N>> written dates are sorted by two questions: does the largest weight lie on the right field, and is the date right?

        | | right | wrong |
        |---|---|---|
        | points at the field | <<both>> | <<pointed_wrong>> |
        | points elsewhere | <<right_elsewhere>> | <<neither>> |

        (a) Compute the share that is right among those that point at the field and among those that do not.
        (b) “Most right dates are pointed at, so the network is right because it points.” Give two reasons why this does not
        follow, one of them with numbers from the table.
        (c) Describe an experiment on the trained network that tests whether the field is *used*, with its control, and the result
        that would speak for it.
        """,
        r"""
        (a) $<<with_it:.3f>>$ and $<<without:.3f>>$.
        (b) <<right_elsewhere>> dates are right without pointing: the state may carry the digit, or the digit may be the same nearly
        always. And the two may have a common cause: easy formats are pointed at *and* written rightly.
        (c) Cover the field in the source, so that nothing else changes, and see how often the digits change; as a control cover
        another field of the same length. It is used if the first hurts its own digits and the second does not.
        """,
        [
            (2, "(a)"),
            (2, "(b) two reasons, one with numbers"),
            (3, "(c) intervention, control, what would speak for it"),
        ],
        {
            "both": both,
            "pointed_wrong": pointed_wrong,
            "right_elsewhere": right_elsewhere,
            "neither": neither,
        },
        {
            "with_it": both / (both + pointed_wrong),
            "without": right_elsewhere / (right_elsewhere + neither),
        },
        {"N": N},
    )


@question("What one vector must hold", level=3, chapters=[10, 1])
def bottleneck(draw):
    n, H = draw.whole(10, 24), draw.one_of([32, 48, 64])
    base = draw.one_of([10, 16, 26])
    return Drawn(
        r"""
        Strings of <<n>> symbols out of an alphabet of <<base>>, all equally likely, are to be copied through one vector of <<H>> numbers.

        (a) How many bits must the vector hold? How many bits per number is that?
        (b) A network fails at this length and succeeds at short ones. “<<H>> numbers are too few.” Judge this with (a).
        (c) Reversing the source helped at middle lengths and not at <<n>>. What does that tell about where the difficulty lies?
        (d) What does attention change: the capacity, the training, or both? Say how you would tell.
        """,
        r"""
        (a) $<<n>> \log_2 <<base>> = <<bits:.2f>>$, so $<<per:.2f>>$ per number.
        (b) A number in single precision has 24 bits of mantissa; a few bits each are no question of capacity in principle. What
        fails is what training finds within the steps given, and how robustly a state can be read.
        (c) The vector is as large as before, so the gain is one of training: something near to begin with. That the long ones still
        fail leaves open whether size or training is the limit there.
        (d) Both: the writer has the states of all places at hand, and the gradient reaches a place in one step. To tell them apart,
        enlarge the vector alone, and train longer alone.
        """,
        [(2, "(a)"), (2, "(b)"), (2, "(c)"), (1, "(d)")],
        {"n": n, "H": H, "base": base},
        {"bits": n * math.log2(base), "per": n * math.log2(base) / H},
    )


@question("A product as a score", level=1, chapters=[10])
def multiplicative(draw):
    q, keys, W = (
        draw.tenths(2),
        draw.tenths((2, 2)),
        draw.one_of([np.eye(2), 2 * np.eye(2)]),
    )
    scale = draw.whole(2, 5)
    scores, _ = multiplicative_scores_forward(q[None], keys[None], W)
    _, weights, _ = attend_forward(scores, keys[None])
    _, sharper, _ = attend_forward(scale * scores, keys[None])
    return Drawn(
        r"""
        Multiplicative attention, $s_t = q W k_t^\top$ with $q = <<q>>$, $W = <<W>>$ and two keys, the rows of
        $<<keys>>$.

        (a) Compute the scores and the weights.
        (b) All entries of the keys become <<scale>> times as large. Compute the weights again.
        (c) Why is the product often divided by the root of the number of entries?
        """,
        r"""
        (a) $<<scores:.3f>>$, $<<weights:.3f>>$.
        (b) The scores grow <<scale>>-fold: $<<sharper:.3f>>$.
        (c) A sum of many products has a spread that grows with that root; large scores make the softmax nearly hard, and its
        gradient nearly zero.
        """,
        [(2, "(a)"), (1, "(b)"), (1, "(c)")],
        {"q": q, "keys": keys, "W": W, "scale": scale},
        {"scores": scores[0], "weights": weights[0], "sharper": sharper[0]},
    )
