"""The options of the command line: what they are called, what they mean, what they are if left out."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnnkit.cli import texts
from rnnkit.cli.parser import (
    COUNT,
    DROPOUT,
    LAYERS,
    POSITIVE,
    SEED,
    THREADS,
    TOP_P,
    Parser,
    chapter_list,
    text_encoding,
)

# Without --dropout: so much for each time that the text will be read, up to the most.
DROPOUT_PER_PASS, MOST_DROPOUT = 0.01, 0.2
EXPECTED_SPEED = 100_000  # characters per second: the default model on two cores
# What a run is made of. A model that is resumed brings its own.
DEFAULTS = {
    "encoding": "utf-8",
    "cell": "lstm",
    "embedding_size": 64,
    "hidden_size": 256,
    "num_layers": 1,
    "dropout": None,  # by the passes over the text
    "tie_weights": False,
    "batch_size": 16,
    "chunk_length": 64,
    "lr": 6e-3,
    "minutes": 2.0,
    "steps": None,  # instead of minutes
    "evaluations": 10,
    "seed": 1,
}
ENCODING_HELP = "of the text, such as utf-16 or cp1252"
SAMPLE_LENGTH = 500
SAMPLE_TEMPERATURE = 1.0
EXAM_POINTS = 60
EXAM_TITLE = "Recurrent Neural Networks"


def build_parser() -> Parser:
    """Return the parser of all commands."""
    parser = Parser(
        prog="rnnkit",
        description=texts.ABOUT,
        epilog="`rnnkit COMMAND --help` describes each command.",
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, title="commands"
    )
    for name, summary, about, example, add in (
        (
            "train",
            "train a model on a text",
            texts.TRAIN_HELP,
            texts.TRAIN_EXAMPLE,
            add_train,
        ),
        (
            "sample",
            "let a model write",
            texts.SAMPLE_HELP,
            texts.SAMPLE_EXAMPLE,
            add_sample,
        ),
        (
            "eval",
            "measure a model on a text",
            texts.EVAL_HELP,
            texts.EVAL_EXAMPLE,
            add_eval,
        ),
        (
            "exam",
            "write an exam in two versions, and how to mark it",
            texts.EXAM_HELP,
            texts.EXAM_EXAMPLE,
            add_exam,
        ),
    ):
        command = commands.add_parser(
            name, help=summary, description=about, epilog=example
        )
        add(command)
    return parser


def add_train(command: Parser) -> None:
    """Add the options of `rnnkit train`; those left out do not appear in the result."""
    command.add_argument("text", type=Path, metavar="TEXT", help="a text file")
    setting(command, "encoding", ENCODING_HELP, text_encoding, metavar="NAME")
    model = command.add_argument_group("model")
    setting(model, "cell", "the recurrent cell", choices=("rnn", "gru", "lstm"))
    setting(model, "embedding_size", "numbers per character", COUNT)
    setting(model, "hidden_size", "units per layer", COUNT)
    setting(model, "num_layers", "layers, 1 to 4", LAYERS, flag="--layers")
    setting(
        model,
        "dropout",
        "share of each layer's inputs dropped while training, 0 to 1 (default: "
        f"{DROPOUT_PER_PASS:g} for each time that the text will be read, at "
        f"{EXPECTED_SPEED:,} characters per second, but at most {MOST_DROPOUT:g})",
        DROPOUT,
    )
    setting(
        model,
        "tie_weights",
        "use the embedding as the output matrix too; its size is then the hidden size",
        action="store_true",
    )
    add_training(command.add_argument_group("training"))
    output = command.add_argument_group("output")
    output.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        required=True,
        help="where the model goes; made if it is not there",
    )
    existing = output.add_mutually_exclusive_group()
    existing.add_argument(
        "--resume",
        action="store_true",
        help="go on with the run in --out: interrupted, or with a longer budget; "
        "its settings hold, the text must be the same",
    )
    existing.add_argument(
        "--force", action="store_true", help="replace the model in --out"
    )


def add_training(group: argparse._ArgumentGroup) -> None:
    """Add the options that say how a model is trained."""
    budget = group.add_mutually_exclusive_group()
    setting(budget, "minutes", "train so many minutes", POSITIVE)
    setting(budget, "steps", "train so many steps instead", COUNT)
    setting(group, "batch_size", "places of the text read side by side", COUNT)
    setting(
        group, "chunk_length", "characters a step, and its gradient, reach back", COUNT
    )
    setting(group, "lr", "peak learning rate", POSITIVE)
    setting(
        group,
        "evaluations",
        "how often to measure the validation loss and save",
        COUNT,
    )
    setting(group, "seed", "of the first weights and of dropout", SEED)
    add_machine(group)


def setting(
    group: argparse._ActionsContainer,
    name: str,
    about: str,
    kind: Callable | None = None,
    flag: str | None = None,
    **options: Any,
) -> None:
    """Add an option for one of DEFAULTS. It is set only if given: --resume must tell the difference."""
    value = DEFAULTS[name]
    if value is not None and value is not False:
        shown = value if isinstance(value, str) else f"{value:g}"
        about += f" (default: {shown})"
    if "choices" not in options and "action" not in options:
        metavar = "N" if kind in (COUNT, LAYERS, SEED) else "X"
        options = {"type": kind, "metavar": metavar} | options
    flag = flag or "--" + name.replace("_", "-")
    group.add_argument(
        flag, dest=name, default=argparse.SUPPRESS, help=about, **options
    )


def add_machine(group: argparse._ActionsContainer) -> None:
    """Add --device and --threads."""
    group.add_argument(
        "--device",
        default="auto",
        metavar="NAME",
        help="cpu, cuda or mps (default: auto, the first there of cuda, mps, cpu)",
    )
    group.add_argument(
        "--threads",
        type=THREADS,
        metavar="N",
        help="threads on the CPU (default: what torch finds, or OMP_NUM_THREADS)",
    )


def add_model(command: Parser) -> None:
    """Add the first argument of the commands that use a model."""
    command.add_argument(
        "model", type=Path, metavar="MODEL", help="the --out folder of `rnnkit train`"
    )


def add_sample(command: Parser) -> None:
    """Add the options of `rnnkit sample`."""
    add_model(command)
    text = command.add_argument_group("text")
    text.add_argument(
        "--prefix",
        default="",
        metavar="TEXT",
        help="what to write on from, as the start of a line (default: nothing)",
    )
    text.add_argument(
        "--length",
        type=COUNT,
        default=SAMPLE_LENGTH,
        metavar="N",
        help=f"characters to add (default: {SAMPLE_LENGTH})",
    )
    text.add_argument(
        "--count", type=COUNT, default=1, metavar="N", help="texts (default: 1)"
    )
    add_decoding(command.add_argument_group("choice of the next character"))


def add_decoding(group: argparse._ArgumentGroup) -> None:
    """Add the options that say how the next character is chosen."""
    group.add_argument(
        "--temperature",
        type=POSITIVE,
        metavar="X",
        help="below 1 bolder in what is probable, above 1 more varied "
        f"(default: {SAMPLE_TEMPERATURE:g})",
    )
    group.add_argument(
        "--top-k", type=COUNT, metavar="N", help="draw from the N most probable only"
    )
    group.add_argument(
        "--top-p",
        type=TOP_P,
        metavar="X",
        help="draw from the fewest that together have probability X, 0 to 1",
    )
    certain = group.add_mutually_exclusive_group()
    certain.add_argument(
        "--greedy", action="store_true", help="take the most probable, never draw"
    )
    certain.add_argument(
        "--beam",
        type=COUNT,
        metavar="WIDTH",
        help="search for the most probable text, keeping WIDTH candidates",
    )
    group.add_argument(
        "--seed",
        type=SEED,
        metavar="N",
        help="same seed, same text (default: a new one)",
    )


def add_eval(command: Parser) -> None:
    """Add the options of `rnnkit eval`."""
    add_model(command)
    command.add_argument("text", type=Path, metavar="TEXT", help="a text file")
    setting(command, "encoding", ENCODING_HELP, text_encoding, metavar="NAME")
    command.set_defaults(encoding=DEFAULTS["encoding"])
    command.add_argument(
        "--drop-unknown",
        action="store_true",
        help="leave out characters that the model does not know, and say how many",
    )
    add_machine(command)


def add_exam(command: Parser) -> None:
    """Add the options of `rnnkit exam`."""
    what = command.add_argument_group("questions")
    what.add_argument(
        "--seed", type=SEED, metavar="N", help="of the numbers: same seed, same exam"
    )
    what.add_argument(
        "--chapters",
        type=chapter_list,
        metavar="LIST",
        help="those that were taught, such as 1-4,7 (default: all)",
    )
    what.add_argument(
        "--points",
        type=COUNT,
        metavar="N",
        default=EXAM_POINTS,
        help=f"choose questions of so many points (default: {EXAM_POINTS})",
    )
    what.add_argument(
        "--question",
        action="append",
        metavar="ID",
        help="take this question instead; may be given several times",
    )
    what.add_argument("--list", action="store_true", help="list the questions and end")
    output = command.add_argument_group("output")
    output.add_argument(
        "--title", default=EXAM_TITLE, help=f"of the exam (default: {EXAM_TITLE})"
    )
    output.add_argument(
        "--format",
        choices=("html", "md"),
        default="html",
        help="to print, or Markdown to edit (default: html)",
    )
    output.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        default=Path("exam"),
        help="where the four files go (default: exam)",
    )
