"""How far back the state of a trained character model reaches: a part of `experiments.lstm`."""

from functools import partial

import numpy as np
import torch

from experiments.harness import collect, significant
from rnnkit.convert import from_torch
from rnnkit.data.shakespeare import load_shakespeare
from rnnkit.jacobian import lstm_jacobians, products, rnn_jacobians
from rnnkit.nn.text.char_lm import CharLM
from rnnkit.nn.text.chunks import ChunkStream, nats_per_character
from rnnkit.nn.text.vocabulary import Vocabulary
from rnnkit.nn.training import Training, fit
from rnnkit.sequence import lstm_forward, rnn_forward

RATES = 6e-3, 2e-2
STEPS_OUT = (1, 2, 5, 10, 20, 50, 100)  # where a product of Jacobians is looked at


def plays(known, rates=RATES, seeds=range(5), steps=1500, hidden_size=64):
    """A vanilla RNN and an LSTM on the plays, at two rates: how the carried state depends on its start."""
    text = load_shakespeare()
    vocabulary = Vocabulary.of(text)
    tokens = vocabulary.encode(text)
    wanted = [
        {"cell": cell, "seed": seed, "lr": lr}
        for lr in rates
        for cell in ("rnn", "lstm")
        for seed in seeds
    ]
    head = {"steps": steps, "hidden_size": hidden_size, "steps_out": STEPS_OUT}
    about = {"tokens": tokens, "vocab_size": len(vocabulary)}
    about |= {"steps": steps, "hidden_size": hidden_size}
    return collect(known, "plays", head, wanted, partial(read_plays, **about))


def read_plays(cell, seed, lr, tokens, vocab_size, steps, hidden_size):
    """Train one model on the plays; what its state carries, before and after."""
    cut = len(tokens) * 9 // 10
    windows = tokens[cut : cut + 800].reshape(8, 100)
    torch.manual_seed(seed)
    model = CharLM(vocab_size, cell, embedding_size=32, hidden_size=hidden_size)
    data = ChunkStream(tokens[:cut], 16, 64)
    training = Training(model, data, steps=steps, lr=lr)
    begin = carried(cell, model, windows)
    fit(training, bar=False)
    nats = nats_per_character(model, tokens[cut:][:20_000], streams=10)
    return {
        "cell": cell,
        "seed": seed,
        "lr": lr,
        "nats": significant(nats, 4),
        "before": begin,
        "after": carried(cell, model, windows),
    }


def carried(cell, model, windows):
    """Sizes of d c_t / d c_0 (or d h_t / d h_0), in total and along the direct path alone."""
    params = from_torch(cell, {k: v.numpy() for k, v in model.rnn.state_dict().items()})
    params = {name: p.astype(np.float64) for name, p in params.items()}
    with torch.no_grad():
        x = model.embedding(torch.as_tensor(windows)).numpy().astype(np.float64)
    H = len(params["W_hh"])
    start = np.zeros((len(x), H))
    at = [t - 1 for t in STEPS_OUT]
    if cell == "rnn":
        _, cache = rnn_forward(x, start, **params)
        found = {"total": products(rnn_jacobians(cache))}
    else:
        *_, cache = lstm_forward(x, start, start, **params)
        jacobians = lstm_jacobians(cache)
        found = {
            "total": products(jacobians)[..., H:, H:],
            "direct": products(jacobians[..., H:, H:]),
        }
    return {
        k: significant(np.exp(np.log(sizes(v[:, at])).mean(axis=0)))
        for k, v in found.items()
    }


def sizes(jacobians):
    """Root mean square stretch: the Frobenius norm over the root of H; (..., H, H) -> (...)."""
    squares = np.square(jacobians, dtype=np.float64).sum(axis=(-2, -1))
    return np.sqrt(squares / jacobians.shape[-1])
