"""A small explorable, weights and drawings, for the tests of several of them."""

import matplotlib.pyplot as plt
import numpy as np
import traitlets

from rnnkit.show import style
from rnnkit.show.explorable import Explorable


class Demo(Explorable):
    module = "quiz"
    kind = traitlets.Unicode("quiz").tag(sync=True)
    weights = traitlets.List().tag(sync=True)
    secret = traitlets.Int(3)  # not synced: stays in Python

    def static_figure(self):
        fig, ax = plt.subplots()
        style.heat(ax, np.array(self.weights))
        return fig


def count_weights(V=4, H=3):
    rng = np.random.default_rng(5)
    shapes = {"W_xh": (V, 4 * H), "W_hh": (H, 4 * H), "b_h": (4 * H,)}
    shapes |= {"W_hy": (H, V), "b_y": (V,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


LETTERS = "\n KINGRCHAD:"


def lstm_weights(rng, V=12, D=5, H=7):
    shapes = {
        "embedding.weight": (V, D),
        "rnn.weight_ih_l0": (4 * H, D),
        "rnn.weight_hh_l0": (4 * H, H),
        "rnn.bias_ih_l0": (4 * H,),
        "rnn.bias_hh_l0": (4 * H,),
        "output.weight": (V, H),
        "output.bias": (V,),
    }
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


WORDS = ["<START>", "<END>", "a", "cat", "key", "left", "of"]


def caption_weights(rng, D=3, H=5, A=4, P=14, M=6, N=7, glances=2):
    V, waves = len(WORDS), rng.normal(size=(64, P))
    shapes = {
        **{"conv1": (8, 3, 4, 4), "conv2": (8, 8, 4, 4), "conv3": (10, 8, 4, 4)},
        **{"conv1_b": (8,), "conv2_b": (8,), "conv3_b": (10,)},
        **{
            "embedding": (V, D),
            "W_xh": (D, 4 * H),
            "W_hh": (H, 4 * H),
            "b_h": (4 * H,),
        },
    }
    layers = {
        "what": (10, M),
        "key": (M + P, A),
        "value": (M + P, A),
        "hidden": (H + glances * P + A, N),
        "output": (N, V),
        **{f"look{g + 1}": (H + g * A, A) for g in range(glances)},
    }
    for name, shape in layers.items():
        shapes |= {f"W_{name}": shape, f"b_{name}": shape[1:]}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()} | {
        "where": waves
    }


def drawing(rng, height=30, width=20):
    return rng.integers(0, 256, (height, width, 4), dtype=np.uint8)


def thing(**changes):
    return {"name": "cat", "size": 20, "x": 20, "y": 30, **changes}


ASKED = ["<PAD>", "is", "there", "a", "cat", "key", "the", "above"]


def vqa_weights(rng, C=4, A=3):
    """An eye and three small models with torch's names: D = 3, H = 5, F = 6."""
    layers = {"W_q": (6, 5), "hidden": (6, 6), "answer": (A, 6)}
    whole = layers | {"narrow": (2, C), "W_v": (6, 128)}
    glances = {"what": (7, C), "key": (8, 21), "value": (8, 21), "W_v": (6, 16)}
    glances |= {"looks.0.query": (8, 5), "looks.1.query": (8, 13)}
    shapes = {
        "mean": (C,),
        "question.embedding.weight": (len(ASKED), 3),
        "question.lstm.weight_ih_l0": (20, 3),
        "question.lstm.weight_hh_l0": (20, 5),
        "question.lstm.bias_ih_l0": (20,),
        "question.lstm.bias_hh_l0": (20,),
    }

    def model(layers):
        found = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        for name, shape in layers.items():
            found[f"{name}.weight"] = rng.normal(size=shape)
            found[f"{name}.bias"] = rng.normal(size=shape[0])
        return found | {"deviation": np.ones(C)}

    eye = {}
    for i, (inputs, outputs) in enumerate([(3, 4), (4, 5), (5, C)], start=1):
        eye[f"conv{i}"] = rng.normal(size=(outputs, inputs, 4, 4)) / 4
        eye[f"conv{i}_b"] = rng.normal(size=outputs)
    models = {"concatenation": model(whole), "multiplication": model(whole)}
    return eye, models | {"attention": model(layers | glances)}
