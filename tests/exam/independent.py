"""The answers of the bank, computed again by other means: loops over plain numbers, differences, torch, counting.

``ANSWERS`` maps a question's id to a function of what the student is told; it gives what is asked for, by name.
"""

import itertools
import math

import numpy as np
import torch

from rnnkit.gaussian_windows import filters_forward
from rnnkit.nn.text.decoding import next_distribution

ANSWERS = {}


def answers(identifier):
    def register(function):
        ANSWERS[identifier] = function
        return function

    return register


def sig(a):
    return 1 / (1 + math.exp(-a))


def soft(scores):
    return torch.softmax(torch.tensor(np.asarray(scores, float)), dim=-1).numpy()


def slope(f, at, eps=1e-6):
    """The derivative of a function of one number, by differences."""
    return (f(at + eps) - f(at - eps)) / (2 * eps)


def first(condition, start=0):
    return next(k for k in itertools.count(start) if condition(k))


def torch_gradient(f, *arguments):
    tensors = [
        torch.tensor(np.asarray(a, float), requires_grad=True) for a in arguments
    ]
    f(*tensors).backward()
    return [t.grad.numpy() for t in tensors]


def parameters_of(module):
    return sum(p.numel() for p in module.parameters())


@answers("01-cone")
def _(T, t, delay):
    return {"plain": t, "delayed": t + delay}


@answers("01-bag")
def _(pairs):
    differ = [sorted(a.split()) != sorted(b.split()) for a, b in pairs]
    assert sum(differ) == 1
    return {"which": differ.index(True) + 1}


@answers("01-masked-mean")
def _(T, short, p_long, p_short):
    total = -sum(math.log(p) for p in [*p_long, *p_short])
    return {"loss": total / (T + short), "wrong": total / (2 * T)}


@answers("01-padded-state")
def _(w_x, w_h, b, x):
    h, states = 0.0, []
    for value in [*x, 0, 0]:
        h = math.tanh(w_x * value + w_h * h + b)
        states.append(h)
    return {"real": states[1], "last": states[3], "kept": states[1]}


@answers("01-window")
def _(p, k):
    empty = math.prod([1 - p] * k)
    need = first(lambda n: 1 - (1 - p) ** n / 2 >= 0.95 - 1e-12)
    return {"empty": empty, "best": (1 - empty) + empty / 2, "need": need}


@answers("02-one-step")
def _(x, h_prev, W_xh, W_hh, b):
    return {
        "h": [
            math.tanh(
                x * W_xh[0][k] + sum(h_prev[j] * W_hh[j][k] for j in range(2)) + b[k]
            )
            for k in range(2)
        ]
    }


@answers("02-parameters")
def _(D, H, V, T):
    cell = parameters_of(torch.nn.RNNCell(D, H)) - H  # torch has a second bias
    output = parameters_of(torch.nn.Linear(H, V))
    return {"cell": cell, "output": output, "per_step": cell * T}


@answers("02-stacked")
def _(x, h_prev, W_xh, W_hh):
    vector = np.concatenate([h_prev, x])
    return {
        "right": np.tanh(vector @ np.concatenate([W_hh, W_xh])),
        "wrong": np.tanh(vector @ np.concatenate([W_xh, W_hh])),
    }


@answers("02-fading")
def _(factor, share):
    steps = first(lambda k: factor**k <= share * (1 + 1e-9))
    return {"steps": steps, "left": math.exp(40 * math.log(factor))}


@answers("02-tables")
def _(word, N):
    def best(context):
        rows = {}
        for k in range(N):
            key = tuple(word[(k - j) % N] for j in range(context))
            rows.setdefault(key, []).append(word[(k + 1) % N])
        return sum(max(map(row.count, row)) for row in rows.values())

    return {"one": best(1), "two": best(2)}


@answers("02-one-start")
def _(words):
    strings = itertools.product(*(set(column) for column in zip(*words, strict=True)))
    scores = (
        sum(a == b for word in words for a, b in zip(word, string, strict=True))
        for string in strings
    )
    return {"best": max(scores)}


@answers("02-latch")
def _(w):
    low, high = 1e-3, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if math.tanh(w * middle) > middle else (low, middle)
    return {"fixed": low, "slope": slope(lambda h: math.tanh(w * h), low)}


@answers("03-shares")
def _(w, x):
    def run(a, b, c):
        h1 = torch.tanh(x + a * 0)
        h2 = torch.tanh(b * h1)
        return h1, h2, torch.tanh(c * h2)

    shares = torch_gradient(lambda *ws: run(*ws)[-1], w, w, w)
    states = [float(h) for h in run(*(torch.tensor(w, dtype=torch.float64),) * 3)]
    return {"states": states, "share": shares, "total": sum(map(float, shares))}


@answers("03-logits")
def _(scores, right):
    def loss(s):
        return -torch.log_softmax(s, dim=-1)[right]

    return {
        "loss": float(loss(torch.tensor(scores))),
        "gradient": torch_gradient(loss, scores)[0],
    }


@answers("03-memory")
def _(B, T, D, H, k):
    return {"full": 4 * B * T * (D + H) / 1e6, "chunk": 4 * B * k * (D + H) / 1e6}


@answers("03-depth")
def _(k, j, T):
    kept = sum(t % k + 1 for t in range(T))
    mean = sum(range(1, k + 1)) / k
    return {"seen": j, "mean": mean, "share": kept / (T * (T + 1) / 2)}


@answers("03-differences")
def _(a, w, step):
    exact = 3 * a * w * w
    return {
        "exact": exact,
        "forward": exact + a * (3 * w * step + step**2),
        "central": exact + a * step**2,
    }


@answers("04-units")
def _(nats, perplexity, bits, V):
    return {
        "A": nats,
        "B": math.log2(perplexity) / math.log2(math.e),
        "C": math.log(2**bits),
    }


@answers("04-floor")
def _(word):
    rows = {}
    for a, b in itertools.pairwise(word):
        rows.setdefault(a, []).append(b)
    costs = [-math.log(row.count(b) / len(row)) for row in rows.values() for b in row]
    return {"loss": sum(costs) / (len(word) - 1)}


@answers("04-temperature")
def _(scores, T):
    p, q = soft(scores), next_distribution(torch.tensor(scores), temperature=T).numpy()
    return {
        "plain": p,
        "tempered": q,
        "factor": (q.max() / q.min()) / (p.max() / p.min()),
    }


@answers("04-nucleus")
def _(p, k, level):
    logits = torch.tensor(p).log()
    cut = next_distribution(logits, top_p=level).numpy()
    top_k = next_distribution(logits, top_k=k).numpy()
    return {
        "top_k": top_k[top_k > 0],
        "kept": int((cut > 0).sum()),
        "top_p": cut[cut > 0],
    }


@answers("04-divergence")
def _(N, counts, model):
    share = [int(c) / N for c in counts.split(", ")]
    paid = -sum(p * math.log(q) for p, q in zip(share, model, strict=True))
    least = -sum(p * math.log(p) for p in share)
    return {"paid": paid, "least": least, "excess": paid - least}


@answers("04-fed-back")
def _(n, length):
    return {"word": n / n**length}  # n words among all strings that the marginals allow


@answers("04-reports")
def _(perplexity, letters, bits):
    return {"per_character": math.log(perplexity) / math.log(2) / letters}


@answers("05-image-bias")
def _(w_x, w_h, w_i, x, v):
    h1 = math.tanh(w_x * x[0] + w_i * v)
    return {"h1": h1, "h2": math.tanh(w_x * x[1] + w_h * h1 + w_i * v)}


@answers("05-soft-attention")
def _(scores, values):
    weights = soft(scores)
    return {"weights": weights, "context": sum(weights * values)}


@answers("05-attention-gradient")
def _(scores, values, dcontext):
    gradient = torch_gradient(
        lambda s: dcontext * (torch.softmax(s, 0) @ torch.tensor(values)), scores
    )
    return {"dscores": gradient[0]}


@answers("05-end-token")
def _(p_word, p_end, short, long):
    totals = [
        sum(map(math.log, p_word[:n])) + math.log(end)
        for n, end in zip((short, long), p_end, strict=True)
    ]
    return {
        "first": totals[0],
        "second": totals[1],
        "mean_first": totals[0] / (short + 1),
        "mean_second": totals[1] / (long + 1),
    }


@answers("05-baseline")
def _(s, losses):
    p = np.array([sig(s), 1 - sig(s)])

    def log_p(k, at):
        return math.log(sig(at) if k == 0 else 1 - sig(at))

    slopes = np.array([slope(lambda at, k=k: log_p(k, at), s) for k in range(2)])
    base = float(p @ losses)

    def variance(b):
        estimate = (losses - b) * slopes
        return float(p @ (estimate - p @ estimate) ** 2)

    mean = slope(lambda at: sig(at) * losses[0] + (1 - sig(at)) * losses[1], s)
    return {"mean": mean, "plain": variance(0), "based": variance(base), "base": base}


@answers("05-pointing")
def _(shown, side, area):
    return {"chance": area / (side * side)}


@answers("06-jacobian")
def _(W, h_prev):
    def run(h):
        return torch.tanh(h @ torch.tensor(W))

    h = torch.tensor(h_prev)
    return {
        "h": run(h).numpy(),
        "J": torch.autograd.functional.jacobian(run, h).numpy(),
    }


@answers("06-jordan")
def _(a, c, k, W):
    entries = [n * a ** (n - 1) * c for n in range(1, 80)]
    return {
        "entry": np.linalg.matrix_power(W, k)[0, 1],
        "sigma": math.sqrt(np.linalg.eigvalsh(W.T @ W).max()),
        "peak": entries.index(max(entries)) + 1,
        "largest": max(entries),
    }


@answers("06-clip")
def _(a, b, bound):
    parameters = [
        torch.nn.Parameter(torch.zeros(n, dtype=torch.float64)) for n in (2, 1)
    ]
    for parameter, gradient in zip(parameters, ([a, 0], [b]), strict=True):
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
    norm = torch.nn.utils.clip_grad_norm_(parameters, bound)
    return {
        "norm": float(norm),
        "dW": parameters[0].grad.numpy(),
        "db": parameters[1].grad.numpy(),
    }


@answers("06-snippet")
def _(threshold, norm):
    out = norm * threshold / norm**2 if norm**2 > threshold else norm
    return {"out": out, "intended": min(norm, threshold), "root": threshold**0.5}


@answers("06-factor")
def _(T, r, exponent):
    return {"left": math.prod([r] * T), "other": math.exp(-exponent * math.log(10) / T)}


@answers("06-memory-of-gradient")
def _(w, T, k):
    influence = [w ** (T - t) for t in range(1, T + 1)]
    return {"far": influence[0], "share": sum(influence[-k:]) / sum(influence)}


def lstm(a, c_prev):
    i, f, o, g = sig(a[0]), sig(a[1]), sig(a[2]), math.tanh(a[3])
    c = f * c_prev + i * g
    return o * math.tanh(c), c


@answers("07-one-step")
def _(a, c_prev):
    h, c = lstm(a, c_prev)
    return {"c": c, "h": h}


@answers("07-parameters")
def _(D, H):
    size = {
        cell: parameters_of(getattr(torch.nn, cell)(D, H))
        for cell in ("LSTM", "RNN", "GRU")
    }
    return {"lstm": size["LSTM"] - 4 * H, "rnn": size["RNN"] - H, "gru": size["GRU"]}


@answers("07-forget-bias")
def _(T, b, share):
    low, high = -20.0, 20.0
    for _ in range(60):
        bias = (low + high) / 2
        low, high = (bias, high) if sig(bias) ** T < share else (low, bias)
    return {"zero": 0.5**T, "some": (1 + math.exp(-b)) ** -T, "bias": bias}


@answers("07-backward")
def _(a, c_prev, dh, dc):
    def loss(arguments, c_before, extra):
        i, f, o = torch.sigmoid(arguments[:3])
        c = f * c_before + i * torch.tanh(arguments[3]) + extra
        return dh * o * torch.tanh(c) + dc * c

    da, dc_prev, whole = torch_gradient(loss, a, c_prev, 0.0)
    return {"whole": whole, "dc_prev": dc_prev, "da": da}


@answers("07-direct-and-total")
def _(w, T):
    gate = sig(2.0)

    def run(c0):
        h, c = 0.0, c0
        for _ in range(T):
            c = gate * c + gate * math.tanh(w * h)
            h = gate * math.tanh(c)
        return c

    return {"direct": gate**T, "total": slope(run, 0.0, 1e-7)}


@answers("07-counting")
def _(excess, threshold):
    def fails(n):
        cell, written = 100 * n, 0
        while cell > threshold:
            cell -= 100 + excess
            written += 1
        return written < n

    n = first(fails, 1)
    assert n > 10, "it was trained up to there"
    return {"n": n}


def gru(r, z, a_x, h_prev, w):
    n = math.tanh(a_x + r * w * h_prev)
    return n, (1 - z) * n + z * h_prev


@answers("08-one-step")
def _(a_r, a_z, a_x, h_prev, w):
    n, h = gru(sig(a_r), sig(a_z), a_x, h_prev, w)
    return {"n": n, "h": h}


@answers("08-corners")
def _(h_prev, a_x, w):
    gates = [(0, 0), (1, 0), (0, 1), (1, 1)]
    return {"states": [gru(r, z, a_x, h_prev, w)[1] for r, z in gates]}


@answers("08-keeping")
def _(z, T, share, steps):
    need = math.exp(math.log(share) / steps)
    return {"left": math.prod([z] * T), "need": need, "bias": -math.log(1 / need - 1)}


@answers("08-other-z")
def _(bias, T):
    return {"keep": sig(-bias), "left": sig(-bias) ** T, "same": -bias}


@answers("08-fair-size")
def _(D, H):
    lstm_size = parameters_of(torch.nn.LSTM(D, H)) - 4 * H

    def size(n):
        return parameters_of(torch.nn.GRU(D, n, device="meta"))

    n = first(lambda n: size(n + 1) > lstm_size, H)
    return {"lstm": lstm_size, "size": n, "gru": size(n)}


@answers("08-reset-place")
def _(h_prev, r, W):
    def candidate(state, outside):
        return [
            math.tanh(outside[k] * sum(state[j] * W[j][k] for j in range(2)))
            for k in range(2)
        ]

    reset = [r[k] * h_prev[k] for k in range(2)]
    return {"after": candidate(h_prev, r), "before": candidate(reset, [1, 1])}


@answers("08-path")
def _(a_r, a_z, a_x, h_prev, w):
    r, z = sig(a_r), sig(a_z)
    whole = slope(lambda h: gru(r, z, a_x, h, w)[1], h_prev)
    return {
        "rest": whole - z,
        "whole": whole,
        "all_z": z**20,
        "rest_power": (whole - z) ** 20,
    }


@answers("08-luck")
def _(cells, tasks, seeds):
    groups = list(itertools.combinations(range(2 * seeds), seeds))
    apart = sum(max(g) == seeds - 1 or min(g) == seeds for g in groups)
    pairs = len(list(itertools.combinations(range(cells), 2))) * tasks
    return {
        "chance": apart / len(groups),
        "pairs": pairs,
        "expected": pairs * apart / len(groups),
    }


@answers("09-reach")
def _(T, L, t):
    return {"left": t, "both": T, "right": len(range(t, T + 1))}


@answers("09-parameters")
def _(D, H, L):
    def size(**options):
        return parameters_of(torch.nn.RNN(D, H, num_layers=L, **options))

    return {"stack": size() - L * H, "both": size(bidirectional=True) - 2 * L * H}


@answers("09-two-layers")
def _(w1, w2, x):
    def loss(a, b, c):
        return torch.tanh(b * torch.tanh(a * c))

    dw1, dw2, dx = torch_gradient(loss, w1, w2, x)
    return {"loss": math.tanh(w2 * math.tanh(w1 * x)), "dw1": dw1, "dw2": dw2, "dx": dx}


@answers("09-reverse-gradient")
def _(n, dy):
    turn = np.eye(5)
    turn[:n, :n] = turn[:n, :n][::-1]
    return {"dx": turn.T @ dy}


@answers("09-equal-cost")
def _(D, H):
    def size(n, layers):
        return parameters_of(torch.nn.RNN(D, n, layers, device="meta")) - layers * n

    one = size(H, 1)
    return {"one": one, "narrow": first(lambda n: size(n + 1, 2) > one, H // 3)}


@answers("09-too-good")
def _(low, usual, layers):
    return {"p_low": math.e**low, "p_usual": math.e**usual}


@answers("10-additive")
def _(q, keys, w_q, w_k, v):
    scores = [v * math.tanh(w_q * q + w_k * k) for k in keys]
    weights = soft(scores)
    return {"scores": scores, "weights": weights, "context": sum(weights * keys)}


@answers("10-zero-sum")
def _(scores, values, dcontext):
    def loss(s):
        return (torch.softmax(s, 0) @ torch.tensor(values)) @ torch.tensor(dcontext)

    return {"last": torch_gradient(loss, scores)[0][3]}


@answers("10-masked")
def _(scores, n):
    right = np.concatenate([soft(scores[:n]), np.zeros(4 - n)])
    wrong = soft([*scores[:n], *[0] * (4 - n)])
    return {"right": right, "wrong": wrong, "lost": 1 - wrong[:n].sum()}


@answers("10-normalised")
def _(lengths, p, alpha):
    sizes = [int(n) for n in lengths.split(", ")]
    totals = [math.log(q**n) for n, q in zip(sizes, p, strict=True)]
    scores = [t / n**alpha for n, t in zip(sizes, totals, strict=True)]
    best = (
        max(zip(totals, sizes, strict=True))[1],
        max(zip(scores, sizes, strict=True))[1],
    )
    return {"totals": totals, "scores": scores, "plain": best[0], "fair": best[1]}


@answers("10-exposure")
def _(e, n, after):
    good = [(1 - e) ** t for t in range(n)]
    share = sum(s * e + (1 - s) * after for s in good) / n
    return {"whole": (1 - e) ** n, "share": share, "ratio": share / e}


@answers("10-pointing")
def _(both, pointed_wrong, right_elsewhere, neither):
    return {
        "with_it": 1 - pointed_wrong / (both + pointed_wrong),
        "without": 1 - neither / (right_elsewhere + neither),
    }


@answers("10-bottleneck")
def _(n, H, base):
    bits = math.log(base**n) / math.log(2)
    return {"bits": bits, "per": bits / H}


@answers("10-multiplicative")
def _(q, keys, W, scale):
    scores = [float(q @ W @ k) for k in keys]
    sharper = soft([float(q @ W @ (scale * k)) for k in keys])
    return {"scores": scores, "weights": soft(scores), "sharper": sharper}


@answers("11-additive")
def _(f, g):
    table = [[f[a] + g[b] for b in range(2)] for a in range(2)]
    right = sum((table[a][b] > 0) == (a == b) for a in range(2) for b in range(2))
    return {"table": table, "right": right}


@answers("11-bilinear")
def _(W_q, W_v, w, q, v):
    M = sum(w[k] * np.outer(W_q[:, k], W_v[:, k]) for k in range(2))
    assert np.linalg.matrix_rank(M) <= 2
    return {"score": q @ M @ v, "M": M}


@answers("11-fusion-gradients")
def _(q, v, w_q, w_v, dz):
    product = torch_gradient(lambda a, b: dz * (q * a) * (v * b), w_q, w_v)
    total = torch_gradient(lambda a, b: dz * (q * a + v * b), w_q, w_v)
    return dict(zip(("dw_q", "dw_v", "sum_q", "sum_v"), product + total, strict=True))


@answers("11-blind")
def _(shares, forms):
    def answers_of(form):
        return next(
            n
            for word, n in (("8 ", 8), ("0 to 3", 4), ("yes or no", 2))
            if word in form
        )

    return {
        "chance": sum(s / answers_of(f) for s, f in zip(shares, forms, strict=True))
    }


@answers("11-counting")
def _(s, k, small, large):
    def share(k, n):
        return k * math.exp(s) / (k * math.exp(s) + n - k)

    return {"one": share(k, small), "two": share(k + 1, small), "far": share(k, large)}


@answers("11-habit")
def _(p, same, turned):
    A = np.array([[1 - p], [p]])  # same = p + q (1 - p), turned = (1 - p) + q p
    q = np.linalg.lstsq(A, np.array([same - p, turned - (1 - p)]), rcond=None)[0][0]
    return {"sight": q, "blind": 1 - p, "balanced": 0.5 + q / 2}


@answers("12-bells")
def _(S, N, centre, share):
    fine = 1000 * (S - 1) + 1  # so that a narrow bell names its own middle
    narrow = np.array([math.log(1e-2)])
    filters, _ = filters_forward(
        np.array([centre / 3]), np.log([share / 3]), narrow, N, fine
    )  # a third as wide around a third of the way, so that all bells are on the picture
    places = filters[0].argmax(axis=1) / 1000
    middle = (S - 1) / 2
    means = middle + 3 * (places - middle)
    return {
        "stride": (means[-1] - means[0]) / (N - 1),
        "exact": means,
        "inside": int(((means >= -5e-3) & (means <= S - 1 + 5e-3)).sum()),
    }


@answers("12-read-write")
def _(picture, rows, columns, gain):
    read = [
        [
            gain * sum(r[i] * picture[i][j] * c[j] for i in range(3) for j in range(3))
            for c in columns
        ]
        for r in rows
    ]
    written = [
        [
            sum(
                rows[a][i] * read[a][b] * columns[b][j]
                for a in range(2)
                for b in range(2)
            )
            / gain
            for j in range(3)
        ]
        for i in range(3)
    ]
    return {"read": read, "written": written}


@answers("12-canvas")
def _(strokes):
    return {"pixels": [sig(sum(strokes[: k + 1])) for k in range(4)]}


@answers("12-code")
def _(mean, deviation, pixels):
    normal = torch.distributions.Normal
    parts = [
        float(torch.distributions.kl_divergence(normal(m, s), normal(0.0, 1.0)))
        for m, s in zip(torch.tensor(mean), torch.tensor(deviation), strict=True)
    ]
    return {"parts": parts, "cost": sum(parts), "bound": sum(parts) + pixels}


@answers("12-glimpses")
def _(S, N, T, accuracy, fixed):
    return {"share": sum(N * N for _ in range(T)) / (S * S)}


@answers("05-beam")
def _(first, second):
    pairs = {(k, j): first[k] * second[k][j] for k in range(3) for j in range(3)}
    k = int(np.argmax(first))
    assert max(pairs.values()) == max(p for (k, _), p in pairs.items() if k < 2)
    return {"greedy": pairs[k, int(np.argmax(second[k]))], "best": max(pairs.values())}
