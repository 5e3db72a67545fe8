"""Explorables: small interactive figures with one source and three hosts.

The same ES module runs in JupyterLab (as an anywidget, synchronised with Python), on the published page
(through web/kit/mount.js, with no kernel), and where neither works a static picture stands in its place.

Its files are in rnnkit/show/web: `views/` draws and takes input, one view an explorable; `models/` computes, without a
page; `words/` says; `css/` has a stylesheet for every view; `kit/` is what views share. `rnnkit.show.bundle` puts them
into one text for a notebook. A minimal view, web/views/squash.js:

    import { slider } from "../kit/controls.js";
    import { live } from "../kit/dom.js";
    export function squash(w, x) { return Math.tanh(w * x); }  // exported: tests compare it with numpy
    export default {
      render({ model, el }) {
        const out = live();
        const draw = () => { out.textContent = `tanh = ${squash(model.get("w"), 1).toFixed(3)}`; };
        const w = slider({ label: "weight", min: -3, max: 3, step: 0.1, value: model.get("w"),
                           onInput: (v) => { model.set("w", v); model.save_changes(); } });
        model.on("change:w", () => { w.set(model.get("w")); draw(); });
        el.append(w, out);
        draw();
      },
    };

and its Python half, in rnnkit/show/squash.py:

    class Squash(Explorable):
        module = "squash"
        w = traitlets.Float(1.0).tag(sync=True)  # synced traits are the state that the module sees

        def static_figure(self):
            fig, ax = plt.subplots()
            ax.plot(np.tanh(self.w * np.linspace(-2, 2)))
            return fig

Beside it stands web/css/squash.css, which may be empty.
In a chapter: `Squash(id="squash", alt="What the picture shows", caption="What to notice", w=0.5)`.
"""

import base64
import html
import io
import json
import re
import textwrap
from typing import Any

import anywidget
import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

from rnnkit.show.bundle import bundle, bundle_style

MAX_PICTURE = 60_000  # bytes: the picture is stored twice in every notebook
_DPI = 144  # two device pixels for a CSS pixel at 72 points to the inch


class Explorable(anywidget.AnyWidget):
    """Base class. A subclass sets `module` (the view's name without .js) and its synced traits.

    id: lower-case letters, digits and hyphens; the element on the page gets `rk-<id>`.
    alt: what the static picture shows. caption: what to notice; `code` in backticks is set as code.
    Raises ValueError for a bad id, an empty alt, or a module that `bundle` refuses.
    """

    module = ""
    caption = traitlets.Unicode().tag(sync=True)
    # What the reader has answered, by question: {"chosen" or "guess", "right", "tries"}. The published page keeps it in
    # the browser, so it is no part of `state`.
    given = traitlets.Dict().tag(sync=True)

    def __init__(self, *, id: str, alt: str, caption: str = "", **state: Any) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
            raise ValueError(
                f"id: expected lower-case letters, digits and single hyphens, got {id!r}"
            )
        if not alt.strip():
            raise ValueError(
                "alt: expected a sentence that says what the picture shows, got nothing"
            )
        unknown = set(state) - set(self.trait_names())
        if unknown:
            raise ValueError(
                f"{type(self).__name__}: no such state: {', '.join(sorted(unknown))}"
            )
        self.dom_id, self.alt = f"rk-{id}", alt
        super().__init__(
            _esm=bundle(self.module),
            _css=bundle_style(self.module),
            caption=caption,
            **plain(state),  # arrays become lists: a notebook front end is sent JSON
        )

    # anywidget makes traits of _esm and _css only if the class has them.
    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    def state(self) -> dict:
        """Return what the module starts from on the static page: the synced traits of the subclass."""
        names = set(self.trait_names(sync=True)) - set(Explorable.class_trait_names())
        return {
            name: plain(getattr(self, name))
            for name in sorted(names)
            if not name.startswith("_")
        }

    def static_figure(self) -> Figure:
        """Return the matplotlib figure that stands in for the explorable; a subclass draws its own."""
        fig = plt.figure(figsize=(5.4, 2.0))
        text = textwrap.fill(self.alt, 56)
        fig.text(0.5, 0.5, text, ha="center", va="center", color="#1B1F24", fontsize=11)
        return fig

    def static_html(self, png):
        """Return the element that stands in the figure until (or unless) the module runs."""
        width, height = (round(n * 72 / _DPI) for n in Image.open(io.BytesIO(png)).size)
        data = base64.b64encode(png).decode()
        alt = html.escape(self.alt)
        return f'<img alt="{alt}" src="data:image/png;base64,{data}" width="{width}" height="{height}">'

    def _repr_mimebundle_(self, **kwargs):
        made = super()._repr_mimebundle_(**kwargs)
        assert made is not None  # there is a module
        data, metadata = made
        png = self._picture()
        data["text/plain"] = self.alt
        data["text/html"] = (
            f'<figure class="rk-explorable" id="{self.dom_id}" data-module="{self.module}">'
            f'<script type="application/json">{to_json(self.state())}</script>'
            f"{self.static_html(png)}<figcaption>{rich(self.caption)}</figcaption></figure>"
        )
        if png is not None:
            data["image/png"] = base64.b64encode(png).decode()
        return data, metadata

    def _picture(self):
        fig = self.static_figure()
        png = to_png(fig)
        if len(png) > MAX_PICTURE:
            raise ValueError(
                f"static_figure: expected at most {MAX_PICTURE} bytes of PNG, got {len(png)}"
            )
        return png


def encode_array(
    array: np.ndarray, dtype: str = "float32", by_row: bool = False
) -> dict:
    """Pack an array for the page as base64: {"dtype", "shape", "data"}, read by `decodeArray` in
    web/models/arrays.js.

    array: any shape. dtype: "float32", or "int8", which keeps a quarter of the bytes and rounds every value
    to one of 255 levels; the scale travels with it. by_row: every row (along the last axis) has a scale of
    its own, so that one large value coarsens its own row alone. Put the result in a synced `traitlets.Dict`.
    Raises ValueError for another dtype.
    """
    array = np.asarray(array)
    packed: dict = {"dtype": dtype, "shape": list(array.shape)}
    if dtype == "int8":
        axis = -1 if by_row else None
        scale = np.abs(array).max(axis=axis, keepdims=True, initial=0).astype(float)
        scale = np.where(scale > 0, scale / 127, 1)
        packed["scale"] = encode_array(scale) if by_row else plain(scale.item())
        array = np.clip(np.rint(array / _scale(packed)), -127, 127)
    elif dtype != "float32":
        raise ValueError(f'dtype: expected "float32" or "int8", got {dtype!r}')
    # Little-endian on every machine, as the browser reads it.
    packed["data"] = base64.b64encode(
        array.astype(np.dtype(dtype).newbyteorder("<")).tobytes()
    ).decode()
    return packed


def decode_array(packed: dict) -> np.ndarray:
    """Unpack what `encode_array` packed, into the very numbers, float32, that the page computes with."""
    levels = np.frombuffer(
        base64.b64decode(packed["data"]), np.dtype(packed["dtype"]).newbyteorder("<")
    )
    # A level times a scale is exact in double precision, so it is rounded once, here as in the browser.
    return (levels.reshape(packed["shape"]) * _scale(packed)).astype(np.float32)


def _scale(packed):
    """The scale of a packed array in double precision: a number, or (..., 1) with one for every row."""
    scale = packed.get("scale", 1.0)
    return decode_array(scale).astype(float) if isinstance(scale, dict) else scale


def plain(value: object) -> Any:
    """Return the value as JSON can hold it: arrays as lists, floats to 6 significant digits."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return value


def to_json(value: object) -> str:
    """Return compact JSON that is safe inside a script element: no `<` can close it."""
    text = json.dumps(
        plain(value),
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    )
    return text.replace("<", "\\u003c")


def to_png(fig: Figure) -> bytes:
    """Return the figure as a small PNG with a palette, the same bytes every time, and close the figure."""
    raw = io.BytesIO()
    fig.savefig(raw, format="png", dpi=_DPI, transparent=True)
    plt.close(fig)
    png = io.BytesIO()
    # FASTOCTREE is the method that keeps transparency; a new image carries no metadata.
    image = Image.open(raw).quantize(128, method=Image.Quantize.FASTOCTREE)
    image.save(png, format="PNG", optimize=True)
    return png.getvalue()


def rich(text: str) -> str:
    """Return HTML for plain text with `code` in backticks; everything else is escaped."""
    parts = [html.escape(part, quote=False) for part in text.split("`")]
    if len(parts) % 2 == 0:
        raise ValueError(f"text: expected backticks in pairs, got {text!r}")
    return "".join(
        f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts)
    )
