"""The language a^n b^n and an LSTM that reads it: what may follow, where it goes wrong, which cell counts.

The numbers behind `rnnkit.show.lstm_gates`, for chapters and tests too. The alphabet is the start symbol, a, b and the
end symbol; without a fourth symbol the first one ends the string too.
"""

import numpy as np

from rnnkit.show.shapes import check_arrays, counter_shapes
from rnnkit.show.twin import COUNTER, read_counter

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
    weights = check_arrays(weights, counter_shapes, len(alphabet))
    H = len(weights["W_hh"])
    if not 1 <= H <= MAX_CELLS:
        raise ValueError(f"W_hh: expected 1 to {MAX_CELLS} cells, got {H}")
    weights = {name: weights[name].astype(float) for name in COUNTER}
    for name, array in weights.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{name}: expected finite numbers, got nan or infinity")
    return weights


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
        p = read_counter(weights, encode(text, alphabet), shift)["p"]
        if wrong_steps(p, text, alphabet).any():
            return n
    return None


def counting_cell(weights: dict, alphabet: str) -> int:
    """The cell whose c goes along with the number of a's not yet answered, by their covariance."""
    text = alphabet[1] * _TEACHER + alphabet[2] * _TEACHER
    c = read_counter(weights, encode(text, alphabet))["c"]
    count = _TEACHER - np.abs(np.arange(len(c)) - _TEACHER)
    return int(np.argmax(np.abs((count - count.mean()) @ c)))
