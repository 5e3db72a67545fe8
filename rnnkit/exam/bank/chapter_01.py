"""Shapes of tasks, cones, masks and windows."""

import numpy as np

from rnnkit.exam.question import Drawn, question
from rnnkit.functional import cross_entropy_forward
from rnnkit.jacobian import connectivity
from rnnkit.sequence import rnn_backward, rnn_forward

TASKS = {
    "the language that a name comes from": "many-to-one",
    "a sentence for a picture": "one-to-many",
    "a label for every frame of a clip, at once when it is seen": "many-to-many, aligned",
    "a translation that begins when the whole sentence has been read": "many-to-many, delayed",
    "a price from a fixed list of ten properties of a house": "one-to-one",
    "whether a review praises": "many-to-one",
    "a tune of free length for a chosen mood": "one-to-many",
    "for every character of a text, which comes next": "many-to-many, aligned",
}
PAIRS = [
    (("dog bites man", "man bites dog"), ("a good film", "a good good film")),
    (("not good but bad", "not bad but good"), ("no rain", "no no rain")),
    (("she saw him", "him saw she"), ("very old", "very very old")),
    (("two before one", "one before two"), ("one and one", "one and two")),
    (("the cat left the dog", "the dog left the cat"), ("up up down", "up down down")),
]


@question("Name the shape", level=1, chapters=[1])
def shapes(draw):
    tasks = draw.some_of(sorted(TASKS), 4)
    listed = "\n".join(f"{k}. {task}" for k, task in enumerate(tasks, 1))
    shapes = "\n".join(f"{k}. {TASKS[task]}" for k, task in enumerate(tasks, 1))
    return Drawn(
        "Name the shape (one-to-one, one-to-many, many-to-one, many-to-many aligned or delayed) of the network for each "
        f"task, and say where an answer counts towards the loss.\n\n{listed}",
        f"{shapes}\n\nThe loss counts at the last step in many-to-one, at every step in aligned, at every step after the "
        "reading in delayed, at every written step in one-to-many, and at the only step in one-to-one.",
        [(4, "a shape each, 1 point"), (2, "where the loss counts, for all four")],
    )


@question("What an output can see", level=1, chapters=[1])
def cone(draw):
    T, t = draw.whole(8, 14), draw.whole(3, 6)
    delay = draw.whole(1, 3)
    rng = np.random.default_rng(T)
    x, W_xh, W_hh = rng.normal(size=(1, T, 2)), rng.normal(size=(2, 3)), np.eye(3)
    _, cache = rnn_forward(x, np.zeros((1, 3)), W_xh, 0.5 * W_hh, np.zeros(3))

    def seen(step):
        return int((connectivity(rnn_backward, cache, np.ones((1, 3)), step) > 0).sum())

    return Drawn(
        r"""
        An aligned network reads $T = <<T>>$ frames from left to right and answers at every step.

        (a) On how many of the inputs can its answer to frame <<t>> depend?
        (b) The answer to each frame is asked for <<delay>> steps later. On how many can it depend now?
        (c) The right label of frame <<t>> hangs on frame <<later>>. Can training teach the network of (a) that label?
        Give a reason.
        """,
        r"""
        (a) On <<plain>>: inputs 1 to <<t>>.
        (b) On <<delayed>>: it is given at step <<plus>>.
        (c) No. The derivative of that answer with respect to input <<later>> is exactly zero, whatever the weights are. At
        best the network guesses it from inputs 1 to <<t>>.
        """,
        [
            (1, "(a) <<plain>>"),
            (1, "(b) <<delayed>>"),
            (2, "(c) no, since the input is outside the cone for all weights"),
        ],
        {"T": T, "t": t, "delay": delay},
        {"plain": seen(t - 1), "delayed": seen(t + delay - 1)},
        {"later": t + delay, "plus": t + delay},
    )


@question("What a bag of words can tell apart", level=1, chapters=[1])
def bag(draw):
    same, different = draw.one_of(PAIRS)
    other, _ = draw.one_of([pair for pair in PAIRS if pair[0] != same])
    first, second, third = draw.some_of([same, different, other], 3)
    pairs = "\n".join(
        f"{k}. “{a}” and “{b}”" for k, (a, b) in enumerate([first, second, third], 1)
    )
    which = [first, second, third].index(different) + 1
    return Drawn(
        "A classifier sees only how often each word occurs. Which of these pairs can it tell apart, given any amount of "
        f"data and any number of units? Why not the others?\n\n{pairs}",
        "Pair <<which>>: its counts differ. The two texts of each other pair have the same counts, and a function has one "
        "value for one argument: size and data change the function, not the argument.",
        [
            (1, "pair <<which>>"),
            (2, "equal counts give equal answers, for every function"),
        ],
        {"pairs": [first, second, third]},
        {"which": which},
    )


@question("A mean over real steps", level=1, chapters=[1, 3])
def masked_mean(draw):
    short, T = 2, draw.whole(4, 6)
    p_long, p_short = draw.steps(0.2, 0.9, 0.1, T), draw.steps(0.2, 0.9, 0.1, short)
    p = np.ones((2, T)) * 0.5
    p[0], p[1, :short] = p_long, p_short
    logits = np.log(np.stack([p, 1 - p], axis=-1))
    mask = np.arange(T) < np.array([[T], [short]])
    targets = np.zeros((2, T), int)
    loss, _ = cross_entropy_forward(logits, targets, mask)
    return Drawn(
        r"""
        A batch holds a sequence of <<T>> steps and one of <<short>>, padded to <<T>>. The network gives the right classes of
        the first the probabilities $<<p_long>>$, those of the second $<<p_short>>$.

        (a) Compute the cross entropy per real step, in nats.
        (b) A program sums over the real steps and divides by $B\,T = <<cells>>$. What does it report, and what is wrong
        with it?
        """,
        r"""
        (a) $-\tfrac{1}{<<real>>} \sum \ln p = <<loss:.3f>>$.
        (b) $<<wrong:.3f>>$. The loss of the same two sequences now depends on how far the batch was padded; beside a longer
        sequence it would shrink further, and so would every gradient.
        """,
        [
            (
                2,
                "(a) the sum of the logarithms over real steps, divided by their number",
            ),
            (1, "(b) the number"),
            (1, "(b) padding must change neither loss nor gradient"),
        ],
        {"T": T, "short": short, "p_long": p_long, "p_short": p_short},
        {"loss": loss, "wrong": loss * mask.sum() / mask.size},
        {"cells": 2 * T, "real": T + short},
    )


@question("Read behind the end", level=2, chapters=[1, 2])
def padded_state(draw):
    w_x, w_h = draw.steps(0.4, 0.9, 0.1), draw.steps(0.5, 0.9, 0.1)
    b, x = draw.steps(0.1, 0.5, 0.1), draw.tenths(2)
    padded = np.array([*x, 0.0, 0.0]).reshape(1, 4, 1)
    weights = (np.array([[w_x]]), np.array([[w_h]]), np.array([b]))
    h, _ = rnn_forward(padded, np.zeros((1, 1)), *weights)
    kept, _ = rnn_forward(
        padded, np.zeros((1, 1)), *weights, mask=np.array([[True, True, False, False]])
    )
    return Drawn(
        r"""
        A vanilla RNN with one unit, $h_t = \tanh(<<w_x>>\, x_t + <<w_h>>\, h_{t-1} + <<b>>)$ and $h_0 = 0$, reads the sequence
        $<<x>>$, padded with two zeros to length 4.

        (a) Compute the state after the last real step.
        (b) Compute the state in the last column without a mask.
        (c) What is the state in the last column with a mask, and why is “the padding is zero, so it adds nothing” wrong?
        """,
        r"""
        (a) $h_2 = <<real:.3f>>$.
        (b) $h_4 = <<last:.3f>>$.
        (c) $<<kept:.3f>>$: a masked step hands the state on as it is. The *input's* share of a padded step is zero; the state
        is still multiplied by $w_h$, the bias is added, and tanh is applied.
        """,
        [
            (2, "(a) two steps"),
            (2, "(b) two steps more, with $x = 0$"),
            (1, "(c) the value of (a)"),
            (1, "(c) recurrent weight, bias and tanh act on padded steps too"),
        ],
        {"w_x": w_x, "w_h": w_h, "b": b, "x": x},
        {"real": h[0, 1, 0], "last": h[0, 3, 0], "kept": kept[0, 3, 0]},
    )


@question("How good can a window be?", level=2, chapters=[1])
def window(draw):
    p, k = draw.steps(0.05, 0.3, 0.05), draw.whole(3, 9)
    empty = (1 - p) ** k
    best = 1 - empty / 2
    need = int(np.ceil(np.log(0.1) / np.log(1 - p)))
    return Drawn(
        r"""
        At every step a command “on” or “off” arrives with probability <<p>>, both equally often. The answer at each step is
        the latest command. A model sees the last <<k>> inputs and nothing else.

        (a) How often does its window hold no command?
        (b) What is the best accuracy that any model with this window can have, long after the start?
        (c) How long must the window be for an accuracy of at least 0.95?
        (d) Why may a recurrent network do better with a state of one number?
        """,
        r"""
        (a) $(1 - <<p>>)^{<<k>>} = <<empty:.3f>>$.
        (b) A full window answers, an empty one guesses: $1 - <<empty:.3f>> / 2 = <<best:.3f>>$.
        (c) $(1 - <<p>>)^k \le 0.1$, so $k \ge \ln 0.1 / \ln(1 - <<p>>)$: <<need>> steps.
        (d) The state has to hold the latest command only, however long ago it came. The bound is one of the window, not of
        the amount of memory.
        """,
        [
            (1, "(a)"),
            (2, "(b) half of the empty windows are guessed right"),
            (2, "(c) the inequality and a whole number"),
            (1, "(d) a carried state has no horizon"),
        ],
        {"p": p, "k": k},
        {"empty": empty, "best": best, "need": need},
    )


@question("What the experiment shows", level=3, chapters=[1])
def length_claim(draw):
    longest, seeds = draw.whole(5, 9), draw.whole(3, 6)
    units = draw.one_of([32, 48, 64, 96])
    return Drawn(
        r"""
        A recurrent network with <<units>> units learns to write words backwards. It is trained on words of 2 to <<longest>>
        letters, is nearly perfect on unseen words of these lengths with <<seeds>> seeds, and fails on words of <<more>>.
        A report concludes: “<<units>> numbers cannot hold <<more>> letters.”

        (a) Does this follow? Name a conclusion that does.
        (b) Describe an experiment that would decide between “cannot hold” and “has not learned to”, and what each outcome
        would mean.
        """,
        r"""
        (a) No. The network was never trained on <<more>> letters; what follows is that a score on the lengths seen in training
        need not hold for longer ones.
        (b) Train the same network, from the same starts and with equal steps, on 2 to <<more>> letters, and test on unseen
        words of <<more>>, with several seeds. If it succeeds, <<units>> numbers hold them and the limit was one of training.
        If it fails, capacity *or* training may be the reason: vary the number of units, and the number of steps, one at a
        time.
        """,
        [
            (1, "(a) it does not follow"),
            (1, "(a) a conclusion no larger than the experiment"),
            (
                2,
                "(b) the length added to the training, all else equal, several seeds, unseen words",
            ),
            (
                2,
                "(b) both outcomes read; failure alone does not prove lack of capacity",
            ),
        ],
        {"longest": longest, "seeds": seeds, "units": units},
        shown={"more": longest + 1},
    )
