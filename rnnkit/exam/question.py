"""What a question is: a function that draws numbers and gives the text, the model answer and the marks."""

import inspect
import re
from dataclasses import dataclass, field

from rnnkit.exam.draw import Draw
from rnnkit.exam.fill import fill

LEVELS = {1: "know and compute", 2: "derive and apply", 3: "judge and transfer"}
VERSIONS = "AB"
ATTEMPTS = 200  # at numbers that the other version has not


@dataclass(eq=False)
class Drawn:
    """A question with its numbers.

    text, answer: Markdown with TeX between dollars; ``<<name>>`` and ``<<name:.3f>>`` stand for a value.
    marks: (points, what they are given for), in the order of the answer.
    given: what the student is told, by name. numbers: what is asked for, by name: each must stand in the answer.
    shown: other words and numbers that the texts use.
    """

    text: str
    answer: str
    marks: list
    given: dict = field(default_factory=dict)
    numbers: dict = field(default_factory=dict)
    shown: dict = field(default_factory=dict)

    def __post_init__(self):
        values = self.given | self.numbers | self.shown
        self.text, _ = fill(paragraphs(self.text), values)
        self.answer, used = fill(paragraphs(self.answer), values)
        self.marks = [(points, fill(what, values)[0]) for points, what in self.marks]
        left = set(self.numbers) - used
        if left:
            raise ValueError(
                f"answer: expected every number, got none of {sorted(left)}"
            )

    @property
    def kept(self):
        """What a student of the other version must not find again: what is given, or the text where nothing is."""
        return repr(self.given) if self.given else self.text

    @property
    def points(self):
        return sum(points for points, _ in self.marks)


def paragraphs(text):
    """The text without its indentation, each part (a), (b), ... a paragraph of its own."""
    return re.sub(r"(?<!\n)\n(?=\([a-e]\) )", "\n\n", inspect.cleandoc(text))


@dataclass(frozen=True)
class Question:
    """A question of the bank: id, title, level 1 to 3, the chapters (numbers) it needs, and what writes it."""

    id: str
    title: str
    level: int
    chapters: tuple
    write: object

    def draw(self, seed, version="A"):
        """The question with the numbers of one version; no two versions of a seed are the same.

        Raises:
            ValueError: a seed that is no whole number from 0, an unknown version.
        """
        check_seed(seed)
        if not (isinstance(version, str) and len(version) == 1 and version in VERSIONS):
            raise ValueError(
                f"version: expected one of {', '.join(VERSIONS)}, got {version!r}"
            )
        earlier = []
        for letter in VERSIONS[: VERSIONS.index(version) + 1]:
            for attempt in range(ATTEMPTS):
                drawn = self.write(Draw(seed, self.id, letter, attempt))
                if drawn.kept not in earlier:
                    break
            else:
                raise ValueError(f"{self.id}: version {letter} is like another one")
            earlier.append(drawn.kept)
        return drawn


def check_seed(seed):
    """Raise ValueError unless the seed is a whole number from 0."""
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed: expected a whole number from 0, got {seed!r}")


def question(title, level, chapters):
    """Make a question of the function below; its id comes from the module's and the function's name."""

    def register(write):
        chapter = write.__module__.rpartition("_")[2]
        name = write.__name__.replace("_", "-")
        if level not in LEVELS:
            raise ValueError(f"{name}: expected a level from 1 to 3, got {level!r}")
        return Question(f"{chapter}-{name}", title, level, tuple(chapters), write)

    return register
