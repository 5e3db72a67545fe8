"""A reader and a painter of pictures on disk, and as plain arrays for a page."""

from pathlib import Path

import numpy as np
import torch

from rnnkit.nn import checkpoint
from rnnkit.nn.pictures.painters import Painters
from rnnkit.nn.pictures.readers import GlimpseReaders

SHIPPED = checkpoint.SHIPPED / "glimpses.safetensors"
READER = "eye size side scales glimpses hidden_size seeds spread baseline".split()
PAINTER = "size steps hidden_size code_size grid seeds".split()
# Of a painter a page needs what paints, of a reader what reads and looks.
PAINTS = "dec_W_xh dec_W_hh dec_b_h W_hw b_w W_place b_place b_canvas".split()
READS = "W_what W_where b_e W_xh W_hh b_x b_h W_hy b_y W_hl b_l".split()


def save_pictures(
    path: str | Path,
    reader: GlimpseReaders,
    painter: Painters,
    metadata: dict | None = None,
) -> None:
    """Write a reader and a painter to one safetensors file, their weights in half precision.

    metadata: dict that JSON can hold: how they were trained, results.
    Raises CheckpointError where the file cannot be written.
    """
    models = {"reader": reader, "painter": painter}
    tensors = checkpoint.join({k: m.state_dict() for k, m in models.items()})
    about = {
        "configs": {
            "reader": {name: getattr(reader, name) for name in READER},
            "painter": {name: getattr(painter, name) for name in PAINTER},
        },
        "metadata": metadata or {},
    }
    checkpoint.save(path, {k: t.to(torch.float16) for k, t in tensors.items()}, about)


def load_pictures(
    path: str | Path = SHIPPED,
) -> tuple[GlimpseReaders, Painters, dict]:
    """Read what `save_pictures` wrote; without a path, the models that come with the package.

    Returns the reader and the painter in single precision, and the metadata.
    Raises CheckpointError: the file is missing, damaged, or holds something else.
    """
    tensors, about = checkpoint.load(path)
    with checkpoint.expecting("a reader and a painter of pictures", path):
        reader = GlimpseReaders(**about["configs"]["reader"])
        painter = Painters(**about["configs"]["painter"])
        for name, model in (("reader", reader), ("painter", painter)):
            weights = checkpoint.select(tensors, name)
            model.load_state_dict({k: t.float() for k, t in weights.items()})
        return reader.eval(), painter.eval(), about["metadata"]


def arrays(
    reader: GlimpseReaders, painter: Painters, network: int = 0
) -> dict[str, np.ndarray]:
    """The weights of one network each that a page needs, float32: row vectors, x @ W + b, biases (M,).

    reader.W_what (g * g, H), reader.W_where (2, H), reader.b_e (H,); the GRU's W_xh and W_hh (H, 3H), b_x and b_h (3H,),
    packed r, z, n; reader.W_hy (H, 10) and b_y, reader.W_hl (H, 2) and b_l.
    painter.dec_W_xh (Z, 4M), dec_W_hh (M, 4M), dec_b_h (4M,), packed i, f, o, g; painter.W_hw (M, N * N) and b_w,
    painter.W_place (M, 5) and b_place, painter.b_canvas (S * S,).

    network: which of the networks that stand side by side.
    Raises ValueError where the reader's eye is not "learned", or the painter has no window.
    """
    if reader.eye != "learned":
        raise ValueError(f'reader: expected the eye "learned", got {reader.eye!r}')
    if not painter.grid:
        raise ValueError("painter: expected one with a grid of windows, got none")
    found = {}
    for part, model, names in (
        ("reader", reader, READS),
        ("painter", painter, PAINTS),
    ):
        for name in names:
            array = model.p[name][network].detach().numpy().copy()
            # A bias is stored as (1, M), so that it can be added to (B, M).
            bias = name.startswith("b_") or "_b_" in name
            found[f"{part}.{name}"] = array[0] if bias else array
    return found
