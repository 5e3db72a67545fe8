"""The cheat sheet: its code runs and computes what rnnkit computes, its shapes are the arrays', and it prints on one page."""

import ast
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from rnnkit import attention, cells, functional, sequence
from rnnkit.convert import KERAS_ORDER, ORDER
from rnnkit.gradcheck import numerical_gradient
from rnnkit.jacobian import rnn_step_jacobian
from rnnkit.optim import clip_grad_norm

SHEET = Path(__file__).parents[2] / "book" / "cheat_sheet.md"
SIZES = {"B": 3, "T": 6, "D": 4, "H": 5, "V": 7, "S": 8, "Q": 9, "K": 10, "A": 11}
B, T, D, H, V, S, Q, K, A = SIZES.values()
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
PACKED = {"RNN": "h", "LSTM": "ifog", "GRU": "rzn"}
WIDEST = 64  # characters of code in a column of the printed sheet
rng = np.random.default_rng(0)


def draw(*shape):
    return rng.normal(size=shape)


@cache
def sections():
    """{heading: what stands under it}."""
    text = SHEET.read_text(encoding="utf-8")
    return dict(re.findall(r"(?ms)^## (.*?)\n(.*?)(?=^## |\Z)", text))


def code_of(heading):
    return "\n".join(re.findall(r"(?ms)^```python\n(.*?)^```", sections()[heading]))


def shape_of(text, sizes=SIZES):
    """The tuple of numbers that "(B, 4H)" means."""
    python = re.sub(r"([\dA-Z])(?=[A-Z(])", r"\1 * ", text)
    return eval(python, {}, dict(sizes))


def run(code, given):
    """Run a section's code on its inputs, and compare every array with the shape in its line's comment."""
    names = {"np": np, "sigmoid": functional.sigmoid, **SIZES, **given}
    exec(compile(code, "cheat sheet", "exec"), names)
    lines = code.splitlines()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Assign):
            stated = re.search(r"# (?:.*: )?(\([^)]*\))", lines[node.end_lineno - 1])
            targets = [name for t in node.targets for name in ast.walk(t)]
            for name in targets if stated else ():
                if isinstance(name, ast.Name):
                    assert names[name.id].shape == shape_of(stated[1]), name.id
    return names


def agree(names, **wanted):
    for name, array in wanted.items():
        np.testing.assert_allclose(
            names[name], array, rtol=1e-9, atol=1e-12, err_msg=name
        )


def step_arguments(cell):
    """What one step of the cell reads, by name."""
    G = GATES[cell]
    given = {"x": draw(B, D), "h_prev": draw(B, H)}
    if cell == "LSTM":
        given["c_prev"] = draw(B, H)
    given |= {"W_xh": draw(D, G * H), "W_hh": draw(H, G * H)}
    if cell == "GRU":
        given["b_x"] = draw(G * H)
    return given | {"b_h": draw(G * H)}


# ---- one section after the other: check(code) runs the code and compares


def check_rnn(code):
    given, dh = step_arguments("RNN"), draw(B, H)
    h, cache = cells.rnn_step_forward(**given)
    gradients = cells.rnn_step_backward(dh, cache)
    names = ("dx", "dh_prev", "dW_xh", "dW_hh", "db_h")
    wanted = dict(zip(names, gradients, strict=True))
    found = run(code, {**given, "dh": dh})
    agree(found, h=h, jacobian=rnn_step_jacobian(cache), **wanted)


def check_lstm(code):
    given, dh, dc = step_arguments("LSTM"), draw(B, H), draw(B, H)
    h, c, cache = cells.lstm_step_forward(**given)
    gradients = cells.lstm_step_backward(dh, dc, cache)
    names = ("dx", "dh_prev", "dc_prev", "dW_xh", "dW_hh", "db_h")
    wanted = dict(zip(names, gradients, strict=True))
    agree(run(code, {**given, "dh": dh, "dc": dc}), h=h, c=c, **wanted)


def check_gru(code):
    given, dh = step_arguments("GRU"), draw(B, H)
    h, cache = cells.gru_step_forward(**given)
    gradients = cells.gru_step_backward(dh, cache)
    names = ("dx", "dh_prev", "dW_xh", "dW_hh", "db_x", "db_h")
    wanted = dict(zip(names, gradients, strict=True))
    agree(run(code, {**given, "dh": dh}), h=h, **wanted)


def check_loss(code):
    h, W_hy, b_y = draw(B, T, H), draw(H, V), draw(V)
    targets = rng.integers(V, size=(B, T))
    logits, cache = functional.affine_forward(h, W_hy, b_y)
    loss, of_loss = functional.cross_entropy_forward(logits, targets)
    dlogits = functional.cross_entropy_backward(of_loss)
    dh, dW_hy, db_y = functional.affine_backward(dlogits, cache)
    found = run(code, {"h": h, "W_hy": W_hy, "b_y": b_y, "targets": targets})
    agree(found, loss=loss, dlogits=dlogits, dh=dh, dW_hy=dW_hy, db_y=db_y)


def check_through_time(code):
    weights = {"W_xh": draw(D, H), "W_hh": draw(H, H), "b_h": draw(H)}
    x, h0, dhs = draw(B, T, D), draw(B, H), draw(B, T, H)
    hs, cache = sequence.rnn_forward(x, h0, **weights)
    for chunk in (4, T + 1):
        dx, dh0, *dW = sequence.rnn_backward(dhs, cache, chunk=chunk)
        given = {"x": x, "h0": h0, "dhs": dhs, "chunk": chunk, **weights}
        found = run(code, {**vars(cells), **given})
        agree(found, dx=dx, dh0=dh0)
        agree({"hs": np.stack(found["hs"], axis=1)}, hs=hs)
        for mine, right in zip(found["dW"], dW, strict=True):
            agree({"dW": mine}, dW=right)


def check_attention(code):
    query, keys, W_q, W_k, v = (
        draw(B, Q),
        draw(B, S, K),
        draw(Q, A),
        draw(K, A),
        draw(A),
    )
    dcontext = draw(B, K)
    scores, of_scores = attention.additive_scores_forward(query, keys, W_q, W_k, v)
    context, weights, cache = attention.attend_forward(scores, keys)
    dscores, dvalues = attention.attend_backward(dcontext, cache)
    dquery, dkeys, dW_q, dW_k, dv = attention.additive_scores_backward(
        dscores, of_scores
    )
    given = {"query": query, "keys": keys, "W_q": W_q, "W_k": W_k, "v": v}
    given |= {"softmax": functional.softmax, "dcontext": dcontext}
    found = run(code, given)
    agree(found, weights=weights, context=context, dscores=dscores, dquery=dquery)
    agree(found, dkeys=dkeys + dvalues, dW_q=dW_q, dW_k=dW_k, dv=dv)


def check_glimpses(code):
    given = {"middle": draw(B, 2), "noise": draw(B, 2), "reward": draw(B)}
    given |= {"spread": 0.3, "baseline": 0.5}
    given |= {"mean": draw(B, K), "log_spread": draw(B, K), "eps": draw(B, K)}
    given |= {"centre": 1.5 * draw(B) + S / 2, "width": np.exp(draw(B))}
    given |= {"dbell": draw(B, S), "softmax": functional.softmax}
    found = run(code, given)

    def negative_log_density():  # of the place, times what it was worth
        away = (found["at"] - given["middle"]) / given["spread"]
        return float(((given["reward"] - 0.5) * (away**2).sum(axis=1) / 2).sum())

    def code_cost():  # from the two densities, term by term
        z, log_spread = given["mean"], given["log_spread"]
        prior = 0.5 * (z**2 + np.exp(2 * log_spread) + np.log(2 * np.pi))
        return float((prior - 0.5 * (1 + np.log(2 * np.pi)) - log_spread).sum())

    def loss():
        away = np.arange(S) - given["centre"][:, None]
        weights = np.exp(-((away / given["width"][:, None]) ** 2) / 2)
        bell = weights / weights.sum(axis=1, keepdims=True)
        return float((bell * given["dbell"]).sum())

    agree(found, z=given["mean"] + np.exp(given["log_spread"]) * given["eps"])
    agree({"nats": found["nats"].sum()}, nats=code_cost())
    for function, names in (
        (negative_log_density, ["middle"]),
        (code_cost, ["mean", "log_spread"]),
        (loss, ["centre", "width"]),
    ):
        for name in names:
            slope = numerical_gradient(function, given[name])
            assert np.abs(found[f"d{name}"] - slope).max() < 1e-7, name


def check_layers(code):
    x = draw(B, T, D)
    first, second, other = (
        {"h0": draw(B, H), "W_xh": draw(size, H), "W_hh": draw(H, H), "b_h": draw(H)}
        for size in (D, H, D)
    )
    both, _ = sequence.bidirectional_forward(x, first, other)
    upper, _ = sequence.stack_forward(x, [first, second])
    given = {"first": first, "second": second, "other": other}
    given = {name: tuple(layer.values()) for name, layer in given.items()}

    def forward(*arguments):
        return sequence.rnn_forward(*arguments)[0]

    agree(run(code, {"x": x, "forward": forward, **given}), both=both, h_2=upper)


def check_start(code):
    w = np.array(0.7)
    given = {"rng": np.random.default_rng(1), "f": np.tanh, "eps": 1e-5}
    found = run(code, {**given, "w": w, "dw": 1 - np.tanh(w) ** 2})
    agree(found, slope=numerical_gradient(lambda: float(np.tanh(w)), w))
    assert found["error"] < 1e-8
    assert np.abs(found["uniform"]).max() <= H**-0.5
    agree({"I": found["orthogonal"] @ found["orthogonal"].T}, I=np.eye(H))
    for cell, gate in (("LSTM", "f"), ("GRU", "z")):
        opened = found[f"{cell.lower()}_bias"].reshape(-1, H).mean(axis=1)
        agree({"open": opened}, open=[float(g == gate) for g in PACKED[cell]])


def check_flow(code):
    grads = [draw(D, H), draw(H)]
    for max_norm in (0.5, 100.0):
        right = {str(i): grad.copy() for i, grad in enumerate(grads)}
        norm = clip_grad_norm(right, max_norm)
        bias = np.array([2.0])
        given = {"grads": grads, "max_norm": max_norm, "forget_bias": bias}
        found = run(code, given)
        agree(found, norm=norm, kept=(1 / (1 + np.exp(-bias))) ** T)
        for mine, wanted in zip(found["clipped"], right.values(), strict=True):
            agree({"clipped": mine}, clipped=wanted)


CHECKS = {
    "Vanilla RNN": check_rnn,
    "LSTM": check_lstm,
    "GRU": check_gru,
    "Output and loss": check_loss,
    "Through time": check_through_time,
    "Attention": check_attention,
    "Glimpses and codes": check_glimpses,
    "Layers, both directions": check_layers,
    "Start and check": check_start,
    "Gradient flow": check_flow,
}


def test_every_section_with_code_has_a_check():
    assert [h for h in sections() if code_of(h)] == list(CHECKS)


@pytest.mark.parametrize("heading", CHECKS)
def test_code_computes_what_rnnkit_computes(heading):
    CHECKS[heading](code_of(heading))


@pytest.mark.parametrize(
    ("heading", "right", "wrong"),
    [
        ("Vanilla RNN", "da @ W_hh.T", "da @ W_hh"),
        ("Vanilla RNN", "# (B, H, H)", "# (B, H)"),
        ("LSTM", "dc * g, dc * c_prev", "dc * g, dc * c"),
        ("LSTM", "[da_i, da_f, da_o, da_g]", "[da_i, da_f, da_g, da_o]"),
        ("LSTM", "dc = dc + dh * o", "dc = dh * o"),
        ("GRU", "da_n * r]", "da_n]"),
        ("GRU", " + dh * z", ""),
        ("Output and loss", "(B * T)", "B"),
        ("Through time", "(t + 1) % chunk", "t % chunk"),
        ("Attention", " + weights[..., None] * dcontext[:, None]", ""),
        ("Glimpses and codes", "(reward - baseline)", "(reward + baseline)"),
        ("Glimpses and codes", " - log_spread\n", "\n"),
        ("Glimpses and codes", "/ width**3", "/ width**2"),
        ("Layers, both directions", "*other)[:, ::-1]", "*other)"),
        ("Start and check", "lstm_bias[H : 2 * H]", "lstm_bias[:H]"),
        (
            "Gradient flow",
            "np.sqrt(sum((grad**2).sum() for grad in grads))",
            "sum((grad**2).sum() for grad in grads)",
        ),
    ],
)
def test_a_slip_would_be_seen(heading, right, wrong):
    code = code_of(heading)
    assert code.count(right) == 1
    with pytest.raises(AssertionError):
        CHECKS[heading](code.replace(right, wrong))


def table():
    """The table of sizes: {first column: {cell: entry}}."""
    rows = re.findall(r"(?m)^\| (.*) \|$", sections()["Sizes"])
    (_, *heads), *rows = ([entry.strip(" `$") for entry in r.split("|")] for r in rows)
    assert tuple(heads) == tuple(GATES)
    return {first: dict(zip(heads, rest, strict=True)) for first, *rest in rows}


@pytest.mark.parametrize("cell", GATES)
def test_table_has_the_shapes_that_the_cells_take(cell):
    given = {name.removesuffix("_prev"): a for name, a in step_arguments(cell).items()}
    stated = {name: entries[cell] for name, entries in table().items()}
    shapes = {name: shape_of(text) for name, text in stated.items() if "(" in text}
    count = shapes.pop("parameters")
    assert shapes == {name: array.shape for name, array in given.items()}
    weights = [a.size for name, a in given.items() if name[0] in "Wb"]
    assert count == sum(weights)


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
@pytest.mark.parametrize(
    ("row", "order"), [("in torch", ORDER), ("in Keras", KERAS_ORDER)]
)
def test_table_has_the_order_of_the_blocks(cell, row, order):
    assert table()["blocks"][cell].replace(" ", "") == PACKED[cell]
    theirs = "".join(PACKED[cell][k] for k in order[cell.lower()])
    assert table()[row][cell].replace(" ", "") == theirs


@pytest.mark.parametrize("heading", CHECKS)
def test_no_line_of_code_is_wider_than_a_column(heading):
    assert [line for line in code_of(heading).splitlines() if len(line) > WIDEST] == []


# ---- on paper


@pytest.mark.browser
def test_it_prints_on_one_page_of_a4(open_page):
    page = open_page("book/cheat_sheet.html")
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1
    width, height = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups()
    assert [round(float(n)) for n in (width, height)] == [595, 842]


@pytest.mark.browser
def test_nothing_on_paper_is_cut_or_too_small_to_read(open_page):
    page = open_page("book/cheat_sheet.html", width=734)  # A4 less its margins
    page.emulate_media(media="print")
    found = page.evaluate(
        """() => [...document.querySelectorAll("#cheat-sheet :is(h1, h2, p, pre, td, th)")]
          .filter((box) => box.offsetParent)
          .map((box) => [box.scrollWidth - box.clientWidth, parseFloat(getComputedStyle(box).fontSize), box.textContent])"""
    )
    page.emulate_media(media="screen")
    assert len(found) > 100
    assert [text for over, _, text in found if over > 1] == []
    assert min(size for _, size, _ in found) >= 9  # CSS pixels: 6.75 points
