"""Does the course run with this Python, and with the oldest packages that it allows?

    python tools/versions.py                the packages that constraints.txt pins
    python tools/versions.py --lowest       numpy, matplotlib, torch and ipywidgets in the lowest versions of pyproject.toml
    python tools/versions.py --installed    in the environment of this Python as it is

An environment of its own is made in _build/versions. The unit tests run in it, and three chapters from top to bottom. What
they print is not compared: a trained digit may differ between versions, and each asserted bound has to hold.
"""

import argparse
import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOWERED = ("numpy", "matplotlib", "torch", "ipywidgets")
UNIT = ("tests",)
# These look at the site, at files of this repository, or at what one set of versions printed.
NOT_HERE = (
    "tests/site",
    "tests/test_notebooks.py",
    "tests/test_everywhere.py",
    "tests/test_takeaway.py",
    "tests/test_selfchecks.py",
    "tests/test_grading.py",
    "tests/test_release.py",
    "tests/test_slides.py",
    "tests/test_teaching.py",
)
CHAPTERS = ("02_vanilla_rnn", "04_char_lm", "07_lstm")


def lowest(names=LOWERED, file=ROOT / "pyproject.toml"):
    """The lowest versions that pyproject.toml allows, as requirements: ["numpy==1.26", ...].

    Raises ValueError for a package without a lower bound, or with two.
    """
    project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    found = []
    for name in names:
        bounds = {m[1] for w in wanted if (m := re.match(rf"{name}>=([\d.]+)", w))}
        if len(bounds) != 1:
            told = ", ".join(sorted(bounds)) or "none"
            raise ValueError(f"{name}: expected one lower bound, got {told}")
        found.append(f"{name}=={bounds.pop()}")
    return found


def environment(low):
    """Make an environment for the course with this Python; returns its interpreter."""
    kind = "lowest" if low else "pinned"
    here = "{}.{}".format(*sys.version_info)
    folder = ROOT / "_build" / "versions" / f"{here}-{kind}"
    venv.create(folder, with_pip=True, clear=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    needed = lowest() if low else ["-c", "constraints.txt"]
    pip = ["-m", "pip", "--disable-pip-version-check", "install", "-q"]
    run(python, *pip, "-e", ".[notebooks,test,exam]", *needed)
    return python


def run(python, *arguments):
    """Run this Python in the repository's root; stop with its status if it fails."""
    # Tests make no difference between a warning and an error; a new Python warns of what old packages do.
    given = {**os.environ, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([str(python), *arguments], cwd=ROOT, env=given, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--lowest", action="store_true", help="the oldest packages")
    kind.add_argument("--installed", action="store_true", help="install nothing")
    given = parser.parse_args()
    python = sys.executable if given.installed else environment(given.lowest)
    show = f"import sys; from importlib.metadata import version as v; print(sys.version.split()[0], *(f'{{n}} {{v(n)}}' for n in {LOWERED}), sep=', ')"
    run(python, "-c", show)
    run(python, "-m", "rnnkit.data")
    skipped = [f"--ignore={name}" for name in NOT_HERE]
    run(python, "-m", "pytest", "-q", "-W", "default", *UNIT, *skipped)
    paths = [f"notebooks/{name}.ipynb" for name in CHAPTERS]
    # `--nbval-lax` compares nothing; a cell that raises, as an assert does, fails. No comparison of bytes either.
    plain = ["-o", "addopts=", "--nbval-lax", "--nbval-cell-timeout", "900"]
    run(python, "-m", "pytest", "-q", "-W", "default", *plain, "-k", "not same", *paths)


if __name__ == "__main__":
    main()
