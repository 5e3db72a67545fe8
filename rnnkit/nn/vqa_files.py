"""Models that answer questions on disk, with the encoder they share, and as plain arrays for a page."""

from pathlib import Path

from rnnkit.nn import checkpoint
from rnnkit.nn.checkpoint import CheckpointError
from rnnkit.nn.vision import Encoder
from rnnkit.nn.vqa import Attention, ClipAttention, Fusion

KINDS = {"fusion": Fusion, "attention": Attention, "clip": ClipAttention}
SHIPPED = Path(__file__).parent / "shipped" / "vqa.safetensors"


def save_vqa(
    path: str | Path,
    encoder: Encoder,
    models: dict[str, Fusion],
    metadata: dict | None = None,
) -> None:
    """Write an encoder and models that were trained on its regions to one safetensors file.

    models: dict from a name to a model. metadata: dict that JSON can hold: how they were trained, results.
    Raises CheckpointError where the file cannot be written.
    """
    modules = {"encoder": encoder, **models}
    tensors = {
        f"{part}.{name}": tensor
        for part, module in modules.items()
        for name, tensor in module.state_dict().items()
    }
    about = {
        "kinds": {name: kind_of(model) for name, model in models.items()},
        "configs": {name: model.config for name, model in models.items()},
        "metadata": metadata or {},
    }
    checkpoint.save(path, tensors, about)


def kind_of(model: Fusion) -> str:
    """The name in KINDS of a model's class."""
    return next(kind for kind, c in KINDS.items() if type(model) is c)


def load_vqa(path: str | Path = SHIPPED) -> tuple[Encoder, dict[str, Fusion], dict]:
    """Read what `save_vqa` wrote; without a path, the models that come with the package.

    Returns the Encoder, a dict from names to models, all on the CPU in evaluation mode, and the metadata.
    Raises CheckpointError: the file is missing, damaged, or holds something else.
    """
    tensors, about = checkpoint.load(path)
    try:
        models = {
            name: KINDS[kind](**about["configs"][name])
            for name, kind in about["kinds"].items()
        }
        channels = {config["channels"] for config in about["configs"].values()}
        modules = {"encoder": Encoder(*channels), **models}
        for part, module in modules.items():
            module.load_state_dict(
                {
                    name.removeprefix(f"{part}."): tensor
                    for name, tensor in tensors.items()
                    if name.startswith(f"{part}.")
                }
            )
            module.eval()
        return modules["encoder"], models, about["metadata"]
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{path}: expected models of questions, got something else ({error})"
        ) from error


def arrays(encoder: Encoder, models: dict[str, Fusion]) -> tuple[dict, dict]:
    """All weights as numpy arrays, float32: for the encoder, and for each model by its name.

    The encoder: conv1, conv2, conv3 (out, in, 4, 4), stride 2, padding 1, with BatchNorm folded in, and their
    biases conv1_b, conv2_b, conv3_b; it reads pictures (3, height, width) from 0 to 1, ReLU behind each.
    The models: torch's names and layouts, so products are x @ weight.T, and gates packed i, f, g, o.
    """
    eye = {}
    for i, (weight, bias) in enumerate(encoder.folded(), start=1):
        eye |= {f"conv{i}": weight.numpy().copy(), f"conv{i}_b": bias.numpy().copy()}
    return eye, {
        name: {k: t.numpy().copy() for k, t in model.state_dict().items()}
        for name, model in models.items()
    }
