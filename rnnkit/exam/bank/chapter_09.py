"""Stacks and both directions."""

import numpy as np

from rnnkit.exam.question import Drawn, question
from rnnkit.sequence import (
    bidirectional_forward,
    reverse,
    stack_backward,
    stack_forward,
)


def layer(D, H, fill=0.3):
    """A layer of a vanilla RNN whose weights are all alike."""
    return {
        "h0": np.zeros((1, H)),
        "W_xh": np.full((D, H), fill),
        "W_hh": np.full((H, H), fill),
        "b_h": np.zeros(H),
    }


def size(D, H):
    """The number of parameters of such a layer."""
    return sum(array.size for name, array in layer(D, H).items() if name != "h0")


@question("Who knows what", level=1, chapters=[9, 1])
def reach(draw):
    T, L = draw.whole(7, 11), draw.whole(2, 3)
    t = draw.whole(3, T - 2)
    x = np.ones((1, T, 1))

    def moved(network):
        base, counted = network(x), 0
        for s in range(T):
            other = x + 0.5 * (np.arange(T) == s)[None, :, None]
            counted += int((network(other)[0, t - 1] != base[0, t - 1]).any())
        return counted

    left = moved(lambda x: stack_forward(x, [layer(1, 1)] * L)[0])
    both = moved(lambda x: bidirectional_forward(x, layer(1, 1), layer(1, 1))[0])
    return Drawn(
        r"""
        A sequence of $T = <<T>>$ steps. On how many inputs can the output at step <<t>> depend

        (a) in a stack of <<L>> layers that read from the left,
        (b) in one bidirectional layer,
        (c) in the right-to-left half of (b) alone?
        (d) “With enough layers from the left the network sees a little of the future.” True?
        """,
        r"""
        (a) <<left>>: inputs 1 to <<t>>.
        (b) <<both>>: all of them.
        (c) <<right>>: inputs <<t>> to <<T>>.
        (d) No: every layer reads the one below at the same step, and the lowest has read up to there.
        """,
        [(1, "(a)"), (1, "(b)"), (1, "(c)"), (1, "(d)")],
        {"T": T, "L": L, "t": t},
        {"left": left, "both": both, "right": T - t + 1},
    )


@question("Count a stack", level=1, chapters=[9, 2])
def parameters(draw):
    D, H, L = 4 * draw.whole(2, 12), 8 * draw.whole(2, 10), draw.whole(2, 4)
    stack = size(D, H) + (L - 1) * size(H, H)
    both = 2 * size(D, H) + 2 * (L - 1) * size(2 * H, H)
    return Drawn(
        r"""
        Vanilla cells with $H = <<H>>$ units per layer and direction, $D = <<D>>$ inputs, $L = <<L>>$ layers.

        (a) How many parameters has the stack from left to right?
        (b) And the stack of bidirectional layers, each of which reads both directions of the layer below?
        (c) Which part of (b) is *not* twice that of (a), and why?
        """,
        r"""
        (a) $(DH + H^2 + H) + (L - 1)(2 H^2 + H) = <<stack>>$.
        (b) $2 (DH + H^2 + H) + 2 (L - 1)(2H \cdot H + H^2 + H) = <<both>>$.
        (c) The input matrices above the first layer: they read $2H$ numbers instead of $H$.
        """,
        [(2, "(a)"), (2, "(b)"), (1, "(c)")],
        {"D": D, "H": H, "L": L},
        {"stack": stack, "both": both},
    )


@question("Turn a padded batch round", level=2, chapters=[9, 1])
def turn_round(draw):
    words = draw.some_of(
        ["rain", "sea", "on", "stone", "cloud", "it", "wood", "ash"], 3
    )
    T = max(map(len, words))
    x = np.array([[ord(c) for c in word.ljust(T, "-")] for word in words])
    mask = np.arange(T) < np.array([[len(word)] for word in words])

    def rows(array):
        return ", ".join("`" + "".join(map(chr, row)) + "`" for row in array)

    return Drawn(
        r"""
        A batch holds <<before>>; `-` is padding. A layer shall read it from the right.

        (a) Write down the batch reversed as one array.
        (b) Write down the batch reversed as it should be.
        (c) The padding is zero and no error appears. What goes wrong with (a) all the same, and for which rows?
        (d) The states of (b) are reversed once more before they are joined with those from the left. Why?
        """,
        r"""
        (a) <<naive>>.
        (b) <<right>>.
        (c) Rows with padding begin in it: a cell that reads zeros still changes its state, by its biases and from the second
        step on by $W_{hh}$, so that the first real step meets a state that should be $h_0$. The longest rows are right.
        (d) So that at every step the two halves belong to the same input.
        """,
        [(1, "(a)"), (2, "(b)"), (2, "(c) why, and which rows"), (1, "(d)")],
        {"words": words},
        shown={
            "before": rows(x),
            "naive": rows(reverse(x)),
            "right": rows(reverse(x, mask)),
        },
    )


@question("Backward through two layers", level=2, chapters=[9, 3])
def two_layers(draw):
    w1, w2, x = draw.tenths(), draw.tenths(), draw.steps(0.5, 1.5, 0.1)
    layers = []
    for w in (w1, w2):
        layers.append(layer(1, 1) | {"W_xh": np.full((1, 1), w)})
    h, cache = stack_forward(np.full((1, 1, 1), x), layers)
    dx, gradients = stack_backward(np.ones((1, 1, 1)), cache)
    return Drawn(
        r"""
        Two layers with one unit each at a single step, all initial states zero: $h^{(1)} = \tanh(<<w1>>\, x)$,
        $h^{(2)} = \tanh(<<w2>>\, h^{(1)})$, $x = <<x>>$, $L = h^{(2)}$.

        (a) Compute $L$ and the gradients of the two weights and of $x$.
        (b) In a stack over many steps, from which two places does a state of the lower layer get its gradient?
        (c) Write the backward pass of a stack of layers in two lines of words or code, given the backward pass of one layer.
        """,
        r"""
        (a) $L = <<loss:.4f>>$; $\mathrm{d}w_2 = <<dw2:.4f>>$, $\mathrm{d}w_1 = <<dw1:.4f>>$, $\mathrm{d}x = <<dx:.4f>>$.
        (b) From its own next step, and from the $\mathrm{d}x$ of the layer above at the same step.
        (c) From the top down: run the layer's backward pass with the `dh` at hand, keep its parameters' gradients; its `dx` is
        the next `dh`.
        """,
        [(3, "(a)"), (1, "(b)"), (2, "(c)")],
        {"w1": w1, "w2": w2, "x": x},
        {
            "loss": h[0, 0, 0],
            "dw1": gradients[0]["W_xh"][0, 0],
            "dw2": gradients[1]["W_xh"][0, 0],
            "dx": dx[0, 0, 0],
        },
    )


@question("The gradient of turning round", level=2, chapters=[9])
def reverse_gradient(draw):
    n, T = draw.whole(2, 4), 5
    dy = draw.tenths(T)
    mask = np.arange(T)[None] < n
    dx = reverse(dy[None], mask)[0]
    return Drawn(
        r"""
        `y = reverse(x, mask)` turns a row round within its <<n>> real steps and leaves the padding where it is; $T = 5$. From
        above arrives $\mathrm{d}y = <<dy>>$.

        (a) Write down $\mathrm{d}x$.
        (b) Show that the gradient of `reverse` is `reverse` itself. Which two properties do you use?
        (c) Name a linear map without parameters whose gradient is *not* the map itself.
        """,
        r"""
        (a) $<<dx>>$.
        (b) It is a permutation $P$, so its gradient is $P^\top = P^{-1}$; and done twice it is the identity, so $P^{-1} = P$.
        (c) A cumulative sum: its gradient is a sum from the other end. A shift by one step will do as well.
        """,
        [(2, "(a)"), (2, "(b) permutation, own inverse"), (1, "(c)")],
        {"n": n, "dy": dy},
        {"dx": dx},
    )


@question("Deeper at equal cost", level=2, chapters=[9])
def equal_cost(draw):
    D, H = 4 * draw.whole(2, 12), 16 * draw.whole(4, 12)
    one = size(D, H)
    narrow = max(n for n in range(1, H) if size(D, n) + size(n, n) <= one)
    return Drawn(
        r"""
        One vanilla layer has $D = <<D>>$ inputs and $H = <<H>>$ units. Two layers of $H'$ units each shall have as many
        parameters as possible, but not more.

        (a) Find $H'$.
        (b) A report compares one layer of <<H>> units with two of <<H>> and finds the two better. What does it not show?
        (c) Name two more things that must be settled before “deeper is better” is said.
        """,
        r"""
        (a) $DH' + 3H'^2 + 2H' \le <<one>>$: $H' = <<narrow>>$.
        (b) That depth is the reason: the deeper network has about two to three times the parameters and the computation.
        (c) Equal numbers of updates, or both trained until they stop improving; a learning rate for each; several seeds; a task
        on which depth is expected to help.
        """,
        [(3, "(a)"), (1, "(b)"), (2, "(c)")],
        {"D": D, "H": H},
        {"one": one, "narrow": narrow},
    )


@question("A language model that is too good", level=3, chapters=[9, 4])
def too_good(draw):
    low, usual = draw.steps(0.02, 0.08, 0.01), draw.steps(1.4, 2.2, 0.05)
    layers = draw.whole(1, 3)
    return Drawn(
        r"""
        A network of <<layers>> bidirectional layers is trained to predict, at every step, the *next* character of its input. On
        held-out text it pays <<low>> nats per character; a network from the left pays <<usual>>.

        (a) What has it learned? On which inputs does the output that predicts character $t + 1$ depend?
        (b) What perplexities are the two numbers, and why is the first no news about language?
        (c) Propose a test on the same network that shows it, and say what you expect.
        (d) Name a task on characters for which both directions are legitimate, and how to train for it.
        """,
        r"""
        (a) To copy. The half from the right has read character $t + 1$ before the output at $t$ is asked for it.
        (b) $<<p_low:.3f>>$ and $<<p_usual:.3f>>$. A language model answers before it has seen the answer; this one had it in its
        input.
        (c) Ask where nothing can be copied: at the last place of a text, or with the characters to the right replaced by a gap.
        The loss there is about that of letter frequencies, or worse than that of the network from the left.
        (d) Filling in a missing character: hide it from both directions, join the state up to $t - 1$ from the left and from
        $t + 1$ on from the right. Or labels for every step of a text that is there as a whole.
        """,
        [(2, "(a)"), (1, "(b)"), (2, "(c) a test and its outcome"), (2, "(d)")],
        {"low": low, "usual": usual, "layers": layers},
        {"p_low": float(np.exp(low)), "p_usual": float(np.exp(usual))},
    )
