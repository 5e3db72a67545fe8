"""The course runs on every system: one command, text files in UTF-8, names that every file system takes."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path, PureWindowsPath

import pytest
import yaml
from packaging.specifiers import SpecifierSet

import make

ROOT = Path(__file__).resolve().parent.parent
RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in range(10)
}
LONGEST = 120  # characters of a path: Windows allows 260, with the folder that the course lies in


def files():
    """The files of the repository, those that git would commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if run.returncode:
        pytest.skip("no checkout: git does not say which files belong to the course")
    names = run.stdout.decode().split("\0")
    return [name for name in names if name and (ROOT / name).exists()]


def makefile():
    return (ROOT / "Makefile").read_text(encoding="utf-8")


def without_encoding(source):
    """Lines of calls that read or write text in whatever encoding the system has."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if any(keyword.arg in ("encoding", None) for keyword in node.keywords):
            continue
        if name in ("read_text", "write_text"):
            wrong = len(node.args) < (1 if name == "read_text" else 2)
        elif name == "open":
            function = isinstance(node.func, ast.Name)
            owner = getattr(getattr(node.func, "value", None), "id", "")
            given = [a.value for a in node.args if isinstance(a, ast.Constant)]
            given += [k.value.value for k in node.keywords if k.arg == "mode"]
            mode = next((g for g in given if re.fullmatch("[rwaxbt+]+", str(g))), None)
            is_path = owner not in ("Image", "os", "webbrowser", "tarfile") and (
                mode is not None or not node.args
            )
            wrong = (function or is_path) and "b" not in (mode or "r")
        else:
            wrong = False
        if wrong:
            found.append(node.lineno)
    return found


def test_the_makefile_only_calls_make_py():
    phony = re.search(r"(?m)^TARGETS := ((?:.*\\\n)*.*)", makefile())[1]
    assert phony.replace("\\\n", " ").split() == [*make.COMMANDS, "help"]
    recipes = re.findall(r"(?m)^\t(.*)", makefile())
    assert sum("make.py" in recipe for recipe in recipes) == 1
    assert len(recipes) == 2  # the other one says that there is no Python


def test_every_command_says_what_it_does(capsys):
    make.main([])
    told = capsys.readouterr().out.splitlines()
    assert len(told) == len(make.COMMANDS)
    for line, (name, (function, *_)) in zip(told, make.COMMANDS.items(), strict=True):
        assert line.split()[0] == name
        assert len(function.__doc__) > 15
        assert len(line) < 110


def test_a_command_that_is_none_is_named():
    with pytest.raises(SystemExit, match=r"expected one of book, .*; got 'bok'\."):
        make.main(["bok"])


def test_an_old_python_is_told(monkeypatch):
    monkeypatch.setattr(make, "OLDEST", (9, 1))
    with pytest.raises(SystemExit, match=r"Python 9\.1 or newer is needed, this is 3"):
        make.main(["help"])


def test_a_failing_step_stops_the_command_with_its_status():
    with pytest.raises(SystemExit) as stop:
        make.python("-c", "raise SystemExit(7)", program=sys.executable)
    assert stop.value.code == 7


def test_python_speaks_utf_8_whatever_the_system_says(monkeypatch, capfd):
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("PYTHONCOERCECLOCALE", "0")
    monkeypatch.setenv("PYTHONUTF8", "0")
    code = "import locale, sys; print(locale.getpreferredencoding(), '\\u2202 한국어')"
    make.python("-c", code, program=sys.executable)
    assert capfd.readouterr().out == "utf-8 ∂ 한국어\n"


def test_the_environment_is_found_on_windows_too():
    folder = PureWindowsPath(r"C:\course\.venv")
    assert (
        str(make.interpreter(folder, windows=True))
        == r"C:\course\.venv\Scripts\python.exe"
    )
    assert make.interpreter(Path("v"), windows=False) == Path("v/bin/python")


def test_packages_are_installed_once_and_again_when_the_lists_change(
    tmp_path, monkeypatch
):
    calls = []
    monkeypatch.setattr(make, "ROOT", tmp_path)
    monkeypatch.setattr(make, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(make, "python", lambda *a, **k: calls.append(a[:2]))
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text("", encoding="utf-8")
    make.VENV.mkdir()
    make.prepare("all")
    assert calls == [("-m", "venv"), ("-m", "pip"), ("-m", "pip")]
    python = make.interpreter(make.VENV)
    python.parent.mkdir()
    python.touch()
    make.prepare("all")
    make.prepare("site")
    assert len(calls) == 3
    later = make.VENV.joinpath("site.stamp").stat().st_mtime + 5
    os.utime(tmp_path / "constraints.txt", (later, later))
    make.prepare("site")
    assert len(calls) == 4


def test_text_files_are_read_and_written_in_utf_8():
    assert without_encoding("open(a)\nopen(a, 'w')\np.open()\np.open('a')") == [
        1,
        2,
        3,
        4,
    ]
    assert without_encoding("p.read_text()\np.write_text(t)") == [1, 2]
    fine = "open(a, 'rb')\nImage.open(p)\np.open('wb')\np.read_text('utf-8')\np.write_text(t, encoding='utf-8')"
    assert without_encoding(fine) == []
    wrong = {
        name: lines
        for name in files()
        if name.endswith(".py")
        and (lines := without_encoding((ROOT / name).read_text(encoding="utf-8")))
    }
    assert not wrong


def test_every_file_system_takes_the_names():
    names = files()
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert len(name) <= LONGEST, name
        for part in name.split("/"):
            assert not re.search(r'[<>:"\\|?*\x00-\x1f]', part), name
            assert part == part.rstrip(" ."), name
            assert part.split(".")[0].lower() not in RESERVED, name


def test_a_checkout_on_windows_has_the_same_bytes():
    told = (ROOT / ".gitattributes").read_text(encoding="utf-8")
    assert "* text=auto eol=lf" in told.splitlines()
    for name in files():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content[:8000]:
            assert b"\r\n" not in content, name


def test_the_pinned_packages_take_the_oldest_python_that_is_promised():
    """A pin that wants 3.11.5 sends pip looking through old versions for hours on Debian 12, whose Python is 3.11.2."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    promised = tomllib.loads(text)["project"]["requires-python"]
    oldest = promised.removeprefix(">=") + ".0"
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    names = [line.split("==")[0] for line in pins if "==" in line]
    looked_at, wrong = 0, []
    for name in names:
        try:
            wanted = metadata(name)["Requires-Python"]
        except PackageNotFoundError:  # of an extra that is not installed here
            continue
        looked_at += 1
        if wanted and oldest not in SpecifierSet(wanted):
            wrong.append(f"{name} wants Python {wanted}")
    assert not wrong
    assert looked_at > 100


def test_the_workflow_runs_what_pyproject_promises():
    flow = yaml.safe_load(
        (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    )
    runs = flow["jobs"]["versions"]["strategy"]["matrix"]["include"]
    pythons = {run["python"] for run in runs}
    oldest = ".".join(map(str, make.OLDEST))
    assert pythons == {"3.11", "3.12", "3.13"}
    assert {run["python"] for run in runs if run.get("arguments")} == {oldest}
    assert {run["system"] for run in runs} > {"windows-latest"}
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">={oldest}"' in pyproject
