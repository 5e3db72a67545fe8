"""A paper: questions chosen for some chapters and points, written out as an exam and as its marking scheme."""

import numpy as np

from rnnkit.exam.bank import QUESTIONS
from rnnkit.exam.question import LEVELS, check_seed

SHARES = {1: 0.4, 2: 0.4, 3: 0.2}  # of the points, by level


def choose(chapters, points, seed, levels=(1, 2, 3), bank=QUESTIONS):
    """Questions for these chapters that make so many points: the same for every version.

    Level by level towards 40, 40 and 20 % of the points, always from the chapter that has had least. A question
    is taken only if all chapters that it needs have been taught.

    Raises:
        ValueError: a bad seed, chapters without questions, or more points than there are.
    """
    check_seed(seed)
    chapters = set(chapters)
    open_ = [q for q in bank if q.level in levels and set(q.chapters) <= chapters]
    if not open_:
        raise ValueError(
            f"chapters: expected some with questions of these levels, got {sorted(chapters)}"
        )
    size = {q.id: q.draw(seed).points for q in open_}
    if not fills(size.values(), points):
        raise ValueError(
            f"points: expected a sum of the questions' points, {min(size.values())} to "
            f"{sum(size.values())} for these chapters and levels, got {points}"
        )
    order = np.random.default_rng(seed).permutation(len(open_))
    open_ = [open_[k] for k in order]
    chosen, left = [], points
    while left:
        # Whatever is taken, the rest must still come out even.
        fitting = [
            q
            for q in open_
            if fills([size[o.id] for o in open_ if o is not q], left - size[q.id])
        ]
        best = min(fitting, key=lambda q: need(q, chosen, size, points))
        chosen.append(best)
        open_.remove(best)
        left -= size[best.id]
    return sorted(chosen, key=lambda q: (q.level, q.id))


def fills(sizes, total):
    """Whether some of these sizes sum to the total."""
    sums = 1  # bit s: some of them sum to s
    for size in sizes:
        sums |= sums << size
    return total >= 0 and bool(sums >> total & 1)


def need(question, chosen, size, points):
    """How little a question is called for: its level's and then its chapter's share so far."""
    level = sum(size[q.id] for q in chosen if q.level == question.level)
    chapter = sum(size[q.id] for q in chosen if q.chapters[0] == question.chapters[0])
    return level / (SHARES[question.level] * points), chapter


def exam(questions, seed, version, title):
    """The exam of one version, Markdown."""
    drawn = [q.draw(seed, version) for q in questions]
    total = sum(d.points for d in drawn)
    parts = [
        f"# {title}",
        f"Version {version} · {len(drawn)} questions · {total} points",
        "Name: ______________________________   Number: ______________",
        "Show how you arrive at a number. Three digits are enough. A sentence of reason is part of every answer that asks "
        "why.",
    ]
    for k, d in enumerate(drawn, 1):
        parts += [f"## {k}. {questions[k - 1].title} ({counted(d.points)})", d.text]
    return "\n\n".join(parts) + "\n"


def marking(questions, seed, version, title):
    """The marking scheme of one version, Markdown: every question with its model answer and its points."""
    parts = [
        f"# {title}: model answers and marking scheme",
        f"Version {version} · seed {seed} · `rnnkit exam` makes it again. Not for students.",
        "A mistake is marked once: a later part that is right for a wrong number gets its points.",
    ]
    for k, q in enumerate(questions, 1):
        d = q.draw(seed, version)
        needs = "chapters " if len(q.chapters) > 1 else "chapter "
        needs += ", ".join(map(str, q.chapters))
        parts += [
            f"## {k}. {q.title} ({counted(d.points)})",
            f"`{q.id}` · level {q.level}, {LEVELS[q.level]} · {needs}",
            *("**Question**", d.text, "**Model answer**", d.answer, "**Points**"),
            "\n".join(f"- {counted(points)}: {what}" for points, what in d.marks),
        ]
    return "\n\n".join(parts) + "\n"


def counted(points):
    """“1 point”, “4 points”."""
    return f"{points} point{'s' * (points != 1)}"
