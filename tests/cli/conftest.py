"""The command as a function, a text, and a model trained on it."""

import pytest

from rnnkit.cli import main

from .runs import TEXT, TINY


@pytest.fixture
def rnnkit_(capsys):
    """The command as a function: returns its exit code, standard output and standard error."""

    def run(*arguments):
        capsys.readouterr()
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as stop:  # how argparse ends
            code = stop.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="session")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "my.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def trained(text, tmp_path_factory):
    """A folder with a model; tests only read it."""
    out = tmp_path_factory.mktemp("trained") / "not" / "yet" / "there"
    assert main(["train", str(text), "--steps", "40", "--out", str(out), *TINY]) == 0
    return out
