"""Glimpses and painting: grids of bells, reading through them, a canvas that adds up."""

import numpy as np

from rnnkit.exam.question import Drawn, question
from rnnkit.functional import sigmoid
from rnnkit.gaussian_windows import read_forward, write_forward


def sharp(place, size):
    """A filter for one pixel each: rows of the identity, (1, N, S)."""
    return np.eye(size)[np.array(place)][None]


@question("Where the bells stand", level=1, chapters=[12])
def bells(draw):
    S, N = draw.one_of([9, 17, 25, 33]), draw.whole(2, 5)
    centre, share = draw.steps(-0.5, 0.5, 0.25), draw.one_of([1.0, 0.5, 0.25])
    stride = share * (S - 1) / (N - 1)
    exact = (S - 1) / 2 * (centre + 1) + (np.arange(N) - (N - 1) / 2) * stride
    inside = int(((exact >= 0) & (exact <= S - 1)).sum())
    return Drawn(
        r"""
        <<N>> bells stand along a row of $S = <<S>>$ pixels, numbered from 0. The centre of the grid is <<centre>>, from $-1$ (the first
        pixel) to 1 (the last); the stride is <<share>> times the one that spreads them over all pixels.

        (a) Compute the stride in pixels and the means of the bells.
        (b) How many of the means lie on the picture? What does a bell outside it read, if each filter is scaled to sum 1?
        (c) Which of centre, stride and width would you change to look at the same place more coarsely?
        """,
        r"""
        (a) $<<share>> \cdot (S - 1)/(N - 1) = <<stride:.4f>>$; the means are $<<exact:.3f>>$.
        (b) <<inside>>. Its weights sum to 1 over the pixels that there are, so it reads the border.
        (c) Stride and width together: a wider stride with narrow bells leaves gaps between them.
        """,
        [(3, "(a)"), (2, "(b)"), (1, "(c)")],
        {"S": S, "N": N, "centre": centre, "share": share},
        {"stride": stride, "exact": exact, "inside": inside},
    )


@question("Read and write through a grid", level=2, chapters=[12])
def read_write(draw):
    picture = draw.steps(1, 9, 1, (3, 3))
    soft = draw.one_of([0.5, 0.25, 0.75])
    rows = np.array([[[soft, 1 - soft, 0.0], [0.0, 0.0, 1.0]]])
    columns = sharp([0, 2], 3)
    gain = np.array([float(draw.whole(1, 3))])
    read, _ = read_forward(picture[None], rows, columns, gain)
    written, _ = write_forward(read, rows, columns, gain)
    return Drawn(
        r"""
        A picture $x = <<picture>>$ is read through the filters $F_y = <<rows>>$ (rows) and $F_x = <<columns>>$ (columns) with
        gain <<gain:.0f>>: $r = \gamma\, F_y\, x\, F_x^\top$.

        (a) Compute $r$.
        (b) What is painted is $F_y^\top w\, F_x / \gamma$. Compute it for $w = r$. Which pixels of $x$ come back unchanged, and why not
        all?
        (c) Why can this reading be trained by gradients, and cutting out a patch at whole pixels cannot?
        """,
        r"""
        (a) $<<read>>$.
        (b) $<<written:.4g>>$. Only pixels that one filter alone reads, with weight 1, come back; a mean of two rows is one number, and
        writing spreads it over both; what no filter reads is painted as 0.
        (c) The weights depend smoothly on centre, stride and width; a patch at whole pixels does not change at all, or jumps.
        """,
        [(2, "(a)"), (3, "(b) numbers 2, reason 1"), (1, "(c)")],
        {
            "picture": picture,
            "rows": rows[0],
            "columns": columns[0],
            "gain": float(gain[0]),
        },
        {"read": read[0], "written": written[0]},
    )


@question("A canvas that adds up", level=1, chapters=[12, 7])
def canvas(draw):
    strokes = draw.steps(-2, 2, 0.5, 4)
    return Drawn(
        r"""
        A network paints in four steps. What it writes at one pixel is $<<strokes>>$, in order; the canvas adds up, and the picture is
        the sigmoid of the canvas.

        (a) Compute the pixel after each step, from an empty canvas (0).
        (b) What is the derivative of the final canvas with respect to what was written at step 1, and which cell of the course has the
        same path?
        (c) The last step writes nothing there. Can the pixel still be corrected before? Compare with a network that outputs the whole
        picture at once.
        """,
        r"""
        (a) $<<pixels:.3f>>$.
        (b) 1, at every step: nothing multiplies the canvas. It is the memory line of an LSTM with $f = 1$.
        (c) Yes: every step may add to what was there, and may look at the canvas first; the network that paints at once has no second
        stroke.
        """,
        [(2, "(a)"), (2, "(b)"), (1, "(c)")],
        {"strokes": strokes},
        {"pixels": sigmoid(strokes.cumsum())},
    )


@question("What a code costs", level=2, chapters=[12, 4])
def code(draw):
    mean, deviation = draw.steps(-2, 2, 0.5, 2), draw.steps(0.25, 1, 0.25, 2)
    pixels = float(draw.whole(80, 120))
    parts = (mean**2 + deviation**2 - 1) / 2 - np.log(deviation)
    return Drawn(
        r"""
        An encoder turns a picture into two independent normal numbers with means $<<mean>>$ and standard deviations
        $<<deviation>>$. The code before the picture is known is standard normal. Given a drawn code, the pixels cost <<pixels:.0f>>
        nats.

        (a) Derive the divergence of one such number from the standard normal,
        $\tfrac12 (\mu^2 + \sigma^2 - 1) - \ln \sigma$, and compute the cost of the code.
        (b) What is the bound for this picture, and for which encoder is the first part 0?
        (c) “Then let the code cost nothing.” What happens to the pixels?
        """,
        r"""
        (a) It is the mean of $\ln q - \ln p = -\ln \sigma - \frac{(z - \mu)^2}{2 \sigma^2} + \frac{z^2}{2}$ over
        $z \sim q$, with $\mathrm{E}(z - \mu)^2 = \sigma^2$ and $\mathrm{E} z^2 = \mu^2 + \sigma^2$. Each number:
        $<<parts:.4f>>$, together <<cost:.4f>> nats.
        (b) <<bound:.3f>> nats at most for the picture; 0 for mean 0 and deviation 1, whatever the picture is.
        (c) The code then tells nothing about the picture, and the decoder must paint for all pictures at once: the pixels cost as
        much as without any code.
        """,
        [(3, "(a) the derivation (2), the numbers (1)"), (2, "(b)"), (1, "(c)")],
        {"mean": mean, "deviation": deviation, "pixels": pixels},
        {"parts": parts, "cost": parts.sum(), "bound": parts.sum() + pixels},
    )


@question("What a glimpse costs and misses", level=3, chapters=[12, 1, 5])
def glimpses(draw):
    S, N, T = draw.one_of([28, 40, 60, 100]), draw.whole(4, 8), draw.whole(3, 8)
    accuracy, fixed = draw.steps(0.9, 0.97, 0.01), draw.steps(0.6, 0.88, 0.02)
    return Drawn(
        r"""
        A network looks at pictures of $<<S>> \times <<S>>$ pixels through <<T>> glimpses of $<<N>> \times <<N>>$ numbers and is right in
        <<accuracy>> of the cases. With glimpses at <<T>> fixed places it is right in <<fixed>>.

        (a) Which share of the picture's size is what it reads in all?
        (b) “So it has learned where to look.” Which comparisons are missing before you agree? Name two.
        (c) A glimpse at one whole-numbered place is drawn, not averaged. How can the choice be trained, and why is its gradient
        noisy?
        (d) How would you find out whether it needs the *order* of its glimpses?
        """,
        r"""
        (a) $<<T>> \cdot <<N>>^2 / <<S>>^2 = <<share:.4f>>$.
        (b) Glimpses at random places, the best fixed places found on the training set, a network of equal size that sees a small
        version of the whole picture; several seeds each.
        (c) With REINFORCE: the reward of a drawn place times the gradient of its log-probability, minus a baseline that does not depend
        on the draw. One draw says only how that place did.
        (d) Give the same glimpses in a shuffled order, once to the trained network and once in training; the difference of the two
        tells habit from need.
        """,
        [(1, "(a)"), (2, "(b)"), (2, "(c)"), (2, "(d)")],
        {"S": S, "N": N, "T": T, "accuracy": accuracy, "fixed": fixed},
        {"share": T * N * N / S**2},
    )
