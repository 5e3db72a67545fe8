"""Explorables: their form, their picture, their state, their bundle, their arrays."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from rnnkit.show import explorable
from rnnkit.show.explorable import (
    Explorable,
    decode_array,
    encode_array,
    plain,
    rich,
    to_json,
)

from .samples import Demo


def demo(**changes):
    given = {
        "id": "demo",
        "alt": "A <matrix>",
        "caption": "Try `W`.",
        "weights": np.eye(2) / 3,
    }
    return Demo(**{**given, **changes})


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
