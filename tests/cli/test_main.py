"""The command as a whole: without torch, interrupted, piped, installed."""

import signal
import subprocess
import sys
import tomllib

import pytest

from .runs import FILES, ROOT, TINY, names, start


@pytest.mark.parametrize(
    ("missing", "arguments", "code"),
    [
        ("torch", ["sample", "model"], 2),
        ("matplotlib", ["train", "my.txt", "--out", "model"], 2),
        ("torch", ["train", "--help"], 0),
    ],
)
def test_without_torch(missing, arguments, code):
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        f"from rnnkit.cli import main; sys.exit(main({arguments!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT
    )
    expected = f'rnnkit: error: {missing} is not installed: pip install "rnnkit[nn]"\n'
    assert done.stderr == ("" if code == 0 else expected)
    assert done.returncode == code


def test_ctrl_c_outside_training_is_no_traceback(trained, rnnkit_, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("rnnkit.cli.use.load_charlm", interrupted)
    assert rnnkit_("sample", trained) == (130, "", "rnnkit: interrupted\n")


@pytest.mark.trains
def test_ctrl_c_ends_a_process_that_trains_in_good_order(text, tmp_path):
    options = ("--steps", 1_000_000, "--evaluations", 1, "--out", tmp_path, *TINY)
    process = start("train", text, *options)
    seen = b""
    while b" gone" not in seen:  # the bar: training is under way
        seen += process.stderr.read(1)
    process.send_signal(signal.SIGINT)
    printed, errors = (stream.decode() for stream in process.communicate(timeout=600))
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert "Interrupted at step" in printed
    assert names(tmp_path) == FILES


def test_a_reader_that_has_enough_is_no_error(trained):
    process = start("sample", trained, "--length", 1_000_000)
    first = process.stdout.read(10)
    process.stdout.close()
    assert process.wait(timeout=600) == 141
    assert len(first) == 10
    assert process.stderr.read() == b""
    process.stderr.close()


def test_the_installed_command():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    assert project["scripts"] == {"rnnkit": "rnnkit.cli:main"}
    done = start("--help")
    printed, errors = done.communicate(timeout=600)
    assert (done.returncode, errors) == (0, b"")
    assert printed.startswith(b"usage: rnnkit")
