"""The course's commands, the same on every system: `python make.py book`, `python make.py test`, and so on.

The Makefile only calls this file, so `make book` and `python make.py book` do the same; on Windows, which has no make,
write `py make.py book`. Python 3.11 or newer is enough: what a command needs is installed into .venv first. What
follows a command is handed on, as in `python make.py audit --runs 5 04`; `python make.py` lists the commands.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SITE = ROOT / "_build" / "html" / "index.html"
SITE_SOURCES = (
    "_config.yml",
    "_toc.yml",
    "CHANGELOG.md",
    "book",
    "notebooks",
    "problems",
    "rnnkit",
    "tools",
    "constraints.txt",
    "pyproject.toml",
    "_build/pdf",
    "_build/problems",
    "_build/slides",
)
OLDEST = (3, 11)
EXTRAS = {  # a stamp in .venv, the extras behind it, and what is said before they are installed
    "site": ("site", "Installing what the site needs ..."),
    "grading": ("site,grading", "Installing what grades problem sets ..."),
    "all": (
        "site,notebooks,test,pdf,grading",
        "Installing what the chapters and the tests need (PyTorch is about 200 MB) ...",
    ),
}
COMMANDS = {}


def command(needs=None, data=False):
    """Make a command of a function: its name, the first line of its docstring, and what must be there before it runs.

    needs: "site" or "all", the packages; data: whether the data archives are needed too.
    """

    def register(function):
        name = function.__name__.replace("_", "-")
        COMMANDS[name] = (function, needs, data)
        return function

    return register


@command("site")
def book(*arguments):
    """build the site and say where to open it"""
    if not SITE.is_file() or SITE.stat().st_mtime < newest_source():
        build()
    print(
        f"The course is in {SITE.relative_to(ROOT)}: open {SITE.as_uri()}, or run "
        "the command serve for the live figures."
    )


@command("site")
def serve(*arguments):
    """serve the site at localhost:8000 (--port), rebuilt when a file changes"""
    python("tools/serve.py", *arguments)


@command("all")
def lab(*arguments):
    """open JupyterLab with everything installed"""
    # In a checkout: look at every commit. The hooks call .venv/bin.
    if (ROOT / ".git").exists() and os.name != "nt":
        python("-m", "pre_commit", "install", check=False, quiet=True)
    python("-m", "jupyter", "lab", "notebooks", *arguments)


@command("all")
def lint(*arguments):
    """check style, format and types"""
    python("-m", "ruff", "check", ".")
    python("-m", "ruff", "format", "--check", ".")
    python("-m", "mypy")


@command("all", data=True)
def test(*arguments):
    """run all tests, or those that are named"""
    python("-m", "pytest", *arguments)


@command("all", data=True)
def notebooks(*arguments):
    """execute and normalise all chapters in place"""
    python("tools/notebooks.py", *arguments)


@command("site")
def student(*arguments):
    """write student notebooks, without solutions, and a zip of each"""
    python("tools/takeaway.py", "student", *arguments)


@command("site")
def solutions(*arguments):
    """write notebooks with solutions, and a zip of each"""
    python("tools/takeaway.py", "solutions", *arguments)


@command("site")
def slides(*arguments):
    """write the slides of all chapters, or of those that are named"""
    python("tools/slides.py", *arguments)


@command("all")
def pdf_slides(*arguments):
    """write the slides and print each deck as PDF (needs a Chromium)"""
    python("tools/slides.py", "--pdf", *arguments)


@command("all", data=True)
def rehearse(*arguments):
    """run every student notebook, as handed out and solved, half an hour"""
    python("tools/selfchecks.py", "--rehearse", *arguments)


@command("all")
def data(*arguments):
    """fetch the data archives, once"""
    python("-m", "rnnkit.data")


@command("all")
def pdf(*arguments):
    """print the course as one PDF, _build/pdf/course.pdf (needs a Chromium), which the site then offers"""
    book()
    python("tools/pdf.py", *arguments)


@command("site")
def exam(*arguments):
    """write an exam, versions A and B with marking schemes (--seed 2027, --chapters 1-4)"""
    python("-m", "rnnkit", "exam", *arguments)


@command("grading")
def problems(*arguments):
    """write the problem sets for students, without solutions and hidden tests (--seed 2027)"""
    python("tools/problems.py", "problems", *arguments)


@command("grading")
def collect(*arguments):
    """take in what students have sent (--from FOLDER)"""
    python("tools/problems.py", "collect", *arguments)


@command("grading")
def grade(*arguments):
    """grade what was collected, and write a table of points"""
    python("tools/problems.py", "grade", *arguments)


@command("grading")
def feedback(*arguments):
    """write a page for every student of what was right and what was not"""
    python("tools/problems.py", "feedback", *arguments)


@command("all", data=True)
def portable(*arguments):
    """run all that trains as other processors would (--settings, --ranges), half an hour"""
    python("tools/portable.py", *arguments)


@command()
def versions(*arguments):
    """run unit tests and two chapters with this Python, or --lowest: the oldest packages allowed"""
    python("tools/versions.py", *arguments, program=sys.executable)


@command("all")
def bench(*arguments):
    """time numpy against torch, in pairs"""
    # torch picks its kernels for this processor; numpy's OpenBLAS shall do so too.
    os.environ.pop("OPENBLAS_CORETYPE", None)
    python("-m", "pytest", "benchmarks", "-q", "-n", "0", *arguments)


@command("all")
def audit(*arguments):
    """judge every page with Lighthouse and the newest axe (needs Node, nothing else does)"""
    book()
    python("tools/audit.py", *arguments)


@command("all")
def cards(*arguments):
    """draw the pictures for shared links that are stale"""
    python("tools/cards.py", *arguments)


@command("all")
def release(*arguments):
    """check that version, changelog, citation, cards and pages agree (--as 1.2.0 sets them)"""
    book()
    python("tools/release.py", *arguments)


@command()
def clean(*arguments):
    """remove the built site (not the environment)"""
    shutil.rmtree(ROOT / "_build", ignore_errors=True)
    print("Removed _build.")


def interpreter(folder, windows=os.name == "nt"):
    """The Python of a virtual environment in this folder."""
    return folder / ("Scripts/python.exe" if windows else "bin/python")


def python(*arguments, program=None, check=True, quiet=False):
    """Run Python with these arguments in the repository's root; stop with its status if it fails.

    program: another Python than the one in .venv.
    """
    given = [str(program or interpreter(VENV)), *map(str, arguments)]
    # Windows would read and print in a code page of its own.
    environment = {**os.environ, "PYTHONUTF8": "1"}
    output = subprocess.DEVNULL if quiet else None
    run = subprocess.run(given, cwd=str(ROOT), env=environment, stdout=output)
    if check and run.returncode:
        sys.exit(run.returncode)


def build():
    """Build the site, every warning an error, and note when."""
    # Jupyter Book has no `python -m` of its own.
    call = "import sys; from jupyter_book.cli.main import main; sys.argv[0] = 'jupyter-book'; main()"
    python("-c", call, "build", ".", "--quiet", "-W", "-n", "--keep-going")
    SITE.touch()


def newest_source(root=ROOT):
    """When one of the site's sources changed last, in seconds."""
    files = []
    for name in SITE_SOURCES:
        path = root / name
        files += [path] if path.is_file() else path.rglob("*")
    return max(
        path.stat().st_mtime
        for path in files
        if path.is_file()
        and path.suffix != ".pyc"
        and ".ipynb_checkpoints" not in path.parts
    )


def prepare(needs):
    """Install what a command needs into .venv, unless it is there and the lists of packages are older."""
    if not interpreter(VENV).exists():
        python("-m", "venv", VENV, program=sys.executable)
    lists = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    # The site's packages are a subset of all others, without torch.
    for name in dict.fromkeys(("site", needs)):
        stamp, (extras, told) = VENV / f"{name}.stamp", EXTRAS[name]
        newest = max(file.stat().st_mtime for file in lists)
        if not stamp.exists() or stamp.stat().st_mtime < newest:
            print(told, flush=True)
            pip = ("-m", "pip", "--disable-pip-version-check", "install", "-q")
            python(*pip, "-c", "constraints.txt", "-e", f".[{extras}]")
            stamp.touch()


def listed():
    """The commands with one line each."""
    wide = max(map(len, COMMANDS)) + 2
    return "\n".join(
        f"{name:{wide}}{function.__doc__}" for name, (function, *_) in COMMANDS.items()
    )


def main(arguments):
    if sys.version_info < OLDEST:
        sys.exit(
            f"make.py: Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is "
            f"{sys.version.split()[0]}."
        )
    name, *rest = arguments or ["help"]
    if name in ("help", "-h", "--help"):
        print(listed())
        return
    if name not in COMMANDS:
        sys.exit(f"make.py: expected one of {', '.join(COMMANDS)}; got {name!r}.")
    function, needs, needs_data = COMMANDS[name]
    if needs:
        prepare(needs)
    if needs_data:
        data()
    try:
        function(*rest)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(sys.argv[1:])
