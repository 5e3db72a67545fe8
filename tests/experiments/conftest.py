"""A place for the reports of experiments that are tried at tiny sizes."""

import json

import pytest

from experiments.harness import finished, read, run


@pytest.fixture
def measured(tmp_path):
    """Function that runs parts of an experiment at tiny sizes; returns what a report in a folder of its own has."""

    def measure(experiment, *names, **sizes):
        path = tmp_path / f"{experiment.name}.json"
        run(experiment, names, path, **sizes)
        report = read(path)
        assert set(names) <= finished(report)
        assert (
            json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)
            == report
        )
        return [report[name] for name in names] if len(names) > 1 else report[names[0]]

    return measure
