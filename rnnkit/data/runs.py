"""Results of runs that take longer than a chapter may, stored with the command that makes them."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "runs"


def load_runs(name):
    """Return what a stored experiment measured.

    name: "char_lm" (chapter 4), "captioning" (5), "gradient_flow" (6), "lstm" (7), "gru" (8), "two_readers" and
        "deep_bidirectional" (9), "seq2seq" (10), "vqa" (11) or "pictures" (12).
    Returns a dict; "command" makes the file again, "machine" names the machines it was made on, "runs" is a list of dicts.
    Raises ValueError for an unknown name.
    """
    names = sorted(path.stem for path in FOLDER.glob("*.json"))
    if name not in names:
        raise ValueError(f"name: expected one of {names}, got {name!r}")
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
