"""One look for every figure of the course, and the same bytes on every run.

    from rnnkit.show import style
    style.use()
    fig, ax = plt.subplots()
    ax.plot(loss, color=style.BLUE)
    style.label_line(ax, "training")

Figures stand on a transparent ground. In dark mode the page turns their lightness round and keeps the hue,
so every colour here has to read on white, and "nothing" has to be transparent rather than white.
"""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

# After Okabe and Ito (2008), darkened until a line has a contrast of at least 3:1 on white.
BLUE = "#0072B2"
ORANGE = "#B86E00"
GREEN = "#00896A"
PURPLE = "#A8508A"
RED = "#C8442B"
GREY = "#6B7280"
INK = "#1B1F24"
CYCLE = (BLUE, ORANGE, GREEN, PURPLE, RED, GREY)

# 5.4 inches and 11 points: shrunk to a phone's 330 px, the letters are still about 9 px tall.
_RC: dict = {
    "figure.figsize": (5.4, 3.1),
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=CYCLE),
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "font.size": 11,
    "font.family": "DejaVu Sans",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "lines.linewidth": 2,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "image.cmap": "rnn_seq",
    "svg.fonttype": "path",
    "svg.hashsalt": "rnnkit",
}


def _register_colormaps():
    """rnn_seq: from transparent to blue. rnn_div: negative blue, zero transparent, positive red."""
    clear_blue, clear_red = to_rgba(BLUE, 0), to_rgba(RED, 0)
    maps: dict = {
        "rnn_seq": [clear_blue, to_rgba(BLUE)],  # matplotlib 3.8.0 takes no two pairs
        "rnn_div": [
            (0, to_rgba(BLUE)),
            (0.5, clear_blue),
            (0.5, clear_red),
            (1, to_rgba(RED)),
        ],
    }
    for name, stops in maps.items():
        # An odd number of levels, so that zero falls on the transparent one.
        cmap = LinearSegmentedColormap.from_list(name, stops, N=257)
        mpl.colormaps.register(cmap, force=True)


_register_colormaps()


def use() -> None:
    """Set the style for all figures that follow; in a notebook, also draw them as SVG without a date."""
    mpl.rcParams.update(_RC)
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        # No tight bounding box: the layout is already constrained, and every figure keeps its size.
        set_matplotlib_formats("svg", metadata={"Date": None}, bbox_inches=None)


def chance_line(ax: Axes, y: float, label: str = "chance") -> Annotation:
    """Draw the level that knowing nothing reaches (y in data units), with its name at the right end."""
    ax.axhline(y, color=GREY, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
    return ax.annotate(
        label,
        (1, y),
        xycoords=("axes fraction", "data"),
        xytext=(-2, 3),
        textcoords="offset points",
        ha="right",
        va="bottom",
        color=GREY,
        fontsize=9.5,
    )


def label_line(
    ax: Axes,
    label: str,
    line: Line2D | None = None,
    x: float | None = None,
    dy: float = 0,
) -> Annotation:
    """Name a line where it ends, in its own colour: quicker to read than a legend.

    line: the Line2D, the last one drawn if None. x: where to put the name (data units), the end if None.
    dy: shift upwards in points, for two lines that end close together.
    """
    line = line if line is not None else ax.lines[-1]
    xs, ys = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
    i = len(xs) - 1 if x is None else int(np.argmin(np.abs(xs - x)))
    return ax.annotate(
        label,
        (xs[i], ys[i]),
        xytext=(5 if x is None else 0, dy if x is None else 6 + dy),
        textcoords="offset points",
        ha="left" if x is None else "center",
        va="center" if x is None else "bottom",
        color=line.get_color(),
        annotation_clip=False,
    )


def heat(
    ax: Axes,
    matrix: np.ndarray,
    limit: float | None = None,
    cmap: str = "rnn_div",
    fmt: str = "{:.2f}",
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    values: bool | None = None,
) -> QuadMesh:
    """Draw a matrix as a heat map, row 0 on top, with its values written into the cells.

    matrix: (rows, columns). limit: the magnitude that gets the full colour, max |matrix| if None.
    cmap: "rnn_div" for signed values, "rnn_seq" for values from 0 to limit. fmt: how to write a value.
    rows, columns: tick labels, none if None. values: write the numbers; if None, up to 64 of them.
    Returns the mesh (for a colour bar). Raises ValueError if the matrix is not two-dimensional.
    """
    matrix = np.asarray(matrix, float)
    if matrix.ndim != 2:
        raise ValueError(f"matrix: expected (rows, columns), got {matrix.shape}")
    limit = float(limit or np.abs(matrix).max() or 1)
    # A mesh of rectangles stays sharp at any size; without antialiasing no seams show between them.
    low = -limit if cmap == "rnn_div" else 0
    mesh = ax.pcolormesh(matrix, cmap=cmap, vmin=low, vmax=limit, antialiased=False)
    ax.invert_yaxis()
    ax.set_aspect("equal")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    n_rows, n_columns = matrix.shape
    ax.set_xticks(np.arange(n_columns) + 0.5 if columns is not None else [], columns)
    ax.set_yticks(np.arange(n_rows) + 0.5 if rows is not None else [], rows)
    if values is None:
        values = matrix.size <= 64
    if values:
        for (r, c), value in np.ndenumerate(matrix):
            ink = "white" if abs(value) > 0.7 * limit else INK
            ax.text(
                c + 0.5,
                r + 0.5,
                fmt.format(value),
                ha="center",
                va="center",
                color=ink,
                fontsize=9,
            )
    return mesh
