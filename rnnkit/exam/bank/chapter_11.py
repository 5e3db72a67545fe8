"""Questions about pictures: sums and products, counting, shortcuts."""

import numpy as np

from rnnkit.attention import attend_forward
from rnnkit.exam.question import Drawn, question
from rnnkit.functional import affine_backward, affine_forward

FORMS = [
    "existence (yes or no)",
    "counting (0 to 3)",
    "kind (8 animals)",
    "relation (yes or no)",
]
CHANCE = {FORMS[0]: 1 / 2, FORMS[1]: 1 / 4, FORMS[2]: 1 / 8, FORMS[3]: 1 / 2}
NOUNS = ["cat", "dog", "bus", "tree", "boat", "cup"]


@question("A sum cannot match", level=2, chapters=[11])
def additive(draw):
    f, g = draw.steps(-2, 2, 0.5, 2), draw.steps(-2, 2, 0.5, 2)
    a, b = draw.some_of(NOUNS, 2)
    table = f[:, None] + g
    right = (table > 0) == np.eye(2, dtype=bool)
    return Drawn(
        r"""
        A network answers “does the picture show what was asked?” by the sign of $s(q, v) = f(q) + g(v)$; yes above 0. For the
        questions <<a>> and <<b>> $f = <<f>>$, for pictures of <<a>> and of <<b>> $g = <<g>>$.

        (a) Compute the four scores. How many of the four answers are right?
        (b) Prove that no $f$ and $g$ make all four right.
        (c) Give $f$ and $g$ with three right answers.
        (d) Which two changes to the network remove the limit?
        """,
        r"""
        (a) $<<table>>$, rows are questions: <<right>> right.
        (b) $s(a,a) + s(b,b) = s(a,b) + s(b,a)$, both being the sum of all four parts. All right would need the left side above 0
        and the right side at most 0.
        (c) $f = (1, -1)$, $g = (0.5, -1.5)$: the scores $1.5, -0.5, -0.5, -2.5$ are right three times.
        (d) A product of the two sides; or a hidden layer with a relu behind the sum.
        """,
        [(2, "(a)"), (2, "(b)"), (1, "(c)"), (1, "(d)")],
        {"f": f, "g": g},
        {"table": table, "right": int(right.sum())},
        {"a": a, "b": b},
    )


@question("A product of low rank", level=2, chapters=[11])
def bilinear(draw):
    W_q, W_v = draw.steps(-2, 2, 1, (3, 2)), draw.steps(-2, 2, 1, (3, 2))
    w = draw.steps(-2, 2, 1, 2)
    M = W_q @ np.diag(w) @ W_v.T
    q, v = np.eye(3)[draw.whole(0, 2)], np.eye(3)[draw.whole(0, 2)]
    p, _ = affine_forward(q[None], W_q, np.zeros(2))
    r, _ = affine_forward(v[None], W_v, np.zeros(2))
    score, _ = affine_forward(p * r, w[:, None], np.zeros(1))
    return Drawn(
        r"""
        $z = (q W_q) \odot (v W_v)$ with two units, and the score $z \cdot w$, where
        $$W_q = <<W_q>>, \quad W_v = <<W_v>>, \quad w = <<w>>.$$

        (a) Compute the score for $q = <<q>>$, $v = <<v>>$.
        (b) Write the score as $q M v^\top$, give $M$, and say which rank it can have at most.
        (c) For which questions is two units too few? Give a matrix of answers for three kinds that this fusion cannot give
        exactly.
        """,
        r"""
        (a) $<<score>>$.
        (b) $M = W_q\, \mathrm{diag}(w)\, W_v^\top = <<M>>$: a sum of two outer products, so of rank at most 2.
        (c) Where the matrix of wanted scores has a higher rank, such as $3 \times 3$ with 1 on the diagonal and 0 elsewhere. (By
        sign alone fewer units may do.)
        """,
        [(1, "(a)"), (3, "(b) the form, the matrix, the rank"), (2, "(c)")],
        {"W_q": W_q, "W_v": W_v, "w": w, "q": q, "v": v},
        {"score": score[0, 0], "M": M},
    )


@question("Each side's gradient is the other side", level=1, chapters=[11])
def fusion_gradients(draw):
    q, v, w_q, w_v, dz = draw.tenths(5)
    p, cache_p = affine_forward(np.array([[q]]), np.array([[w_q]]), np.zeros(1))
    r, cache_r = affine_forward(np.array([[v]]), np.array([[w_v]]), np.zeros(1))
    _, dw_q, _ = affine_backward(dz * r, cache_p)
    _, dw_v, _ = affine_backward(dz * p, cache_r)
    return Drawn(
        r"""
        One unit of a product fusion, $z = (q w_q)(v w_v)$, with $q = <<q>>$, $v = <<v>>$, $w_q = <<w_q>>$, $w_v = <<w_v>>$;
        $\mathrm{d}z = <<dz>>$.

        (a) Compute $\mathrm{d}w_q$ and $\mathrm{d}w_v$.
        (b) And for the sum $z = q w_q + v w_v$?
        (c) Both weights of a unit start at 0. What happens in training, with the product and with the sum?
        """,
        r"""
        (a) $\mathrm{d}w_q = q\, \mathrm{d}z\, (v w_v) = <<dw_q:.4f>>$, $\mathrm{d}w_v = <<dw_v:.4f>>$.
        (b) $q\, \mathrm{d}z = <<sum_q:.4f>>$ and $v\, \mathrm{d}z = <<sum_v:.4f>>$.
        (c) With the product both gradients are 0, for every example: the unit never starts. With the sum it does.
        """,
        [(2, "(a)"), (1, "(b)"), (1, "(c)")],
        {"q": q, "v": v, "w_q": w_q, "w_v": w_v, "dz": dz},
        {"dw_q": dw_q[0, 0], "dw_v": dw_v[0, 0], "sum_q": q * dz, "sum_v": v * dz},
    )


@question("What a blind network can score", level=1, chapters=[11])
def blind(draw):
    shares = draw.shares(4, step=0.1)
    forms = draw.some_of(FORMS, 4)
    chance = float(shares @ [CHANCE[form] for form in forms])
    measured = chance + draw.steps(0.05, 0.2, 0.05)
    listed = "; ".join(f"{s:g} {f}" for s, f in zip(shares, forms, strict=True))
    return Drawn(
        r"""
        The shares of a test's questions are: <<listed>>. Within each form all answers come equally often, whatever the words of the
        question.

        (a) What is the best accuracy of a network that sees no picture?
        (b) A blind network scores <<measured:.3f>>. What do you suspect, and what do you look at first?
        (c) Why is “one over the number of all answers” a wrong level of chance here?
        """,
        r"""
        (a) $\sum$ share $\cdot$ chance $= <<chance:.4f>>$.
        (b) Words that give the answer away, or a test question that stands in the training set. Look at the answers by word, per
        form.
        (c) The words name the form, and a blind network can read: only the answers of that form are left.
        """,
        [(2, "(a)"), (1, "(b)"), (1, "(c)")],
        {"shares": shares, "forms": forms},
        {"chance": chance},
        {"listed": listed, "measured": measured},
    )


@question("Can a mean count?", level=2, chapters=[11, 5])
def counting(draw):
    s, k = draw.steps(1, 3, 0.5), draw.whole(1, 3)
    small, large = draw.one_of([9, 16]), draw.one_of([36, 64])

    def share(k, n):
        scores = np.where(np.arange(n) < k, s, 0.0)[None]
        values = (np.arange(n) < k)[None, :, None].astype(float)
        return attend_forward(scores, values)[0][0, 0]

    return Drawn(
        r"""
        Among $n$ regions $k$ hold a cat. Attention gives a cat the score $s = <<s>>$ and everything else 0; the value is 1 for a cat
        and 0 else.

        (a) Derive the context as a function of $k$, $n$ and $s$, and compute it for $n = <<small>>$ and $k = <<k>>$ and <<more>>.
        (b) Can $k$ be read off it while $n$ stays the same? What happens as $s$ grows?
        (c) Compute it for $n = <<large>>$, $k = <<k>>$. What will a reader do that has learned with $n = <<small>>$?
        (d) What would count for every $n$?
        """,
        r"""
        (a) $\frac{k e^s}{k e^s + n - k}$: $<<one:.4f>>$ and $<<two:.4f>>$.
        (b) Yes, it grows with $k$. For large $s$ it tends to 1 for every $k \ge 1$: a sharp glance tells none from some and no
        more.
        (c) $<<far:.4f>>$: the share shrinks, and the reader names too small a number.
        (d) A sum of gates, one for each region, that do not share one unit of weight.
        """,
        [(3, "(a)"), (1, "(b)"), (1, "(c)"), (1, "(d)")],
        {"s": s, "k": k, "small": small, "large": large},
        {"one": share(k, small), "two": share(k + 1, small), "far": share(k, large)},
        {"more": k + 1},
    )


@question("Habit or sight?", level=3, chapters=[11])
def habit(draw):
    p, q = draw.one_of([0.8, 0.9]), draw.steps(0.2, 0.9, 0.1)
    same, turned = q + (1 - q) * p, q + (1 - q) * (1 - p)
    return Drawn(
        r"""
        In the training questions one word makes “yes” right in the share <<p>> of the cases, another one “no”. A network scores
        <<same:.3f>> on test questions with this habit and <<turned:.3f>> on questions in which it is turned round.

        (a) Suppose that the network sees the answer in a share $q$ of the questions and follows the habit in the others. Derive both
        accuracies and estimate $q$.
        (b) What would a network without sight score on the turned test? Is 0.5 the right comparison?
        (c) Which third test set do you make, and which accuracy do you predict for it from (a)?
        (d) Name two limits of the model in (a).
        """,
        r"""
        (a) $q + (1 - q) p$ and $q + (1 - q)(1 - p)$; the difference is $(1 - q)(2p - 1)$, so
        $q = 1 - \frac{<<same:.3f>> - <<turned:.3f>>}{2 \cdot <<p>> - 1} = <<sight:.3f>>$.
        (b) $1 - p = <<blind:.3f>>$, below 0.5: a habit is punished where it is turned round.
        (c) A balanced one: $q + (1 - q)/2 = <<balanced:.3f>>$.
        (d) Sight may depend on the form of the question, and may be wrong; the network may weigh both instead of choosing; it may
        be surer where habit and sight agree.
        """,
        [(3, "(a)"), (1, "(b)"), (2, "(c)"), (2, "(d)")],
        {"p": p, "same": same, "turned": turned},
        {
            "sight": 1 - (same - turned) / (2 * p - 1),
            "blind": 1 - p,
            "balanced": (same + turned) / 2,
        },
    )


@question("An accuracy does not say how", level=3, chapters=[11, 5])
def shortcut(draw):
    a, b = draw.some_of(NOUNS, 2)
    side, opposite = draw.one_of(
        [("left of", "right of"), ("above", "below"), ("right of", "left of")]
    )
    share = draw.steps(0.9, 0.98, 0.01)
    return Drawn(
        r"""
        A network answers “what is <<side>> the <<a>>?” rightly in <<share>> of the cases. The questions were made only for
        pictures in which one kind of thing, and no more, lies on that side of the <<a>>.

        (a) Describe a way to be right nearly always without ever finding the <<a>>.
        (b) Which two measurements on the trained network tell whether it goes this way?
        (c) How would you make the questions so that this way fails? Say what the shortcut scores then.
        (d) The network is right when <<b>> is asked instead of <<a>> in the same picture, with the same answer. What does this
        show?
        """,
        r"""
        (a) Name the thing that lies outermost on that side of the picture: if only one kind lies there, it is always the answer.
        (b) Where the first glance goes: to the box of the <<a>> or at once to the answer, beside chance. And what happens when the
        <<a>> is hidden, beside hiding something else of the same size.
        (c) Ask where several things lie on that side and the *nearest* is meant, or ask in half of the cases what is <<opposite>>
        the <<a>> in the same picture. With $m$ kinds on that side in a drawn order the shortcut is right about once in $m$ times.
        (d) That the answer did not depend on the noun: it does not use the <<a>>, in this picture at least.
        """,
        [
            (2, "(a)"),
            (2, "(b) two measurements with a control"),
            (2, "(c)"),
            (1, "(d)"),
        ],
        {"share": share},
        shown={"a": a, "b": b, "side": side, "opposite": opposite},
    )
