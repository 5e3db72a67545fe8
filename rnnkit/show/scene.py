"""Pictures in explorables: the numpy twin of web/kit/scene.js and web/models/eye.js, and what Python packs for them.

The page paints a scene from drawings that the reader moves, and looks at it with a network's eye. The functions
here do the same arithmetic: the static pictures are drawn with them, and the browser's numbers tested against them.

A scene is a dict: "ground", three numbers from 0 to 255, and "things", a list of {"name", "size", "x", "y"} with
the longer side and the centre in pixels.
"""

import base64
import io
from collections.abc import Collection, Iterable

import numpy as np
from PIL import Image

from rnnkit.show.explorable import plain

SIDE, GRID = 64, 8  # pixels of a picture's side; regions along it
SPRITE = 48  # pixels of a drawing's longer side, as the page keeps it
MAX_SPRITES = 60_000  # bytes of all drawings' data addresses
_DARK = (16, 20, 26)  # what the page lays over regions that are not looked at
_HEAD = "data:image/png;base64,"


def pack_sprites(sprites: dict) -> dict[str, str]:
    """Pack drawings for the page: a dict from names, in their order, to data addresses of small PNGs.

    sprites: dict from names to drawings, cropped to their ink: PNG bytes, or arrays (height, width, 4) uint8,
    red, green, blue and opacity. Larger ones are made smaller.
    Raises ValueError for none, another shape, or more than MAX_SPRITES bytes.
    """
    packed = {name: _HEAD + _png(name, sprites[name]) for name in sorted(sprites)}
    size = sum(map(len, packed.values()))
    if not 0 < size <= MAX_SPRITES:
        raise ValueError(f"sprites: expected 1 to {MAX_SPRITES} bytes, got {size}")
    return packed


def _png(name, drawing):
    if isinstance(drawing, bytes):
        image = Image.open(io.BytesIO(drawing)).convert("RGBA")
    else:
        array = np.asarray(drawing)
        if array.ndim != 3 or array.shape[2] != 4 or array.dtype != np.uint8:
            raise ValueError(
                f"sprites: expected PNG bytes or (height, width, 4) uint8 for {name}, "
                f"got {array.shape} {array.dtype}"
            )
        image = Image.fromarray(array)
    scale = min(1, SPRITE / max(image.size))
    shape = [max(1, round(side * scale)) for side in image.size]
    # Colours times opacity, so that what is clear lends no colour to its neighbours.
    image = image.convert("RGBa").resize(shape, Image.Resampling.BOX).convert("RGBA")
    out = io.BytesIO()
    image = image.quantize(48, method=Image.Quantize.FASTOCTREE)
    image.save(out, format="PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()


def load_sprites(packed: dict) -> dict[str, np.ndarray]:
    """Return name -> (height, width, 4) float: red, green, blue times opacity, and opacity from 0 to 1."""
    sprites = {}
    for name, address in packed.items():
        data = base64.b64decode(address.removeprefix(_HEAD))
        plane = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"), float)
        opacity = plane[..., 3:] / 255
        sprites[name] = np.concatenate([plane[..., :3] * opacity, opacity], axis=-1)
    return sprites


def scene_of(image: np.ndarray, things: Iterable) -> dict:
    """Make a scene that the page can take apart from a picture and what is in it.

    image: (64, 64, 3) uint8; its commonest colour is the ground. things: (name, box) pairs, a box being left, top,
    right, bottom in pixels. The page draws every thing upright, in its own drawing of that name.
    Returns a scene. Raises ValueError for another shape.
    """
    image = np.asarray(image)
    if image.shape != (SIDE, SIDE, 3):
        raise ValueError(
            f"image: expected (64, 64, 3), red, green and blue, got {image.shape}"
        )
    colours, counts = np.unique(image.reshape(-1, 3), axis=0, return_counts=True)
    placed = []
    for name, (left, top, right, bottom) in things:
        size = int(np.clip(max(right - left, bottom - top), 18, 24))
        centre = {"x": (left + right) / 2, "y": (top + bottom) / 2}
        placed.append({"name": name, "size": size, **centre})
    return plain({"ground": colours[counts.argmax()], "things": placed})


def check_scenes(
    scenes: list[dict], names: Collection[str], most: int = 3
) -> list[dict]:
    """Return the scenes as plain data, or raise ValueError saying which part of which scene is wrong."""
    if not scenes:
        raise ValueError("scenes: expected at least one, got none")
    for i, scene in enumerate(scenes):
        if set(scene) != {"ground", "things"} or len(scene["ground"]) != 3:
            raise ValueError(
                f"scenes[{i}]: expected the keys ground (three numbers) and things, "
                f"got {sorted(scene)}"
            )
        if not 1 <= len(scene["things"]) <= most:
            raise ValueError(
                f"scenes[{i}]: expected 1 to {most} things, got {len(scene['things'])}"
            )
        for thing in scene["things"]:
            if set(thing) != {"name", "size", "x", "y"} or thing["name"] not in names:
                raise ValueError(
                    f"scenes[{i}]: expected things with name, size, x, y, "
                    f"named as a drawing, got {thing}"
                )
    return plain(list(scenes))


def shrink(sprite: np.ndarray, size: int) -> np.ndarray:
    """Make a drawing's longer side `size` pixels: every new pixel is the mean of what it covers."""
    scale = size / max(sprite.shape[:2])
    rows, columns = (
        _shares(side, max(1, int(side * scale + 0.5))) for side in sprite.shape[:2]
    )
    return np.einsum("yj,xi,jic->yxc", rows, columns, sprite)


def _shares(before, after):
    """How much of each of `after` cells, laid over `before` pixels, each pixel makes up: (after, before)."""
    low = np.arange(after)[:, None] * before / after
    pixel = np.arange(before)
    covered = np.minimum(low + before / after, pixel + 1) - np.maximum(low, pixel)
    return np.maximum(covered, 0) * after / before


def box_of(thing: dict, sprites: dict) -> tuple[int, int, int, int]:
    """Where a thing lies: left, top, right, bottom in pixels, always inside the picture."""
    height, width = shrink(sprites[thing["name"]], thing["size"]).shape[:2]
    left, top = (
        int(np.clip(np.floor(thing[at] - side / 2 + 0.5), 0, SIDE - side))
        for at, side in (("x", width), ("y", height))
    )
    return left, top, left + width, top + height


def paint(scene: dict, sprites: dict) -> np.ndarray:
    """Paint a scene with the drawings of `load_sprites`: (64, 64, 3) uint8."""
    image = np.empty((SIDE, SIDE, 3), np.uint8)
    image[:] = scene["ground"]
    for thing in scene["things"]:
        left, top, right, bottom = box_of(thing, sprites)
        plane = shrink(sprites[thing["name"]], thing["size"])
        under = image[top:bottom, left:right]
        under[:] = plane[..., :3] + under * (1 - plane[..., 3:]) + 0.5
    return image


def shade(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Darken a picture (64, 64, 3) where the weights (R,) of its regions are small."""
    light = np.sqrt(weights / weights.max()).reshape(GRID, GRID)
    dark = 0.62 * (1 - np.kron(light, np.ones((SIDE // GRID, SIDE // GRID))))[..., None]
    return (image * (1 - dark) + np.array(_DARK) * dark).astype(np.uint8)


def encode(image: np.ndarray, layers: Iterable) -> np.ndarray:
    """Look at a picture with strided convolutions: the vectors of its regions (R, C), row by row.

    image: (height, width, 3) uint8. layers: (W, b) pairs, W (outputs, inputs, 4, 4) with stride 2 and padding 1
    and b (outputs,), the batch normalisation folded in; each is followed by max(0, .).
    """
    x = np.asarray(image, float) / 255
    for W, b in layers:
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        patches = np.lib.stride_tricks.sliding_window_view(padded, (4, 4), axis=(0, 1))
        # (height, width, inputs, 4, 4) times (outputs, inputs, 4, 4)
        x = np.tensordot(patches[::2, ::2], W, axes=([2, 3, 4], [1, 2, 3])) + b
        x = np.maximum(x, 0)
    return x.reshape(-1, x.shape[-1])
