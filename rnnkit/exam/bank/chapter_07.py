"""The LSTM: gates, both gradients, the forget bias, counting."""

import math

import numpy as np

from rnnkit.cells import lstm_step_backward, lstm_step_forward
from rnnkit.exam.draw import gate
from rnnkit.exam.question import Drawn, question
from rnnkit.functional import sigmoid
from rnnkit.jacobian import lstm_jacobians, products
from rnnkit.sequence import lstm_forward

TASKS = {
    "name the first symbol of 51": "the forget gate may be a constant near 1: nothing has to be erased; the input gate must open once and then stay shut",
    "name the latest of the marked symbols, at any time": "a forget gate that falls to 0 at a marked symbol clears the cell; a constant near 1 suffices only if what is written outweighs the old, which training may find or not",
    "count the a's since the last b": "the forget gate must fall to 0 at every b and stay near 1 else; the input gate must let in the same step for each a",
    "say at the end whether an x has ever occurred": "the forget gate may be a constant near 1; the input gate must open at x alone",
}


def step(a, h_prev=0.0, c_prev=0.0, w=0.0):
    """One step of an LSTM with one unit, the arguments of its gates i, f, o, g given."""
    weights = np.zeros((1, 4)), np.full((1, 4), w), np.array(a, float)
    one = np.ones((1, 1))
    return lstm_step_forward(0 * one, h_prev * one, c_prev * one, *weights)


@question("One step of an LSTM", level=1, chapters=[7])
def one_step(draw):
    a, c_prev = draw.steps(-2, 2, 0.5, 4), draw.steps(-1.5, 1.5, 0.5)
    h, c, _ = step(a, c_prev=c_prev)
    return Drawn(
        r"""
        An LSTM with one unit has $c_{t-1} = <<c_prev>>$. The arguments of its gates $i, f, o$ and of $g$ are $<<a>>$, in this
        order.

        (a) Compute $c_t$ and $h_t$.
        (b) Which of the two does the output layer read, and which one has no matrix product on its way to the next step?
        (c) The forget gate is 1 at every step. What does the cell do?
        """,
        r"""
        (a) $i = <<i:.3f>>$, $f = <<f:.3f>>$, $o = <<o:.3f>>$, $g = <<g:.3f>>$; $c_t = f c_{t-1} + i g = <<c:.3f>>$,
        $h_t = o \tanh c_t = <<h:.3f>>$.
        (b) The output layer reads $h$; $c$ goes on by an element-wise product.
        (c) It keeps all it has and adds what the input gate lets in: $f$ is the share that is *kept*.
        """,
        [(3, "(a) gates, $c_t$, $h_t$"), (1, "(b) both"), (1, "(c)")],
        {"a": a, "c_prev": c_prev},
        {"c": c[0, 0], "h": h[0, 0]},
        dict(zip("ifo", sigmoid(a[:3]), strict=True)) | {"g": math.tanh(a[3])},
    )


@question("Parameters of three cells", level=1, chapters=[7, 8])
def parameters(draw):
    D, H = 4 * draw.whole(2, 16), 8 * draw.whole(2, 16)
    weights = np.zeros((D, 4 * H)), np.zeros((H, 4 * H)), np.zeros(4 * H)
    x, state = np.zeros((1, D)), np.zeros((1, H))
    lstm_step_forward(x, state, state, *weights)  # accepts these shapes
    lstm = sum(w.size for w in weights)
    return Drawn(
        r"""
        $D = <<D>>$ inputs, $H = <<H>>$ units.

        (a) Give the shapes of $W_{xh}$, $W_{hh}$, $b_h$ of an LSTM and its number of parameters.
        (b) And the number for a vanilla RNN, and for a GRU with two bias vectors?
        (c) Some notes give the LSTM's matrix the shape $2h \times 4h$. When is that right?
        """,
        r"""
        (a) $(D, 4H)$, $(H, 4H)$, $(4H)$: $<<lstm>>$.
        (b) $DH + H^2 + H = <<rnn>>$; $3(DH + H^2 + 2H) = <<gru>>$.
        (c) Only if the input has as many entries as the state; in general it is $(D + H) \times 4H$.
        """,
        [(2, "(a)"), (2, "(b)"), (1, "(c)")],
        {"D": D, "H": H},
        {"lstm": lstm, "rnn": lstm // 4, "gru": 3 * (D * H + H * H + 2 * H)},
    )


@question("The start of the forget gate", level=1, chapters=[7])
def forget_bias(draw):
    T, b = 10 * draw.whole(2, 8), float(draw.whole(1, 4))
    share = draw.one_of([0.5, 0.8, 0.9, 0.1])
    f = share ** (1 / T)
    return Drawn(
        r"""
        At the start of training the arguments of the forget gates are about their bias $b$.

        (a) Which share of $c_0$ is left on the direct path after $T = <<T>>$ steps for $b = 0$ and for $b = <<b:.0f>>$?
        (b) Which bias keeps the share <<share>> over <<T>> steps?
        (c) Why does a large bias not fix everything? Name a task that it harms at the start.
        """,
        r"""
        (a) $\sigma(0)^{<<T>>} = <<zero:.2e>>$; $\sigma(<<b:.0f>>)^{<<T>>} = <<some:.3g>>$.
        (b) $f = <<share>>^{1/<<T>>} = <<f:.4f>>$, so $b = \ln(f / (1 - f)) = <<bias:.2f>>$.
        (c) What is kept is not overwritten: where only the latest of many values counts, the cell begins as a sum of all of
        them. It must first learn to close the gate.
        """,
        [(2, "(a)"), (2, "(b)"), (1, "(c)")],
        {"T": T, "b": b, "share": share},
        {
            "zero": gate(0.0) ** T,
            "some": gate(b) ** T,
            "bias": math.log(f / (1 - f)),
        },
        {"f": f},
    )


@question("Back through one step", level=2, chapters=[7, 3])
def backward(draw):
    a, c_prev = draw.steps(-2, 2, 0.5, 4), draw.steps(-1.5, 1.5, 0.5)
    dh, dc = draw.steps(-1, 1, 0.5), draw.steps(-1, 1, 0.5)
    h, c, cache = step(a, c_prev=c_prev)
    _, _, dc_prev, _, _, da = lstm_step_backward(
        np.full((1, 1), dh), np.full((1, 1), dc), cache
    )
    return Drawn(
        r"""
        One step of an LSTM with one unit has $i = <<i:.3f>>$, $f = <<f:.3f>>$, $o = <<o:.3f>>$, $g = <<g:.3f>>$,
        $c_{t-1} = <<c_prev>>$ (the arguments of the gates are $<<a>>$). From the loss arrives $\mathrm{d}h_t = <<dh>>$, from
        the next step $\mathrm{d}c_t = <<dc>>$.

        (a) Derive the whole gradient of $c_t$, and compute it.
        (b) Compute $\mathrm{d}c_{t-1}$ and the gradients of the arguments of the four gates.
        (c) Which of these numbers would be missing if $h$ were not read by anything at this step?
        """,
        r"""
        (a) $c_t$ acts on the next step and, through $h_t = o \tanh c_t$, on the loss:
        $\mathrm{d}c = <<dc>> + \mathrm{d}h\, o\, (1 - \tanh^2 c_t) = <<whole:.4f>>$.
        (b) $\mathrm{d}c_{t-1} = f\, \mathrm{d}c = <<dc_prev:.4f>>$; for $i, f, o, g$: $<<da:.4f>>$, from
        $\mathrm{d}c\, g\, i(1-i)$, $\mathrm{d}c\, c_{t-1} f(1-f)$, $\mathrm{d}h \tanh(c_t)\, o(1-o)$ and $\mathrm{d}c\, i (1-g^2)$.
        (c) The gradient of the output gate would be zero, and $\mathrm{d}c$ would be $<<dc>>$ alone.
        """,
        [(2, "(a) two terms, the number"), (3, "(b)"), (1, "(c)")],
        {"a": a, "c_prev": c_prev, "dh": dh, "dc": dc},
        {"whole": dc_prev[0, 0] / gate(a[1]), "dc_prev": dc_prev[0, 0], "da": da},
        dict(zip("ifo", sigmoid(a[:3]), strict=True)) | {"g": math.tanh(a[3])},
    )


@question("“The gates are below 1, so it cannot explode”", level=3, chapters=[7, 6])
def direct_and_total(draw):
    w, T = float(draw.whole(4, 9)), draw.whole(3, 5)
    W_hh = np.array([[0.0, 0.0, 0.0, w]])
    b = np.array([2.0, 2.0, 2.0, 0.0])
    zero = np.zeros((1, 1))
    _, _, cache = lstm_forward(
        np.zeros((1, T, 1)), zero, zero, np.zeros((1, 4)), W_hh, b
    )
    total = products(lstm_jacobians(cache))[0, -1, 1, 1]
    direct = gate(2.0) ** T
    return Drawn(
        r"""
        “All forget gates lie between 0 and 1, so the gradient of an LSTM cannot explode.” Take one unit whose gates are
        constant, $i = f = o = \sigma(2) = <<gate:.4f>>$, and $g_t = \tanh(<<w:.0f>>\, h_{t-1})$, no input, $c_0 = h_0 = 0$.

        (a) Show that $c_t = h_t = 0$ for all $t$, and write one step's Jacobian for the state $(h, c)$ there.
        (b) Compute the direct path's share of $\partial c_T/\partial c_0$ for $T = <<T>>$, and the whole derivative.
        (c) What exactly is wrong with the sentence, and what can truly be said about the path through $c$?
        """,
        r"""
        (a) $g = \tanh 0 = 0$, so $c$ and $h$ stay 0. There $\partial c_t = f\, \partial c_{t-1} + i\, <<w:.0f>>\, \partial
        h_{t-1}$ and $\partial h_t = o\, \partial c_t$.
        (b) Direct: $f^{<<T>>} = <<direct:.4f>>$. Whole: for $T \ge 2$ each further step multiplies by $f + <<w:.0f>>\, i\, o$,
        the first by $f$, since $h_0$ is fixed: $<<total:.3f>>$.
        (c) The product of the forget gates is the direct path alone. There is a way through $h$ and its weights, which can grow
        without bound. The direct path is one summand of the whole derivative: it says what arrives on that way, and bounds nothing from above.
        """,
        [
            (2, "(a)"),
            (3, "(b) direct 1, whole 2"),
            (2, "(c) direct path against whole derivative"),
        ],
        {"w": w, "T": T},
        {"direct": direct, "total": total},
        {"gate": gate(2.0)},
    )


@question("A cell that counts, and where it fails", level=2, chapters=[7])
def counting(draw):
    up, excess = 100, draw.whole(1, 3)
    threshold = draw.whole(40, 65)
    down = up + excess
    n = next(n for n in range(1, 1000) if (n - 1) * down >= n * up - threshold)
    return Drawn(
        r"""
        On $a^n b^n$ a trained cell rises by 1.00 at each a and falls by <<fall:.2f>> at each b. The network ends the string as
        soon as the cell is at or below <<level:.2f>>.

        (a) Show that it ends after $m$ b's with $m$ the smallest whole number for which
        $<<fall:.2f>>\, m \ge n - <<level:.2f>>$.
        (b) What is the smallest $n$ at which it ends too early?
        (c) It was trained up to $n = 10$. Why does right up to $n - 1$ of (b) not show that it has “learned the rule”?
        (d) Why does a state that lies between $-1$ and 1 count less far?
        """,
        r"""
        (a) After $n$ a's the cell is at $n$, after $m$ b's at $n - <<fall:.2f>>\, m$; it stops when this is at most
        <<level:.2f>>.
        (b) Too early means $m \le n - 1$: $<<fall:.2f>> (n - 1) \ge n - <<level:.2f>>$, first at $n = <<n>>$.
        (c) The two steps cancel nearly, not exactly; the drift grows with $n$ until it passes the threshold. It has a device that
        is right up to a length, and tests below this length cannot tell the difference.
        (d) More numbers must fit between the same bounds: the steps get smaller, and with them the margin.
        """,
        [(2, "(a)"), (2, "(b)"), (1, "(c)"), (1, "(d)")],
        {"excess": excess, "threshold": threshold},
        {"n": n},
        {"fall": down / 100, "level": threshold / 100},
    )


@question("Which gate may be a constant?", level=3, chapters=[7])
def constant_gate(draw):
    first, second = draw.some_of(sorted(TASKS), 2)
    seeds = draw.whole(5, 10)
    return Drawn(
        f"""
        In an LSTM the forget gate is replaced by one trained constant per unit. Two tasks: (1) {first}; (2) {second}.

        (a) For each task: what must the forget gate do, and does the constant suffice?
        (b) A table shows: “with the constant, <<seeds>> of <<seeds>> seeds succeed on one task, so the forget gate is useless.”
        What is wrong with this sentence?
        (c) What belongs into a fair comparison of the cell with and without the gate? Name three things.
        """,
        f"""
        (a) (1) {TASKS[first]}. (2) {TASKS[second]}.
        (b) A part is needed or not *for a task*. Where nothing must be erased, nothing is lost without the means to erase.
        (c) Several seeds; equal steps and about equal numbers of parameters; a learning rate chosen for each cell on data that
        is not scored; more than one task, one of which needs the part.
        """,
        [(4, "(a) 2 points a task"), (1, "(b)"), (3, "(c) three things")],
        {"tasks": [first, second], "seeds": seeds},
    )
