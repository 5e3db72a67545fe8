"""The stored runs hold what the chapters say."""

from rnnkit.data.runs import load_runs


def test_stored_runs_hold_what_the_chapter_says():
    report = load_runs("vqa")
    best, runs = report["fusions"]["best"], report["fusions"]["runs"]
    assert set(best) == {"concatenation", "multiplication"}
    for fusion, lr in best.items():
        mine = [run for run in runs if run["fusion"] == fusion]
        assert [run["seed"] for run in mine] == list(range(5))
        assert {run["lr"] for run in mine} == {lr}
    assert len({run["steps"] for run in runs}) == 1
