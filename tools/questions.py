"""A question of a quiz or a prediction, a dict as its figure holds it: what paper and slides say of it."""

import html
from string import ascii_lowercase


def lettered(asked):
    """(letter, option) of each option, in order; none where a number is asked for."""
    return list(zip(ascii_lowercase, asked.get("options", []), strict=False))


def right(asked):
    """(what is right, why): the letter of the right option or the number, and the feedback."""
    for letter, option in lettered(asked):
        if option["correct"]:
            return letter, option["feedback"]
    return f"{asked['answer']:g}", asked["feedback"]


def unit(asked, form=" {}"):
    """The unit of the number that is asked for, as HTML, set into the form; nothing if there is none."""
    return form.format(html.escape(asked["unit"])) if asked.get("unit") else ""
