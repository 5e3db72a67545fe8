"""Models that answer questions on disk, with the encoder they share, and as plain arrays for a page."""

from pathlib import Path

from rnnkit.nn import checkpoint
from rnnkit.nn.config import kind_of
from rnnkit.nn.encoder import Encoder
from rnnkit.nn.vqa.answerer import Answerer
from rnnkit.nn.vqa.attention import Attention
from rnnkit.nn.vqa.clip import ClipAttention
from rnnkit.nn.vqa.fusion import Fusion

KINDS = {"fusion": Fusion, "attention": Attention, "clip": ClipAttention}
SHIPPED = checkpoint.SHIPPED / "vqa.safetensors"


def save_vqa(
    path: str | Path,
    encoder: Encoder,
    models: dict[str, Answerer],
    metadata: dict | None = None,
) -> None:
    """Write an encoder and models that were trained on its regions to one safetensors file.

    models: dict from a name to a model. metadata: dict that JSON can hold: how they were trained, results.
    Raises CheckpointError where the file cannot be written.
    """
    parts = {"encoder": encoder, **models}
    tensors = checkpoint.join({k: checkpoint.weights_of(m) for k, m in parts.items()})
    about = {
        "kinds": {name: kind_of(model, KINDS) for name, model in models.items()},
        "configs": {name: model.config for name, model in models.items()},
        "metadata": metadata or {},
    }
    checkpoint.save(path, tensors, about)


def load_vqa(path: str | Path = SHIPPED) -> tuple[Encoder, dict[str, Answerer], dict]:
    """Read what `save_vqa` wrote; without a path, the models that come with the package.

    Returns the Encoder, a dict from names to models, all on the CPU in evaluation mode, and the metadata.
    Raises CheckpointError: the file is missing, damaged, or holds something else.
    """
    tensors, about = checkpoint.load(path)
    with checkpoint.expecting("models of questions", path):
        models = {
            name: KINDS[kind](**about["configs"][name])
            for name, kind in about["kinds"].items()
        }
        channels = {config["channels"] for config in about["configs"].values()}
        encoder = Encoder(*channels)
        for part, module in {"encoder": encoder, **models}.items():
            checkpoint.set_weights(module, checkpoint.select(tensors, part))
            module.eval()
        return encoder, models, about["metadata"]


def arrays(encoder: Encoder, models: dict[str, Answerer]) -> tuple[dict, dict]:
    """All weights as numpy arrays, float32: for the encoder, and for each model by its name.

    The encoder: conv1, conv2, conv3 (out, in, 4, 4), stride 2, padding 1, with BatchNorm folded in, and their
    biases conv1_b, conv2_b, conv3_b; it reads pictures (3, height, width) from 0 to 1, ReLU behind each.
    The models: the names in a file and torch's layouts, so products are x @ weight.T, and gates packed i, f, g, o.
    """
    eye = {}
    for i, (weight, bias) in enumerate(encoder.folded(), start=1):
        eye |= {f"conv{i}": weight.numpy().copy(), f"conv{i}_b": bias.numpy().copy()}
    return eye, {
        name: {k: t.numpy().copy() for k, t in checkpoint.weights_of(model).items()}
        for name, model in models.items()
    }
