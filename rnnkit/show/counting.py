"""An LSTM that reads a^n b^n: what it computes, what may follow, and where it goes wrong.

The numbers behind `rnnkit.show.lstm_gates`, for chapters and tests too. The alphabet is the start symbol, a, b and the
end symbol; without a fourth symbol the first one ends the string too.
"""

import numpy as np

from rnnkit.functional import one_hot, sigmoid, softmax

MAX_CELLS = 32
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
    "W_hh": [[0] * 8] * 2,
    "b_h": [-5, 5, 6, -5, 5, 5, 0, 0],
    "W_hy": [[0, 0, 8, -8], [0, -10, 0, 10]],  # to ^, a, b, $
    "b_y": [-8, 0, 0, 0],
}


def check_weights(weights: dict, alphabet: str) -> dict:
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


def read(weights: dict, ids: np.ndarray, shift: float = 0.0) -> dict[str, np.ndarray]:
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


def encode(text: str, alphabet: str) -> np.ndarray:
    """The numbers of what the model reads: the start symbol, then the text."""
    return np.array([alphabet.index(symbol) for symbol in alphabet[0] + text])


def legal_next(text: str, alphabet: str) -> list[str]:
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


def wrong_steps(p: np.ndarray, text: str, alphabet: str) -> np.ndarray:
    """The steps (bool, (T,)) at which the most probable symbol cannot follow, though another can."""
    best = np.argmax(p, axis=-1)
    return np.array(
        [
            answers != "" and alphabet[k] not in answers
            for k, answers in zip(best, legal_next(text, alphabet), strict=True)
        ]
    )


def first_failure(
    weights: dict, alphabet: str, shift: float = 0.0, limit: int = 40
) -> int | None:
    """The smallest n up to `limit` at which some step of a^n b^n is wrong; None if there is none."""
    for n in range(1, limit + 1):
        text = alphabet[1] * n + alphabet[2] * n
        p = read(weights, encode(text, alphabet), shift)["p"]
        if wrong_steps(p, text, alphabet).any():
            return n
    return None


def counting_cell(weights: dict, alphabet: str) -> int:
    """The cell whose c goes along with the number of a's not yet answered, by their covariance."""
    text = alphabet[1] * _TEACHER + alphabet[2] * _TEACHER
    c = read(weights, encode(text, alphabet))["c"]
    count = _TEACHER - np.abs(np.arange(len(c)) - _TEACHER)
    return int(np.argmax(np.abs((count - count.mean()) @ c)))
