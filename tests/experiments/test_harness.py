"""Parts are chosen, kept, taken up again and measured anew; a report is whole or not there."""

import json

import numpy as np
import pytest

from experiments import harness
from experiments.harness import Experiment, collect, each, main, read, run


@pytest.fixture
def path(tmp_path):
    return tmp_path / "toy.json"


def make(**changes):
    """An experiment with two parts, the second of three runs, and a list of what it did."""
    done = []

    def first(known, value=1):
        done.append("first")
        return {"value": value}

    def second(known, seeds=(0, 1, 2), stop_at=None):
        def measure(seed):
            if seed == stop_at:
                raise KeyboardInterrupt
            done.append(seed)
            return {"seed": seed, "result": 10 * seed}

        wanted = [{"seed": seed} for seed in seeds]
        return collect(known, "second", {"rule": (1, 2)}, wanted, measure)

    def ship():
        done.append("ship")

    settings = {"parts": {"first": first, "second": second}, "about": {"size": [3]}}
    return Experiment("toy", ships={"ship": ship}, **settings | changes), done


def test_all_parts_are_measured_once_and_ship_nothing(path):
    toy, done = make()
    run(toy, path=path)
    report = read(path)
    assert report.pop("machine").startswith("one core of ")
    assert report.pop("command") == "python -m experiments.toy"
    assert report == {
        "size": [3],
        "first": {"value": 1, "seconds": 0},
        "second": {
            "rule": [1, 2],
            "runs": [{"seed": seed, "result": 10 * seed} for seed in range(3)],
            "seconds": 0,
        },
    }
    written = path.read_bytes()
    run(toy, path=path)
    assert done == ["first", 0, 1, 2]
    assert path.read_bytes() == written
    assert list(path.parent.iterdir()) == [path]
    run(toy, ["ship"], path)
    assert done[-1] == "ship"


def test_parts_are_chosen_and_measured_anew(path):
    toy, done = make()
    run(toy, ["second"], path)
    assert "first" not in read(path)
    run(toy, ["second"], path)
    assert done == [0, 1, 2]
    run(toy, ["second"], path, again=True)
    assert done == [0, 1, 2] * 2
    run(toy, ["second"], path, keep=True, seeds=(2, 3, 0))
    assert done[6:] == [3]
    assert [r["seed"] for r in read(path)["second"]["runs"]] == [2, 3, 0]


def test_an_interrupted_part_is_taken_up_again(path):
    toy, done = make()
    with pytest.raises(KeyboardInterrupt):
        run(toy, ["second"], path, stop_at=2)
    report = read(path)
    assert report["unfinished"] == ["second"]
    assert len(report["second"]["runs"]) == 2
    with pytest.raises(ValueError, match="expected the part 'second', which comes"):
        harness.require(report, "second")
    run(toy, ["second"], path)
    assert done == [0, 1, 2]
    assert "unfinished" not in read(path)
    assert harness.require(read(path), "second")["runs"][2] == {"seed": 2, "result": 20}


def test_runs_under_other_settings_are_not_kept(path):
    known = {"second": {"rule": [1], "runs": [{"seed": 0, "result": 7}]}}
    measure = lambda seed: {"seed": seed, "result": 0}  # noqa: E731
    for rule, result in (((1,), 7), ((2,), 0)):
        *_, found = collect(known, "second", {"rule": rule}, [{"seed": 0}], measure)
        assert found == {"rule": list(rule), "runs": [{"seed": 0, "result": result}]}


def test_a_report_under_other_settings_is_refused_and_left_alone(path):
    run(make()[0], ["first"], path)
    written = path.read_bytes()
    toy, done = make(about={"size": (4,)})
    with pytest.raises(ValueError, match=r"expected size = \[4\], got \[3\]"):
        run(toy, ["second"], path)
    assert not done
    assert path.read_bytes() == written


def test_a_part_that_fails_leaves_the_report_as_it_was(path):
    toy, _ = make()
    run(toy, ["first"], path)
    written = path.read_bytes()
    bad, _ = make(parts={"bad": lambda known: {"array": np.zeros(3)}})
    with pytest.raises(TypeError, match="not JSON serializable"):
        run(bad, ["bad"], path)
    assert path.read_bytes() == written
    assert list(path.parent.iterdir()) == [path]


def test_every_machine_that_measured_a_part_is_named(path, monkeypatch):
    toy, _ = make()
    for name, where in (("first", "one core of A"), ("second", "one core of B")) * 2:
        monkeypatch.setattr(harness, "machine", lambda where=where: where)
        run(toy, [name], path, again=True)
    assert read(path)["machine"] == "one core of A; one core of B"


def test_runs_come_in_the_order_wanted():
    known = [{"k": 2, "of": "earlier"}]
    steps = list(each([{"k": k} for k in (1, 2)], known, lambda k: {"k": k}))
    assert steps == [known, [{"k": 1}, *known]]


def test_the_command_line(path, capsys, monkeypatch):
    monkeypatch.setattr(harness, "threadpool_limits", lambda n: None)
    toy, done = make()
    main(toy, "A toy.", ["first", "--out", str(path)])
    assert set(read(path)) == {"command", "machine", "size", "first"}
    written = path.read_bytes()
    capsys.readouterr()
    main(toy, "A toy.", ["second", "--print", "--out", str(path)])
    assert path.read_bytes() == written
    printed = capsys.readouterr().out
    assert json.loads(printed[printed.index('{\n "second"') :])["second"]["runs"]
    with pytest.raises(SystemExit):
        main(toy, "A toy.", ["third", "--out", str(path)])
    assert "expected some of ['first', 'second', 'ship']" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(toy, "A toy.", ["--help"])
    assert "python -m experiments.toy" in capsys.readouterr().out


def test_numbers_become_short():
    assert harness.rounded({"a": [0.123456, 1], "b": "c"}) == {
        "a": [0.1235, 1],
        "b": "c",
    }
    values = np.array([[1234.5, np.nan], [1e-9, np.inf]], np.float32)
    assert harness.significant(values) == [[1230.0, None], [1e-9, None]]
    assert harness.significant(0.12345, 4) == 0.1235
