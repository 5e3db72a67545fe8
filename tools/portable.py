"""Run the chapters, and the tests that train, as other processors would compute them.

    python tools/portable.py                      every chapter, every setting, then the tests
    python tools/portable.py 05 08                these chapters, and no tests
    python tools/portable.py --seeds 4 05         each setting with four draws of all random numbers
    python tools/portable.py --settings avx2      these settings only (--list names them)
    python tools/portable.py --settings other     the one that differs most from this machine

A processor changes the last digits of every sum, and a training run takes them wherever chaos leads. So no assert
may rest on one trajectory. Each setting below makes the libraries compute as on a processor that lacks some
instructions. Seed 0 is the chapter as it stands: nbval runs it and compares what it prints. Other seeds add an
offset to every seed that the chapter sets, and only the asserts are looked at: they widen the range that a bound
has to stand outside of. The tables go to standard output, the runs to _build/portable, from where a second call
goes on; --fresh starts anew. The exit status is 1 if anything failed at seed 0.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import sections

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "_build" / "portable"
SETTINGS = {
    "own": {},
    # As a whole: no AVX at all, and AVX2 without AVX-512.
    "no-avx": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_CBWR": "COMPATIBLE",
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3",
    },
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4",
    },
    # One library at a time.
    "torch": {"ATEN_CPU_CAPABILITY": "default"},
    "onednn": {"ONEDNN_MAX_CPU_ISA": "SSE41"},
    "mkl": {"MKL_CBWR": "COMPATIBLE"},
    "openblas": {"OPENBLAS_CORETYPE": "Sandybridge"},
}
OTHERS = [name for name in SETTINGS if name != "own"]
OTHER = (
    "other"  # what CI runs: AVX2 where this machine has AVX-512, none where it has not
)
SEED_STEP = (
    1000  # between the draws: larger than the seeds that one chapter counts through
)
STARTUP = """import sys
sys.path.insert(0, {tools!r})
import asserted
asserted.start(get_ipython(), {path!r})
"""


def environment(setting):
    """The variables of a process that computes by this setting, on one thread, whatever this one has set."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not any(name in variables for variables in SETTINGS.values())
    }
    return inherited | {"OMP_NUM_THREADS": "1"} | SETTINGS[setting]


def other_setting():
    """The setting whose instructions are one generation older than this machine's."""
    from numpy._core._multiarray_umath import __cpu_features__ as features

    return "avx2" if features.get("AVX512F") or features.get("X86_V4") else "no-avx"


def digest(chapter):
    """Of everything that a run hangs on: the chapter's code with what it printed, and the package with its data."""
    cells = nbformat.read(chapter, as_version=4).cells
    code = json.dumps([cell for cell in cells if cell.cell_type == "code"])
    found = sorted((ROOT / "rnnkit").rglob("*"))
    files = [file for file in found if file.is_file() and file.suffix != ".pyc"]
    parts = [code.encode(), *(file.read_bytes() for file in files)]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def run_chapter(chapter, setting, seed, fresh=False):
    """Run one chapter by nbval with its asserts watched; returns what was found, from its file if it ran before."""
    folder = RUNS / f"{chapter.stem}.{setting}.{seed}"
    result = folder / "result.json"
    key = digest(chapter)
    if result.is_file() and not fresh:
        found = json.loads(result.read_text(encoding="utf-8"))
        if found["digest"] == key:
            return found
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    record = folder / "record.json"
    record.unlink(missing_ok=True)
    code = STARTUP.format(tools=str(ROOT / "tools"), path=str(record))
    (startup / "watch.py").write_text(code, encoding="utf-8")
    variables = environment(setting) | {
        "IPYTHONDIR": str(folder / "ipython"),
        "PORTABLE_SEED": str(seed * SEED_STEP),
    }
    compare = "--nbval-lax" if seed else "--nbval"
    options = f"{compare} --nbval-sanitize-with tests/nbval.cfg --nbval-cell-timeout 900 -p no:cacheprovider"
    report = folder / "report.xml"
    start = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", str(chapter), "-o", "addopts="]
    # Once is enough here: the comparison of bytes would execute the chapter again.
    command += ["--deselect", f"{chapter.relative_to(ROOT)}::same bytes"]
    command += [*options.split(), f"--junitxml={report}"]
    output = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    if not record.is_file() or not report.is_file():
        raise RuntimeError(
            f"{chapter.name} did not start under {setting}:\n{output.stdout[-2000:]}{output.stderr[-2000:]}"
        )
    found = json.loads(record.read_text(encoding="utf-8")) | {
        "digest": key,
        "seconds": round(time.perf_counter() - start),
        "cells": failed_cells(report),
    }
    result.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return found


def failed_cells(report):
    """{name of a cell: first lines of what nbval says} for each cell that failed."""
    cases = ElementTree.parse(report).iter("testcase")
    broken = [
        (c, b) for c in cases for b in (*c.findall("failure"), *c.findall("error"))
    ]
    return {case.get("name"): said(problem.text or "") for case, problem in broken}


def said(text):
    """The telling lines of nbval's report: what differs, or the error."""
    text = re.sub(r"\x1b\[[\d;]*m", "", text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [
        line for line in lines if re.match(r"(assert|mismatch|[+-] |\w*Error)", line)
    ]
    return " | ".join((telling or lines[-3:])[:6])[:300]


def failures(found):
    """The cells of a run that failed: by an assert, by an error or by another output."""
    by_assert = {
        where.split(":")[0].replace("cell", "Cell") for where in found["failed"]
    }
    return sorted(
        by_assert | set(found["cells"]), key=lambda cell: int(cell.split()[1])
    )


def run_tests(setting):
    """Run the tests that train; returns the lines that name the failures, and the closing line."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "trains", "tests"]
    output = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(setting),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = output.stdout.strip().splitlines()
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    if output.returncode and not failed:
        failed = lines[-5:] + output.stderr.splitlines()[-5:]
    return failed, lines[-1] if lines else "nothing ran"


def ranges(runs):
    """{assert: {comparison: ([lowest, highest] per side, runs in which it failed, number of runs)}}."""
    table = {}
    for found in runs:
        failed = set(found["failed"])
        for where, comparisons in found["compared"].items():
            row = table.setdefault(where, {"failed": 0, "runs": 0, "sides": {}})
            row["runs"] += 1
            row["failed"] += any(one.startswith(where) for one in failed)
            for comparison, sides in comparisons.items():
                met = row["sides"].setdefault(comparison, [[] for _ in sides])
                for values, side in zip(met, sides, strict=False):
                    if side:
                        values.append(side)
    return table


def varies(values):
    """Does this side of a comparison differ between runs by more than rounding?"""
    low, high = min(v[0] for v in values), max(v[1] for v in values)
    lows, highs = {v[0] for v in values}, {v[1] for v in values}
    spread = max(max(lows) - min(lows), max(highs) - min(highs))
    return spread > 1e-6 * max(abs(low), abs(high), 1e-12)


def print_ranges(chapter, runs):
    """One line for each comparison of the chapter that changes from run to run."""
    for where, row in ranges(runs).items():
        for comparison, sides in row["sides"].items():
            if not any(values and varies(values) for values in sides):
                continue
            shown = [
                f"[{min(v[0] for v in values):.4g}, {max(v[1] for v in values):.4g}]"
                if values
                else "?"
                for values in sides
            ]
            verdict = (
                f"FAILED {row['failed']} of {row['runs']}" if row["failed"] else ""
            )
            cell = where.split(":")[0]
            print(
                f"{chapter.stem[:2]} {cell}: {comparison}\n      {' : '.join(shown)}  {verdict}"
            )


def print_table(chapters, settings, runs, seeds):
    """Chapter by setting: the failed cells at seed 0, and how many of the other draws failed."""
    print(
        "\n| chapter | setting | seconds | failed cells as it stands | other draws that failed |"
    )
    print("|---|---|---|---|---|")
    for chapter in chapters:
        for setting in settings:
            found = runs[chapter, setting, 0]
            cells = ", ".join(failures(found)) or "-"
            others = [
                failures(runs[chapter, setting, seed]) for seed in range(1, seeds)
            ]
            drawn = f"{sum(map(bool, others))} of {len(others)}" if others else ""
            print(
                f"| {chapter.stem} | {setting} | {found['seconds']} | {cells} | {drawn} |"
            )
            for where in found["failed"]:
                print(f"    {where}")
            for cell, text in found["cells"].items():
                print(f"    {cell}: {text}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("chapters", nargs="*", help="first letters of notebooks")
    parser.add_argument(
        "--settings", nargs="+", choices=[*SETTINGS, OTHER], default=OTHERS
    )
    parser.add_argument(
        "--seeds", type=int, default=1, help="draws a setting, 1 at least"
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="runs side by side"
    )
    parser.add_argument("--fresh", action="store_true", help="forget earlier runs")
    parser.add_argument("--ranges", action="store_true", help="print what was compared")
    parser.add_argument(
        "--list", action="store_true", help="print the settings and stop"
    )
    arguments = parser.parse_args()
    if arguments.list:
        for name, variables in SETTINGS.items():
            print(name, " ".join(f"{k}={v}" for k, v in variables.items()))
        return 0
    settings = [other_setting() if s == OTHER else s for s in arguments.settings]
    chapters = [
        path
        for path in sections.chapters()
        if not arguments.chapters or path.name.startswith(tuple(arguments.chapters))
    ]
    if not chapters or arguments.seeds < 1:
        parser.error(
            "no such chapter" if arguments.seeds > 0 else "--seeds: expected 1 at least"
        )
    jobs = [
        (chapter, setting, seed)
        for seed in range(arguments.seeds)
        for chapter in chapters
        for setting in settings
    ]

    def run(job):
        found = run_chapter(*job, fresh=arguments.fresh)
        chapter, setting, seed = job
        print(
            f"{chapter.stem} {setting} {seed}: {found['seconds']} s, "
            f"failed: {', '.join(failures(found)) or '-'}",
            file=sys.stderr,
            flush=True,
        )
        return found

    with ThreadPoolExecutor(arguments.jobs) as pool:
        runs = dict(zip(jobs, pool.map(run, jobs), strict=True))
    if arguments.ranges:
        for chapter in chapters:
            print_ranges(
                chapter, [found for job, found in runs.items() if job[0] == chapter]
            )
    print_table(chapters, settings, runs, arguments.seeds)
    broken = any(failures(found) for job, found in runs.items() if job[2] == 0)
    if not arguments.chapters:
        for setting in settings:
            failed, closing = run_tests(setting)
            print(f"tests that train, {setting}: {closing}")
            for line in failed:
                print(f"    {line}")
            broken |= bool(failed)
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
