"""Translators on disk, and as plain arrays for a page."""

from pathlib import Path

import torch

from rnnkit.nn import checkpoint
from rnnkit.nn.translation.translator import Translator

SHIPPED = checkpoint.SHIPPED / "dates.safetensors"


def save_translators(
    path: str | Path, models: dict[str, Translator], metadata: dict | None = None
) -> None:
    """Write models to one safetensors file, their weights in half precision.

    models: dict from a name to a Translator. metadata: dict that JSON can hold: how they were trained, results.
    Raises CheckpointError where the file cannot be written.
    """
    tensors = checkpoint.join(
        {name: checkpoint.weights_of(model) for name, model in models.items()}
    )
    about = {
        "configs": {name: model.config for name, model in models.items()},
        "metadata": metadata or {},
    }
    checkpoint.save(path, {k: t.to(torch.float16) for k, t in tensors.items()}, about)


def load_translators(
    path: str | Path = SHIPPED,
) -> tuple[dict[str, Translator], dict]:
    """Read what `save_translators` wrote; without a path, the models that come with the package.

    Returns a dict from names to models in single precision and evaluation mode, and the metadata.
    Raises CheckpointError: the file is missing, damaged, or holds something else.
    """
    tensors, about = checkpoint.load(path)
    with checkpoint.expecting("translators", path):
        models = {}
        for name, config in about["configs"].items():
            model = models[name] = Translator(**config).eval()
            weights = checkpoint.select(tensors, name)
            checkpoint.set_weights(model, {k: t.float() for k, t in weights.items()})
        return models, about["metadata"]


def arrays(model: Translator) -> dict:
    """A model's weights as numpy arrays, float32, by their names in a file.

    embedding.weight (V, E): rows PAD, START, END, then the alphabet's characters. ahead, back and decoder are GRUs in
    torch's layout: weight_ih_l0 (3H, E), weight_hh_l0 (3H, H) and biases, packed r, z, n; products are x @ weight.T.
    attention.W_q (H, A), attention.W_k (K, A) and attention.v (A,), or attention.W (H, K): products are x @ W.
    mix and output: weight (out, in) and bias.
    """
    return {k: t.numpy().copy() for k, t in checkpoint.weights_of(model).items()}
