"""Gradients over many steps: products, norms, eigenvalues, clipping."""

import numpy as np

from rnnkit.cells import rnn_step_forward
from rnnkit.exam.question import Drawn, question
from rnnkit.jacobian import products, rnn_step_jacobian
from rnnkit.optim import clip_grad_norm
from rnnkit.sequence import rnn_backward, rnn_forward

STATEMENTS = {
    r"$\sigma_1(W_{hh}) < 1$ is sufficient for vanishing with a tanh.": (
        True,
        "every step multiplies a length by at most $\\sigma_1$ times the largest slope, which is 1",
    ),
    r"$\sigma_1(W_{hh}) > 1$ is sufficient for exploding.": (
        False,
        "slopes below 1, and steps that do not meet the same direction again, may shrink it all the same",
    ),
    r"$\sigma_1(W_{hh}) > 1$ is necessary for exploding with a tanh.": (
        True,
        "with $\\sigma_1 \\le 1$ no step lengthens any vector",
    ),
    r"$\sigma_1(W_{hh}) < 1$ is necessary for vanishing with a tanh.": (
        False,
        "saturated units, or eigenvalues inside the circle, make it vanish with $\\sigma_1 > 1$ too",
    ),
    r"In a *linear* network the eigenvalues of $W_{hh}$ decide whether the product of many steps goes to zero.": (
        True,
        "$W^k \\to 0$ exactly if all eigenvalues are inside the unit circle",
    ),
    r"All eigenvalues of $W_{hh}$ inside the unit circle are sufficient for vanishing with a tanh.": (
        False,
        "the slopes change the matrix from step to step, and products of different matrices can grow",
    ),
    r"In a linear network with all eigenvalues inside the unit circle the norm of the gradient falls at every step.": (
        False,
        "eigenvectors that are not perpendicular let it grow for a while",
    ),
}


@question("One step is a matrix", level=1, chapters=[6, 2])
def jacobian(draw):
    W, h_prev = draw.tenths((2, 2)), draw.tenths(2)
    h, cache = rnn_step_forward(
        np.zeros((1, 1)), h_prev[None], np.zeros((1, 2)), W, np.zeros(2)
    )
    J = rnn_step_jacobian(cache)[0]
    return Drawn(
        r"""
        Rows are states: $h_t = \tanh(h_{t-1} W)$ with $W = <<W>>$ and $h_{t-1} = <<h_prev>>$.

        (a) Compute $h_t$.
        (b) Compute the Jacobian $J = \partial h_t / \partial h_{t-1}$, entry $(j, k)$ being
        $\partial h_{t,j}/\partial h_{t-1,k}$, and write it as a product of two matrices.
        (c) How does $\partial h_T / \partial h_0$ follow from the Jacobians of all steps, and in which order?
        """,
        r"""
        (a) $<<h:.3f>>$.
        (b) $J = \mathrm{diag}(1 - h_t^2)\, W^\top = <<J:.3f>>$.
        (c) $J_T J_{T-1} \cdots J_1$: the last step stands on the left.
        """,
        [(1, "(a)"), (3, "(b) the form (2), the numbers (1)"), (1, "(c)")],
        {"W": W, "h_prev": h_prev},
        {"h": h[0], "J": J},
    )


@question("All eigenvalues inside, and it grows", level=2, chapters=[6])
def jordan(draw):
    a, c = draw.one_of([0.6, 0.7, 0.85]), float(draw.whole(2, 9))
    k = draw.whole(3, 6)
    W = np.array([[a, c], [0, a]])
    powers = products(np.tile(W, (1, 60, 1, 1)))[0]
    entries = powers[:, 0, 1]
    return Drawn(
        r"""
        A linear network $h_t = h_{t-1} W^\top$ has $W = <<W>>$.

        (a) What are the eigenvalues? To what does $W^k$ tend?
        (b) Show that the upper right entry of $W^k$ is $k\, a^{k-1} c$ with $a = <<a>>$, $c = <<c>>$, and compute it for
        $k = <<k>>$.
        (c) Compute $\sigma_1(W)$ to two decimals. What does it say about one step, and what not about many?
        (d) For which $k$ is the entry of (b) largest, and how large is it then?
        """,
        r"""
        (a) Both are <<a>>; $W^k \to 0$.
        (b) By induction: $W^{k+1} = W^k W$ has the upper right entry $a^k c + k a^{k-1} c\, a = (k+1) a^k c$. Here:
        $<<entry:.3f>>$.
        (c) $\sigma_1 = <<sigma:.2f>>$: one step can lengthen some vector by this factor. The next step need not meet it in that
        direction.
        (d) The ratio of neighbours is $a (k+1)/k$, above 1 while $k < a / (1-a)$: largest at $k = <<peak>>$, $<<largest:.3f>>$.
        """,
        [(1, "(a)"), (2, "(b)"), (2, "(c)"), (2, "(d)")],
        {"a": a, "c": c, "k": k, "W": W},
        {
            "entry": entries[k - 1],
            "sigma": np.linalg.norm(W, 2),
            "peak": int((entries.round(12)).argmax()) + 1,
            "largest": entries.max(),
        },
    )


@question("Clip by norm", level=1, chapters=[6])
def clip(draw):
    a, b = draw.one_of([(3.0, 4.0), (6.0, 8.0), (5.0, 12.0), (8.0, 15.0)])
    bound = draw.steps(0.5, 2.5, 0.5)
    grads = {"W": np.array([[a, 0.0]]), "b": np.array([b])}
    norm = clip_grad_norm(grads, bound)
    return Drawn(
        r"""
        The gradients are $\mathrm{d}W = (<<a>>,\ 0)$ and $\mathrm{d}b = (<<b>>)$. They are clipped together to a norm of at most
        <<bound>>.

        (a) Compute their common norm, and both gradients after clipping.
        (b) Clipping every *entry* to at most <<bound>> in size is easier to write. What does it do to the direction here?
        (c) Why are all gradients of a network clipped by one common factor?
        """,
        r"""
        (a) $<<norm>>$; $\mathrm{d}W = <<dW:.3f>>$, $\mathrm{d}b = <<db:.3f>>$.
        (b) It gives $(<<bound>>,\ 0)$ and $(<<bound>>)$: the ratio of the two, and so the direction, has changed.
        (c) A common factor keeps the direction of the step in the space of all parameters; factors of their own would turn it.
        """,
        [(2, "(a)"), (1, "(b)"), (1, "(c)")],
        {"a": a, "b": b, "bound": bound},
        {"norm": norm, "dW": grads["W"][0], "db": grads["b"]},
    )


@question("A snippet without the root", level=2, chapters=[6])
def snippet(draw):
    threshold, norm = draw.whole(2, 9), 10 * draw.whole(1, 20)
    grad = np.array([float(norm)])
    n = float(np.sum(grad * grad))
    grad *= threshold / n
    right = {"g": np.array([float(norm)])}
    clip_grad_norm(right, threshold)
    return Drawn(
        r"""
        A common snippet reads `n = np.sum(g * g)`, then `if n > c: g *= c / n`, with $c = <<threshold>>$.

        (a) A gradient of norm <<norm>> comes in. Which norm comes out? Which one was intended?
        (b) From which incoming norm on does the snippet change anything, and which is the largest norm that it lets out?
        (c) Sketch the outgoing against the incoming norm, for the snippet and for clipping by norm.
        (d) What does the snippet do to training just where clipping was meant to help?
        """,
        r"""
        (a) $c / \lVert g \rVert = <<out:.4f>>$; intended was $<<intended:.1f>>$.
        (b) From $\sqrt{c} = <<root:.3f>>$ on, which is also the largest norm that comes out.
        (c) Snippet: the diagonal up to $\sqrt{c}$, then the hyperbola $c/x$. By norm: the diagonal up to $c$, then constant.
        (d) The larger the gradient, the smaller the step: where the loss is steepest, training nearly stands still.
        """,
        [(2, "(a)"), (2, "(b)"), (1, "(c) both curves"), (1, "(d)")],
        {"threshold": threshold, "norm": norm},
        {
            "out": abs(grad[0]),
            "intended": float(right["g"][0]),
            "root": float(np.sqrt(threshold)),
        },
    )


@question("Sufficient or necessary?", level=2, chapters=[6])
def conditions(draw):
    chosen = draw.some_of(sorted(STATEMENTS), 4)
    answers = [STATEMENTS[s] for s in chosen]
    return Drawn(
        "True or false? One sentence of reason each. The gradient is that of $h_T$ with respect to $h_0$, $T$ large.\n\n"
        + "\n".join(f"{k}. {s}" for k, s in enumerate(chosen, 1)),
        "\n".join(
            f"{k}. {'True' if truth else 'False'}: {why}."
            for k, (truth, why) in enumerate(answers, 1)
        ),
        [
            (
                8,
                "per statement 1 point for the verdict and 1 for a reason that carries it",
            )
        ],
        {"statements": chosen, "truth": [truth for truth, _ in answers]},
    )


@question("A factor per step", level=1, chapters=[6])
def factor(draw):
    T, r = 10 * draw.whole(3, 9), draw.steps(0.5, 0.95, 0.05)
    exponent = draw.whole(3, 9)
    return Drawn(
        r"""
        The norm of $\partial h_T/\partial h_{T-k}$ falls by about the factor <<r>> per step.

        (a) What is left after <<T>> steps?
        (b) In another network $10^{-<<exponent>>}$ is left after <<T>> steps. What is its factor per step?
        (c) “So I multiply the learning rate by $10^{<<exponent>>}$.” Why does this not help?
        """,
        r"""
        (a) $<<r>>^{<<T>>} = <<left:.2e>>$.
        (b) $10^{-<<exponent>>/<<T>>} = <<other:.3f>>$.
        (c) The gradient of the weights is a sum over steps; the recent terms have an ordinary size and would be raised as well.
        What is wrong is the proportion of far to near.
        """,
        [(1, "(a)"), (2, "(b)"), (2, "(c)")],
        {"T": T, "r": r, "exponent": exponent},
        {"left": r**T, "other": 10 ** (-exponent / T)},
    )


@question("The gradient does not vanish. Its memory does", level=3, chapters=[6, 3])
def memory_of_gradient(draw):
    w, T, k = draw.steps(0.5, 0.9, 0.05), 10 * draw.whole(4, 8), draw.whole(4, 9)
    W = np.array([[w]])
    x = np.full((1, T, 1), 1.0)
    tiny = 1e-6  # so small that tanh is the identity to all digits shown
    _, cache = rnn_forward(tiny * x, np.zeros((1, 1)), np.eye(1), W, np.zeros(1))
    dh = np.zeros((1, T, 1))
    dh[0, -1] = 1
    dx = rnn_backward(dh, cache)[0][0, :, 0]
    return Drawn(
        r"""
        A linear unit $h_t = w h_{t-1} + x_t$ with $w = <<w>>$ reads $T = <<T>>$ inputs of the same variance; the loss is a
        function of $h_T$.

        (a) How large is $\partial h_T / \partial x_1$?
        (b) Which share of $\sum_t \partial h_T/\partial x_t$ comes from the last <<k>> inputs? Give the formula and the number.
        (c) A student prints the norm of $\mathrm{d}L/\mathrm{d}w$, finds an ordinary number, and says: “no vanishing gradient
        here.” Explain the mistake, and say what to print instead.
        """,
        r"""
        (a) $w^{T-1} = <<far:.2e>>$.
        (b) $(1 - w^{<<k>>}) / (1 - w^T) = <<share:.4f>>$.
        (c) The gradient of a shared weight is a sum over its uses, and recent uses alone make it large. It tells nothing about
        distant ones. Print the parts: the norm of the gradient with respect to the state, or the input, of every step.
        """,
        [
            (1, "(a)"),
            (2, "(b) geometric sums"),
            (2, "(c) the sum hides the small terms"),
            (1, "(c) a measurement by step"),
        ],
        {"w": w, "T": T, "k": k},
        {"far": dx[0], "share": dx[-k:].sum() / dx.sum()},
    )
