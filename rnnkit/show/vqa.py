"""Ask questions of a scene that the reader arranges: three models answer side by side, and one shows where it looks."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import traitlets
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rnnkit.functional import softmax
from rnnkit.show import style
from rnnkit.show.explorable import Explorable
from rnnkit.show.packing import check_size, pack, unpack
from rnnkit.show.packing import (
    quantise as quantise,
)  # the chapter measures what it costs
from rnnkit.show.scene import check_scenes, load_sprites, pack_sprites, paint, shade
from rnnkit.show.shapes import check_arrays, vqa_shapes
from rnnkit.show.twin import MODELS, answer, see

MAX_EYE, MAX_MODELS = 150_000, 450_000  # bytes of base64: the eye, the three models
MOST = 4  # drawings in a scene
_BARS = 5
_CREDIT = "drawings: OpenMoji, CC BY-SA 4.0"


class VQAExplorable(Explorable):
    """Arrange a scene, ask a question, and see what three models answer.

        encoder, models, _ = load_vqa()
        eye, weights = arrays(encoder, models)  # both of rnnkit.nn.vqa.files
        VQAExplorable(
            caption="What to notice",
            encoder=eye,
            models={name: weights[name] for name in MODELS},
            words=models["attention"].words,
            answers=models["attention"].answers,
            sprites={name: np.asarray(glyph(KINDS[name][1][0])) for name in NAMES},
            categories={name: KINDS[name][0] for name in NAMES},
            scenes=[
                scene_of(image, [(thing.name, thing.box) for thing in things])
                for image, things in zip(scenes.images, scenes.things)
            ],
            questions=["what is above the frog", ...],
            apart=[NAMES[i : i + 3] for i in range(0, len(NAMES), 3)],
        )

    encoder: the eye's three convolutions, as in `rnnkit.show.twin.see`.
    models: "concatenation", "multiplication" and "attention", as in `check_models`.
    words: the models' vocabulary, words[k] is word k. answers: in the order of the scores. sprites: as in
    `rnnkit.show.scene.pack_sprites`. categories: the drawings' kinds, name -> "animal", "food", "vehicle" or other.
    scenes: from `rnnkit.show.scene.scene_of`, of 2 to 4 things each. questions: one for every scene, in the words of
    `rnnkit.scenes.questions`. The prediction lets the first two things of the first scene change places.
    apart: groups of names that never met in training; they are marked. alt: computed if not given.
    Raises ValueError for wrong names and shapes, too many bytes, words that the models do not know.
    """

    module = "vqa"
    encoder = traitlets.Dict().tag(sync=True)
    models = traitlets.Dict().tag(sync=True)
    words = traitlets.List().tag(sync=True)
    answers = traitlets.List().tag(sync=True)
    sprites = traitlets.Dict().tag(sync=True)
    categories = traitlets.Dict().tag(sync=True)
    scenes = traitlets.List().tag(sync=True)
    questions = traitlets.List().tag(sync=True)
    scene = traitlets.Dict().tag(sync=True)  # as the reader has left it
    question = traitlets.Unicode().tag(sync=True)
    apart = traitlets.List().tag(sync=True)

    def __init__(
        self,
        *,
        encoder: dict,
        models: dict,
        words: list[str],
        answers: list[str],
        sprites: dict,
        categories: dict,
        scenes: list[dict],
        questions: list[str],
        apart: Iterable = (),
        id: str = "vqa",
        alt: str | None = None,
        **rest: Any,
    ) -> None:
        models = check_models(models, words, answers)
        check_encoder(encoder, models)
        scenes = check_scenes(scenes, set(sprites), MOST)
        check_questions(questions, scenes, words)
        check_names(categories, sprites, apart)
        state: dict = {
            "encoder": pack(encoder),
            "models": {name: pack(weights) for name, weights in models.items()},
            "words": list(words),
            "answers": list(answers),
            "sprites": pack_sprites(sprites),
            "categories": {name: categories[name] for name in sprites},
            "scenes": scenes,
            "questions": list(questions),
            "scene": scenes[0],
            "question": questions[0],
            "apart": [list(group) for group in apart],
        }
        check_size(state["encoder"], MAX_EYE)
        check_size(state["models"], MAX_MODELS)
        if alt is None:
            alt = _alt(state)
        super().__init__(id=id, alt=alt, **state, **rest)

    def read(self) -> tuple[np.ndarray, dict]:
        """Ask as the page does: the picture, and model -> (probabilities (A,), glances (G, R))."""
        return _read(self.state())

    def static_figure(self) -> Figure:
        """Draw the scene, each model's likeliest answers, and the attention model's glances."""
        image, said = self.read()
        fig = plt.figure(figsize=(5.4, 3.4))
        parts = fig.subfigures(2, 1, squeeze=False, height_ratios=[1.15, 1])
        top, bottom = parts[:, 0]
        glances = said["attention"][1]
        pictures = {"the scene": image}
        for order, weights in zip(("first", "second", "third"), glances, strict=False):
            pictures[f"{order} glance"] = shade(image, weights)
        for ax, (title, picture) in zip(
            top.subplots(1, len(pictures)), pictures.items(), strict=True
        ):
            ax.imshow(picture)
            ax.set_axis_off()
            ax.set_title(title, loc="center", fontsize=10)
        for ax, name in zip(bottom.subplots(1, 3), MODELS, strict=True):
            _draw_bars(ax, name, self.answers, said[name][0])
        top.suptitle(f"“{self.question}?”", fontsize=11)
        bottom.supxlabel(_CREDIT, x=1, ha="right", fontsize=7, color=style.GREY)
        return fig


def _draw_bars(ax, name, answers, p):
    best = np.argsort(-p, kind="stable")[:_BARS]
    ax.barh(range(len(best)), p[best], color=style.BLUE)
    ax.set_yticks(range(len(best)), [answers[k] for k in best], fontsize=9)
    ax.set(xlim=(0, 1), xticks=[])
    ax.set_title(name, fontsize=10)
    ax.invert_yaxis()
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)


def check_models(models: dict, words: list[str], answers: list[str]) -> dict:
    """Return the weights of the three models as arrays, after checking their names and shapes.

    models: dict from MODELS to dicts from torch's state-dict names to arrays. The numbers of words and answers are
    theirs; the other sizes are read off the weights.
    Raises ValueError when a model or a parameter is missing, unknown or has another shape.
    """
    if set(models) != set(MODELS):
        raise ValueError(
            f"models: expected {', '.join(MODELS)}, got {', '.join(models) or 'none'}"
        )
    checked = {}
    for name in MODELS:
        sizes, called = (name, len(words), len(answers)), f"models[{name!r}]"
        checked[name] = check_arrays(
            models[name], vqa_shapes, *sizes, name=called, where=f"{called}: "
        )
    return checked


def check_encoder(encoder: dict, models: dict) -> None:
    """Raise ValueError unless the eye has its six arrays and as many channels as the models expect."""
    expected = {f"conv{i}{b}" for i in (1, 2, 3) for b in ("", "_b")}
    if set(encoder) != expected:
        raise ValueError(
            f"encoder: expected {', '.join(sorted(expected))}, "
            f"got {', '.join(sorted(encoder)) or 'nothing'}"
        )
    inputs = 3
    for i in (1, 2, 3):
        C = len(encoder[f"conv{i}"])
        for name, shape in ((f"conv{i}", (C, inputs, 4, 4)), (f"conv{i}_b", (C,))):
            if np.shape(encoder[name]) != shape:
                raise ValueError(
                    f"encoder: {name}: expected {shape}, got {np.shape(encoder[name])}"
                )
        inputs = C
    for name, weights in models.items():
        if len(weights["mean"]) != C:
            raise ValueError(
                f"models[{name!r}]: expected regions of C = {C} numbers, "
                f"got {len(weights['mean'])}"
            )


def check_questions(questions: list[str], scenes: list[dict], words: list[str]) -> None:
    """Raise ValueError unless there is one question for every scene, in words that the models know."""
    if len(questions) != len(scenes):
        raise ValueError(
            f"questions: expected one for each of {len(scenes)} scenes, got {len(questions)}"
        )
    unknown = sorted({word for q in questions for word in q.split()} - set(words))
    if unknown:
        raise ValueError(
            f"questions: expected the models' words, got {', '.join(unknown)}"
        )
    for i, scene in enumerate(scenes):
        if len(scene["things"]) < 2:
            raise ValueError(f"scenes[{i}]: expected at least 2 things, got 1")


def check_names(categories: dict, sprites: dict, apart: Iterable) -> None:
    """Raise ValueError unless every drawing has a category and every group names drawings."""
    missing = sorted(set(sprites) - set(categories))
    if missing:
        raise ValueError(
            f"categories: expected one for every drawing, none for {', '.join(missing)}"
        )
    unknown = sorted({name for group in apart for name in group} - set(sprites))
    if unknown:
        raise ValueError(f"apart: expected names of drawings, got {', '.join(unknown)}")


def _read(state):
    """Ask the question of a packed explorable: the picture, and model -> (probabilities, glances)."""
    image = paint(state["scene"], load_sprites(state["sprites"]))
    regions = see(image, unpack(state["encoder"]))
    ids = [state["words"].index(word) for word in state["question"].split()]
    said = {}
    for name in MODELS:
        scores, glances = answer(name, unpack(state["models"][name]), regions, ids)
        said[name] = softmax(scores), glances
    return image, said


def _alt(state):
    """Say what the picture shows: the scene, the question and what each model answers."""
    _, said = _read(state)
    best = {name: state["answers"][int(p.argmax())] for name, (p, _) in said.items()}
    things = ", ".join(thing["name"] for thing in state["scene"]["things"])
    return (
        f"A scene with {things}, the question “{state['question']}”, and what three models answer: "
        + ", ".join(f"{name} {word}" for name, word in best.items())
        + ". Below the scene, the places that the attention model looks at."
    )
