"""The questions, one module a chapter: ``chapter_07.py`` holds those that chapter 7 completes.

A module of this name is found by itself; its questions are what ``question`` has made.
"""

from importlib import import_module
from pkgutil import iter_modules

from rnnkit.exam.question import Question

MODULES = sorted(
    module.name
    for module in iter_modules(__path__)
    if module.name.startswith("chapter")
)
QUESTIONS = [
    thing
    for name in MODULES
    for thing in vars(import_module(f"{__name__}.{name}")).values()
    if isinstance(thing, Question)
]


def find(identifier):
    """The question with this id. Raises ValueError if there is none."""
    for question in QUESTIONS:
        if question.id == identifier:
            return question
    raise ValueError(
        f"question: expected an id such as {QUESTIONS[0].id!r}, got {identifier!r}"
    )
