"""The mechanism that chapters show things with: source, figures, explorables, quizzes."""

import io
import json
import re

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import traitlets
from PIL import Image

from rnnkit.functional import one_hot
from rnnkit.sequence import gru_backward, gru_forward, lstm_forward
from rnnkit.show import (
    char_lm,
    counting,
    explorable,
    gradient_flow,
    packing,
    quiz,
    scene,
    show_source,
    style,
)
from rnnkit.show.captioner import CaptionerExplorable
from rnnkit.show.char_lm import CharLMExplorable, quantise
from rnnkit.show.explorable import (
    Explorable,
    bundle,
    decode_array,
    encode_array,
    plain,
    rich,
    to_json,
)
from rnnkit.show.gradient_flow import GradientFlowExplorable
from rnnkit.show.gru_blend import (
    GRUBlendExplorable,
    default_inputs,
    default_weights,
    states_and_memory,
)
from rnnkit.show.lstm_gates import LSTMGatesExplorable
from rnnkit.show.quiz import Predict, Quiz, check_quiz
from rnnkit.show.vqa import VQAExplorable
from rnnkit.show.vqa_model import answer, coordinates, see


class Demo(Explorable):
    module = "quiz"
    kind = traitlets.Unicode("quiz").tag(sync=True)
    weights = traitlets.List().tag(sync=True)
    secret = traitlets.Int(3)  # not synced: stays in Python

    def static_figure(self):
        fig, ax = plt.subplots()
        style.heat(ax, np.array(self.weights))
        return fig


def demo(**changes):
    given = {
        "id": "demo",
        "alt": "A <matrix>",
        "caption": "Try `W`.",
        "weights": np.eye(2) / 3,
    }
    return Demo(**{**given, **changes})


@pytest.fixture
def course_style():
    with matplotlib.rc_context():
        style.use()
        yield
        plt.close("all")


# ---- source


def documented(x):
    """Say nothing."""
    return x  # a comment


def test_show_source_is_the_real_source():
    text = show_source(documented)._repr_markdown_()
    assert text.startswith('```python\ndef documented(x):\n    """Say nothing."""\n')
    assert text.endswith("    return x  # a comment\n```")


def test_show_source_joins_and_can_leave_out_docstrings():
    text = show_source(documented, Demo.static_figure, docstring=False).text
    assert text.startswith(
        "def documented(x):\n    return x  # a comment\n\n\ndef static_figure(self):"
    )


@pytest.mark.parametrize("thing", [len, 3, np.tanh])
def test_show_source_refuses_what_has_no_source(thing):
    with pytest.raises(ValueError, match="objects: expected a function"):
        show_source(thing)


def test_show_source_needs_an_object():
    with pytest.raises(ValueError, match="at least one"):
        show_source()


# ---- style


def svg_of(draw):
    fig, ax = plt.subplots()
    draw(ax)
    out = io.BytesIO()
    fig.savefig(out, format="svg", metadata={"Date": None})
    plt.close(fig)
    return out.getvalue()


def draw_everything(ax):
    ax.plot([1, 2, 3], [3, 1, 2])
    style.label_line(ax, "loss")
    style.label_line(ax, "middle", x=2)
    style.chance_line(ax, 2.5)


@pytest.mark.parametrize(
    "draw",
    [
        draw_everything,
        lambda ax: style.heat(ax, np.eye(3), rows=list("abc"), columns=list("xyz")),
    ],
)
@pytest.mark.usefixtures("course_style")
def test_figures_have_the_same_bytes_twice_and_no_ground(draw):
    first, second = svg_of(draw), svg_of(draw)
    assert first == second
    assert (
        b"#ffffff" not in first.split(b"<defs>")[0]
    )  # no white panel behind the drawing


def luminance(colour):
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in matplotlib.colors.to_rgb(colour)
    ]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def test_colours_read_on_white():
    assert min(1.05 / (luminance(colour) + 0.05) for colour in style.CYCLE) >= 3


def test_zero_is_transparent_in_both_colormaps():
    assert matplotlib.colormaps["rnn_div"](0.5)[3] == pytest.approx(0, abs=1e-9)
    assert matplotlib.colormaps["rnn_seq"](0.0)[3] == 0


@pytest.mark.usefixtures("course_style")
def test_heat_refuses_a_vector():
    with pytest.raises(
        ValueError, match=r"matrix: expected \(rows, columns\), got \(3,\)"
    ):
        style.heat(plt.gca(), np.zeros(3))


# ---- explorables


def test_mimebundle_has_the_agreed_form():
    data, _ = demo()._repr_mimebundle_()
    assert data["text/plain"] == "A <matrix>"
    assert "application/vnd.jupyter.widget-view+json" in data
    assert re.fullmatch(
        r'<figure class="rk-explorable" id="rk-demo" data-module="quiz">'
        r'<script type="application/json">'
        r'\{"kind":"quiz","weights":\[\[0\.333333,0\.0\],\[0\.0,0\.333333\]\]\}</script>'
        r'<img alt="A &lt;matrix&gt;" src="data:image/png;base64,[A-Za-z0-9+/=]+" width="\d+" height="\d+">'
        r"<figcaption>Try <code>W</code>\.</figcaption></figure>",
        data["text/html"],
    )
    assert data["image/png"] in data["text/html"]


def test_two_builds_give_the_same_bytes():
    first, second = (demo()._repr_mimebundle_()[0] for _ in range(2))
    for kind in ("text/plain", "text/html", "image/png"):
        assert first[kind] == second[kind]


def test_the_picture_is_small_and_carries_no_metadata():
    png = demo()._picture()
    assert len(png) < explorable.MAX_PICTURE
    assert "Software" not in Image.open(io.BytesIO(png)).info


def test_a_picture_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(explorable, "MAX_PICTURE", 100)
    with pytest.raises(ValueError, match="static_figure: expected at most 100 bytes"):
        demo()._repr_mimebundle_()


def test_the_fallback_picture_needs_no_drawing():
    assert (
        Image.open(io.BytesIO(Explorable._picture(demo(weights=[[1.0]])))).width > 300
    )


def test_the_state_cannot_close_its_script():
    html = demo(kind="</script><b>")._repr_mimebundle_()[0]["text/html"]
    assert html.count("</script>") == 1
    inside = html.split('application/json">')[1].split("</script>")[0]
    assert json.loads(inside)["kind"] == "</script><b>"


@pytest.mark.parametrize("bad", ["", "Demo", "a b", "a_b", "-a", "a--b", 'a"onload'])
def test_ids_are_validated(bad):
    with pytest.raises(ValueError, match="id: expected"):
        demo(id=bad)


def test_alt_and_state_are_validated():
    with pytest.raises(ValueError, match="alt: expected"):
        demo(alt=" ")
    with pytest.raises(ValueError, match="no such state: wieghts"):
        demo(wieghts=[])


def test_plain_data():
    value = {
        "a": np.float32(1 / 3),
        "b": (np.int64(2), True, None),
        "c": np.zeros((1, 2)),
    }
    assert plain(value) == {"a": 0.333333, "b": [2, True, None], "c": [[0.0, 0.0]]}
    with pytest.raises(ValueError, match="JSON"):
        to_json({"a": float("nan")})


def test_rich_text_is_escaped():
    assert rich("<b> `a<b` & c") == "&lt;b&gt; <code>a&lt;b</code> &amp; c"
    with pytest.raises(ValueError, match="pairs"):
        rich("`open")


MODULE_NAMES = {path.stem for path in explorable.MODULES.glob("*.js")} - {
    *explorable.SHARED,
    "mount",
}


@pytest.mark.parametrize("name", sorted(MODULE_NAMES))
def test_bundle_is_one_module_without_imports(name):
    text = bundle(name)
    assert len(re.findall(r"^export default", text, re.MULTILINE)) == 1
    assert not re.search(r"^import\b", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('import { html } from "./kit.js";\n', "exactly one line"),
        (
            'import { nothing } from "./kit.js";\nexport default {};\n',
            "does not export nothing",
        ),
        (
            'import { html } from "./other.js";\nexport default {};\n',
            "expected one import",
        ),
    ],
)
def test_bundle_refuses_other_modules(tmp_path, monkeypatch, source, message):
    (tmp_path / "kit.js").write_text(
        (explorable.MODULES / "kit.js").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (tmp_path / "bad.js").write_text(source, encoding="utf-8")
    monkeypatch.setattr(explorable, "MODULES", tmp_path)
    with pytest.raises(ValueError, match=message):
        bundle("bad")


@pytest.mark.parametrize(("name", "limit"), [("mount.js", 60), ("kit.js", 200)])
def test_the_shared_modules_stay_short(name, limit):
    assert (
        len((explorable.MODULES / name).read_text(encoding="utf-8").splitlines())
        < limit
    )


def test_encode_array_refuses_other_types():
    assert encode_array(np.zeros((2, 3)))["shape"] == [2, 3]
    with pytest.raises(ValueError, match="dtype: expected"):
        encode_array(np.zeros(2), "float64")


@pytest.mark.parametrize("by_row", [False, True])
def test_int8_rounds_to_half_a_level(rng, by_row):
    array = rng.normal(size=(6, 50)) * np.array([[1], [1e-4], [0], [30], [1], [1]])
    packed = json.loads(json.dumps(encode_array(array, "int8", by_row=by_row)))
    back = decode_array(packed)
    assert back.shape == array.shape
    assert back.dtype == np.float32
    largest = np.abs(array).max(axis=-1 if by_row else None, keepdims=True)
    assert (np.abs(back - array) <= 0.5001 / 127 * largest).all()
    assert (back[2] == 0).all()
    # a second rounding changes nothing
    again = decode_array(encode_array(back, "int8", by_row=by_row))
    np.testing.assert_allclose(again, back, rtol=1e-5)


def test_float32_and_empty_arrays_come_back():
    array = np.array([[1 / 3, -2.5e-8, 1e30]])
    np.testing.assert_array_equal(
        decode_array(encode_array(array)), array.astype(np.float32)
    )
    for by_row in (False, True):
        packed = encode_array(np.zeros((3, 0)), "int8", by_row=by_row)
        assert decode_array(packed).shape == (3, 0)


# ---- the character model in the page


LETTERS = "\n KINGRCHAD:"


def lstm_weights(rng, V=12, D=5, H=7):
    shapes = {
        "embedding.weight": (V, D),
        "rnn.weight_ih_l0": (4 * H, D),
        "rnn.weight_hh_l0": (4 * H, H),
        "rnn.bias_ih_l0": (4 * H,),
        "rnn.bias_hh_l0": (4 * H,),
        "output.weight": (V, H),
        "output.bias": (V,),
    }
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def live_model(rng, **changes):
    given = {
        "weights": lstm_weights(rng),
        "vocabulary": LETTERS,
        "prefix": "KING RICHAR",
        "sample": "KING RICHARD:\nA CAR\n" * 8,
        "cells": [{"cell": 3, "name": "line", "note": "Blue."}],
    }
    return CharLMExplorable(id="char-lm", alt="A text", **{**given, **changes})


def test_the_live_model_reads_as_torch_does(rng):
    torch = pytest.importorskip("torch")
    from rnnkit.nn.charlm import CharLM

    weights = lstm_weights(rng)
    model = CharLM(len(LETTERS), embedding_size=5, hidden_size=7).double()
    model.load_state_dict({k: torch.tensor(v) for k, v in weights.items()})
    ids = [LETTERS.index(letter) for letter in "KING RICHARD:\n"]
    logits, h, c = char_lm.read(weights, ids)
    with torch.no_grad():
        want, (h_last, c_last) = model(torch.tensor([ids]))
    np.testing.assert_allclose(logits, want[0], atol=1e-12)
    np.testing.assert_allclose(h[-1], h_last[0, 0], atol=1e-12)
    np.testing.assert_allclose(c[-1], c_last[0, 0], atol=1e-12)


def test_the_page_gets_what_quantise_returns(rng):
    weights = lstm_weights(rng)
    rounded = quantise(weights)
    assert list(rounded) == list(weights)
    packed = live_model(rng, weights=weights).state()["weights"]
    for name, array in rounded.items():
        np.testing.assert_array_equal(array, decode_array(packed[name]))
        largest = np.abs(weights[name]).max(axis=-1, keepdims=True)
        bound = largest * (0.501 / 127 if array.ndim == 2 else 1e-7)
        assert (np.abs(array - weights[name]) <= bound).all()


def test_the_live_model_fits_and_has_a_small_picture(rng):
    vocabulary = "".join(map(chr, range(32, 100)))  # 68 characters
    weights = lstm_weights(rng, V=68, D=64, H=224)
    given = {"vocabulary": vocabulary, "prefix": "A", "sample": "SO IT IS. " * 40}
    figure = live_model(rng, weights=weights, **given)
    assert len(to_json(figure.state()["weights"])) <= packing.MAX_WEIGHTS
    assert len(figure._picture()) < explorable.MAX_PICTURE
    assert figure.cell == 3
    with pytest.raises(ValueError, match=r"weights: expected at most 400000 bytes"):
        live_model(rng, weights=lstm_weights(rng, V=68, D=64, H=240), **given)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {}}, "weights: expected a one-layer LSTM's embedding.weight"),
        ({"vocabulary": LETTERS + "x"}, r"embedding.weight: expected \(V, D\) = \(13,"),
        ({"prefix": ""}, "prefix: expected characters of the vocabulary, got no text"),
        ({"sample": "A zoo"}, "sample: expected .* got 'o' 'z'"),
        (
            {"cells": [{"cell": 7, "name": "a", "note": "b"}]},
            "cells: expected units from 0 to 6, got 7",
        ),
        ({"cells": [{"cell": 1}]}, "cells: expected the keys cell, name and note"),
    ],
)
def test_the_live_model_refuses(rng, changes, message):
    with pytest.raises(ValueError, match=message):
        live_model(rng, **changes)


# ---- the GRU that is blended into a vanilla RNN


def test_the_gru_explorable_needs_no_arguments():
    first, second = (GRUBlendExplorable()._repr_mimebundle_()[0] for _ in range(2))
    for kind in ("text/plain", "text/html", "image/png"):
        assert first[kind] == second[kind]
    figure = GRUBlendExplorable()
    assert len(figure._picture()) < explorable.MAX_PICTURE
    assert len(to_json(figure.state())) < 10_000
    assert [entry["name"] for entry in figure.inputs] == list(default_inputs())
    (_, gru), (_, rnn) = figure.read()
    assert f"{gru[0]:.1g} in the GRU, {rnn[0]:.1g} in the RNN" in figure.alt


def test_memory_is_the_norm_of_a_jacobian(rng):
    weights, x = default_weights(D=2, H=4), rng.normal(size=(5, 2))
    given = gru_forward, gru_backward, tuple(weights.values())
    _, memory = states_and_memory(x, *given)
    for s in range(5):
        columns = []
        for step in 1e-6 * np.eye(2):
            moved = np.zeros((5, 2))
            moved[s] = step
            high, low = (states_and_memory(x + d, *given)[0] for d in (moved, -moved))
            columns.append((high[-1] - low[-1]) / 2e-6)
        assert memory[s] == pytest.approx(np.linalg.norm(columns), rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {}}, "weights: expected W_xh, W_hh, b_x, b_h, got nothing"),
        (
            {"weights": default_weights() | {"W_hh": np.zeros((8, 8))}},
            r"W_hh: expected \(H, 3H\) = \(8, 24\), got \(8, 8\)",
        ),
        ({"weights": default_weights(H=17)}, "W_hh: expected 1 to 16 rows, got 17"),
        ({"weights": default_weights(D=5)}, "W_xh: expected 1 to 4 rows, got 5"),
        (
            {"weights": default_weights() | {"b_x": np.full(24, np.nan)}},
            "b_x: expected finite numbers",
        ),
        ({"inputs": {}}, "inputs: expected at least one sequence"),
        ({"inputs": {"a": np.zeros((61, 1))}}, "inputs: expected 2 to 60 steps"),
        (
            {"inputs": {"a": np.zeros((9, 1)), "b": np.zeros((8, 1))}},
            r"inputs: b: expected \(T, D\) = \(9, 1\), got \(8, 1\)",
        ),
        ({"pattern": "none"}, "pattern: expected one of one pulse, .* got 'none'"),
        ({"blend_z": 1.5}, "blend_z: expected 0 to 1, got 1.5"),
        ({"keep": -5}, "keep: expected -4 to 6, got -5"),
    ],
)
def test_the_gru_explorable_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        GRUBlendExplorable(**changes)


# ---- gradient flow


def test_gradient_flow_needs_no_argument_and_is_small():
    figure = GradientFlowExplorable()
    assert len(to_json(figure.state())) < 40_000
    assert len(figure._picture()) < explorable.MAX_PICTURE
    first, second = (GradientFlowExplorable()._repr_mimebundle_()[0] for _ in range(2))
    assert first["text/html"] == second["text/html"]
    assert "0.90 to the power 10 is 0.35" in figure.alt
    assert GradientFlowExplorable(alt="A disc", strength=0.5).alt == "A disc"


def test_gradient_flow_at_rest_is_a_power_of_the_matrix():
    for W in gradient_flow.default_matrices().values():
        got = gradient_flow.flow(W, np.zeros((gradient_flow.T, len(W))))
        powers = [np.linalg.matrix_power(W, k) for k in range(gradient_flow.STEPS + 1)]
        want = [np.linalg.norm(power, 2) for power in powers]
        np.testing.assert_allclose(got, want, rtol=1e-9)


def test_gradient_flow_keeps_spectra_at_radius_one(rng):
    matrices = {"a": 7 * rng.normal(size=(5, 5)), "b": np.eye(5) * -0.1}
    packed = GradientFlowExplorable(matrices=matrices).state()["matrices"]
    for name, entry in packed.items():
        W, eigenvalues, singular = (decode_array(part) for part in entry.values())
        assert np.hypot(*eigenvalues.T).max() == pytest.approx(1, abs=1e-6)
        np.testing.assert_allclose(np.linalg.svd(W)[1], singular, atol=1e-5)
        rho = gradient_flow.spectral_radius(matrices[name])
        np.testing.assert_allclose(rho * W, matrices[name], rtol=1e-6)


def test_the_chain_grows_with_all_eigenvalues_inside():
    chain = gradient_flow.default_matrices()["chain"]
    assert np.abs(np.linalg.eigvals(0.9 * chain)).max() == pytest.approx(0.9)
    norms = gradient_flow.flow(0.9 * chain, np.zeros((gradient_flow.T, len(chain))))
    assert norms[10] > 20
    assert norms[-1] < 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"matrices": {}}, "matrices: expected 1 to 6, got 0"),
        (
            {"matrices": {"a": np.eye(33)}},
            "matrices: expected 2 <= H <= 32, got H = 33",
        ),
        ({"matrices": {"a": 3.0}}, "matrices: expected 2 <= H <= 32, got H = 0"),
        (
            {"matrices": {"a": np.eye(3), "b": np.eye(4)}},
            r"b: expected \(H, H\) = \(3, 3\), got \(4, 4\)",
        ),
        ({"matrices": {"a": np.eye(3) * np.nan}}, "a: expected finite numbers"),
        ({"matrices": {"a": np.eye(3, k=1)}}, "a: expected a spectral radius above 0"),
        ({"kind": "circulant"}, "kind: expected one of random, .*, got 'circulant'"),
        ({"radius": 2}, "radius: expected 0.5 to 1.5, got 2"),
        ({"strength": -1}, "strength: expected 0.0 to 2.0, got -1"),
        ({"steps_back": 61}, "steps_back: expected 1 to 60, got 61"),
    ],
)
def test_gradient_flow_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        GradientFlowExplorable(**changes)


# ---- the counting LSTM


def count_weights(V=4, H=3):
    rng = np.random.default_rng(5)
    shapes = {"W_xh": (V, 4 * H), "W_hh": (H, 4 * H), "b_h": (4 * H,)}
    shapes |= {"W_hy": (H, V), "b_y": (V,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def test_the_counting_lstm_needs_no_argument_and_is_small():
    figure = LSTMGatesExplorable()
    assert len(to_json(figure.state())) < 2_000
    assert len(figure._picture()) < explorable.MAX_PICTURE
    first, second = (LSTMGatesExplorable()._repr_mimebundle_()[0] for _ in range(2))
    assert first["text/html"] == second["text/html"]
    assert "−0.1 at the end" in figure.alt
    assert figure.alt.endswith("$.")
    assert (figure.cell, figure.counter, figure.text) == (0, 0, "aaaaabbbbb")
    long = LSTMGatesExplorable(text="a" * 40 + "b" * 40, alt="Long", cell=1)
    assert len(long._picture()) < explorable.MAX_PICTURE
    assert (long.alt, long.cell, long.counter) == ("Long", 1, 0)


def test_the_counting_lstm_is_the_lstm_of_the_package():
    weights = count_weights()
    ids = counting.encode("aabab", "^ab$")
    watched = counting.read(weights, ids)
    zeros = np.zeros((1, 3))
    h, c, _ = lstm_forward(
        one_hot(ids[None], 4),
        zeros,
        zeros,
        *(weights[k] for k in ("W_xh", "W_hh", "b_h")),
    )
    np.testing.assert_allclose(watched["h"], h[0], atol=1e-12)
    np.testing.assert_allclose(watched["c"], c[0], atol=1e-12)
    moved = {**weights, "b_h": weights["b_h"] + np.repeat([0, 2, 0, 0], 3)}
    for name, array in counting.read(moved, ids).items():
        np.testing.assert_allclose(counting.read(weights, ids, 2)[name], array)


def test_the_language_and_where_the_counter_leaves_it():
    assert counting.legal_next("aabb", "^ab$") == ["a", "ab", "ab", "b", "$"]
    assert counting.legal_next("abb", "#ab") == ["a", "ab", "#", ""]
    assert counting.legal_next("ba", "^ab$") == ["a", "", ""]
    p = np.eye(4)[[1, 2, 3, 2]]  # expects a, b, $, b
    assert counting.wrong_steps(p, "aab", "^ab$").tolist() == [
        False,
        False,
        True,
        False,
    ]
    by_hand = counting.check_weights(counting.HAND_MADE, "^ab$")
    breaks = [counting.first_failure(by_hand, "^ab$", s) for s in (-2, 0, 2, 4)]
    assert breaks == [6, 15, 38, None]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {}}, "weights: expected W_xh, W_hh, b_h, W_hy, b_y, got nothing"),
        ({"weights": count_weights(V=3)}, r"W_xh: expected \(V, 4H\) = \(4, 12\), got"),
        ({"weights": count_weights(H=33)}, "W_hh: expected 1 to 32 cells, got 33"),
        (
            {"weights": {**count_weights(), "b_y": np.full(4, np.nan)}},
            "b_y: expected finite numbers",
        ),
        ({"alphabet": "aab"}, "alphabet: expected 3 or 4 different symbols, got 'aab'"),
        ({"alphabet": "#ab"}, "weights: the default reads 4 symbols"),
        ({"text": "abc"}, "text: expected letters of 'ab', got 'abc'"),
        ({"text": ""}, "text: expected letters of 'ab', got ''"),
        ({"text": "a" * 81}, "text's length: expected 1 to 80, got 81"),
        ({"cell": 2}, "cell: expected 0 to 1, got 2"),
        ({"shift": 4.5}, r"shift: expected -4.0 to 4.0, got 4.5"),
        ({"trained_to": 21}, "trained_to: expected 0 to 20, got 21"),
    ],
)
def test_the_counting_lstm_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        LSTMGatesExplorable(**changes)


# ---- quiz


def good():
    options = [
        {"text": "yes", "correct": True, "feedback": "Indeed."},
        {"text": "no", "correct": False, "feedback": "Look again."},
    ]
    return [{"question": "Is `a < b`?", "options": options}]


def test_quiz_reads_its_file(tmp_path, monkeypatch):
    monkeypatch.setattr(quiz, "QUIZZES", tmp_path)
    (tmp_path / "02_vanilla_rnn.json").write_text(json.dumps(good()), encoding="utf-8")
    data, _ = Quiz("02_vanilla_rnn")._repr_mimebundle_()
    assert 'id="rk-quiz-02-vanilla-rnn" data-module="quiz"' in data["text/html"]
    assert (
        "<ol><li>Is <code>a &lt; b</code>?<ul><li>yes</li><li>no</li></ul></li></ol>"
        in data["text/html"]
    )
    assert "image/png" not in data
    with pytest.raises(ValueError, match="expected a quiz in"):
        Quiz("no_such")


def change(path, value):
    questions = good()
    target = questions[0]
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return questions


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        ([], "list of questions"),
        (change(["question"], " "), "question 1: question: expected a text"),
        (change(["question"], "`x"), "pairs"),
        (change(["options"], []), "at least 2 options"),
        (change(["options", 1, "correct"], True), "exactly one correct option, got 2"),
        (change(["options", 0, "correct"], False), "exactly one correct option, got 0"),
        (change(["options", 0, "correct"], "yes"), "true or false"),
        (change(["options", 1, "feedback"], ""), "option 2: feedback: expected a text"),
        (change(["options", 1, "text"], "yes"), "same text twice"),
        (change(["extra"], 1), "expected the keys"),
    ],
)
def test_quiz_rules(questions, message):
    with pytest.raises(ValueError, match=message):
        check_quiz(questions, "name")


def test_the_quizzes_of_the_chapters_keep_the_rules():
    for path in quiz.QUIZZES.glob("*.json"):
        Quiz(path.stem)


def test_predict_with_options_and_with_a_number():
    options = [("a", True, "yes"), ("b", False, "no")]
    choice = Predict(id="p", question="Which?", options=options, next="Run it.")
    assert choice.state()["questions"][0]["options"][1] == {
        "text": "b",
        "correct": False,
        "feedback": "no",
    }
    number = Predict(
        id="p", question="How much?", answer=1.4, tolerance=0.1, feedback="So."
    )
    assert number.state()["questions"][0]["answer"] == 1.4


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "either options or an answer"),
        ({"answer": 1, "options": []}, "either options or an answer"),
        ({"options": [("a", True, "yes")]}, "at least 2 options"),
        ({"answer": 1, "feedback": "So."}, "tolerance: expected"),
        ({"answer": 1, "tolerance": 0.1}, "feedback: expected a text"),
        (
            {"answer": 1, "tolerance": 0.1, "feedback": "So.", "minimum": 0},
            "both minimum and maximum",
        ),
        (
            {
                "answer": 9,
                "tolerance": 0.1,
                "feedback": "So.",
                "minimum": 0,
                "maximum": 4,
            },
            "between 0 and 4",
        ),
        ({"answer": float("nan"), "tolerance": 0.1, "feedback": "So."}, "finite"),
    ],
)
def test_predict_rules(given, message):
    with pytest.raises(ValueError, match=message):
        Predict(id="p", question="Which?", **given)


# ---- the captioner in the page


WORDS = ["<START>", "<END>", "a", "cat", "key", "left", "of"]


def caption_weights(rng, D=3, H=5, A=4, P=14, M=6, N=7, glances=2):
    V, waves = len(WORDS), rng.normal(size=(64, P))
    shapes = {
        **{"conv1": (8, 3, 4, 4), "conv2": (8, 8, 4, 4), "conv3": (10, 8, 4, 4)},
        **{"conv1_b": (8,), "conv2_b": (8,), "conv3_b": (10,)},
        **{
            "embedding": (V, D),
            "W_xh": (D, 4 * H),
            "W_hh": (H, 4 * H),
            "b_h": (4 * H,),
        },
    }
    layers = {
        "what": (10, M),
        "key": (M + P, A),
        "value": (M + P, A),
        "hidden": (H + glances * P + A, N),
        "output": (N, V),
        **{f"look{g + 1}": (H + g * A, A) for g in range(glances)},
    }
    for name, shape in layers.items():
        shapes |= {f"W_{name}": shape, f"b_{name}": shape[1:]}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()} | {
        "where": waves
    }


def drawing(rng, height=30, width=20):
    return rng.integers(0, 256, (height, width, 4), dtype=np.uint8)


def thing(**changes):
    return {"name": "cat", "size": 20, "x": 20, "y": 30, **changes}


def live_captioner(rng, **changes):
    scene = {"ground": [250, 240, 230], "things": [thing(), thing(name="key", x=50)]}
    given = {
        "weights": caption_weights(rng),
        "words": WORDS,
        "sprites": {"key": drawing(rng), "cat": drawing(rng, 100, 120)},
        "scenes": [scene],
        "apart": [["cat", "key"]],
    }
    return CaptionerExplorable(**{**given, **changes})


def test_the_captioner_describes_and_has_a_small_picture():
    made = [live_captioner(np.random.default_rng(1)) for _ in range(2)]
    first, second = (figure._repr_mimebundle_()[0] for figure in made)
    for kind in ("text/plain", "text/html", "image/png"):
        assert first[kind] == second[kind]
    image, words, glances = made[0].read()
    assert image.shape == (64, 64, 3)
    assert glances.shape[1:] == (2, 64)
    np.testing.assert_allclose(glances.sum(axis=-1), 1)
    assert f"The model's caption: {' '.join(words)}." in made[0].alt
    assert len(made[0]._picture()) < explorable.MAX_PICTURE
    assert list(made[0].sprites) == ["cat", "key"]


def test_convolutions_travel_as_rows(rng):
    weights = caption_weights(rng)
    packed = packing.pack(weights, exact=("where",))
    assert packed["conv2"]["shape"] == [8, 128]
    np.testing.assert_array_equal(
        decode_array(packed["where"]), weights["where"].astype(np.float32)
    )
    rounded = packing.quantise(weights, exact=("where",))
    for name, array in rounded.items():
        assert array.shape == weights[name].shape
    with pytest.raises(ValueError, match="weights: expected at most 99 bytes"):
        packing.check_size(packed, 99)


def test_a_scene_is_taken_from_a_picture(rng):
    image = np.full((64, 64, 3), (250, 240, 230), np.uint8)
    image[10:30, 20:40] = 7
    made = scene.scene_of(image, [("cat", (20, 10, 40, 30)), ("key", (0, 0, 5, 40))])
    assert made["ground"] == [250, 240, 230]
    assert made["things"] == [
        {"name": "cat", "size": 20, "x": 30.0, "y": 20.0},
        {"name": "key", "size": 24, "x": 2.5, "y": 20.0},
    ]
    sprites = scene.load_sprites(scene.pack_sprites({"cat": drawing(rng)}))
    assert scene.box_of(thing(x=0, y=64), sprites) == (0, 44, 13, 64)
    with pytest.raises(ValueError, match=r"image: expected \(64, 64, 3\)"):
        scene.scene_of(image[:32], [])


def test_drawings_are_painted_with_their_opacity():
    half = np.zeros((20, 20, 4), np.uint8)
    half[..., 0], half[:, 10:, 3] = 200, 255  # red, its left half clear
    sprites = scene.load_sprites(scene.pack_sprites({"cat": half}))
    image = scene.paint({"ground": [1, 2, 3], "things": [thing(x=32, y=32)]}, sprites)
    assert image[32, 25].tolist() == [1, 2, 3]
    np.testing.assert_allclose(image[32, 38], [200, 0, 0], atol=8)  # a palette's red
    np.testing.assert_allclose(scene.shrink(np.ones((48, 30, 4)), 19), 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": {}}, "weights: expected conv1, .*, got nothing"),
        ({"words": WORDS[1:]}, "words: expected <START> and <END> first"),
        ({"words": [*WORDS, "x"]}, r"embedding: expected \(8, 3\), got \(7, 3\)"),
        ({"sprites": {}}, "scenes.0.: expected things with name, size, x, y"),
        ({"sprites": {"cat": np.zeros((9, 9))}}, "scenes.0.: expected things"),
        (
            {"sprites": {"cat": np.zeros((9, 9, 3)), "key": b""}},
            "sprites: expected PNG bytes or .* for cat, got",
        ),
        ({"scenes": []}, "scenes: expected at least one, got none"),
        (
            {"scenes": [{"ground": [1, 2, 3], "things": [thing()] * 4}]},
            "scenes.0.: expected 1 to 3 things, got 4",
        ),
        ({"scenes": [{"things": []}]}, "scenes.0.: expected the keys ground"),
        ({"apart": [["cat", "dog"]]}, "apart: expected names of drawings, got dog"),
    ],
)
def test_the_captioner_refuses(rng, changes, message):
    with pytest.raises(ValueError, match=message):
        live_captioner(rng, **changes)


# ---- questions in the page


ASKED = ["<PAD>", "is", "there", "a", "cat", "key", "the", "above"]


def vqa_weights(rng, C=4, A=3):
    """An eye and three small models with torch's names: D = 3, H = 5, F = 6."""
    layers = {"W_q": (6, 5), "hidden": (6, 6), "answer": (A, 6)}
    whole = layers | {"narrow": (2, C), "W_v": (6, 128)}
    glances = {"what": (7, C), "key": (8, 21), "value": (8, 21), "W_v": (6, 16)}
    glances |= {"looks.0.query": (8, 5), "looks.1.query": (8, 13)}
    shapes = {
        "mean": (C,),
        "question.embedding.weight": (len(ASKED), 3),
        "question.lstm.weight_ih_l0": (20, 3),
        "question.lstm.weight_hh_l0": (20, 5),
        "question.lstm.bias_ih_l0": (20,),
        "question.lstm.bias_hh_l0": (20,),
    }

    def model(layers):
        found = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        for name, shape in layers.items():
            found[f"{name}.weight"] = rng.normal(size=shape)
            found[f"{name}.bias"] = rng.normal(size=shape[0])
        return found | {"deviation": np.ones(C)}

    eye = {}
    for i, (inputs, outputs) in enumerate([(3, 4), (4, 5), (5, C)], start=1):
        eye[f"conv{i}"] = rng.normal(size=(outputs, inputs, 4, 4)) / 4
        eye[f"conv{i}_b"] = rng.normal(size=outputs)
    models = {"concatenation": model(whole), "multiplication": model(whole)}
    return eye, models | {"attention": model(layers | glances)}


def live_vqa(rng, **changes):
    eye, models = vqa_weights(rng)
    scene = {"ground": [240, 240, 250], "things": [thing(), thing(name="key", x=50)]}
    given = {
        "encoder": eye,
        "models": models,
        "words": ASKED,
        "answers": ["yes", "no", "cat"],
        "sprites": {"cat": drawing(rng), "key": drawing(rng)},
        "categories": {"cat": "animal", "key": "thing"},
        "scenes": [scene],
        "questions": ["is there a cat"],
        "apart": [["cat", "key"]],
    }
    return VQAExplorable(**{**given, **changes})


def test_questions_are_answered_and_have_a_small_picture(course_style):
    made = [live_vqa(np.random.default_rng(1)) for _ in range(2)]
    html = [one._repr_mimebundle_()[0]["text/html"] for one in made]
    assert html[0] == html[1]
    assert 'id="rk-vqa"' in html[0]
    image, said = made[0].read()
    assert image.shape == (64, 64, 3)
    assert list(said) == ["concatenation", "multiplication", "attention"]
    for name, (p, glances) in said.items():
        assert p.shape == (3,)
        assert p.sum() == pytest.approx(1)
        assert glances.shape == ((2, 64) if name == "attention" else (0,))
        assert f"{name} {made[0].answers[p.argmax()]}" in made[0].alt
    np.testing.assert_allclose(said["attention"][1].sum(axis=1), 1)
    assert "“is there a cat”" in made[0].alt


def test_a_glance_is_a_mean_and_the_fusions_differ(rng):
    """With one key for all regions, a glance is even; the same weights fused otherwise answer otherwise."""
    eye, models = vqa_weights(rng)
    regions = see(rng.integers(0, 256, (64, 64, 3)), eye)
    assert regions.shape == (64, 4)
    assert coordinates().shape == (64, 14)
    blind = models["attention"]
    blind["key.weight"] = np.zeros((8, 21))
    _, glances = answer("attention", blind, regions, [1, 2, 3, 4])
    np.testing.assert_allclose(glances, 1 / 64)
    same = models["multiplication"]
    one, _ = answer("multiplication", same, regions, [1, 2, 3, 4])
    other, _ = answer("concatenation", same, regions, [1, 2, 3, 4])
    assert np.abs(one - other).max() > 1e-3


def spoil(rng, model, name, array):
    """The models with one parameter replaced, or left out for None."""
    models = vqa_weights(rng)[1]
    models[model][name] = array
    if array is None:
        del models[model][name]
    return {"models": models}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": {}}, "models: expected concatenation, .*, got none"),
        (("attention", "key.bias", None), "models.'attention'.: expected mean, "),
        (
            ("multiplication", "W_v.weight", np.zeros((6, 12))),
            r"W_v.weight: expected \(6, 128\), got \(6, 12\)",
        ),
        ({"words": ASKED[1:]}, r"embedding.weight: expected \(7, 3\), got \(8, 3\)"),
        ({"answers": ["yes"]}, r"answer.weight: expected \(1, 6\), got \(3, 6\)"),
        ({"encoder": {}}, "encoder: expected conv1, .*, got nothing"),
        ({"questions": []}, "questions: expected one for each of 1 scenes, got 0"),
        ({"questions": ["is there a dog"]}, "questions: expected .* words, got dog"),
        ({"categories": {"cat": "animal"}}, "categories: .* none for key"),
        ({"apart": [["cat", "dog"]]}, "apart: expected names of drawings, got dog"),
        (
            {"scenes": [{"ground": [1, 2, 3], "things": [thing()]}]},
            "scenes.0.: expected at least 2 things, got 1",
        ),
        (
            {"scenes": [{"ground": [1, 2, 3], "things": [thing()] * 5}]},
            "scenes.0.: expected 1 to 4 things, got 5",
        ),
    ],
)
def test_questions_refuse(rng, changes, message):
    if isinstance(changes, tuple):
        changes = spoil(rng, *changes)
    with pytest.raises(ValueError, match=message):
        live_vqa(rng, **changes)


def test_the_eye_must_fit_the_models(rng):
    eye, models = vqa_weights(rng)
    other, _ = vqa_weights(rng, C=5)
    with pytest.raises(ValueError, match="expected regions of C = 5 numbers, got 4"):
        live_vqa(rng, encoder=other, models=models)
    eye["conv2"] = eye["conv2"][:, :3]
    with pytest.raises(ValueError, match=r"conv2: expected \(5, 4, 4, 4\), got"):
        live_vqa(rng, encoder=eye)
