"""Each part of chapter 6's experiment at a tiny size."""

import numpy as np

from experiments.gradient_flow import CLIPS, EXPERIMENT, NETWORKS, RATES

TWO = {"seeds": (0, 1), "steps": 2}
LAGS = (3, 4)


def test_tuning_then_runs(measured):
    tuning = measured(EXPERIMENT, "tuning", lags=LAGS, **TWO)
    assert len(tuning) == len(LAGS) * len(NETWORKS) * len(RATES)
    runs = measured(EXPERIMENT, "runs", lags=LAGS, longer=3, **TWO)
    failed = [r for r in runs if r["lag"] == 4 and r["steps"] == 2]
    failed = [r for r in failed if np.mean(r["accuracy"]) < 0.9]
    assert failed  # two steps teach nothing
    assert len(runs) == len(LAGS) * len(NETWORKS) + len(failed) * len(RATES)


def test_clip(measured):
    found = measured(EXPERIMENT, "clip", rates=(0.1,), **TWO)
    assert [run["clip"] for run in found] == list(CLIPS)
    assert all(len(run["share_clipped"]) == 2 for run in found)
