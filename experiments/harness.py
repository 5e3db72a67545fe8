"""What all experiments share: parts that can be chosen, a report that grows with them, the machine they ran on.

Each is run from the root of the repository, and writes rnnkit/data/runs/NAME.json:

    python -m experiments.lstm                what the report does not hold yet
    python -m experiments.lstm deep bias      these parts, where it does not hold them yet
    python -m experiments.lstm deep --again   a part measured anew
    python -m experiments.gru runs --keep     a part gone through again; runs that it holds are kept
    python -m experiments.gru speed --print   measured anew and printed, nothing written

A part that was interrupted is taken up again. One thread, and steps instead of minutes: on one machine the
same numbers come out every time.
"""

import argparse
import inspect
import json
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

import rnnkit
from rnnkit.data.runs import FOLDER
from rnnkit.nn.checkpoint import write_atomically


@dataclass(frozen=True)
class Experiment:
    """What one module measures.

    name: of the module and of its report.
    parts: name -> function(known, **sizes). known: what the report holds so far, a dict. It returns what it found,
        as JSON can hold it, or yields that again and again while it grows. Its usual sizes are its defaults.
    about: settings that hold for all parts; they stand at the head of the report.
    ships: name -> function(**sizes) that writes a model that comes with the package. Runs only where it is named.
    """

    name: str
    parts: dict[str, Callable]
    about: dict = field(default_factory=dict)
    ships: dict[str, Callable] = field(default_factory=dict)

    @property
    def command(self) -> str:
        return f"python -m experiments.{self.name}"

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.json"


def main(experiment: Experiment, doc: str, arguments: list | None = None) -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        prog=experiment.command,
        description=doc,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    names = [*experiment.parts, *experiment.ships]
    parser.add_argument("part", nargs="*", help=f"some of {', '.join(names)}")
    parser.add_argument("--again", action="store_true", help="measure anew")
    parser.add_argument("--keep", action="store_true", help="keep the runs, add others")
    parser.add_argument("--print", action="store_true", help="print, write nothing")
    parser.add_argument("--out", type=Path, default=experiment.path, help="the report")
    options = parser.parse_args(arguments)
    names = list(experiment.parts) if options.print else names
    if not set(options.part) <= set(names):
        parser.error(f"part: expected some of {names}, got {options.part}")
    torch.set_num_threads(1)
    threadpool_limits(1)
    if options.print:
        show(experiment, options.part, options.out)
    else:
        run(experiment, options.part, options.out, options.again, options.keep)


def run(
    experiment: Experiment,
    names: Iterable[str] = (),
    path: Path | None = None,
    again: bool = False,
    keep: bool = False,
    **sizes: Any,
) -> None:
    """Measure parts and write them into the report; what it holds already is left as it is.

    Arguments:
        names: of parts and of models to ship; none for all parts.
        path: the report, the stored one if None.
        again: measure these parts anew. keep: go through them again, but keep the runs that they hold.
        sizes: keyword arguments of the parts, other than their defaults.

    Raises:
        ValueError: the report was made under other settings.
    """
    path = path or experiment.path
    check_settings(experiment, path)
    for name in names or experiment.parts:
        if name in experiment.ships:
            experiment.ships[name](**sizes)
        elif again or keep or name not in finished(read(path)):
            measure(experiment, name, path, again, sizes)
        else:
            print(f"{name}: {path.name} has it; --again measures it anew", flush=True)


def measure(
    experiment: Experiment, name: str, path: Path, again: bool, sizes: dict
) -> None:
    """Measure one part, and write what is found as it grows."""
    known = read(path)
    if again:
        known.pop(name, None)
    earlier, begun = known.get(name), time.process_time()
    before = earlier.get("seconds", 0) if isinstance(earlier, dict) else 0
    for found in growing(experiment.parts[name](known, **sizes)):
        seconds = before + round(time.process_time() - begun)
        if isinstance(found, dict):
            found = {**found, "seconds": seconds}
        write(experiment, path, name, found, done=False)
    write(experiment, path, name, found, done=True)
    print(f"{name}: {seconds} s", flush=True)


def growing(found: Any) -> Iterator:
    """What a part returned, once, or what it yields, one by one."""
    if inspect.isgenerator(found):
        yield from found
    else:
        yield found


def show(experiment: Experiment, names: Iterable[str], path: Path) -> None:
    """Measure parts anew and print what they found; nothing is written."""
    for name in names or experiment.parts:
        known = read(path)
        known.pop(name, None)
        *_, found = growing(experiment.parts[name](known))
        print(json.dumps({name: found}, indent=1), flush=True)


def read(path: Path) -> dict:
    """The report as it is, or an empty dict."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def finished(report: dict) -> set[str]:
    """The keys of a report less the parts that were interrupted."""
    return set(report) - set(report.get("unfinished", ()))


def check_settings(experiment: Experiment, path: Path) -> None:
    """Raise ValueError unless the report, if there is one, was made under the experiment's settings."""
    report, about = read(path), json.loads(json.dumps(experiment.about))
    for key, value in about.items():
        if report.get(key, value) != value:
            raise ValueError(
                f"{path}: expected {key} = {value}, got {report[key]}: move this report away, or name another"
            )


def write(
    experiment: Experiment, path: Path, name: str, found: Any, done: bool
) -> None:
    """Put one part into the report, whole or not at all; the others stay.

    It is read just before it is written: parts may be measured side by side.
    """
    report = read(path)
    unfinished = {*report.pop("unfinished", ()), name} - ({name} if done else set())
    # Parts may be measured on several machines: all of them are named.
    machines = dict.fromkeys([*report.get("machine", "").split("; "), machine()])
    report |= {
        "command": experiment.command,
        "machine": "; ".join(filter(None, machines)),
    }
    report |= {**experiment.about, name: found}
    if unfinished:
        report["unfinished"] = sorted(unfinished)
    text = json.dumps(report, indent=1) + "\n"
    write_atomically(path, lambda scratch: scratch.write_bytes(text.encode()))


def each(
    wanted: list[dict], known: Iterable[dict], measure: Callable
) -> Iterator[list]:
    """Measure what is wanted and not yet known; yields the runs so far, in the order wanted.

    wanted: settings. known: earlier runs; one with all of the settings in it stands for them.
    measure: function(**settings) that returns a run, a dict with the settings in it.
    """
    found = [look_up(known, settings) for settings in wanted]
    yield [run for run in found if run]
    for k, settings in enumerate(wanted):
        if found[k] is None:
            found[k] = measure(**settings)
            print(found[k], flush=True)
            yield [run for run in found if run]


def collect(
    known: dict, name: str, settings: dict, wanted: list[dict], measure: Callable
) -> Iterator[dict]:
    """A part of many runs: yields the settings that they share with the "runs" so far, see `each`.

    Runs that the report holds already are kept if they were made under the same settings.
    """
    part, settings = known.get(name, {}), json.loads(json.dumps(settings))
    earlier = part.get("runs", ()) if settings.items() <= part.items() else ()
    for runs in each(wanted, earlier, measure):
        yield {**settings, "runs": runs}


def look_up(runs: Iterable[dict], settings: dict) -> dict | None:
    """The first run that has these settings, or None."""
    return next((run for run in runs if settings.items() <= run.items()), None)


def require(known: dict, name: str) -> Any:
    """What the report holds of a part on which another rests; ValueError if it is missing."""
    if name not in finished(known):
        raise ValueError(f"known: expected the part {name!r}, which comes first")
    return known[name]


def rounded(value: Any, digits: int = 4) -> Any:
    """The same dict, list or number with fewer digits behind the point."""
    if isinstance(value, dict):
        return {key: rounded(v, digits) for key, v in value.items()}
    if isinstance(value, list):
        return [rounded(v, digits) for v in value]
    return round(value, digits) if isinstance(value, float) else value


def significant(array: Any, digits: int = 3) -> Any:
    """Numbers as JSON can hold them: significant digits, None for what is not finite."""
    flat = [
        float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in np.ravel(array)
    ]
    return np.array(flat, dtype=object).reshape(np.shape(array)).tolist()


def machine() -> str:
    """The processor's name, and what ran on it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = (line.split(": ")[1] for line in lines if line.startswith("model name"))
    core = next(names, platform.processor())
    return f"one core of {core}, torch {torch.__version__}, Python {platform.python_version()}"


def versions() -> dict[str, str]:
    """What a shipped model says of the programs that made it."""
    return {
        "rnnkit": rnnkit.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }
