"""The command line: train a character model on a text of your own, let it write, measure it.

    rnnkit train my.txt --minutes 2 --out model/
    rnnkit sample model/ --prefix "ROMEO:" --temperature 0.8
    rnnkit eval model/ other.txt
    rnnkit exam --seed 2027 --chapters 1-4

It ties the other wings together. The modules behind the commands need torch and are imported last, so
`--help` answers at once and without it.
"""

import argparse
import os
import sys

from rnnkit.cli.options import build_parser
from rnnkit.cli.parser import fail

# Exit codes: 128 + the number of the signal.
INTERRUPTED, BROKEN_PIPE = 130, 141


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    arguments: list of str, those of the process if None.
    """
    options = build_parser().parse_args(arguments)
    try:
        code = run(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("rnnkit: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # `| head` has read enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        extra = "exam" if options.command == "exam" else "nn"
        return fail(f'{package} is not installed: pip install "rnnkit[{extra}]"')
    except (ValueError, OSError, FloatingPointError) as error:
        return fail(error)


def run(options: argparse.Namespace) -> int:
    """Import and carry out one command; returns the exit code."""
    if options.command == "exam":
        from rnnkit.exam.command import write_exam

        return write_exam(options)
    from rnnkit.nn.checkpoint import CheckpointError

    if options.command == "train":
        from rnnkit.cli.train import train as command
    elif options.command == "sample":
        from rnnkit.cli.use import sample as command
    else:
        from rnnkit.cli.use import evaluate as command
    try:
        return command(options)
    except CheckpointError as error:
        return fail(error)
