"""`torchrun -m rnnkit train`: two processes do what one does, and end together."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from rnnkit.cli import main
from rnnkit.nn import checkpoint
from rnnkit.nn.text.char_lm import load_charlm

ROOT = Path(__file__).parents[2]
TEXT = "".join(f"{n} times {n} is {n * n}.\n" for n in range(300))
SETTINGS = (
    "--steps 30 --embedding-size 8 --hidden-size 16 --layers 2 --cell gru --dropout 0 "
    "--batch-size 6 --chunk-length 16 --threads 1 --evaluations 3"
).split()


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "my.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def torchrun(*arguments):
    """Run the command in two processes; --standalone finds a free port."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "-m", "rnnkit", *map(str, arguments)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=600
    )


@pytest.mark.trains
def test_two_processes_train_the_model_that_one_trains(text, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    assert main(["train", str(text), "--out", str(one), *SETTINGS]) == 0
    done = torchrun("train", text, "--out", two, *SETTINGS)
    assert done.returncode == 0, done.stderr
    assert "2 processes" in done.stdout
    assert done.stdout.count("rnnkit sample") == 1, "the first alone speaks"
    alone, _, about_alone = load_charlm(one / "model.safetensors")
    together, _, about_together = load_charlm(two / "model.safetensors")
    for name, weight in alone.state_dict().items():
        torch.testing.assert_close(
            together.state_dict()[name], weight, rtol=0, atol=1e-4
        )
    results = [about["results"] for about in (about_alone, about_together)]
    assert len(results[0]["evaluations"]) == len(results[1]["evaluations"]) == 3
    for a, b in zip(*(result["evaluations"] for result in results), strict=True):
        assert a["step"] == b["step"]
        assert a["train_loss"] == pytest.approx(b["train_loss"], abs=1e-4)
        assert a["val_loss"] == pytest.approx(b["val_loss"], abs=1e-4)
    held_out = [result["held_out_nats"]["model"] for result in results]
    assert held_out[0] == pytest.approx(held_out[1], abs=1e-4)
    # A run of two processes can be resumed by one: the place is known, the carried states are not.
    path = two / "training.safetensors"
    names = set(checkpoint.load(path)[0])
    assert "data.position" in names
    assert "data.state.0" not in names
    longer = ["--resume", "--steps", "35", "--threads", "1"]
    assert main(["train", str(text), "--out", str(two), *longer]) == 0


@pytest.mark.trains
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lr", "1e30"], "_loss is nan at step 10: try a smaller learning rate"),
        (["--batch-size", "5"], "batch_size: expected a multiple of the 2 processes"),
    ],
)
def test_when_the_first_fails_none_waits(options, message, text, tmp_path):
    done = torchrun("train", text, "--out", tmp_path, *SETTINGS, *options)
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if "rnnkit: error" in line]
    assert len(lines) == 1
    assert message in lines[0]
    assert "exitcode  : 2" in done.stderr
    assert list(tmp_path.iterdir()) == []
