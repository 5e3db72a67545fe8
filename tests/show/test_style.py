"""Figures in one style, with the same bytes every time."""

import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from rnnkit.show import style


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
