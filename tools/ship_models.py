"""Train the character models that come with the package: ten minutes each on one core.

    python tools/ship_models.py plays python

Each is written to rnnkit/nn/shipped/NAME.safetensors. The first nine tenths of the text train, the last tenth
validates; the best weights on it are kept. One thread, and a number of steps rather than of minutes: on one
machine the same bytes come out every time.
"""

import argparse
import hashlib
import platform
from pathlib import Path

import torch

import rnnkit
from rnnkit.data.python_source import load_python_source
from rnnkit.data.shakespeare import load_shakespeare
from rnnkit.nn.text.char_lm import CharLM, save_charlm
from rnnkit.nn.text.chunks import ChunkStream, nats_per_character
from rnnkit.nn.text.vocabulary import Vocabulary
from rnnkit.nn.training import Training, fit

FOLDER = Path(rnnkit.__file__).parent / "nn" / "shipped"
TEXTS = {"plays": load_shakespeare, "python": load_python_source}
# 224 units: as int8 in base64, the weights that the page carries stay below 400 kB.
HIDDEN = {"plays": 224, "python": 256}
BATCH, CHUNK, STEPS, RATE, SEED = 32, 64, 18_000, 5e-3, 0


def ship(name):
    """Train one model and write it."""
    text = TEXTS[name]()
    vocabulary = Vocabulary.of(text)
    tokens = vocabulary.encode(text)
    cut = len(tokens) * 9 // 10
    train, validation = tokens[:cut], tokens[cut:]
    torch.manual_seed(SEED)
    model = CharLM(len(vocabulary), hidden_size=HIDDEN[name])
    training = Training(model, ChunkStream(train, BATCH, CHUNK), steps=STEPS, lr=RATE)
    fit(training, lambda m: nats_per_character(m, validation[:200_000], streams=20))
    metadata = {
        "command": f"python tools/ship_models.py {name}",
        "text": {"name": name, "length": len(text), "sha256": sha256(text)},
        "training": {
            "steps": STEPS,
            "batch_size": BATCH,
            "chunk_length": CHUNK,
            "lr": RATE,
            "seed": SEED,
        },
        "val_loss": nats_per_character(model.eval(), validation),
        "versions": {
            "rnnkit": rnnkit.__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }
    save_charlm(FOLDER / f"{name}.safetensors", model, vocabulary, metadata)
    print(
        f"{name}: {metadata['val_loss']:.4f} nats per character on the last tenth, {training.history.seconds:.0f} s"
    )


def sha256(text):
    """Return the hash of a text's UTF-8 bytes, hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="+", choices=sorted(TEXTS), help="which models to train"
    )
    torch.set_num_threads(1)
    for name in parser.parse_args().names:
        ship(name)
