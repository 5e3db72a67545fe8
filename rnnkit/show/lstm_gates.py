"""The gates of a small LSTM over time while one of its cells counts: strings a^n b^n, symbol by symbol."""

import numpy as np
import traitlets
from matplotlib import pyplot as plt

from rnnkit.functional import one_hot, sigmoid, softmax
from rnnkit.show import style
from rnnkit.show.explorable import Explorable, decode_array, encode_array

MAX_CELLS = 32
MAX_TRAINED = 20
MAX_SHIFT = 4.0
_TEACHER = 10  # n of the string that tells which cell counts

# A counter that nobody trained. Columns: i, f, o, g of cells 0 and 1. Cell 0 adds 1 for an a and takes 1 off for a b;
# cell 1 keeps the last letter only. Their forget biases, 6 and -5, say so: keep, and replace.
HAND_MADE = {
    "W_xh": [  # from ^, a, b, $
        [0, 0, 0, 0, 0, 0, 0, -3],
        [10, 0, 0, 0, 0, 0, 3, -3],
        [10, 0, 0, 0, 0, 0, -3, 3],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ],
    "W_hh": [[0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0]],
    "b_h": [-5, 5, 6, -5, 5, 5, 0, 0],
    "W_hy": [[0, 0, 8, -8], [0, -10, 0, 10]],  # to ^, a, b, $
    "b_y": [-8, 0, 0, 0],
}


def check_weights(weights, alphabet):
    """Return the parameters as float arrays, after checking them against the alphabet.

    Arguments:
        weights: dict with W_xh (V, 4H), W_hh (H, 4H), b_h (4H,), W_hy (H, V), b_y (V,).
        alphabet: str of V symbols.

    Raises:
        ValueError: a parameter is missing, unknown, not finite, or has another shape.
    """
    if set(weights) != set(HAND_MADE):
        raise ValueError(
            f"weights: expected {', '.join(HAND_MADE)}, "
            f"got {', '.join(sorted(weights)) or 'nothing'}"
        )
    weights = {name: np.asarray(weights[name], float) for name in HAND_MADE}
    V, H = len(alphabet), len(np.atleast_1d(weights["W_hh"]))
    if not 1 <= H <= MAX_CELLS:
        raise ValueError(f"W_hh: expected 1 to {MAX_CELLS} cells, got {H}")
    expected = {
        "W_xh": ("(V, 4H)", (V, 4 * H)),
        "W_hh": ("(H, 4H)", (H, 4 * H)),
        "b_h": ("(4H,)", (4 * H,)),
        "W_hy": ("(H, V)", (H, V)),
        "b_y": ("(V,)", (V,)),
    }
    for name, (symbols, shape) in expected.items():
        came = weights[name]
        if came.shape != shape:
            raise ValueError(f"{name}: expected {symbols} = {shape}, got {came.shape}")
        if not np.isfinite(came).all():
            raise ValueError(f"{name}: expected finite numbers, got nan or infinity")
    return weights


def read(weights, ids, shift=0.0):
    """Read a string from the zero state; return everything that can be watched.

    Arguments:
        weights: dict as in `check_weights`, of arrays.
        ids: (T,) of integers.
        shift: is added to the forget gate's bias of every cell.

    Returns:
        dict with i, f, o, g, c, h (T, H) each and p (T, V), the probabilities of the
        symbol that follows.
    """
    W_xh, W_hh, b_h, W_hy, b_y = (
        np.asarray(weights[name], float) for name in HAND_MADE
    )
    H = len(W_hh)
    b_h = b_h.copy()
    b_h[H : 2 * H] += shift  # the second block of i, f, o, g
    h = c = np.zeros(H)
    steps = []
    for x in one_hot(np.asarray(ids), len(W_xh)):
        a_i, a_f, a_o, a_g = np.split(x @ W_xh + h @ W_hh + b_h, 4)
        i, f, o, g = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o), np.tanh(a_g)
        c = f * c + i * g
        h = o * np.tanh(c)
        steps.append((i, f, o, g, c, h))
    watched = dict(zip("ifogch", np.moveaxis(np.array(steps), 1, 0), strict=True))
    return watched | {"p": softmax(watched["h"] @ W_hy + b_y)}


def encode(text, alphabet):
    """The numbers of what the model reads: the start symbol, then the text."""
    return np.array([alphabet.index(symbol) for symbol in alphabet[0] + text])


def legal_next(text, alphabet):
    """After the start and after every letter of the text: the symbols that may follow in some a^n b^n.

    n is at least 1. Returns a list of len(text) + 1 strings; "" once no a^n b^n begins like this.
    """
    a, b, end = alphabet[1], alphabet[2], alphabet[3:] or alphabet[0]
    answers, As, Bs, lost = [a], 0, 0, False
    for letter in text:
        lost = lost or (Bs > 0 if letter == a else Bs >= As)
        As, Bs = As + (letter == a), Bs + (letter == b)
        open_end = a + b if Bs == 0 else b if Bs < As else end
        answers.append("" if lost else open_end)
    return answers


def wrong_steps(p, text, alphabet):
    """The steps (bool, (T,)) at which the most probable symbol cannot follow, though another can."""
    best = np.argmax(p, axis=-1)
    return np.array(
        [
            answers != "" and alphabet[k] not in answers
            for k, answers in zip(best, legal_next(text, alphabet), strict=True)
        ]
    )


def first_failure(weights, alphabet, shift=0.0, limit=40):
    """The smallest n up to `limit` at which some step of a^n b^n is wrong; None if there is none."""
    for n in range(1, limit + 1):
        text = alphabet[1] * n + alphabet[2] * n
        p = read(weights, encode(text, alphabet), shift)["p"]
        if wrong_steps(p, text, alphabet).any():
            return n
    return None


def counting_cell(weights, alphabet):
    """The cell whose c goes along with the number of a's not yet answered, by their covariance."""
    text = alphabet[1] * _TEACHER + alphabet[2] * _TEACHER
    c = read(weights, encode(text, alphabet))["c"]
    count = _TEACHER - np.abs(np.arange(len(c)) - _TEACHER)
    return int(np.argmax(np.abs((count - count.mean()) @ c)))


class LSTMGatesExplorable(Explorable):
    """Choose n, or type a string; watch gates and cells while the LSTM counts; move the forget bias.

        LSTMGatesExplorable()  # a counter set by hand, with two cells
        LSTMGatesExplorable(
            id="lstm-gates",
            alt="What the static picture shows",
            caption="What to notice",
            weights={"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h, "W_hy": W_hy, "b_y": b_y},
            alphabet="^ab$",
            trained_to=10,
        )

    weights: dict of arrays as in `check_weights`, gates packed i, f, o, g, input one-hot; float32 on the page.
    alphabet: the start symbol, a, b, and the end symbol; without a fourth the first ends the string too ("#ab").
    trained_to: the largest n of the training strings, at most 20; 0 says that nobody trained it. text: what is
    read first, a's and b's without start and end. cell: whose gates show, the one that counts if not given.
    shift: what is added to the forget gate's bias of every cell, from -4 to 4.
    Raises ValueError naming the argument, what was expected and what came.
    """

    module = "lstm_gates"
    weights = traitlets.Dict().tag(sync=True)
    alphabet = traitlets.Unicode().tag(sync=True)
    trained_to = traitlets.Int(0).tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    cell = traitlets.Int(0).tag(sync=True)
    counter = traitlets.Int(0).tag(sync=True)  # the cell that counts, marked
    shift = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self,
        *,
        id="lstm-gates",
        alt=None,
        caption="Watch `c` of the counting cell climb with every a and fall with every b. Then move the forget bias: "
        "which n survives?",
        weights=None,
        alphabet="^ab$",
        trained_to=0,
        text=None,
        cell=None,
        shift=0.0,
    ):
        if len(alphabet) not in (3, 4) or len(set(alphabet)) < len(alphabet):
            raise ValueError(
                f"alphabet: expected 3 or 4 different symbols, got {alphabet!r}"
            )
        if weights is None and len(alphabet) != 4:
            raise ValueError(
                "weights: the default reads 4 symbols, got an alphabet of 3"
            )
        weights = check_weights(HAND_MADE if weights is None else weights, alphabet)
        counter = counting_cell(weights, alphabet)
        given = {
            "trained_to": trained_to,
            "text": alphabet[1] * 5 + alphabet[2] * 5 if text is None else text,
            "cell": counter if cell is None else cell,
            "shift": shift,
        }
        _check_state(alphabet, len(weights["W_hh"]), **given)
        super().__init__(
            id=id,
            alt=_describe(weights, alphabet, given) if alt is None else alt,
            caption=caption,
            weights={name: encode_array(array) for name, array in weights.items()},
            alphabet=alphabet,
            counter=counter,
            **given,
        )

    def read(self):
        """What the page shows: `read` of the text, with the page's weights and the shift."""
        weights = {name: decode_array(packed) for name, packed in self.weights.items()}
        return read(weights, encode(self.text, self.alphabet), self.shift)

    def static_figure(self):
        """Draw c of every cell, the chosen cell's gates and state, and what may follow."""
        watched = self.read()
        symbols = self.alphabet[0] + self.text
        fig, (top, middle, bottom) = plt.subplots(
            3, figsize=(5.4, 4.9), height_ratios=[5, 5, len(self.alphabet)]
        )
        places = np.arange(len(symbols)) + 0.5
        top.plot(places, watched["c"], color=style.GREY, lw=1, alpha=0.7)
        top.plot(places, watched["c"][:, self.cell], color=style.BLUE, marker="o", ms=4)
        top.axhline(0, color=style.GREY, lw=0.8)
        top.set(
            xlim=(0, len(symbols)), title=f"c of every cell, blue: cell {self.cell}"
        )
        top.set_xticks(places, symbols)
        gates = np.stack([watched[name][:, self.cell] for name in "ifogh"])
        style.heat(middle, gates, 1, rows=list("ifogh"), values=False)
        middle.set_title(f"cell {self.cell}: blue −1, white 0, red 1")
        style.heat(bottom, watched["p"].T, 1, cmap="rnn_seq", rows=list(self.alphabet))
        bottom.set_title("probability of the next symbol")
        for ax in (middle, bottom):
            ax.set_aspect("auto")
        return fig


def _check_state(alphabet, H, trained_to, text, cell, shift):
    letters = alphabet[1:3]
    if set(text) - set(letters) or not text:
        raise ValueError(f"text: expected letters of {letters!r}, got {text!r}")
    longest = 2 * max(40, 3 * trained_to)
    for name, came, least, most in (
        ("trained_to", trained_to, 0, MAX_TRAINED),
        ("text's length", len(text), 1, longest),
        ("cell", cell, 0, H - 1),
        ("shift", shift, -MAX_SHIFT, MAX_SHIFT),
    ):
        if not least <= came <= most:
            raise ValueError(f"{name}: expected {least} to {most}, got {came}")


def _describe(weights, alphabet, given):
    text, cell = given["text"], given["cell"]
    watched = read(weights, encode(text, alphabet), given["shift"])
    c = watched["c"][:, cell]
    best = "".join(alphabet[k] for k in np.argmax(watched["p"], axis=1))
    return (
        f"An LSTM with {len(weights['W_hh'])} cells reads {alphabet[0] + text}. The c of cell {cell} lies between "
        f"{c.min():.1f} and {c.max():.1f} and ends at {c[-1]:.1f}; below it the cell's gates. The most probable next "
        f"symbols are, in turn, {best}."
    )
