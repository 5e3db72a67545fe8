"""What a chapter asks its readers to predict: the questions of its ``Predict`` figures, as their outputs hold them."""

import json
import re

from .cells import cells_of

STATE = re.compile(r'data-module="quiz"><script type="application/json">(.*?)</script>')


def prediction_in(cell):
    """(id, question) if the cell asks for a prediction, else None.

    A question has `options`, each with `text`, `correct` and `feedback`; or, where a number is asked for, `answer`,
    `tolerance`, `feedback` and perhaps `unit`.
    """
    for output in cell.get("outputs", []):
        figure = "".join(output.get("data", {}).get("text/html", ""))
        state = STATE.search(figure)
        if state and json.loads(state[1])["kind"] == "predict":
            identifier = re.search(r'id="rk-([\w-]+)"', figure)[1]
            return identifier, json.loads(state[1])["questions"][0]
    return None


def predictions_of(path):
    """The predictions of a chapter, in order: id -> question."""
    return dict(filter(None, map(prediction_in, cells_of(path))))


def answer_to(question):
    """The right option, or the number with what is close enough."""
    if "options" in question:
        return next(o["text"] for o in question["options"] if o["correct"])
    unit = f" {question['unit']}" if question.get("unit") else ""
    return f"{question['answer']:g} ± {question['tolerance']:g}{unit}"
