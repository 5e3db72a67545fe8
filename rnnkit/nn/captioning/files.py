"""Captioners on disk, and as plain arrays for a page that computes them itself."""

from pathlib import Path

import numpy as np
import torch

from rnnkit.convert import from_torch
from rnnkit.nn import checkpoint
from rnnkit.nn.captioning.attention_captioner import AttentionCaptioner
from rnnkit.nn.captioning.captioner import Captioner
from rnnkit.nn.captioning.hard_attention_captioner import HardCaptioner
from rnnkit.nn.captioning.vector_captioners import MultimodalCaptioner, VectorCaptioner
from rnnkit.nn.config import kind_of
from rnnkit.nn.encoder import Encoder

KINDS = {
    "vector": VectorCaptioner,
    "multimodal": MultimodalCaptioner,
    "attention": AttentionCaptioner,
    "hard": HardCaptioner,
}
SHIPPED = checkpoint.SHIPPED / "captioner.safetensors"


def save_captioner(
    path: str | Path,
    encoder: Encoder,
    captioner: Captioner,
    metadata: dict | None = None,
) -> None:
    """Write an encoder and a captioner to one safetensors file, at once or not at all.

    metadata: dict that JSON can hold: how they were trained, results.
    Raises CheckpointError where the file cannot be written.
    """
    parts = {"encoder": encoder, "captioner": captioner}
    tensors = checkpoint.join({k: checkpoint.weights_of(m) for k, m in parts.items()})
    about = {"kind": kind_of(captioner, KINDS), "config": captioner.config}
    checkpoint.save(path, tensors, about | {"metadata": metadata or {}})


def load_captioner(path: str | Path = SHIPPED) -> tuple[Encoder, Captioner, dict]:
    """Read what `save_captioner` wrote; without a path, the model that comes with the package.

    Returns the Encoder and the captioner, on the CPU in evaluation mode, and the metadata.
    Raises CheckpointError: the file is missing, damaged, or holds something else.
    """
    tensors, about = checkpoint.load(path)
    with checkpoint.expecting("a captioner", path):
        encoder = Encoder(about["config"]["channels"])
        captioner = KINDS[about["kind"]](**about["config"])
        for part, module in (("encoder", encoder), ("captioner", captioner)):
            checkpoint.set_weights(module, checkpoint.select(tensors, part))
        return encoder.eval(), captioner.eval(), about["metadata"]


@torch.no_grad()
def arrays(encoder: Encoder, captioner: AttentionCaptioner) -> dict[str, np.ndarray]:
    """All weights of an encoder and an attention captioner, as a dict of numpy arrays, float32.

    Row vectors, x @ W + b, and the LSTM's gates packed i, f, o, g. What is constant is folded in:
    BatchNorm into the convolutions, the standardisation of the regions into `W_what`.

    conv1, conv2, conv3 (out, in, 4, 4), stride 2, padding 1, ReLU behind each; conv1_b ...: biases.
    The first reads pictures (3, height, width) from 0 to 1. where (R, 14): coordinates.
    embedding (V, D); W_xh (D, 4H), W_hh (H, 4H), b_h.
    seen = [relu(regions @ W_what + b_what), where]; keys = seen @ W_key + b_key; values likewise.
    known = h; glance 1 weights the values with softmax((known @ W_look1 + b_look1) @ keys.T / sqrt(A));
    their sum, the context, is appended to known, and the place is weights @ where; glance 2 follows with
    W_look2, and so on. logits = relu([h, place 1, place 2, last context] @ W_hidden + b_hidden)
    @ W_output + b_output.
    """
    found, sight = {}, captioner.sight
    for i, (W, b) in enumerate(encoder.folded(), start=1):
        found |= {f"conv{i}": W, f"conv{i}_b": b}
    found |= {"where": sight.where, "embedding": captioner.embedding.weight}
    lstm = {name: p.numpy() for name, p in captioner.rnn.state_dict().items()}
    found |= from_torch("lstm", lstm)
    layers: dict = {
        "what": sight.what,
        "key": sight.key,
        "value": sight.value,
        "hidden": captioner.output[0],
        "output": captioner.output[2],
    }
    layers |= {f"look{g}": m.query for g, m in enumerate(captioner.looks, start=1)}
    for name, layer in layers.items():
        found |= {f"W_{name}": layer.weight.T, f"b_{name}": layer.bias}
    # Summed row by row in double precision: the same on every processor, for pages store it.
    scaled = sight.what.weight.T.double() / captioner.deviation[:, None]
    moved = np.sum((captioner.mean[:, None] * scaled).numpy(), axis=0)
    found["W_what"] = scaled.float()
    found["b_what"] = (sight.what.bias - torch.from_numpy(moved)).float()
    return {k: torch.as_tensor(v).contiguous().numpy().copy() for k, v in found.items()}
