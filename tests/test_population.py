"""Networks trained side by side, and the tasks they are trained on."""

from functools import partial

import numpy as np
import pytest
import torch

from rnnkit.data import tasks
from rnnkit.nn.population import CELLS, Population, clip_gradients, evaluate, train
from rnnkit.sequence import gru_forward, lstm_forward, rnn_forward

FORWARD = {"rnn": rnn_forward, "gru": gru_forward, "lstm": lstm_forward}
TASK = partial(tasks.recall, lag=3, symbols=3)


@pytest.mark.parametrize("cell", FORWARD)
def test_a_network_is_the_numpy_cell(cell):
    nets = Population(cell, 4, 5, 3, seeds=[7, 8])
    x = np.random.default_rng(0).standard_normal((2, 6, 4)).astype(np.float32)
    with torch.no_grad():
        y = nets(np.stack([x, x])).numpy()
    for k in range(2):
        p = nets.network(k)
        zeros = [np.zeros((2, 5), np.float32)] * (2 if cell == "lstm" else 1)
        names = ["W_xh", "W_hh", *(["b_x"] if cell == "gru" else []), "b_h"]
        h = FORWARD[cell](x, *zeros, *(p[name] for name in names))[0]
        np.testing.assert_allclose(y[k], h @ p["W_hy"] + p["b_y"], atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_a_network_becomes_what_it_would_have_become_alone(cell):
    together = Population(cell, 6, 5, 3, seeds=[3, 4, 5])
    alone = Population(cell, 6, 5, 3, seeds=[4])
    log = train(together, TASK, 12, lr=1e-2, clip=0.05)
    log_alone = train(alone, TASK, 12, lr=1e-2, clip=0.05)
    np.testing.assert_allclose(log.loss[:, 1], log_alone.loss[:, 0], rtol=1e-4)
    np.testing.assert_allclose(
        log.grad_norm[:, 1], log_alone.grad_norm[:, 0], rtol=1e-3
    )
    assert abs(log.loss[-1, 0] - log.loss[-1, 1]) > 1e-4  # the seeds do differ
    for name, p in alone.network(0).items():
        np.testing.assert_allclose(p, together.network(1)[name], atol=1e-4)


def test_same_seeds_same_bytes():
    logs = [train(Population("gru", 6, 4, 3), TASK, 5).loss for _ in range(2)]
    np.testing.assert_array_equal(*logs)


def test_training_learns_and_evaluation_counts_right_answers():
    nets = Population("lstm", 6, 16, 3, seeds=[0, 1], forget_bias=1.0)
    batch = TASK(np.random.default_rng(9), 300)
    before = evaluate(nets, batch)
    train(nets, TASK, 200, lr=1e-2)
    after = evaluate(nets, batch)
    assert (before["accuracy"] < 0.6).all()
    assert (after["accuracy"] > 0.95).all()
    assert (after["loss"] < 0.3).all()
    with torch.no_grad():
        y = nets(np.stack([batch.x, batch.x]))[:, :, -1].argmax(-1).numpy()
    np.testing.assert_allclose(
        after["accuracy"], (y == batch.targets[:, -1]).mean(axis=1)
    )


def test_forget_bias_and_starts():
    with_bias = Population("lstm", 2, 3, 1, seeds=[0, 0], forget_bias=[0.0, 2.0])
    b_h = [with_bias.network(k)["b_h"] for k in range(2)]
    np.testing.assert_array_equal(b_h[1] - b_h[0], [0] * 3 + [2] * 3 + [0] * 6)
    identity = Population("gru", 2, 3, 1, recurrent="identity").network(0)["W_hh"]
    np.testing.assert_array_equal(identity, np.tile(np.eye(3), 3))
    orthogonal = Population("lstm", 2, 5, 1, recurrent="orthogonal").network(0)["W_hh"]
    for block in np.split(orthogonal, 4, axis=1):
        np.testing.assert_allclose(block @ block.T, np.eye(5), atol=1e-5)


@pytest.mark.parametrize("clip_by", ["norm", "value"])
def test_each_network_is_clipped_by_itself(clip_by):
    nets = Population("rnn", 2, 3, 1, seeds=[0, 1])
    for p in nets.parameters():
        p.grad = torch.ones_like(p)
        p.grad[1] *= 1e-3
    count = sum(p[0].numel() for p in nets.parameters())
    norms = clip_gradients(nets, 0.1, clip_by)
    np.testing.assert_allclose(norms, [count**0.5, 1e-3 * count**0.5], rtol=1e-5)
    first, second = (
        torch.cat([p.grad[k].flatten() for p in nets.parameters()]) for k in range(2)
    )
    if clip_by == "norm":
        assert first.norm().item() == pytest.approx(0.1, rel=1e-5)
    else:
        assert first.max().item() == pytest.approx(0.1)
    assert second.max().item() == pytest.approx(1e-3)


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match=r"cell: expected .*got 'lst'"):
        Population("lst", 1, 1, 1)
    with pytest.raises(ValueError, match="recurrent: expected"):
        Population("rnn", 1, 1, 1, recurrent="zeros")
    with pytest.raises(ValueError, match="forget_bias: expected 0"):
        Population("rnn", 1, 1, 1, forget_bias=1.0)
    nets = Population("rnn", 6, 2, 3)
    with pytest.raises(ValueError, match="clip_by: expected"):
        train(nets, TASK, 1, clip_by="size")
    with pytest.raises(ValueError, match="steps: expected"):
        train(nets, TASK, 0)


def test_adding_marks_two_numbers_and_answers_with_their_sum():
    x, targets, mask = tasks.adding(np.random.default_rng(0), 500, T=20)
    assert x.shape == (500, 20, 2)
    markers = x[..., 1]
    assert (markers[:, :10].sum(1) == 1).all()
    assert (markers[:, 10:].sum(1) == 1).all()
    np.testing.assert_allclose(targets[:, -1], (x[..., 0] * markers).sum(1), rtol=1e-6)
    assert mask.sum() == 500
    assert mask[:, -1].all()
    assert np.mean((targets[:, -1] - 1) ** 2) == pytest.approx(1 / 6, abs=0.02)


def test_recall_asks_for_the_first_symbol():
    x, targets, mask = tasks.recall(np.random.default_rng(0), 200, lag=7, symbols=4)
    tokens = x.argmax(-1)
    assert x.shape == (200, 8, 8)
    assert (tokens[:, 0] < 4).all()
    assert (tokens[:, 1:] >= 4).all()
    np.testing.assert_array_equal(targets[:, -1], tokens[:, 0])
    assert (mask.sum(1) == 1).all()


def test_counting_by_hand():
    x, targets, mask = tasks.counting(np.random.default_rng(0), 50, n_max=3)
    n = (x.argmax(-1) == 1).sum(1)
    assert set(n) == {1, 2, 3}
    k = int(np.flatnonzero(n == 2)[0])
    read = "".join(tasks.COUNTING_ALPHABET[i] for i in x[k].argmax(-1))
    said = "".join(tasks.COUNTING_ALPHABET[i] for i in targets[k])
    assert (read, said) == ("^aabb$$", "aabb$$$")
    np.testing.assert_array_equal(mask[k], [1, 1, 1, 1, 1, 0, 0])
    _, _, sure = tasks.counting(np.random.default_rng(0), 50, n_max=3, determined=True)
    np.testing.assert_array_equal(sure[k], [1, 0, 0, 1, 1, 0, 0])


def test_tags_close_what_they_opened():
    x, targets, mask = tasks.tags(
        np.random.default_rng(0), 40, T=80, depth=3, determined=True
    )
    for row in range(40):
        text = "".join(tasks.TAGS_ALPHABET[i] for i in x[row].argmax(-1))
        text += tasks.TAGS_ALPHABET[targets[row, -1]]
        unclosed, deepest, position = [], 0, 0
        asked = np.zeros(80, bool)
        while position + 5 <= len(text):
            closes = text[position + 1] == "/"
            name = text[position + 1 + closes : position + 3 + closes]
            if closes:
                assert unclosed.pop() == name
                asked[position + 1 : position + 3] = True
            else:
                unclosed.append(name)
            deepest = max(deepest, len(unclosed))
            position += 4 + closes
        assert deepest <= 3
        np.testing.assert_array_equal(mask[row, : position - 1], asked[: position - 1])


def test_bad_task_settings_are_named():
    rng = np.random.default_rng(0)
    for name, call in {
        "T": partial(tasks.adding, T=1),
        "lag": partial(tasks.recall, lag=0),
        "symbols": partial(tasks.recall, symbols=1),
        "n_max": partial(tasks.counting, n_max=2, n_min=3),
        "depth": partial(tasks.tags, depth=0),
    }.items():
        with pytest.raises(ValueError, match=f"{name}: expected"):
            call(rng, 2)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def blocks(names, p, H):
    """W, U, b by the gate's name, cut out of the packed parameters of one network."""
    W, U = (np.split(p[key], p[key].shape[1] // H, 1) for key in ("W_xh", "W_hh"))
    b = np.split(p["b_x"] if "b_x" in p else p["b_h"], len(names))
    return {n: (W[k], U[k] if len(U) == len(W) else None, b[k]) for k, n in names}


def paper_lstm(name, x, state, p):
    """One step of an LSTM with one part changed, as Greff et al. (2017) write it, in numpy."""
    h, c, old = state
    H = h.shape[1]
    gone = {"no_input_gate": "i", "no_forget_gate": "f", "no_output_gate": "o"}
    names = [
        gate
        for gate in "ifog"
        if gate != gone.get(name) and (gate != "i" or name != "coupled_gates")
    ]
    w = blocks(list(enumerate(names)), p, H)
    a = {gate: x @ W + h @ U + b for gate, (W, U, b) in w.items()}
    if name == "full_gate_recurrence":  # nine more matrices, from each gate to each
        for j, to in enumerate("ifo"):
            for k, of in enumerate("ifo"):
                R = p["W_gg"][k * H : (k + 1) * H, j * H : (j + 1) * H]
                a[to] = a[to] + old[of] @ R
    peep = name == "peepholes"
    f = sigmoid(a["f"] + (p["w_cf"] * c if peep else 0)) if "f" in a else 1.0
    i = sigmoid(a["i"] + (p["w_ci"] * c if peep else 0)) if "i" in a else 1.0
    i = 1 - f if name == "coupled_gates" else i
    g = a["g"] if name == "no_input_activation" else np.tanh(a["g"])
    c = f * c + i * g
    o = sigmoid(a["o"] + (p["w_co"] * c if peep else 0)) if "o" in a else 1.0
    out = c if name == "no_output_activation" else np.tanh(c)
    return o * out, c, {"i": i, "f": f, "o": o}


def paper_gru(name, x, state, p):
    """One step of a relative of the GRU, as its paper writes it, in numpy."""
    h, c, old = state
    H = h.shape[1]
    names = "zn" if name == "gru_no_reset" else "rzn"
    w = blocks(list(enumerate(names)), p, H)
    if name == "mut1":  # z overwrites, and does not see h
        U_r, U_n = np.split(p["W_hh"], 2, 1)
        r = sigmoid(x @ w["r"][0] + h @ U_r + w["r"][2])
        z = 1 - sigmoid(x @ w["z"][0] + w["z"][2])
        n = np.tanh((r * h) @ U_n + np.tanh(x @ w["n"][0] + w["n"][2]) + p["b_n"])
    else:
        gates = {k: sigmoid(x @ W + h @ U + b) for k, (W, U, b) in w.items()}
        z, r = gates["z"], gates["r"] if "r" in w else 1.0
        n = np.tanh(x @ w["n"][0] + (r * h) @ w["n"][1] + w["n"][2])
    return (1 - z) * n + z * h, c, old


VARIANTS = [name for name in CELLS if name not in ("rnn", "relu_rnn", "gru", "lstm")]


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_its_papers_equations(name):
    D, H, N, B, T = 3, 4, 2, 2, 5
    nets = Population(name, D, H, 1, seeds=range(N))
    with torch.no_grad():
        for parameter in nets.parameters():  # a zero could hide an error
            parameter += 0.3 * torch.randn(
                parameter.shape, generator=torch.Generator().manual_seed(0)
            )
    x = np.random.default_rng(0).standard_normal((N, B, T, D)).astype(np.float32)
    with torch.no_grad():
        h = nets.states(x)[0].numpy()
    step = paper_gru if name == "mut1" or name.startswith("gru") else paper_lstm
    for k in range(N):
        zero = np.zeros((B, H))
        state = (zero, zero, dict.fromkeys("ifo", zero))
        for t in range(T):
            state = step(name, x[k, :, t], state, nets.network(k))
            np.testing.assert_allclose(h[k, :, t], state[0], atol=2e-6)


def test_the_grus_z_is_its_forget_gate():
    nets = Population("gru", 2, 3, 1, seeds=[0, 0], forget_bias=[0.0, 2.0])
    b_h = [nets.network(k)["b_h"] for k in range(2)]
    np.testing.assert_array_equal(b_h[1] - b_h[0], [0] * 3 + [2] * 3 + [0] * 3)
