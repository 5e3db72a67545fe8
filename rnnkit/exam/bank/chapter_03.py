"""Back-propagation through time: shares, checks, costs and cuts."""

import numpy as np

from rnnkit.cells import rnn_step_backward, rnn_step_forward
from rnnkit.exam.question import Drawn, question
from rnnkit.functional import cross_entropy_backward, cross_entropy_forward
from rnnkit.gradcheck import numerical_gradient
from rnnkit.sequence import rnn_backward, rnn_forward

BUGS = {
    "`dW_hh` is computed with `h` instead of `h_prev`": (
        {"W_hh"},
        "Nothing is computed from `dW_hh`; a mistake at a leaf stays there.",
    ),
    "the step before never receives `dh_next`": (
        {"x", "h0", "W_xh", "W_hh", "b_h"},
        "All five are computed from the stream that was cut; only the output layer is not.",
    ),
    "the factor $1 - h^2$ is forgotten": (
        {"x", "h0", "W_xh", "W_hh", "b_h"},
        "All five are computed from `da`; the output layer lies before the tanh.",
    ),
    "`db_h` is averaged over the batch instead of summed": (
        {"b_h"},
        "Nothing is computed from `db_h`.",
    ),
    "`dx` is computed with `W_hh` instead of `W_xh` ($D = H$)": (
        {"x"},
        "`dx` leaves the network; nothing inside reads it.",
    ),
    "softmax minus one-hot is divided by the batch size twice": (
        {"x", "h0", "W_xh", "W_hh", "b_h", "W_hy", "b_y"},
        "Everything is computed from the gradient of the logits.",
    ),
}
NAMES = ["x", "h0", "W_xh", "W_hh", "b_h", "W_hy", "b_y"]


@question("Who is to blame?", level=2, chapters=[3])
def shares(draw):
    w, x = draw.steps(0.5, 1.5, 0.1), draw.steps(0.5, 1.2, 0.1)
    h, caches, states = np.zeros((1, 1)), [], []
    for step in range(3):
        h, cache = rnn_step_forward(
            np.array([[x if step == 0 else 0.0]]),
            h,
            np.eye(1),
            np.array([[w]]),
            np.zeros(1),
        )
        caches.append(cache)
        states.append(h[0, 0])
    dh, share = np.ones((1, 1)), []
    for cache in reversed(caches):
        _, dh, _, dW, _ = rnn_step_backward(dh, cache)
        share.insert(0, dW[0, 0])
    return Drawn(
        r"""
        $h_t = \tanh(x_t + <<w>>\, h_{t-1})$, $h_0 = 0$, inputs $<<x>>, 0, 0$, and the loss is $L = h_3$.

        (a) Compute $h_1, h_2, h_3$.
        (b) The weight $w = <<w>>$ is used at three steps. Compute the share of each use in $\mathrm{d}L/\mathrm{d}w$, and
        the gradient.
        (c) Why is one share exactly zero? What would make it different from zero?
        """,
        r"""
        (a) $<<states:.3f>>$.
        (b) With $\delta_3 = 1 - h_3^2$, $\delta_{t-1} = \delta_t\, w\, (1 - h_{t-1}^2)$ the share of step $t$ is
        $\delta_t h_{t-1}$: $<<share:.3f>>$, in all $<<total:.3f>>$.
        (c) At step 1 the weight multiplies $h_0 = 0$, so that changing it there changes nothing. Another initial state would.
        """,
        [(1, "(a)"), (3, "(b) a share each"), (1, "(b) their sum"), (1, "(c)")],
        {"w": w, "x": x},
        {"states": states, "share": share, "total": sum(share)},
    )


@question("The gradient of a softmax", level=1, chapters=[3])
def logits(draw):
    scores, right = draw.steps(-2, 2, 0.5, 3), draw.whole(0, 2)
    loss, cache = cross_entropy_forward(scores[None, None], np.array([[right]]))
    gradient = cross_entropy_backward(cache)[0, 0]
    return Drawn(
        r"""
        The logits of one step are $<<scores>>$; class <<place>> of 3 is the right one.

        (a) Compute the loss in nats.
        (b) Compute its gradient with respect to the logits.
        (c) Without computing: what is the sum of the three entries, and why?
        """,
        r"""
        (a) $<<loss:.3f>>$.
        (b) Softmax minus one-hot: $<<gradient:.3f>>$.
        (c) Zero: adding one number to all logits changes no probability.
        """,
        [(1, "(a)"), (2, "(b)"), (1, "(c) zero, with the reason")],
        {"scores": scores, "right": right},
        {"loss": loss, "gradient": gradient},
        {"place": right + 1},
    )


@question("What the states weigh", level=1, chapters=[3])
def memory(draw):
    B, H, D = 2 ** draw.whole(3, 6), 2 ** draw.whole(6, 9), 2 ** draw.whole(4, 6)
    T, k = 1000 * draw.whole(2, 9), draw.one_of([20, 25, 40, 50])
    _, (steps, _) = rnn_forward(
        *(np.zeros(s, np.float32) for s in [(1, 1, D), (1, H), (D, H), (H, H), (H,)])
    )
    x, _, h = steps[0][:3]
    per_step = B * (x.nbytes + h.nbytes)
    return Drawn(
        r"""
        A vanilla RNN with $D = <<D>>$ and $H = <<H>>$ reads $B = <<B>>$ sequences of $T = <<T>>$ steps in single precision
        (4 bytes a number). The backward pass needs $x_t$ and $h_t$ of every step.

        (a) How many megabytes ($10^6$ bytes) do they take for the full gradient?
        (b) And with chunks of <<k>>?
        (c) Which of these does *not* double when $T$ doubles: the time of the backward pass, the stored states,
        $\mathrm{d}W_{hh}$?
        """,
        r"""
        (a) $4 B T (D + H) = <<full:.1f>>$ MB.
        (b) $4 B \cdot <<k>> \cdot (D + H) = <<chunk:.3f>>$ MB.
        (c) $\mathrm{d}W_{hh}$: more steps are more terms of its sum, not more entries.
        """,
        [(2, "(a)"), (1, "(b)"), (1, "(c)")],
        {"B": B, "T": T, "D": D, "H": H, "k": k},
        {"full": per_step * T / 1e6, "chunk": per_step * k / 1e6},
    )


@question("What a bug looks like", level=2, chapters=[3])
def bug(draw):
    first, second = draw.some_of(sorted(BUGS), 2)
    wrong = [[n for n in NAMES if n in BUGS[b][0]] for b in (first, second)]
    listed = ["`" + "`, `".join(names) + "`" for names in wrong]
    return Drawn(
        "A vanilla RNN with an output layer and cross entropy is checked at $B = 2$, $T = 4$ with central differences of "
        "`x`, `h0`, `W_xh`, `W_hh`, `b_h`, `W_hy`, `b_y`. Which of the seven gradients does the check flag, and why, if\n\n"
        f"(a) {first};\n(b) {second}?\n\n(c) Which of the two bugs would a check at $T = 1$ with $B = 1$ and $h_0 = 0$ miss?",
        f"(a) {listed[0]}. {BUGS[first][1]}\n(b) {listed[1]}. {BUGS[second][1]}\n(c) {missed(first, second)}",
        [
            (2, "(a) the names and the reason"),
            (2, "(b) the names and the reason"),
            (2, "(c) with a reason"),
        ],
        {"bugs": [first, second], "flagged": wrong},
    )


def missed(*bugs):
    """What a check with one step, one example and a zero state cannot see of these bugs."""
    silent = {
        "the step before never receives `dh_next`": "there is no later step, so that `dh_next` is zero anyway",
        "`db_h` is averaged over the batch instead of summed": "a mean over one example is its sum",
        "softmax minus one-hot is divided by the batch size twice": "dividing by 1 changes nothing",
    }
    found = {
        "`dW_hh` is computed with `h` instead of `h_prev`": "the right `dW_hh` is zero there and `h` is not",
        "the factor $1 - h^2$ is forgotten": "the tanh is passed at that step too",
        "`dx` is computed with `W_hh` instead of `W_xh` ($D = H$)": "`dx` is wrong at every step",
    }
    parts = [
        f"Bug ({letter}) is missed: {silent[b]}."
        if b in silent
        else f"Bug ({letter}) is seen: {found[b]}."
        for letter, b in zip("ab", bugs, strict=True)
    ]
    return " ".join(parts)


@question("How many steps a loss sees", level=1, chapters=[3])
def depth(draw):
    k = draw.whole(5, 12)
    j, T = draw.whole(2, k - 1), k * draw.whole(5, 12)
    return Drawn(
        r"""
        A sequence of $T = <<T>>$ steps with a loss at every step is trained in chunks of <<k>>, the state carried.

        (a) How many steps, its own included, does the gradient of the loss at step <<j>> of a chunk see?
        (b) How many on average over a chunk?
        (c) Of all pairs (loss at $t$, input at $s \le t$) of the sequence, which share keeps its gradient?
        """,
        r"""
        (a) <<seen>>.
        (b) $(<<k>> + 1) / 2 = <<mean>>$.
        (c) $\frac{T (k + 1) / 2}{T (T + 1) / 2} = \frac{k + 1}{T + 1} = <<share:.3f>>$.
        """,
        [(1, "(a)"), (1, "(b)"), (2, "(c)")],
        {"k": k, "j": j, "T": T},
        {"seen": j, "mean": (k + 1) / 2, "share": kept_pairs(T, k)},
    )


def kept_pairs(T, k):
    """The share of (loss, input) pairs whose gradient chunks of k leave: those of one chunk, found by running it."""
    x, W = np.full((1, k, 1), 0.1), np.full((1, 1), 0.9)
    _, cache = rnn_forward(x, np.zeros((1, 1)), W, W, np.zeros(1))
    kept = 0
    for dh in np.eye(k)[:, None, :, None]:
        kept += int((rnn_backward(dh, cache)[0] != 0).sum())
    return kept * (T // k) / (T * (T + 1) / 2)


@question("A check by differences", level=2, chapters=[3])
def differences(draw):
    w, step = draw.steps(0.5, 2, 0.1), draw.one_of([0.1, 0.05, 0.2])
    a = draw.whole(2, 5)

    point = np.array([w])

    def f():
        return float(a * point[0] ** 3)

    central = numerical_gradient(f, point, eps=step)[0]
    return Drawn(
        r"""
        The gradient of $f(w) = <<a>>\, w^3$ at $w = <<w>>$ is checked with a step of $\varepsilon = <<step>>$.

        (a) Compute the exact derivative, the one-sided difference $(f(w + \varepsilon) - f(w))/\varepsilon$ and the central
        one.
        (b) By which factor does each error shrink when $\varepsilon$ is halved? Show it from the formulas.
        (c) Why is $\varepsilon = 10^{-12}$ no good idea in double precision?
        """,
        r"""
        (a) $<<exact:.4f>>$; $<<forward:.4f>>$; $<<central:.4f>>$.
        (b) The one-sided error is $<<a>>(3 w \varepsilon + \varepsilon^2)$, about halved; the central error is $<<a>>\,
        \varepsilon^2$, a quarter.
        (c) $f(w \pm \varepsilon)$ agree in all but the last few of some 16 digits, and the difference is made of rounding.
        """,
        [
            (3, "(a) a number each"),
            (2, "(b) both orders derived"),
            (1, "(c) cancellation"),
        ],
        {"a": a, "w": w, "step": step},
        {
            "exact": 3 * a * w**2,
            "forward": a * ((w + step) ** 3 - w**3) / step,
            "central": central,
        },
    )


@question("Is truncation a Markov assumption?", level=3, chapters=[3, 1])
def markov(draw):
    k, far = draw.whole(3, 8), 10 * draw.whole(4, 9)
    what = draw.one_of(
        ["a bit that was set", "the last bracket type", "which speaker began"]
    )
    return Drawn(
        r"""
        “We train in chunks of <<k>> steps, so our model is a Markov model of order <<k>>.” The state is carried from chunk to
        chunk.

        (a) What is cut and what is not? On what can a prediction depend?
        (b) Describe an experiment that would refute the sentence. Use <<what>> <<far>> steps ago. What would a model of order
        <<k>> score, and which result refutes?
        (c) Give a task that training in chunks of <<k>> with a carried state can *not* be expected to learn, and say why.
        """,
        r"""
        (a) The backward pass is cut, the forward pass is not. A prediction can depend on everything read so far.
        (b) Ask for <<what>>, at places where it happened <<far>> or more steps ago and nothing in between tells it. A model
        that sees <<k>> inputs is at chance there. A network trained in chunks of <<k>> that is clearly above chance there, on
        unseen sequences and with several seeds, refutes the sentence. It can learn it, since handing a thing on by one step
        is the same operation at every step.
        (c) A single loss at the end and the decisive input more than <<k>> steps before, with nothing to reward on the way:
        the gradient at the step that should store it is exactly zero. It may still succeed by what a random network happens
        to keep.
        """,
        [
            (2, "(a) forward and backward told apart"),
            (2, "(b) the setting, with chance as the score of an order-<<k>> model"),
            (1, "(b) the refuting result, unseen data, several seeds"),
            (
                2,
                "(c) a distant cause with no loss within the chunk; the gradient is zero",
            ),
        ],
        {"k": k, "far": far, "what": what},
    )
