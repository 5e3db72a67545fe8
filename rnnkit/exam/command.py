"""What `rnnkit exam` does: list the bank, or write both versions of a paper with their marking schemes."""

import os
import tempfile
from pathlib import Path

from rnnkit.exam import QUESTIONS, VERSIONS, find
from rnnkit.exam.paper import choose, exam, marking


def write_exam(options):
    """Carry out the command; returns the exit code."""
    if options.list:
        for q in QUESTIONS:
            needs = ", ".join(map(str, q.chapters))
            print(f"{q.id:24s} level {q.level}  chapters {needs:9s}  {q.title}")
        return 0
    if options.seed is None:
        raise ValueError("--seed: expected a whole number from 0, got none")
    if options.question:
        questions = [find(identifier) for identifier in options.question]
    else:
        taught = options.chapters or sorted({c for q in QUESTIONS for c in q.chapters})
        questions = choose(taught, options.points, options.seed)
    papers = written(questions, options)
    save(papers, options.out)
    points = sum(q.draw(options.seed).points for q in questions)
    print(
        f"{len(questions)} questions, {points} points, versions {' and '.join(VERSIONS)} with seed {options.seed}: "
        f"{', '.join(papers)} are in {options.out}."
    )
    return 0


def written(questions, options):
    """All files of a paper, by name."""
    papers = {}
    for version in VERSIONS:
        for kind, write in (("exam", exam), ("marking", marking)):
            text = write(questions, options.seed, version, options.title)
            if options.format == "html":
                from rnnkit.exam.printed import to_html

                text = to_html(text)
            papers[f"{kind}-{version}.{options.format}"] = text
    return papers


def save(papers, folder):
    """Put the files into the folder, each whole or not at all.

    Raises:
        ValueError: there is a file in the folder's place.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"--out: expected a folder, got the file {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for name, text in papers.items():
            Path(place, name).write_text(text, encoding="utf-8", newline="\n")
        for name in papers:
            os.replace(Path(place, name), folder / name)
