"""The self-checks of chapter 11 against right programs and plausible wrong ones."""

import numpy as np
import pytest

from .judging import judge
from .slices import take

CHAPTER = "11_vqa"


def codes(angles, c):
    """A program for two units: kinds on a circle, both sides alike."""

    def program(K):
        angle = angles(K)
        W = np.column_stack([np.cos(angle), np.sin(angle)])
        return W, W, c(K)

    return program


def circle(K):
    return 2 * np.pi * np.arange(K) / K


def between(K):
    return -(1 + np.cos(2 * np.pi / K)) / 2


def test_two_units():
    space = take(CHAPTER, "check_two_units", "two_units", "two_units_solution")
    solution = space["two_units_solution"]

    def turned(K):
        W, _, c = solution(K)
        turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
        return 3 * W @ turn, 2 * W @ turn, 6 * c

    def squares(K):  # 1/2 - (i - j) ** 2, of which - i ** 2 goes into c
        i = np.arange(K)
        W_q, W_v = np.column_stack([2 * i, np.ones(K)]), np.column_stack([i, -i * i])
        return W_q, W_v, 0.5 - i[:, None] ** 2

    judge(
        space["check_two_units"],
        [
            solution,
            turned,
            lambda K: (*(W.tolist() for W in solution(K)[:2]), between(K)),
        ],
        {
            "the stub": (space["two_units"], "no c tells"),
            "one unit for each kind": (lambda K: (np.eye(K), np.eye(K), -0.5), "not 2"),
            "turned on its side": (
                lambda K: (solution(K)[0].T, solution(K)[1].T, between(K)),
                "expected (K, 2)",
            ),
            "c of the wrong sign": (codes(circle, lambda K: -between(K)), "too large"),
            "no c": (codes(circle, lambda K: 0.0), "too large"),
            "one c for all, too large": (codes(circle, lambda K: -0.9), "K = 24"),
            "one c for all up to 100": (codes(circle, lambda K: -0.999), "K = 1000"),
            "c at the match itself": (codes(circle, lambda K: -1.1), "too small"),
            "c at the neighbour": (
                codes(circle, lambda K: -np.cos(2 * np.pi / K) + 1e-3),
                "too large",
            ),
            "both ends at one place": (
                codes(lambda K: np.linspace(0, 2 * np.pi, K), between),
                "no c tells",
            ),
            "kinds as numbers": (
                lambda K: (
                    (np.column_stack([np.arange(K), np.arange(K)]),) * 2 + (-1.0,)
                ),
                "no c tells",
            ),
            "a square of the distance, and c for each question": (
                squares,
                "one number",
            ),
            "the answers as c": (
                lambda K: (np.zeros((K, 2)), np.zeros((K, 2)), np.eye(K) - 0.5),
                "one number",
            ),
            "no c returned": (lambda K: solution(K)[:2], "does not fit"),
            "divided by zero": (
                lambda K: (solution(K)[0] * np.nan, solution(K)[1], between(K)),
                "not numbers",
            ),
        },
    )


def test_moving():
    space = take(CHAPTER, "check_moving", "moving", "moving_solution")
    solution = space["moving_solution"]
    every = {"W_q", "b_q", "W_v", "b_v"}
    other = {"W_q": "W_v", "W_v": "W_q", "b_q": "b_v", "b_v": "b_q"}

    def by_rows(zeros):
        found = []
        for name in sorted(every):
            partner = other[name][2]
            if not {"W_" + partner, "b_" + partner} <= zeros:
                found.append(name)
        return found

    judge(
        space["check_moving"],
        [solution, by_rows],
        {
            "the stub": (space["moving"], "factor r = v W_v + b_v, which is not zero"),
            "everything moves": (lambda zeros: every, "does not move"),
            "all or nothing": (
                lambda zeros: set() if zeros == every else every,
                "does not move",
            ),
            "sides exchanged": (
                lambda zeros: {other[name] for name in solution(zeros)},
                "factor r",
            ),
            "only weights decide": (
                lambda zeros: {
                    name for name in every if "W_" + other[name][2] not in zeros
                },
                "moves",
            ),
            "only biases decide": (
                lambda zeros: {
                    name for name in every if "b_" + other[name][2] not in zeros
                },
                "moves",
            ),
            "tests one name of each side": (
                lambda zeros: (
                    ({"W_q", "b_q"} if "W_v" not in zeros else set())
                    | ({"W_v", "b_v"} if "b_q" not in zeros else set())
                ),
                "moves",
            ),
            "what is not zero and has a partner": (
                lambda zeros: solution(zeros) - zeros,
                "factor",
            ),
            "weights need weights": (
                lambda zeros: {
                    n for n in every if n.startswith("b") or other[n] not in zeros
                },
                "move",
            ),
            "nothing returned": (lambda zeros: None, "expected a set"),
            "also the inputs": (
                lambda zeros: solution(zeros) | {"q"},
                "expected a set",
            ),
        },
    )


def test_things():
    space = take(CHAPTER, "check_things", "things", "things_solution")
    solution = space["things_solution"]
    judge(
        space["check_things"],
        [solution, lambda share, s, n: round(solution(share, s, n))],
        {
            "the stub": (space["things"], "s = 0 only"),
            "k left out of the denominator": (
                lambda share, s, n: share * n / np.exp(s),
                "Almost",
            ),
            "others are n": (
                lambda share, s, n: share * n / (np.exp(s) * (1 - share)),
                "They are n - k",
            ),
            "share and 1 - share exchanged": (
                lambda share, s, n: n * share / (np.exp(s) * share + 1 - share),
                "got",
            ),
            "the plus share forgotten": (
                lambda share, s, n: n * share / (np.exp(s) * (1 - share) + 1),
                "got",
            ),
            "the sign of s": (
                lambda share, s, n: n * share / (np.exp(-s) * (1 - share) + share),
                "got",
            ),
            "one region too many": (
                lambda share, s, n: solution(share, s, n + 1),
                "got",
            ),
            "the best of few": (
                lambda share, s, n: min(
                    range(8),
                    key=lambda k: abs(k * np.exp(s) / (k * np.exp(s) + n - k) - share),
                ),
                "12 things",
            ),
            "nothing returned": (lambda share, s, n: None, "got None"),
        },
    )


def test_bilinear():
    space = take(
        CHAPTER, "check_bilinear", "bilinear_backward", "bilinear_backward_solution"
    )
    solution = space["bilinear_backward_solution"]

    def loops(dz, q, v, M):
        dq, dv, dM = np.zeros_like(q), np.zeros_like(v), np.zeros_like(M)
        for b in range(len(q)):
            for k in range(len(M)):
                dq[b] += dz[b, k] * M[k] @ v[b]
                dv[b] += dz[b, k] * q[b] @ M[k]
                dM[k] += dz[b, k] * np.outer(q[b], v[b])
        return dq, dv, dM

    def changed(which, change):
        def program(dz, q, v, M):
            grads = list(solution(dz, q, v, M))
            grads[which] = change(grads[which], dz, q, v, M)
            return tuple(grads)

        return program

    judge(
        space["check_bilinear"],
        [solution, loops],
        {
            "the stub": (space["bilinear_backward"], "dq is not right"),
            "dq and dv exchanged": (
                lambda dz, q, v, M: (
                    solution(dz, q, v, M)[1],
                    solution(dz, q, v, M)[0],
                    solution(dz, q, v, M)[2],
                ),
                "exchanged",
            ),
            "M turned for dq": (
                changed(0, lambda g, dz, q, v, M: np.einsum("bk,kij,bi->bj", dz, M, q)),
                "dq: expected",
            ),
            "dz left out of dq": (
                changed(0, lambda g, dz, q, v, M: np.einsum("kij,bj->bi", M, v)),
                "dq is not right",
            ),
            "dz left out of dv": (
                changed(1, lambda g, dz, q, v, M: np.einsum("kij,bi->bj", M, q)),
                "dv is not right",
            ),
            "dM as a mean over the batch": (
                changed(2, lambda g, dz, q, v, M: g / len(q)),
                "dM is not right",
            ),
            "dM of the first example": (
                changed(
                    2, lambda g, dz, q, v, M: np.einsum("k,i,j->kij", dz[0], q[0], v[0])
                ),
                "dM is not right",
            ),
            "dM turned": (
                changed(2, lambda g, dz, q, v, M: g.swapaxes(1, 2)),
                "dM: expected",
            ),
            "dM for every example": (
                changed(
                    2, lambda g, dz, q, v, M: np.einsum("bk,bi,bj->bkij", dz, q, v)
                ),
                "dM: expected",
            ),
            "two of three": (
                lambda dz, q, v, M: solution(dz, q, v, M)[:2],
                "three arrays",
            ),
            "nothing returned": (lambda dz, q, v, M: None, "three arrays"),
        },
    )


def test_direction():
    space = take(
        CHAPTER, "check_direction", "direction_weights", "direction_weights_solution"
    )
    solution = space["direction_weights_solution"]
    judge(
        space["check_direction"],
        [
            solution,
            lambda T: [-1.0] + [0.0] * (T - 2) + [1.0],
            lambda T: 1e6 * (np.arange(T) / 3 - np.mean(np.arange(T) / 3)),
            lambda T: 1e-9 * solution(T),
            lambda T: np.sign(np.arange(T) - (T - 1) / 2),
        ],
        {
            "the stub": (space["direction_weights"], "any order"),
            "time itself": (lambda T: np.arange(T), "where it is"),
            "a mean that is off by a half": (
                lambda T: np.arange(T) - T / 2,
                "where it is",
            ),
            "the last frame alone": (lambda T: np.eye(T)[-1], "where it is"),
            "exchanged": (lambda T: -solution(T), "exchanged"),
            "first minus last": (lambda T: np.eye(T)[0] - np.eye(T)[-1], "exchanged"),
            "two frames only": (lambda T: [-1.0, 1.0], "expected 3 weights"),
            "alternating": (lambda T: (-1.0) ** np.arange(1, T + 1), "where it is"),
            "a bend instead of a slope": (
                lambda T: solution(T) if T == 2 else [1.0, -2.0, 1.0] + [0.0] * (T - 3),
                "so does the speed",
            ),
            "a distance from the middle": (
                lambda T: np.abs(solution(T)) - np.abs(solution(T)).mean(),
                "",
            ),
            "nothing at all": (np.zeros, "any order"),
            "divided by zero": (lambda T: solution(T) * np.nan, "not numbers"),
            "one weight a pair": (lambda T: np.ones(T - 1), "expected 2 weights"),
        },
    )


def test_nearest():
    space = take(CHAPTER, "check_nearest", "nearest", "nearest_solution")
    solution, centre, SIDE = (space[n] for n in ("nearest_solution", "centre", "SIDE"))

    def distances(things, noun, relation):
        axis, sign = SIDE[relation]
        start = next(centre(t, axis) for t in things if t.name == noun)
        return [(sign * (start - centre(t, axis)), t.name) for t in things]

    def by_name(things, noun, relation):
        axis, sign = SIDE[relation]
        place = {t.name: centre(t, axis) for t in things}
        far = [(sign * (place[noun] - x), name) for name, x in place.items()]
        return min((d for d in far if d[0] > 0), default=(0, None))[1]

    def clearly(things, noun, relation):
        """At least 8 pixels away, as chapter 5 asks of a relation."""
        there = [d for d in distances(things, noun, relation) if d[0] >= 8]
        return min(there, default=(0, None))[1]

    def at_all_costs(things, noun, relation):
        return min(d for d in distances(things, noun, relation) if d[0] > 0)[1]

    def straight(things, noun, relation):
        a = next(t for t in things if t.name == noun)
        there = {n for d, n in distances(things, noun, relation) if d > 0}
        return (
            min(
                (t for t in things if t.name in there and t is not a),
                key=lambda t: sum((centre(t, i) - centre(a, i)) ** 2 for i in (0, 1)),
                default=a,
            ).name
            if there
            else None
        )

    def other_axis(things, noun, relation):
        names = {
            "left of": "above",
            "right of": "below",
            "above": "left of",
            "below": "right of",
        }
        return solution(things, noun, names[relation])

    def other_side(things, noun, relation):
        names = {
            "left of": "right of",
            "right of": "left of",
            "above": "below",
            "below": "above",
        }
        return solution(things, noun, names[relation])

    def any_side(things, noun, relation):
        far = [(abs(d), n) for d, n in distances(things, noun, relation) if n != noun]
        return min(far)[1]

    judge(
        lambda f: space["check_nearest"](f).split(";")[0],
        [solution],
        {
            "the stub": (space["nearest"], "outermost"),
            "the outermost": (
                lambda *given: max(
                    (d for d in distances(*given) if d[0] > 0), default=(0, None)
                )[1],
                "outermost",
            ),
            "one thing for each name": (by_name, ""),
            "itself": (
                lambda *given: min(d for d in distances(*given) if d[0] >= 0)[1],
                "itself",
            ),
            "the nearest on either side": (any_side, ""),
            "the other side": (other_side, ""),
            "the other axis": (other_axis, ""),
            "as the crow flies": (straight, "along that axis"),
            "nothing returned": (lambda *given: None, "Is nothing returned"),
            "by at least 8 pixels": (clearly, "a least distance"),
            "never none": (at_all_costs, "does not fit"),
            "the thing instead of its name": (
                lambda things, noun, relation: next(
                    (t for t in things if t.name == solution(things, noun, relation)),
                    None,
                ),
                "",
            ),
        },
    )


@pytest.mark.parametrize("name", ["two_units", "moving", "things", "direction"])
def test_a_program_that_breaks_is_told_so(name):
    check = take(CHAPTER, f"check_{name}")[f"check_{name}"]
    assert "ZeroDivisionError" in check(lambda *given: 1 / 0)
