"""The stored reports are what the experiments would measure: the same parts, settings and runs."""

import importlib
import shutil

import pytest

from experiments.harness import check_settings, finished, read, run

NAMES = (
    "char_lm",
    "captioning",
    "gradient_flow",
    "lstm",
    "gru",
    "vqa",
    "two_readers",
    "deep_bidirectional",
    "seq2seq",
    "pictures",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_report_has_all_parts_under_the_settings_of_today(name):
    experiment = importlib.import_module(f"experiments.{name}").EXPERIMENT
    check_settings(experiment, experiment.path)
    report = read(experiment.path)
    assert report["command"] == experiment.command
    assert finished(report) >= {*experiment.parts, *experiment.about}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("gradient_flow", ("tuning", "runs", "clip")),
        ("gru", ("second_looks", "runs")),
        ("lstm", ("counting", "reasons", "deep", "plays")),
    ],
)
def test_all_stored_runs_are_wanted_and_no_other_is(name, parts, tmp_path):
    """Gone through again, they are all kept, in the same order, and nothing is trained."""
    experiment = importlib.import_module(f"experiments.{name}").EXPERIMENT
    path = tmp_path / f"{name}.json"
    shutil.copy(experiment.path, path)
    run(experiment, parts, path, keep=True)
    again, stored = read(path), read(experiment.path)
    for part in parts:
        assert without_seconds(again[part]) == without_seconds(stored[part])


def without_seconds(found):
    """A part less its seconds: to read a text takes some."""
    return found | {"seconds": 0} if isinstance(found, dict) else found
