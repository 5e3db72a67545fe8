"""Chapter 9's two readers, trained and measured at a tiny size."""

from experiments.harness import run
from experiments.two_readers import EXPERIMENT, READERS
from rnnkit.nn.text.two_readers import load_readers


def test_ship_then_shipped(measured, tmp_path):
    path = tmp_path / "readers.safetensors"
    few = {"file": path, "characters": 60_000}
    sizes = {"hidden_size": 4, "joint_size": 3, "steps": 2, "test": 5}
    run(EXPERIMENT, ["ship"], tmp_path / "report.json", **few, **sizes)
    model, _, metadata = load_readers(path)
    assert model.config["hidden_size"] == 4
    assert metadata["command"] == "python -m experiments.two_readers ship"
    found = measured(EXPERIMENT, "shipped", passages=20, **few)
    assert set(found["bits"]) == set(READERS)
    assert abs(sum(found["share"].values()) - 1) < 1e-3
