"""The character model against its formula, and in its file."""

import numpy as np
import pytest
import torch

from rnnkit.nn import checkpoint
from rnnkit.nn.checkpoint import CheckpointError
from rnnkit.nn.text.char_lm import CharLM, load_charlm, save_charlm
from rnnkit.nn.text.vocabulary import Vocabulary

from .small_char_lm import CELLS, same, saved_model, some_tokens, tiny


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(cell, x, h, c, W_ih, W_hh, b_ih, b_hh):
    """One step of a cell as the formula has it, with PyTorch's packing of the weights."""
    a, r = x @ W_ih.T + b_ih, h @ W_hh.T + b_hh
    if cell == "rnn":
        return np.tanh(a + r), c
    if cell == "lstm":
        i, f, g, o = np.split(a + r, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c
    (a_r, a_z, a_n), (r_r, r_z, r_n) = np.split(a, 3, axis=1), np.split(r, 3, axis=1)
    z = sigmoid(a_z + r_z)
    return (1 - z) * np.tanh(a_n + sigmoid(a_r + r_r) * r_n) + z * h, c


def logits_by_formula(model, tokens):
    """The scores of a CharLM, computed step by step in numpy."""
    w = {name: p.detach().numpy() for name, p in model.named_parameters()}
    layers, H = model.config["num_layers"], model.config["hidden_size"]
    B, T = tokens.shape
    embedding = w["embedding.weight"]
    h = [np.zeros((B, H)) for _ in range(layers)]
    c = [np.zeros((B, H)) for _ in range(layers)]
    scores = []
    for t in range(T):
        x = embedding[tokens[:, t].numpy()]
        for k in range(layers):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = [w[f"rnn.{name}_l{k}"] for name in names]
            h[k], c[k] = step(model.config["cell"], x, h[k], c[k], *weights)
            x = h[k]
        scores.append(x @ w.get("output.weight", embedding).T + w["output.bias"])
    return np.stack(scores, axis=1)


@pytest.mark.parametrize("num_layers", [1, 2, 3, 4])
@pytest.mark.parametrize("cell", CELLS)
def test_the_model_is_its_formula(cell, num_layers):
    model = tiny(cell, num_layers=num_layers)
    tokens = some_tokens(14).view(2, 7)
    logits, state = model(tokens)
    np.testing.assert_allclose(
        logits.detach(), logits_by_formula(model, tokens), rtol=0, atol=1e-12
    )
    # In two calls, with the state carried, the same.
    first, state = model(tokens[:, :3])
    second, _ = model(tokens[:, 3:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), logits)


def test_tied_weights_are_one_matrix():
    model = CharLM(5, "gru", 6, 6, tie_weights=True).double()
    assert model.output.weight is model.embedding.weight
    tokens = some_tokens(8).view(1, 8)
    logits, _ = model(tokens)
    np.testing.assert_allclose(
        logits.detach(), logits_by_formula(model, tokens), rtol=0, atol=1e-12
    )


def test_dropout_acts_in_training_alone():
    model = CharLM(5, "rnn", 4, 6, num_layers=2, dropout=0.5)
    tokens = some_tokens(8).view(1, 8)
    assert not torch.equal(model(tokens)[0], model(tokens)[0])
    x = model.embedding(tokens)
    assert not torch.equal(model.rnn(x)[0], model.rnn(x)[0]), "between the layers too"
    model.eval()
    assert torch.equal(model(tokens)[0], model(tokens)[0])
    # With one layer there are still the inputs of that layer and of the output layer.
    single = CharLM(5, "rnn", 4, 6, dropout=0.5)
    seen = []
    for layer in (single.rnn, single.output):
        layer.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    single(tokens.repeat(50, 1))
    for inputs in seen:
        assert 0.4 < (inputs == 0).float().mean() < 0.6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vocab_size": 0}, "vocab_size: expected a whole number from 1, got 0"),
        ({"hidden_size": 2.0}, "hidden_size: expected a whole number from 1, got 2.0"),
        ({"embedding_size": True}, "embedding_size: expected .* got True"),
        ({"num_layers": 5}, "num_layers: expected a whole number from 1 to 4, got 5"),
        ({"cell": "elman"}, "cell: expected one of .*'lstm'.* got 'elman'"),
        ({"dropout": 1.0}, "dropout: expected 0 to below 1, got 1.0"),
        ({"dropout": -0.1}, "dropout: expected 0 to below 1, got -0.1"),
        ({"tie_weights": True}, "tie_weights: expected .* = 256, got .* = 64"),
    ],
)
def test_a_model_that_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        CharLM(**({"vocab_size": 5} | options))


@pytest.mark.parametrize("num_layers", [1, 2, 3, 4])
@pytest.mark.parametrize("cell", CELLS)
def test_a_model_comes_back_from_its_file(cell, num_layers, tmp_path):
    path = tmp_path / "model.safetensors"
    tied = num_layers % 2 == 0
    model = saved_model(path, cell=cell, num_layers=num_layers, tie_weights=tied)
    loaded, vocabulary, metadata = load_charlm(path)
    assert same(loaded.state_dict(), model.state_dict())
    assert loaded.config == model.config
    assert vocabulary.characters == "\nαb"
    assert metadata == {"results": {"loss": 1.5}}
    assert not loaded.training
    assert (loaded.output.weight is loaded.embedding.weight) == tied


def test_other_weights_than_the_model_has_can_be_saved(tmp_path):
    path = tmp_path / "model.safetensors"
    model = CharLM(3, "rnn", 2, 2)
    best = {k: torch.zeros_like(v) for k, v in model.state_dict().items()}
    save_charlm(path, model, Vocabulary("abc"), weights=best)
    assert same(load_charlm(path)[0].state_dict(), best)


@pytest.mark.parametrize("about", [[], {}, {"vocabulary": "ab", "config": {}}])
def test_a_checkpoint_of_something_else(about, tmp_path):
    path = tmp_path / "other.safetensors"
    checkpoint.save(path, {"weight": torch.zeros(2)}, about)
    with pytest.raises(CheckpointError, match="expected a character model"):
        load_charlm(path)


def test_a_model_file_that_contradicts_itself(tmp_path):
    path = tmp_path / "model.safetensors"
    tensors = saved_model(path).state_dict()
    config = checkpoint.load(path)[1]["config"]
    about = {"config": config, "vocabulary": "\nαb", "metadata": {}}
    for change in (
        {"vocabulary": "ab"},
        {"vocabulary": "aab"},
        {"config": config | {"hidden_size": 3}},
        {"config": config | {"cell": "other"}},
        {"config": config | {"more": 1}},
        {"config": config | {"dropout": "x"}},
    ):
        checkpoint.save(path, tensors, about | change)
        with pytest.raises(CheckpointError, match="expected a character model"):
            load_charlm(path)
    checkpoint.save(path, tensors, {k: about[k] for k in ("config", "vocabulary")})
    with pytest.raises(CheckpointError, match="expected a character model"):
        load_charlm(path)
