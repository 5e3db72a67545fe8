"""The vanilla cell: by hand, counted, and how long it remembers."""

from collections import Counter

import numpy as np

from rnnkit.cells import rnn_step_backward, rnn_step_forward
from rnnkit.exam.question import Drawn, question

WORDS = ["banana", "hello", "pepper", "minimum", "cocoon", "lesson", "indeed", "murmur"]
POOL = """pear plum lime kiwi bear boar lion wolf rain hail snow wind dove duck swan rook
reed rose lily iris oats rice corn bean""".split()


def best_table(word, context):
    """How many next letters of a word, repeated for ever, the best table over so many letters gets right."""
    long = word * 3
    seen = {}
    for k in range(len(word), 2 * len(word)):
        seen.setdefault(long[k - context + 1 : k + 1], Counter())[long[k + 1]] += 1
    return sum(counts.most_common(1)[0][1] for counts in seen.values())


@question("One step by hand", level=1, chapters=[2])
def one_step(draw):
    x, h_prev, b = draw.tenths(), draw.tenths(2), draw.tenths(2)
    W_xh, W_hh = draw.tenths((1, 2)), draw.tenths((2, 2))
    h, _ = rnn_step_forward(np.array([[x]]), h_prev[None], W_xh, W_hh, b)
    return Drawn(
        r"""
        A vanilla RNN has one input and two units,
        $$W_{xh} = <<W_xh>>, \quad W_{hh} = <<W_hh>>, \quad b_h = <<b>>.$$
        Its state is $h_{t-1} = <<h_prev>>$, the input $x_t = <<x>>$. States and inputs are rows. Compute $h_t$.
        """,
        r"""
        $x_t W_{xh} + h_{t-1} W_{hh} + b_h = <<a:.2f>>$, and its tanh is $h_t = <<h:.3f>>$.
        """,
        [
            (1, "the input's share"),
            (
                2,
                "the recurrent share, row times matrix (1 point for the transposed matrix)",
            ),
            (1, "bias and tanh"),
        ],
        {"x": x, "h_prev": h_prev, "W_xh": W_xh, "W_hh": W_hh, "b": b},
        {"h": h[0]},
        {"a": x * W_xh[0] + h_prev @ W_hh + b},
    )


@question("Count the parameters", level=1, chapters=[2])
def parameters(draw):
    D, H, V = draw.whole(3, 12), 10 * draw.whole(2, 9), draw.whole(4, 30)
    T = 10 * draw.whole(2, 9)
    cell = W_sizes(D, H)
    return Drawn(
        r"""
        A vanilla RNN has $D = <<D>>$ inputs and $H = <<H>>$ units, and an output layer with a bias to $V = <<V>>$ classes.

        (a) How many parameters has the cell, how many the output layer?
        (b) How many would the cell have with weights of its own at each of $T = <<T>>$ steps?
        (c) The sequences become twice as long. What doubles in the network of (a): parameters, time, stored states?
        """,
        r"""
        (a) $DH + H^2 + H = <<cell>>$, and $HV + V = <<output>>$.
        (b) $<<T>> \cdot <<cell>> = <<per_step>>$.
        (c) Time and the states stored for the backward pass; the parameters do not contain $T$.
        """,
        [
            (2, "(a) cell"),
            (1, "(a) output layer"),
            (1, "(b)"),
            (2, "(c) all three right"),
        ],
        {"D": D, "H": H, "V": V, "T": T},
        {"cell": cell, "output": H * V + V, "per_step": T * cell},
    )


def W_sizes(D, H):
    """The number of parameters that the cell accepts, from the arrays themselves."""
    weights = np.zeros((D, H)), np.zeros((H, H)), np.zeros(H)
    rnn_step_forward(np.zeros((1, D)), np.zeros((1, H)), *weights)
    return sum(weight.size for weight in weights)


@question("One matrix, and its rows in the wrong order", level=2, chapters=[2])
def stacked(draw):
    x, h_prev = draw.tenths(2), draw.tenths(2)
    W_xh, W_hh = draw.tenths((2, 2)), draw.tenths((2, 2))
    right, _ = rnn_step_forward(x[None], h_prev[None], W_xh, W_hh, np.zeros(2))
    wrong, _ = rnn_step_forward(h_prev[None], x[None], W_xh, W_hh, np.zeros(2))
    return Drawn(
        r"""
        With $x = <<x>>$, $h = <<h_prev>>$, $W_{xh} = <<W_xh>>$ and $W_{hh} = <<W_hh>>$ a program computes
        $\tanh([h;\, x]\, W)$ with one matrix $W$ of shape $(4, 2)$.

        (a) How must the rows of $W$ be ordered for the vanilla cell without a bias? Compute that state.
        (b) The programmer has put the rows of $W_{xh}$ on top. Compute what comes out.
        (c) Why does no error appear, and for which sizes would one?
        """,
        r"""
        (a) As the vector: $W_{hh}$ on top of $W_{xh}$. The state is $<<right:.3f>>$.
        (b) $\tanh(h W_{xh} + x W_{hh}) = <<wrong:.3f>>$.
        (c) Both orders have $H + D$ rows, so that the shapes fit for *all* sizes: no size gives an error. Only a comparison
        with a reference finds the mistake.
        """,
        [
            (1, "(a) the order"),
            (2, "(a) the state"),
            (2, "(b) the state"),
            (2, "(c) the number of rows is the same; no size gives an error"),
        ],
        {"x": x, "h_prev": h_prev, "W_xh": W_xh, "W_hh": W_hh},
        {"right": right[0], "wrong": wrong[0]},
    )


@question("How long an input is heard", level=1, chapters=[2])
def fading(draw):
    factor, share = draw.steps(0.35, 0.95, 0.05), draw.one_of([0.1, 0.01, 0.001])
    steps = int(np.ceil(np.log(share) / np.log(factor) - 1e-9))
    return Drawn(
        r"""
        In an untrained network the influence of an input on the state is multiplied by about <<factor>> at every step.

        (a) After how many steps is it at most <<share>> of what it was?
        (b) What share is left after 40 steps?
        (c) Trained to recall over 5 steps, a network of this kind succeeds; over 40 it stays at chance. Does (b) show that
        its states *cannot* hold a symbol for 40 steps?
        """,
        r"""
        (a) $<<factor>>^k \le <<share>>$ from $k = <<steps>>$ on.
        (b) $<<factor>>^{40} = <<left:.1e>>$.
        (c) No. (b) is about random weights. Weights that hold a sign for ever exist, with one unit and a recurrent weight above
        1; what failed is finding them from this start.
        """,
        [
            (2, "(a)"),
            (1, "(b)"),
            (2, "(c) what is representable is not what training finds"),
        ],
        {"factor": factor, "share": share},
        {"steps": steps, "left": factor**40},
    )


@question("The same letter, two right answers", level=2, chapters=[2])
def tables(draw):
    word = draw.one_of(WORDS)
    N = len(word)
    return Drawn(
        r"""
        The word “<<word>>” is written again and again without spaces, and a model names the next letter at every place.

        (a) How many of the <<N>> places can a table over the current letter get right at most?
        (b) And a table over the last two letters?
        (c) A vanilla RNN with $W_{hh} = 0$ is as good as which of the two tables? Say why.
        """,
        r"""
        (a) <<one>>: for each letter, the successor that comes most often.
        (b) <<two>>.
        (c) At most as good as (a): without $W_{hh}$ its state is a function of the current letter alone.
        """,
        [(2, "(a) with the counting shown"), (2, "(b)"), (2, "(c) and the reason")],
        {"word": word, "N": N},
        {"one": best_table(word, 1), "two": best_table(word, 2)},
    )


@question("One start for four words", level=2, chapters=[2])
def one_start(draw):
    words = draw.some_of(POOL, 4)
    best = sum(
        Counter(column).most_common(1)[0][1] for column in zip(*words, strict=True)
    )
    return Drawn(
        r"""
        A network writes the words <<listed>> from a state alone: it reads nothing but what it has written, and writes the
        most probable letter each time.

        (a) All four runs begin with the same initial state. How many of the <<letters>> letters can be right at most?
        (b) The initial state is learned, one for all four. What changes?
        (c) Give the smallest change to the network that lets all letters be right.
        """,
        r"""
        (a) The four runs are identical, so one string is written four times. The commonest letter of each position is right
        <<best>> times in all.
        (b) Nothing in this bound: the learned state is still one state.
        (c) A state of its own for each word, learned or computed from what tells the words apart.
        """,
        [(3, "(a) identical runs, then the count"), (1, "(b)"), (1, "(c)")],
        {"words": words},
        {"best": best},
        {"listed": ", ".join(f"“{w}”" for w in words), "letters": sum(map(len, words))},
    )


@question("A unit that holds a sign", level=3, chapters=[2, 6])
def latch(draw):
    w = draw.steps(1.2, 2.4, 0.1)
    h = np.array([[0.5]])
    W = np.array([[w]])
    for _ in range(300):
        h, cache = rnn_step_forward(
            np.zeros((1, 1)), h, np.zeros((1, 1)), W, np.zeros(1)
        )
    slope = rnn_step_backward(np.ones((1, 1)), cache)[1]
    return Drawn(
        r"""
        One unit without input, $h_t = \tanh(<<w>>\, h_{t-1})$, starts at $h_0 = 0.5$.

        (a) Show that it tends to a value $h^* > 0$ and compute $h^*$ to two decimals.
        (b) Compute the derivative of one step at $h^*$, and what it makes of $\partial h_T / \partial h_0$.
        (c) “This unit remembers for ever” and “its gradient vanishes” are both said of it. Explain why both are true, and
        what that means for *learning* to store a sign.
        """,
        r"""
        (a) $\tanh(<<w>> h) > h$ for small $h > 0$, since the slope at 0 is <<w>>, and $\tanh < 1$; so there is a crossing, and
        iterating moves towards it from both sides: $h^* = <<fixed:.3f>>$.
        (b) $<<w>>\,(1 - h^{*2}) = <<slope:.3f>>$, below 1: the product over the steps goes to zero.
        (c) The *sign* is kept: a positive start ends at $h^*$, a negative one at $-h^*$. The *derivative* asks what a small
        change of $h_0$ does, and that is forgotten. A gradient can therefore not tell, many steps later, how the early
        state should have been different, although the state carries the answer.
        """,
        [
            (2, "(a) existence from slope and bound"),
            (1, "(a) the value"),
            (2, "(b) slope, and the product goes to zero"),
            (3, "(c) sign kept, small changes lost, consequence for learning"),
        ],
        {"w": w},
        {"fixed": h[0, 0], "slope": slope[0, 0]},
    )
