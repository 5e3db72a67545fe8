"""Pictures and words: conditioning, stopping, soft and hard attention, and what may be claimed."""

import math

import numpy as np

from rnnkit.attention import attend_backward, attend_forward
from rnnkit.cells import rnn_step_forward
from rnnkit.exam.question import Drawn, question
from rnnkit.functional import softmax

THINGS = ["the named animal", "the named vehicle", "the second noun", "the named fruit"]


@question("A picture at every step", level=2, chapters=[5, 3])
def image_bias(draw):
    w_x, w_h, w_i = draw.tenths(), draw.tenths(), draw.tenths()
    x, v = draw.tenths(2), draw.tenths()
    weights = (np.array([[w_x]]), np.array([[w_h]]), np.array([v * w_i]))
    h1, _ = rnn_step_forward(x[:1, None], np.zeros((1, 1)), *weights)
    h2, _ = rnn_step_forward(x[1:, None], h1, *weights)
    return Drawn(
        r"""
        $h_t = \tanh(w_x x_t + w_h h_{t-1} + w_i v)$ with $w_x = <<w_x>>$, $w_h = <<w_h>>$, $w_i = <<w_i>>$, $h_0 = 0$; the
        picture is the number $v = <<v>>$, the words are $<<x>>$.

        (a) Compute $h_1$ and $h_2$.
        (b) Show that the picture acts like a bias, and write down $\mathrm{d}L/\mathrm{d}w_i$ with
        $\mathrm{d}a_t = \mathrm{d}L/\mathrm{d}a_t$, where $a_t$ is what tanh is applied to.
        (c) The first word wants the unit higher, the second lower by the same amount: $\mathrm{d}a_1 = -\mathrm{d}a_2$. What
        does $w_i$ learn from this caption?
        """,
        r"""
        (a) $<<h1:.3f>>$ and $<<h2:.3f>>$.
        (b) $w_i v$ is the same number at every step: a bias that the picture chooses. So
        $\mathrm{d}L/\mathrm{d}w_i = v \sum_t \mathrm{d}a_t$.
        (c) Nothing: the sum is zero. One number per unit and picture cannot depend on the step.
        """,
        [(2, "(a)"), (2, "(b) bias, and the sum"), (1, "(c)")],
        {"w_x": w_x, "w_h": w_h, "w_i": w_i, "x": x, "v": v},
        {"h1": h1[0, 0], "h2": h2[0, 0]},
    )


@question("A weighted mean", level=1, chapters=[5])
def soft_attention(draw):
    scores = draw.steps(-1, 2, 0.5, 3)
    values = np.array([0.0, 1.0, float(draw.whole(2, 5))])
    context, weights, _ = attend_forward(scores[None], values[None, :, None])
    return Drawn(
        r"""
        Three regions have the scores $<<scores>>$ and the values $<<values>>$ (a place along a line).

        (a) Compute the weights and the context of soft attention.
        (b) What would hard attention hand on, and how often?
        (c) A network has weights of one half on a cat at the left end and on one at the right end. What does the context say
        about the place, and what is at that place?
        """,
        r"""
        (a) $<<weights:.3f>>$; the context is $<<context:.3f>>$.
        (b) One of the values, drawn with these weights as probabilities.
        (c) The middle, where nothing need be: a mean of two places is a third place.
        """,
        [(2, "(a) weights"), (1, "(a) context"), (1, "(b)"), (1, "(c)")],
        {"scores": scores, "values": values},
        {"weights": weights[0], "context": context[0, 0]},
    )


@question("Why a helpful region may hardly gain", level=2, chapters=[5, 10])
def attention_gradient(draw):
    scores = draw.steps(-2, 2, 0.5, 3)
    values, dcontext = draw.tenths(3), draw.one_of([1.0, -1.0, 2.0])
    _, weights, cache = attend_forward(scores[None], values[None, :, None])
    dscores, _ = attend_backward(np.array([[dcontext]]), cache)
    return Drawn(
        r"""
        $\alpha = \mathrm{softmax}(s)$, $c = \sum_j \alpha_j v_j$ with scalar values $v = <<values>>$ and scores
        $s = <<scores>>$; from above comes $\mathrm{d}c = <<dcontext>>$.

        (a) Derive $\mathrm{d}s_j = \alpha_j (v_j - c)\, \mathrm{d}c$.
        (b) Compute $\mathrm{d}s$.
        (c) A region would lower the loss a great deal, and its weight is 0.001. What happens to its score in one step of
        gradient descent, and why is that a problem early in training?
        """,
        r"""
        (a) $\partial \alpha_r / \partial s_j = \alpha_r ([r = j] - \alpha_j)$, so
        $\partial c / \partial s_j = \alpha_j v_j - \alpha_j \sum_r \alpha_r v_r = \alpha_j (v_j - c)$.
        (b) $<<dscores:.3f>>$.
        (c) It hardly moves: the gradient is multiplied by the weight. What is not looked at does not learn that it should be;
        a start that looks at everything alike helps.
        """,
        [(2, "(a)"), (2, "(b)"), (2, "(c) the factor, and what follows")],
        {"scores": scores, "values": values, "dcontext": dcontext},
        {"dscores": dscores[0]},
    )


@question("Captions of all lengths", level=2, chapters=[5])
def end_token(draw):
    p_word, p_end = draw.steps(0.3, 0.8, 0.1, 5), draw.steps(0.1, 0.9, 0.1, 2)
    short, long = draw.whole(2, 3), draw.whole(4, 5)
    log_p = [
        math.log(np.prod(p_word[:n]) * p_end[k]) for k, n in enumerate((short, long))
    ]
    per_word = [log_p[0] / (short + 1), log_p[1] / (long + 1)]
    return Drawn(
        r"""
        A captioner gives the words of one caption the probabilities $<<p_word>>$, in order. After <<short>> words it gives
        `<END>` the probability <<end_short>>, after <<long>> words <<end_long>>.

        (a) Compute the log-probabilities of the captions that end after <<short>> and after <<long>> words.
        (b) Which of the two wins, and which wins by the mean over written symbols, `<END>` counted?
        (c) Someone trains without `<END>` and stops every caption after <<long>> words. What else is lost besides other
        lengths?
        """,
        r"""
        (a) $<<first:.3f>>$ and $<<second:.3f>>$.
        (b) The <<winner>> one; by the mean ($<<mean_first:.3f>>$ and $<<mean_second:.3f>>$) the <<mean_winner>> one.
        (c) Captions of all lengths no longer share one unit of probability, so that probabilities of different lengths cannot
        be compared: a shorter one always looks likelier.
        """,
        [(2, "(a)"), (2, "(b) both"), (2, "(c)")],
        {"p_word": p_word, "p_end": p_end, "short": short, "long": long},
        {
            "first": log_p[0],
            "second": log_p[1],
            "mean_first": per_word[0],
            "mean_second": per_word[1],
        },
        {
            "end_short": f"{p_end[0]:g}",
            "end_long": f"{p_end[1]:g}",
            "winner": "shorter" if log_p[0] > log_p[1] else "longer",
            "mean_winner": "shorter" if per_word[0] > per_word[1] else "longer",
        },
    )


@question("Greedy, and a beam of two", level=2, chapters=[5, 10])
def beam(draw):
    first = np.array([0.5, 0.4, 0.1])
    a = draw.steps(0.35, 0.45, 0.01)
    b = draw.steps(0.6, 0.95, 0.01)
    second = np.array(
        [[a, 1 - a - 0.3, 0.3], [b, (1 - b) / 2, (1 - b) / 2], [0.9, 0.05, 0.05]]
    )
    joint = first[:, None] * second
    greedy = joint[0].max()
    return Drawn(
        r"""
        A model writes two words. The first is A, B or C with probabilities $<<first>>$. After A the best second word has
        probability <<after_a:.2f>>, after B <<after_b:.2f>>, after C 0.9.

        (a) What does greedy decoding write, and with which probability?
        (b) What does a beam of width 2 find?
        (c) Is a beam of width 2 certain to find the most probable text here? And in general?
        (d) Why is the most probable text not always what you want from a language model?
        """,
        r"""
        (a) A and its best successor: $<<greedy:.3f>>$.
        (b) A and B are kept; the best pair has $<<best:.3f>>$ and begins with <<start>>.
        (c) Here it is: after C at most $0.1 \cdot 0.9 = 0.09$. In general not: a first word that falls out of the beam may have
        the best continuation.
        (d) It is the least surprising one; texts that people write are full of small surprises, and the maximum tends to be
        short or to repeat itself.
        """,
        [
            (1, "(a)"),
            (2, "(b)"),
            (2, "(c) here yes with a reason, in general no"),
            (1, "(d)"),
        ],
        {"first": first, "second": second},
        {"greedy": greedy, "best": joint[:2].max()},
        {
            "after_a": second[0].max(),
            "after_b": b,
            "start": "AB"[int(joint[1].max() > greedy)],
        },
    )


@question("A baseline for nothing", level=3, chapters=[5])
def baseline(draw):
    s = draw.steps(-1.5, 1.5, 0.5)
    losses = np.array(draw.some_of([0.5, 1.0, 2.0, 3.0, 4.0], 2))
    p = softmax(np.array([s, 0.0]))
    slope = np.array([1 - p[0], -p[0]])  # d log p_k / d s

    def moments(base):
        drawn = (losses - base) * slope
        mean = (p * drawn).sum()
        return mean, (p * drawn**2).sum() - mean**2

    base = float(p @ losses)
    return Drawn(
        r"""
        Hard attention looks at one of two regions, at the first with probability $p = \sigma(<<s>>)$. The losses after looking
        are $<<losses>>$. REINFORCE estimates the gradient of the expected loss with respect to the score $s = <<s>>$ by
        $(L_k - b)\, \partial \ln p_k / \partial s$, $k$ drawn.

        (a) Compute the mean of the estimate for $b = 0$, and show that it is the gradient of the expected loss.
        (b) Compute its variance for $b = 0$ and for $b = \mathrm{E}[L]$.
        (c) Show that no constant $b$ changes the mean.
        (d) “Take $b = 0.9\, L_k$ of the very draw: the variance nearly vanishes.” What is wrong?
        """,
        r"""
        (a) $\partial \ln p_1/\partial s = 1 - p$, $\partial \ln p_2 / \partial s = -p$, so the mean is
        $p (1-p)(L_1 - L_2) = <<mean:.4f>>$, the derivative of $p L_1 + (1-p) L_2$.
        (b) $<<plain:.4f>>$ and $<<based:.4f>>$, with $\mathrm{E}[L] = <<base:.3f>>$.
        (c) $\sum_k p_k\, b\, \partial \ln p_k/\partial s = b\, \partial (\sum_k p_k) / \partial s = 0$.
        (d) That $b$ depends on the draw: the estimate becomes $0.1\, L_k\, \partial \ln p_k/\partial s$, and so does its mean:
        a tenth of the gradient. The variance shrinks since the whole estimate does.
        """,
        [
            (2, "(a)"),
            (2, "(b)"),
            (2, "(c)"),
            (2, "(d) the mean changes, by which factor"),
        ],
        {"s": s, "losses": losses},
        {
            "mean": moments(0)[0],
            "plain": moments(0)[1],
            "based": moments(base)[1],
            "base": base,
        },
    )


@question("Ten beautiful maps", level=3, chapters=[5, 10])
def pointing(draw):
    shown, thing = draw.whole(6, 14), draw.one_of(THINGS)
    side = draw.whole(4, 6)
    area = draw.whole(1, 3)
    return Drawn(
        r"""
        A paper shows <<shown>> pictures on whose attention maps the largest weight lies on <<thing>>, and concludes that the
        model looks where its words point. The grid has $<<side>> \times <<side>>$ regions; the thing covers <<area>> of them.

        (a) How often would the largest weight lie on it if the place were drawn at random?
        (b) Which measurement would convince you? Name at least three things to compare it with.
        (c) Suppose it convinces you. What may you still *not* conclude about why the word was right, and which experiment
        speaks to that?
        """,
        r"""
        (a) $<<area>>/<<side>>^2 = <<chance:.3f>>$.
        (b) The share over *all* test pictures on which the box of the thing is known, not chosen ones, beside chance, beside
        the best fixed region, beside an untrained model, and beside a model with the words shuffled or a map of mere
        salience.
        (c) That the model *uses* what it looks at: pointing and being right are two things. Hide the region and see whether the
        word changes; hide another region of the same size as a control.
        """,
        [
            (1, "(a)"),
            (3, "(b) all test pictures, and three comparisons"),
            (2, "(c) looking is not using; an intervention with a control"),
        ],
        {"shown": shown, "side": side, "area": area},
        {"chance": area / side**2},
        {"thing": thing},
    )
